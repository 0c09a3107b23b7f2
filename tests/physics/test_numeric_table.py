"""The numpy column of the function table, row by row against mpmath, and the behaviour of branches."""

import math
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qdsl.physics import numeric
from qdsl.physics.functions import FUNCTIONS
from qdsl.physics.quantities import EnergyOf

x, y, a = sp.symbols("x y a", real=True)

REAL = np.linspace(-2.3, 2.7, 41)
POSITIVE = np.linspace(0.01, 3, 31)
UNIT = np.linspace(-0.99, 0.99, 31)
ABOVE_ONE = np.linspace(1.01, 5, 31)

ROWS = [
    (sp.sin, mpmath.sin, REAL),
    (sp.cos, mpmath.cos, REAL),
    (sp.tan, mpmath.tan, REAL),
    (sp.cot, mpmath.cot, POSITIVE),
    (sp.asin, mpmath.asin, UNIT),
    (sp.acos, mpmath.acos, UNIT),
    (sp.atan, mpmath.atan, REAL),
    (sp.sinh, mpmath.sinh, REAL),
    (sp.cosh, mpmath.cosh, REAL),
    (sp.tanh, mpmath.tanh, REAL),
    (sp.coth, mpmath.coth, POSITIVE),
    (sp.asinh, mpmath.asinh, REAL),
    (sp.acosh, mpmath.acosh, ABOVE_ONE),
    (sp.atanh, mpmath.atanh, UNIT),
    (sp.exp, mpmath.exp, REAL),
    (sp.log, mpmath.log, POSITIVE),
    (sp.sqrt, mpmath.sqrt, POSITIVE),
    (sp.erf, mpmath.erf, REAL),
    (sp.Abs, abs, REAL),
    (sp.sign, mpmath.sign, REAL),
    (lambda z: z**-1, lambda z: 1 / z, POSITIVE),
    (lambda z: z**3, lambda z: z**3, REAL),
    (lambda z: z ** sp.Rational(-1, 2), lambda z: 1 / mpmath.sqrt(z), POSITIVE),
    (lambda z: z ** sp.Float(2.5), lambda z: z**2.5, POSITIVE),
    (lambda z: sp.Integer(3) ** z, lambda z: mpmath.mpf(3) ** z, REAL),
    (FUNCTIONS["cbrt"].symbolic, lambda z: mpmath.sign(z) * mpmath.cbrt(abs(z)), REAL),
]


@pytest.mark.parametrize(("symbolic", "exact", "points"), ROWS)
def test_row_agrees_with_mpmath(symbolic, exact, points):
    found = numeric.evaluate(symbolic(x), {x: points})
    wanted = np.array([float(exact(mpmath.mpf(float(p)))) for p in points])
    np.testing.assert_allclose(found, wanted, rtol=2e-15, atol=1e-15)


def test_every_function_of_the_language_has_a_numpy_form():
    for row in FUNCTIONS.values():
        arguments = (x, y, a)[: max(row.least, 1)]
        values = numeric.evaluate(row.symbolic(*arguments), {x: 0.3, y: 0.2, a: 0.1})
        assert math.isfinite(float(values))


def test_steps_have_the_values_of_the_reference_at_the_step():
    points = np.array([-1.0, 0.0, 1.0])
    assert numeric.evaluate(sp.Heaviside(x), {x: points}).tolist() == [0.0, 0.5, 1.0]
    assert numeric.evaluate(sp.sign(x), {x: points}).tolist() == [-1.0, 0.0, 1.0]


def test_minimum_and_maximum_of_many():
    points = np.linspace(-2, 2, 17)
    found = numeric.evaluate(sp.Max(x, -x, sp.Rational(1, 2), evaluate=False), {x: points})
    assert np.array_equal(found, np.maximum(np.abs(points), 0.5))
    found = numeric.evaluate(sp.Min(x, -x, -1, x**2, evaluate=False), {x: points})
    assert np.array_equal(found, np.minimum(-np.abs(points), -1))


def test_the_first_case_that_holds_counts_and_the_others_cannot_poison_it():
    cases = sp.Piecewise((1 / x, x > 0), (sp.log(-x), x < 0), (5, True), evaluate=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = numeric.evaluate(cases, {x: np.array([-math.e, 0.0, 2.0])})
    assert found.tolist() == pytest.approx([1.0, 5.0, 0.5])


def test_conditions_of_every_kind():
    points = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    for condition, wanted in [
        (sp.And(x > -2, x < 1), [0, 1, 1, 0, 0]),
        (sp.Or(x < -1, x >= 1), [1, 0, 0, 1, 1]),
        (sp.Not(sp.And(x > -2, x < 1)), [1, 0, 0, 1, 1]),
        (sp.Eq(x, 1), [0, 0, 0, 1, 0]),
        (sp.Ne(x, 1), [1, 1, 1, 0, 1]),
        (x <= 0, [1, 1, 1, 0, 0]),
    ]:
        assert numeric.evaluate(condition, {x: points}).tolist() == wanted


def test_what_is_not_real_is_nan_and_poles_are_infinite_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(numeric.number(sp.sqrt(x), {x: -1.0}))
        assert math.isnan(numeric.number(sp.asin(x), {x: 2.0}))
        assert math.isnan(numeric.number(sp.sqrt(-(x**2)), {x: 1.0}))
        assert math.isinf(numeric.number(1 / x, {x: 0.0}))
        assert math.isinf(numeric.number(sp.exp(x), {x: 1e9}))
        assert math.isinf(numeric.number(sp.Integer(10) ** 400))
        assert math.isinf(numeric.number(-sp.Float("1e500")))


def test_the_result_has_the_shape_of_the_values():
    points = np.linspace(0, 1, 6).reshape(2, 3)
    for expression in (sp.Integer(3), x, x + a):
        found = numeric.evaluate(expression, {x: points, a: 2.0})
        assert found.shape == (2, 3)
        assert found.dtype == np.float64
        found[0, 0] = 1.0  # not a read-only view
    assert numeric.evaluate(a + 1, {a: 2.0}).shape == ()


def test_unknown_heads_and_symbols_are_loud():
    with pytest.raises(NotImplementedError, match="EnergyOf"):
        numeric.evaluate(EnergyOf(0), {})
    with pytest.raises(KeyError, match="a"):
        numeric.evaluate(x + a, {x: 1.0})


def test_a_function_of_points_is_what_is_evaluated():
    points = np.linspace(-1, 1, 6).reshape(2, 3)
    for expression in (sp.Integer(3), x, a, x + a, a * y * x + sp.exp(a) / y, 1 / x, sp.sqrt(x), a / (y - y)):
        found = numeric.function(expression, x, {a: 2.0, y: -3.0, x: 7.0})(points)
        wanted = numeric.evaluate(expression, {a: 2.0, y: -3.0, x: points})
        assert found.dtype == np.float64
        assert np.array_equal(found, wanted, equal_nan=True)
    found = numeric.function(a, x, {a: 2.0})(points)
    found[0, 0] = 1.0  # not a read-only view
    assert numeric.function(a * x, x, {a: 2.0})(np.asarray(3.0)) == 6.0
    with pytest.raises(KeyError, match="a"):
        numeric.function(x + a, x, {})


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> sp.Expr:
    """Random compositions of the table that are real everywhere."""
    if depth == 0:
        return draw(st.sampled_from([x, a, sp.Integer(2), sp.Rational(-1, 3), sp.Float("0.7"), sp.pi]))
    one = expressions(depth=depth - 1)
    u = draw(one)
    return draw(
        st.sampled_from([sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, sp.Abs, sp.sign]).map(lambda f: f(u))
        | one.map(lambda v: u + v)
        | one.map(lambda v: u * v)
        | one.map(lambda v: sp.Max(u, v, evaluate=False) if u != v else u)
        | one.map(lambda v: sp.Piecewise((u, sp.Lt(x, v, evaluate=False)), (v, True), evaluate=False))
        | st.just(sp.sqrt(1 + u**2))
    )


@settings(max_examples=50)
@given(expressions(), st.floats(-3, 3), st.floats(-3, 3))
def test_agrees_with_sympy_on_random_expressions(expression, at, value):
    found = numeric.number(expression, {x: at, a: value})
    point = {x: sp.Float(at, 40), a: sp.Float(value, 40)}
    wanted = expression.subs(point).evalf(30)
    assume(wanted.is_Number)  # sympy may not find out of which sign an exact 0 is
    assert found == pytest.approx(float(wanted), rel=1e-11, abs=1e-11)


@settings(max_examples=100, deadline=None)
@given(expressions(), st.floats(-3, 3))
def test_bound_to_values_an_expression_is_worth_the_same(expression, value):
    points = np.linspace(-2, 3, 7)
    found = numeric.function(expression, x, {a: value})(points)
    assert np.array_equal(found, numeric.evaluate(expression, {x: points, a: value}), equal_nan=True)
