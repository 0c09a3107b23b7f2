"""Does a coefficient go where its samples do not show it?

All integrals over psi are sums over points, and two sums agree about a spike that neither has seen.  An
enclosure of p, q and w between neighbouring points has.  Where it goes further beyond the two values than
these differ from the next ones the slope is enclosed, too, which with the two values makes an enclosure of
second order (Moore, Kearfott and Cloud, chapter 6); where that goes as far, or there is no enclosure, the
interval is halved, until no enclosure goes as far any longer, or a value does.

On a slope, values differ by more than a spike is high: 30 exp(-(x/1e-4)^2) hides in 2000 x.  So the second
derivative is looked at, too, in which a spike of height h and width l is h/l^2 high.  Between a pole and the
first point neither is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.endpoints import singular_ends
from qdsl.physics.problem import Problem
from qdsl.physics.spikes import Coefficient, Roots, varying
from qdsl.states import Array

HALVINGS = 45
MOST = 4096
"""Parts that are looked at together at most; what is hidden in more of them is not found."""
MOST_OPEN = {0: MOST, 2: MOST // 16}
"""Parts without an enclosure that are halved together at most, as halves may have one: 1/(x^3 - x + 1/2) has
none on [0, 1].  More of them tell that there is none: of derivatives, which those of tables have not, nothing
is then looked for, and of the coefficient itself nobody knows what it does there.  By order of derivative."""
WALL = 1e200
"""Values above are those of a wall, where more is as good."""


def hidden(problem: Problem, points: Array, edges: Sequence[float] | Array) -> Array:
    """Places where p, q or w goes beyond what the points show, the worst first; empty where it does not.

    Not all of them: those in which the first coefficient that hides something has been caught.

    `points` (points,) and `edges` (edges,), between which sums are formed piece by piece, are increasing; the
    outermost ones are the box.  What lies beyond an edge shows nothing: 90 exp(-x/1e-6) on a wide piece, of
    which the narrow one before it has seen the better part.
    """
    poles = [end.at for end in singular_ends(problem) if end is not None]
    cuts = np.asarray(edges)
    for piece in [piece for piece in smooth_pieces(problem) if varying(problem, piece)]:
        low, high = max(piece.left, cuts[0]), min(piece.right, cuts[-1])
        inside = points[(points > low) & (points < high)]
        if len(inside) < 4:
            continue
        ends = np.concatenate([[low], cuts[(cuts > low) & (cuts < high)], [high]])
        x = np.sort(np.concatenate([ends, inside]))
        at_edge = np.zeros(x.shape, dtype=np.bool)
        at_edge[np.searchsorted(x, ends)] = True
        span = float(cuts[-1] - cuts[0])
        for part in varying(problem, piece):
            places = _beyond(part, x, at_edge, span, poles, 0)
            if not places.size:
                places = _beyond(part.slope.slope, x, at_edge, span, poles, 2)
            if places.size:
                return places
    return np.empty(0)


def _beyond(
    part: Coefficient, x: Array, at_edge: NDArray[np.bool], span: float, poles: Sequence[float], order: int
) -> Array:
    """Where the derivative `part`, of that order, hides something.

    At edges it is not seen; next to a pole, which rises beyond everything, nothing is looked for.  Over a
    width l it changes what it is the derivative of by l^order times as much.
    """
    if not part.varies:
        return np.empty(0)
    low, high = x[:-1], x[1:]
    with np.errstate(all="ignore"):  # derivatives of steep walls overflow
        seen = part.at(x)
        shown = _shown(part, x, seen, at_edge, span, order)
        some = _Some(low, high, seen[:-1], seen[1:], np.arange(len(low))).of(_away(poles, low, high))
        for _ in range(HALVINGS):
            height = part.beyond(shown.roots, some.low, some.high, some.root)
            unbounded = shown.is_open(height, some)
            if np.count_nonzero(unbounded) > MOST_OPEN[order]:
                if order == 0:
                    return 0.5 * (some.low + some.high)[unbounded][:1]
                unbounded[:] = False
            looked = shown.hides(height, some) | unbounded
            some, height = some.of(looked), height[looked]
            if some.root.size:
                finer = shown.excess(some.root, some.first, some.last) + part.bulge(some.low, some.high)
                height = np.fmin(height, finer)
                some = some.of(shown.hides(height, some) | shown.is_open(height, some))
            if not some.root.size or some.root.size > MOST:
                return np.empty(0)
            middle = 0.5 * (some.low + some.high)
            value = part.at(middle)
            excess = shown.excess(some.root, value, value)
            found = shown.hides(excess, some)
            if found.any():
                return middle[found][np.argsort(-excess[found])]
            some = some.halves(middle, value)
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class _Some:
    """Intervals [low, high] that are looked into, values at their ends, and which root each is part of."""

    low: Array
    high: Array
    first: Array
    last: Array
    root: NDArray[np.int64]

    def of(self, which: NDArray[np.bool]) -> _Some:
        return _Some(self.low[which], self.high[which], self.first[which], self.last[which], self.root[which])

    def halves(self, middle: Array, value: Array) -> _Some:
        return _Some(
            np.concatenate([self.low, middle]),
            np.concatenate([middle, self.high]),
            np.concatenate([self.first, value]),
            np.concatenate([value, self.last]),
            np.concatenate([self.root, self.root]),
        )


@dataclass(frozen=True, eq=False)
class _Shown:
    """What the points show of the derivative of an `order` between them, the `roots`.

    `usual` (roots,): how far its values are apart around each.  `faint` (roots,): the area that matters.
    """

    roots: Roots
    usual: Array
    faint: Array
    order: int

    def excess(self, root: NDArray[np.int64], first: Array, last: Array) -> Array:
        """How far two values go beyond those that are seen of the roots."""
        top, bottom = self.roots.top[root], self.roots.bottom[root]
        return np.maximum(np.maximum(first, last) - top, bottom - np.minimum(first, last))

    def hides(self, height: Array, some: _Some) -> NDArray[np.bool]:
        """Whether so high a thing would be no slope that the points show, and would matter."""
        worth = height * (some.high - some.low) ** (self.order + 1) > self.faint[some.root]
        return (height > self.usual[some.root]) & worth & np.isfinite(height)

    def is_open(self, height: Array, some: _Some) -> NDArray[np.bool]:
        """What has no enclosure, and may get one: not next to the ends, as sin(x)/x on [0, h] has none."""
        inside = (some.low != self.roots.low[0]) & (some.high != self.roots.high[-1])
        return np.isposinf(height) & inside & (np.abs(self.roots.top[some.root]) < WALL)


def _shown(
    part: Coefficient, x: Array, seen: Array, at_edge: NDArray[np.bool], span: float, order: int
) -> _Shown:
    """What values `seen` at points and edges x show; at edges nothing is."""
    before = np.where(at_edge[:-1], seen[1:], seen[:-1])
    after = np.where(at_edge[1:], seen[:-1], seen[1:])
    low, high = x[:-1], x[1:]
    bottom, top = np.minimum(before, after), np.maximum(before, after)
    roots = Roots(low, high, bottom, top, np.full(low.shape, span), part.kinetic_at(0.5 * (low + high)))
    return _Shown(roots, _spread(before, at_edge[:-1]), roots.faint, order)


def _away(poles: Sequence[float], low: Array, high: Array) -> NDArray[np.bool]:
    """Which intervals do not end at a pole."""
    away = np.ones(low.shape, dtype=np.bool)
    for pole in poles:
        away &= (low != pole) & (high != pole)
    return away


def _spread(values: Array, begins: NDArray[np.bool]) -> Array:
    """How far apart the values of an interval and of its neighbours in the same piece are.

    Those of one interval before it and of two behind; `begins` tells where pieces do.
    """
    joined = ~begins[1:]
    return _around(np.maximum, values, joined) - _around(np.minimum, values, joined)


def _around(extremum: np.ufunc, values: Array, joined: NDArray[np.bool]) -> Array:
    """That of every value and its neighbours, where they are `joined`."""
    pairs = values.copy()  # of an interval and the next one
    extremum(values[:-1], values[1:], out=pairs[:-1], where=joined)
    found = pairs.copy()
    extremum(pairs[1:], pairs[:-1], out=found[1:], where=joined)
    extremum(found[:-1], pairs[1:], out=found[:-1], where=joined)
    return found
