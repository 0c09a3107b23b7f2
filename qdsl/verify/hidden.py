"""Does a coefficient go where its samples do not show it?

All integrals over psi are sums over points, and two sums agree about a spike that neither has seen.  An
enclosure of p, q and w between neighbouring points has.  Where it goes further beyond the two values than
these differ from the next ones the interval is halved, until the enclosures no longer do, or a value does.

On a slope, values differ by more than a spike is high: 30 exp(-(x/1e-4)^2) hides in 2000 x.  So the second
derivative is looked at, too, in which a spike of height h and width l is h/l^2 high; not next to a pole,
though, where derivatives are steeper than the points show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.endpoints import singular_ends
from qdsl.physics.piecewise import slope
from qdsl.physics.problem import Problem
from qdsl.physics.spikes import Coefficient, Roots, parts, varying
from qdsl.states import Array

HALVINGS = 45
MOST = 4096
"""Parts that are looked at together at most; what is hidden in more of them is not found."""


def hidden(problem: Problem, points: Array, edges: Sequence[float] | Array) -> float | None:
    """A place where p, q or w goes beyond what the points show, None if there is none.

    `points` (points,) and `edges` (edges,), between which sums are formed piece by piece, are increasing; the
    outermost ones are the box.  What lies beyond an edge shows nothing: 90 exp(-x/1e-6) on a wide piece, of
    which the narrow one before it has seen the better part.
    """
    poles = [end.at for end in singular_ends(problem) if end is not None]
    cuts = np.asarray(edges)
    for piece in smooth_pieces(problem):
        low, high = max(piece.left, cuts[0]), min(piece.right, cuts[-1])
        inside = points[(points > low) & (points < high)]
        if len(inside) < 4:
            continue
        at_edge = np.concatenate([[low], cuts[(cuts > low) & (cuts < high)], [high]])
        x = np.sort(np.concatenate([at_edge, inside]))
        span = float(cuts[-1] - cuts[0])
        for part in varying(problem, piece):
            place = _beyond(part, x, np.isin(x, at_edge), span, poles, 0)
            if place is None and not {piece.left, piece.right} & {*poles}:
                place = _beyond(_bent(part), inside, np.zeros(inside.shape, dtype=np.bool), span, (), 2)
            if place is not None:
                return place
    return None


def _bent(part: Coefficient) -> Coefficient:
    return replace(part, expression=_second_derivative(part.expression, part.problem.coordinate))


@lru_cache(maxsize=256)
def _second_derivative(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    return slope(slope(expression, x), x)


def _beyond(
    part: Coefficient, x: Array, at_edge: NDArray[np.bool], span: float, poles: Sequence[float], order: int
) -> float | None:
    """Where the derivative `part`, of that order, hides something.

    At edges it is not seen; next to a pole, which rises beyond everything, nothing is looked for.  Over a
    width l it changes what it is the derivative of by l^order times as much.
    """
    if part.problem.coordinate not in part.expression.free_symbols:
        return None
    low, high = x[:-1], x[1:]
    with np.errstate(all="ignore"):  # derivatives of steep walls overflow
        seen = part.at(x)
        before = np.where(at_edge[:-1], seen[1:], seen[:-1])
        after = np.where(at_edge[1:], seen[:-1], seen[1:])
        usual = _spread(before, np.cumsum(at_edge, dtype=np.int64)[:-1])
        roots = Roots(
            low,
            high,
            np.minimum(before, after),
            np.maximum(before, after),
            np.full(low.shape, span),
            part.kinetic_at(0.5 * (low + high)),
        )
        root = np.flatnonzero(~np.isin(low, poles) & ~np.isin(high, poles))
        low, high = low[root], high[root]
        for _ in range(HALVINGS):
            width = high - low
            height = part.beyond(roots, low, high, root)
            kept = (height > usual[root]) & roots.some(root).worth(height * width**order, width)
            low, high, root, width = low[kept], high[kept], root[kept], width[kept]
            if not low.size or low.size > MOST:
                return None
            middle = 0.5 * (low + high)
            value = part.at(middle)
            excess = np.maximum(value - roots.top[root], roots.bottom[root] - value)
            found = (excess > usual[root]) & roots.some(root).worth(excess * width**order, width)
            if found.any():
                return float(middle[np.where(found, excess, 0.0).argmax()])
            low, high, root = parts(low, high, root)
    return None


def _spread(values: Array, piece: NDArray[np.int64]) -> Array:
    """How far apart the values of an interval and of its neighbours in the same piece are."""
    first, last = np.searchsorted(piece, piece, side="left"), np.searchsorted(piece, piece, side="right") - 1
    place = np.clip(np.arange(len(values))[:, None] + np.arange(-1, 3), first[:, None], last[:, None])
    near = values[place]
    return np.asarray(near.max(axis=1) - near.min(axis=1))
