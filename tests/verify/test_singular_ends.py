"""Singular ends: the reference against closed forms, and certificates of regular and irregular solutions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special
import sympy as sp

import qdsl
from qdsl.physics.problem import BoundStates, Problem, StatesBelow
from qdsl.states import Array, States
from qdsl.verify import Certificate, Index, certify, reference
from qdsl.verify.spectrum import wanted_states

X = sp.Symbol("x", real=True)
OO = sp.oo
HALF = sp.Rational(1, 2)
EPS = float(np.finfo(float).eps)


def _bessel(nu: float, count: int = 5) -> list[float]:
    return [float(mpmath.besseljzero(nu, k)) ** 2 for k in range(1, count + 1)]


def _hydrogen(ell: int, count: int = 5) -> tuple[Problem, tuple[float, float], list[float]]:
    problem = Problem(X, (0, OO), -2 / X + sp.Integer(ell * (ell + 1)) / X**2)
    return problem, (0, 30 + 100 * ell), [-1 / (n + ell + 1) ** 2 for n in range(count)]


def _oscillator(ell: float) -> tuple[Problem, tuple[float, float], list[float]]:
    problem = Problem(X, (0, OO), X**2 + sp.Float(ell * (ell + 1)) / X**2)
    return problem, (0, 8), [4 * n + 2 * ell + 3 for n in range(5)]


def _bessel_normal(nu: sp.Rational) -> tuple[Problem, tuple[float, float], list[float]]:
    return Problem(X, (0, 1), (nu**2 - sp.Rational(1, 4)) / X**2), (0, 1), _bessel(float(nu))


CASES: dict[str, tuple[Problem, tuple[float, float], list[float]]] = {
    **{f"hydrogen, l = {ell}": _hydrogen(ell) for ell in (0, 1, 2, 5, 20)},
    **{f"oscillator, l = {ell}": _oscillator(ell) for ell in (0, 0.05, 1, 2, 3, -0.45)},
    # the limit of fall to the centre: both indicial roots are 1/2
    "oscillator, l = -1/2": (
        Problem(X, (0, OO), X**2 - sp.Rational(1, 4) / X**2),
        (0, 8),
        [4.0 * n + 2 for n in range(5)],
    ),
    **{f"bessel, nu = {nu}": _bessel_normal(nu) for nu in (sp.S.Zero, HALF * 3, sp.Rational(3, 10))},
    "bessel's own form": (Problem(X, (0, 1), 1 / X, p=X, w=X), (0, 1), _bessel(1)),
    "membrane": (Problem(X, (0, 1), 0, p=X, w=X), (0, 1), _bessel(0)),
    "legendre": (Problem(X, (-1, 1), 0, p=1 - X**2), (-1, 1), [n * (n + 1.0) for n in range(8)]),
    "legendre, m = 1": (
        Problem(X, (-1, 1), 1 / (1 - X**2), p=1 - X**2),
        (-1, 1),
        [(n + 1.0) * (n + 2) for n in range(8)],
    ),
    "poschl-teller": (
        Problem(X, (0, sp.pi), sp.Rational(15, 4) / sp.sin(X) ** 2),
        (0, math.pi),
        [(n + 2.5) ** 2 for n in range(6)],
    ),
    "scarf": (
        Problem(X, (0, sp.pi / 2), sp.Rational(3, 4) / sp.cos(X) ** 2 + 2 / sp.sin(X) ** 2),
        (0, math.pi / 2),
        [(2 * n + 3.5) ** 2 for n in range(5)],
    ),
    "kratzer": (
        Problem(X, (0, OO), -10 / X + 5 / X**2),
        (0, 30),
        [-((5 / (n + 0.5 + math.sqrt(5.25))) ** 2) for n in range(5)],
    ),
    "laguerre": (Problem(X, (0, OO), X / 4, p=X), (0, 40), [n + 0.5 for n in range(5)]),
    "hydrogen in SI": (
        Problem(X, (0, OO), -sp.Float(2.3e-28) / X, p=6.1e-39),
        (0, 2e-9),
        [-(2.3e-28**2) / (4 * 6.1e-39) / n**2 for n in range(1, 4)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_reference_against_closed_forms(name: str) -> None:
    problem, box, exact = CASES[name]
    found = reference(problem, range(len(exact)), box)
    size = np.abs(exact) + abs(exact[0] - exact[1])
    assert found.message == ""
    assert np.all(np.abs(found.energies - exact) <= found.errors + 2 * EPS * size)
    assert np.all(found.errors <= 2e-12 * size)


# Certificates -------------------------------------------------------------------------------------------


def _powers(analytic: Any, numbers: Sequence[int], energies: Sequence[float], edges: Sequence[float],
            jets: Sequence[Callable[[Array], tuple[Array, Array, Array]]]) -> States:  # fmt: skip
    parts = [tuple((lambda x, f=f, i=i: f(x)[i]) for i in range(3)) for f in jets]
    return analytic.states_of(numbers, energies, edges, parts)


def _radial(n: int, ell: int) -> Callable[[Array], tuple[Array, Array, Array]]:
    """r^(l + 1) exp(-r/k) L(2 r/k) with k = n + l + 1."""
    k = n + ell + 1
    laguerre = scipy.special.genlaguerre(n, 2 * ell + 1)
    first, second = laguerre.deriv(1), laguerre.deriv(2)
    norm = math.sqrt((2 / k) ** 3 * math.factorial(n) / (2 * k * math.factorial(n + 2 * ell + 1)))

    def jet(r: Array) -> tuple[Array, Array, Array]:
        z, c = 2 * r / k, norm * (2 / k) ** ell
        f, df, ddf = laguerre(z), 2 / k * first(z), (2 / k) ** 2 * second(z)
        g = c * r ** (ell + 1) * np.exp(-r / k)
        dg = g * ((ell + 1) / r - 1 / k)
        ddg = g * (((ell + 1) / r - 1 / k) ** 2 - (ell + 1) / r**2)
        return g * f, dg * f + g * df, ddg * f + 2 * dg * df + g * ddf

    return jet


def _cylinder(order: float, root: float) -> Callable[[Array], tuple[Array, Array, Array]]:
    """sqrt(x) J_order(root x), which obeys -psi'' + (order^2 - 1/4)/x^2 psi = root^2 psi."""

    def jet(x: Array) -> tuple[Array, Array, Array]:
        f = np.sqrt(x) * scipy.special.jv(order, root * x)
        slope = f / (2 * x) + np.sqrt(x) * root * scipy.special.jvp(order, root * x)
        return f, slope, ((order**2 - 0.25) / x**2 - root**2) * f

    return jet


def _judged(problem: Problem, states: States) -> Certificate:
    box = float(states.edges[0]), float(states.edges[-1])
    return certify(problem, states, reference(problem, states.numbers, box), 1e-9)


@pytest.mark.parametrize("ell", [0, 1, 3])
def test_hydrogen_is_certified(analytic: Any, ell: int) -> None:
    numbers = range(3)
    energies = [-1 / (n + ell + 1) ** 2 for n in numbers]
    edges = (0, 4, 12, 30, 60, 120, 250)
    problem = Problem(X, (0, OO), -2 / X + sp.Integer(ell * (ell + 1)) / X**2)
    states = _powers(analytic, numbers, energies, edges, [_radial(n, ell) for n in numbers])
    result = _judged(problem, states)
    assert result.message == ""
    assert list(result.nodes) == [0, 1, 2]
    assert np.all(result.bounds < 1e-9)


def test_fractional_powers_are_certified(analytic: Any) -> None:
    roots = [float(mpmath.besseljzero(0.3, k)) for k in (1, 2, 3)]
    problem = Problem(X, (0, 1), (sp.Rational(9, 100) - sp.Rational(1, 4)) / X**2)
    states = _powers(
        analytic, range(3), [k**2 for k in roots], (0, 0.5, 1), [_cylinder(0.3, k) for k in roots]
    )
    result = _judged(problem, states)
    assert result.message == ""
    assert np.all(result.bounds < 1e-8)


def test_the_other_solution_is_refused(analytic: Any) -> None:
    """J_(-0.3) solves the equation and is square-integrable, but goes like x^0.2 instead of x^0.8."""
    root = 1.7987
    root = float(mpmath.findroot(lambda k: mpmath.besselj(-0.3, k), root))
    problem = Problem(X, (0, 1), (sp.Rational(9, 100) - sp.Rational(1, 4)) / X**2)
    states = _powers(analytic, (0,), [root**2], (0, 0.5, 1), [_cylinder(-0.3, root)])
    result = _judged(problem, states)
    assert not result.certified[0]
    assert "psi does not go like the power 0.8 of the distance to x = 0" in result.message


def test_a_coulomb_state_that_does_not_vanish_is_refused(analytic: Any) -> None:
    """cos(pi x/2) on [0, 1] with -0.001/x: nearly a solution, but psi(0) must be 0."""
    problem = Problem(X, (0, 1), -sp.Float(0.001) / X)
    k = math.pi / 2
    part = (lambda x: np.cos(k * x), lambda x: -k * np.sin(k * x), lambda x: -(k**2) * np.cos(k * x))
    result = _judged(problem, analytic.states_of((0,), [k**2], (0, 0.5, 1), [part]))
    assert "psi does not go like the power 1 of the distance to x = 0" in result.message


def test_legendre_polynomials_are_certified_and_their_partners_are_not(analytic: Any) -> None:
    problem = Problem(X, (-1, 1), 0, p=1 - X**2)
    polynomials = [np.polynomial.Legendre.basis(n) * math.sqrt(n + 0.5) for n in range(4)]
    parts = [(f, f.deriv(1), f.deriv(2)) for f in polynomials]
    states = analytic.states_of(range(4), [n * (n + 1.0) for n in range(4)], (-1, 0, 1), parts)
    result = _judged(problem, states)
    assert result.message == ""
    assert np.all(result.bounds < 1e-9)
    # Q_0 = artanh x: -((1 - x^2) psi')' = 0, with a logarithm at each end
    partner = (np.arctanh, lambda x: 1 / (1 - x**2), lambda x: 2 * x / (1 - x**2) ** 2)
    refused = _judged(problem, analytic.states_of((1,), [0.0], (-1, 0, 1), [partner]))
    assert "psi does not go like the power 0 of the distance to x = " in refused.message


@pytest.mark.parametrize("amount", [1e-3, 1e-6, 1e-9, 1e-11, 1e-13])
@pytest.mark.parametrize("form", ["own", "normal"])
def test_a_little_of_the_other_solution(analytic: Any, amount: float, form: str) -> None:
    """J_0 + amount Y_0 solves Bessel's equation exactly, and vanishes at 1 for the wrong energy."""

    def jet(x: Array) -> tuple[Array, Array, Array]:
        f = scipy.special.j0(z * x) + amount * scipy.special.y0(z * x)
        slope = -z * (scipy.special.j1(z * x) + amount * scipy.special.y1(z * x))
        if form == "own":
            return f, slope, -slope / x - z**2 * f
        root = np.sqrt(x)
        return root * f, f / (2 * root) + root * slope, -(z**2 + 0.25 / x**2) * root * f

    z = float(mpmath.findroot(lambda k: mpmath.besselj(0, k) + amount * mpmath.bessely(0, k), 2.4))
    exact = float(mpmath.besseljzero(0, 1)) ** 2
    own, normal = Problem(X, (0, 1), 0, p=X, w=X), Problem(X, (0, 1), -sp.Rational(1, 4) / X**2)
    states = _powers(analytic, (0,), [z**2], (0, 0.5, 1), [jet])
    result = _judged(own if form == "own" else normal, states)
    assert abs(z**2 - exact) <= result.bounds[0]
    assert math.isinf(result.bounds[0]) == (amount > 1e-10)
    assert not result.converged[0] or abs(z**2 - exact) <= 1e-9 * exact


# Counts -------------------------------------------------------------------------------------------------


def test_counts_with_singular_ends() -> None:
    hydrogen = Problem(X, (0, OO), -2 / X, search=StatesBelow(sp.Rational(-1, 50)))
    assert wanted_states(hydrogen).number == 7
    # Hulthen: E_n = -((1 - (n + 1)^2 a/2)/(n + 1))^2 for -2 a/(exp(a r) - 1), a = 0.1: (n + 1)^2 < 20
    hulthen = Problem(X, (0, OO), -sp.Rational(1, 5) / (sp.exp(X / 10) - 1), search=BoundStates())
    found = wanted_states(hulthen)
    assert (found.number, found.certified) == (4, True)
    spheres = Problem(X, (-1, 1), 0, p=1 - X**2, search=StatesBelow(25))
    assert wanted_states(spheres).number == 5


def test_lennard_jones() -> None:
    """A wall of r^-12: the reference cuts it where it is dead; the count agrees with its levels."""
    problem = Problem(X, (0, OO), 400 * (X**-12 - X**-6), search=BoundStates())
    found = wanted_states(problem)
    assert found.certified
    levels = reference(problem, range(found.number), (0.5, 20))
    assert np.all(levels.energies + levels.errors < 0)
    assert np.all(levels.errors < 1e-9)


def test_a_pole_inside_of_a_square_is_taken_out() -> None:
    """(r/a - a/r)^2: multiplied out, what is left at the end is enclosed."""
    solution = qdsl.solve(
        qdsl.parse("domain r in [0, inf)\npotential V(r) = 15*(r/2 - 2/r)^2\nfind states 0..3\n")
    )
    assert solution.certificate.index == (Index.PROVEN,) * 4
    s = 0.5 + math.sqrt(60.25)
    exact = [math.sqrt(15) / 2 * (4 * n + 2 * s + 1) - 30 for n in range(4)]
    assert (np.abs(solution.energies - exact) <= solution.bounds).all()


POLES = {
    "eckart": ("[0, inf)", "eckart(x, 6, 90, 1)", [-((3 + n) ** 2) - (45 / (3 + n)) ** 2 for n in range(3)]),
    "hulthen": ("[0, inf)", "hulthen(x, 40, 1)", [-((40 / n - n) ** 2) / 4 for n in (1, 2, 3)]),
    "manning-rosen": (
        "[0, inf)",
        "manning_rosen(x, 2, 70, 1)",
        [-((72 / (n + 2) - (n + 2)) ** 2) / 4 for n in range(3)],
    ),
    "poschl-teller": (
        "[0, pi]",
        "poschl_teller_trigonometric(x, 3/16, 5/16, pi)",
        [((2 + math.sqrt(1.5)) / 2 + n) ** 2 for n in range(3)],
    ),
    "scarf": ("[-pi/2, pi/2]", "scarf(x, 4, 2, pi)", [(n + 2.5) ** 2 for n in range(3)]),
}


@pytest.mark.parametrize("name", POLES)
def test_counts_next_to_poles_of_any_form_are_proven(name: str) -> None:
    domain, potential, exact = POLES[name]
    text = f"domain x in {domain}\npotential V(x) = {potential}\nfind states 0..2\n"
    solution = qdsl.solve(qdsl.parse(text))
    assert solution.certificate.index == (Index.PROVEN,) * 3
    assert (np.abs(solution.energies - exact) <= solution.bounds + 4 * EPS * np.abs(exact)).all()


@pytest.mark.parametrize("m", [1, 2, 3])
def test_associated_legendre_functions_are_counted_with_proof(m: int) -> None:
    text = (
        f"domain x in [-1, 1]\nequation -((1 - x^2)*psi')' + {m**2}/(1 - x^2)*psi = E*psi\nfind states 0..3\n"
    )
    solution = qdsl.solve(qdsl.parse(text))
    assert solution.certificate.index == (Index.PROVEN,) * 4
    assert (np.abs(solution.energies - [(m + n) * (m + n + 1) for n in range(4)]) <= solution.bounds).all()


def test_rounding_next_to_a_pole_costs_as_little_as_psi_is_there() -> None:
    """The terms of (H - E) psi grow like x^-3/2, and psi vanishes like x^1/2: zeros of J_0, squared."""
    text = "domain x in [0, 1]\npotential V(x) = -1/(4*x^2)\nfind states 0..3"
    solution = qdsl.solve(qdsl.parse(text))
    exact = np.array(_bessel(0, 4))
    assert (np.abs(solution.energies - exact) <= solution.bounds + 4e-16 * exact).all()
    assert (solution.bounds < 1e-10).all()
