"""`lm`: Levenberg-Marquardt on the residual vector, moving the hidden layers too.

The step is Gauss-Newton in everything: the networks (one a piece), the unknowns of the trial function
and the energies, against the weighted residual at every collocation point.  Of the step only the move of
the hidden layers is kept; unknowns and energies are solved anew by Rayleigh-Ritz over the moved features
(variable projection: Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)).  So the states stay
orthonormal and ordered, and the residual cannot be made small by sliding to another state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import Fit, collocate
from qdsl.pinn.loss import Collocation, residual, residual_squared
from qdsl.pinn.network import Network
from qdsl.pinn.trial import Bubbles, Trial, orthonormal_bubbles

POINTS = 72
"""Gauss points a piece at which the residual is made small."""

CHUNK = 128
"""Equations differentiated at once: bounds the memory of the Jacobian."""

GAIN = 1e-3
"""A step that lowers the residual norm by a smaller part than this is the last."""

REFUSALS = 5
"""Steps refused in a row, each damped ten times more, before the polish is over."""

DAMPING = 1e-3
"""First damping, relative to the squared column norms of the Jacobian."""


@dataclass(frozen=True)
class Point:
    """Where the iteration stands: a trial function, its states, and their residual norm over all."""

    trial: Trial
    unknowns: Tensor
    energies: Tensor
    residual: float


def polish(
    fit: Fit,
    coefficients: Coefficients,
    numbers: tuple[int, ...],
    steps: int,
    progress: Callable[[str, float], None],
) -> Fit:
    """Lower the residual of a fit by at most `steps` Levenberg-Marquardt steps.

    A step is refused when it does not lower the residual norm, or moves an energy by more than that
    norm allows.  The outcome is never worse than the start.
    """
    at = collocate(fit.trial, coefficients, POINTS)
    start = _measured(fit.trial, fit.unknowns, fit.energies, at)
    here = start
    damping, refused = DAMPING, 0
    for step in range(steps):
        progress("lm", step / steps)
        if refused == 0:
            value, jacobian = _linearise(here, at)
        network = _moved(_one_a_piece(here.trial), value, jacobian, damping)
        there = _projected(replace(here.trial, bubbles=orthonormal_bubbles(network)), numbers, at)
        moved = (there.energies - here.energies).abs().max()
        if not there.residual < here.residual or bool(moved > here.residual):
            damping, refused = 10 * damping, refused + 1
            if refused > REFUSALS:
                break
            continue
        gain = 1 - there.residual / here.residual
        here, damping, refused = there, damping / 10, 0
        if gain < GAIN:
            break
    if here is start:
        return fit
    # What the start said of itself no longer holds, and the certificate will judge.
    return Fit(here.trial, here.unknowns, here.energies)


def _measured(trial: Trial, unknowns: Tensor, energies: Tensor, at: Collocation) -> Point:
    states = trial.combine(trial.basis(at.t), trial.local(unknowns))
    squared = residual_squared(states, energies, at).sum()
    return Point(trial, unknowns, energies, float(torch.sqrt(squared)))


def _projected(trial: Trial, numbers: tuple[int, ...], at: Collocation) -> Point:
    """The wanted states by Rayleigh-Ritz over the features of a trial function."""
    energies, unknowns = assemble(trial, trial.basis(at.t), at).lowest(max(numbers) + 1)
    wanted = list(numbers)
    return _measured(trial, torch.from_numpy(unknowns[:, wanted]), torch.from_numpy(energies[wanted]), at)


def _linearise(point: Point, at: Collocation) -> tuple[Tensor, Tensor]:
    """The residual vector and its Jacobian by (networks, unknowns, energies), by reverse differentiation.

    Shapes (equations,) and (equations, weights + unknowns + energies), the networks first.
    """
    trial = point.trial
    network = _one_a_piece(trial)
    here = (*network.parameters, point.unknowns, point.energies)
    root = torch.sqrt(at.weight / at.values.w)[..., None]

    def equations(*parts: Tensor) -> Tensor:
        *weights, unknowns, energies = parts
        bubbles = Bubbles(network.with_parameters(tuple(weights)), trial.bubbles.combination)
        moved = replace(trial, bubbles=bubbles)
        states = moved.combine(moved.basis(at.t), moved.local(unknowns))
        return (root * residual(states, energies, at.values)).flatten()

    # Reverse mode: torch's forward mode imports a compiler, which takes longer than the whole polish.
    columns = torch.func.jacrev(equations, argnums=tuple(range(len(here))), chunk_size=CHUNK)(*here)
    return equations(*here), torch.cat([column.flatten(1) for column in columns], 1)


def _moved(network: Network, value: Tensor, jacobian: Tensor, damping: float) -> Network:
    """The network after min |J d + r|^2 + damping |D d|^2, D the column norms (Marquardt's scaling)."""
    scale = jacobian.norm(dim=0)
    scale = torch.where(scale > 0, scale, 1.0)
    size = jacobian.shape[1]
    matrix = torch.cat([jacobian / scale, damping**0.5 * torch.eye(size, dtype=value.dtype)])
    right = torch.cat([-value, value.new_zeros(size)])
    move = torch.linalg.lstsq(matrix, right[:, None], driver="gels").solution[:, 0] / scale
    sizes = [p.numel() for p in network.parameters]
    parts = zip(network.parameters, move[: sum(sizes)].split(sizes), strict=True)
    return network.with_parameters(tuple(p + d.reshape(p.shape) for p, d in parts))


def _one_a_piece(trial: Trial) -> Network:
    """The trial function's network, with weights of its own for every piece."""
    network, pieces = trial.bubbles.network, len(trial.edges) - 1
    return network.with_parameters(tuple(p.expand(pieces, -1, -1).clone() for p in network.parameters))
