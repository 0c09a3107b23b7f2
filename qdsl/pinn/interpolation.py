"""The torch row of interpolants: the formulas of `qdsl.physics.interpolant`, open to autograd."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import torch
from torch import Tensor

from qdsl.physics.interpolant import CHUNK, Samples
from qdsl.pinn.operations import Operation


@lru_cache(maxsize=64)
def interpolation(samples: Samples, order: int) -> Operation:
    """The order-th derivative of an interpolant as a function of tensors; nan outside of its interval."""
    arrays = [torch.from_numpy(array) for array in samples.arrays]

    def row(points: Tensor) -> Tensor:
        nodes, values, weights = (array.to(points) for array in arrays)
        flat = points.reshape(-1)
        parts = torch.split(flat, max(1, CHUNK // len(nodes)))
        return torch.cat([_chunk(nodes, values, weights, order, x) for x in parts]).reshape(points.shape)

    return row


def _chunk(nodes: Tensor, values: Tensor, weights: Tensor, order: int, x: Tensor) -> Tensor:
    """The nearest node is taken out of the sums, so that neither they nor their gradients are singular."""
    here = x.detach()
    right = torch.searchsorted(nodes, here.contiguous()).clamp(1, len(nodes) - 1)
    nearest = torch.where(here - nodes[right - 1] <= nodes[right] - here, right - 1, right)
    others = torch.arange(len(nodes), device=x.device)[None, :] != nearest[:, None]
    t = x - nodes[nearest]
    distance = torch.where(others, x[:, None] - nodes[None, :], torch.ones_like(x)[:, None])
    terms = torch.where(others, weights[None, :] / distance, torch.zeros_like(distance))
    rise = values[None, :] - values[nearest][:, None]
    a, b = [], []
    for m in range(order + 1):
        a.append((terms * rise).sum(dim=1))
        b.append(terms.sum(dim=1))
        terms = terms * (-(m + 1) / distance)
    numerator = [t * a[0], *(t * a[m] + m * a[m - 1] for m in range(1, order + 1))]
    denominator = [weights[nearest] + t * b[0], *(t * b[m] + m * b[m - 1] for m in range(1, order + 1))]
    quotient: list[Tensor] = []
    for m in range(order + 1):
        rest = sum(
            (comb(m, i) * denominator[i] * quotient[m - i] for i in range(1, m + 1)), torch.zeros_like(t)
        )
        quotient.append((numerator[m] - rest) / denominator[0])
    result = quotient[order] + values[nearest] if order == 0 else quotient[order]
    slack = 1e-12 * (nodes[-1] - nodes[0])
    inside = (here >= nodes[0] - slack) & (here <= nodes[-1] + slack)
    return torch.where(inside, result, torch.full_like(result, float("nan")))
