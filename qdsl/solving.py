"""The one function that joins the stages: Problem -> states -> certificate -> Solution."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import sympy as sp

from qdsl.adapting import adapt
from qdsl.company import alone, with_company
from qdsl.errors import ProblemError, UsageError
from qdsl.physics.checks import check
from qdsl.physics.problem import Expectation, Problem
from qdsl.physics.training import METHODS, Method
from qdsl.solution import Outcome, Solution
from qdsl.spelling import did_you_mean
from qdsl.states import Array, States
from qdsl.verify import Certificate, Count, Reference, certify, reference, wanted_states
from qdsl.verify.observables import bound_of, value_of

# Shares of the depth: states that are bound by less may be beyond what the methods resolve.
FAINT = 1e-5

Progress = Callable[[str, float], None]


def silent(stage: str, done: float) -> None:
    """The progress report of who does not want one."""


def solve(
    problem: Problem,
    *,
    method: str | Method | Sequence[Method] | None = None,
    seed: int | None = None,
    device: str = "cpu",
    progress: Progress = silent,
    start: Solution | None = None,
    **parameters: float | sp.Expr,
) -> Solution:
    """Solve a problem by its method, check it against the independent solver, and certify it.

    `method`      replaces the problem's own: a method, several in a row, or their names ("ritz then lm")
    `seed`        replaces the seed of the random weights
    `device`      where the gradient method trains: "cpu", "cuda", …
    `progress`    is told the name of the stage and the part of it that is done (0 to 1)
    `start`       the solution at other parameters from which gradient training goes on
    `parameters`  replace values of the problem's parameters

    Where the problem searches for states (`find bound states`, `find states below E`), they are counted
    first and then solved for by number; there may be none.
    Where the certificate of `ritz` misses the tolerance, it goes on from its pieces (see `qdsl.adapting`);
    a result that misses it in the end or is not certified is a Solution that says so, not an error.
    Raises UsageError for an unknown parameter, method or device, and ProblemError for a problem that
    makes no sense (also at the new parameter values), does not confine the wanted states, or searches for
    states of which there are infinitely many.
    """
    problem = _with_options(problem, method, seed)
    problem = check(problem.with_values(**parameters) if parameters else problem)
    clock = [time.perf_counter()]
    before = start.states if start is not None else None
    count = wanted_states(problem) if problem.search is not None else None
    if count is not None:
        problem, states, count = _found(problem, count, device, progress, before)
    else:
        states = _trained(problem, device, progress, before)
    clock.append(time.perf_counter())
    progress("verify", 0.0)
    evidence = reference(problem, problem.states, (float(states.edges[0]), float(states.edges[-1])))
    states, certificate, evidence = _certified(problem, states, evidence)
    report, bounds = _reported(problem, states, certificate)
    outcomes = tuple(_outcome(problem, states, expectation) for expectation in problem.expect)
    clock.append(time.perf_counter())
    seconds = {"solve": clock[1] - clock[0], "verify": clock[2] - clock[1]}
    return Solution(problem, states, evidence, certificate, report, outcomes, seconds, count, bounds)


def _reported(
    problem: Problem, states: States, certificate: Certificate
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """The values of what is to be reported, and their bounds, each after its value: at the same points."""
    values: dict[str, float | None] = {}
    bounds: dict[str, float | None] = {}
    for quantity in problem.report:
        value = value_of(problem, states, quantity.expression)
        values[quantity.text] = value
        bounds[quantity.text] = bound_of(problem, states, certificate, quantity.expression, value)
    return values, bounds


def _trained(problem: Problem, device: str, progress: Progress, start: States | None) -> States:
    from qdsl.pinn import train

    return train(problem, device, progress, start)


def _certified(
    problem: Problem, states: States, evidence: Reference
) -> tuple[States, Certificate, Reference]:
    """The states judged, and those of `ritz` refined until their bounds meet the tolerance.

    Where it takes close neighbours to prove them, these are solved for too.
    """
    from qdsl.pinn import go_on, refines

    certificate = certify(problem, states, evidence, problem.training.goal)
    if not states.numbers or not refines(problem):
        return states, certificate, evidence
    together = with_company(problem, states, certificate, evidence)
    found = None if together is None else _together(*together, problem.states)
    if found is not None:
        return found
    return adapt(problem, states, certificate, evidence, partial(go_on, problem))


def _together(
    larger: Problem, evidence: Reference, wanted: tuple[int, ...]
) -> tuple[States, Certificate, Reference] | None:
    """The `wanted` states of a larger problem, all of which are certified; None where they are not."""
    from qdsl.pinn import go_on

    try:
        states = _trained(larger, "cpu", silent, None)
    except ProblemError:
        return None
    first = certify(larger, states, evidence, larger.training.goal)
    states, certificate, evidence = adapt(larger, states, first, evidence, partial(go_on, larger))
    if certificate.message:  # on any of them
        return None
    return alone(wanted, states, certificate, evidence, larger.training.goal)


def _found(
    problem: Problem, count: Count, device: str, progress: Progress, start: States | None
) -> tuple[Problem, States, Count]:
    """The counted states, the problem that names them, and what is to be said of their number.

    A state that is bound by less than `FAINT` of the depth decays over thousands of widths of the well;
    where the method finds no box for it, it is left out, and the count says so.  The same holds for the
    only state of a shallow well.
    """
    for number in range(count.number, 0, -1):
        named = replace(problem, states=tuple(range(number)))
        try:
            return named, _trained(named, device, progress, start), count
        except ProblemError:
            # The depth is that of the lowest state, which says nothing where there is but one.
            faint_one = count.number == 1 or count.binding < FAINT * count.depth
            if number < count.number or not faint_one:
                raise
            faint = (
                f"state {number - 1} is bound by about {count.binding:.1e} only, too weakly to be computed"
            )
            count = replace(count, certified=False, message=f"{count.message}; {faint}")
    return replace(problem, states=()), _no_states(count.box), count


def _no_states(box: tuple[float, float]) -> States:
    def none(x: Array) -> Array:
        return np.empty((0, len(x)))

    return States((), np.empty(0), np.array(box), none, none, none, tuple)


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
    if isinstance(method, Method):
        return (method,)
    return tuple(method)


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
