"""The potential seen by the WKB phase integral: a first guess of energies, box and pieces.

Nothing here decides an answer.  A poor guess costs refinements later, and the certificate comes from
elsewhere; so the samples are many enough to be usually right and few enough to be cheap.  Plain numpy:
the arrays are small, and a torch call costs several numpy ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from qdsl.pinn.coefficients import Coefficients
from qdsl.states import Array

SAMPLES = 96
"""Samples of each smooth segment, at midpoints."""

FAR = 24.0
"""Decay action int sqrt(q - E) beyond which psi < exp(-24) = 4e-11 of its size at the turning point."""

DECAY_SHARE = 0.35
"""How much decay counts against oscillation when pieces are cut.  Tuned on the canonical problems (see
tests/bench/speed.py): less, and double wells and Morse wells need a second round of pieces; more, and
pieces are cut that need not be."""

CLOSE = 0.01
"""Relative accuracy, above the bottom of the well, to which a WKB level is worth knowing."""


@dataclass(frozen=True)
class Decay:
    """WKB decay of a state, per sample: all of shape (segments, samples).

    `action`: int sqrt((q - E w)+ / p) over the sample's cell
    `left`, `right`: the same from the near edge of the cell to the nearest allowed region on that side;
    infinite where there is none
    """

    action: Array
    left: Array
    right: Array


@dataclass(frozen=True)
class Landscape:
    """Samples of q/p and w/p on segments: points x, all of shape (segments, samples); cell widths dx of
    shape (segments, 1)."""

    x: Array
    dx: Array
    potential: Array
    weight: Array

    def level(self, number: int) -> float:
        """The energy E with int sqrt((E w - q)+ / p) dx = (number + 1) pi.

        WKB puts level n at n + 1/2 for soft turning points and n + 1 for hard walls; the larger one is
        taken, since a piece that is cut a little too short does no harm.
        """
        weight, potential = self.weight.ravel(), self.potential.ravel()
        dx = np.broadcast_to(self.dx, self.x.shape).ravel()
        local = potential / weight
        bottom, high = float(local.min()), float(local.max())
        wanted = (number + 1) * math.pi
        high = max(high, bottom) + (wanted / float(dx @ np.sqrt(weight))) ** 2
        low = bottom
        while high - low > CLOSE * (high - bottom):
            energies = np.linspace(low, high, 17)
            phase = np.sqrt(np.maximum(energies[:, None] * weight - potential, 0.0)) @ dx
            above = int(np.clip(np.searchsorted(phase, wanted), 1, 16))
            low, high = float(energies[above - 1]), float(energies[above])
        return high

    def decay(self, energy: float) -> Decay:
        """Where and how fast a state of this energy decays."""
        excess = energy * self.weight - self.potential
        action = self.dx * np.sqrt(np.maximum(-excess, 0.0))
        own = action.ravel()
        reached = own.cumsum()
        allowed = (excess > 0).ravel()
        left = reached - own - np.maximum.accumulate(np.where(allowed, reached, -np.inf))
        right = np.minimum.accumulate(np.where(allowed, reached, np.inf)[::-1])[::-1] - reached
        shape = self.x.shape
        # Inside an allowed region the formulas give small negative or zero distances.
        return Decay(action, left.clip(min=0).reshape(shape), right.clip(min=0).reshape(shape))

    def cuts(self, energy: float, action: float) -> Array:
        """Where the segments are to be cut so that no piece holds more than `action`.

        Oscillation counts fully, decay counts DECAY_SHARE, and decay beyond FAR not at all: nothing
        happens there.  Where at least FAR more follows behind that point, it is a cut itself, so that a
        thin layer at a high wall is a piece of its own.
        """
        decay = self.decay(energy)
        near = np.minimum(decay.left, decay.right)
        oscillation = self.dx * np.sqrt(np.maximum(energy * self.weight - self.potential, 0.0))
        load = oscillation + DECAY_SHARE * np.minimum((FAR - near).clip(min=0), decay.action)
        shares = [_equal_shares(*row, action) for row in zip(self.x, self.dx[:, 0], load, strict=True)]
        before = decay.action.cumsum(1) - decay.action
        behind = decay.action.sum(1, keepdims=True) - before - decay.action
        layers = [
            self._reach(decay.left, decay.action, behind, 1.0),
            self._reach(decay.right, decay.action, before, -1.0),
        ]
        return np.concatenate([*shares, *layers])

    def _reach(self, distance: Array, action: Array, remaining: Array, direction: float) -> Array:
        """Points where the decay in one direction reaches FAR, with FAR more remaining in the segment."""
        beyond = distance + action - FAR
        crossing = (distance < FAR) & (beyond >= 0) & (remaining + beyond > FAR)
        if not crossing.any():
            return np.empty(0)
        part = (FAR - distance[crossing]) / action[crossing]
        width = np.broadcast_to(self.dx, self.x.shape)[crossing]
        reached: Array = self.x[crossing] + direction * width * (part - 0.5)
        return reached


def _equal_shares(x: Array, dx: float, load: Array, action: float) -> Array:
    """Interior points that share a segment's load equally between ceil(load / action) pieces."""
    reached = load.cumsum()
    pieces = math.ceil(reached[-1] / action)
    if pieces < 2:
        return np.empty(0)
    goals = np.arange(1, pieces) * (reached[-1] / pieces)
    edges = x[0] - dx / 2 + dx * np.arange(len(x) + 1)
    inner: Array = np.interp(goals, np.append(0.0, reached), edges)
    return inner


def sample(coefficients: Coefficients, edges: Array) -> Landscape:
    """Sample the segments between increasing `edges`, shape (segments + 1,)."""
    widths = np.diff(edges)[:, None] / SAMPLES
    x = edges[:-1, None] + widths * (np.arange(SAMPLES) + 0.5)
    values = coefficients(torch.from_numpy(x))
    p = values.p.numpy()
    return Landscape(x, widths, values.q.numpy() / p, values.w.numpy() / p)
