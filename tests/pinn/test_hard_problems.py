"""Problems that have broken solvers: high walls, shallow and far wells, varying p and w, pairs of levels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
import torch
from scipy.optimize import brentq

from qdsl.errors import ProblemError
from qdsl.physics.problem import Problem
from qdsl.physics.training import Gauss, Mlp, RandomPoints, Sobol, Training, Uniform
from qdsl.pinn.box import find_box
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.estimate import quadratic_errors
from qdsl.pinn.fit import Fit, collocate
from qdsl.pinn.joints import join
from qdsl.pinn.landscape import FAR, sample
from qdsl.pinn.network import random_network
from qdsl.pinn.points import collocation_points, local_points
from qdsl.pinn.ritz import solve_ritz
from qdsl.pinn.trial import FOURIER, Trial, gauss, orthonormal_bubbles, random_bubbles

from .conftest import BARRIER, BOX, X, cases, square_well_levels

LINE = (-sp.oo, sp.oo)


def solved(problem: Problem, seed: int = 0, features: int | None = None) -> Fit:
    problem = replace(problem, training=replace(problem.training, seed=seed))
    return solve_ritz(problem, compile_coefficients(problem), features)


def assert_energies(fit: Fit, exact: object, relative: float = 1e-9) -> None:
    assert fit.settled, fit.message
    np.testing.assert_allclose(fit.energies.numpy(), exact, rtol=relative)


# Rounding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("height", [1e3, 1e6])
def test_high_walls(height: float, seed: int) -> None:
    """Kinetic energies of 1e6 in the layers at the walls must not leave their rounding in one of 2.5."""
    walls = Problem(X, (-4, 4), cases(0, sp.Abs(X) < 1, height), states=(0, 1, 2))
    assert_energies(solved(walls, seed), square_well_levels(height, 4)[:3], 1e-11)


def test_many_states_to_many_digits() -> None:
    fit = solved(replace(BOX, states=tuple(range(50))))
    assert_energies(fit, (np.arange(50) + 1) ** 2 * math.pi**2, 1e-11)


def test_many_pieces_do_no_harm() -> None:
    """A narrow feature makes short pieces; the energies keep their digits."""
    notch = cases(1e-10, sp.Abs(X - sp.Rational(1, 3)) < sp.Float(1e-4), 0)
    assert_energies(solved(Problem(X, (0, 1), notch, states=(0, 1))), [math.pi**2, 4 * math.pi**2], 1e-12)


# Boxes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strength", "states"), [(0.3, (0,)), (1.0, (0,)), (2.3, (0, 1, 2)), (6.0, tuple(range(6)))]
)
def test_poschl_teller(strength: float, states: tuple[int, ...]) -> None:
    """-s(s+1)/cosh^2 x has -(s-n)^2, also where WKB sees no level any more."""
    well = Problem(X, LINE, -sp.Float(strength * (strength + 1)) / sp.cosh(X) ** 2, states=states)
    fit = solved(well)
    assert fit.settled, fit.message
    exact = -((strength - np.array(states)) ** 2)
    assert np.abs(fit.energies.numpy() - exact).max() <= 1e-9 * max(1.0, np.abs(exact).max())


def test_the_state_above_the_last_bound_one_is_refused() -> None:
    well = Problem(X, LINE, -sp.Float(2.3 * 3.3) / sp.cosh(X) ** 2, states=(3,))
    with pytest.raises(ProblemError, match="does not hold state 3"):
        solved(well)


@pytest.mark.parametrize("centre", [1000, -(10**6)])
def test_wells_far_from_the_origin_are_found(centre: int) -> None:
    fit = solved(Problem(X, LINE, (X - centre) ** 2, states=(0, 1, 5)))
    assert_energies(fit, [1, 3, 11])
    assert float(fit.trial.edges[0]) < centre < float(fit.trial.edges[-1])
    assert float(fit.trial.edges[-1] - fit.trial.edges[0]) < 40


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e8])
def test_any_unit_of_length(scale: float) -> None:
    """x^2 in units of s: -psi'' + x^2/s^4 psi has (2n + 1)/s^2."""
    fit = solved(Problem(X, LINE, sp.Float(scale) ** -4 * X**2, states=(0, 1, 2)))
    assert_energies(fit, np.array([1, 3, 5]) / scale**2)


@pytest.mark.parametrize("highest", [0, 4, 12])
def test_the_box_contains_the_decay(highest: int) -> None:
    """int sqrt(x^2 - E) from the turning point to either end, by its closed form."""
    problem = Problem(X, LINE, X**2, states=(highest,))
    edges = find_box(problem, compile_coefficients(problem), highest, random_bubbles(FOURIER, 0)).edges
    energy = 2 * highest + 1
    for end in (-edges[0], edges[-1]):
        root = math.sqrt(end**2 - energy)
        action = (end * root - energy * math.acosh(end / math.sqrt(energy))) / 2
        assert action > 0.8 * FAR


# Sturm-Liouville: p and w that vary, and p that steps ----------------------------------------------------


def test_varying_p_and_w() -> None:
    """Euler's equations on [1, e]: -(x y')' = E y/x has (n pi)^2, -(x^2 y')' = E y has (n pi)^2 + 1/4."""
    levels = (np.arange(4) + 1) ** 2 * math.pi**2
    domain = {"interval": (1, sp.Float(math.e, 17)), "states": (0, 1, 2, 3)}
    assert_energies(solved(Problem(X, q=sp.S.Zero, p=X, w=1 / X, **domain)), levels)
    assert_energies(solved(Problem(X, q=sp.S.Zero, p=X**2, **domain)), levels + 0.25)


def levels_of_two_layers(middle: float, end: float, left: float, right: float) -> float:
    """Ground state of -(p y')' = E y, y(0) = y(end) = 0, with p = left below `middle` and right above."""

    def match_at(energy: float) -> float:
        k, m = math.sqrt(energy / left), math.sqrt(energy / right)
        a, b = k * middle, m * (end - middle)
        return left * k * math.cos(a) * math.sin(b) + right * m * math.sin(a) * math.cos(b)

    energies = np.linspace(0.01, 20, 4000)
    signs = np.sign([match_at(e) for e in energies])
    first = int(np.flatnonzero(signs[1:] != signs[:-1])[0])
    return float(brentq(match_at, energies[first], energies[first + 1], xtol=1e-15))


CONDITIONS: list[Callable[[float], sp.Basic]] = [
    lambda c: c > X,
    lambda c: c / 7 > X / 7,
    lambda c: sp.exp(X) < math.exp(c),
    lambda c: sp.sqrt(1 + X**2) < math.sqrt(1 + c * c),
    lambda c: (c - 3) ** 2 < (X - 3) ** 2,
    lambda c: sp.Abs(3 * X + 1) < 3 * c + 1,
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=[str(make(0.7)) for make in CONDITIONS])
@pytest.mark.parametrize("place", [0.7, 0.9, 1.3])
def test_steps_of_p_where_rounding_decides_the_condition(condition, place: float) -> None:
    """At the float next to the step the condition may be true or false: p must be that of its piece."""
    p = sp.Piecewise((1, condition(place)), (3, True), evaluate=False)
    fit = solved(Problem(X, (0, 2), 0, p=p))
    assert len(fit.trial.edges) > 2
    assert_energies(fit, [levels_of_two_layers(place, 2.0, 1.0, 3.0)])


def test_flux_is_continued_with_the_p_of_each_side() -> None:
    """p = 1 + x below 1/2 and 5 - x^2 above: the end states are (psi, flux / p) with p at the very edge."""
    p = sp.Piecewise((1 + X, sp.Rational(1, 2) > X), (5 - X**2, True), evaluate=False)
    problem = Problem(X, (0, 1), 0, p=p)
    edges = double([0.0, 0.5, 1.0])
    joints = join(problem, compile_coefficients(problem), edges)
    trial = Trial(edges, joints, random_bubbles(FOURIER, 0))
    unknowns = torch.zeros(trial.unknowns, 1, dtype=torch.float64)
    unknowns[: joints.count, 0] = double([0.3, -1.2, 0.7, 2.0])  # flux, psi, flux, flux
    states = trial.combine(trial.basis(double([[-1.0, 1.0]])), trial.local(unknowns))
    value, slope = states.value[..., 0], states.slope[..., 0]
    np.testing.assert_allclose(value, [[0, -1.2], [-1.2, 0]], rtol=0, atol=1e-15)
    np.testing.assert_allclose(slope, [[0.3 / 1, 0.7 / 1.5], [0.7 / 4.75, 2.0 / 4]], rtol=1e-14)


# Pairs and clusters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("states", [(0,), (1,), (0, 1), (4,)])
def test_one_of_a_pair_is_settled_without_its_partner(states: tuple[int, ...]) -> None:
    """The levels of the double well are 1e-10 apart; whichever is wanted, the gap is that of the pair."""
    pairs = [5.943230282352, 5.943230282352, 17.592881453823, 17.592881453840, 28.861334174619]
    fit = solved(Problem(X, LINE, (X**2 - 9) ** 2, states=states))
    assert_energies(fit, [pairs[n] for n in states])


def test_a_level_at_zero() -> None:
    """W'^2 - W'' has the ground state exp(-W) at E = 0, relative is meant to the kinetic energy."""
    W = X**4 / 4 - 2 * X**2
    fit = solved(Problem(X, LINE, sp.expand(sp.diff(W, X) ** 2 - sp.diff(W, X, 2)), states=(0,)))
    assert fit.settled, fit.message
    assert abs(float(fit.energies[0])) < 1e-9


# Bubbles and estimates ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(64,), (24,), (32, 32), (16, 24), (24, 72)])
@pytest.mark.parametrize("activation", ["sin", "tanh", "gaussian"])
def test_bubbles_of_any_network_are_orthonormal(hidden: tuple[int, ...], activation: str) -> None:
    """Also where a second layer multiplies the frequencies, by another rule; int f f'' = -int f'^2."""
    for seed in range(5):
        bubbles = orthonormal_bubbles(random_network(Mlp(hidden, activation), seed))
        rule = gauss(400)
        jet = bubbles.at(rule.t[None])
        gram = (jet.slope[0].T * rule.weight) @ jet.slope[0]
        by_parts = -(jet.value[0].T * rule.weight) @ jet.curvature[0]
        one = np.eye(bubbles.count)
        np.testing.assert_allclose(gram, one, rtol=0, atol=3e-7)
        np.testing.assert_allclose(by_parts, one, rtol=0, atol=3e-6)


def test_too_few_features_to_hold_the_states() -> None:
    with pytest.raises(ProblemError, match="too few to hold state 4"):
        solved(BOX, features=1)


def test_the_last_level_is_only_a_neighbour() -> None:
    """What lies above it is not known, so nothing can be said of it, nor of a cluster that it belongs to."""
    estimates = quadratic_errors(np.array([1.0, 2.0, 2.5]), np.full(3, 1e-4)).tolist()
    assert estimates == [pytest.approx(1e-4), pytest.approx(2e-4), math.inf]
    assert quadratic_errors(np.ones(1), np.full(1, 1e-4)).tolist() == [math.inf]


@pytest.mark.parametrize("members", [1, 2, 3])
def test_the_estimate_with_exact_neighbours_bounds_the_error(members: int) -> None:
    """A cluster of a random symmetric matrix, of a subspace that is nearly its own: residual^2 over the gap
    to the levels that lie next to it."""
    generator = np.random.default_rng(members)
    for _ in range(200):
        levels = np.concatenate([[0.0], 1 + 1e-7 * np.arange(members), [2.5, 4, 6]])
        frame = np.linalg.qr(generator.standard_normal((len(levels), len(levels))))[0]
        matrix = frame @ np.diag(levels) @ frame.T
        guess = frame[:, 1 : members + 1] + 0.05 * generator.standard_normal((len(levels), members))
        basis = np.linalg.qr(guess)[0]
        values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
        states = basis @ vectors
        squared = ((matrix @ states - states * values) ** 2).sum(0)
        estimates = quadratic_errors(np.array([0.0, *values, 2.5]), np.array([0.0, *squared, 0.0]))[1:-1]
        errors = np.abs(values - levels[1 : members + 1])
        whole = squared.sum() / min(values[0], 2.5 - values[-1])
        assert (errors <= whole + 1e-14).all()  # the theorem
        assert (estimates <= whole + 1e-14).all()  # never coarser than it


# Collocation points --------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [Uniform(7), RandomPoints(7), Sobol(7), Gauss(7)])
def test_padding_has_no_weight(points) -> None:
    """Pieces share the points by length, two at least each; the weights add up to the pieces."""
    coefficients = compile_coefficients(BARRIER)
    edges = double([0.0, 0.4, 0.6, 1.0])
    trial = Trial(edges, join(BARRIER, coefficients, edges), random_bubbles(FOURIER, 0))
    at = collocation_points(points, trial, coefficients, 3)
    counts = [7, 7, 7] if isinstance(points, Gauss) else [3, 2, 3]
    assert [len(t) for t, _ in local_points(points, edges.diff().tolist(), 3)] == counts
    assert (at.weight > 0).sum(1).tolist() == counts
    np.testing.assert_allclose(at.weight.sum(1), edges.diff(), rtol=1e-14)
    assert at.values.q[1].tolist() == [50.0] * max(counts)
    assert not at.values.q[[0, 2]].any()


@pytest.mark.parametrize(("rule", "power"), [(RandomPoints, 0.5), (Sobol, 0.9)])
def test_drawn_points_integrate(rule, power: float) -> None:
    """Errors of the mean fall like n^(-1/2) when drawn, and nearly like 1/n when spread."""
    exact = 2 * math.sinh(1)

    def error(count: int) -> float:
        rows = [local_points(rule(count), [1.0], seed)[0] for seed in range(60)]
        return math.sqrt(np.mean([(float(w @ torch.exp(t)) - exact) ** 2 for t, w in rows]))

    gain = error(32) / error(2048)
    assert gain > 0.6 * 64**power


def test_normalisation_on_a_rule_of_its_own() -> None:
    """int w psi^2 = 1 with a weight that varies."""
    problem = Problem(X, (1, 3), 0, w=1 + X**2, states=(0, 1), training=Training())
    fit = solved(problem)
    at = collocate(fit.trial, compile_coefficients(problem), 131)
    psi = fit.trial.combine(fit.trial.basis(at.t), fit.trial.local(fit.unknowns)).value
    gram = torch.einsum("pn,pns,pnr->sr", at.weight * (1 + fit.trial.points(at.t) ** 2), psi, psi)
    np.testing.assert_allclose(gram, np.eye(2), rtol=0, atol=1e-11)


def test_samples_see_the_action_of_the_box() -> None:
    """The phase int sqrt(E) dx of a box at its own levels is (n + 1) pi."""
    landscape = sample(compile_coefficients(BOX), np.array([0.0, 1.0]), np.empty(0))
    for phase in (math.pi, 10 * math.pi):
        assert landscape.level(phase) == pytest.approx(phase**2, rel=0.02)
        assert landscape.level(phase) >= phase**2 * (1 - 1e-12)
