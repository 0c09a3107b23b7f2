"""Narrow features of smooth coefficients, which samples would miss: found by enclosures.

An enclosure (interval arithmetic, `enclosure`) knows of a spike wherever it hides.  An interval is looked
into when its enclosure goes beyond the values at its ends, and is halved again and again: a broad hill is
soon in many of the parts, what an enclosure only seemed to hold is in none of them, and a spike stays in
very few until these are as small as it is.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.physics import numeric
from qdsl.physics.analysis import SmoothPiece, smooth_pieces
from qdsl.physics.enclosure import enclose
from qdsl.physics.numeric import Array
from qdsl.physics.problem import Problem

GRIDS = (1, 8, 64)
"""Intervals of a finite piece to begin with: a small spike on a high hill shows in the small ones alone."""

OCTAVES = 2.0 ** np.arange(-20, 31)
"""Distances between which the intervals towards an infinite end lie."""

KEPT = 0.6
"""A part holds the spike when its enclosure goes beyond the ends of the interval by so much of the whole."""

DEEP, NARROW = 6, 6
"""After so many halvings a spike is in no more than so many of the 64 parts."""

RESOLVED = 12
"""Parts in which a spike is as wide as several of them."""

HALVINGS = 45
MOST = 4096
"""Parts that are looked at together at most."""

TAILS = 4.0 ** np.arange(3)
"""Distances from a spike, in units of its width, at which the domain is cut: a Gaussian is 0 after four,
others fall more slowly."""

NEARER = 15
"""Halvings of the distance of a spike from 0, at which a line without ends is cut as well."""

FAINT = 1e-3
"""What a hidden area may do to an energy, in units of that of a half wave in its interval."""


@lru_cache(maxsize=64)
def narrow_features(problem: Problem) -> tuple[float, ...]:
    """Points at both sides of every narrow spike or dip of q, p and w inside the smooth pieces, increasing.

    Cut there, the domain has pieces of the size of the spike.  Not found is what hides among many of its
    kind, on the flank of something steep, or in what has no enclosure (tables).
    """
    found: list[float] = []
    for piece in smooth_pieces(problem):
        for part in (piece.q, piece.p, piece.w):
            if problem.coordinate in part.free_symbols:
                found += [x for x in _features(problem, piece, part) if piece.left < x < piece.right]
    left, right = (problem.number(end) for end in problem.interval)
    if found and math.isinf(left) and math.isinf(right):
        # what would be found near 0 without the spike must not become small beside its distance
        near = max(map(abs, found)) / 2.0 ** np.arange(1, NEARER)
        found += [0.0, *near.tolist(), *(-near).tolist()]
    return tuple(sorted(set(found)))


def _features(problem: Problem, piece: SmoothPiece, part: sp.Expr) -> list[float]:
    x, values = problem.coordinate, problem.values
    low, high = _intervals(piece.left, piece.right)
    ends = np.stack([numeric.evaluate(part, {**values, x: low}), numeric.evaluate(part, {**values, x: high})])
    bottom, top = ends.min(axis=0), ends.max(axis=0)

    def beyond(low: Array, high: Array, at: NDArray[np.int64]) -> Array:
        """How far the enclosures go beyond the values at the ends of the intervals `at`."""
        whole = enclose(part, values, x, low, high)
        with np.errstate(invalid="ignore"):
            return np.maximum(whole.high - top[at], bottom[at] - whole.low)

    root = np.arange(len(low))
    height = beyond(low, high, root)
    with np.errstate(invalid="ignore"):
        worth = np.isfinite(height) & (2 * height * (high - low) ** 2 > FAINT * math.pi**2)
    low, high, root = low[worth], high[worth], root[worth]
    result: list[float] = []
    for halving in range(1, HALVINGS):
        if not low.size or low.size > MOST:
            break
        middle = 0.5 * (low + high)
        low, high = np.stack([low, middle], axis=1).ravel(), np.stack([middle, high], axis=1).ravel()
        root = root.repeat(2)
        kept = beyond(low, high, root) > KEPT * height[root]
        low, high, root = low[kept], high[kept], root[kept]
        if halving < DEEP:
            continue
        count = np.bincount(root, minlength=len(height))
        done = count[root] > (NARROW if halving == DEEP else RESOLVED)
        if halving > DEEP:
            result += _margins(low[done], high[done])
        low, high, root = low[~done], high[~done], root[~done]
    return result


def _intervals(left: float, right: float) -> tuple[Array, Array]:
    """Equal intervals of a finite piece, in several sizes; growing ones towards infinite ends."""
    if math.isfinite(right - left):
        grids = [np.linspace(left, right, count + 1) for count in GRIDS]
    elif math.isinf(left) and math.isinf(right):
        grids = [np.concatenate([[0.0], OCTAVES]), np.concatenate([-OCTAVES[::-1], [0.0]])]
    elif math.isinf(right):
        grids = [left + np.concatenate([[0.0], OCTAVES])]
    else:
        grids = [right - np.concatenate([[0.0], OCTAVES])[::-1]]
    return np.concatenate([grid[:-1] for grid in grids]), np.concatenate([grid[1:] for grid in grids])


def _margins(low: Array, high: Array) -> list[float]:
    """The ends of every run of neighbouring parts, and points at growing distances for its tails."""
    result: list[float] = []
    order = np.argsort(low)
    runs = np.split(order, np.flatnonzero(low[order][1:] > high[order][:-1]) + 1) if order.size else []
    for run in runs:
        left, right = float(low[run].min()), float(high[run].max())
        tails = (right - left) * TAILS
        result += [*(left - tails).tolist(), left, right, *(right + tails).tolist()]
    return result
