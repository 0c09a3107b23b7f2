"""Narrow features of smooth coefficients, which samples would miss, and where the domain is cut for them.

Looked into (`spikes`) are the equal parts of a finite piece, in several sizes; towards an infinite end
intervals that grow.  Half a spike at the end of a smooth piece (at a kink, at a wall) has its top there: of
an interval at that end only the value at its inner end counts.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from qdsl.physics.analysis import SmoothPiece, smooth_pieces
from qdsl.physics.intervals import EPS
from qdsl.physics.numeric import Array
from qdsl.physics.problem import Problem
from qdsl.physics.spikes import Coefficient, Roots, Spike, spikes, varying

GRIDS = (1, 8, 64)
"""Intervals of a finite piece to begin with: a small spike on a high hill shows in the small ones alone."""

OCTAVES: Array = np.exp2(np.arange(-20, 31, dtype=np.float64))
"""Distances between which the intervals towards an infinite end lie."""

SHALLOW = 0.1
"""Where the octaves begin a spike is narrow if its height times its width squared is so small.

There is no other length to hold it against; one that is higher is a well for waves of its own width.
"""

TAIL, TAILS = 4.0, 3
"""The domain is cut at distances from a spike that grow so fast, so many times at least.

After that a Gaussian is 0; what falls more slowly is cut until it has `FADED`.
"""

FADED = 1e-12
"""What the rest of a tail may do to an energy, in units of that of a half wave."""

APART = 64 * EPS
"""Points closer than that, relative to their size, are one."""

SAME = 0.1
"""Points closer than that, relative to their distances from the spikes that they belong to, are one: the
same spike is found in intervals of several sizes, and its ends come out a little differently."""

NEARER = 15
"""Halvings of the distance of a spike from 0, at which a line without ends is cut as well."""


Margin = tuple[float, float]
"""A point at which the domain is cut, and its distance from the spike that it is cut for, or its width."""


@lru_cache(maxsize=64)
def narrow_features(problem: Problem) -> tuple[float, ...]:
    """Points at both sides of every narrow spike or dip of q, p and w inside the smooth pieces, increasing.

    Cut there, the domain has pieces of the size of the spike.  Not found is what hides among many of its
    kind, on the flank of something steep, or in what has no enclosure.
    """
    found: list[Margin] = []
    far = 0.0
    for piece in smooth_pieces(problem):
        for part in varying(problem, piece):
            for spike in _found(part, piece):
                found += [m for m in _margins(part, spike) if piece.left < m[0] < piece.right]
                far = max(far, spike.left, -spike.right)
    left, right = (problem.number(end) for end in problem.interval)
    if far and math.isinf(left) and math.isinf(right):
        # what would be found near 0 without the spike must not become small beside its distance
        near = far / 2.0 ** np.arange(NEARER)
        found += [(0.0, near[-1]), *((x, abs(x)) for x in (*near.tolist(), *(-near).tolist()))]
    return tuple(_apart(sorted(found)))


def _apart(margins: list[Margin]) -> list[float]:
    """Increasing points without those that are others but for little: margins of one spike, found twice."""
    kept = margins[:1]
    for x, distance in margins[1:]:
        last, other = kept[-1]
        if x - last > max(SAME * min(distance, other), APART * max(abs(x), abs(last))):
            kept.append((x, distance))
    return [x for x, _ in kept]


def _found(part: Coefficient, piece: SmoothPiece) -> list[Spike]:
    left, right = piece.left, piece.right
    if math.isfinite(right - left):
        return spikes(part, _equal(part, left, right))
    if math.isinf(left) and math.isinf(right):
        first, grow = 0.0, [1.0, -1.0]
    elif math.isinf(right):
        first, grow = left, [1.0]
    else:
        first, grow = right, [-1.0]
    found: list[Spike] = []
    for sign in grow:
        for octaves in (OCTAVES, 0.75 * OCTAVES):  # the top of a spike may be at an end
            edges = np.sort(first + sign * np.concatenate([[0.0], octaves]))
            found += spikes(part, _seen(part, edges[:-1], edges[1:]))
    near = spikes(part, _nested(part, first, grow))
    # the same spike is in many of the nested intervals, and the smallest one that it is narrow in counts
    shallow = [s for s in near if s.height * (s.right - s.left) ** 2 < SHALLOW * s.kinetic]
    return found + shallow[:1]


def _equal(part: Coefficient, left: float, right: float) -> Roots:
    """Equal intervals in several sizes; of the smallest ones the outermost have no value at the outer end."""
    grids: list[Array] = [np.linspace(left, right, count + 1, dtype=np.float64) for count in GRIDS]
    low = np.concatenate([grid[:-1] for grid in grids])
    high = np.concatenate([grid[1:] for grid in grids])
    roots = _seen(part, low, high, right - left)
    at_low, at_high = part.at(low), part.at(high)
    first, last = len(low) - GRIDS[-1], len(low) - 1
    for outer, inner in ((first, at_high[first]), (last, at_low[last])):
        roots.bottom[outer] = roots.top[outer] = inner
    return roots


def _nested(part: Coefficient, at: float, grow: list[float]) -> Roots:
    """Intervals that begin at a point, growing to one side; or around it, to both sides."""
    low = at - OCTAVES if -1.0 in grow else np.full(OCTAVES.shape, at)
    high = at + OCTAVES if 1.0 in grow else np.full(OCTAVES.shape, at)
    ends = [part.at(at + sign * OCTAVES) for sign in grow]
    bottom, top = np.minimum.reduce(ends), np.maximum.reduce(ends)
    return Roots(low, high, bottom, top, high - low, part.kinetic_at(0.5 * (low + high)))


def _seen(part: Coefficient, low: Array, high: Array, span: float | None = None) -> Roots:
    """The intervals with what is seen at both ends; the wave is as long as they are, or `span`."""
    ends = part.at(low), part.at(high)
    wave = high - low if span is None else np.full(low.shape, span)
    kinetic = part.kinetic_at(0.5 * (low + high))
    return Roots(low, high, np.minimum(*ends), np.maximum(*ends), wave, kinetic)


def _margins(part: Coefficient, spike: Spike) -> list[Margin]:
    """The ends of a spike, and points at growing distances for its tails."""
    width = spike.right - spike.left
    result = [(spike.left, width), (spike.right, width)]
    for end, sign in ((spike.left, -1.0), (spike.right, 1.0)):
        count = max(TAILS, math.ceil(math.log(spike.span / width, TAIL)))
        distance = width * np.power(TAIL, np.arange(count, dtype=np.float64))
        with np.errstate(over="ignore", invalid="ignore"):  # far out there may be no number
            fall = np.abs(np.diff(part.at(end + sign * distance), append=np.inf))
            felt = 2 * fall * distance * spike.span > FADED * math.pi**2 * spike.kinetic
        felt[:TAILS] = True
        reach = int(felt.argmin()) if not felt.all() else len(felt)
        result += [(end + sign * d, d) for d in distance[:reach].tolist()]
    return result
