"""The chain of methods that a `train` block names, from a Problem to States."""

from __future__ import annotations

import torch

from qdsl.errors import ProblemError
from qdsl.physics.problem import Bloch, Problem
from qdsl.physics.training import Gradient, LevenbergMarquardt, Method, Ritz
from qdsl.pinn.coefficients import Coefficients, compile_coefficients
from qdsl.pinn.device import find_device
from qdsl.pinn.fit import Fit, to_states
from qdsl.pinn.gradient import Progress, train_gradient
from qdsl.pinn.joints import phase_factor
from qdsl.pinn.lm import polish
from qdsl.pinn.ritz import refine_ritz, solve_ritz
from qdsl.pinn.starts import carried
from qdsl.states import Array, States

FEW = 12
"""Features a piece of the small basis from which `lm` starts when no method stands before it."""


def train(problem: Problem, device: str, progress: Progress, start: States | None = None) -> States:
    """Solve a checked problem by the methods of its `training`, each starting from the last.

    Where the first method trains by gradients it goes on from `start`, states of nearly the same problem,
    if the trial function has the same pieces; the other methods need no start.
    `device` is where gradients are computed; the linear algebra of `ritz` and `lm` stays on the CPU.
    Raises ProblemError when the potential does not confine the wanted states, UsageError for a device
    that is not there.
    """
    place = find_device(device)
    _refuse_complex(problem)
    coefficients = compile_coefficients(problem)
    fit: Fit | None = None
    if start is not None and isinstance(start.origin, Fit) and _trains(problem):
        fit = carried(start.origin, problem, coefficients)
    for method in problem.training.method:
        fit = _run(method, problem, coefficients, fit, place, progress)
    assert fit is not None
    return to_states(fit, problem.states, coefficients)


def go_on(problem: Problem, states: States, shares: Array, unseen: Array) -> States | None:
    """The states of `ritz` on smaller pieces, cut where the residual is; None if there is nothing to gain.

    `shares` (states,): to which part of what it is now the estimated error of each state is to come down.
    `unseen` (places,): where something narrow lies between the points of the quadrature, to be cut around.
    """
    fit = states.origin
    assert isinstance(fit, Fit)
    coefficients = compile_coefficients(problem)
    finer = refine_ritz(problem, coefficients, fit, shares, unseen)
    if len(finer.trial.edges) == len(fit.trial.edges):
        return None
    return to_states(finer, problem.states, coefficients)


def refines(problem: Problem) -> bool:
    """Whether the method chooses its pieces itself, so that it can `go_on`."""
    return problem.training.method == (Ritz(),)


def _trains(problem: Problem) -> bool:
    return isinstance(problem.training.method[0], Gradient)


def _refuse_complex(problem: Problem) -> None:
    """Gradients and Gauss-Newton steps are those of real functions."""
    if isinstance(problem.boundary, Bloch) and not isinstance(phase_factor(problem.boundary, problem), float):
        for method in problem.training.method:
            if not isinstance(method, Ritz):
                raise ProblemError(
                    f"'{method.name}' fits real wavefunctions, and this Bloch condition makes them complex",
                    hint="use method = ritz, or a phase of 0 or pi",
                )


def _run(
    method: Method,
    problem: Problem,
    coefficients: Coefficients,
    start: Fit | None,
    device: torch.device,
    progress: Progress,
) -> Fit:
    """One method of the chain, from where the last one ended."""
    match method:
        case Ritz():
            return solve_ritz(problem, coefficients, method.features)
        case Gradient():
            return train_gradient(problem, coefficients, start, device, progress)
        case LevenbergMarquardt():
            start = start or solve_ritz(problem, coefficients, FEW)
            return polish(start, coefficients, problem.states, method.steps, progress)
