"""Arithmetic of intervals, many at once: every function returns intervals that hold all its values.

What is not real for some arguments (a square root across 0) is enclosed where it is real.  No low end is +inf
and no high end is -inf, as a number that has overflowed is only known to be large; so sums are never nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from qdsl.physics.numeric import Array

EPS = float(np.finfo(np.float64).eps)
# numpy's elementary functions are right to 4 units in the last place (its own documentation: SIMD loops).
ULPS = 4 * EPS
TINY, LARGEST = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)

DOWN, UP = np.asarray(-np.inf), np.asarray(np.inf)


@dataclass(frozen=True)
class Interval:
    """Intervals [low, high] of any common shape; ends may be infinite."""

    low: Array
    high: Array

    def __add__(self, other: Interval) -> Interval:
        return _nearest(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        """0 times an infinite end, which stands for arbitrarily large numbers, is 0; numpy makes it nan.

        Another corner then is 0, or two others are both infinite ones, unless it is 0 times everything.
        """
        corners = [np.asarray(a * b) for a in self._ends for b in other._ends]
        low, high = reduce(np.fmin, corners), reduce(np.fmax, corners)
        return _nearest(np.fmax(low, DOWN), np.fmin(high, UP))

    @property
    def _ends(self) -> tuple[Array, ...]:
        """Both, or the one that a `point` has."""
        return (self.low,) if self.low is self.high else (self.low, self.high)

    def hull(self, other: Interval) -> Interval:
        return Interval(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


def between(low: Array, high: Array) -> Interval:
    """The intervals between two numbers; nan, of which nothing is known, stands for the infinite end."""
    return Interval(np.fmax(np.minimum(low, LARGEST), DOWN), np.fmin(np.maximum(high, -LARGEST), UP))


def outwards(low: Array, high: Array) -> Interval:
    """Rounded outwards, the ends being right to some units in the last place."""
    found = between(low, high)
    below, above = np.abs(found.low), np.abs(found.high)
    return Interval(found.low - (ULPS * below + TINY), found.high + (ULPS * above + TINY))


def _nearest(low: Array, high: Array) -> Interval:
    """Rounded outwards, the ends being the numbers nearest to the right ones, as of sums and products.

    The number next to an infinite one is the largest that there is.
    """
    return Interval(np.nextafter(low, DOWN), np.nextafter(high, UP))


def point(value: float) -> Interval:
    both = np.asarray(value)
    return Interval(both, both)


def everything() -> Interval:
    return Interval(DOWN, UP)


def scaled(factor: Interval) -> Callable[[Interval], Interval]:
    """Products with a number, 0-d: of which two will do where its sign is known."""
    a, b = factor.low, factor.high
    if a == b == -1:
        return negative
    if a == b == 0:
        return lambda _: factor
    if not (np.isfinite(a) and np.isfinite(b)) or a <= 0 <= b:
        return lambda found: found * factor

    def of(found: Interval) -> Interval:
        low, high = (found.low, found.high) if a > 0 else (found.high, found.low)
        if a == b:
            return _nearest(a * low, a * high)
        return _nearest(np.minimum(a * low, b * low), np.maximum(a * high, b * high))

    return of


def power(base: Interval, exponent: Interval) -> Interval:
    """b^c.  With b < 0 it is real where c is an integer, if only up to rounding, as 2 a is with a = 1."""
    if exponent.low.ndim == 0 and exponent.low == exponent.high:
        return to_the(float(exponent.low))(base)
    size = exponential(exponent * within(np.log, 0.0, np.inf)(absolute(base)))
    even = 2 * np.ceil(exponent.low / 2) <= exponent.high
    odd = 2 * np.ceil((exponent.low - 1) / 2) + 1 <= exponent.high
    low = np.where((base.low < 0) & odd, -size.high, size.low)
    return Interval(low, np.where((base.high < 0) & odd & ~even, -size.low, size.high))


def to_the(exponent: float) -> Callable[[Interval], Interval]:
    """The powers with one exponent."""
    if exponent == 1:
        return lambda base: base
    if exponent == 2:
        return square
    if exponent < 0:
        inverse = to_the(-exponent)
        return lambda base: reciprocal(inverse(base))
    if not exponent.is_integer():
        return monotone(lambda t: np.power(np.maximum(t, 0.0), exponent))
    rising = monotone(lambda t: _whole_power(t, int(exponent)))
    return rising if exponent % 2 else lambda base: positive(rising(absolute(base)))


def _whole_power(t: Array, exponent: int) -> Array:
    """Few factors are multiplied, which is faster, and off by (exponent - 1)/2 times EPS at most.

    Rounding outwards is off by EPS/2 itself, which up to 7 factors leave of ULPS.
    """
    return reduce(np.multiply, [t] * exponent) if 0 < exponent <= 7 else np.power(t, float(exponent))


def square(found: Interval) -> Interval:
    size = absolute(found)
    return positive(_nearest(size.low * size.low, size.high * size.high))


def exponential(found: Interval) -> Interval:
    """As `monotone` has it, with what is known of positive numbers."""
    low, high = np.minimum(np.exp(found.low), LARGEST), np.exp(found.high)
    return Interval(np.maximum(low * (1 - ULPS) - TINY, 0.0), high * (1 + ULPS) + TINY)


def positive(found: Interval) -> Interval:
    return Interval(np.maximum(found.low, 0.0), found.high)


def reciprocal(found: Interval) -> Interval:
    """1/t; around 0, and on intervals that end there, it is not bounded."""
    inside = (found.low < 0) & (found.high > 0)
    low = np.where(inside | (found.high == 0), DOWN, 1 / np.asarray(found.high))
    high = np.where(inside | (found.low == 0), UP, 1 / np.asarray(found.low))
    turned = _nearest(low, high)
    return Interval(np.where(found.low >= 0, np.maximum(turned.low, 0.0), turned.low), turned.high)


def monotone(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    return lambda argument: outwards(np.asarray(function(argument.low)), np.asarray(function(argument.high)))


def falling(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    rising = monotone(lambda t: -function(t))
    return lambda argument: negative(rising(argument))


def negative(found: Interval) -> Interval:
    return Interval(-found.high, -found.low)


def absolute(found: Interval) -> Interval:
    least = np.maximum(found.low, -found.high)
    return Interval(np.maximum(least, 0.0), np.maximum(-found.low, found.high))


def within(function: Callable[[Array], Array], low: float, high: float) -> Callable[[Interval], Interval]:
    """A rising function that is real between two numbers only."""
    return lambda found: monotone(function)(
        Interval(np.clip(found.low, low, high), np.clip(found.high, low, high))
    )


def cosine(found: Interval) -> Interval:
    """Where a multiple of 2 pi lies in the interval the maximum is 1; half a turn further, the minimum -1.

    Beyond 1e8 the reduction of the argument is not trusted.
    """
    slack = 1e-7
    turn = 2 * math.pi
    ends = outwards(
        np.minimum(np.cos(found.low), np.cos(found.high)), np.maximum(np.cos(found.low), np.cos(found.high))
    )
    top = np.floor((found.high + slack) / turn) >= np.ceil((found.low - slack) / turn)
    bottom = np.floor((found.high - math.pi + slack) / turn) >= np.ceil((found.low - math.pi - slack) / turn)
    far = ~(np.maximum(np.abs(found.low), np.abs(found.high)) < 1e8)
    return Interval(
        np.where(bottom | far, -1.0, np.maximum(ends.low, -1.0)),
        np.where(top | far, 1.0, np.minimum(ends.high, 1.0)),
    )


def sine(found: Interval) -> Interval:
    return cosine(found + outwards(*[np.asarray(-math.pi / 2)] * 2))


def quotient(
    above: Callable[[Interval], Interval], below: Callable[[Interval], Interval]
) -> Callable[[Interval], Interval]:
    return lambda found: above(found) * reciprocal(below(found))


def cosh(found: Interval) -> Interval:
    return monotone(np.cosh)(absolute(found))


def extremum(of: Callable[[Array, Array], Array]) -> Callable[..., Interval]:
    def row(*found: Interval) -> Interval:
        low, high = found[0].low, found[0].high
        for part in found[1:]:
            low, high = of(low, part.low), of(high, part.high)
        return Interval(low, high)

    return row
