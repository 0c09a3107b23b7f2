"""The chain of methods that a `train` block names, from a Problem to States."""

from __future__ import annotations

from functools import singledispatch

from qdsl.physics.problem import Problem
from qdsl.physics.training import Gradient, LevenbergMarquardt, Method, Ritz
from qdsl.pinn.coefficients import Coefficients, compile_coefficients
from qdsl.pinn.fit import Fit, collocate, to_states
from qdsl.pinn.gradient import JUDGE, Progress, train_gradient
from qdsl.pinn.lm import polish
from qdsl.pinn.ritz import solve_ritz
from qdsl.states import States

FEW = 12
"""Features a piece of the small basis from which `lm` starts when no method stands before it."""


def train(problem: Problem, progress: Progress) -> States:
    """Solve a checked problem by the methods of its `training`, each starting from the last.

    Raises ProblemError when the potential does not confine the wanted states.
    """
    coefficients = compile_coefficients(problem)
    fit: Fit | None = None
    for method in problem.training.method:
        fit = run(method, problem, coefficients, fit, progress)
    assert fit is not None
    return to_states(fit, problem.states, collocate(fit.trial, coefficients, JUDGE))


@singledispatch
def run(
    method: Method, problem: Problem, coefficients: Coefficients, start: Fit | None, progress: Progress
) -> Fit:
    """One method of the chain."""
    raise TypeError(f"no trainer for {method!r}")


@run.register
def _(
    method: Ritz, problem: Problem, coefficients: Coefficients, start: Fit | None, progress: Progress
) -> Fit:
    training = problem.training
    return solve_ritz(problem, coefficients, method, training.network, training.seed, training.goal)


@run.register
def _(
    method: Gradient, problem: Problem, coefficients: Coefficients, start: Fit | None, progress: Progress
) -> Fit:
    return train_gradient(problem, coefficients, problem.training, start, progress)


@run.register
def _(
    method: LevenbergMarquardt,
    problem: Problem,
    coefficients: Coefficients,
    start: Fit | None,
    progress: Progress,
) -> Fit:
    if start is None:
        start = run(Ritz(features=FEW), problem, coefficients, None, progress)
    return polish(start, coefficients, problem.states, method.steps, progress)
