"""The one function that joins the stages: Problem -> states -> certificate -> Solution."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import sympy as sp

from qdsl.errors import UsageError, did_you_mean
from qdsl.physics.checks import check
from qdsl.physics.problem import Expectation, Problem
from qdsl.physics.training import METHODS, Method
from qdsl.states import Array, States
from qdsl.verify import Certificate, Reference, certify, reference
from qdsl.verify.observables import value_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Status = Literal["certified", "not certified"]
Progress = Callable[[str, float], None]


def silent(stage: str, done: float) -> None:
    """The progress report of who does not want one."""


@dataclass(frozen=True)
class Outcome:
    """An `expect` statement after the solve; `value` is None when its state does not exist."""

    text: str
    value: float | None
    expected: float
    tolerance: float
    passed: bool


@dataclass(frozen=True)
class Solution:
    """A solved problem with its evidence.

    `energies`, `bounds`: shape (states,), absolute, in the problem's energy unit.
    `psi(x)`: shape (states, points).
    `report`: label -> value, None for a quantity of a state that does not exist.
    `seconds`: wall time of the stages.
    """

    problem: Problem
    states: States
    reference: Reference
    certificate: Certificate
    report: Mapping[str, float | None]
    expect: tuple[Outcome, ...]
    seconds: Mapping[str, float]

    @property
    def energies(self) -> Array:
        return self.states.energies

    @property
    def bounds(self) -> Array:
        return self.certificate.bounds

    @property
    def box(self) -> tuple[float, float]:
        """The interval on which psi is represented; for a finite domain the domain itself."""
        return float(self.states.edges[0]), float(self.states.edges[-1])

    @property
    def status(self) -> Status:
        return "certified" if self.certificate.certified.all() else "not certified"

    @property
    def converged(self) -> bool:
        return bool(self.certificate.converged.all())

    @property
    def message(self) -> str:
        """What failed, in a sentence; empty when everything held."""
        return self.certificate.message

    def psi(self, x: Any) -> Any:
        """The normalised wavefunctions at points x, shape (points,): shape (states, points).

        Outside the box they are 0.  An array (or anything numpy takes) gives a float64 array; a torch
        tensor gives a tensor of its dtype on its device, detached.
        Raises UsageError when x has more than one dimension.
        """
        points = x.detach().cpu().numpy() if _is_tensor(x) else x
        values = self._psi(np.asarray(points, dtype=np.float64))
        return x.new_tensor(values) if _is_tensor(x) else values

    def _psi(self, x: Array) -> Array:
        if x.ndim > 1:
            raise UsageError(f"psi takes points of shape (points,), not {x.shape}")
        low, high = self.box
        x = np.atleast_1d(x)
        inside = (x >= low) & (x <= high)
        values = np.zeros((len(self.energies), len(x)))
        values[:, inside] = self.states.psi(x[inside])
        return values

    def plot(self, path: str | PathLike[str] | None = None) -> Figure:
        """Every psi_n raised to its energy inside V, as a matplotlib Figure.

        With a path (.png, .svg or .pdf) it is also written there.  Raises UsageError when that cannot
        be done.
        """
        from qdsl.report.plot import draw

        return draw(self, path)


def _is_tensor(value: object) -> bool:
    """Whether a value is a torch tensor, found out without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def solve(
    problem: Problem,
    *,
    method: str | Method | Sequence[Method] | None = None,
    seed: int | None = None,
    device: str = "cpu",
    progress: Progress = silent,
    **parameters: float | sp.Expr,
) -> Solution:
    """Solve a problem by its method, check it against the independent solver, and certify it.

    `method`      replaces the problem's own: a method, several in a row, or their names ("ritz then lm")
    `seed`        replaces the seed of the random weights
    `device`      where the gradient method trains: "cpu", "cuda", …
    `progress`    is told the name of the stage and the part of it that is done (0 to 1)
    `parameters`  replace values of the problem's parameters

    A result that missed its tolerance or is not certified is a Solution that says so, not an error.
    Raises UsageError for an unknown parameter, method or device, and ProblemError for a problem that
    makes no sense (also at the new parameter values) or does not confine the wanted states.
    """
    from qdsl.pinn import train

    problem = _with_options(problem, method, seed)
    problem = check(problem.with_values(**parameters) if parameters else problem)
    clock = [time.perf_counter()]
    states = train(problem, device, progress)
    clock.append(time.perf_counter())
    progress("verify", 0.0)
    evidence = reference(problem, problem.states, (float(states.edges[0]), float(states.edges[-1])))
    certificate = certify(problem, states, evidence, problem.training.goal)
    report = {quantity.text: value_of(problem, states, quantity.expression) for quantity in problem.report}
    outcomes = tuple(_outcome(problem, states, expectation) for expectation in problem.expect)
    clock.append(time.perf_counter())
    seconds = {"solve": clock[1] - clock[0], "verify": clock[2] - clock[1]}
    return Solution(problem, states, evidence, certificate, report, outcomes, seconds)


def _with_options(
    problem: Problem, method: str | Method | Sequence[Method] | None, seed: int | None
) -> Problem:
    training = problem.training
    if method is not None:
        training = replace(training, method=_methods(method))
    if seed is not None:
        training = replace(training, seed=seed)
    return replace(problem, training=training)


def _methods(method: str | Method | Sequence[Method]) -> tuple[Method, ...]:
    if isinstance(method, str):
        return tuple(_named(name) for name in method.split(" then "))
    return tuple(method) if isinstance(method, Sequence) else (method,)


def _named(name: str) -> Method:
    known = {kind.name: kind for kind in METHODS}
    if name.strip() not in known:
        guess = did_you_mean(name.strip(), known)
        hint = f"did you mean '{guess}'?" if guess else "known methods: " + ", ".join(known)
        raise UsageError(f"unknown method '{name.strip()}'", hint=hint)
    return known[name.strip()]()


def _outcome(problem: Problem, states: States, expectation: Expectation) -> Outcome:
    value = value_of(problem, states, expectation.quantity.expression)
    expected = problem.number(expectation.value)
    allowed = expectation.tolerance * (abs(expected) or 1.0)
    passed = value is not None and abs(value - expected) <= allowed
    return Outcome(expectation.text, value, expected, expectation.tolerance, passed)
