"""Functions of the local coordinate t in [-1, 1] with their first two derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Jet:
    """Value, first and second derivative with respect to t; same shape (pieces, points, functions).

    `pieces` is 1 where the functions are the same on every piece.
    """

    value: Tensor
    slope: Tensor
    curvature: Tensor

    def map(self, linear: Callable[[Tensor], Tensor]) -> Jet:
        """Apply a map that is linear, so that it commutes with differentiation."""
        return Jet(linear(self.value), linear(self.slope), linear(self.curvature))

    @property
    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.value, self.slope, self.curvature

    def on(self, pieces: slice) -> Jet:
        """The functions on some pieces alone."""
        return self if self.value.shape[0] == 1 else self.map(lambda part: part[pieces])

    def __sub__(self, other: Jet) -> Jet:
        return Jet(self.value - other.value, self.slope - other.slope, self.curvature - other.curvature)

    @property
    def stacked(self) -> Tensor:
        """Value, slope and curvature one after the other: (pieces, 3 points, functions)."""
        return torch.cat(self.parts, 1)

    def stretched(self, half: Tensor) -> Jet:
        """Derivatives with respect to x on pieces of these half widths (pieces,), instead of t."""
        width = half[:, None, None]
        return Jet(self.value, self.slope / width, self.curvature / width**2)

    @staticmethod
    def joined(parts: tuple[Jet, ...]) -> Jet:
        """Side by side along the functions; a part with one piece is repeated for all."""
        pieces = max(part.value.shape[0] for part in parts)

        def cat(tensors: list[Tensor]) -> Tensor:
            return torch.cat([t.expand(pieces, -1, -1) for t in tensors], dim=-1)

        return Jet(
            cat([p.value for p in parts]), cat([p.slope for p in parts]), cat([p.curvature for p in parts])
        )


def hermite(t: Tensor) -> Jet:
    """The cubic Hermite functions at points t of shape (pieces, points).

    They carry, in this order, the value and the slope d/dt at t = -1 and the value and the slope at
    t = 1: shape (pieces, points, 4).
    """
    square = t * t
    powers = torch.stack([torch.ones_like(t), t, square, square * t], -1)
    return Jet(*(powers @ HERMITE.to(t)).split(4, -1))


HERMITE = 0.25 * torch.tensor(
    [  # value, slope and curvature of the four functions; rows are the powers of t
        [2, 1, 2, -1, -3, -1, 3, -1, 0, -2, 0, 2],
        [-3, -1, 3, -1, 0, -2, 0, 2, 6, 6, -6, 6],
        [0, -1, 0, 1, 3, 3, -3, 3, 0, 0, 0, 0],
        [1, 1, -1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=torch.float64,
)


def end_states(ends: Jet) -> Tensor:
    """(value, slope) at t = -1 and t = 1 of functions evaluated at those two points.

    `ends` has shape (pieces, 2, functions); the result (pieces, 4, functions) is in Hermite's order.
    """
    return torch.stack([ends.value, ends.slope], dim=2).flatten(1, 2)
