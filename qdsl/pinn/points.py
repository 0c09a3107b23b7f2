"""Collocation points: where the differential equation is asked to hold, and with what weight."""

from __future__ import annotations

import torch
from torch import Tensor

from qdsl.physics.training import Gauss, Points, RandomPoints, Sobol, Uniform
from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.loss import Collocation
from qdsl.pinn.trial import Trial, gauss

Rows = list[tuple[Tensor, Tensor]]
"""One (t, weight) pair a piece, each (points,), on [-1, 1]."""


def collocation_points(points: Points, trial: Trial, coefficients: Coefficients, seed: int) -> Collocation:
    """The points that a `train` block names, on the pieces of a trial function.

    Rows are padded to equal length with points of weight 0 in the middle of the piece.
    """
    rows = local_points(points, trial.half.tolist(), seed)
    longest = max(len(t) for t, _ in rows)
    t = torch.stack([torch.nn.functional.pad(t, (0, longest - len(t))) for t, _ in rows])
    weight = torch.stack([torch.nn.functional.pad(w, (0, longest - len(w))) for _, w in rows])
    return Collocation(t, weight * trial.half[:, None], coefficients.on_pieces(trial.points(t)))


def local_points(points: Points, lengths: list[float], seed: int) -> Rows:
    """Local points and weights on pieces of the given lengths."""
    if isinstance(points, Gauss):
        rule = gauss(points.count)
        return [(rule.t, rule.weight)] * len(lengths)
    counts = _shares(points.count, lengths)
    match points:
        case Uniform():
            return [_equal_weights((2 * torch.arange(n) + 1) / n - 1) for n in counts]
        case RandomPoints():
            generator = torch.Generator().manual_seed(seed)
            return [_equal_weights(2 * torch.rand(n, generator=generator) - 1) for n in counts]
        case Sobol():
            engines = (
                torch.quasirandom.SobolEngine(1, scramble=True, seed=seed + i) for i, _ in enumerate(counts)
            )
            draws = (engine.draw(n)[:, 0] for engine, n in zip(engines, counts, strict=True))
            return [_equal_weights(2 * draw - 1) for draw in draws]


def _equal_weights(t: Tensor) -> tuple[Tensor, Tensor]:
    return t.double(), torch.full((len(t),), 2 / len(t), dtype=torch.float64)


def _shares(count: int, lengths: list[float]) -> list[int]:
    """`count` points shared out by length, at least two a piece."""
    total = sum(lengths)
    return [max(2, round(count * length / total)) for length in lengths]
