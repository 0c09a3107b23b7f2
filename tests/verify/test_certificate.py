"""Certificates hold for right answers and refuse wrong ones."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.problem import Problem
from qdsl.states import States
from qdsl.verify import Certificate, certify, reference
from qdsl.verify.bounds import residual_bound
from qdsl.verify.certificate import _widths
from qdsl.verify.coefficients import coefficients
from qdsl.verify.index import Index, from_intervals
from qdsl.verify.levels import Evidence, Pole, Run
from qdsl.verify.membership import membership
from qdsl.verify.residual import products, residuals
from qdsl.verify.sampling import look

X = sp.Symbol("x", real=True)
BOX = coefficients(Problem(X, (0, 1), sp.Integer(0)))
HARMONIC = coefficients(Problem(X, (-sp.oo, sp.oo), X**2))
SMALL = st.floats(-1, 1).filter(lambda c: abs(c) > 1e-3)


def _bound(c: Any, states: States) -> np.ndarray:
    seen = look(c, states, states.edges)
    groups = (np.arange(len(states.energies)),)
    found = residuals(seen, products(seen.fine, groups), products(seen.coarse, groups))
    return residual_bound(states.energies, found, membership(c, states, seen, found, groups))


def _certified(problem: Problem, states: States, tolerance: float = 1e-9) -> Certificate:
    ends = float(states.edges[0]), float(states.edges[-1])
    return certify(problem, states, reference(problem, states.numbers, ends), tolerance)


@given(st.lists(SMALL, min_size=1, max_size=6), st.floats(-50, 500))
@settings(max_examples=40, deadline=None)
def test_residual_norm_is_exact_in_the_box(analytic: Any, c: list[float], energy: float) -> None:
    """psi = sum c_k psi_k: r^2 = sum c_k^2 (E_k - E)^2 / sum c_k^2, and some E_k is within the bound."""
    states = analytic.states_of((0,), (energy,), (0, 0.5, 1), [analytic.sines(c, 0, 1)])
    levels = (np.arange(1, len(c) + 1) * math.pi) ** 2
    square = np.array(c) ** 2
    exact = math.sqrt((square * (levels - energy) ** 2).sum() / square.sum())
    bound = _bound(BOX, states)[0]
    assert bound == pytest.approx(exact, rel=1e-9, abs=1e-9)
    assert np.abs(levels - energy).min() <= bound * (1 + 1e-12)


@given(st.lists(SMALL, min_size=1, max_size=5), st.floats(1.0, 5.0), st.floats(-1, 12))
@settings(max_examples=60, deadline=None)
def test_residual_bound_holds_on_the_infinite_line(
    analytic: Any, c: list[float], end: float, energy: float
) -> None:
    """Functions that live on [-b, b] bound the levels 2 n + 1 of the oscillator on the whole line."""
    states = analytic.states_of((0,), (energy,), (-end, 0, end), [analytic.sines(c, -end, end)])
    assert np.abs(2 * np.arange(40) + 1 - energy).min() <= _bound(HARMONIC, states)[0]


@given(st.floats(0, 60), st.floats(0.1, 0.9), st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=60, deadline=None)
def test_residual_bound_holds_for_broken_functions(
    analytic: Any, energy: float, edge: float, left: float, right: float
) -> None:
    """Two straight lines have no residual inside their pieces: the repair of the break carries it all."""

    def line(x: np.ndarray) -> np.ndarray:
        return np.where(x < edge, 1 + left * x, right * (1 - x))

    def slope(x: np.ndarray) -> np.ndarray:
        return np.where(x < edge, left, -right)

    states = analytic.states_of((0,), (energy,), (0, edge, 1), [(line, slope, np.zeros_like)])
    levels = (np.arange(1, 40) * math.pi) ** 2
    assert np.abs(levels - energy).min() <= _bound(BOX, states)[0]


def test_exact_states_are_certified(analytic: Any) -> None:
    for problem, states in (
        (analytic.box_problem(), analytic.box_states(range(5))),
        (analytic.box_problem(), analytic.box_states((7, 3))),
        (analytic.cosine_problem(40.0), analytic.cosine_states(40.0, 5)),
        (Problem(X, (-sp.oo, sp.oo), X**2), analytic.harmonic_states(range(5), 9.0)),
    ):
        result = _certified(problem, states)
        assert result.message == ""
        assert result.certified.all()
        assert result.converged.all()
        assert list(result.nodes) == list(states.numbers)
        assert np.all(np.abs(result.differences) <= result.bounds + 1e-11)
        assert np.all(result.bounds < 1e-8)


def test_the_cut_of_the_line_is_paid_for(analytic: Any) -> None:
    """The same states on a box that is too small: the bound grows with psi'(b), and stays true."""
    problem = Problem(X, (-sp.oo, sp.oo), X**2)
    bounds = [_certified(problem, analytic.harmonic_states((0,), end)).bounds[0] for end in (9.0, 5.0, 3.0)]
    assert bounds[0] < 1e-12 < bounds[1] < 1e-3 < bounds[2]


def _sabotaged(analytic: Any, how: str) -> tuple[Problem, States]:
    problem, states = analytic.box_problem(), analytic.box_states(range(3))
    if how == "wrong index":
        return problem, dataclasses.replace(states, numbers=(0, 1, 3))
    if how == "two states swapped":
        return problem, dataclasses.replace(states, numbers=(1, 0, 2))
    if how == "sign of V":
        return analytic.cosine_problem(40.0), analytic.cosine_states(-40.0, 3)
    if how == "energy shifted":
        return problem, dataclasses.replace(states, energies=states.energies + 1e-3)
    if how == "kink at an edge":
        return problem, _added(
            states, lambda x: 1e-4 * np.minimum(x, 1 - x), lambda x: 1e-4 * np.sign(0.5 - x)
        )
    if how == "jump at an edge":
        return problem, _added(states, lambda x: 1e-5 * (x < 0.5) * x, lambda x: 1e-5 * (x < 0.5))
    if how == "boundary value":
        return problem, _added(states, lambda x: 1e-5 * (1 - x), lambda x: np.full_like(x, -1e-5))
    if how == "psi is zero":
        zero = lambda x: np.zeros((3, len(x)))  # noqa: E731
        return problem, dataclasses.replace(states, psi=zero, slope=zero, curvature=zero)
    if how == "a mixture of states":
        mixture = [analytic.sines(c, 0, 1) for c in ([0.8, 0.6], [0.6, -0.8], [0, 0, 1])]
        energies = np.array([0.64 + 4 * 0.36, 0.36 + 4 * 0.64, 9]) * math.pi**2
        return problem, analytic.states_of(range(3), energies, (0, 0.5, 1), mixture)
    raise AssertionError(how)


def _added(states: States, value: Any, slope: Any) -> States:
    return dataclasses.replace(
        states, psi=lambda x: states.psi(x) + value(x), slope=lambda x: states.slope(x) + slope(x)
    )


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("wrong index", "state 3: 2 nodes, expected 3: this is another state"),
        ("two states swapped", "state 0: 1 node, expected 0: this is another state"),
        ("sign of V", "state 0: "),
        ("energy shifted", "state 0: the energy is 1.0e-03 away from the mean energy of its psi"),
        ("kink at an edge", "state 0: the flux p psi' jumps by 2.0e-04 at x = 0.5"),
        ("jump at an edge", "state 0: psi jumps by 5.0e-06 at x = 0.5"),
        ("boundary value", "state 0: psi is 1.0e-05 instead of 0 at x = 0"),
        ("psi is zero", "state 0: psi is zero or not a number"),
        ("a mixture of states", "state 0: "),
    ],
)
def test_sabotage_is_caught(analytic: Any, how: str, sentence: str) -> None:
    result = _certified(*_sabotaged(analytic, how))
    assert not result.certified.all()
    assert sentence in result.message


def test_a_box_that_is_too_small_is_not_converged(analytic: Any) -> None:
    """The box states on [-2, 2] for the oscillator: honest bound, wrong energy."""
    functions = [analytic.sines([1], -2, 2)]
    mean = (math.pi / 4) ** 2 + 4 * (1 / 3 - 2 / math.pi**2)  # <x^2> = b^2 (1/3 - 2/pi^2)
    states = analytic.states_of((0,), (mean,), (-2, 2), functions)
    result = _certified(Problem(X, (-sp.oo, sp.oo), X**2), states)
    assert abs(mean - 1) <= result.bounds[0]
    assert not result.converged[0]
    assert "tolerance 1e-09" in result.message


def test_a_step_that_the_method_did_not_cut(analytic: Any) -> None:
    """Smooth functions across a step of V: true bound, not converged."""
    problem = Problem(X, (0, 1), sp.Piecewise((0, sp.Rational(1, 3) > X), (1, True)))
    functions = [analytic.sines([1], 0, 1)]
    states = analytic.states_of((0,), (math.pi**2 + 0.8,), (0, 1), functions)
    result = _certified(problem, states)
    exact = reference(problem, (0,), (0, 1)).energies[0]
    assert abs(states.energies[0] - exact) <= result.bounds[0]
    assert not result.converged[0]


def test_scale_of_the_tolerance(analytic: Any) -> None:
    """Relative to the kinetic energy where E = 0: a shift of V changes no verdict."""
    problem = Problem(X, (0, 1), -(sp.pi**2))
    states = dataclasses.replace(analytic.box_states((0,)), energies=np.array([3e-9]))
    assert _certified(problem, states, 1e-9).converged.all()
    assert not _certified(problem, states, 1e-10).converged.any()


def test_an_uncertain_reference_cannot_confirm(analytic: Any) -> None:
    states = analytic.box_states(range(2))
    witness = dataclasses.replace(
        reference(analytic.box_problem(), (0, 1), (0, 1)),
        energies=states.energies,
        errors=np.array([0.0, 1e-6]),
    )
    result = certify(analytic.box_problem(), states, witness, 1e-17)  # no bound is as small
    assert list(result.converged) == [True, False]
    assert result.certified.all()
    assert "state 1: the reference's own error 1.0e-06 is too large" in result.message


def test_a_residual_bound_may_mean_another_level() -> None:
    """Three orthonormal states in the span of the levels 0, 1 and 10; the first is mostly the second level.

    It is within 0.3 of a level, but that of its rank is 0.9 away: not its number is confirmed, but a cluster.
    """
    levels = np.array([0.0, 1.0, 10.0])
    energies = np.array([0.9, 1.0, 9.1])
    run = Run(0, 2, levels, levels, Pole(30.0, 3, Evidence.PROVEN), None)
    widths = _widths(energies, (run,))
    assert widths == pytest.approx([0.9, 0, 0.9], abs=1e-14)
    finding = from_intervals(run, energies, widths, np.full(3, 0.3))[0]
    assert finding is None or finding.index is Index.CLUSTER


def test_a_level_that_is_not_enclosed_proves_no_number() -> None:
    """The residual bound of a psi is small whichever state it is; here that of a state beyond the pole."""
    nothing = np.array([-math.inf])
    run = Run(0, 0, nothing, np.array([25.0]), Pole(2.0, 1, Evidence.PROVEN), None)
    energies = np.array([25.0])
    widths = _widths(energies, (run,))
    assert from_intervals(run, energies, widths, np.array([1e-9])) == [None]


@pytest.mark.parametrize("energy", [12.0, math.pi**2 + 1e-6])
def test_derivatives_that_are_not_those_of_psi(analytic: Any, energy: float) -> None:
    """psi'' = -E psi, whatever psi is: the residual vanishes for any energy."""
    part = analytic.sines([1], 0, 1)
    lying = (part[0], part[1], lambda x: -energy * part[0](x))
    result = _certified(analytic.box_problem(), analytic.states_of((0,), [energy], (0, 0.5, 1), [lying]))
    assert math.isinf(result.bounds[0])
    assert "psi'' is not its derivative between x = " in result.message
    assert not result.certified.any()


def test_a_jump_inside_a_piece(analytic: Any) -> None:
    states = analytic.box_states((0,))
    torn = _added(states, lambda x: 1e-6 * (x > 0.3) * (1 - x), lambda x: -1e-6 * (x > 0.3))
    assert "psi' is not its derivative" in _certified(analytic.box_problem(), torn).message
