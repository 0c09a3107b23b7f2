"""Completed squares: the same numbers, and enclosures that know where they end."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import qdsl
from qdsl.physics.enclosure import enclose
from qdsl.physics.features import narrow_features
from qdsl.physics.squares import completed

X, A, B = sp.symbols("x a b", real=True)
NUMBERS = st.one_of(st.integers(-9, 9), st.floats(-1e3, 1e3, allow_subnormal=False)).map(sp.sympify)


def exact(expression: sp.Expr, values: dict[sp.Symbol, sp.Rational]) -> sp.Expr:
    floats = {number: sp.Rational(number) for number in expression.atoms(sp.Float)}
    return expression.xreplace(floats).xreplace(values)


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from([-6, -1, 1, 2, 3]), st.fractions(-9, 9).filter(bool))
def test_nothing_but_the_form_changes(a: sp.Expr, b: sp.Expr, c: sp.Expr, k: int, at: object) -> None:
    values = {X: sp.Rational(at), A: sp.Rational(7, 3), B: sp.Rational(-5, 7)}
    whole = a * X ** (2 * k) + b * X**k + c + A * X**k + B**2 - 2 * A * B + sp.Abs(X)
    found = completed(whole)
    if a:
        assert found is not None
        assert exact(found, values) == exact(whole, values)


@pytest.mark.parametrize("total", [X**2 + 1, A * X**2 + X, sp.exp(X) + X, X**3 + X**2, sp.pi * X**2 + X])
def test_where_there_is_none(total: sp.Expr) -> None:
    assert completed(total) is None


@given(NUMBERS, NUMBERS, NUMBERS, st.floats(-1e3, 1e3), st.floats(0, 1e3), st.fractions(0, 1))
def test_enclosures_hold_all_values(
    a: sp.Expr, b: sp.Expr, c: sp.Expr, low: float, width: float, share: object
) -> None:
    whole, high = a * X**2 + b * X + c, low + width
    found = enclose(whole, {}, X, np.array([low]), np.array([high]))
    x = sp.Rational(low) + sp.Rational(share) * (sp.Rational(high) - sp.Rational(low))
    value = exact(sp.sympify(whole), {X: x})
    assert sp.Rational(float(found.low[0])) <= value <= sp.Rational(float(found.high[0]))


def test_the_range_of_a_quadratic() -> None:
    found = enclose(X**2 - 0.6 * X + 0.0900001, {}, X, np.array([0.0, -np.inf]), np.array([1.0, np.inf]))
    np.testing.assert_allclose(found.low, 1e-7, atol=1e-15)
    assert found.high.tolist() == [pytest.approx(0.4900001, abs=1e-15), np.inf]


def test_a_sum_stays_as_narrow_as_it_is() -> None:
    """Of x + x^2/10^8 the square has the vertex at -5e7, where the numbers are of the size of 2.5e7."""
    found = enclose(X + sp.Rational(1, 10**8) * X**2, {}, X, np.array([1.0]), np.array([1.0]))
    assert float(found.high[0] - found.low[0]) < 1e-15


def test_a_well_far_outside_that_is_written_out() -> None:
    """Without an enclosure that tells of it, the ground state of -1/x beside it was certified, -1/4."""
    text = "-1/x - 5e3*exp(-(x^2 - 155.4*x + 6037.29)/1e-4)"
    problem = qdsl.parse(f"domain x in [0, inf)\npotential V(x) = {text}\nfind state 0")
    features = np.array([0.0, *narrow_features(problem)])
    assert np.abs(features - 77.7).min() < 0.05
