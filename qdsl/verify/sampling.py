"""The states at all the points that the checks need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array, States
from qdsl.verify.coefficients import EPS, Coefficients
from qdsl.verify.quadrature import Rule, composite

# Gauss points on each panel of the fine rule, and on two panels together for the comparison.
POINTS = 40
COMPARED = 64
# A panel holds at most this phase of the highest state: 40 points are then 10 per half wave.
PHASE = 4 * math.pi
# Values of states at points that are held at once, where they are only summed: 16 MB.
MOST = 2_000_000
# Share of a piece over which Taylor's formula, of second order for psi, is right to rounding.
AWAY = 1e-9
GRADING = 8.0 ** -np.arange(1, 5)


@dataclass(frozen=True)
class Jet:
    """psi, psi' and psi'' at some points, each of shape (states, points), float64 or complex128."""

    psi: NDArray[Any]
    slope: NDArray[Any]
    curvature: NDArray[Any]


@dataclass(frozen=True)
class Evaluated:
    """The same of `states` at points x (points,), each part evaluated when it is first asked for."""

    states: States
    x: Array

    @cached_property
    def psi(self) -> NDArray[Any]:
        return np.asarray(self.states.psi(self.x))

    @cached_property
    def slope(self) -> NDArray[Any]:
        return np.asarray(self.states.slope(self.x))

    @cached_property
    def curvature(self) -> NDArray[Any]:
        return np.asarray(self.states.curvature(self.x))

    def among(self, some: slice) -> Jet:
        """The values at some of the points."""
        return Jet(self.psi[:, some], self.slope[:, some], self.curvature[:, some])


@dataclass(frozen=True)
class Sampled:
    """A rule, the coefficients at its points (points,), and the states there.

    `rate`: phi'/phi in a piece at a singular end, where psi = phi v (see `singular`), and 0 elsewhere.
    `jet`: the states at all points.  Of many states at many points, take the `parts` one by one.
    """

    rule: Rule
    p: Array
    dp: Array
    q: Array
    w: Array
    rate: Array
    states: States
    jet: Jet | Evaluated

    @cached_property
    def defect(self) -> NDArray[Any]:
        """-(p psi')' + q psi - E w psi at the points, (states, points)."""
        jet = self.jet
        defect = (self.q - self.states.energies[:, None] * self.w) * jet.psi
        defect -= self.p * jet.curvature
        defect -= self.dp * jet.slope
        return defect

    def parts(self) -> Iterator[Sampled]:
        """The same on some panels after the other, so that no more than MOST values are held at once."""
        panels, count = self.rule.x.shape
        few = max(1, MOST // (count * len(self.states.energies)))
        if few >= panels:
            yield self
            return
        for start in range(0, panels, few):
            some = slice(start, start + few)
            at = slice(start * count, (start + few) * count)
            rule = Rule(self.rule.x[some], self.rule.weights[some])
            values = (self.p[at], self.dp[at], self.q[at], self.w[at], self.rate[at])
            yield Sampled(rule, *values, self.states, Evaluated(self.states, rule.x.ravel()))


@dataclass(frozen=True)
class Sides:
    """The states on both sides of every edge: `jet` arrays of shape (states, edges, 2), carried to the edge.

    `p` (edges, 2).  The two outer sides of the box repeat the inner ones.
    """

    jet: Jet
    p: Array


@dataclass(frozen=True)
class Look:
    """All that the checks need to know of the states on `pieces`."""

    pieces: Array
    fine: Sampled
    coarse: Sampled
    sides: Sides


def look(c: Coefficients, states: States, pieces: Array) -> Look:
    """Evaluate the states on a fine and a coarser rule over `pieces`, and at both sides of the edges.

    Sides are evaluated a little away from the edge and carried there by Taylor's formula.
    """
    panels = graded(c, _panels(c, pieces, float(states.energies.max())))
    fine, coarse = composite(panels, POINTS), composite(panels[::2], COMPARED)
    inside = _inside(pieces)
    groups = fine.x.ravel(), coarse.x.ravel(), inside.ravel()
    values, jets = _values(c, groups), _jets(states, groups)
    seen = [
        Sampled(rule, p, dp, q, w, _rate(c, pieces, rule.x.ravel()), states, jet)
        for rule, (p, dp, q, w), jet in zip((fine, coarse), values, jets, strict=False)
    ]
    at_sides = jets[2]
    away = pieces[:, None] - _sides(inside)
    psi, slope, curvature = (
        _sides(part.reshape(len(part), *inside.shape))
        for part in (at_sides.psi, at_sides.slope, at_sides.curvature)
    )
    carried = Jet(psi + slope * away + 0.5 * curvature * away**2, slope + curvature * away, curvature)
    fine_rule, coarse_rule = seen
    return Look(pieces, fine_rule, coarse_rule, Sides(carried, _sides(values[2][0].reshape(inside.shape))))


def _inside(pieces: Array) -> Array:
    """Points just inside of both ends of every piece, (2, pieces): a few units in the last place.

    At the same share of every piece, where that is still little: then they are local points that all pieces
    have in common.
    """
    width, size = np.diff(pieces), np.abs(pieces)
    share = 16 * EPS * np.maximum(np.maximum(size[:-1], size[1:]) / width, 1.0)
    largest = share.max()
    step = width * (largest if largest < AWAY else share)
    return np.stack([pieces[:-1] + step, pieces[1:] - step])


def _sides(inside: NDArray[Any]) -> NDArray[Any]:
    """From left and right ends of the pieces (..., 2, pieces) to the sides of the edges (..., edges, 2)."""
    left, right = inside[..., 0, :], inside[..., 1, :]
    before = np.concatenate([left[..., :1], right], axis=-1)
    return np.stack([before, np.concatenate([left, right[..., -1:]], axis=-1)], axis=-1)


def _values(c: Coefficients, groups: tuple[Array, ...]) -> list[tuple[Array, ...]]:
    """p, p', q and w at several groups of points, evaluated together."""
    x, ends = np.concatenate(groups), np.cumsum([len(x) for x in groups])[:-1]
    return list(zip(*(np.split(f(x), ends) for f in (c.p, c.slope, c.q, c.w)), strict=True))


def _jets(states: States, groups: tuple[Array, ...]) -> Sequence[Jet | Evaluated]:
    """The states at several groups of points; few of them are evaluated together, which costs less."""
    sizes = [len(x) for x in groups]
    if sum(sizes) * len(states.energies) > MOST:
        return [Evaluated(states, x) for x in groups]
    every, ends = Evaluated(states, np.concatenate(groups)), np.cumsum(sizes)
    return [every.among(slice(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


def graded(c: Coefficients, panels: Array) -> Array:
    """The panels with ever smaller ones, an even number, towards singular ends: y^(2 s) is no polynomial."""
    more = [panels]
    for end, near in zip(c.singular, (panels[1], panels[-2]), strict=True):
        if end is not None and end.at in (panels[0], panels[-1]):
            more.append(end.at + (near - end.at) * GRADING)
    return np.sort(np.concatenate(more))


def _panels(c: Coefficients, pieces: Array, energy: float) -> Array:
    """Every piece cut into an even number of panels that hold at most `PHASE` of the highest state."""
    rule = composite(pieces, COMPARED)
    p, q, w = c.at(rule.x)
    k = np.sqrt(np.maximum(energy * w - q, 0.0) / p)
    # the largest wavenumber counts, capped in case a singular potential makes it huge
    phase = np.minimum(k.max(axis=1) * np.diff(pieces), 16 * (rule.weights * k).sum(axis=1))
    counts = 2 * np.maximum(1, np.ceil(np.nan_to_num(phase) / (2 * PHASE)).astype(int))
    first = np.cumsum(counts) - counts
    place = np.arange(counts.sum()) - np.repeat(first, counts)
    inner = np.repeat(pieces[:-1], counts) + place * np.repeat(np.diff(pieces) / counts, counts)
    return np.append(inner, pieces[-1])


def _rate(c: Coefficients, pieces: Array, x: Array) -> Array:
    rate = np.zeros(x.shape)
    for end, inside in zip(c.singular, (x < pieces[1], x > pieces[-2]), strict=True):
        if end is not None and end.at in (pieces[0], pieces[-1]):
            rate[inside] = end.exponent / (x[inside] - end.at)
    return rate
