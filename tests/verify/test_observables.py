"""Quantities of solved states against closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Bloch, Parameter, Problem
from qdsl.physics.quantities import Element, EnergyOf, NodeCount, Probability, PsiAt
from qdsl.verify.observables import value_of

X = sp.Symbol("x", real=True)
HALF = sp.Rational(1, 2)


@pytest.mark.parametrize(
    ("quantity", "exact"),
    [
        (EnergyOf(2), 9 * math.pi**2),
        (EnergyOf(2) - EnergyOf(0), 8 * math.pi**2),
        (EnergyOf(1) / EnergyOf(0), 4.0),
        (PsiAt(0, HALF), math.sqrt(2)),
        (PsiAt(0, 7), 0.0),
        (Element(0, X, 0), 0.5),
        (Element(0, X, 1), -16 / (9 * math.pi**2)),
        (Element(1, 1, 1), 1.0),
        (Element(0, 1, 2), 0.0),
        (Element(0, sp.Abs(X - sp.Rational(1, 3)), 0), 5 / 18 - 3 / (4 * math.pi**2)),
        (Probability(0, 0, HALF), 0.5),
        (Probability(1, 0, sp.Rational(1, 3)), 1 / 3 + math.sqrt(3) / (8 * math.pi)),
        (Probability(1, -5, 5), 1.0),
        (Probability(0, 2, 3), 0.0),
        (NodeCount(2), 2.0),
        (sp.sqrt(Element(0, X**2, 0) - Element(0, X, 0) ** 2), math.sqrt(1 / 12 - 1 / (2 * math.pi**2))),
        (sp.Integer(3), 3.0),
    ],
)
def test_box(analytic: Any, quantity: sp.Expr, exact: float) -> None:
    value = value_of(analytic.box_problem(), analytic.box_states(range(3)), quantity)
    assert value == pytest.approx(exact, rel=1e-12, abs=1e-13)


def test_the_sign_of_x01(analytic: Any) -> None:
    """<0|x|1> = -16/(9 pi^2) with both states positive at first: the sign belongs to psi's own."""
    states = analytic.box_states(range(2))
    x = np.array([0.01])
    assert np.all(states.psi(x) > 0)


def test_missing_state_is_none(analytic: Any) -> None:
    states = analytic.box_states((0, 2))
    problem = analytic.box_problem()
    assert value_of(problem, states, EnergyOf(1)) is None
    assert value_of(problem, states, EnergyOf(2) - EnergyOf(1)) is None
    assert value_of(problem, states, Element(0, X, 1)) is None
    assert value_of(problem, states, EnergyOf(2)) == pytest.approx(9 * math.pi**2)


def test_division_by_zero_is_none(analytic: Any) -> None:
    assert value_of(analytic.box_problem(), analytic.box_states((0,)), EnergyOf(0) / NodeCount(0)) is None


def test_parameters_in_quantities(analytic: Any) -> None:
    a = sp.Symbol("a", real=True)
    problem = Problem(X, (0, 1), sp.Integer(0), parameters=(Parameter(a, sp.Float(0.25)),))
    states = analytic.box_states((0,))
    assert value_of(problem, states, PsiAt(0, a)) == pytest.approx(1.0)
    assert value_of(problem, states, a * Probability(0, 0, 2 * a)) == pytest.approx(0.125)


def test_complex_states(analytic: Any) -> None:
    """Plane waves: the density is 1, matrix elements have a phase that is a convention."""
    problem = Problem(X, (0, 1), sp.Integer(0), boundary=Bloch(1), states=(0, 1))
    waves = [
        (
            lambda x, k=k: 1j * np.exp(1j * k * x),
            lambda x, k=k: -k * np.exp(1j * k * x),
            lambda x, k=k: -1j * k**2 * np.exp(1j * k * x),
        )
        for k in (1.0, 1.0 - 2 * math.pi)
    ]
    states = analytic.states_of((0, 1), (1.0, (1 - 2 * math.pi) ** 2), (0, 0.5, 1), waves)
    for quantity, exact in (
        (PsiAt(0, HALF), 1.0),
        (PsiAt(0, HALF) ** 2, 1.0),
        (Element(0, X, 0), 0.5),
        (Element(0, X, 1), 1 / (2 * math.pi)),
        (Element(0, 1, 1), 0.0),
        (Probability(1, 0, sp.Rational(1, 4)), 0.25),
    ):
        assert value_of(problem, states, quantity) == pytest.approx(exact, abs=1e-13)
    assert value_of(problem, states, NodeCount(0)) is None
