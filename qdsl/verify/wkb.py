"""Semiclassical integrals: how many oscillations and decay lengths an interval holds.

With the local wavenumber k(x) = sqrt(|E w - q| / p) the action int k dx counts radians of phase where
E w > q and decay lengths where E w < q.  They steer the mesh and the size of the box; no result rests on
their accuracy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients, Function
from qdsl.verify.quadrature import composite
from qdsl.verify.singular import EndSamples, SingularEnd, jacobi


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
    def slowness(self) -> Array:
        """The radians that a point stands for, per root of an energy above its q/w, (elements * points,)."""
        return np.asarray((self.weights * np.sqrt(self.w / self.p)).ravel())

    @cached_property
    def height(self) -> Array:
        """q/w above the `bottom` at the same points."""
        return np.asarray((self.q / self.w).ravel() - self.bottom)

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
        half_wave = (math.pi / float(self.slowness.sum())) ** 2
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
        result = np.empty((len(self.q), self.q.shape[1] + 2), dtype=np.bool)
        result[:, 0], result[:, 1:-1], result[:, -1] = pulls[:-1], energy * self.w > self.q, pulls[1:]
        return result

    def forbidden(self, energy: float) -> Array:
        """The decay lengths at the same places, (elements, points + 2); 0 at the edges."""
        result = np.zeros((len(self.q), self.q.shape[1] + 2))
        result[:, 1:-1] = self.weights * np.sqrt(np.maximum(self.q - energy * self.w, 0.0) / self.p)
        return result


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
    root_w, height, low = samples.slowness, samples.height, samples.bottom
    # A constant potential gives the least energy above the floor: start there and double.
    upper = (phase / float(root_w.sum())) ** 2

    def held(energy: float) -> float:
        return float(root_w @ np.sqrt(np.maximum(energy - height, 0.0)))

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
