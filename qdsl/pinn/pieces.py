"""The pieces into which the box is cut, by equal shares of the WKB action."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qdsl.physics.intervals import EPS
from qdsl.pinn.coefficients import Attraction, Coefficients
from qdsl.pinn.landscape import FAR, Landscape, hard, sample, soft
from qdsl.states import Array

ACTION = 16.0
"""Oscillation (in radians) that one piece holds at first: the 64 random Fourier features of frequency
up to 20 that `ritz` draws resolve it to about 1e-6 (measured: box, 5 states in one piece, 15.7 radians,
residual norm 1e-6 of the energy, error of the energy 1e-12)."""

APART = 1.0
"""Action that every piece holds at least.  Two reasons to cut may name almost the same point, and a
sliver between them would only make the matrices ill-conditioned."""


GRADED = 4.0
"""Ratio of the distances at which the tail of something narrow is cut."""

TAILS = 6
"""Cuts on each side of what is hidden in the middle of a piece: down to 1/4096 of it."""

THIN = 64 * EPS
"""Width of a piece, relative to where it is, that rounding keeps from being halved."""


@dataclass(frozen=True)
class Box:
    """Where the trial function lives: `edges` of its smooth parts, first and last its ends.

    `marks` are points on the way from the well to far ends, between which the potential is sampled
    equally often: so a narrow well is seen in a wide box.
    """

    edges: Array
    marks: Array


def cut(coefficients: Coefficients, box: Box, highest: int, action: float) -> Array:
    """Edges of the pieces, shape (pieces + 1,), for states up to quantum number `highest`.

    The highest state decides how short the pieces are, the lowest one where layers of decay are pieces
    of their own: at its energy walls are highest.
    """
    edges = _with_layers(box.edges, coefficients.attractive)
    for _ in range(2):  # the second round samples each piece, so that narrow features are seen
        landscape = sample(coefficients, edges, box.marks)
        high = landscape.level(hard(highest))
        low = landscape.level(soft(0)) if landscape.deepest_decay > FAR else high
        cuts = _cuts(landscape, edges, low, high, action)
        if not cuts.size:
            break
        edges = np.sort(np.concatenate([edges, cuts]))
    return edges


def cut_at(
    coefficients: Coefficients, edges: Array, box: Box, low: float, high: float, action: float
) -> Array:
    """The pieces cut where states at these energies want it, the lowest and the highest that were found.

    WKB knows nothing of a state that is bound by a well far narrower than its decay length.
    """
    landscape = sample(coefficients, edges, box.marks)
    return np.sort(np.concatenate([edges, _cuts(landscape, edges, low, high, action)]))


def cut_around(edges: Array, places: Array) -> Array:
    """The edges with more around places (places,) where something is too narrow for the pieces.

    Near an end of a piece it is the tail of what lies beyond: the piece is cut at distances from that end
    which grow by GRADED, from that of the place on.  Elsewhere it has a width that is not known, and cuts lie
    on both sides.
    """
    new = np.unique(np.concatenate([_around(edges, float(x)) for x in places] or [np.empty(0)]))
    after = np.clip(np.searchsorted(edges, new), 1, len(edges) - 1)
    new = new[np.minimum(new - edges[after - 1], edges[after] - new) > THIN * np.abs(new)]
    apart = np.diff(new, prepend=-np.inf) > THIN * np.abs(new)
    return np.sort(np.concatenate([edges, new[apart]]))


def _around(edges: Array, x: float) -> Array:
    """The cuts for one place; some may lie outside of its piece."""
    after = min(max(int(np.searchsorted(edges, x)), 1), len(edges) - 1)
    left, right = float(edges[after - 1]), float(edges[after])
    width, end = right - left, left if x - left < right - x else right
    near = max(abs(x - end), THIN * max(abs(left), abs(right)))
    if near < width / GRADED:
        count = math.ceil(math.log(width / near, GRADED))
        return np.asarray(end + math.copysign(width, x - end) / GRADED ** np.arange(1, count + 1))
    distance = width / GRADED ** np.arange(1, TAILS + 1)
    return np.concatenate([x - distance, x + distance])


def _cuts(landscape: Landscape, edges: Array, low: float, high: float, action: float) -> Array:
    """Equal shares of the action at the highest energy, and layers of decay at the lowest one."""
    cuts = landscape.shares(high, action)
    if landscape.deepest_decay > FAR:
        cuts = np.sort(np.concatenate([cuts, landscape.layers(low)]))
    return _apart(cuts, edges, *landscape.action_along((high, low))) if cuts.size else cuts


def _with_layers(edges: Array, attractive: tuple[Attraction, ...]) -> Array:
    """The layer around a strong point interaction, in which its state dies out, as pieces of their own.

    No sample of q tells of it, and a piece far wider than the layer would not see the state at all.
    """
    for point in attractive:
        for side in (-1, 1):
            at = point.at + side * FAR / point.rate
            if edges[0] < at < edges[-1]:
                after = int(np.searchsorted(edges, at))
                width = edges[after] - edges[after - 1]
                if np.abs(edges - at).min() > 1e-6 * width:
                    edges = np.insert(edges, after, at)
    return edges


def _apart(cuts: Array, edges: Array, x: Array, action: Array) -> Array:
    """The cuts that are further than APART, in units of `action` at `x`, from edges and other cuts."""
    fixed = np.interp(edges, x, action)
    kept: list[float] = []
    last = -np.inf
    for cut_at, place in zip(cuts.tolist(), np.interp(cuts, x, action).tolist(), strict=True):
        if min(place - last, np.abs(fixed - place).min()) > APART:
            kept.append(cut_at)
            last = place
    return np.array(kept)
