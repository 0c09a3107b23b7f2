"""Boundary and interface conditions hold to rounding, whatever the weights."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

from qdsl.physics.problem import Problem
from qdsl.physics.training import ACTIVATIONS, Mlp
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.fit import Fit, collocate, to_states
from qdsl.pinn.jets import Jet
from qdsl.pinn.joints import join
from qdsl.pinn.loss import squared_norm
from qdsl.pinn.network import trainable_network
from qdsl.pinn.trial import (
    FOURIER,
    Bubbles,
    Trial,
    gauss,
    orthonormal_bubbles,
    random_bubbles,
    reference_basis,
)
from qdsl.states import States

X = sp.Symbol("x", real=True)
EPS = float(np.finfo(float).eps)


def stepping(edges: list[float], weights: list[float]) -> sp.Expr:
    """A p that steps at every inner edge."""
    branches = [(w, e > X) for w, e in zip(weights, edges[1:-1], strict=False)]
    return sp.Piecewise(*branches, (weights[len(edges) - 2], True), evaluate=False)


def random_states(problem: Problem, edges: list[float], activation: str, seed: int) -> tuple[Trial, States]:
    """Random weights everywhere, two states."""
    coefficients = compile_coefficients(problem)
    cuts = double(edges)
    generator = torch.Generator().manual_seed(seed)
    network = trainable_network(Mlp((6, 5), activation), len(edges) - 1, generator)
    bubbles = Bubbles(network, torch.eye(5, dtype=torch.float64)[None])
    trial = Trial(cuts, join(problem, coefficients, cuts), bubbles)
    unknowns = torch.randn(trial.unknowns, 2, generator=generator, dtype=torch.float64)
    fit = Fit(trial, unknowns, torch.tensor([1.0, 2.0], dtype=torch.float64))
    return trial, to_states(fit, (0, 1), coefficients)


widths = st.lists(st.floats(0.05, 3.0), min_size=2, max_size=5)


@given(widths, st.integers(0, 2**31), st.sampled_from(ACTIVATIONS), st.floats(-5, 5))
def test_conditions_hold_for_random_weights(sizes, seed, activation, start):
    edges = [start, *(start + np.cumsum(sizes))]
    weights = list(np.random.default_rng(seed).uniform(0.2, 4.0, len(sizes)))
    p = stepping(edges, weights)
    problem = Problem(X, (edges[0], edges[-1]), X**2, p=p, states=(0, 1))
    _, states = random_states(problem, edges, activation, seed)
    inside = np.linspace(edges[0], edges[-1], 200)
    height, steepness = np.abs(states.psi(inside)).max(), np.abs(states.slope(inside)).max()
    bend = np.abs(states.curvature(inside)).max()
    # Values on the two sides of an edge are taken a few units in the last place apart.
    apart = 8 * EPS * max(1, abs(start) + sum(sizes))
    rounding = 200 * EPS * (height + steepness)
    ends = states.psi(np.array([edges[0], edges[-1]]))
    assert np.abs(ends).max() <= rounding
    for i, edge in enumerate(edges[1:-1], start=1):
        sides = np.array([edge - apart, edge + apart])
        psi, slope = states.psi(sides), states.slope(sides)
        assert np.abs(psi[:, 0] - psi[:, 1]).max() <= rounding + 2 * apart * steepness
        flux = slope * np.array([weights[i - 1], weights[i]])
        allowed = 200 * EPS * (steepness + height) * max(weights) / min(sizes)
        assert np.abs(flux[:, 0] - flux[:, 1]).max() <= allowed + 8 * apart * max(weights) * bend


@given(st.integers(0, 2**31), st.sampled_from(ACTIVATIONS))
def test_slope_and_curvature_are_the_derivatives_of_psi(seed, activation):
    edges = [-1.0, 0.25, 2.0]
    _, states = random_states(Problem(X, (-1, 2), 0, states=(0, 1)), edges, activation, seed)
    x, h = np.array([-0.7, -0.1, 0.9, 1.6]), 1e-5
    scale = max(1.0, np.abs(states.curvature(np.linspace(-1, 2, 50))).max())
    central = (states.psi(x + h) - states.psi(x - h)) / (2 * h)
    assert np.abs(central - states.slope(x)).max() <= 1e-7 * scale
    central = (states.slope(x + h) - states.slope(x - h)) / (2 * h)
    assert np.abs(central - states.curvature(x)).max() <= 1e-6 * scale


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_bubbles_vanish_with_their_slopes_at_both_ends(activation):
    bubbles = random_bubbles(Mlp((40,), activation), 3)
    ends = bubbles.at(double([[-1.0, 1.0]]))
    inside = bubbles.at(double(np.linspace(-1, 1, 101)[None]))
    # Rounding of a feature is amplified by the coefficients of the combination.
    amplified = float(bubbles.combination.abs().sum(1).max())
    assert float(ends.value.abs().max()) <= 100 * EPS * amplified
    assert float(ends.slope.abs().max()) <= 1e4 * EPS * amplified
    assert float(inside.value.abs().max()) > 1e-3


def test_bubbles_are_orthonormal_in_the_seminorm():
    bubbles = random_bubbles(Mlp((64,), "sin"), 0)
    t, weight = np.polynomial.legendre.leggauss(80)
    slope = bubbles.at(double(t[None])).slope[0].numpy()
    gram = slope.T @ (weight[:, None] * slope)
    assert np.abs(gram - np.eye(len(gram))).max() < 1e-7


def test_bubbles_of_several_networks_at_once_are_those_of_each():
    network = trainable_network(Mlp((12,), "tanh"), 2, torch.Generator().manual_seed(0))
    both = orthonormal_bubbles(network)
    t = double(np.linspace(-1, 1, 7)[None])
    together = both.at(t.expand(2, -1)).value
    for piece in range(2):
        assert torch.allclose(both.on(torch.tensor([piece])).at(t).value[0], together[piece], atol=1e-12)


def test_sign_and_evaluation_anywhere():
    problem = Problem(X, (0, 3), 0, states=(0, 1))
    trial, states = random_states(problem, [0.0, 1.0, 3.0], "tanh", 5)
    x = np.linspace(0, 3, 4001)
    for psi in states.psi(x):
        size = np.abs(psi)
        extrema = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]))
        first = next(i for i in extrema + 1 if size[i] > 0.11 * size.max())
        assert psi[first] > 0
    shuffled = np.random.default_rng(0).permutation(x)
    # a matrix product rounds its sums, here of nine terms, differently from place to place
    rounding = 9 * np.finfo(float).eps * np.abs(states.psi(x)).max()
    np.testing.assert_allclose(
        states.psi(shuffled)[:, np.argsort(shuffled)], states.psi(np.sort(shuffled)), rtol=0, atol=rounding
    )
    at = collocate(trial, compile_coefficients(problem), 24)
    on_points = trial.points(at.t).flatten().numpy()
    norm = squared_norm(replace_value(trial, states, on_points), at)
    direct = (states.psi(on_points) ** 2 @ at.weight.flatten().numpy()).tolist()
    np.testing.assert_allclose(norm.tolist(), direct, rtol=1e-12)


def replace_value(trial, states, x):
    """A jet whose value is psi at the collocation points."""
    shape = len(trial.edges) - 1, -1, len(states.numbers)
    value = torch.from_numpy(states.psi(x).T.reshape(shape).copy())
    zero = torch.zeros_like(value)
    return Jet(value, zero, zero)


def test_bubbles_at_gauss_points_are_rounded_to_double_precision() -> None:
    """Their slopes have the integral 0; a bubble's own rounding in double precision is some 1e7 EPS.

    The slopes are of order 1, and the sum over 48 points is rounded by 48 EPS.
    """
    own = reference_basis(random_bubbles(FOURIER, 0), 48)
    weights = gauss(48).weight
    assert float((weights @ own.slope[0, :, 4:]).abs().max()) < 1e-13
    again = random_bubbles(FOURIER, 0).at(gauss(48).t[None])
    assert float((again.slope - own.slope[..., 4:]).abs().max()) < 1e-7
