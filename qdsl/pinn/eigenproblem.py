"""Rayleigh-Ritz over the trial function: the matrices of the quadratic forms, and their eigenpairs.

With local functions phi on a piece of half width h (derivatives in t),

    K = int p phi'_i phi'_j / h + h q phi_i phi_j dt,    M = int h w phi_i phi_j dt,

by Gauss quadrature split at the pieces, and K z = E M z over the unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass

import scipy.linalg
import torch
from torch import Tensor

from qdsl.pinn.jets import Jet
from qdsl.pinn.loss import Collocation
from qdsl.pinn.trial import Trial


@dataclass(frozen=True)
class LocalMatrices:
    """K and M of every piece, in the unknowns that feed it: (pieces, 4 + bubbles, 4 + bubbles)."""

    stiffness: Tensor
    mass: Tensor


def assemble(trial: Trial, basis: Jet, at: Collocation) -> LocalMatrices:
    """The local matrices of a trial function from its basis at the collocation points."""
    half = trial.half[:, None]
    values = at.values
    stiffness = _gram(basis.slope, at.weight * values.p / half**2)
    stiffness = stiffness + _gram(basis.value, at.weight * values.q)
    mass = _gram(basis.value, at.weight * values.w)
    return LocalMatrices(_to_unknowns(stiffness, trial), _to_unknowns(mass, trial))


def _gram(functions: Tensor, weight: Tensor) -> Tensor:
    return (functions.mT * weight[:, None, :]) @ functions


def _to_unknowns(matrix: Tensor, trial: Trial) -> Tensor:
    """Replace the end states of the pieces by the unknowns at the nodes, on both sides."""
    transform = trial.joints.transform
    rows = torch.cat([transform.mT @ matrix[:, :4], matrix[:, 4:]], 1)
    return torch.cat([rows[..., :4] @ transform, rows[..., 4:]], 2)


def lowest(trial: Trial, matrices: LocalMatrices, count: int) -> tuple[Tensor, Tensor]:
    """The `count` lowest Ritz values (count,) and their unknowns (unknowns, count), M-orthonormal.

    `trial` may have fewer bubbles than the matrices: it then spans the subspace of the leading ones.
    """
    size = 4 + trial.bubbles.count
    stiffness = _gather(trial, matrices.stiffness[:, :size, :size])
    mass = _gather(trial, matrices.mass[:, :size, :size])
    count = min(count, trial.unknowns)
    energies, vectors = scipy.linalg.eigh(
        stiffness.numpy(),
        mass.numpy(),
        subset_by_index=(0, count - 1),
        overwrite_a=True,
        overwrite_b=True,
        check_finite=False,
    )
    return torch.from_numpy(energies), torch.from_numpy(vectors)


def _gather(trial: Trial, local: Tensor) -> Tensor:
    """Sum local matrices into the global one; row and column `unknowns` collect what is absent."""
    size = trial.unknowns + 1
    index = trial.index
    place = (index[:, :, None] * size + index[:, None, :]).flatten()
    total = local.new_zeros(size * size).index_add_(0, place, local.flatten())
    return total.reshape(size, size)[:-1, :-1]


def largest_ratio(matrices: LocalMatrices) -> Tensor:
    """The largest |K_ii| / M_ii over the bubbles: the scale of the largest Ritz value."""
    stiffness = matrices.stiffness.diagonal(dim1=1, dim2=2)[:, 4:].abs()
    mass = matrices.mass.diagonal(dim1=1, dim2=2)[:, 4:]
    return (stiffness / mass).max()
