"""How far Ritz values can be from eigenvalues: residual^2 / gap, with clusters taken together."""

from __future__ import annotations

import math

import numpy as np

from qdsl.states import Array

CLUSTER = 12
"""States taken together at most: wells in a row make clusters of that many members."""


def quadratic_errors(energies: Array, residuals_squared: Array) -> Array:
    """Estimated errors of increasing Ritz values, shape (states,), from squared residual norms.

    A Ritz value in a cluster j..k that is separated by a gap from the others has an error of at most
    sum_{j..k} r^2 / gap (Parlett, The Symmetric Eigenvalue Problem, theorem 11.7.1, with the Ritz
    values of the neighbours in place of the eigenvalues: an estimate, not a proof).  For each state the
    cluster is grown towards the nearer neighbour, up to CLUSTER members, and the smallest estimate
    counts; for a near-degenerate pair it is that of the pair.
    The last state only serves as a neighbour: its own upper gap is not known, and its estimate infinite.
    """
    levels = [-math.inf, *energies.tolist()]
    squares = [0.0, *residuals_squared.tolist()]
    errors = [_error(levels, squares, i) for i in range(1, len(levels))]
    return np.array(errors)


def _error(levels: list[float], squares: list[float], state: int) -> float:
    first = last = state
    best = math.inf
    while last < len(levels) - 1 and last - first < CLUSTER:
        below, above = levels[first] - levels[first - 1], levels[last + 1] - levels[last]
        gap = min(below, above)
        if gap > 0:
            best = min(best, sum(squares[first : last + 1]) / gap)
        if below < above:
            first -= 1
        else:
            last += 1
    return best
