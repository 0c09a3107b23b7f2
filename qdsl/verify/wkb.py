"""Semiclassical integrals: how many oscillations and decay lengths an interval holds.

With the local wavenumber k(x) = sqrt(|E w - q| / p) the action int k dx counts radians of phase where
E w > q and decay lengths where E w < q.  They steer the mesh and the size of the box; no result rests on
their accuracy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients, Function
from qdsl.verify.quadrature import composite
from qdsl.verify.singular import EndSamples, SingularEnd, jacobi

# psi^2 falls by exp(-2 D) over D decay lengths; exp(-2 * 18) is the rounding unit 2e-16.
ROUNDING_DECAY = 18.0
# Beyond twice that, psi itself is below rounding in every product that is formed: nothing to resolve.
DEAD_DECAY = 2 * ROUNDING_DECAY


@dataclass(frozen=True)
class Samples:
    """p, q, w at Gauss points of the elements between `edges`; arrays of shape (elements, points).

    `strengths` (edges,): point terms of the quadratic form, see `Coefficients.strengths`.
    `fixed`: at which ends of the mesh psi = 0; at the others the quadratic form alone says what holds.
    `phase`: psi at the right end is exp(i phase) times psi at the left; None for separated ends.
    `ends`: the Gauss-Jacobi samples of an element at a singular end; its row of `q` is then the potential
    without its singular part.  `smooth`: p, q, w, multiplied there by the power of y that makes them so.
    `powers`: with which power of the distance psi grows from each fixed or singular end, at least.
    """

    edges: Array
    x: Array
    weights: Array
    p: Array
    q: Array
    w: Array
    smooth: tuple[Array, Array, Array]
    strengths: Array
    fixed: tuple[bool, bool] = (True, True)
    phase: float | None = None
    ends: tuple[EndSamples | None, EndSamples | None] = (None, None)
    powers: tuple[float, float] = (1.0, 1.0)

    @cached_property
    def bottom(self) -> float:
        """min q/w, up to the sampling."""
        ends = [float((end.q / end.w).min()) for end in self.ends if end]
        return min(float((self.q / self.w).min()), *ends, math.inf)

    @cached_property
    def floor(self) -> float:
        """No eigenvalue lies below it (up to the sampling).

        That is min q/w if no point attracts.  Attraction by G in all lowers it: for every c in an
        interval of length L and every t > 0

            |psi(c)|^2 <= t int |psi'|^2 + (1/t + 1/L) int |psi|^2,

        so with t = p_min/G the kinetic energy pays for the attraction and G (G/p_min + 1/L) int |psi|^2 is
        left (Reed and Simon II, theorem X.19, for point interactions).  Where psi need not vanish at an
        end, a constant reaches min q/w itself: the energy of a half wave in the mesh is taken off as well.
        """
        pull = -float(np.minimum(self.strengths, 0.0).sum())
        length = float(self.edges[-1] - self.edges[0])
        half_wave = (math.pi / float((self.weights * np.sqrt(self.w / self.p)).sum())) ** 2
        room = 0.0 if all(self.fixed) else half_wave
        lowered = pull * (pull / float(self.p.min()) + 1 / length) / float(self.w.min())
        return self.bottom - lowered - room

    def wavenumber(self, energy: float) -> Array:
        """The signed k: positive where the energy allows motion, negative where it forbids it."""
        kinetic = (energy * self.w - self.q) / self.p
        return np.copysign(np.sqrt(np.abs(kinetic)), kinetic)

    def kinetic(self, energy: float) -> float:
        """The mean of E w - q over the classically allowed region: the scale of kinetic energies.

        Where only points attract, nothing else is allowed, and psi falls off from them: then the least
        q - E w, which is p times the square of the rate.
        """
        kinetic = energy * self.w - self.q
        weights = self.weights * (kinetic > 0)
        length = float(weights.sum())
        return float((weights * kinetic).sum()) / length if length else float(-kinetic.max())

    def allowed_length(self, energy: float) -> float:
        """The length of the classically allowed region; if there is none, of two decays from a point."""
        kinetic = energy * self.w - self.q
        length = float((self.weights * (kinetic > 0)).sum())
        whole = float(self.edges[-1] - self.edges[0])
        if length or not kinetic.max() < 0:
            return length or whole
        return min(whole, 2 / float(np.sqrt(-kinetic / self.p).min()))

    def sources(self, energy: float) -> NDArray[np.bool]:
        """Where psi may be large: (elements, points + 2), each element with its two edges.

        Those are the classically allowed points, and the edges at which a point attracts.
        """
        pulls = self.strengths < 0
        return np.column_stack([pulls[:-1], energy * self.w > self.q, pulls[1:]])

    def forbidden(self, energy: float) -> Array:
        """The decay lengths at the same places, (elements, points + 2); 0 at the edges."""
        lengths = self.weights * np.maximum(-self.wavenumber(energy), 0.0)
        return np.pad(lengths, ((0, 0), (1, 1)))


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


def sample(coefficients: Coefficients, edges: Array, count: int) -> Samples:
    """The coefficients at the Gauss points of a mesh."""
    rule = composite(edges, count)
    ends = zip((edges[0], edges[-1]), coefficients.domain, coefficients.ratios, strict=True)
    left, right = (coefficients.phase is None and (at != end or ratio is None) for at, end, ratio in ends)
    p, q, w = coefficients.at(rule.x)
    strengths, smooth = coefficients.strengths(edges), (p.copy(), q.copy(), w.copy())
    found: list[EndSamples | None] = [None, None]
    for side, end in enumerate(coefficients.singular):
        rest = coefficients.remainders[side]
        if end is None or rest is None or edges[-side] != end.at:
            continue
        found[side] = special = _end_samples(coefficients, end, rest, edges, count)
        strengths[1 if side == 0 else -2] += special.strength
        row = -side
        q[row] = rest(rule.x[row])
        factor = (end.distance(rule.x[row]) / abs(edges[1 if side == 0 else -2] - end.at)) ** (1 - end.order)
        for part, values in zip(smooth, (p, q, w), strict=True):
            part[row] = values[row] * factor
    return Samples(
        edges,
        rule.x,
        rule.weights,
        p,
        q,
        w,
        smooth,
        strengths,
        fixed=(left and found[0] is None, right and found[1] is None),
        phase=coefficients.phase,
        ends=(found[0], found[1]),
        powers=coefficients.powers,
    )


def _end_samples(c: Coefficients, end: SingularEnd, rest: Function, edges: Array, count: int) -> EndSamples:
    """See `singular`."""
    near = edges[1] if end.direction > 0 else edges[-2]
    length = abs(float(near) - end.at)
    t, weights = jacobi(count, end.weight)
    x = end.at + end.direction * length * t
    factor = t ** (1 - end.order)
    strength = float(c.p(np.array([near]))[0]) * end.exponent / length
    return EndSamples(
        end, length, length * weights, c.p(x) * factor, rest(x) * factor, c.w(x) * factor, strength
    )


def energy_of_phase(samples: Samples, phase: float) -> float:
    """The energy at which the allowed region holds `phase` radians (about pi (n + 1/2) for state n).

    Up to 1 percent of the phase: this only steers the mesh.
    """
    root_w = (samples.weights * np.sqrt(samples.w / samples.p)).ravel()
    low = samples.bottom
    ratio = (samples.q / samples.w).ravel() - low
    # A constant potential gives the least energy above the floor: start there and double.
    upper = (phase / float(root_w.sum())) ** 2

    def held(energy: float) -> float:
        return float(root_w @ np.sqrt(np.maximum(energy - ratio, 0.0)))

    lower, least, most = 0.0, 0.0, held(upper)
    while most < phase and math.isfinite(upper):
        lower, least = upper, most
        upper *= 2
        most = held(upper)
    # The phase is nearly a power of the energy; a middle now and then, should it be none.
    while most > 1.01 * phase and upper - lower > 1e-15 * upper:
        middle = 0.5 * (lower + upper)
        if 0.5 * phase < least:
            middle = lower * (upper / lower) ** (math.log(1.005 * phase / least) / math.log(most / least))
        between = held(middle)
        if between < phase:
            lower, least = middle, between
        else:
            upper, most = middle, between
    return low + upper


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
