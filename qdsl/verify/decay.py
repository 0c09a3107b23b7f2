"""Decay lengths: how far psi has died out in each element of a mesh, and at its ends.

They rest on the semiclassical integrals of `qdsl.verify.wkb` and steer the mesh and the box, as these do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.wkb import Samples

# psi^2 falls by exp(-2 D) over D decay lengths; exp(-2 * 18) is the rounding unit 2e-16.
ROUNDING_DECAY = 18.0
# Beyond twice that, psi itself is below rounding in every product that is formed: nothing to resolve.
DEAD_DECAY = 2 * ROUNDING_DECAY


@dataclass(frozen=True, eq=False)
class Decay:
    """Decay lengths of one energy between the edges of a mesh and the nearest source (`Samples.sources`).

    Worked out when they are asked for: most elements of most meshes only need `total` and `phase`.
    """

    samples: Samples
    energy: float

    @cached_property
    def wavenumber(self) -> Array:
        return self.samples.wavenumber(self.energy)

    @cached_property
    def _pieces(self) -> Array:
        return np.asarray(self.samples.weights * np.abs(self.wavenumber))

    @cached_property
    def total(self) -> Array:
        """The action in each element, (elements,)."""
        return np.asarray(self._pieces.sum(axis=1))

    @cached_property
    def phase(self) -> Array:
        """The largest allowed wavenumber in each element times its length, in radians, (elements,)."""
        phase = np.maximum(self.wavenumber.max(axis=1), 0.0) * np.diff(self.samples.edges)
        for side, end in enumerate(self.samples.ends):
            if end is not None:  # k may be infinite at the end itself, and v knows nothing of it
                phase[-side] = 0.0
        return np.asarray(phase)

    @cached_property
    def action(self) -> Array:
        """The cumulated action in each element, from 0 to its total, (elements, points + 2).

        At its left edge, its Gauss points and its right edge; the midpoint of each weight stands for its
        point.
        """
        action = np.zeros((len(self.total), self._pieces.shape[1] + 2))
        action[:, 1:-1] = np.cumsum(self._pieces, axis=1) - 0.5 * self._pieces
        action[:, -1] = self.total
        return action

    @cached_property
    def allowed(self) -> NDArray[np.bool]:
        """Whether each element holds a part of the allowed region, (elements,)."""
        return np.asarray((self.wavenumber > 0).any(axis=1))

    @cached_property
    def _places(self) -> tuple[NDArray[np.bool], Array]:
        return self.samples.sources(self.energy), self.samples.forbidden(self.energy)

    @cached_property
    def from_left(self) -> Array:
        """Decay lengths between each element's left edge and the sources to its left; inf without any."""
        return _distance(*self._places)

    @cached_property
    def from_right(self) -> Array:
        """The same on the right."""
        sources, forbidden = self._places
        return _distance(sources[::-1, ::-1], forbidden[::-1, ::-1])[::-1]

    @cached_property
    def depth(self) -> Array:
        """Decay lengths from the allowed region to the nearer end of each element; 0 where it is allowed."""
        if self.allowed.all():
            return np.zeros(self.allowed.shape)
        return np.where(self.allowed, 0.0, np.minimum(self.from_left, self.from_right))


def end_decay(samples: Samples, energy: float) -> tuple[float, float]:
    """Decay lengths between the outermost allowed (or attracting) points and the two ends of the mesh."""
    forbidden = samples.forbidden(energy).ravel()
    allowed = np.flatnonzero(samples.sources(energy))
    if not allowed.size:
        return math.inf, math.inf
    return float(forbidden[: allowed[0]].sum()), float(forbidden[allowed[-1] :].sum())


def _distance(sources: NDArray[np.bool], forbidden: Array) -> Array:
    """Decay lengths from each element's left edge back to the nearest source on its left."""
    elements, points = sources.shape
    travelled = np.concatenate([[0.0], np.cumsum(forbidden.ravel())])
    # travelled[i] is the decay before point i; at a source the count starts again.
    start = np.where(sources.ravel(), travelled[1:], -np.inf)
    last = np.concatenate([[-np.inf], np.maximum.accumulate(start)])
    return np.asarray((travelled - last)[1 : elements * points : points])  # behind the left edge itself


def calmed(samples: Samples, energy: float) -> Samples:
    """The same with dead walls lowered, so that r^-12 inside one element does not ruin its matrices.

    Only elements `DEAD_DECAY` behind the allowed region are touched, and what is left of the wall still
    holds a hundred decay lengths in each of them.
    """
    width = np.diff(samples.edges)[:, None]
    high = energy * samples.w + samples.p * (100 / width) ** 2
    above = samples.q > high
    if not above.any():
        return samples
    dead = (Decay(samples, energy).depth >= DEAD_DECAY)[:, None]
    return replace(samples, q=np.where(dead & above, high, samples.q))
