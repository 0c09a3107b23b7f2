"""Formulas with many cases of one value: rows of wells are as many cases as wells, not two to that power."""

from __future__ import annotations

import sympy as sp

import qdsl
from qdsl.physics.piecewise import put, slope
from qdsl.report import notation
from qdsl.report.explain import explain
from qdsl.report.writer import PlainWriter

X, B = sp.symbols("x b", real=True)
WELLS = 40


def row(*values: sp.Expr) -> sp.Piecewise:
    """Cases on one well after the other, and 0 otherwise."""
    wells = [(value, sp.And(sp.Lt(2 * i * B, X), sp.Lt(X, 2 * i * B + 1))) for i, value in enumerate(values)]
    return sp.Piecewise(*wells, (0, True), evaluate=False)


def test_a_value_is_put_into_each_case():
    assert notation.cases(put(row(B, B, X), B, sp.Integer(2))) == [
        ("2", "if 0 < x < 1"),
        ("2", "if 4 < x < 5"),
        ("x", "if 8 < x < 9"),
        ("0", "otherwise"),
    ]


def test_a_case_that_cannot_hold_falls_away_and_one_that_must_is_the_last():
    formula = sp.Piecewise((1, B > 3), (2, X < B), (3, B < 3), (4, True), evaluate=False)
    assert notation.cases(put(formula, B, sp.Integer(2))) == [("2", "if x < 2"), ("3", "otherwise")]
    assert put(formula, B, sp.Integer(5)) == 1


def test_the_slope_is_that_of_each_case():
    formula = X / row(X**2, X, X)
    inside = {0.5: -4.0, 4.5: 0.0, 8.5: 0.0}
    found = slope(formula, X)
    assert {x: float(found.subs({B: 2, X: sp.Float(x)})) for x in inside} == inside
    assert slope(sp.sign(X) * X**2, X) == 2 * X * sp.sign(X)


def test_a_long_row_of_layers_is_explained_and_solved():
    def layers(inside: str, outside: str) -> str:
        cases = "; ".join(f"{inside} if {3 * i}*b < x < {3 * i}*b + 1" for i in range(WELLS))
        return f"{{ {cases}; {outside} otherwise }}"

    problem = qdsl.parse(
        f"param b = 1\ndomain x in [-1, {3 * WELLS - 1}]\n"
        f"mass m(x) = {layers('1', '2')}\npotential V(x) = {layers('0', '5')}\n"
    )
    assert f"if {3 * (WELLS - 1)} < x < {3 * WELLS - 2}" in explain(problem, PlainWriter())
    assert qdsl.solve(problem).status == "certified"
