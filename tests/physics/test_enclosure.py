"""Interval arithmetic: every value lies in its enclosure, and enclosures shrink with the intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.enclosure import enclose, enclose_parts
from qdsl.physics.functions import FUNCTIONS
from qdsl.physics.intervals import Interval
from qdsl.physics.numeric import evaluate

X, A = sp.Symbol("x", real=True), sp.Symbol("a", real=True)
NUMBERS = st.sampled_from([sp.Integer(-3), sp.Integer(2), sp.Rational(1, 3), sp.Float(0.7), sp.pi, A])
UNARY = [row.symbolic for row in FUNCTIONS.values() if row.most == 1]


def _cases(three: tuple[sp.Expr, sp.Expr, sp.Expr]) -> sp.Expr:
    """Two cases, or one expression where sympy cannot even write the condition down."""
    one, two, other = three
    try:
        return sp.Piecewise((one, two < other), (other, True), evaluate=False)
    except TypeError:
        return one


def _combined(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, st.sampled_from([-2, -1, 2, 3, sp.Rational(1, 2), sp.Rational(-3, 2)])).map(
            lambda pair: sp.Pow(pair[0], pair[1], evaluate=False)
        ),
        st.tuples(st.sampled_from(UNARY), inner).map(lambda pair: pair[0](pair[1])),
        st.tuples(inner, inner, inner).map(_cases),
    )


def _cases(three: tuple[sp.Expr, sp.Expr, sp.Expr]) -> sp.Expr:
    first, limit, other = three
    if any(part.is_extended_real is False for part in (first, limit)):  # sympy compares real numbers only
        return other
    return sp.Piecewise((first, limit > first), (other, True), evaluate=False)


EXPRESSIONS = st.recursive(st.one_of(NUMBERS, st.just(X)), _combined, max_leaves=6)


@given(EXPRESSIONS, st.floats(-4, 4), st.floats(1e-6, 2))
@settings(max_examples=300, deadline=None)
def test_every_value_lies_in_its_enclosure(expression: sp.Expr, start: float, width: float) -> None:
    values = {A: 1.3}
    edges = start + width * np.linspace(0, 1, 6)
    found = enclose(expression, values, X, edges[:-1], edges[1:])
    x = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, 33)
    actual = np.broadcast_to(evaluate(expression, {**values, X: x}), x.shape)
    known = ~np.isnan(actual)
    assert np.all((actual >= found.low[:, None]) | ~known)
    assert np.all((actual <= found.high[:, None]) | ~known)


@given(EXPRESSIONS, st.floats(-4, 4), st.floats(1e-6, 2), st.sampled_from([0.0, -1.0, 1.3, 2.0, 1e-200]))
@settings(max_examples=200, deadline=None)
def test_what_is_bound_to_values_is_enclosed_as_what_is_not(
    expression: sp.Expr, start: float, width: float, value: float
) -> None:
    """Where the parameter is a number, and where it is one more variable that has one value."""
    low, high = np.array([start]), np.array([start + width])
    found = enclose(expression, {A: value}, X, low, high)
    parts = {X: Interval(low[0], high[0]), A: Interval(np.asarray(value), np.asarray(value))}
    other = enclose_parts(expression, parts)
    for one, two in ((found.low[0], other.low), (found.high[0], other.high)):
        assert one == two or not np.isfinite(two) or one == pytest.approx(float(two), rel=1e-12, abs=1e-290)


def test_one_expression_with_several_values() -> None:
    for value in (1.0, 2.0, 1.0, -0.0, 0.0):
        found = enclose(A * X, {A: value}, X, np.array([1.0]), np.array([2.0]))
        assert found.low[0] == pytest.approx(value, rel=1e-15, abs=1e-300)
        assert found.high[0] == pytest.approx(2 * value, rel=1e-15, abs=1e-300)
    nothing = enclose(A * X, {}, X, np.array([1.0]), np.array([2.0]))
    assert (nothing.low[0], nothing.high[0]) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        (X**2, 0, 4),
        (X**3, -1, 8),
        (1 / X**2, 0.25, math.inf),
        (1 / X, -math.inf, math.inf),
        (sp.Abs(X), 0, 2),
        (sp.cos(X), math.cos(2), 1),
        (sp.sin(4 * X), -1, 1),
        (sp.sqrt(X), 0, math.sqrt(2)),
        (sp.tan(X), -math.inf, math.inf),
        (sp.Piecewise((1, X < -1), (2, X < 3), (5, True)), 1, 2),  # x = -1 belongs to the closed interval
        (sp.Piecewise((1, X < -2), (2, X < 3), (5, True)), 2, 2),
        (sp.Max(X, 0), 0, 2),
        (X * sp.exp(-X), -math.e, 2 * math.e),  # x and exp(-x) are taken apart: too wide, but true
    ],
)
def test_enclosures_on_minus_one_to_two(expression: sp.Expr, low: float, high: float) -> None:
    found = enclose(expression, {}, X, np.array([-1.0]), np.array([2.0]))
    assert found.low[0] == pytest.approx(low, rel=1e-14, abs=1e-300)
    assert found.high[0] == pytest.approx(high, rel=1e-14, abs=1e-300)
    assert found.low[0] <= low
    assert found.high[0] >= high


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        (-1 / sp.cosh(X) ** 2, -1 / math.cosh(20) ** 2, 0),
        (1 / (sp.exp(X) + 1), 0, math.exp(-20)),
        (X**2, 400, math.inf),
        ((1 - sp.exp(-X)) ** 2, (1 - math.exp(-20)) ** 2, 1),
        (-2 / X, -0.1, 0),
        (sp.exp(2 * X), math.exp(40), math.inf),
    ],
)
def test_enclosures_up_to_infinity(expression: sp.Expr, low: float, high: float) -> None:
    found = enclose(expression, {}, X, np.array([20.0]), np.array([math.inf]))
    assert found.low[0] == pytest.approx(low, rel=1e-12, abs=1e-300)
    assert found.high[0] == pytest.approx(high, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(
    "expression",
    [sp.exp(sp.sin(X)), sp.cosh(X) ** -2, X**4 - 3 * X**2 + X, sp.log(1 + X**2) * sp.tanh(X), sp.erf(X) * X],
)
def test_too_wide_by_the_length_of_the_interval(expression: sp.Expr) -> None:
    """First order: cut in ten, an interval's enclosure is wider than the range by ten times less."""
    excess = []
    for cells in (100, 1000):
        edges = np.linspace(0.3, 1.9, cells + 1)
        found = enclose(expression, {}, X, edges[:-1], edges[1:])
        x = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, 50)
        actual = evaluate(expression, {X: x})
        excess.append(float(((found.high - found.low) - np.ptp(actual, axis=1)).max()))
    assert excess[1] <= 0.11 * excess[0] + 1e-13  # rising functions are enclosed exactly


def test_a_head_without_a_row_is_enclosed_by_everything() -> None:
    found = enclose(sp.Function("f")(X) + 1, {}, X, np.array([0.0]), np.array([1.0]))
    assert (found.low[0], found.high[0]) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        (X ** (2 * A), 0, 9),  # 2 a is 2 up to rounding, and x may be negative
        (X ** sp.Float(2.0), 0, 9),
        (X ** (2 * A + 1), -27, 27),
        (X**X, -math.inf, math.inf),
        (sp.Piecewise((1, sp.sqrt(X) < 5), (10, True)), 1, 10),  # at x < 0 there is no root to compare
        (sp.Piecewise((1, sp.Not(sp.log(X) > 5)), (10, True)), 1, 10),
        (sp.Piecewise((1, sp.And(A < 2, sp.Rational(1, 2) > X)), (10, True)), 1, 10),
        (sp.Piecewise((1, sp.Eq(X, A)), (10, True)), 1, 10),  # no row: it may hold or not
        (sp.Piecewise((1, sp.Or(A < 2, sp.Rational(1, 2) > X)), (10, True)), 1, 1),
    ],
)
def test_powers_and_cases_on_minus_three_to_one(expression: sp.Expr, low: float, high: float) -> None:
    found = enclose(expression, {A: 1.0}, X, np.array([-3.0, -3.0]), np.array([1.0, 1.0]))
    assert np.all(found.low <= low)
    assert np.all(found.high >= high)
    assert found.low == pytest.approx([low, low], rel=1e-13, abs=1e-300)
    assert found.high == pytest.approx([high, high], rel=1e-13)
