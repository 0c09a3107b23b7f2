"""Explanations name what is solved, with its numbers, and say why each piece is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from qdsl.physics.problem import Expectation, Parameter, Problem, Quantity
from qdsl.physics.quantities import EnergyOf
from qdsl.physics.training import FixedEnergy, Gradient, LevenbergMarquardt, Ritz, Training
from qdsl.report import notation
from qdsl.report.explain import explain
from qdsl.report.writer import LatexWriter, PlainWriter

x, a, V0 = sp.symbols("x a V0", real=True)


@pytest.fixture
def well() -> Problem:
    return Problem(
        x,
        (sp.Integer(-4), sp.Integer(4)),
        sp.Piecewise((0, sp.Abs(x) < a), (V0, True)),
        states=(0, 1, 2),
        parameters=(
            Parameter(V0, sp.Integer(20), (sp.Rational(1, 10), sp.Integer(1000)), "depth of the well"),
            Parameter(a, sp.Integer(1)),
        ),
        title="Finite well, 100% {sure}",
        expect=(Expectation(Quantity(EnergyOf(0), "E[0]"), sp.pi**2, 1e-9, "E[0] = pi^2 within 1e-9"),),
    )


def test_says_what_is_solved(well):
    text = explain(well, PlainWriter())
    assert "Finite well, 100% {sure}" in text
    assert "-ψ'' + V ψ = E ψ" in text
    assert "V0 = 20: depth of the well (allowed: 1/10 to 1000)" in text
    assert "⎧ 0    if |x| < a" in text
    assert "⎩ 20   otherwise" in text
    assert "n = 0, 1, 2" in text
    assert "ψ(-4) = 0" in text
    assert "E[0] = pi^2 within 1e-9" in text
    assert max(map(len, text.splitlines())) <= 100


def test_names_every_point_where_the_potential_is_not_smooth(well):
    text = explain(well, PlainWriter())
    pieces = text[text.index("Pieces") : text.index("The trial function")]
    assert "x = -a = -1: V jumps" in pieces
    assert "x = a = 1: V jumps" in pieces
    assert "V = V0 for -4 < x < -1" in pieces
    assert "V = 0 for -1 < x < 1" in pieces


def test_smooth_potentials_need_no_cut(well):
    text = explain(replace(well, q=x**2, parameters=()), PlainWriter())
    assert "nothing forces a cut" in text


def test_decay_and_mass():
    problem = Problem(x, (-sp.oo, sp.oo), x**2, p=sp.Rational(1, 2))
    text = explain(problem, PlainWriter())
    assert "On -∞ < x < ∞" in text
    assert "-c ψ''" in text
    assert "1/2" in text
    assert "tends to 0" in text


def test_methods_and_loss(well):
    recipe = Training(
        method=(Gradient(),), energy=FixedEnergy(9.8696), loss=(("raw_residual", 1.0), ("norm", 10.0))
    )
    text = " ".join(explain(replace(well, training=recipe), PlainWriter()).split())
    assert "the energy is held at 9.8696" in text
    assert "Gradient descent minimises raw_residual + 10·norm." in text
    assert "not divided by the norm" in text
    chain = Training(method=(Ritz(), LevenbergMarquardt(steps=7)))
    text = " ".join(explain(replace(well, training=chain), PlainWriter()).split())
    assert text.index("Method ritz") < text.index("Method lm: up to 7")


def test_latex_is_a_whole_document(well):
    text = explain(well, LatexWriter())
    assert text.startswith(r"\documentclass")
    assert text.rstrip().endswith(r"\end{document}")
    assert r"\title{Finite well, 100\% \{sure\}}" in text
    assert r"\begin{cases}" in text
    for environment in ("itemize", "equation*", "cases", "aligned"):
        assert text.count(rf"\begin{{{environment}}}") == text.count(rf"\end{{{environment}}}")
    formulas = text.replace(r"\$", "")
    assert formulas.count("$") % 2 == 0


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        ((x**2 - 4) ** 2, "(x² - 4)²"),
        (sp.Piecewise((0, sp.Abs(x) < a), (V0, True)), "{ 0 if |x| < a; V0 otherwise }"),
        (sp.And(sp.Rational(2, 5) < x, x < sp.Rational(3, 5)), "2/5 < x < 3/5"),
        (sp.Or(x < 1, sp.And(x > 2, x <= 3)), "x < 1 or (2 < x ≤ 3)"),
        (sp.Not(sp.Or(x < 1, x > 2)), "not (x > 2 or x < 1)"),
        (0.25 * sp.exp(-x) / x**2, "0.25·exp(-x)/x²"),
        (x ** sp.Float(0.5), "x^0.5"),
        (sp.pi * sp.oo, "∞"),
        (2 * sp.pi * a, "2·π·a"),
    ],
)
def test_formulas_read_as_people_write_them(expression, plain):
    assert notation.plain(expression) == plain
