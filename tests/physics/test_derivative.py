"""Derivatives are sympy's own, of every function of the language and of random expressions of them."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.derivative import derivative
from qdsl.physics.functions import FUNCTIONS

X, A = sp.symbols("x a", real=True)
ROWS = [row.symbolic for row in FUNCTIONS.values() if row.most == 1]
SMOOTH = [sp.sin, sp.cos, sp.tan, sp.exp, sp.tanh, sp.sinh, sp.cosh, sp.atan, sp.erf, sp.asinh]
POWERS = [-2, -1, 2, 3, sp.Rational(1, 2), sp.Rational(-3, 2), sp.Float(1.7), A]


def _larger(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda pair: pair[0] + pair[1]),
        two.map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, st.sampled_from(POWERS)).map(lambda pair: sp.Pow(3 + pair[0] ** 2, pair[1])),
        two.map(lambda pair: sp.Pow(2 + pair[0] ** 2, pair[1])),
        st.tuples(st.sampled_from(SMOOTH), inner).map(lambda pair: pair[0](pair[1])),
        two.map(lambda pair: sp.Piecewise((pair[0], X < A), (pair[1], True))),
    )


LEAVES = st.sampled_from([X, X, A, sp.Integer(-3), sp.Rational(1, 3), sp.Float(0.7), sp.pi])
EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=8)


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_what_sympy_makes(expression: sp.Expr) -> None:
    found, wanted = derivative(expression, X), sp.diff(expression, X)
    assert found == wanted or sp.expand(found - wanted) == 0


@pytest.mark.parametrize("function", ROWS)
def test_every_function(function) -> None:
    for argument in (X, A * X + 1, sp.sqrt(1 + X**2), A):
        assert derivative(function(argument), X) == sp.diff(function(argument), X)


def test_unknown_functions_and_ties() -> None:
    for expression in (sp.Function("f")(X) * X, sp.Max(X, A), sp.Heaviside(X - A) * X, X**X, sp.Abs(X) ** 3):
        assert derivative(expression, X) == sp.diff(expression, X)
    assert derivative(A**2, X) == 0


def test_forty_gaussians_in_no_time() -> None:
    """Two derivatives; sympy.diff asks for the assumptions of 2000 parts, here every part is made once."""
    many = X**2 + sum(sp.exp(-((X - sp.Float(k + 0.3)) ** 2) / sp.Float(0.2 + k / 7)) for k in range(40))
    twice = derivative(derivative(many, X), X)
    at = 1.7
    wanted = 2 + sum(
        math.exp(-((at - k - 0.3) ** 2) / (0.2 + k / 7))
        * ((2 * (at - k - 0.3) / (0.2 + k / 7)) ** 2 - 2 / (0.2 + k / 7))
        for k in range(40)
    )
    assert float(twice.subs(X, at)) == pytest.approx(wanted, rel=1e-10)
