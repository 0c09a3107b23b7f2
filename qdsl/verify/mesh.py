"""The reference solver's own mesh: elements that resolve the potential and the wave."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.coefficients import EPS, Coefficients
from qdsl.verify.quadrature import gauss
from qdsl.verify.wkb import DEAD_DECAY, Decay, Samples, decay, sample

# Shares of the energy scale that an unresolved part of the potential may move an energy by.
RESOLVED = 1e-12
# More elements than this are not made; the two resolutions then tell how much is missing.
MOST_ELEMENTS = 20_000
ROUNDS = 60


@dataclass(frozen=True)
class Span:
    """The lowest and the highest wanted energy, or an idea of them."""

    lowest: float
    highest: float


def build(
    coefficients: Coefficients, edges: Array, guess: Callable[[Samples], Span], limit: float, count: int
) -> tuple[Samples, Span]:
    """Cut the elements between `edges` until each of them is easy for the wanted energies.

    `guess` tells the energies from the samples of a mesh; what it says of the last one is returned.

    An element is cut

    - where it holds more than `limit` of action (radians or decay lengths), at equal shares of it, or
      more phase than that at its largest wavenumber.  D decay lengths away from every allowed region
      psi carries a factor exp(-D): the limit is `limit` + D there, and nothing is cut from `DEAD_DECAY` on;
    - in halves where the Legendre coefficients of the potential do not fall off (see `_unresolved`):
      a jump that the symbolic analysis did not report is closed in, down to the size where rounding
      would cost more than the jump, and `unresolved` states what is left.
    """
    if all(coefficients.singular) and len(edges) == 2:  # one singular end an element
        edges = np.array([edges[0], 0.5 * (edges[0] + edges[1]), edges[1]])
    for _ in range(ROUNDS):
        samples = sample(coefficients, edges, count)
        span = guess(samples)
        decays = [decay(samples, energy) for energy in (span.lowest, span.highest)]
        shift, worth = _unresolved(samples, span, decays[1], coefficients.varies)
        halve = (shift > RESOLVED * samples.kinetic(span.highest)) & worth
        extra = [_shares(samples, d, limit) for d in decays]
        middle = 0.5 * (edges[1:] + edges[:-1])
        most = np.stack([[len(points) for points in shares] for shares in extra]).argmax(axis=0)
        new = [
            extra[best][i] if extra[best][i] else [middle[i]] if halve[i] else []
            for i, best in enumerate(most)
        ]
        added = np.array([x for points in new for x in points])
        if not added.size or len(edges) + added.size > MOST_ELEMENTS:
            break
        edges = np.sort(np.concatenate([edges, added]))
    return samples, span


def unresolved(samples: Samples, span: Span, varies: bool) -> float:
    """How far the parts of the potential that the mesh does not resolve may move an energy."""
    shift, _ = _unresolved(samples, span, decay(samples, span.highest), varies)
    allowed = RESOLVED * samples.kinetic(span.highest)
    return float(shift[shift > allowed].sum())


def _shares(samples: Samples, one: Decay, limit: float) -> list[list[float]]:
    """New edges inside each element, at multiples of the action that an element may hold."""
    load = np.maximum(one.total, one.phase)
    limits = limit + one.depth
    busy = (load > limits) & (one.depth < DEAD_DECAY)
    result: list[list[float]] = [[] for _ in busy]
    for i in np.flatnonzero(busy):
        total = float(one.total[i])
        left, right = DEAD_DECAY - one.from_left[i], DEAD_DECAY - one.from_right[i]
        if one.allowed[i] or max(left, 0.0) + max(right, 0.0) >= total:
            parts = math.ceil(load[i] / limits[i])
            parts = parts if parts < 64 else 2  # too much to trust the samples: halve and look again
            marks = total * np.arange(1, parts) / parts
        else:  # forbidden and thick: resolve the decay from each side, leave the dead middle alone
            near = _marks(limit, one.from_left[i])
            far = total - _marks(limit, one.from_right[i])
            marks = np.concatenate([near, far])
            marks = marks[(marks > 0) & (marks < total)]
        x = np.concatenate([[samples.edges[i]], samples.x[i], [samples.edges[i + 1]]])
        points = np.interp(marks, one.action[i], x)
        gap = 64 * EPS * max(abs(x[0]), abs(x[-1]), x[-1] - x[0])
        result[i] = [float(v) for v in np.unique(points) if x[0] + gap < v < x[-1] - gap]
    return result


def _marks(limit: float, start: float) -> Array:
    """Shares of the decay from an edge that lies `start` decay lengths inside the forbidden region."""
    marks, depth = [0.0], start
    while depth < DEAD_DECAY:
        marks.append(marks[-1] + 0.9 * (limit + depth))
        depth = start + marks[-1]
    return np.array(marks[1:])


def _unresolved(samples: Samples, span: Span, one: Decay, varies: bool) -> tuple[Array, NDArray[np.bool]]:
    """How far each element's unresolved potential may move an energy, and whether halving it would pay.

    Let t be the sum of the last third of the potential's Legendre coefficients on an element of length
    h.  A wave spread over the allowed length L has psi^2 <= 2/L, times exp(-2 D) behind D decay
    lengths, and times (k d)^2 at a distance d < 1/k from an end where psi = 0, (k d)^(2 s) where it
    grows like d^s (the wall of a singular end such as 1/x^2).  So t moves an energy by about 2 t h / L
    times these.  Halving pays as long as this is more than 4 eps p / (h L), the rounding that an element
    of half the length adds to the stiffness matrix.
    """
    count = samples.x.shape[1]
    projection = _tail_projection(count)
    width = np.diff(samples.edges)
    length = samples.allowed_length(span.highest)
    p, q, w = samples.smooth
    tail = np.abs(q @ projection).sum(axis=1)
    # a coefficient of degree k is (k + 1/2) sum w q P_k, so rounding of q gives at most (k + 1/2) eps |q|
    unit = EPS * sum(_tail_degrees(count) + 0.5)
    noise = unit * np.abs(q).max(axis=1)
    if varies:  # p |psi'|^2 and E w psi^2 are both at most of the size of the kinetic scale
        scale = samples.kinetic(span.highest)
        # psi' = flux / p, and it is the flux that is smooth; where p vanishes, at a singular end, psi' is too
        inverse = 1 / p
        for side, end in zip((0, -1), samples.ends, strict=True):
            if end is not None:
                inverse[side] = 1.0
        for part in (p, inverse):
            tail += scale * np.abs((part / part.mean(axis=1, keepdims=True)) @ projection).sum(axis=1)
        tail += abs(span.highest) * np.abs(w @ projection).sum(axis=1)
        noise += unit * (scale + abs(span.highest) * w.max(axis=1))
    tail[tail <= noise] = 0.0
    small = np.exp(-2 * np.minimum(one.depth, 300.0))
    distances = samples.edges[1:] - samples.edges[0], samples.edges[-1] - samples.edges[:-1]
    for side, (distance, power) in enumerate(zip(distances, samples.powers, strict=True)):
        if samples.fixed[side] or samples.ends[side] is not None:
            rise = samples.kinetic(span.highest) / samples.p.mean(axis=1) * distance**2
            small *= np.minimum(rise, 1.0) ** power
    shift = 2 * tail * width * small / length
    return shift, shift > 4 * EPS * samples.p.max(axis=1) / (width * length)


@lru_cache(maxsize=8)
def _tail_projection(count: int) -> Array:
    """Values at the Gauss points -> the last third of the Legendre coefficients, (points, third)."""
    nodes, weights = gauss(count)
    degrees = _tail_degrees(count)
    values = legendre.legvander(nodes, count - 1)[:, degrees]
    return np.asarray(weights[:, None] * values * (degrees + 0.5))


def _tail_degrees(count: int) -> NDArray[np.int64]:
    return np.arange(2 * count // 3, count)
