"""Spikes of a smooth coefficient inside intervals at whose ends it was sampled: found by enclosures.

An enclosure (interval arithmetic, `enclosure`) knows of a spike wherever it hides.  An interval is looked
into when its enclosure goes beyond the values at its ends, and is halved again and again: a broad hill is
soon in many of the parts, what an enclosure only seemed to hold is in none of them, and a spike stays in
very few until these are as small as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.physics import enclosure, numeric
from qdsl.physics.analysis import SmoothPiece
from qdsl.physics.intervals import TINY, Interval
from qdsl.physics.numeric import Array
from qdsl.physics.piecewise import slope
from qdsl.physics.problem import Problem

KEPT = 0.6
"""A part holds the spike when its enclosure goes beyond the ends of the interval by so much of the whole."""

DEEP, NARROW = 6, 6
"""After so many halvings a spike is in no more than so many of the 64 parts."""

RESOLVED = 12
"""Parts in which a spike is as wide as several of them."""

HALVINGS = 45
CHUNK = 64
"""Intervals that are looked into together: 4096 parts at most when it is seen what is a spike."""

CLEAR = 0.02
"""A spike is higher than this share of the difference of the values at both ends of its interval.

A broad hill whose top is close to one end is lower, and narrow in that interval only.
"""

LOOKED = 64
"""Intervals of a piece by which it is judged whether a coefficient has enclosures."""

FAINT = 1e-11
"""What a hidden area may do to an energy, in units of that of a half wave of its length."""


@dataclass(frozen=True)
class Roots:
    """Intervals to look into, arrays of one length: their ends, and the range of the values seen near them.

    `span`: the length of the wave that a spike in the interval would disturb; `kinetic`: p there.
    """

    low: Array
    high: Array
    bottom: Array
    top: Array
    span: Array
    kinetic: Array

    def some(self, which: NDArray[np.bool] | NDArray[np.integer] | slice) -> Roots:
        return Roots(*(getattr(self, part.name)[which] for part in fields(self)))

    @property
    def faint(self) -> Array:
        """The area of a spike that matters, to first order: psi^2 <= 2/span."""
        return FAINT * math.pi**2 / 2 * self.kinetic / self.span

    def worth(self, height: Array, width: Array) -> NDArray[np.bool]:
        """Whether spikes of some height and width matter."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.isfinite(height) & (height * width > self.faint)


@dataclass(frozen=True)
class Spike:
    """An interval as wide as a spike, how far it goes beyond what was seen; the rest as in `Roots`."""

    left: float
    right: float
    height: float
    span: float
    kinetic: float


@dataclass(frozen=True)
class Coefficient:
    """p, q or w in a smooth piece, or a derivative of one, p as well, and the values of the parameters."""

    expression: sp.Expr
    kinetic: sp.Expr
    problem: Problem

    @cached_property
    def varies(self) -> bool:
        return self.problem.coordinate in self.expression.free_symbols

    @property
    def terms(self) -> tuple[Coefficient, ...]:
        """The terms of a sum, one by one."""
        return tuple(replace(self, expression=term) for term in sp.Add.make_args(self.expression))

    @cached_property
    def slope(self) -> Coefficient:
        """Its derivative."""
        return replace(self, expression=_derivative(self.expression, self.problem.coordinate))

    @cached_property
    def at(self) -> Callable[[Array], Array]:
        """Its values at points of the piece."""
        return numeric.function(self.expression, self.problem.coordinate, self.problem.values)

    @cached_property
    def between(self) -> Callable[[Array, Array], Interval]:
        """Its enclosures on intervals [low, high] inside of the piece."""
        return enclosure.function(self.expression, self.problem.coordinate, self.problem.values)

    def kinetic_at(self, points: Array) -> Array:
        """|p| at points of the piece."""
        return np.abs(self._kinetic(points))

    @cached_property
    def _kinetic(self) -> Callable[[Array], Array]:
        return numeric.function(self.kinetic, self.problem.coordinate, self.problem.values)

    def beyond(self, roots: Roots, low: Array, high: Array, at: NDArray[np.int64]) -> Array:
        """How far the enclosures on [low, high] go beyond the values seen of the roots `at`."""
        whole = self.between(low, high)
        with np.errstate(invalid="ignore"):
            return np.maximum(whole.high - roots.top[at], roots.bottom[at] - whole.low)

    def bulge(self, low: Array, high: Array) -> Array:
        """How far it goes beyond its values at both ends of [low, high]; nan where that is not known.

        Where the slope is between -s < 0 and t > 0 the lines through the ends, rising by t and falling by s,
        meet s t/(s + t) times the width above the higher end, or below.
        """
        slope = self.slope.between(low, high)
        falling, rising = np.maximum(-slope.low, 0.0), np.maximum(slope.high, 0.0)
        less, more = np.minimum(falling, rising), np.maximum(np.maximum(falling, rising), TINY)
        with np.errstate(invalid="ignore", over="ignore"):
            return (high - low) * (less / (1 + less / more))


@lru_cache(maxsize=256)
def _derivative(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Kept for all values of the parameters."""
    return slope(expression, x)


@lru_cache(maxsize=64)
def varying(problem: Problem, piece: SmoothPiece) -> tuple[Coefficient, ...]:
    """Those of q, p and w that are not constant in a piece, or the terms of what has no enclosure as a sum.

    Beside a table of very uneven points nothing would be found of a spike.
    """
    parts = (Coefficient(part, piece.p, problem) for part in (piece.q, piece.p, piece.w))
    each = (part.terms if part.varies and _is_open(part, piece) else (part,) for part in parts)
    return tuple(term for terms in each for term in terms if term.varies)


def _is_open(part: Coefficient, piece: SmoothPiece) -> bool:
    """Whether there is no enclosure on most of some short intervals all over the piece."""
    t = np.linspace(0.0, 1.0, LOOKED + 3)[1:-1]
    left, right = piece.left, piece.right
    if math.isinf(left) and math.isinf(right):
        x = (t - 0.5) / (t * (1 - t))
    elif math.isinf(left):
        x = right - (1 - t) / t
    else:
        x = left + (t / (1 - t) if math.isinf(right) else t * (right - left))
    found = part.between(x[:-1], x[1:])
    return 2 * int((np.isinf(found.low) | np.isinf(found.high)).sum()) > LOOKED


def spikes(part: Coefficient, roots: Roots) -> list[Spike]:
    """The spikes inside the roots that take few of the 64 parts of each."""
    height = part.beyond(roots, roots.low, roots.high, np.arange(len(roots.low)))
    with np.errstate(invalid="ignore"):
        clear = height > CLEAR * (roots.top - roots.bottom)
    worth = clear & roots.worth(height, roots.high - roots.low)
    roots, height = roots.some(worth), height[worth]
    found: list[Spike] = []
    for start in range(0, len(height), CHUNK):
        some = slice(start, start + CHUNK)
        found += _halved(part, roots.some(some), height[some])
    return found


def _halved(part: Coefficient, roots: Roots, height: Array) -> list[Spike]:
    result: list[Spike] = []
    low, high, root = roots.low, roots.high, np.arange(len(roots.low))
    for halving in range(1, HALVINGS):
        if not low.size:
            break
        low, high, root = parts(low, high, root)
        kept = part.beyond(roots, low, high, root) > KEPT * height[root]
        low, high, root = low[kept], high[kept], root[kept]
        if halving < DEEP:
            continue
        count = np.bincount(root, minlength=len(height))
        done = count[root] > (NARROW if halving == DEEP else RESOLVED)
        if halving > DEEP:
            result += _runs(roots, height, low[done], high[done], root[done])
        low, high, root = low[~done], high[~done], root[~done]
    return result


def parts(low: Array, high: Array, root: NDArray[np.int64]) -> tuple[Array, Array, NDArray[np.int64]]:
    """Both halves of every interval, and the root each belongs to."""
    middle = 0.5 * (low + high)
    halves = np.stack([low, middle], axis=1).ravel(), np.stack([middle, high], axis=1).ravel()
    return *halves, root.repeat(2)


def _runs(roots: Roots, height: Array, low: Array, high: Array, root: NDArray[np.int64]) -> Iterator[Spike]:
    """Every run of neighbouring parts, where its area matters."""
    order = np.argsort(low)
    runs = np.split(order, np.flatnonzero(low[order][1:] > high[order][:-1]) + 1) if order.size else []
    for run in runs:
        left, right = float(low[run].min()), float(high[run].max())
        best = root[run[height[root[run]].argmax()]]
        one = roots.some(slice(best, best + 1))
        if one.worth(height[best : best + 1], np.array([right - left]))[0]:
            yield Spike(left, right, float(height[best]), float(one.span[0]), float(one.kinetic[0]))
