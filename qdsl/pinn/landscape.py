"""The potential seen by the WKB phase integral: a first guess of energies, box and pieces.

Nothing here decides an answer.  A poor guess costs refinements later, and the certificate comes from
elsewhere; so the samples are many enough to be usually right and few enough to be cheap.  Plain numpy:
the arrays are small, and a torch call costs several numpy ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.pinn.coefficients import Coefficients
from qdsl.states import Array

SAMPLES = 96
"""Samples between neighbouring edges, at midpoints."""

MARKED = 24
"""Samples between neighbouring edges or marks, where there are marks."""

FAR = 24.0
"""Decay action int sqrt(q - E) beyond which psi < exp(-24) = 4e-11 of its size at the turning point."""

DECAY_SHARE = 0.35
"""How much decay counts against oscillation when pieces are cut.  Tuned on the canonical problems (see
tests/bench/speed.py): less, and double wells and Morse wells need a second round of pieces; more, and
pieces are cut that need not be."""

NEAR = 1e-9
"""Levels nearer to the top of the samples than this share of the depth are not told apart from it."""

CLOSE = 0.01
"""Relative accuracy, above the bottom of the well, to which a WKB level is worth knowing."""


@dataclass(frozen=True)
class Decay:
    """WKB decay of a state, per sample: all of shape (samples,).

    `action`: int sqrt((q - E w)+ / p) over the sample's cell
    `left`, `right`: the same from the near edge of the cell to the nearest allowed region on that side;
    infinite where there is none
    """

    action: Array
    left: Array
    right: Array


def hard(number: int) -> float:
    """The phase of level `number` between hard walls: no other level of that number lies higher."""
    return (number + 1) * math.pi


def soft(number: int) -> float:
    """The phase of level `number` between soft turning points: its lowest estimate."""
    return (number + 0.5) * math.pi


@dataclass(frozen=True)
class Landscape:
    """Samples x, widths of their cells dx, q/p and w/p there: all of shape (samples,), x increasing.

    `starts` are the first samples of the segments, the runs between given edges, which are cut one by one.
    `held` (samples,): next to a point interaction or a Robin end that pulls, so that a state may sit there.
    """

    x: Array
    dx: Array
    potential: Array
    weight: Array
    starts: NDArray[np.int64]
    held: NDArray[np.bool]

    def level(self, phase: float) -> float:
        """The energy E with int sqrt((E w - q)+ / p) dx = phase.

        WKB puts level n at a phase of (n + 1/2) pi between soft turning points, and of (n + 1) pi between
        hard walls.
        """
        local = self.potential / self.weight
        bottom, top = float(local.min()), float(local.max())
        low, high = bottom, max(top, bottom) + (phase / float(self.dx @ np.sqrt(self.weight))) ** 2
        missing, excess = -phase, max(self._phase(high) - phase, 0.0)
        width, moved, steps = math.inf, 0, 0
        while True:
            # Below the top it counts how far: a level of -1/r is shallow beside the depth of a sample.
            below = max(abs(top - high), NEAR * (high - bottom))
            # With the bottom at 20 and the level 1e-30 above it, rounding is all that is left to resolve.
            near = CLOSE * min(high - bottom, below) + 4 * EPS * abs(high)
            if high - low <= near:
                return high
            at = high - (high - low) * excess / (excess - missing)
            if steps % 3 == 0:  # three steps should do what one halving does
                at, width = (at if high - low <= 0.5 * width else 0.5 * (low + high)), high - low
            margin = 0.45 * min(near, high - low)
            at = min(max(at, low + margin), high - margin)
            found, steps = self._phase(at) - phase, steps + 1
            # An end that stays pulls less (the Illinois rule; Dowell and Jarratt, BIT 11 (1971) 168).
            if found >= 0:
                missing *= 0.5 if moved > 0 else 1.0
                high, excess, moved = at, found, 1
            else:
                excess *= 0.5 if moved < 0 else 1.0
                low, missing, moved = at, found, -1

    def _phase(self, energy: float) -> float:
        """int sqrt((E w - q)+ / p) dx."""
        return float(np.sqrt(np.maximum(energy * self.weight - self.potential, 0.0)) @ self.dx)

    @cached_property
    def deepest_decay(self) -> float:
        """int sqrt((q - min q) / p) dx: no state has more decay action than that."""
        local = self.potential - self.weight * float((self.potential / self.weight).min())
        return float(self.dx @ np.sqrt(np.maximum(local, 0.0)))

    def decay(self, energy: float) -> Decay:
        """Where and how fast a state of this energy decays."""
        excess = energy * self.weight - self.potential
        action = self.dx * np.sqrt(np.maximum(-excess, 0.0))
        reached = action.cumsum()
        allowed = (excess > 0) | self.held
        left = reached - action - np.maximum.accumulate(np.where(allowed, reached, -np.inf))
        right = np.minimum.accumulate(np.where(allowed, reached, np.inf)[::-1])[::-1] - reached
        # Inside an allowed region the formulas give small negative or zero distances.
        return Decay(action, np.maximum(left, 0.0), np.maximum(right, 0.0))

    def action_along(self, energies: tuple[float, ...]) -> tuple[Array, Array]:
        """Ends x of the cells, and int sqrt(|E w - q| / p) up to them, the largest of all energies."""
        rate = np.max([np.abs(energy * self.weight - self.potential) for energy in energies], axis=0)
        reached = np.append(0.0, (self.dx * np.sqrt(rate)).cumsum())
        return np.append(self.x[0] - self.dx[0] / 2, self.x + self.dx / 2), reached

    def shares(self, energy: float, action: float) -> Array:
        """Where the segments are to be cut so that no piece holds more than `action` at this energy.

        Oscillation counts fully, decay counts DECAY_SHARE, and decay beyond FAR not at all: nothing
        happens there.
        """
        decay = self.decay(energy)
        near = np.minimum(decay.left, decay.right)
        oscillation = self.dx * np.sqrt(np.maximum(energy * self.weight - self.potential, 0.0))
        load = oscillation + DECAY_SHARE * np.minimum(np.maximum(FAR - near, 0.0), decay.action)
        wholes = np.add.reduceat(load, self.starts)
        heavy = np.flatnonzero(wholes > action)
        if not heavy.size:
            return np.empty(0)
        ends = np.append(self.starts[1:], len(load))
        segments = [slice(self.starts[i], ends[i]) for i in heavy]
        return np.concatenate([self._equal_shares(segment, load, action) for segment in segments])

    def _equal_shares(self, segment: slice, load: Array, action: float) -> Array:
        """Interior points that share a segment's load equally between ceil(load / action) pieces."""
        reached = load[segment].cumsum()
        pieces = math.ceil(reached[-1] / action)
        goals = np.arange(1, pieces) * (reached[-1] / pieces)
        ends = self.x[segment] + self.dx[segment] / 2
        start = self.x[segment][0] - self.dx[segment][0] / 2
        inner: Array = np.interp(goals, np.append(0.0, reached), np.append(start, ends))
        return inner

    def layers(self, energy: float) -> Array:
        """Where the decay of a state reaches FAR, with at least FAR more behind in the same segment.

        Cut there, the thin layer at a high wall is a piece of its own.
        """
        decay = self.decay(energy)
        reached = decay.action.cumsum()
        first, last = self.starts, np.append(self.starts[1:], len(reached)) - 1
        size = last - first + 1
        before = reached - decay.action - np.repeat(reached[first] - decay.action[first], size)
        behind = np.repeat(reached[last], size) - reached
        return np.concatenate(
            [
                self._reach(decay.left, decay.action, behind, 1.0),
                self._reach(decay.right, decay.action, before, -1.0),
            ]
        )

    def _reach(self, distance: Array, action: Array, remaining: Array, direction: float) -> Array:
        """Points where the decay in one direction reaches FAR, with FAR more remaining in the segment."""
        beyond = distance + action - FAR
        crossing = (distance < FAR) & (beyond >= 0) & (remaining + beyond > FAR)
        if not crossing.any():
            return np.empty(0)
        part = (FAR - distance[crossing]) / action[crossing]
        reached: Array = self.x[crossing] + direction * self.dx[crossing] * (part - 0.5)
        return reached


def sample(coefficients: Coefficients, edges: Array, marks: Array) -> Landscape:
    """Sample the segments between increasing `edges`.

    `marks` are points at which the samples change their density, without being edges: SAMPLES lie
    between neighbouring edges or, where there are marks, MARKED between neighbouring edges or marks.
    """
    ends, count = edges, SAMPLES
    if marks.size:
        ends, count = np.sort(np.concatenate([edges, marks])), MARKED
        ends = ends[np.append(True, ends[1:] > ends[:-1])]
    widths = np.diff(ends)[:, None] / count
    x = ends[:-1, None] + widths * (np.arange(count) + 0.5)
    p, q, w = coefficients.sampled(x)
    dx = np.broadcast_to(widths, x.shape).ravel()
    held = np.zeros(x.size, dtype=bool)
    for point in coefficients.attractive:
        held |= np.abs(x.ravel() - point.at) <= 0.75 * dx
    return Landscape(
        x.ravel(),
        dx,
        (q / p).ravel(),
        (w / p).ravel(),
        count * np.searchsorted(ends, edges[:-1]),
        held,
    )
