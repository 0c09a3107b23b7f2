"""The local functions at places where they were asked for before.

A rule stands at the same places in every piece but for rounding of x, in one problem after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qdsl.pinn.coefficients import double
from qdsl.pinn.trial import Bubbles
from qdsl.states import Array

MOST_KEPT = 2000
"""Points a piece beyond which nothing is kept: 3 MB with 70 functions."""

DIGITS = 9
"""Decimals of t by which places are found again."""

ORDERS = -np.arange(3.0)[:, None]
"""Powers of the half width that derivatives in x have beside those in t."""


@dataclass(frozen=True)
class Places:
    """Local points t (points,), and Hermite functions and pinned features there, (functions, 3 points).

    First their values, then slopes, then curvatures.  `combination` (features, bubbles) makes bubbles of
    features.
    """

    t: Array
    functions: Array
    combination: Array

    def combined(self, local: Array, half: Array) -> Array:
        """Sums with coefficients `local` (pieces, 4 + bubbles, states) on pieces of half widths (pieces,).

        With derivatives in x: (3, states, pieces, points).  As in `Bubbles.expanded` the coefficients are
        combined, and not the features.
        """
        pieces, count, states = local.shape
        rows = local.transpose(0, 2, 1).reshape(pieces * states, count)
        expanded = np.concatenate([rows[:, :4], rows[:, 4:] @ self.combination.T], axis=1)
        sums = (expanded @ self.functions).reshape(pieces, states, 3, len(self.t))
        sums *= half[:, None, None, None] ** ORDERS
        return sums.transpose(2, 1, 0, 3)


def places_of(bubbles: Bubbles, t: Array, rounding: Array) -> tuple[Places, NDArray[np.bool] | None]:
    """Places for points t (pieces, points), each row known to its `rounding` (pieces,).

    With a mask (points,) of those that are not the same on all pieces, which the places do not serve, or None
    where they serve all.
    """
    allowed, nearest = 2 * rounding[:, None], t[rounding.argmin()]
    kept = _kept((bubbles, nearest.round(DIGITS).tobytes()))
    for places in kept:
        if (np.abs(t - places.t) <= allowed).all():
            return places, None
    functions = bubbles.functions(double(nearest)[None])[0].numpy()
    kept[:] = [Places(nearest, np.ascontiguousarray(functions.T), bubbles.combination[0].numpy())]
    differs = (np.abs(t - nearest) > allowed).any(axis=0)
    return kept[0], differs if differs.any() else None


@lru_cache(maxsize=32)
def _kept(_near: tuple[Bubbles, bytes]) -> list[Places]:
    """What is kept of some bubbles near some points: nothing yet, or the places of who asked last."""
    return []
