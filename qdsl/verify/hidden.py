"""Does a coefficient go where its samples do not show it?

All integrals over psi are sums over points, and two sums agree about a spike that neither has seen.  An
enclosure of p, q and w between neighbouring points has.  Where it goes further beyond the two values than
these differ from the next ones the interval is halved, until the enclosures no longer do, or a value does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.endpoints import singular_ends
from qdsl.physics.problem import Problem
from qdsl.physics.spikes import Coefficient, Roots, parts, varying
from qdsl.states import Array

HALVINGS = 45
MOST = 4096
"""Parts that are looked at together at most; what is hidden in more of them is not found."""


def hidden(problem: Problem, points: Array, box: tuple[float, float]) -> float | None:
    """A place in the box where p, q or w goes beyond what the points show, None if there is none.

    `points` (points,) are increasing.
    """
    poles = [end.at for end in singular_ends(problem) if end is not None]
    for piece in smooth_pieces(problem):
        low, high = max(piece.left, box[0]), min(piece.right, box[1])
        inside = points[(points > low) & (points < high)]
        if len(inside) < 4:
            continue
        for part in varying(problem, piece):
            place = _beyond(part, np.concatenate([[low], inside, [high]]), box[1] - box[0], poles)
            if place is not None:
                return place
    return None


def _beyond(part: Coefficient, x: Array, span: float, poles: Sequence[float]) -> float | None:
    """The same for one coefficient; next to a pole, which rises beyond everything, nothing is looked for."""
    low, high = x[:-1], x[1:]
    seen = part.at(x[1:-1])
    before, after = np.append(seen[:1], seen), np.append(seen, seen[-1:])  # the ends of a piece are not seen
    near = np.lib.stride_tricks.sliding_window_view(np.pad(before, (1, 2), mode="edge"), 4)
    roots = Roots(
        low,
        high,
        np.minimum(before, after),
        np.maximum(before, after),
        np.full(low.shape, span),
        part.kinetic_at(0.5 * (low + high)),
    )
    usual = near.max(axis=1) - near.min(axis=1)
    root = np.flatnonzero(~np.isin(low, poles) & ~np.isin(high, poles))
    low, high = low[root], high[root]
    for _ in range(HALVINGS):
        height = part.beyond(roots, low, high, root)
        kept = (height > usual[root]) & roots.some(root).worth(height, high - low)
        low, high, root = low[kept], high[kept], root[kept]
        if not low.size or low.size > MOST:
            return None
        middle = 0.5 * (low + high)
        value = part.at(middle)
        excess = np.maximum(value - roots.top[root], roots.bottom[root] - value)
        found = (excess > usual[root]) & roots.some(root).worth(excess, high - low)
        if found.any():
            return float(middle[np.where(found, excess, 0.0).argmax()])
        low, high, root = parts(low, high, root)
    return None
