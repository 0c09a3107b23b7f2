"""Composite Gauss-Legendre quadrature over given edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre

from qdsl.physics.intervals import EPS
from qdsl.states import Array


@lru_cache(maxsize=64)
def gauss(count: int) -> tuple[Array, Array]:
    """Nodes and weights of the `count`-point Gauss-Legendre rule on [-1, 1], each of shape (count,).

    Exact for polynomials of degree 2 count - 1.  The arrays are read-only and shared.

    numpy's weights near the ends are wrong by some 100 units in the last place, which states that live
    there (bound by a Robin end) do show.  With d = -P(x)/P'(x) the rounding error of a node,
    2 / ((1 - x^2) P'^2) at the exact node is (1 - 2 x d / (1 - x^2)) times that at the rounded one.
    """
    nodes, _ = legendre.leggauss(count)
    before, value = np.ones(count), nodes
    for k in range(2, count + 1):  # Clenshaw's scheme would lose digits near the ends
        before, value = value, ((2 * k - 1) * nodes * value - (k - 1) * before) / k
    arc = (1 - nodes) * (1 + nodes)
    slope = count * (before - nodes * value) / arc
    weights = 2 / (arc * slope**2) * (1 + 2 * nodes * value / (slope * arc))
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights


@dataclass(frozen=True)
class Rule:
    """A composite rule: `x` and `weights` of shape (panels, points); every point is strictly inside."""

    x: Array
    weights: Array

    def integral(self, values: Array) -> Array:
        """The integrals of `values`, shape (..., panels * points): shape (...)."""
        return np.asarray(values @ self.weights.ravel())


def composite(edges: Array, count: int) -> Rule:
    """The `count`-point rule on each interval between neighbouring `edges` (increasing)."""
    nodes, weights = gauss(count)
    half = 0.5 * (edges[1:] - edges[:-1])[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return Rule(middle + half * nodes, half * weights)


def merged(*groups: Array | tuple[float, ...], within: tuple[float, float]) -> Array:
    """All points of the groups inside the closed interval `within`, its ends included, sorted.

    Points closer together than rounding (16 units in the last place of the interval) are one point:
    the same singular point computed in two ways must not make a piece of length 1e-16.
    """
    low, high = within
    same = 16 * EPS * max(abs(low), abs(high), high - low)
    edges, before = [low], low
    for point in sorted(np.concatenate(groups).tolist()):
        if low + same < point < high - same:
            if point - before > same:
                edges.append(point)
            before = point
    return np.array([*edges, high])


def halved(edges: Array) -> Array:
    """The edges with the middle of every interval added."""
    fine = np.empty(2 * len(edges) - 1)
    fine[::2] = edges
    fine[1::2] = 0.5 * (edges[1:] + edges[:-1])
    return fine
