"""From `find bound states` to a Solution: numbers, words, and problems without any bound state."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from qdsl.errors import ProblemError
from qdsl.physics.problem import BoundStates, Expectation, Problem, Quantity, StatesBelow
from qdsl.physics.quantities import EnergyOf
from qdsl.report.words import count_text
from qdsl.solving import solve

X = sp.Symbol("x", real=True)
LINE = (-sp.oo, sp.oo)


def test_all_bound_states() -> None:
    solution = solve(Problem(X, LINE, -sp.Rational(63, 4) / sp.cosh(X) ** 2, search=BoundStates()))
    assert solution.status == "certified"
    assert solution.message == ""
    assert solution.states.numbers == solution.problem.states == (0, 1, 2, 3)
    assert solution.energies == pytest.approx([-12.25, -6.25, -2.25, -0.25], rel=1e-9)
    assert solution.count is not None
    assert solution.count.message == "4 bound states, all of them below the continuum at 0"


def test_states_below_an_energy() -> None:
    solution = solve(Problem(X, LINE, X**2, search=StatesBelow(6)))
    assert solution.energies == pytest.approx([1, 3, 5], rel=1e-9)
    assert solution.status == "certified"


def test_no_bound_state_is_an_answer() -> None:
    energy = Quantity(EnergyOf(0), "E[0]")
    expectation = Expectation(energy, sp.Integer(1), 1e-9, "E[0] = 1 within 1e-9")
    problem = Problem(
        X, LINE, 5 + sp.exp(-(X**2)), search=BoundStates(), report=(energy,), expect=(expectation,)
    )
    solution = solve(problem)
    assert solution.status == "certified"
    assert solution.converged
    assert solution.energies.shape == (0,)
    assert solution.psi([0.0, 1.0]).shape == (0, 2)
    assert solution.report == {"E[0]": None}
    assert not solution.expect[0].passed
    assert solution.count is not None
    assert solution.count.message == "no bound state below the continuum at 5"


def test_a_state_too_faint_to_compute_is_not_dropped_silently() -> None:
    """Bound by 1e-8 of the depth: it decays over ten thousand widths of the well."""
    depth = sp.Float((math.pi / 2 + 1e-4) ** 2)
    problem = Problem(X, LINE, sp.Piecewise((-depth, sp.Abs(X) < 1), (0, True)), search=BoundStates())
    solution = solve(problem)
    assert solution.count is not None
    assert solution.count.number == 2
    if len(solution.energies) == 2:
        assert np.all(solution.energies < 0)
    else:
        assert solution.status == "not certified"
        # k cot k = -kappa and k^2 + kappa^2 = depth: kappa = pi/2 1e-4 to leading order
        assert "state 1 is bound by about 2.5e-08 only" in solution.message


def test_the_only_state_of_a_well_may_be_too_faint() -> None:
    """It is proven to exist, so an error that the potential holds none would be wrong."""
    solution = solve(Problem(X, LINE, -sp.Float(1e-6) / sp.cosh(X) ** 2, search=BoundStates()))
    assert solution.count is not None
    assert solution.count.number == 1
    assert solution.states.numbers == ()
    assert solution.status == "not certified"
    # -(integral of V)^2/4 to leading order
    assert solution.count.binding == pytest.approx(1e-12, rel=1e-3, abs=0)
    assert "state 0 is bound by about 1.0e-12 only" in solution.message
    words = count_text(solution)
    bound = "1 bound state below the continuum at V = 0, counted, but bound by about 1e-12 only"
    assert words.startswith(bound)
    assert words.endswith(" only, too weakly to be computed: not certified")


def test_infinitely_many_states_are_refused() -> None:
    with pytest.raises(ProblemError, match="confines at every energy"):
        solve(Problem(X, LINE, X**2, search=BoundStates()))


def test_two_wells_of_which_one_is_far_weaker() -> None:
    """At the threshold of -6/cosh^2 psi = (3 tanh^2 - 1)/2, which a weak well far away binds.

    To leading order kappa is half its integral, the psi there being 1: g; the next order is g^2 times 100.
    The box of the third state has hundreds of levels as near to the threshold as this one is.
    """
    g, far = 1e-4, 100
    potential = -6 / sp.cosh(X) ** 2 - sp.Float(g) / sp.cosh(X - far) ** 2
    solution = solve(Problem(X, LINE, potential, search=BoundStates()))
    assert solution.certificate.certified.all(), solution.message
    assert np.all(np.abs(solution.energies[:2] - np.array([-4.0, -1.0])) <= 1e-12)
    assert solution.energies[2] == pytest.approx(-(g**2), rel=10 * g * far, abs=0)
    assert solution.bounds[2] < 1e-8
