"""Wells whose mass changes at the interfaces, from text to levels, against their transcendental equation."""

import functools
import math

import numpy as np
import pytest
from scipy import constants
from scipy.optimize import brentq

import qdsl
from qdsl.meaning.unit_names import unit

WELL = """units {units}
param L   = {width} nm
param V0  = 230 meV
param m_w = 0.067 m_e
param m_b = 0.0919 m_e

define layer(x, inside, outside) = {{ inside if |x| < L/2; outside otherwise }}

domain x in (-inf, inf)
mass m(x) = layer(x, m_w, m_b)
potential V(x) = layer(x, 0, V0)

find bound states
report mean(x^2, 0), mean(V(x), 0), psi[0](1 nm)^2
"""
OFFSET, INSIDE, OUTSIDE = 230e-3 * constants.e, 0.067 * constants.m_e, 0.0919 * constants.m_e


def bound_levels(width: float) -> list[float]:
    """All bound levels in meV of a well `width` metres wide, psi and psi'/m continuous (Bastard 1981).

    theta = k L/2 in a branch (n pi/2, (n+1) pi/2) holds state n:  k tan(theta - n pi/2) = (m_w/m_b) K.
    """

    def mismatch(theta: float, n: int) -> float:
        inside = 2 * theta / width
        outside = math.sqrt(max(2 * OUTSIDE * OFFSET / constants.hbar**2 - inside**2 * OUTSIDE / INSIDE, 0.0))
        turn = theta - n * math.pi / 2
        return inside / INSIDE * math.sin(turn) - outside / OUTSIDE * math.cos(turn)

    top = math.sqrt(2 * INSIDE * OFFSET) / constants.hbar * width / 2
    levels = []
    for n in range(math.ceil(2 * top / math.pi)):
        end = min((n + 1) * math.pi / 2, top)
        theta = brentq(mismatch, n * math.pi / 2, end, (n,), xtol=1e-15, rtol=8.9e-16)
        levels.append((constants.hbar * 2 * theta / width) ** 2 / (2 * INSIDE) / constants.e * 1e3)
    return levels


@functools.cache
def solved(units: str) -> qdsl.Solution:
    return qdsl.solve(qdsl.parse(WELL.format(units=units, width=11)))


def in_mev_and_nm(solution: qdsl.Solution) -> list[float]:
    energy = float(unit(solution.problem.units.energy).size / unit("meV").size)
    length = float(unit(solution.problem.units.length).size / unit("nm").size)
    square, potential, density = solution.report.values()
    return [*(float(e) * energy for e in solution.energies), square * length**2, potential * energy,
            density / length]  # fmt: skip


@pytest.mark.parametrize("units", ["eV, nm", "meV, angstrom", "atomic", "J, m"])
def test_the_levels_are_the_same_in_all_units_and_those_of_the_closed_form(units):
    found, wanted = solved(units), solved("meV, nm")
    assert in_mev_and_nm(found) == pytest.approx(in_mev_and_nm(wanted), rel=1e-10)
    assert in_mev_and_nm(found)[:3] == pytest.approx(bound_levels(11e-9), rel=1e-10)
    assert found.status == "certified"
    assert found.converged


def test_every_point_of_the_example_has_the_levels_of_the_closed_form(examples):
    result = qdsl.sweep(qdsl.load(examples / "gaas_well.qw"))
    assert result.holds
    for width, row in zip(result.values("L"), result.energies, strict=True):
        levels = bound_levels(width * 1e-9)
        assert row[: len(levels)] == pytest.approx(levels, rel=1e-9)
        assert np.isnan(row[len(levels) :]).all()
