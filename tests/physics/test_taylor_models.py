"""Taylor models at an end: every value lies in its enclosure, and poles cancel."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qdsl.physics.end_models import NextToEnd, model_at_end
from qdsl.physics.taylor_models import NoModelError, TaylorModel

X, A = sp.Symbol("x", real=True), sp.Symbol("a", positive=True)
WIDTH = Fraction(13, 8)
VALUES = {A: float(WIDTH)}
DIGITS = 60

ENDS = {
    "zero": (sp.S.Zero, 1),
    "minus one": (-sp.S.One, 1),
    "parameter": (A, -1),
    "pi": (sp.pi, -1),
    "between": (A / 2 - 1, 1),
}


def place(end: sp.Expr, direction: int, reach: float) -> NextToEnd:
    return NextToEnd(X, end, direction, reach, VALUES)


def exact(expression: sp.Expr, at: NextToEnd, t: float) -> Fraction:
    """The value at the distance t * reach, to 40 digits or more."""
    y = Fraction(at.reach) * Fraction(t)
    point = at.end + at.direction * sp.Rational(y.numerator, y.denominator)
    number = expression.subs(X, point).subs(A, sp.Rational(WIDTH.numerator, WIDTH.denominator))
    return Fraction(str(sp.N(number, DIGITS)))


def enclosed(model: TaylorModel, t: float) -> tuple[Fraction, Fraction]:
    """Between which two numbers the model says that the value lies; t^k > 0, so that ends go with ends."""
    low = high = Fraction(0)
    for k, (middle, radius) in enumerate(zip(model.middle, model.radius, strict=True)):
        power = Fraction(t) ** (model.valuation + k)
        low += (Fraction(float(middle)) - Fraction(float(radius))) * power
        high += (Fraction(float(middle)) + Fraction(float(radius))) * power
    return low, high


def pieces(y: sp.Expr) -> st.SearchStrategy[sp.Expr]:
    """Functions of the distance y, most of which vanish or have poles at 0, and what is made of them.

    Their numbers are fractions: products of sympy's floats are rounded like doubles, in `exact` as well.
    """
    c = st.sampled_from([sp.Integer(-2), sp.Rational(1, 3), sp.Integer(3), sp.Rational(7, 10), A, 1 / A])
    leaves = [
        y, sp.sinh(y), sp.sin(y), sp.exp(y) - 1, 1 - sp.cos(y), sp.tanh(y), sp.tan(y), sp.cosh(y), sp.cos(y),
        sp.log(1 + y), sp.sqrt(1 + y), (1 - y) ** A, sp.coth(y), sp.cot(y), sp.atan(y) + 2, sp.exp(-y),
    ]  # fmt: skip
    one = st.one_of(c, st.sampled_from(leaves))
    return st.recursive(
        one,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
            st.tuples(inner, st.sampled_from([-2, -1, 2, 3])).map(lambda pair: pair[0] ** pair[1]),
        ),
        max_leaves=4,
    )


@given(st.data(), st.sampled_from(sorted(ENDS)), st.floats(1e-4, 0.4), st.floats(1e-3, 1))
@settings(max_examples=300, deadline=None)
def test_every_value_lies_in_its_enclosure(data: st.DataObject, name: str, reach: float, t: float) -> None:
    end, direction = ENDS[name]
    expression = data.draw(pieces(direction * (X - end)))
    at = place(end, direction, reach)
    try:
        model = model_at_end(expression, at)
    except NoModelError:
        assume(False)
    low, high = enclosed(model, t)
    value = exact(expression, at, t)
    cut_off = abs(value) / 10 ** (DIGITS - 10)  # polynomials with few bits are enclosed without any width
    assert low - cut_off <= value <= high + cut_off


@given(st.sampled_from(sorted(ENDS)), st.floats(1e-3, 0.2), st.floats(1e-2, 1), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_a_wrong_coefficient_is_seen(name: str, reach: float, t: float, k: int) -> None:
    """The enclosures are so narrow that a coefficient wrong by 1e-3 of itself leaves the value outside."""
    end, direction = ENDS[name]
    y = direction * (X - end)
    expression = sp.exp(-y / 2) / sp.sinh(y) ** 2
    at = place(end, direction, reach)
    model = model_at_end(expression, at)
    middle = model.middle.copy()
    middle[k] *= 1.001
    wrong = TaylorModel(model.valuation, middle, model.radius)
    size = abs(model.middle[k]) * t**k * 1e-3
    assume(size > 4 * float(np.abs(model.radius * t ** np.arange(model.order + 1)).sum()))
    low, high = enclosed(wrong, t)
    assert not low <= exact(expression, at, t) <= high


@pytest.mark.parametrize(
    ("expression", "end", "direction", "pole", "leading"),
    [
        (1 / sp.sinh(X / A) ** 2, sp.S.Zero, 1, -2, A**2),
        (1 / (sp.exp(X / A) - 1), sp.S.Zero, 1, -1, A),
        (sp.coth(X), sp.S.Zero, 1, -1, sp.S.One),
        (1 / sp.cos(sp.pi * X / (2 * A)) ** 2, A, -1, -2, 4 * A**2 / sp.pi**2),
        (1 / (1 - sp.sin(sp.pi * X / A)), A / 2, -1, -2, 2 * A**2 / sp.pi**2),  # a double zero
        (1 / (1 - X**2), -sp.S.One, 1, -1, sp.S.Half),
        (1 / (A**2 - X**2), A, -1, -1, 1 / (2 * A)),
        (1 / (sp.sinh(X) - X), sp.S.Zero, 1, -3, sp.Integer(6)),
        (1 / sp.sin(X) ** 2, sp.Float(math.pi), -1, -2, sp.S.One),  # an end in figures
    ],
)
def test_poles(expression: sp.Expr, end: sp.Expr, direction: int, pole: int, leading: sp.Expr) -> None:
    reach = 2.0**-10
    model = model_at_end(expression, place(end, direction, reach))
    expected = float(leading.subs(A, float(WIDTH))) * reach**pole
    assert model.valuation == pole
    assert model.middle[0] == pytest.approx(expected, rel=1e-13)
    assert abs(model.middle[0] - expected) <= model.radius[0] + 1e-15 * abs(expected)
    assert model.radius[0] <= 1e-13 * abs(expected)


def test_the_remainder_falls_like_a_power_of_the_distance() -> None:
    """c_n t^n is f^(n) y^n/n!, known to the spread of f^(n): half of h makes it 2^n times narrower."""
    width = []
    for reach in (0.2, 0.1):
        model = model_at_end((X / sp.sinh(X)) ** 2, place(sp.S.Zero, 1, reach))
        width.append(model.radius[-1])
    assert width[1] <= width[0] / 2**model.order


@pytest.mark.parametrize("reach", [1e-3, 0.125])
def test_cancelled_poles_are_bounded(reach: float) -> None:
    """1/sinh(y)^2 - 1/y^2 rises from -1/3 by y^2/15 at most, and 1/y - coth(y) is about -y/3."""
    rounding = 1e-13 / reach**2 + reach**6  # of the terms carried, and beyond them
    squares = model_at_end(1 / sp.sinh(X) ** 2 - 1 / X**2, place(sp.S.Zero, 1, reach))
    assert squares.valuation == -2
    assert squares.may_vanish()
    times_t = squares.without_leading().shifted(1).range()
    assert -1 / 3 - rounding - reach**2 / 15 <= times_t.low <= -1 / 3
    assert 0 <= times_t.high <= rounding + reach**2 / 15
    simple = model_at_end(1 / X - sp.coth(X), place(sp.S.Zero, 1, reach)).without_leading().range()
    assert -reach / 3 - rounding - reach**3 / 45 <= simple.low <= -reach / 3
    assert 0 <= simple.high <= rounding + reach**3 / 45


@pytest.mark.parametrize("expression", [sp.exp(1 / X), sp.log(X) / X, X ** sp.Rational(-1, 2)])
def test_what_has_no_laurent_series_has_no_model(expression: sp.Expr) -> None:
    with pytest.raises(NoModelError):
        model_at_end(expression, place(sp.S.Zero, 1, 0.1))


def test_a_bounded_function_is_enclosed_as_a_whole() -> None:
    model = model_at_end(sp.erf(X) / X - 2 / X, place(sp.S.Zero, 1, 0.25))
    assert (model.valuation, model.order) == (-1, 0)
    low, high = enclosed(model, 1.0)
    assert low <= (math.erf(0.25) - 2) / 0.25 <= high
    swinging = model_at_end(sp.sin(1 / X) / X, place(sp.S.Zero, 1, 0.25))
    assert (swinging.valuation, swinging.order) == (-1, 0)
    assert enclosed(swinging, 1.0) == pytest.approx((-4, 4), rel=1e-12)
    assert model_at_end(sp.sqrt(X), place(sp.S.Zero, 1, 0.25)).range().high == pytest.approx(0.5, rel=1e-14)
