"""The states at all the points that the checks need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array, States
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.quadrature import Rule, composite, halved
from qdsl.verify.repair import Supports, supports

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
    """All that the checks need to know of the states on `pieces`.

    `supports`: where psi is repaired at the edges; `beside`: p, p', q, w there, (4, edges, supports, points).
    """

    pieces: Array
    fine: Sampled
    coarse: Sampled
    sides: Sides
    supports: Supports
    beside: Array


def look(c: Coefficients, states: States, pieces: Array) -> Look:
    """Evaluate the states on a fine and a coarser rule over `pieces`, and at both sides of the edges.

    Sides are evaluated a little away from the edge and carried there by Taylor's formula.
    """
    inside, near = _inside(pieces), supports(c, (states.edges[0], states.edges[-1]), pieces)
    # two panels a piece are enough for most; their coarse rule, which is that of the pieces, tells
    coarse, fine, x, values = _evaluated(c, halved(pieces), inside, near)
    panels = graded(c, _panels(pieces, coarse, values, float(states.energies.max())))
    if len(panels) > len(fine.x) + 1:
        coarse, fine, x, values = _evaluated(c, panels, inside, near)
    ends = [0, *accumulate((coarse.x.size, fine.x.size, inside.size))]
    groups, x = [slice(*some) for some in pairwise(ends)], x[: ends[-1]]
    (p, dp, q, w), rate, jets = values, _rate(c, pieces, x), _jets(states, x, groups)
    compared, seen = (
        Sampled(rule, p[at], dp[at], q[at], w[at], rate[at], states, jet)
        for rule, at, jet in zip((coarse, fine), groups, jets, strict=False)
    )
    psi, slope, curvature = (_sides(part) for part in (jets[2].psi, jets[2].slope, jets[2].curvature))
    away = pieces[:, None] - _sides(inside)
    bend = curvature * away
    carried = Jet(psi + (slope + 0.5 * bend) * away, slope + bend, curvature)
    beside = values[:, ends[-1] :].reshape(4, *near.x.shape)
    return Look(pieces, seen, compared, Sides(carried, _sides(p[groups[2]])), near, beside)


def _evaluated(
    c: Coefficients, panels: Array, inside: Array, near: Supports
) -> tuple[Rule, Rule, Array, Array]:
    """The coarse and the fine rule, all points, theirs first, and p, p', q and w there, (4, points)."""
    coarse, fine = composite(panels[::2], COMPARED), composite(panels, POINTS)
    x = np.concatenate([coarse.x.ravel(), fine.x.ravel(), inside, near.x.ravel()])
    return coarse, fine, x, np.array([c.p(x), c.slope(x), c.q(x), c.w(x)])


def _inside(pieces: Array) -> Array:
    """Points just inside of both ends of every piece in turn, (2 pieces,): a few units in the last place.

    At the same share of every piece, where that is still little: then they are local points that all pieces
    have in common.
    """
    width, size = pieces[1:] - pieces[:-1], np.abs(pieces)
    share = 16 * EPS * np.maximum(np.maximum(size[:-1], size[1:]) / width, 1.0)
    largest = share.max()
    step = width * (largest if largest < AWAY else share)
    points = pieces.repeat(2)[1:-1]
    points[::2] += step
    points[1::2] -= step
    return points


def _sides(inside: NDArray[Any]) -> NDArray[Any]:
    """From both ends of the pieces in turn, (..., 2 pieces), to the sides of the edges, (..., edges, 2)."""
    every = np.concatenate([inside[..., :1], inside, inside[..., -1:]], axis=-1)
    return every.reshape(*inside.shape[:-1], -1, 2)


def _jets(states: States, x: Array, groups: Sequence[slice]) -> Sequence[Jet | Evaluated]:
    """The states at several groups of points; few of them are evaluated together, which costs less."""
    if x.size * len(states.energies) > MOST:
        return [Evaluated(states, x[at]) for at in groups]
    every = np.asarray(states.psi(x)), np.asarray(states.slope(x)), np.asarray(states.curvature(x))
    return [Jet(*(part[:, at] for part in every)) for at in groups]


def graded(c: Coefficients, panels: Array) -> Array:
    """The panels with ever smaller ones, an even number, towards singular ends: y^(2 s) is no polynomial."""
    more = [panels]
    for end, near in zip(c.singular, (panels[1], panels[-2]), strict=True):
        if end is not None and end.at in (panels[0], panels[-1]):
            more.append(end.at + (near - end.at) * GRADING)
    return np.sort(np.concatenate(more)) if len(more) > 1 else panels


def _panels(pieces: Array, rule: Rule, values: Array, energy: float) -> Array:
    """Every piece cut into an even number of panels that hold at most `PHASE` of the highest state.

    `values` are p, p', q and w first of all at the points of the rule on the pieces, (4, points and more).
    """
    p, _, q, w = values[:, : rule.x.size].reshape(4, *rule.x.shape)
    k = np.sqrt(np.maximum(energy * w - q, 0.0) / p)
    phase = k.max(axis=1) * (pieces[1:] - pieces[:-1])
    if phase.max() <= 2 * PHASE:
        return halved(pieces)
    # the largest wavenumber counts, capped in case a singular potential makes it huge
    phase = np.minimum(phase, 16 * (rule.weights * k).sum(axis=1))
    pairs = np.ceil(np.where(phase < np.inf, phase, 0.0) / (2 * PHASE))
    last = np.zeros(pieces.shape)
    (2 * np.maximum(pairs, 1.0)).cumsum(out=last[1:])
    return np.interp(np.arange(last[-1] + 1), last, pieces)


def _rate(c: Coefficients, pieces: Array, x: Array) -> Array:
    """phi'/phi of `Sampled` at points x (points,)."""
    rate = np.zeros(x.shape)
    for side, end in enumerate(c.singular):
        if end is not None and end.at in (pieces[0], pieces[-1]):
            inside = x < pieces[1] if side == 0 else x > pieces[-2]
            rate[inside] = end.exponent / (x[inside] - end.at)
    return rate
