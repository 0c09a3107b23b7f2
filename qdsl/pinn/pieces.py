"""The box, and the pieces into which the trial function is cut."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qdsl.errors import ProblemError
from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.problem import Problem
from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.landscape import FAR, sample
from qdsl.states import Array

ACTION = 16.0
"""Oscillation (in radians) that one piece holds at first: the 64 random Fourier features of frequency
up to 20 that `ritz` draws resolve it to about 1e-6 (measured: box, 5 states in one piece, 15.7 radians,
residual norm 1e-6 of the energy, error of the energy 1e-12)."""

GROWTHS = 200
"""Attempts at the box, each 1.5 times wider where it is too narrow: spans 35 orders of magnitude."""


def choose_pieces(problem: Problem, coefficients: Coefficients, highest: int, action: float) -> Array:
    """Edges of the pieces, shape (pieces + 1,), for states up to quantum number `highest`.

    The domain is cut wherever q, p or w is not smooth; an infinite end is cut where the highest state
    has decayed by exp(-24); what is left is cut into equal shares of the WKB action.
    Raises ProblemError when the potential does not confine that many states.
    """
    edges = box_edges(problem, coefficients, highest)
    for _ in range(2):  # the second round samples each piece, so that narrow features are seen
        landscape = sample(coefficients, edges)
        cuts = landscape.cuts(landscape.level(highest), action)
        if not cuts.size:
            break
        edges = np.unique(np.concatenate([edges, cuts]))
    return edges


def box_edges(problem: Problem, coefficients: Coefficients, highest: int) -> Array:
    """The domain cut at the points where it is not smooth, with infinite ends replaced by finite ones."""
    pieces = smooth_pieces(problem)
    left, right = pieces[0].left, pieces[-1].right
    inner = [piece.left for piece in pieces[1:]]
    if math.isinf(left) or math.isinf(right):
        left, right = _bounded(coefficients, inner, left, right, highest)
    return np.array([left, *(x for x in inner if left < x < right), right])


def _bounded(
    coefficients: Coefficients, inner: Sequence[float], left: float, right: float, highest: int
) -> tuple[float, float]:
    """Grow or trim the infinite ends until the decay action beyond the allowed region is just FAR."""
    known = [x for x in (left, *inner, right) if math.isfinite(x)] or [0.0]
    spread = max(known) - min(known) or 1.0
    low = left if math.isfinite(left) else min(known) - spread
    high = right if math.isfinite(right) else max(known) + spread
    for _ in range(GROWTHS):
        edges = np.array([low, *(x for x in inner if low < x < high), high])
        landscape = sample(coefficients, edges)
        if not np.isfinite(landscape.potential).all():
            break
        energy = landscape.level(highest)
        decay = landscape.decay(energy)
        x, width = landscape.x.ravel(), high - low
        new_low = _end(low, left, x[::-1], decay.right.ravel()[::-1], -width / 2)
        new_high = _end(high, right, x, decay.left.ravel(), width / 2)
        # Trimming by less than a tenth is not worth another round.
        if abs(new_low - low) + abs(new_high - high) <= 0.1 * width:
            return low, high
        low, high = new_low, new_high
    raise ProblemError(
        f"no box found that holds state {highest}: the potential does not confine it",
        hint="a bound state needs V > E towards every infinite end; ask for fewer states",
    )


def _end(now: float, declared: float, outward: Array, decay: Array, growth: float) -> float:
    """Where an end of the box should be: as declared, farther out, or trimmed to the decay FAR."""
    if math.isfinite(declared):
        return declared
    beyond = decay > FAR
    if not beyond[-1]:
        return now + growth
    inside = int(np.flatnonzero(~beyond)[-1])  # the outermost sample that still matters
    return float(outward[min(inside + 1, len(outward) - 1)])
