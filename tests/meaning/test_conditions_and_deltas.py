"""Boundary conditions, point interactions, masses and searches of a file, as mathematics."""

import numpy as np
import pytest
import sympy as sp

import qdsl
from qdsl.physics import numeric
from qdsl.physics.problem import (
    Bloch,
    BoundStates,
    Decay,
    Dirichlet,
    Neumann,
    PointInteraction,
    Robin,
    StatesBelow,
)
from qdsl.physics.quantities import Element, PsiAt

x, a, L, k = (sp.Symbol(name, real=True) for name in ("x", "a", "L", "k"))
HEAD = "param a = 3\nparam L = 2\nparam k = 0.3\n"


def problem(lines: str = "", potential: str = "0", domain: str = "[0, L]") -> qdsl.Problem:
    return qdsl.parse(f"{HEAD}domain x in {domain}\npotential V(x) = {potential}\n{lines}\n")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", (Dirichlet(), Dirichlet())),
        ("boundary psi'(0) = 0", (Neumann(), Dirichlet())),
        ("boundary 0 = -3*psi'(L)", (Dirichlet(), Neumann())),
        ("boundary psi'(0) = 2*psi(0), psi'(L) = 0", (Robin(sp.Integer(2)), Neumann())),
        ("boundary psi'(L) = a*psi(L)", (Dirichlet(), Robin(a))),
        ("boundary a*psi(0) + 2*psi'(0) = 0", (Robin(-a / 2), Dirichlet())),
        ("boundary psi(0) = psi'(0)/a", (Robin(a), Dirichlet())),
        ("boundary (a - 1)*psi(0) = psi(0), psi'(L) - psi'(L) = psi(L)", (Dirichlet(), Dirichlet())),
        ("boundary 2*(psi'(0) - psi(0)) = psi'(0) - psi(0)", (Robin(sp.Integer(1)), Dirichlet())),
        ("boundary periodic", Bloch(sp.Integer(0))),
        ("boundary bloch(k)", Bloch(k * L)),
        ("boundary bloch(pi/L)", Bloch(sp.pi)),
    ],
)
def test_conditions(line, wanted):
    assert problem(line).boundary == wanted


def test_the_phase_of_bloch_belongs_to_the_width_of_the_domain():
    boundary = problem("boundary bloch(k)", domain="[-a, L]").boundary
    assert sp.expand(boundary.phase - k * (L + a)) == 0


def test_an_infinite_end_decays_and_the_other_one_does_what_the_file_says():
    assert problem("boundary psi'(0) = 0", "x^2", "[0, inf)").boundary == (Neumann(), Decay())


@pytest.mark.parametrize("factor", ["2", "-a", "1/7"])
def test_a_condition_times_a_constant_is_the_same_condition(factor):
    (left, _) = problem(f"boundary {factor}*psi'(0) = {factor}*(3*psi(0) - psi'(0))").ends
    assert isinstance(left, Robin)
    assert numeric.number(left.ratio, {a: 3.0}) == pytest.approx(1.5, rel=1e-15)


# Point interactions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("potential", "regular", "points"),
    [
        ("-a*delta(x - 1)", 0, {1: -a}),
        ("x^2 + delta(x - 1)/2 - delta(x - 1)", x**2, {1: sp.Rational(-1, 2)}),
        ("delta(2*x - 1)", 0, {sp.Rational(1, 2): sp.Rational(1, 2)}),
        ("delta(1 - x)", 0, {1: 1}),
        ("a*(x + 2*(delta(x - 1) - delta(x - k)))", a * x, {1: 2 * a, k: -2 * a}),
        ("delta(x - 1) - delta(1 - x) + x", x, {}),
        ("0*delta(x - 1)", 0, {}),
    ],
)
def test_potential_and_point_interactions(potential, regular, points):
    found = problem(potential=potential)
    assert sp.expand(found.q - regular) == 0
    assert {delta.location: sp.expand(delta.strength) for delta in found.deltas} == points


@pytest.mark.parametrize("slope", [-3.0, -0.5, 0.25, 7.0])
def test_a_delta_acts_as_its_limit_of_narrow_gaussians_does(slope):
    """int delta(s (x - c)) f(x) dx, with f(x) = cos(x)."""
    (delta,) = problem(potential=f"a*delta({slope}*(x - 0.7))").deltas
    strength, at = (numeric.number(part, {a: 3.0}) for part in (delta.strength, delta.location))
    eps = 1e-5
    at_points = 0.7 + np.linspace(-10, 10, 2001) * eps / abs(slope)
    gaussian = np.exp(-((slope * (at_points - 0.7) / eps) ** 2) / 2) / (eps * np.sqrt(2 * np.pi))
    limit = np.trapezoid(3 * gaussian * np.cos(at_points), at_points)
    assert at == pytest.approx(0.7, rel=1e-15)
    assert strength * np.cos(at) == pytest.approx(limit, rel=1e-8)


def test_deltas_in_functions_of_the_file():
    found = qdsl.parse(
        "define spike(t, g = 2) = g*delta(t)\n"
        "define comb(x, d) = spike(x - d) + spike(x - 2*d, g = 5)\n"
        "domain x in [0, 4]\npotential V(x) = comb(x, 1) + x\n"
    )
    assert found.q == x
    assert set(found.deltas) == {
        PointInteraction(sp.Integer(1), sp.Integer(2)),
        PointInteraction(sp.Integer(2), sp.Integer(5)),
    }


def test_the_mean_of_a_potential_with_deltas():
    found = problem(
        "find states 0..1\nreport element(0, V(x) + x, 1), mean(a*delta(x - 1), 0)", "-a*delta(x - 1)"
    )
    first, second = (quantity.expression for quantity in found.report)
    assert first == Element(0, x, 1) - a * PsiAt(0, 1) * PsiAt(1, 1)
    assert second == a * PsiAt(0, 1) ** 2


# Masses and searches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mass", ["1 + x", "{0.067 if x < 1; 0.09 otherwise}", "2 + {x if x < 1; 1 otherwise}", "a"]
)
def test_a_mass_that_depends_on_the_place(mass):
    found = qdsl.parse(f"{HEAD}units atomic\ndomain x in [0, L]\nmass m(x) = {mass}\npotential V(x) = 0\n")
    at = np.array([0.1, 0.99, 1.0, 1.7])
    m = {
        "1 + x": 1 + at,
        "{0.067 if x < 1; 0.09 otherwise}": np.where(at < 1, 0.067, 0.09),
        "2 + {x if x < 1; 1 otherwise}": 2 + np.minimum(at, 1),
        "a": np.full(4, 3.0),
    }[mass]
    assert numeric.evaluate(found.p, {**found.values, x: at}) == pytest.approx(0.5 / m, rel=1e-15)


def test_searches():
    below = problem("find states below 4*a\nreport E[7]")
    assert (below.search, below.states) == (StatesBelow(4 * a), ())
    bound = problem("find bound states\nreport E[1] - E[0], psi[3](1)", "-5*exp(-x^2)", "(-inf, inf)")
    assert (bound.search, bound.states) == (BoundStates(), ())
