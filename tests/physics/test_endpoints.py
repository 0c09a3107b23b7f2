"""Singular ends: exponents, what is left of the potential, and the slope, against closed forms."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics import numeric
from qdsl.physics.endpoints import Frobenius, NoGroundStateError, Wall, singular_ends
from qdsl.physics.problem import Parameter, Problem
from qdsl.physics.series import NoSeriesError, laurent

x = sp.Symbol("x", real=True)


def left_end(q, right=1, p=sp.S.One, w=sp.S.One):
    return singular_ends(Problem(x, (sp.Integer(0), right), q=q, p=p, w=w))[0]


@pytest.mark.parametrize(
    ("expression", "power", "expected"),
    [
        (1 / sp.sin(x) ** 2, 0, 1 / 3),  # 1/x^2 + 1/3 + x^2/15 + ...
        (1 / sp.sin(x) ** 2, 2, 1 / 15),
        (sp.coth(x), -1, 1),
        (sp.coth(x), 3, -1 / 45),
        (sp.exp(-x) / (1 - sp.exp(-x)), 0, -1 / 2),
        (sp.cot(x) - 1 / x, 1, -1 / 3),
        ((1 + x) ** sp.Rational(-5, 2), 2, 35 / 8),
        (sp.log(sp.cos(x)), 4, -1 / 12),
    ],
)
def test_laurent_coefficients(expression, power, expected):
    assert laurent(expression, x, 0.0, 1, {}).coefficient(power) == pytest.approx(expected, rel=1e-13)


def test_branch_points_have_no_series():
    for expression in (sp.sqrt(x), sp.log(x), sp.exp(1 / x)):
        with pytest.raises(NoSeriesError):
            laurent(expression, x, 0.0, 1, {})


@given(ell=st.floats(0.0, 20.0), c=st.floats(-5.0, 5.0), m=st.floats(0.1, 10.0))
@settings(max_examples=50, deadline=None)
def test_coulomb_and_centrifugal(ell, c, m):
    """u ~ r^(l + 1) (1 + m c r / (l + 1)): Landau and Lifshitz, Quantum Mechanics, section 36."""
    q = sp.Float(ell * (ell + 1) / (2 * m)) / x**2 + sp.Float(c) / x
    end = left_end(q, p=sp.Float(1 / (2 * m)))
    if end is None:  # neither term is there
        assert ell * (ell + 1) == 0
        assert c == 0
        return
    assert end.exponent == pytest.approx(ell + 1, rel=1e-9)
    assert end.slope == pytest.approx(m * c / (ell + 1), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("order", [0.0, 0.3, 1.0, 2.5])
def test_bessel(order):
    """-(x psi')' + nu^2/x psi = E x psi: psi ~ x^nu, and no linear term."""
    end = left_end(sp.Float(order**2) / x, p=x, w=x)
    assert end.exponent == pytest.approx(order, abs=1e-12)
    assert end.slope == pytest.approx(0.0, abs=1e-12)


def test_legendre_has_a_free_slope():
    ends = singular_ends(Problem(x, (sp.Integer(-1), sp.Integer(1)), q=sp.S.Zero, p=1 - x**2))
    assert [end.exponent for end in ends] == [0.0, 0.0]
    assert [end.slope for end in ends] == [None, None]


def test_what_is_left_of_the_potential():
    """q - (p phi')'/phi by differentiation of phi = y^s, at a right end and with p that varies."""
    p = (1 - x) * (1 + x**2)
    q = sp.Rational(9, 4) / (1 - x) + sp.exp(x) / (1 - x) - sp.E / (1 - x)
    end = singular_ends(Problem(x, (sp.Integer(0), sp.Integer(1)), q=q, p=p))[1]
    assert isinstance(end, Frobenius)
    expected = q - sp.diff(p * sp.diff(end.factor, x), x) / end.factor
    at = {x: np.linspace(0.1, 0.9, 7)}
    np.testing.assert_allclose(
        numeric.evaluate(end.potential, at), numeric.evaluate(expected, at), rtol=1e-12
    )
    np.testing.assert_allclose(
        numeric.evaluate(end.rate, at), numeric.evaluate(sp.diff(end.factor, x) / end.factor, at), rtol=1e-12
    )


def test_cancellation_is_symbolic():
    ell = sp.Symbol("l", real=True)
    problem = Problem(
        x,
        (sp.Integer(0), sp.oo),
        q=ell * (ell + 1) / x**2 - 2 / x + x**2,
        parameters=(Parameter(ell, sp.Rational(1, 3)),),
    )
    end = singular_ends(problem)[0]
    assert end.potential == -2 / x + x**2
    assert end.exponent == pytest.approx(4 / 3, rel=1e-14)


def test_walls_and_falls():
    assert isinstance(left_end(4 * (x**-12 - x**-6), right=sp.oo), Wall)
    assert left_end(sp.sqrt(x)) is None
    assert left_end(sp.log(x)) is None
    for q in (-sp.Rational(26, 100) / x**2, -(x**-4)):
        with pytest.raises(NoGroundStateError):
            left_end(q)
    assert left_end(-sp.Rational(1, 4) / x**2).exponent == 0.5


def test_an_end_is_judged_where_it_lies():
    """1/sin^2 on (0, pi) is singular at both ends, with mirrored slopes."""
    q = 2 / sp.sin(x) ** 2 + sp.cot(x)
    left, right = singular_ends(Problem(x, (sp.Integer(0), sp.pi), q=q))
    assert left.exponent == right.exponent == 2.0
    assert left.slope == pytest.approx(1 / 4)
    assert right.slope == pytest.approx(1 / 4)
    assert math.isclose(left.weight, 3.0)
