"""From a text to certified energies, against dispersion relations and transcendental equations."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import mathieu_a, mathieu_b

from qdsl.reading import parse
from qdsl.solving import solve


def solved(text: str):
    solution = solve(parse(text))
    assert solution.status == "certified", solution.message
    assert solution.converged, solution.message
    return solution


@pytest.mark.parametrize("q", [0.5, 5.0, 25.0])
def test_mathieu(q: float):
    """-psi'' + 2 q cos(2 x) psi = a psi with period 2 pi: a_0, b_1, a_1, b_2, a_2, ... (DLMF 28.2)."""
    energies = solved(
        f"domain x in [0, 2*pi]\npotential V(x) = 2*{q}*cos(2*x)\nboundary periodic\nfind states 0..8"
    ).energies
    known = sorted([*(mathieu_a(m, q) for m in range(6)), *(mathieu_b(m, q) for m in range(1, 6))])[:9]
    scale = np.maximum(np.abs(known), 2 * q)
    assert np.max(np.abs(energies - known) / scale) < 1e-9


def kronig_penney(energy: float, height: float, well: float, barrier: float) -> float:
    """cos k L of Kronig and Penney, Proc. R. Soc. A 130 (1931) 499."""
    q = np.sqrt(complex(energy))
    kappa = np.sqrt(complex(height - energy))
    value = np.cos(q * well) * np.cosh(kappa * barrier)
    value += (kappa**2 - q**2) / (2 * q * kappa) * np.sin(q * well) * np.sinh(kappa * barrier)
    return float(value.real)


@pytest.mark.parametrize("k", [0.0, 0.3, 1.7, math.pi])
def test_kronig_penney_bands(k: float):
    energies = solved(
        "domain x in [0, 1]\npotential V(x) = { 30 if 0.4 < x < 0.6; 0 otherwise }\n"
        f"boundary bloch({k!r})\nfind states 0..3"
    ).energies
    for energy in energies:
        # dE of the relation: |d cos(kL)/dE| may be 0 at band edges, so the relation itself is held.
        assert kronig_penney(energy, 30, 0.8, 0.2) == pytest.approx(math.cos(k), abs=1e-9)


def test_dirac_comb():
    """cos k = cos q + g sin(q)/(2 q) for -psi'' + g sum delta(x - n)."""
    g, k = 4.0, 1.1
    energies = solved(
        f"param g = {g}\ndomain x in [0, 1]\npotential V(x) = g*delta(x - 1/3)\n"
        f"boundary bloch({k})\nfind states 0..2"
    ).energies
    roots = []
    grid = np.linspace(0.01, 12, 4000)

    def relation(q: float) -> float:
        return math.cos(q) + g * math.sin(q) / (2 * q) - math.cos(k)

    for a, b in itertools.pairwise(grid):
        if relation(a) * relation(b) < 0:
            roots.append(brentq(relation, a, b, xtol=1e-15) ** 2)
    np.testing.assert_allclose(energies, roots[:3], rtol=1e-9)


@pytest.mark.parametrize("g", [0.7, 3.0, 10.0])
def test_two_deltas(g: float):
    """-g (delta(x + 1) + delta(x - 1)): 2 kappa = g (1 +- exp(-2 kappa)); the odd state needs g > 1."""
    solution = solved(
        f"param g = {g}\ndomain x in (-inf, inf)\npotential V(x) = -g*(delta(x + 1) + delta(x - 1))\n"
        "find bound states"
    )
    even = brentq(lambda k: 2 * k - g * (1 + math.exp(-2 * k)), 1e-12, 2 * g, xtol=1e-15)
    known = [-(even**2)]
    if g > 1:
        odd = brentq(lambda k: 2 * k - g * (1 - math.exp(-2 * k)), 1e-6, 2 * g, xtol=1e-15)
        known.append(-(odd**2))
    np.testing.assert_allclose(solution.energies, known, rtol=1e-9)


def test_half_line_with_a_robin_end():
    """psi'(0) = -3 psi(0) on V = 0: the one bound state is exp(-3 x), E = -9."""
    solution = solved(
        "domain x in [0, inf)\npotential V(x) = 0\nboundary psi'(0) = -3*psi(0)\nfind bound states"
    )
    np.testing.assert_allclose(solution.energies, [-9.0], rtol=1e-9)


def test_mass_step():
    """A finite well with another mass outside: sqrt-relations with psi'/m continuous (Bastard 1981)."""
    depth, inside, outside = 10.0, 1.0, 3.0
    energies = solved(
        "domain x in (-inf, inf)\nmass m(x) = { 1 if |x| < 1; 3 otherwise }\n"
        f"potential V(x) = {{ 0 if |x| < 1; {depth} otherwise }}\nfind bound states"
    ).energies

    def even(e: float) -> float:
        q, kappa = math.sqrt(inside * e), math.sqrt(outside * (depth - e))
        return q / inside * math.sin(q) - kappa / outside * math.cos(q)

    def odd(e: float) -> float:
        q, kappa = math.sqrt(inside * e), math.sqrt(outside * (depth - e))
        return q / inside * math.cos(q) + kappa / outside * math.sin(q)

    grid = np.linspace(1e-6, depth - 1e-9, 2000)
    known = sorted(
        brentq(f, a, b, xtol=1e-15)
        for f in (even, odd)
        for a, b in itertools.pairwise(grid)
        if f(a) * f(b) < 0
    )
    np.testing.assert_allclose(energies, known, rtol=1e-9)
