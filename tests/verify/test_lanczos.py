"""Lanczos on spectral elements against dense algebra, and what it does where its start is a bad one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Problem
from qdsl.verify.coefficients import coefficients
from qdsl.verify.dense import dense_count, dense_energies, dense_states
from qdsl.verify.elements import element_matrices, kept, narrower
from qdsl.verify.lanczos import lowest_states, states_from
from qdsl.verify.lowest import solve
from qdsl.verify.mesh import Span
from qdsl.verify.wkb import sample

X = sp.Symbol("x", real=True)
WAVY = coefficients(Problem(X, (0, 1), 3000 * sp.sin(15 * X), p=1 + X**2, w=1 + X / 2))
LEFT = coefficients(Problem(X, (0, 1), 2 / X**2 - 3 / X))
RIGHT = coefficients(Problem(X, (0, 1), 2 / (1 - X) ** 2 - 3 / (1 - X)))


def _elements(degree, which=WAVY, **changed):
    return element_matrices(replace(sample(which, np.linspace(0, 1, 13), degree + 8), **changed), degree)


@pytest.mark.parametrize("fixed", [(True, True), (False, True), (True, False), (False, False)])
def test_lanczos_finds_what_dense_algebra_finds(fixed):
    elements = _elements(20, fixed=fixed)
    energies, states = lowest_states(elements, 8)
    scale = energies - elements.shift
    assert len(energies) >= 8
    assert states.shape == (12, 21, len(energies))
    assert np.all(np.abs(energies - dense_energies(elements, 0, len(energies) - 1)) < 1e-12 * scale)


@pytest.mark.parametrize("which", [WAVY, LEFT, RIGHT], ids=["wavy", "left", "right"])
def test_states_of_a_higher_degree_start_those_of_a_lower_one(which):
    """The bases are nested, those of singular ends too, so that the start is right up to its tail."""
    fine, coarse = _elements(20, which), _elements(16, which)
    start = dense_states(fine, 6)[1][:, kept(16, 21)]
    energies, _states = states_from(coarse, start, 5)
    assert energies[:5] == pytest.approx(dense_energies(coarse, 0, 4), rel=1e-11)
    exact, begun = (np.abs(part[:, :, :5]) for part in (dense_states(coarse, 4)[1], start))
    difference = begun / begun.max(axis=(0, 1)) - exact / exact.max(axis=(0, 1))
    assert np.abs(difference).max() < 1e-6


def test_a_state_that_the_start_misses():
    """Its successors are found instead; counting shows it."""
    elements = _elements(20)
    start = dense_states(elements, 6)[1][:, :, [0, 1, 3, 4, 5, 6]]
    assert states_from(elements, start, 5) is None


def test_a_start_that_is_no_good():
    elements = _elements(20)
    start = np.zeros((12, 21, 6))
    start[3, 15:20, :5] = np.eye(5)
    start[5, 10, 5] = 1.0
    found = states_from(elements, start, 5)
    assert found is None or found[0][:5] == pytest.approx(dense_energies(elements, 0, 4), rel=1e-11)


@pytest.mark.parametrize("depth", [10.0, 1e3, 1e5])
@pytest.mark.parametrize(("element", "point"), [(0, 10), (4, 12), (8, 3)])
def test_a_well_that_only_one_resolution_sees(depth, element, point):
    """In the tails the states of the fine solve are 0: their coarse ones know nothing of a well there."""
    harmonic = coefficients(Problem(X, (-9, 9), X**2))
    edges, span = np.linspace(-9, 9, 10), Span(1.0, 11.0)
    fine = solve(sample(harmonic, edges, 28), 20, 6, span)
    coarse = sample(harmonic, edges, 24)
    coarse.q[element, point] -= depth
    begun, anew = (solve(coarse, 16, 5, span, near).energies[:5] for near in (fine, None))
    assert np.all(np.abs(begun - anew) < 1e-9 + 1e-14 * depth)


def test_counting_in_dense_matrices():
    elements = _elements(20)
    energies = dense_energies(elements, 0, 30)
    between = 0.5 * (energies[1:] + energies[:-1])
    assert [dense_count(elements, energy) for energy in between] == list(range(1, 31))
    assert dense_count(elements, elements.shift) == 0


def test_a_part_of_a_polynomial():
    """Integrals of the slope are what they are on the part: bubbles are orthonormal in the slope."""
    states = dense_states(_elements(20), 3)[1][4]
    parts = np.array([1.0, 0.5, 0.5]), np.array([0.0, -0.5, 0.5])
    whole, *halves = narrower(np.stack([states] * 3), *parts)
    assert np.abs(whole - states).max() < 1e-13 * np.abs(states).max()
    energy = sum(2 * (half[1:-1] ** 2).sum(axis=0) for half in halves)
    # int psi'^2 of the whole and of its halves, up to the mean slopes that the hats hold
    middle = 0.5 * (states[0] + states[-1]) + _bubbles_at_middle(states)
    mean = ((states[-1] - states[0]) ** 2) / 2
    steps = (middle - states[0]) ** 2 + (states[-1] - middle) ** 2
    assert energy + steps == pytest.approx((states[1:-1] ** 2).sum(axis=0) + mean, rel=1e-12)


def _bubbles_at_middle(states):
    k = np.arange(2, len(states))
    p = np.polynomial.legendre.legvander(np.array([0.0]), len(states) - 1)[0]
    return ((p[k] - p[k - 2]) / np.sqrt(2 * (2 * k - 1))) @ states[1:-1]
