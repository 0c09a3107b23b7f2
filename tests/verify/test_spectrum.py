"""Counts of wanted states against closed forms, thresholds, and states that hardly exist."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.errors import ProblemError
from qdsl.physics.problem import (
    Bloch,
    BoundStates,
    Decay,
    Dirichlet,
    PointInteraction,
    Problem,
    Robin,
    Search,
    StatesBelow,
    UnitNames,
)
from qdsl.verify.spectrum import Count, wanted_states

X = sp.Symbol("x", real=True)
OO = sp.oo
LINE = (-OO, OO)


def _count(q: sp.Expr | float, domain: tuple = LINE, search: Search | None = None, **more: object) -> Count:
    return wanted_states(Problem(X, domain, q, search=search or BoundStates(), **more))


@given(st.floats(0.02, 60.0).filter(lambda a: abs(2 * a / math.pi - round(2 * a / math.pi)) > 1e-4))
@settings(max_examples=30, deadline=None)
def test_finite_well(strength: float) -> None:
    """-a^2 on |x| < 1 binds ceil(2 a / pi) states."""
    found = _count(sp.Piecewise((-(sp.Float(strength) ** 2), sp.Abs(X) < 1), (0, True)))
    assert found.number == math.ceil(2 * strength / math.pi)
    assert found.certified
    assert found.possible == 0


@pytest.mark.parametrize("strength", [0.001, 0.3, 1.0, 1.9999999, 2, 2.000001, 3, 5, 9.5, 10])
def test_poschl_teller(strength: float) -> None:
    """-L (L + 1)/cosh(x)^2 binds ceil(L) states, number n by (L - n)^2: 1e-12 for L = 2.000001."""
    length = sp.Float(strength)
    found = _count(-length * (length + 1) / sp.cosh(X) ** 2)
    assert found.number == math.ceil(strength)
    assert found.certified


@pytest.mark.parametrize("excess", [1e-4, 1e-6])
def test_a_hair_above_a_new_state(excess: float) -> None:
    a = sp.Float(math.pi / 2 + excess)
    found = _count(sp.Piecewise((-(a**2), sp.Abs(X) < 1), (0, True)))
    assert (found.number, found.certified) == (2, True)


def test_a_state_that_is_too_near_is_announced() -> None:
    """g delta(x - 1) before a wall binds for g < -1, here by 1e-14."""
    found = _count(0, (0, OO), deltas=(PointInteraction(1, sp.Float(-1.0000001)),))
    assert found.number + found.possible == 1
    assert found.possible == 0 or "no bound state is certain, 1 may lie within" in found.message
    assert found.possible == 0 or not found.certified


@pytest.mark.parametrize(("strength", "number"), [(-1.001, 1), (-0.999, 0), (3.0, 0)])
def test_delta_before_a_wall(strength: float, number: int) -> None:
    found = _count(0, (0, OO), deltas=(PointInteraction(1, sp.Float(strength)),))
    assert (found.number, found.possible) == (number, 0)


def test_nothing_is_bound() -> None:
    for found in (_count(0), _count(0, (0, OO)), _count(5 + sp.exp(-(X**2)))):
        assert (found.number, found.possible, found.certified) == (0, 0, True)
        assert found.message.startswith("no bound state below the continuum at")


def test_bound_by_an_end() -> None:
    assert _count(0, (0, OO), boundary=(Robin(-2), Decay())).number == 1
    assert _count(0, (0, OO), boundary=(Robin(2), Decay())).number == 0


def test_the_lower_of_two_thresholds_counts() -> None:
    """-12/cosh^2 + tanh: the continuum begins at -1; E_n = -(3 - n)^2 - 1/(4 (3 - n)^2) (Rosen and Morse)."""
    found = _count(sp.tanh(X) - 12 / sp.cosh(X) ** 2)
    assert found.limit == pytest.approx(-1.0, abs=1e-14)
    assert found.number == 3


def test_morse_on_the_line_and_on_the_half_line() -> None:
    """D (1 - exp(-a (r - r0)))^2 binds floor(sqrt(D/p)/a + 1/2) states."""
    for depth in (3.0, 20.0, 200.0):
        number = math.floor(math.sqrt(depth) + 0.5)
        assert _count(sp.Float(depth) * (1 - sp.exp(-X)) ** 2).number == number
        assert _count(depth * sp.exp(-2 * X) - 2 * depth * sp.exp(-X)).number == number


def test_units_and_si() -> None:
    """The same well in meV and nm and in joules and metres."""
    well = sp.Piecewise((0, sp.Abs(X) < 3), (230, True))
    p = 38.0998 / 0.067
    found = _count(well, p=p, units=UnitNames("meV", "nm"))
    assert found.message == "2 bound states, all of them below the continuum at 230 meV"
    joule, metre = 1.602176634e-22, 1e-9
    si = well.xreplace({X: X / sp.Float(metre)}) * sp.Float(joule)
    assert _count(si, p=p * joule * metre**2).number == found.number


@pytest.mark.parametrize(
    ("energy", "number"), [(12, 6), (0.5, 0), (-3, 0), (100, 50), (11 + 1e-6, 6), (11 - 1e-6, 5)]
)
def test_oscillator_below(energy: float, number: int) -> None:
    found = _count(X**2, search=StatesBelow(energy))
    assert (found.number, found.possible, found.certified) == (number, 0, True)


def test_a_level_at_the_limit_itself_is_announced() -> None:
    found = _count(X**2, search=StatesBelow(11))
    assert found.number == 5
    assert found.number + found.possible == 5 or "of 11" in found.message


def test_coulomb_below() -> None:
    """-2/sqrt(1 + x^2) binds infinitely many states, but finitely many below any E < 0."""
    found = _count(-1 / sp.sqrt(1 + X**2), search=StatesBelow(-0.01))
    assert found.certified
    assert 0 < found.number < 50


def test_finite_domains() -> None:
    assert _count(0, (0, 1), StatesBelow(100)).number == 3
    assert _count(0, (0, 1), StatesBelow(100), boundary=Bloch()).number == 3
    assert _count(0, (0, 1), StatesBelow(30), boundary=(Dirichlet(), Robin(0))).number == 2


@pytest.mark.parametrize(
    ("q", "domain", "search", "sentence"),
    [
        (X**2, LINE, BoundStates(), "confines at every energy"),
        (-2 / X, (0, OO), BoundStates(), "infinitely many bound states crowd below the continuum at 0"),
        (-sp.Float(0.3) / (1 + X**2), LINE, BoundStates(), "infinitely many bound states crowd"),
        (0, (0, 1), BoundStates(), "in a finite domain every state is bound"),
        (-1 / (1 + X**2) ** 2, LINE, StatesBelow(1), "the continuum begins at 0, below 1"),
        (sp.cos(X), LINE, BoundStates(), "does not settle far out"),
        (0, (0, 1), StatesBelow(10**9), "too many to solve for"),
    ],
)
def test_questions_without_an_answer(q: sp.Expr, domain: tuple, search: Search, sentence: str) -> None:
    with pytest.raises(ProblemError, match=sentence):
        _count(q, domain, search)


def test_a_tail_just_weak_enough() -> None:
    """-C/(1 + x^2) with C < 1/4 binds finitely many: one, as any attraction does."""
    found = _count(-sp.Float(0.2) / (1 + X**2))
    assert found.number + found.possible >= 1
