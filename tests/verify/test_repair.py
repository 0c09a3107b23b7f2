"""What bumps at the edges cost, against their formulas and a rule with more points."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Problem
from qdsl.verify.coefficients import coefficients
from qdsl.verify.repair import SUPPORTS, price, supports

X = sp.Symbol("x", real=True)
P, Q, W = 1 + X**2 / 4, X**2, 1 + X / 4
ENERGIES = (0.0, 30.0)


def _costs(eta: sp.Expr, low: sp.Expr, high: sp.Expr, energy: float) -> tuple[float, float]:
    """||(H - E) eta|| and ||eta||."""
    image = -sp.diff(P * sp.diff(eta, X), X) + Q * eta - energy * W * eta
    rule, weights = np.polynomial.legendre.leggauss(40)
    middle, half = float(low + high) / 2, float(high - low) / 2
    x = middle + half * rule
    residual, size, w = (sp.lambdify(X, f)(x) for f in (image, eta, W))
    return math.sqrt(half * weights @ (residual**2 / w)), math.sqrt(half * weights @ (w * size**2))


def _least(edge: float, width: float, away: int, energy: float, order: int) -> tuple[float, float]:
    """The least residual of all supports on one side of the edge, and the norm that goes with it."""
    found = []
    for share in SUPPORTS:
        length, far = width * share, edge + away * width * share
        t = 1 - (X - edge) / (far - edge)
        eta = t**2 * (3 - 2 * t) if order == 0 else -away * length * t**2 * (t - 1)
        assert sp.diff(eta, X, order).subs(X, edge) == pytest.approx(1)
        found.append(_costs(eta, min(edge, far), max(edge, far), energy))
    return min(found)


@pytest.mark.parametrize("order", [0, 1])
def test_a_bump_costs_the_least_residual_of_its_supports(order: int) -> None:
    c = coefficients(Problem(X, (0, 2), Q, p=P, w=W))
    pieces = np.array([0.0, 0.5, 2.0])
    at = supports(c, (0.0, 2.0), pieces)
    values = np.array([c.p(at.x), c.slope(at.x), c.q(at.x), c.w(at.x)])
    size = np.full((2, 3), 1e-3)
    none = np.zeros((2, 3))
    found = price(at, values, np.array(ENERGIES), *((size, none) if order == 0 else (none, size)))
    for state, energy in enumerate(ENERGIES):
        for edge, (place, width, away) in enumerate(((0.0, 0.5, 1), (0.5, 0.5, -1), (2.0, 1.5, -1))):
            expected = np.array(_least(place, width, away, energy, order))
            assert found[:, state, edge] == pytest.approx(1e-3 * expected, rel=1e-10)


def test_where_an_infinite_domain_is_cut_the_bumps_stand_outside() -> None:
    wall = Problem(X, (-sp.oo, sp.oo), sp.Piecewise((X**2, X < 3), (50, True)))
    at = supports(coefficients(wall), (-4.0, 2.0), np.array([-4.0, 0.0, 2.0]))
    assert at.cut.tolist() == [True, False, True]
    assert -6 < at.x[0].min() < at.x[0].max() < -4
    assert at.x[1].max() < 0
    assert 2 < at.x[2].min() < at.x[2].max() < 2.5  # half of the room up to the jump at 3


def test_what_cannot_be_computed_is_no_repair() -> None:
    c = coefficients(Problem(X, (0, 1), sp.Integer(0)))
    at = supports(c, (0.0, 1.0), np.array([0.0, 1.0]))
    values = np.array([c.p(at.x), c.slope(at.x), np.full(at.x.shape, np.nan), c.w(at.x)])
    jump = np.array([[1e-9, 0.0]])
    found = price(at, values, np.array([1.0]), jump, np.zeros((1, 2)))
    assert found[0, 0].tolist() == [math.inf, 0.0]
