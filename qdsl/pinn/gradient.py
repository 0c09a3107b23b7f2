"""`gradient`: the physics-informed neural network of arXiv:2504.05367, trained by gradient descent.

Trained are the networks (one a piece), the unknowns of the trial function, and the energies when they
are trainable; first by Adam, then by L-BFGS.  Boundary and interface conditions need no training: the
trial function satisfies them.  Wanted states share the hidden layers, and each is kept orthogonal to the
lower ones by a loss term.  Which state each of them becomes is decided where it starts (see `starts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from qdsl.physics.problem import Problem
from qdsl.physics.training import Adam, Energy, FixedEnergy, Lbfgs, Optimizer, TrainableEnergy
from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.device import moved
from qdsl.pinn.eigenproblem import assemble, spacing
from qdsl.pinn.fit import JUDGE, Fit, collocate
from qdsl.pinn.loss import Collocation, kinetic_energy, overlaps, residual_squared, squared_norm
from qdsl.pinn.network import Network
from qdsl.pinn.points import collocation_points
from qdsl.pinn.starts import first_fit, normalised
from qdsl.pinn.trial import Bubbles, Trial

Progress = Callable[[str, float], None]
"""Told the name of the stage and the part of it that is done, from 0 to 1."""

INDEPENDENT = 0.1
"""Least eigenvalue of the matrix of overlaps, which is 1 for orthonormal states, at which states are told
from each other."""

HISTORY = 50
"""Past steps that L-BFGS keeps: enough for a few thousand weights, and cheap beside the gradient."""


@dataclass(frozen=True)
class Weights:
    """Everything that is trained, as leaves of the graph.

    `energies` are in units of `unit`: Adam moves every weight by about its rate a step, so an energy
    must be a number of order one.
    """

    network: tuple[Tensor, ...]
    unknowns: Tensor
    energies: Tensor
    unit: float

    @property
    def leaves(self) -> list[Tensor]:
        leaves = [*self.network, self.unknowns]
        return [*leaves, self.energies] if self.energies.requires_grad else leaves


def train_gradient(
    problem: Problem,
    coefficients: Coefficients,
    start: Fit | None,
    device: torch.device,
    progress: Progress,
) -> Fit:
    """Train the wanted states from `start`, or from weights drawn with the seed (see `starts`).

    The energies returned are Rayleigh quotients of the trained functions, which are closer to the
    eigenvalues than the functions are to the eigenfunctions; a held or trained energy only steers the
    training.  Where the problem sets no energy, several states are at last those of their span (see
    `_separated`).  Raises ProblemError when no box holds the wanted states.
    """
    training = problem.training
    fit = start or first_fit(problem, coefficients)
    at = moved(collocation_points(training.points, fit.trial, coefficients, training.seed), device)
    fit = moved(fit, device)
    trial = fit.trial
    weights = _leaves(fit, training.energy)
    terms = training.weights
    if training.own_units:
        terms["residual"] /= _unit(fit, at) ** 2

    def loss() -> Tensor:
        return _loss(_network_in(trial, weights.network), weights, at, terms)

    message = ""
    for optimizer, step in _with_progress(training.optimizer, progress):
        before = [leaf.detach().clone() for leaf in weights.leaves]
        descend(optimizer, weights.leaves, loss, step)
        if not all(bool(torch.isfinite(leaf).all()) for leaf in weights.leaves):
            message = f"gradient: {optimizer.name} diverged; its steps were undone"
            with torch.no_grad():
                for leaf, value in zip(weights.leaves, before, strict=True):
                    leaf.copy_(value)
    cpu = torch.device("cpu")
    trained = _detached(moved(_network_in(trial, weights.network), cpu))
    unknowns = weights.unknowns.detach().to(cpu)
    if training.energy == TrainableEnergy(None):
        unknowns = _separated(trained, unknowns, coefficients)
    return replace(normalised(trained, unknowns, coefficients), settled=not message, message=message)


def _with_progress(
    optimizers: tuple[Optimizer, ...], progress: Progress
) -> Iterator[tuple[Optimizer, Callable[[int], None]]]:
    """Each optimizer with the function that turns its step count into the progress of the whole."""
    total = sum(optimizer.steps for optimizer in optimizers)
    done = 0
    for optimizer in optimizers:
        start = done

        def step(count: int, start: int = start) -> None:
            progress("gradient", (start + count) / total)

        yield optimizer, step
        done += optimizer.steps


def _leaves(fit: Fit, energy: Energy) -> Weights:
    pieces = len(fit.trial.edges) - 1
    network = tuple(
        p.expand(pieces, -1, -1).detach().clone().requires_grad_()
        for p in fit.trial.bubbles.network.parameters
    )
    unknowns = fit.unknowns.detach().clone().requires_grad_()
    energies, trained = _starting_energies(energy, fit)
    unit = float(energies.abs().max()) or 1.0
    return Weights(network, unknowns, (energies / unit).requires_grad_(trained), unit)


def _starting_energies(energy: Energy, fit: Fit) -> tuple[Tensor, bool]:
    """The energies to begin with, and whether they are trained."""
    match energy:
        case FixedEnergy(value):
            return torch.full_like(fit.energies, value), False
        case TrainableEnergy(None):
            return fit.energies.detach().clone(), True
        case TrainableEnergy(start):
            return torch.full_like(fit.energies, start), True


def _unit(fit: Fit, at: Collocation) -> float:
    """The least kinetic energy of the states, or that of a half wave in the box: a unit for the residual.

    In hartree the energies of a molecule are 0.01, and its residual would count for nothing beside the norm.
    """
    states = fit.trial.combine(fit.trial.basis(at.t), fit.trial.local(fit.unknowns))
    return max(float(kinetic_energy(states, at).min()), spacing(at) / 4)


def _network_in(trial: Trial, parameters: tuple[Tensor, ...]) -> Trial:
    network: Network = trial.bubbles.network.with_parameters(parameters)
    return Trial(trial.edges, trial.joints, Bubbles(network, trial.bubbles.combination))


def _loss(trial: Trial, weights: Weights, at: Collocation, terms: dict[str, float]) -> Tensor:
    """The weighted sum of the loss terms over all states."""
    states = trial.combine(trial.basis(at.t), trial.local(weights.unknowns))
    energies = weights.unit * weights.energies
    norm = squared_norm(states, at)
    total = norm.new_zeros(())
    for name, weight in terms.items():
        match name:
            case "residual":
                term = (residual_squared(states, energies, at).sum(0) / norm).sum()
            case "raw_residual":
                term = residual_squared(states, energies, at).sum()
            case "norm":
                term = ((norm - 1) ** 2).sum()
            case "orthogonality":
                lower = states.map(lambda part: part.detach())
                term = (overlaps(states, lower, at).tril(-1) ** 2).sum()
            case _:
                raise ValueError(f"unknown loss term {name!r}")
        total = total + weight * term
    return total


def descend(
    optimizer: Optimizer, leaves: list[Tensor], loss: Callable[[], Tensor], step: Callable[[int], None]
) -> None:
    """Minimise `loss` over `leaves`, in place; `step` is told the number of steps done."""
    match optimizer:
        case Adam(rate, steps):
            _adam(torch.optim.Adam(leaves, lr=rate), steps, loss, step)
        case Lbfgs(steps):
            _lbfgs(leaves, steps, loss, step)


def _adam(
    adam: torch.optim.Adam, steps: int, loss: Callable[[], Tensor], step: Callable[[int], None]
) -> None:
    for n in range(steps):
        adam.zero_grad()
        loss().backward()
        adam.step()
        step(n + 1)


def _lbfgs(leaves: list[Tensor], steps: int, loss: Callable[[], Tensor], step: Callable[[int], None]) -> None:
    lbfgs = torch.optim.LBFGS(
        leaves,
        max_iter=steps,
        history_size=HISTORY,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        lbfgs.zero_grad()
        value = loss()
        value.backward()
        step(lbfgs.state[leaves[0]].get("n_iter", 0))
        return value

    lbfgs.step(closure)


def _detached(trial: Trial) -> Trial:
    return _network_in(trial, tuple(p.detach() for p in trial.bubbles.network.parameters))


def _separated(trial: Trial, unknowns: Tensor, coefficients: Coefficients) -> Tensor:
    """The Rayleigh-Ritz vectors of the span of some states, all (unknowns, states), lowest first.

    Where two levels lie close together every combination of their states has a small residual, so that
    training leaves them mixed; in their span the states themselves are what makes the energy stationary.
    States that are nearly the same one are left as they are: they have no such span.
    """
    at = collocate(trial, coefficients, JUDGE)
    forms = assemble(trial, trial.basis(at.t), at)
    local = trial.gathered(unknowns)
    flat = local.flatten(0, 1)
    stiffness, mass = (
        flat.mT @ (torch.from_numpy(form) @ local).flatten(0, 1)
        for form in (forms.form(forms.bottom), forms.mass)
    )
    size = 1 / torch.sqrt(mass.diagonal())
    sizes, directions = torch.linalg.eigh(size[:, None] * mass * size)
    if float(sizes[0]) < INDEPENDENT:
        return unknowns
    orthonormal = size[:, None] * directions / torch.sqrt(sizes)
    turn = torch.linalg.eigh(orthonormal.mT @ stiffness @ orthonormal).eigenvectors
    return unknowns @ (orthonormal @ turn)
