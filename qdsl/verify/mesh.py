"""The reference solver's own mesh: elements that resolve the potential and the wave."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.decay import DEAD_DECAY, Decay
from qdsl.verify.quadrature import gauss
from qdsl.verify.wkb import Samples, sample

# Shares of the energy scale that an unresolved part of the potential may move an energy by.
RESOLVED = 1e-12
# More elements than this are not made; the two resolutions then tell how much is missing.
MOST_ELEMENTS = 20_000
ROUNDS = 60
# Relative difference up to which two meshes know the same potential.
SAME = 1e-10


@dataclass(frozen=True)
class Span:
    """The lowest and the highest wanted energy, or an idea of them."""

    lowest: float
    highest: float


@dataclass(frozen=True, eq=False)
class Mesh:
    """What `build` made: the coefficients on its elements, and the energies that they are good for.

    `unresolved`: how far what is left of the potential unresolved may move an energy.
    """

    samples: Samples
    span: Span
    unresolved: float


def build(
    coefficients: Coefficients, edges: Array, guess: Callable[[Samples], Span], limit: float, count: int
) -> Mesh:
    """Cut the elements between `edges` until each of them is easy for the wanted energies.

    `guess` tells the energies from the samples of a mesh.

    An element is cut

    - where it holds more than `limit` of action (radians or decay lengths), at equal shares of it, or
      more phase than that at its largest wavenumber.  D decay lengths away from every allowed region
      psi carries a factor exp(-D): the limit is `limit` + D there, and nothing is cut from `DEAD_DECAY` on;
    - in halves where the Legendre coefficients of the potential do not fall off (see `_unresolved`):
      a jump that the symbolic analysis did not report is closed in, down to the size where rounding
      would cost more than the jump, and `Mesh.unresolved` states what is left.
    """
    if all(coefficients.singular) and len(edges) == 2:  # one singular end an element
        edges = np.array([edges[0], 0.5 * (edges[0] + edges[1]), edges[1]])
    for _ in range(ROUNDS):
        samples = sample(coefficients, edges, count)
        span = guess(samples)
        decays = [Decay(samples, energy) for energy in (span.lowest, span.highest)]
        shift, worth = _unresolved(samples, decays[1], coefficients)
        added = _cuts(samples, decays, limit, worth)
        if not added or len(edges) + len(added) > MOST_ELEMENTS:
            break
        edges = np.sort(np.concatenate([edges, added]))
    return Mesh(samples, span, float(shift.sum()))


def resolved(coefficients: Coefficients, samples: Samples, energy: float) -> bool:
    """Whether no element need be halved."""
    return not _unresolved(samples, Decay(samples, energy), coefficients)[0].any()


def knows(mesh: Samples, seen: Samples, energy: float) -> bool:
    """Whether the polynomials of the potential on a mesh agree with what another one has `seen` of it."""
    count = mesh.x.shape[1]
    x = seen.x.ravel()
    row = np.searchsorted(mesh.edges[1:-1], x)
    left, right = mesh.edges[row], mesh.edges[row + 1]
    values = legendre.legvander((2 * x - left - right) / (right - left), count - 1)
    q = (values * (mesh.q @ _projection(count))[row]).sum(axis=1)
    kinetic = np.abs(energy * seen.w - seen.q).ravel()
    return bool((np.abs(q - seen.q.ravel()) <= SAME * (mesh.kinetic(energy) + kinetic)).all())


def _cuts(samples: Samples, decays: list[Decay], limit: float, halve: NDArray[np.bool]) -> list[float]:
    """New edges: of the energies' shares the more numerous ones, and the middles of those to `halve`."""
    shares = [_shares(samples, one, limit) for one in decays]
    result = []
    for i in sorted({*shares[0], *shares[1], *np.flatnonzero(halve).tolist()}):
        most = max((one.get(i, []) for one in shares), key=len)
        if not most and halve[i]:
            most = [0.5 * float(samples.edges[i] + samples.edges[i + 1])]
        result += most
    return result


def _shares(samples: Samples, one: Decay, limit: float) -> dict[int, list[float]]:
    """New edges inside the elements that hold too much, at multiples of the action that one may hold."""
    load = np.maximum(one.total, one.phase)
    if not (load > limit).any():
        return {}
    limits = limit + one.depth
    busy = (load > limits) & (one.depth < DEAD_DECAY)
    result: dict[int, list[float]] = {}
    for i in np.flatnonzero(busy).tolist():
        total = float(one.total[i])
        if one.allowed[i] or _alive(one.from_left[i]) + _alive(one.from_right[i]) >= total:
            parts = math.ceil(load[i] / limits[i])
            parts = parts if parts < 64 else 2  # too much to trust the samples: halve and look again
            marks = total * np.arange(1, parts) / parts
        else:  # forbidden and thick: resolve the decay from each side, leave the dead middle alone
            near = _marks(limit, one.from_left[i])
            far = total - _marks(limit, one.from_right[i])
            marks = np.concatenate([near, far])
            marks = marks[(marks > 0) & (marks < total)]
        left, right = float(samples.edges[i]), float(samples.edges[i + 1])
        points = np.interp(marks, one.action[i], np.array([left, *samples.x[i], right])).tolist()
        gap = 64 * EPS * max(abs(left), abs(right), right - left)
        result[i] = sorted({at for at in points if left + gap < at < right - gap})
    return result


def _alive(start: float) -> float:
    """How much of the decay from an edge matters that lies `start` decay lengths from the allowed region."""
    return max(DEAD_DECAY - start, 0.0)


def _marks(limit: float, start: float) -> Array:
    """Shares of the decay from an edge that lies `start` decay lengths inside the forbidden region."""
    marks, depth = [0.0], start
    while depth < DEAD_DECAY:
        marks.append(marks[-1] + 0.9 * (limit + depth))
        depth = start + marks[-1]
    return np.array(marks[1:])


def _unresolved(samples: Samples, one: Decay, c: Coefficients) -> tuple[Array, NDArray[np.bool]]:
    """How far the part of the potential that an element does not resolve may move an energy, (elements,).

    And whether halving it would pay.  What is less than `RESOLVED` of the kinetic scale counts as 0.

    Let t be the sum of the last third of the potential's Legendre coefficients on an element of length
    h.  A wave spread over the allowed length L has psi^2 <= 2/L, times exp(-2 D) behind D decay
    lengths, and times (k d)^2 at a distance d < 1/k from an end where psi = 0, (k d)^(2 s) where it
    grows like d^s (the wall of a singular end such as 1/x^2).  So t moves an energy by about 2 t h / L
    times these.  Halving pays as long as this is more than 4 eps p / (h L), the rounding that an element
    of half the length adds to the stiffness matrix.  What may hide between the points and an edge is added
    to t, see `_hidden`.
    """
    projection, rounding = _tail(samples.x.shape[1])
    p, q, w = samples.smooth
    tail, hidden = np.abs(q @ projection).sum(axis=1), _hidden(samples, q, c)
    noise = rounding * np.abs(q).max(axis=1)
    if c.varies:  # p |psi'|^2 and E w psi^2 are both at most of the size of the kinetic scale
        scale = samples.kinetic(one.energy)
        # psi' = flux / p, and it is the flux that is smooth; where p vanishes, at a singular end, psi' is too
        inverse = 1 / p
        for side, end in zip((0, -1), samples.ends, strict=True):
            if end is not None:
                inverse[side] = 1.0
        for part in (p, inverse):
            tail += scale * np.abs((part / part.mean(axis=1, keepdims=True)) @ projection).sum(axis=1)
        tail += abs(one.energy) * np.abs(w @ projection).sum(axis=1)
        least = np.minimum(p[1:].min(axis=1), p[:-1].min(axis=1))
        hidden += scale * _hidden(samples, p, c) / least + abs(one.energy) * _hidden(samples, w, c)
        noise += rounding * (scale + abs(one.energy) * w.max(axis=1))
    tail[tail <= noise] = 0.0
    if not (tail.any() or hidden.any()):
        return tail, tail > 0
    width = np.diff(samples.edges)
    length, kinetic = samples.allowed_length(one.energy), samples.kinetic(one.energy)
    small = np.exp(-2 * np.minimum(one.depth, 300.0))
    distances = samples.edges[1:] - samples.edges[0], samples.edges[-1] - samples.edges[:-1]
    for side, (distance, power) in enumerate(zip(distances, samples.powers, strict=True)):
        if samples.fixed[side] or samples.ends[side] is not None:
            rise = kinetic / samples.p.mean(axis=1) * distance**2
            small *= np.minimum(rise, 1.0) ** power
    unit = 2 * width / length
    shift = tail * small * unit
    shift[~(shift > RESOLVED * kinetic)] = 0.0
    # Neighbours of what is to be halved yet may be smooth themselves.
    hidden[(shift[1:] > 0) | (shift[:-1] > 0)] = 0.0
    if hidden.any():
        hidden *= np.minimum(small[1:], small[:-1])
        shift += np.maximum(np.append(hidden, 0.0), np.append(0.0, hidden)) * unit
        shift[~(shift > RESOLVED * kinetic)] = 0.0
    return shift, shift > 4 * EPS * samples.p.max(axis=1) / (width * length)


def _hidden(samples: Samples, values: Array, c: Coefficients) -> Array:
    """What neighbouring elements disagree by at their common edge, per the room for it, (elements - 1,).

    A jump between the outermost Gauss point of an element and its edge is seen by no coefficient; the
    polynomials through the points on both sides then differ at the edge by all of it.  It changes the
    potential over no more than that distance.
    """
    at_edges, rounding = _extrapolation(values.shape[1])
    sides = values @ at_edges
    gap = np.abs(sides[1:, 0] - sides[:-1, 1])
    size = np.abs(values).max(axis=1)
    gap[gap <= rounding * (size[1:] + size[:-1])] = 0.0
    for row, end in zip((0, -1), samples.ends, strict=True):
        if end is not None and gap.size:  # what is smooth there is not what is smooth next to it
            gap[row] = 0.0
    if gap.any():
        gap[(samples.edges[1:-1, None] == np.array(c.cuts)).any(axis=1)] = 0.0
    return np.asarray(0.5 * (1 + float(gauss(values.shape[1])[0][0])) * gap)


@lru_cache(maxsize=8)
def _extrapolation(count: int) -> tuple[Array, float]:
    """Values at the Gauss points -> their polynomial at -1 and 1, (points, 2), and its rounding error."""
    ends = legendre.legvander(np.array([-1.0, 1.0]), count - 1).T
    return _projection(count) @ ends, EPS * count**2 / 2


@lru_cache(maxsize=8)
def _tail(count: int) -> tuple[Array, float]:
    """Values at the Gauss points -> the last third of the Legendre coefficients, (points, third).

    And what rounding makes of their sum: a coefficient of degree k is (k + 1/2) sum w q P_k, so rounding of
    q gives at most (k + 1/2) eps |q|.
    """
    first = 2 * count // 3
    projection = np.ascontiguousarray(_projection(count)[:, first:])
    return projection, EPS * (count**2 - first**2) / 2


@lru_cache(maxsize=8)
def _projection(count: int) -> Array:
    """Values at the Gauss points -> Legendre coefficients, (points, degrees)."""
    nodes, weights = gauss(count)
    return np.asarray(weights[:, None] * legendre.legvander(nodes, count - 1) * (np.arange(count) + 0.5))
