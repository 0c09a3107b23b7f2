"""Node counts, tunnelling regions included."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.problem import Problem
from qdsl.states import States
from qdsl.verify.coefficients import Coefficients, coefficients
from qdsl.verify.nodes import Nodes, count_nodes
from qdsl.verify.sampling import look

X = sp.Symbol("x", real=True)


def _count(c: Coefficients, states: States) -> Nodes:
    return count_nodes(look(c, states, states.edges).fine)


@given(st.integers(0, 80))
@settings(max_examples=25, deadline=None)
def test_box(analytic: Any, n: int) -> None:
    states = analytic.box_states((n,))
    result = _count(coefficients(analytic.box_problem()), states)
    assert result.counts[0] == n
    assert not result.hidden[0]


def test_oscillator(analytic: Any) -> None:
    states = analytic.harmonic_states((0, 1, 2, 10, 20), 12.0)
    result = _count(coefficients(Problem(X, (-sp.oo, sp.oo), X**2)), states)
    assert list(result.counts) == [0, 1, 2, 10, 20]


@pytest.mark.parametrize("distance", [3.0, 6.0, 9.0, 12.0])
@pytest.mark.parametrize("noise", [0.0, 1e-13])
def test_near_degenerate_pair(analytic: Any, distance: float, noise: float) -> None:
    """Two oscillators: between them psi falls below rounding, and is the noise of its features there."""
    a, end = distance, distance + 8.0

    def pair(sign: int) -> tuple[Any, Any, Any]:
        def psi(x: np.ndarray) -> np.ndarray:
            left, right = np.exp(-((x + a) ** 2) / 2), np.exp(-((x - a) ** 2) / 2)
            return np.where(x < 0, left, sign * right) + noise * np.sin(40 * x)

        def slope(x: np.ndarray) -> np.ndarray:
            return np.where(x < 0, -(x + a), -(x - a)) * psi(x) + 40 * noise * np.cos(40 * x)

        def curvature(x: np.ndarray) -> np.ndarray:
            return ((np.abs(x) - a) ** 2 - 1) * psi(x) - 1600 * noise * np.sin(40 * x)

        return psi, slope, curvature

    states = analytic.states_of((0, 1), (1.0, 1.0), (-end, -a, 0, a, end), [pair(1), pair(-1)])
    c = coefficients(Problem(X, (-sp.oo, sp.oo), (sp.Abs(X) - sp.Float(a)) ** 2))
    result = _count(c, states)
    assert list(result.counts) == [0, 1]
    assert not result.hidden.any()


@pytest.mark.parametrize("noise", [1e-7, 1e-5, 1e-3])
def test_a_tail_that_does_not_die_out_has_no_nodes(analytic: Any, noise: float) -> None:
    """What a fit leaves far out is held up by its own residual there, (q - E w) psi and little more."""
    exact = analytic.harmonic_states((5, 20), 12.0)
    rough = replace(
        exact,
        psi=lambda x: exact.psi(x) + noise * np.sin(x),
        slope=lambda x: exact.slope(x) + noise * np.cos(x),
        curvature=lambda x: exact.curvature(x) - noise * np.sin(x),
    )
    result = _count(coefficients(Problem(X, (-sp.oo, sp.oo), X**2)), rough)
    assert list(result.counts) == [5, 20]
    assert not result.hidden.any()


def test_a_well_where_psi_is_lost_hides_nodes(analytic: Any) -> None:
    """Asymmetric wells far apart: the state of one has nodes in the other, far below rounding."""
    q = sp.Piecewise((0, X < 1), (4000, X < 2), (50, True))
    c = coefficients(Problem(X, (0, 3), q))
    k = np.pi
    parts = (
        lambda x: np.where(x > 2, np.sin(k * (x - 2)), 0.0),
        lambda x: np.where(x > 2, k * np.cos(k * (x - 2)), 0.0),
        lambda x: np.where(x > 2, -(k**2) * np.sin(k * (x - 2)), 0.0),
    )
    states = analytic.states_of((2,), (50 + k**2,), (0, 1, 2, 3), [parts])
    result = _count(c, states)
    assert result.counts[0] == 0
    assert result.hidden[0]
