"""Ends and point interactions: the reference against closed forms, certificates of right and wrong states."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special
import sympy as sp

from qdsl.physics.problem import Bloch, Decay, Dirichlet, Neumann, PointInteraction, Problem, Robin
from qdsl.states import States
from qdsl.verify import Certificate, Index, certify, reference

X = sp.Symbol("x", real=True)
OO = sp.oo
PI = math.pi


def _roots(f: Callable[[float], float], low: float, high: float, count: int) -> list[float]:
    """The first roots in an interval, from sign changes on a fine grid."""
    grid = np.linspace(low, high, 4001)
    values = [float(f(float(x))) for x in grid]
    found = [
        float(mpmath.findroot(f, (grid[i], grid[i + 1]), solver="anderson", tol=1e-25))
        for i in range(4000)
        if values[i] * values[i + 1] < 0
    ]
    return found[:count]


def _robin() -> list[float]:
    """psi'(0) = 2 psi(0), psi'(1) = -3 psi(1): (k^2 - 6) sin k = 5 k cos k."""
    roots = _roots(lambda k: (k**2 - 6) * mpmath.sin(k) - 5 * k * mpmath.cos(k), 0.1, 20, 4)
    return [k**2 for k in roots]


def _two_deltas() -> list[float]:
    """-3 delta(x - 1) - 3 delta(x + 1): 2 kappa = 3 (1 +- exp(-2 kappa))."""
    kappas = [
        mpmath.findroot(lambda s, sign=sign: 2 * s - 3 * (1 + sign * mpmath.exp(-2 * s)), 1.4)
        for sign in (1, -1)
    ]
    return [-(float(s) ** 2) for s in kappas]


def _kronig_penney(phase: float) -> list[float]:
    """cos(phase) = cos k + g sin k / (2 k) for a comb of strength g = 5 and period 1."""
    return [
        k**2
        for k in _roots(lambda k: mpmath.cos(k) + 2.5 * mpmath.sin(k) / k - mpmath.cos(phase), 0.01, 16, 4)
    ]


def _mathieu(count: int) -> list[float]:
    """-psi'' + 2 q cos(2 x) psi = a psi on a period pi: a_0, b_2, a_2, b_4, … for q = 5."""
    values = [float(scipy.special.mathieu_a(m, 5.0)) for m in range(0, 2 * count, 2)]
    values += [float(scipy.special.mathieu_b(m, 5.0)) for m in range(2, 2 * count, 2)]
    return sorted(values)[:count]


CASES: dict[str, tuple[Problem, Sequence[float]]] = {
    "neumann": (
        Problem(X, (0, 1), 0, boundary=(Neumann(), Neumann())),
        [(n * PI) ** 2 for n in range(5)],
    ),
    "mixed": (
        Problem(X, (0, 2), 1, boundary=(Neumann(), Dirichlet())),
        [1 + ((n + 0.5) * PI / 2) ** 2 for n in range(5)],
    ),
    "robin": (Problem(X, (0, 1), 0, boundary=(Robin(2), Robin(-3))), _robin()),
    "bound by its end": (Problem(X, (0, OO), 0, boundary=(Robin(-2), Decay())), [-4.0]),
    "bound by its right end": (Problem(X, (0, 30), 0, boundary=(Dirichlet(), Robin(2))), [-4.0]),
    "half oscillator": (
        Problem(X, (0, OO), X**2, boundary=(Neumann(), Decay())),
        [4.0 * n + 1 for n in range(4)],
    ),
    "delta": (Problem(X, (-OO, OO), 0, deltas=(PointInteraction(0, -3),)), [-9 / 4]),
    "strong delta": (Problem(X, (-OO, OO), 0, deltas=(PointInteraction(0.1, -1000),)), [-250000.0]),
    "two deltas": (
        Problem(X, (-OO, OO), 0, deltas=(PointInteraction(1, -3), PointInteraction(-1, -3))),
        _two_deltas(),
    ),
    "deltas at one place": (
        Problem(X, (-OO, OO), 0, deltas=(PointInteraction(0, -5), PointInteraction(0, 2))),
        [-9 / 4],
    ),
    "periodic": (
        Problem(X, (0, 1), 0, boundary=Bloch()),
        [(2 * PI * ((n + 1) // 2)) ** 2 for n in range(6)],
    ),
    "antiperiodic": (
        Problem(X, (0, 1), 0, boundary=Bloch(sp.pi)),
        [(PI * (2 * (n // 2) + 1)) ** 2 for n in range(6)],
    ),
    "many periodic": (
        Problem(X, (0, 1), 0, boundary=Bloch()),
        [(2 * PI * ((n + 1) // 2)) ** 2 for n in range(101)],
    ),
    "bloch": (
        Problem(X, (-1, 1), 0, boundary=Bloch(0.3)),
        sorted(((0.3 + 2 * PI * m) / 2) ** 2 for m in range(-4, 5))[:7],
    ),
    "kronig-penney": (
        Problem(X, (0, 1), 0, boundary=Bloch(-1), deltas=(PointInteraction(sp.Rational(1, 3), 5),)),
        _kronig_penney(1.0),
    ),
    "mathieu": (Problem(X, (0, sp.pi), 10 * sp.cos(2 * X), boundary=Bloch()), _mathieu(5)),
}


def _solved(problem: Problem, count: int) -> Any:
    ends = [problem.number(end) for end in problem.interval]
    box = tuple(end if math.isfinite(end) else 5 * math.copysign(1, end) for end in ends)
    return reference(problem, range(count), (box[0], box[1]))


@pytest.mark.parametrize("name", CASES)
def test_reference_against_closed_forms(name: str) -> None:
    problem, exact = CASES[name]
    found = _solved(problem, len(exact))
    scale = np.maximum(np.abs(exact), 1.0)
    assert found.message == ""
    # the closed forms themselves are rounded in their last digits
    assert np.all(np.abs(found.energies - exact) <= found.errors + 4e-16 * scale)
    assert np.all(found.errors <= 3e-11 * scale)


def test_the_bracket_encloses_the_level() -> None:
    for problem, exact in (CASES["delta"], CASES["two deltas"], CASES["half oscillator"]):
        found = _solved(problem, len(exact))
        low, high = found.bracket.T
        assert np.all(high - low <= found.errors)
        assert np.all(low - found.errors <= exact)
        assert np.all(exact <= high + found.errors)


# Certificates -------------------------------------------------------------------------------------------


def _waves(problem: Problem, waves: Sequence[tuple[float, float]], analytic: Any) -> States:
    """cos(k x - a) of period 1, or their edges in the middle of the cell."""
    parts = [
        (
            lambda x, k=k, a=a: math.sqrt(2) * np.cos(k * x - a),
            lambda x, k=k, a=a: -math.sqrt(2) * k * np.sin(k * x - a),
            lambda x, k=k, a=a: -math.sqrt(2) * k**2 * np.cos(k * x - a),
        )
        for k, a in waves
    ]
    return analytic.states_of(problem.states, [k**2 for k, _ in waves], (0, 0.5, 1), parts)


def _plane_waves(problem: Problem, momenta: Sequence[float], analytic: Any) -> States:
    parts = [
        (
            lambda x, k=k: np.exp(1j * k * x),
            lambda x, k=k: 1j * k * np.exp(1j * k * x),
            lambda x, k=k: -(k**2) * np.exp(1j * k * x),
        )
        for k in momenta
    ]
    return analytic.states_of(problem.states, [k**2 for k in momenta], (0, 0.5, 1), parts)


def _delta_state(problem: Problem, kappa: float, analytic: Any, end: float = 25.0) -> States:
    part = (
        lambda x: math.sqrt(kappa) * np.exp(-kappa * np.abs(x)),
        lambda x: -math.sqrt(kappa) * kappa * np.sign(x) * np.exp(-kappa * np.abs(x)),
        lambda x: math.sqrt(kappa) * kappa**2 * np.exp(-kappa * np.abs(x)),
    )
    return analytic.states_of((0,), [-(kappa**2)], (-end, 0, end), [part])


def _judged(problem: Problem, states: States) -> Certificate:
    box = float(states.edges[0]), float(states.edges[-1])
    return certify(problem, states, reference(problem, states.numbers, box), 1e-9)


PERIODIC = Problem(X, (0, 1), 0, boundary=Bloch(), states=(0, 1, 2))
PAIR = [(2 * PI, 0.4), (2 * PI, 0.4 + PI / 2)]
BLOCH = Problem(X, (0, 1), 0, boundary=Bloch(0.3), states=(0, 1, 2))
MOMENTA = [0.3, 0.3 - 2 * PI, 0.3 + 2 * PI]


def test_neumann_states_are_certified(analytic: Any) -> None:
    problem = Problem(X, (0, 1), 0, boundary=(Neumann(), Neumann()), states=(0, 1, 2))
    result = _judged(problem, _waves(problem, [(0, 0), (PI, 0), (2 * PI, 0)], analytic))
    assert result.message == ""
    assert list(result.nodes) == [0, 1, 2]
    assert set(result.index) == {Index.PROVEN}


def test_a_delta_is_certified(analytic: Any) -> None:
    problem = Problem(X, (-OO, OO), 0, deltas=(PointInteraction(0, -3),))
    result = _judged(problem, _delta_state(problem, 1.5, analytic))
    assert result.message == ""
    assert result.index == (Index.PROVEN,)


def test_a_degenerate_pair_is_certified_as_a_pair(analytic: Any) -> None:
    """Any two independent combinations of sin and cos will do."""
    result = _judged(PERIODIC, _waves(PERIODIC, [(0, 0), *PAIR], analytic))
    assert result.message == ""
    assert result.index == (Index.HILL, Index.PAIR, Index.PAIR)
    assert list(result.nodes) == [-1, -1, -1]


def test_complex_states_are_certified(analytic: Any) -> None:
    result = _judged(BLOCH, _plane_waves(BLOCH, MOMENTA, analytic))
    assert result.message == ""
    assert set(result.index) == {Index.HILL}
    assert np.all(result.bounds < 1e-10)


def _sabotage(how: str, analytic: Any) -> tuple[Problem, States]:
    match how:
        case "wrong phase":
            return BLOCH, _plane_waves(BLOCH, [k + 1e-4 for k in MOMENTA], analytic)
        case "conjugated":
            return BLOCH, _plane_waves(BLOCH, [-k for k in MOMENTA], analytic)
        case "wrong Bloch index":
            problem = dataclasses.replace(BLOCH, states=(0, 2, 3))
            return problem, _plane_waves(problem, MOMENTA, analytic)
        case "wrong ratio":
            problem = Problem(X, (0, 1), 0, boundary=(Robin(0.1), Neumann()), states=(0, 1))
            return problem, _waves(problem, [(0, 0), (PI, 0)], analytic)
        case "slope at a Neumann end":
            problem = Problem(X, (0, 1), 0, boundary=(Neumann(), Neumann()), states=(1,))
            return problem, _waves(problem, [(PI, 1e-5)], analytic)
        case "sign of the flux jump":
            problem = Problem(X, (-OO, OO), 0, deltas=(PointInteraction(0, 3),))
            return problem, _delta_state(problem, 1.5, analytic)
        case "no flux jump":
            problem = Problem(X, (0, 1), 0, deltas=(PointInteraction(sp.Rational(1, 2), -1),))
            return problem, analytic.box_states((0,))
        case "half of a pair, twice":
            return PERIODIC, _waves(PERIODIC, [(0, 0), PAIR[0], (2 * PI, 0.41)], analytic)
        case "a state dropped from a pair":
            problem = dataclasses.replace(PERIODIC, states=(0, 1, 2, 3))
            return problem, _waves(problem, [(0, 0), PAIR[0], (4 * PI, 0), (4 * PI, PI / 2)], analytic)
        case "the constant called an excited state":
            problem = dataclasses.replace(PERIODIC, states=(1,))
            return problem, _waves(problem, [(0, 0)], analytic)
    raise AssertionError(how)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("wrong phase", "state 0: the values at the two ends differ from the Bloch condition by 1.0e-04"),
        ("conjugated", "state 0: the values at the two ends differ from the Bloch condition by 5.9e-01"),
        ("wrong Bloch index", "state 2: energy differs from the reference"),
        ("wrong ratio", "state 0: p (psi' - 0.1 psi) is not 0 but 1.4e-01 at x = 0"),
        ("slope at a Neumann end", "state 1: the flux p psi' is not 0 but 4.4e-05 at x = "),
        (
            "sign of the flux jump",
            "state 0: the jump of the flux p psi' at the point interaction is off by 7.3e+00 at x = 0",
        ),
        (
            "no flux jump",
            "state 0: the jump of the flux p psi' at the point interaction is off by 1.4e+00 at x = 0.5",
        ),
        ("half of a pair, twice", "state 2: its psi overlaps with that of state 1 by 1: one is missing"),
        ("a state dropped from a pair", "state 2: energy differs from the reference"),
        ("the constant called an excited state", "state 1: energy differs from the reference"),
    ],
)
def test_sabotage_is_caught(analytic: Any, how: str, sentence: str) -> None:
    result = _judged(*_sabotage(how, analytic))
    assert sentence in result.message
    assert not result.certified.all()
