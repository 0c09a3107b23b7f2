"""`equation`: p, q and w come back from every way in which a Sturm-Liouville equation can be written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import qdsl
from qdsl.errors import QdslError
from qdsl.physics import numeric
from qdsl.physics.notation import text

x, g = sp.Symbol("x", real=True), sp.Symbol("g", real=True)
POINTS = np.linspace(0.13, 1.87, 29)
VALUE = 1.75  # of the parameter g
HEAD = f"param g = {VALUE}\ndomain x in [0.1, 1.9]\n"

numbers = st.fractions(-4, 4, max_denominator=5).map(lambda f: sp.Rational(f.numerator, f.denominator))
positive_numbers = numbers.map(lambda c: abs(c) + sp.Rational(1, 3))
positive = st.deferred(
    lambda: st.one_of(
        positive_numbers,
        st.builds(lambda a, b: a + b * x**2, positive_numbers, positive_numbers),
        st.builds(lambda n: (x + 1) ** n, numbers),
        st.builds(lambda c: sp.exp(c * x), numbers),
        st.builds(lambda c: sp.cosh(c * x), numbers),
        st.builds(lambda c: 2 + sp.sin(c * x), numbers),
        st.sampled_from([sp.sqrt(x), g + x, x**g, sp.exp(-(x**2) / 2), sp.sin(x)]),
        st.builds(sp.Mul, positive, positive_numbers),
    )
)
functions = st.one_of(
    numbers,
    st.builds(lambda a, b, n: a + b * x**n, numbers, numbers, st.integers(-2, 4)),
    st.builds(lambda a, b: sp.sin(a * x) + b * sp.Abs(x - 1), numbers, numbers),
    st.just(sp.Piecewise((g, x < 1), (x, True))),
)


def at_points(expression: sp.Expr) -> np.ndarray:
    return numeric.evaluate(expression, {x: POINTS, g: VALUE})


def read(equation: str, head: str = HEAD) -> qdsl.Problem:
    return qdsl.parse(f"{head}equation {equation}\n")


def same_equation(found: qdsl.Problem, p: sp.Expr, q: sp.Expr, w: sp.Expr) -> None:
    """p, q and w agree but for a positive constant that is common to them."""
    ratio = at_points(found.p) / at_points(p)
    assert ratio[0] > 0
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)
    np.testing.assert_allclose(at_points(found.w), ratio[0] * at_points(w), rtol=1e-9)
    np.testing.assert_allclose(at_points(found.q), ratio[0] * at_points(q), rtol=1e-9, atol=1e-9)


def terms_of(p: sp.Expr, q: sp.Expr, w: sp.Expr, factor: sp.Expr = sp.S.One) -> list[tuple[sp.Expr, str]]:
    """Factors, and what they multiply, of  factor (-p psi'' - p' psi' + q psi - w E psi) = 0."""
    parts = ((-p, "psi''"), (-sp.diff(p, x), "psi'"), (q, "psi"), (-w, "E*psi"))
    return [(factor * part, what) for part, what in parts if part != 0]


def written(terms: Sequence[tuple[sp.Expr, str]], right: Sequence[bool]) -> str:
    """The sum of the terms, = 0, with some of the terms moved to the right."""
    sides: tuple[list[str], list[str]] = ([], [])
    for (factor, what), moved in zip(terms, right, strict=True):
        sides[moved].append(f"({text(-factor if moved else factor)})*{what}")
    left, other = (" + ".join(side) or "0" for side in sides)
    return f"{left} = {other}"


arrangements = st.tuples(st.permutations(range(4)), st.lists(st.booleans(), min_size=4, max_size=4))


@settings(max_examples=25)
@given(p=positive, q=functions, w=positive, constant=numbers.filter(bool), how=arrangements)
def test_an_expanded_equation_is_read_back(p, q, w, constant, how):
    """Whatever side its terms stand on, in any order, and times any constant."""
    order, right = how
    terms = terms_of(p, q, w, constant)
    shuffled = [terms[i] for i in order if i < len(terms)]
    same_equation(read(written(shuffled, right[: len(shuffled)])), p, q, w)


@settings(max_examples=25)
@given(p=positive, q=functions, w=positive, constant=numbers.filter(bool))
def test_the_form_with_a_flux_is_read_back(p, q, w, constant):
    c, p_text, q_text, w_text = (f"({text(part)})" for part in (constant, p, q, w))
    same_equation(read(f"-{c}*({p_text}*psi')' + {c}*{q_text}*psi(x) = E*{c}*{w_text}*psi"), p, q, w)
    same_equation(read(f"{c}*{q_text}*psi = {c}*(E*{w_text}*psi + ({p_text}*psi'(x))')"), p, q, w)


@settings(max_examples=40)
@given(p=positive, q=functions, w=positive, factor=positive)
def test_a_factor_that_hides_the_self_adjoint_form_is_found(p, q, w, factor):
    terms = terms_of(p, q, w, factor)
    same_equation(read(written(terms, [False] * len(terms))), p, q, w)


@pytest.mark.parametrize(
    ("equation", "p", "w"),
    [
        ("-psi'' - cos(x)/sin(x)*psi' = E*psi", "sin(x)", "sin(x)"),
        ("-psi'' + 2*tanh(x)*psi' = E*psi", "cosh(x)^(-2)", "cosh(x)^(-2)"),
        ("-x*psi'' - (g - x)*psi' = E*psi", "x^g*exp(-x)", "x^(g - 1)*exp(-x)"),
        ("-(1 + x^2)*psi'' - (3*x + 2)*psi' = E*psi", "(1 + x^2)^1.5*exp(2*atan(x))", ""),
        ("-(4 - x^2)*psi'' + g*x*psi' = E*psi", "(4 - x^2)^(g/2)", "(4 - x^2)^(g/2 - 1)"),
        ("-psi'' + x^(-g)*psi' = E*psi", "exp(-x^(1 - g)/(1 - g))", "exp(-x^(1 - g)/(1 - g))"),
        ("-psi'' + exp(x)/(1 + exp(x))*psi' = E*psi", "1/(1 + exp(x))", "1/(1 + exp(x))"),
        ("-sin(2*x)*psi'' + (2 - 4*cos(x)^2)*psi' = E*sin(x)*psi", "sin(2*x)", "sin(x)"),
    ],
)
def test_equations_of_mathematical_physics(equation, p, w):
    """Of the Legendre functions on the sphere, of Laguerre, Romanovski, Gegenbauer, …"""
    head = HEAD.replace("1.9", "1.5") if "sin(2" in equation else HEAD
    found = read(equation, head)
    wanted = read(f"-(({p})*psi')' = E*({w or f'({p})/(1 + x^2)'})*psi", head)
    inside = POINTS[POINTS < 1.5]
    for part, other in ((found.p, wanted.p), (found.w, wanted.w)):
        one, two = (numeric.evaluate(each, {x: inside, g: VALUE}) for each in (part, other))
        np.testing.assert_allclose(one * two[0], two * one[0], rtol=1e-10)
    one, two = (numeric.evaluate(each.p / each.w, {x: inside, g: VALUE}) for each in (found, wanted))
    np.testing.assert_allclose(one, two, rtol=1e-10)


def test_a_continuous_factor_of_the_second_derivative_is_divided_by():
    found = read("-(1 + |x - 1|)*psi'' + x*psi = 2*E*psi")
    factor = 1 + sp.Abs(x - 1)
    same_equation(found, sp.S.One, x / factor, 2 / factor)


def test_a_flux_that_jumps_is_kept_whole():
    step = sp.Piecewise((1, x < 1), (2, True))
    cases = "{1 if x < 1; 2 otherwise}"
    same_equation(read(f"-(x*{cases}*psi')' + psi = E*psi"), x * step, sp.S.One, sp.S.One)
    same_equation(read(f"-{cases}*(x*psi')' + psi = E*psi"), x, 1 / step, 1 / step)
    same_equation(read(f"-({cases}*psi')' - x*psi'' - psi' = E*psi"), x + step, sp.S.Zero, sp.S.One)


def test_the_equation_with_units_says_what_potential_and_mass_say():
    lines = """units meV, nm
        domain x in [-20 nm, 20 nm]
        potential V(x) = {0 if |x| < 3 nm; 230 meV otherwise}
        mass m(x) = {0.067 m_e if |x| < 3 nm; 0.0919 m_e otherwise}
        """
    stated, equation = (
        qdsl.parse(lines + line)
        for line in ("", "equation -(hbar^2/(2*m(x))*psi')' + V(x)*psi(x) - E*psi = 0\n")
    )
    at = np.array([-10.0, -1.0, 0.3, 2.9, 4.0])
    for part, other in ((stated.p, equation.p), (stated.q, equation.q), (stated.w, equation.w)):
        one, two = (numeric.evaluate(each, {stated.coordinate: at}) for each in (part, other))
        np.testing.assert_allclose(one, two, rtol=1e-12)


@pytest.mark.parametrize(
    ("equation", "strength"),
    [
        ("-psi'' + 3*delta(x - 1/2)*psi = E*psi", 3),
        ("-2*psi'' + g*delta(2*x - 1)*psi = 2*E*psi", VALUE / 2),
        ("-x^2*(x*psi')' + 3*delta(x - 1/2)*psi = E*psi", 3),
        ("-psi'' + 2*psi' + 3*delta(x - 1/2)*psi = x*E*psi", 3),
        ("-(2 + |x - 1|)*psi'' - delta(1/2 - x)*psi = E*psi", -1),
    ],
)
def test_a_delta_is_multiplied_by_what_the_common_factor_is_there(equation, strength):
    """The strength as written belongs to the weight as written."""
    found = read(equation)
    (point,) = found.deltas
    assert found.number(point.location) == 0.5
    written_weight = 2 if "2*E" in equation else 0.5 if "x*E" in equation else 1
    factor = numeric.number(found.w, {x: 0.5, g: VALUE}) / written_weight
    assert found.number(point.strength) == pytest.approx(strength * factor, rel=1e-12)


WRONG = [
    "psi^2", "psi*psi'", "E^2*psi", "E*psi'", "E*psi''", "E*(x*psi)'", "|psi|", "sin(psi)", "1/psi", "psi/E",
    "E*x*E*psi", "exp(E)*psi", "max(psi, 1)", "{psi if x < 1; 1 otherwise}", "psi*x*psi", "psi'''", "3",
    "x^2", "E", "E*sin(x)", "sqrt(E)*psi", "psi(1)", "psi''(2)", "psi[0]", "(psi' + 1)^2", "(E*psi)'",
    "delta(x - 1)*psi'", "delta(x - 1)*E*psi", "psi*delta(psi)",
]  # fmt: skip


@pytest.mark.parametrize("before", ["", "-psi'' - 2*x*psi' + ", "E*psi + 3*psi''(x) - "])
@pytest.mark.parametrize("term", WRONG)
def test_a_term_that_no_such_equation_has_is_marked(term, before):
    equation = f"{before}{term} = -7*psi'' + 5*E*psi"
    with pytest.raises(QdslError) as caught:
        read(equation)
    start = len(HEAD) + len("equation ") + len(before)
    for diagnostic in caught.value.diagnostics:
        assert diagnostic.span is not None
        assert start <= diagnostic.span.start < diagnostic.span.end <= start + len(term)
        assert diagnostic.hint or "psi''" in diagnostic.message


@pytest.mark.parametrize(
    ("factor", "p"),
    [
        ("sign(x)", sp.exp(-sp.Abs(x))),
        ("2*heaviside(x - 1)", sp.exp(-2 * sp.Max(x - 1, 0))),
        ("(sign(1 - 2*x) + x)", sp.exp(sp.Abs(1 - 2 * x) / 2 - x**2 / 2)),
        ("|x|", sp.exp(-x * sp.Abs(x) / 2)),
    ],
)
def test_a_factor_of_the_slope_with_jumps_has_a_continuous_integral(factor, p):
    problem = qdsl.parse(f"domain x in [-4, 4]\nequation -psi'' + {factor}*psi' + x^2*psi = E*psi")
    points = np.linspace(-3.9, 3.9, 40)
    for found, power in ((problem.p, 0), (problem.w, 0), (problem.q, 2)):
        at = numeric.evaluate(found, {x: points})
        wanted = numeric.evaluate(p, {x: points}) * points**power
        scale = at[7] / wanted[7]
        np.testing.assert_allclose(at, scale * wanted, rtol=1e-12)


def test_the_slope_with_a_sign_is_a_delta_in_disguise():
    """psi = exp(|x|/2) u turns -psi'' + sign(x) psi' into -u'' + (1/4 - delta(x)) u."""
    one = qdsl.solve(
        qdsl.parse("domain x in [-4, 4]\nequation -psi'' + sign(x)*psi' + x^2*psi = E*psi\nfind states 0..2")
    )
    other = qdsl.solve(
        qdsl.parse("domain x in [-4, 4]\npotential V(x) = x^2 + 1/4 - delta(x)\nfind states 0..2")
    )
    assert one.status == other.status == "certified"
    assert one.energies == pytest.approx(other.energies, abs=1e-10)
