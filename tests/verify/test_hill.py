"""The Hill discriminant: closed forms, order of convergence, and counts against the dispersion relation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.problem import Bloch, PointInteraction, Problem
from qdsl.verify import hill, reference
from qdsl.verify.coefficients import coefficients

X = sp.Symbol("x", real=True)
COMB = PointInteraction(sp.Rational(1, 3), 5)


def test_discriminant_of_a_comb() -> None:
    """D = 2 cos k + g sin k / k, exact however few the steps are, for q is constant between the deltas."""
    c = coefficients(Problem(X, (0, 1), 0, boundary=Bloch(1), deltas=(COMB,)))
    k = np.array([0.3, 2.0, 5.0, 11.0])
    found = hill.discriminant(c, k**2, np.array([0, 0.1, 1 / 3, 0.5, 1.0]))
    exact = 2 * np.cos(k) + 5 * np.sin(k) / k
    assert np.all(np.abs(found.trace - exact) <= found.error)
    assert np.all(found.error < 1e-13)


def test_fourth_order() -> None:
    c = coefficients(Problem(X, (0, sp.pi), 10 * sp.cos(2 * X) + sp.sin(4 * X), boundary=Bloch()))
    energy = np.array([3.7])
    traces = [
        hill.discriminant(c, energy, np.linspace(0, math.pi, n + 1)).trace[0] for n in (16, 32, 64, 2048)
    ]
    errors = np.abs(np.array(traces[:3]) - traces[3])
    assert np.all(errors[:-1] / errors[1:] > 14)


@given(st.floats(0.05, 3.1), st.floats(-20, 20), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_counts_of_a_comb(phase: float, strength: float, band: int) -> None:
    """Between neighbouring levels of the reference the count is the number of those below."""
    deltas = (PointInteraction(sp.Rational(1, 3), sp.Float(strength)),)
    problem = Problem(X, (0, 1), 0, boundary=Bloch(sp.Float(phase)), deltas=deltas)
    levels = reference(problem, range(band + 1), (0, 1)).levels
    between = np.array([0.5 * (levels[band] + levels[band + 1])])
    assert list(hill.count_below(coefficients(problem), between)) == [band + 1]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_deep_wells_and_scales(scale: float) -> None:
    """Where |D| is 1e40 the sign still tells; lengths and energies in any unit."""
    q = 2000 / sp.Float(scale) ** 2 * sp.sin(2 * sp.pi * X / sp.Float(scale)) ** 8
    problem = Problem(X, (0, sp.Float(scale)), q, boundary=Bloch(2))
    levels = reference(problem, range(8), (0, scale)).levels
    between = np.array([0.9 * levels[0], *(0.5 * (levels[1:] + levels[:-1]))])
    assert list(hill.count_below(coefficients(problem), between)) == list(range(len(levels)))


def test_undecided_at_a_level_and_between_touching_bands() -> None:
    c = coefficients(Problem(X, (0, 1), 0, boundary=Bloch()))
    pair = 4 * math.pi**2
    counts = hill.count_below(c, np.array([0.5 * pair, pair, pair * (1 + 1e-12), 1.1 * pair]))
    assert list(counts) == [1, hill.UNDECIDED, hill.UNDECIDED, 3]
