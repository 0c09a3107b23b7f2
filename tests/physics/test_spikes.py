"""Coefficients of a piece: what lies between two points is bounded by the values there and the slope."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.problem import Parameter, Problem
from qdsl.physics.spikes import Coefficient

X, A = sp.Symbol("x", real=True), sp.Symbol("a", real=True)
SMOOTH = [
    X**2,
    (1 - sp.exp(-A * (X - 1))) ** 2,
    A * sp.cos(5 * X) + X,
    -A / sp.cosh(3 * X) ** 2,
    1e4 * X + sp.exp(-((X / sp.Float(0.01)) ** 2)),
    sp.log(4 + X) * sp.tanh(A * X),
]


def coefficient(expression: sp.Expr) -> Coefficient:
    parameter = Parameter(A, sp.Float(1.3))
    return Coefficient(expression, sp.S.One, Problem(X, (-2, 2), expression, parameters=(parameter,)))


@given(st.sampled_from(SMOOTH), st.floats(-2, 1), st.floats(1e-6, 1))
@settings(max_examples=200, deadline=None)
def test_no_value_is_further_beyond_both_ends_than_it_may(
    expression: sp.Expr, start: float, width: float
) -> None:
    part = coefficient(expression)
    edges = start + width * np.linspace(0, 1, 5)
    bulge = part.bulge(edges[:-1], edges[1:])[:, None]
    x = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, 65)
    values = part.at(x)
    ends = values[:, [0, -1]]
    noise = 1e-14 * np.abs(values).max()
    assert np.all(values <= ends.max(axis=1, keepdims=True) + bulge + noise)
    assert np.all(values >= ends.min(axis=1, keepdims=True) - bulge - noise)


@pytest.mark.parametrize("expression", SMOOTH)
def test_of_second_order_in_the_width(expression: sp.Expr) -> None:
    part = coefficient(expression)
    most = []
    for width in (1e-3, 5e-4):
        low = np.arange(-2, 1.9, width) + width * np.linspace(0, 1, 7)[:, None]  # a top may be at an edge
        most.append(float(part.bulge(low, low + width).max()))
    assert most[1] <= 0.27 * most[0]


def test_what_rises_has_no_bulge_and_of_what_has_no_slope_none_is_known() -> None:
    low, high = np.array([0.5]), np.array([1.5])
    assert coefficient(sp.exp(A * X)).bulge(low, high) == 0
    assert not coefficient(sp.Function("f")(X)).bulge(low, high) < np.inf
