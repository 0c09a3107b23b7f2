"""Arithmetic of intervals at its limits: exact results lie inside, near overflow and infinity too."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.intervals import (
    LARGEST,
    TINY,
    Interval,
    absolute,
    everything,
    negative,
    outwards,
    point,
    reciprocal,
    scaled,
    square,
    to_the,
)

SPECIAL = [0.0, -0.0, 5e-324, -5e-324, TINY, -TINY, 1e-160, 1.0, -1.0, 0.1, 1e160, -1e160, LARGEST, -LARGEST]
FINITE = st.one_of(
    st.sampled_from(SPECIAL), st.floats(-1e3, 1e3), st.floats(allow_nan=False, allow_infinity=False)
)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, list[float]]:
    """An interval, whose ends may be infinite, or a number, and some numbers in it."""
    inside = sorted(draw(st.lists(FINITE, min_size=1, max_size=4)))
    low = draw(st.sampled_from([inside[0], -math.inf]))
    high = draw(st.sampled_from([inside[-1], math.inf]))
    if low == high:
        return point(low), inside
    return Interval(np.array([low]), np.array([high])), inside


def holds(found: Interval, exact: Fraction) -> bool:
    """Whether a rational number lies in an interval, and the interval is one."""
    low, high = float(np.ravel(found.low)[0]), float(np.ravel(found.high)[0])
    assert -math.inf <= low < math.inf
    assert -math.inf < high <= math.inf
    return (low == -math.inf or Fraction(low) <= exact) and (high == math.inf or exact <= Fraction(high))


@given(intervals(), intervals())
@settings(max_examples=500, deadline=None)
def test_exact_sums_and_products_lie_inside(one: tuple, other: tuple) -> None:
    (a, inside_a), (b, inside_b) = one, other
    with np.errstate(all="ignore"):
        found = a + b, a * b
    for x in map(Fraction, inside_a):
        for y in map(Fraction, inside_b):
            assert holds(found[0], x + y)
            assert holds(found[1], x * y)


@given(FINITE, st.booleans(), intervals())
@settings(max_examples=500, deadline=None)
def test_exact_products_with_a_number_lie_inside(value: float, rounded: bool, other: tuple) -> None:
    b, inside = other
    with np.errstate(all="ignore"):
        factor = outwards(*[np.asarray(value)] * 2) if rounded else point(value)
        found = scaled(factor)(b)
    ends = [Fraction(float(end)) for end in (factor.low, factor.high) if math.isfinite(end)]
    for number in [*ends, sum(ends) / max(len(ends), 1)]:
        for y in map(Fraction, inside):
            assert holds(found, number * y)


@given(intervals())
@settings(max_examples=500, deadline=None)
def test_exact_powers_lie_inside(one: tuple) -> None:
    a, inside = one
    with np.errstate(all="ignore"):
        squares, cubes, inverses = square(a), to_the(3.0)(a), reciprocal(a)
        inverse_squares = to_the(-2.0)(a)
    for x in map(Fraction, inside):
        assert holds(squares, x * x)
        assert holds(cubes, x**3)
        assert holds(absolute(a), abs(x))
        assert holds(negative(a), -x)
        if x:
            assert holds(inverses, 1 / x)
            assert holds(inverse_squares, 1 / x**2)
    assert np.all(squares.low >= 0)


@pytest.mark.parametrize("of", [lambda a, b: a * b, lambda a, b: scaled(b)(a)])
def test_zero_times_everything(of) -> None:
    with np.errstate(all="ignore"):
        found = of(everything(), point(0.0))
        assert holds(found, Fraction(0))
        found = of(Interval(np.array([-3.0]), np.array([math.inf])), point(0.0))
    assert float(np.ravel(found.low)[0]) == pytest.approx(0.0, abs=1e-300)
    assert float(np.ravel(found.high)[0]) == pytest.approx(0.0, abs=1e-300)


def test_what_has_overflowed_is_large() -> None:
    large = point(1e200)
    with np.errstate(all="ignore"):
        for found in (large * large, square(large), point(LARGEST) + point(LARGEST), to_the(3.0)(large)):
            assert found.low >= LARGEST * (1 - 1e-15)
            assert found.high == math.inf
        assert (negative(large) * large).high <= -LARGEST * (1 - 1e-15)


def test_sums_and_products_are_rounded_to_the_next_numbers() -> None:
    found = point(0.1) + point(0.2)
    assert found.low == math.nextafter(0.1 + 0.2, -math.inf)
    assert found.high == math.nextafter(0.1 + 0.2, math.inf)
    found = point(0.1) * point(3.0)
    assert found.high - found.low <= 2 * math.ulp(0.3)
