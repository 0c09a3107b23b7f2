"""The potential seen by the WKB phase integral: a first guess of energies, box and pieces.

Nothing here decides an answer.  A poor guess costs refinements later, and the certificate comes from
elsewhere; so the samples are many enough to be usually right and few enough to be cheap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from qdsl.pinn.coefficients import Coefficients, double

SAMPLES = 96
"""Samples of each smooth segment, at midpoints."""

FAR = 24.0
"""Decay action int sqrt(q - E) beyond which psi < exp(-24) = 4e-11 of its size at the turning point."""


@dataclass(frozen=True)
class Landscape:
    """Samples of p, q, w on segments: points x and cell widths dx, all of shape (segments, samples)."""

    x: Tensor
    dx: Tensor
    p: Tensor
    q: Tensor
    w: Tensor

    def excess(self, energy: Tensor) -> Tensor:
        """(E w - q) / p: the squared local wavenumber where positive; energies broadcast in front."""
        return (energy[..., None, None] * self.w - self.q) / self.p

    def level(self, number: int) -> float:
        """The energy E with int sqrt((E w - q)+ / p) dx = (number + 1) pi.

        WKB puts level n at n + 1/2 for soft turning points and n + 1 for hard walls; the larger one is
        taken, since a piece that is cut a little too short does no harm.
        """
        low, high = float((self.q / self.w).min()), float((self.q / self.w).max())
        wanted = (number + 1) * math.pi
        length = float((self.dx * torch.sqrt(self.w / self.p)).sum())
        high = max(high, low) + (wanted / length) ** 2
        for _ in range(6):  # each round keeps 1 of 32 intervals: 32^-6 of the range
            energies = torch.linspace(low, high, 33, dtype=torch.float64)
            phase = (self.dx * torch.sqrt(self.excess(energies).clamp(min=0))).sum((-2, -1))
            above = int(torch.searchsorted(phase, wanted).clamp(1, 32))
            low, high = float(energies[above - 1]), float(energies[above])
        return high

    def decay(self, energy: float) -> Decay:
        """Where and how fast a state of this energy decays."""
        excess = self.excess(double(energy))
        action = self.dx * torch.sqrt((-excess).clamp(min=0))
        reached = action.flatten().cumsum(0)
        nowhere = torch.full_like(reached, math.inf)
        allowed = (excess > 0).flatten()
        left = reached - action.flatten() - torch.where(allowed, reached, -nowhere).cummax(0).values
        right = torch.where(allowed, reached, nowhere).flip(0).cummin(0).values.flip(0) - reached
        shape = self.x.shape
        # Inside an allowed region the formulas give small negative or zero distances.
        return Decay(action, left.clamp(min=0).reshape(shape), right.clamp(min=0).reshape(shape))

    def cuts(self, energy: float, action: float) -> Tensor:
        """Where the segments are to be cut so that no piece holds more than `action`.

        Oscillation counts fully, decay counts half (a decaying exponential is easier to represent than
        an oscillation of the same rate), and decay beyond FAR not at all: nothing happens there.  Where
        at least FAR more follows behind that point, it is a cut itself, so that a thin layer at a high
        wall is a piece of its own.
        """
        decay = self.decay(energy)
        near = torch.minimum(decay.left, decay.right)
        oscillation = self.dx * torch.sqrt(self.excess(double(energy)).clamp(min=0))
        load = oscillation + 0.5 * torch.minimum((FAR - near).clamp(min=0), decay.action)
        shares = [_equal_shares(*row, action) for row in zip(self.x, self.dx, load, strict=True)]
        behind = decay.action.sum(1, keepdim=True) - decay.action.cumsum(1)
        before = decay.action.cumsum(1) - decay.action
        layers = [
            self._reach(decay.left, decay.action, behind, 1.0),
            self._reach(decay.right, decay.action, before, -1.0),
        ]
        return torch.cat([*shares, *layers])

    def _reach(self, distance: Tensor, action: Tensor, remaining: Tensor, direction: float) -> Tensor:
        """Points where the decay in one direction reaches FAR, with FAR more remaining in the segment."""
        part = (FAR - distance) / action
        crossing = (part > 0) & (part <= 1) & (remaining + (1 - part) * action > FAR)
        return (self.x + direction * self.dx * (part - 0.5))[crossing]


@dataclass(frozen=True)
class Decay:
    """WKB decay of a state, per sample: all of shape (segments, samples).

    `action`: int sqrt((q - E w)+ / p) over the sample's cell
    `left`, `right`: the same from the near edge of the cell to the nearest allowed region on that side;
    infinite where there is none
    """

    action: Tensor
    left: Tensor
    right: Tensor


def _equal_shares(x: Tensor, dx: Tensor, load: Tensor, action: float) -> Tensor:
    """Interior points that share a segment's load equally between ceil(load / action) pieces."""
    total = float(load.sum())
    pieces = math.ceil(total / action)
    if pieces < 2:
        return x[:0]
    edges = torch.cat([x - dx / 2, (x[-1:] + dx[-1:] / 2)])
    reached = torch.cat([load[:1] * 0, load.cumsum(0)])
    goals = torch.arange(1, pieces, dtype=x.dtype) * (total / pieces)
    cell = torch.searchsorted(reached, goals).clamp(1, len(load)) - 1
    return edges[cell] + dx[cell] * (goals - reached[cell]) / load[cell].clamp(min=1e-300)


def sample(coefficients: Coefficients, edges: Tensor) -> Landscape:
    """Sample the segments between increasing `edges`, shape (segments + 1,)."""
    widths = edges.diff()[:, None] / SAMPLES
    offsets = torch.arange(SAMPLES, dtype=torch.float64) + 0.5
    x = edges[:-1, None] + widths * offsets
    values = coefficients(x)
    return Landscape(x, widths.expand(x.shape), values.p, values.q, values.w)
