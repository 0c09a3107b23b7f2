"""Spikes between the samples: found, wherever they are, and nothing else is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import qdsl
from qdsl.physics.features import narrow_features
from qdsl.physics.problem import Problem

X = sp.Symbol("x", real=True)
BACKGROUNDS = [sp.S.Zero, 30 * X, 20 * sp.cos(5 * X), 40 * (X - 1) ** 2 * X, sp.exp(2 * X)]


@given(
    st.sampled_from(BACKGROUNDS),
    st.floats(0.05, 0.95),
    st.floats(1e-6, 2e-3),
    st.floats(1.0, 1e4),
    st.sampled_from([1, -1]),
    st.sampled_from(["gauss", "sech", "lorentz"]),
)
@settings(max_examples=80, deadline=None)
def test_a_spike_anywhere_on_anything(
    background: sp.Expr, at: float, width: float, area: float, sign: int, shape: str
) -> None:
    """Of an area that matters, from 1 to 1e4 in units of the length's inverse, however narrow."""
    u = (X - sp.Float(at)) / sp.Float(width)
    spike = {"gauss": sp.exp(-(u**2)), "sech": 1 / sp.cosh(u) ** 2, "lorentz": 1 / (1 + u**2)}[shape]
    found = np.array(narrow_features(Problem(X, (0, 1), background + sign * sp.Float(area / width) * spike)))
    below, above = at - found[found < at], found[found > at] - at
    assert below.min() < 8 * width
    assert above.min() < 8 * width


@pytest.mark.parametrize(
    "potential",
    [*BACKGROUNDS, sp.sin(300 * X), (X**2 - sp.Rational(1, 4)) ** 2 * 1000, 50 / (1 + 100 * (X - 0.4) ** 2)],
)
def test_what_samples_see_is_no_narrow_feature(potential: sp.Expr) -> None:
    assert narrow_features(Problem(X, (0, 1), potential)) == ()


def test_ordinary_potentials_have_none(examples: Path) -> None:
    for file in examples.glob("*.qw"):
        assert narrow_features(qdsl.load(file)) == ()


@pytest.mark.parametrize("at", [100, -5000, 1e6])
def test_a_well_far_out_on_the_line(at: float) -> None:
    problem = Problem(X, (-sp.oo, sp.oo), -1 / sp.cosh(X) ** 2 - 3 / sp.cosh(X - at) ** 2)
    found = np.array(narrow_features(problem))
    assert np.abs(found - at).min() < 2
    assert 0.0 in found


def test_the_levels_of_a_needle_on_the_line() -> None:
    """Not those of the oscillator; the mirror image has the same, with another mesh."""
    text = (
        "domain x in (-inf, inf)\npotential V(x) = x^2 - 100*exp(-(1000*(x {} 1.2345))^2)\nfind states 0..2\n"
    )
    one, other = (qdsl.solve(qdsl.parse(text.format(sign))) for sign in "-+")
    assert one.status == other.status == "certified"
    assert one.energies == pytest.approx(other.energies, abs=2e-10)
    # to first order the needle is a delta: E = 1 - 100 sqrt(pi)/1000 psi_0(1.2345)^2 = 0.9782
    first = 1 - 0.1 * math.sqrt(math.pi) * math.exp(-(1.2345**2)) / math.sqrt(math.pi)
    assert one.energies[0] == pytest.approx(first, abs=2e-3)


@given(st.floats(1e-6, 3e-4), st.floats(1.0, 1e4), st.sampled_from([1, -1]), st.sampled_from([0, 1, 0.3]))
@settings(max_examples=40, deadline=None)
def test_half_a_spike_at_a_kink_or_at_a_wall(width: float, area: float, sign: int, at: float) -> None:
    u = (X - sp.Float(at)) / sp.Float(width)
    spike = sign * sp.Float(area / width) * sp.exp(-(u**2))
    found = np.array(narrow_features(Problem(X, (0, 1), 10 * sp.Abs(X - sp.Rational(3, 10)) + spike)))
    assert np.abs(found - at).min() < 8 * width


@pytest.mark.parametrize("background", ["|x|", "x^2", "|x - 1|"])
def test_a_needle_where_the_line_is_cut_by_itself(background: str) -> None:
    """At a kink, at the origin, and at a boundary of the intervals looked into.  A delta to first order."""
    text = "domain x in (-inf, inf)\npotential V(x) = {} - {}\nfind states 0..2\n"
    needle = qdsl.solve(qdsl.parse(text.format(background, "1e4*exp(-(x/1e-4)^2)")))
    delta = qdsl.solve(qdsl.parse(text.format(background, f"{math.sqrt(math.pi)}*delta(x)")))
    assert needle.status == delta.status == "certified"
    assert needle.energies == pytest.approx(delta.energies, abs=3e-4)
    assert (needle.bounds < 2e-8).all()


@pytest.mark.parametrize("area", [1e-3, 0.1])
def test_the_tails_of_a_lorentz_peak_are_cut_too(area: float) -> None:
    """A peak 1e-7 wide, whose area far out is felt as well."""
    text = "domain x in [0, 1]\npotential V(x) = {}\nfind states 0..2\n"
    peak = qdsl.solve(qdsl.parse(text.format(f"{area / 1e-7}/(1 + ((x - 0.3123)/1e-7)^2)")))
    delta = qdsl.solve(qdsl.parse(text.format(f"{area * math.pi}*delta(x - 0.3123)")))
    assert peak.status == "certified"
    assert peak.energies == pytest.approx(delta.energies, abs=1e-6)
