"""Taylor models: a function next to an end as a polynomial in the distance to it, and what it is off at most.

K. Makino and M. Berz, Int. J. Pure Appl. Math. 4 (2003) 379.  Here they are relative ones, so that poles have
them too: with t = y/h, y the distance to the end,

    f = t^v (c_0 + c_1 t + ... + c_n t^n)    for all 0 < t <= 1,

where c_0 .. c_(n-1) are numbers of which enclosures are known, and c_n is a function of t all values of which
are enclosed.  Products and sums of such functions are of this form again: powers beyond n are put into c_n.

Enclosures are balls, a middle and a radius, so that products are convolutions (S. M. Rump, BIT 39 (1999)
534).  Every radius counts the rounding of its middle: m terms summed up are right to m eps times the sum of
their absolute values (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1).  What is 0
without rounding has the radius 0, and is known to be 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qdsl.physics.intervals import EPS, Interval, outwards
from qdsl.physics.numeric import Array

ORDER = 6
"""The n of what is known exactly; a pole whose leading terms cancel uses up a few of them."""

SAFETY = 1 + 64 * EPS
"""Radii are sums of a dozen positive terms at most, each rounded a few times."""

SMALLEST, LARGEST = 1e-140, 1e140
"""Products of numbers between these neither underflow nor overflow."""


class NoModelError(Exception):
    """The function has no such form that could be found: it may not be bounded, or not be real."""


@dataclass(frozen=True, eq=False)
class TaylorModel:
    """t^valuation (c_0 + ... + c_n t^n), c_k within `radius[k]` of `middle[k]`; arrays of shape (n + 1,).

    The first coefficient is not known to be 0, unless it is the last one.
    """

    valuation: int
    middle: Array
    radius: Array

    @property
    def order(self) -> int:
        return len(self.middle) - 1

    def __add__(self, other: TaylorModel) -> TaylorModel:
        lowest = min(self.valuation, other.valuation)
        order = min(part.valuation - lowest + part.order for part in (self, other))
        length = 1 + max(part.valuation - lowest + part.order for part in (self, other))
        middle, radius = np.zeros(length), np.zeros(length)
        for part in (self, other):
            at = slice(part.valuation - lowest, part.valuation - lowest + part.order + 1)
            middle[at] += part.middle
            radius[at] += part.radius
        return made(lowest, middle, radius + EPS * np.abs(middle), order)

    def __mul__(self, other: TaylorModel) -> TaylorModel:
        a, b = np.abs(self.middle), np.abs(other.middle)
        middle = np.convolve(self.middle, other.middle)
        rounding = min(len(a), len(b)) * EPS * np.convolve(a, b)
        radius = np.convolve(a, other.radius) + np.convolve(self.radius, b + other.radius) + rounding
        return made(self.valuation + other.valuation, middle, radius, min(self.order, other.order))

    def __neg__(self) -> TaylorModel:
        return replace(self, middle=-self.middle)

    def coefficient(self, k: int) -> Interval:
        """An enclosure of c_k, 0-d."""
        if self.radius[k] == 0:
            return Interval(self.middle[k], self.middle[k])
        return outwards(self.middle[k] - self.radius[k], self.middle[k] + self.radius[k])

    def is_zero(self) -> bool:
        """Whether it is known to be 0."""
        return not (self.middle.any() or self.radius.any())

    def may_vanish(self) -> bool:
        """Whether the leading coefficient is not known to be other than 0."""
        return bool(abs(self.middle[0]) <= self.radius[0])

    def without_leading(self) -> TaylorModel:
        """The model of the same function, whose leading coefficient is 0."""
        return made(self.valuation + 1, self.middle[1:], self.radius[1:], self.order - 1)

    def shifted(self, power: int) -> TaylorModel:
        """t^power times the function."""
        return replace(self, valuation=self.valuation + power)

    def range(self) -> Interval:
        """All its values for 0 < t <= 1, 0-d.  Raises NoModelError at a pole."""
        if self.valuation < 0:
            raise NoModelError
        if self.valuation > 0:
            return made(0, np.append(0.0, self.middle), np.append(0.0, self.radius), 0).coefficient(0)
        return made(0, self.middle, self.radius, 0).coefficient(0)


def made(valuation: int, middle: Array, radius: Array, order: int) -> TaylorModel:
    """The model with all beyond t^order put into the last coefficient, and without leading zeros.

    Of c t^k with k > 0 all values lie between 0 and c.  Raises NoModelError where a number is not bounded.
    """
    size = np.abs(middle) + radius
    if not (size < LARGEST).all():
        raise NoModelError
    tiny = (size < SMALLEST) & (size > 0)
    if tiny.any():
        middle, radius = np.where(tiny, 0.0, middle), np.where(tiny, SMALLEST, radius)
    if len(middle) > order + 1:
        low, high = middle - radius, middle + radius
        least = low[order] + np.minimum(low[order + 1 :], 0.0).sum()
        most = high[order] + np.maximum(high[order + 1 :], 0.0).sum()
        noise = (len(middle) + 2) * EPS * size[order:].sum()
        middle, radius = middle[: order + 1].copy(), radius[: order + 1].copy()
        middle[order], radius[order] = 0.5 * (least + most), 0.5 * (most - least) + noise
    known = (middle != 0) | (radius != 0)
    first = int(known.argmax()) if known.any() else order
    return TaylorModel(valuation + first, middle[first:], SAFETY * radius[first:])


def balls(found: Interval) -> tuple[Array, Array]:
    """Middles and radii of intervals.  Raises NoModelError where one is not bounded."""
    if not (np.isfinite(found.low).all() and np.isfinite(found.high).all()):
        raise NoModelError
    middle = 0.5 * found.low + 0.5 * found.high
    return middle, np.where(
        found.low == found.high, 0.0, SAFETY * (found.high - middle) + EPS * np.abs(middle)
    )


def constant(found: Interval) -> TaylorModel:
    """The model of a number, of which an enclosure, 0-d, is given."""
    middle, radius = balls(found)
    return made(0, np.append(middle, np.zeros(ORDER)), np.append(radius, np.zeros(ORDER)), ORDER)


def bounded(found: Interval) -> TaylorModel:
    """The model of a function of which nothing is known but an enclosure of its values, 0-d."""
    middle, radius = balls(found)
    return made(0, middle.reshape(1), radius.reshape(1), 0)
