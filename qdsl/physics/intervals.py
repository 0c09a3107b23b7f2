"""Arithmetic of intervals, many at once: every function returns intervals that hold all its values.

What is not real for some arguments (a square root across 0) is enclosed where it is real.
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


@dataclass(frozen=True)
class Interval:
    """Intervals [low, high] of any common shape; ends may be infinite."""

    low: Array
    high: Array

    def __add__(self, other: Interval) -> Interval:
        return outwards(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        corners = [_product(a, b) for a in self._ends for b in other._ends]
        return outwards(reduce(np.minimum, corners), reduce(np.maximum, corners))

    @property
    def _ends(self) -> tuple[Array, ...]:
        """Both, or the one that a `point` has."""
        return (self.low,) if self.low is self.high else (self.low, self.high)

    def hull(self, other: Interval) -> Interval:
        return Interval(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


def outwards(low: Array, high: Array) -> Interval:
    """Rounded outwards; a number that has overflowed is only known to be large."""
    # fmax and fmin of nan, of which nothing is known, are the infinite end
    low, high = np.fmax(np.minimum(low, LARGEST), -np.inf), np.fmin(np.maximum(high, -LARGEST), np.inf)
    return Interval(low - (ULPS * np.abs(low) + TINY), high + (ULPS * np.abs(high) + TINY))


def point(value: float) -> Interval:
    both = np.asarray(value)
    return Interval(both, both)


def everything() -> Interval:
    return Interval(np.asarray(-np.inf), np.asarray(np.inf))


def _product(a: Array, b: Array) -> Array:
    """0 times an infinite end is 0: the infinite end stands for arbitrarily large numbers."""
    product = np.asarray(a * b)
    unknown = np.isnan(product)
    return np.where(unknown & ((a == 0) | (b == 0)), 0.0, product) if unknown.any() else product


def power(base: Interval, exponent: Interval) -> Interval:
    """b^c.  With b < 0 it is real where c is an integer, if only up to rounding, as 2 a is with a = 1."""
    if exponent.low.ndim == 0 and exponent.low == exponent.high:
        return _fixed_power(base, float(exponent.low))
    size = positive(monotone(np.exp)(exponent * within(np.log, 0.0, np.inf)(absolute(base))))
    even = 2 * np.ceil(exponent.low / 2) <= exponent.high
    odd = 2 * np.ceil((exponent.low - 1) / 2) + 1 <= exponent.high
    low = np.where((base.low < 0) & odd, -size.high, size.low)
    return Interval(low, np.where((base.high < 0) & odd & ~even, -size.low, size.high))


def _fixed_power(base: Interval, exponent: float) -> Interval:
    if exponent < 0:
        return reciprocal(_fixed_power(base, -exponent))
    if not exponent.is_integer():
        return monotone(lambda t: np.power(np.maximum(t, 0.0), exponent))(base)
    low, high = np.power(base.low, exponent), np.power(base.high, exponent)
    if exponent % 2:
        return outwards(low, high)
    inside = (base.low < 0) & (base.high > 0)
    least = np.where(inside, 0.0, np.minimum(low, high))
    return positive(outwards(least, np.maximum(low, high)))


def positive(found: Interval) -> Interval:
    return Interval(np.maximum(found.low, 0.0), found.high)


def reciprocal(found: Interval) -> Interval:
    """1/t; around 0, and on intervals that end there, it is not bounded."""
    low = np.where(found.high == 0, -np.inf, 1 / np.asarray(found.high, dtype=float))
    high = np.where(found.low == 0, np.inf, 1 / np.asarray(found.low, dtype=float))
    inside = (found.low < 0) & (found.high > 0)
    turned = outwards(np.where(inside, -np.inf, low), np.where(inside, np.inf, high))
    return Interval(np.where(found.low >= 0, np.maximum(turned.low, 0.0), turned.low), turned.high)


def monotone(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    return lambda argument: outwards(np.asarray(function(argument.low)), np.asarray(function(argument.high)))


def falling(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    rising = monotone(lambda t: -function(t))
    return lambda argument: negative(rising(argument))


def negative(found: Interval) -> Interval:
    return Interval(-found.high, -found.low)


def absolute(found: Interval) -> Interval:
    inside = (found.low < 0) & (found.high > 0)
    low, high = np.abs(found.low), np.abs(found.high)
    return Interval(np.where(inside, 0.0, np.minimum(low, high)), np.maximum(low, high))


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
