"""`gradient` by the paper's recipe, `lm`, and the collocation points they use."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
import torch

import qdsl
from qdsl.physics.training import (
    Adam,
    FixedEnergy,
    Gauss,
    Gradient,
    Lbfgs,
    Mlp,
    RandomPoints,
    Sobol,
    TrainableEnergy,
    Training,
    Uniform,
)
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.fit import Fit, collocate
from qdsl.pinn.gradient import _separated, _starting_energies, _unit, train_gradient
from qdsl.pinn.lm import _linearise, _measured, polish
from qdsl.pinn.loss import squared_norm
from qdsl.pinn.points import collocation_points, local_points
from qdsl.pinn.ritz import solve_ritz
from qdsl.pinn.starts import first_fit, normalised

from .conftest import BARRIER, BOX, KNOWN, OSCILLATOR, WELL, X

CPU = torch.device("cpu")


def quiet(stage: str, done: float) -> None:
    pass


def trained(problem, training: Training) -> Fit:
    problem = replace(problem, training=training)
    return train_gradient(problem, compile_coefficients(problem), None, CPU, quiet)


SHORT = (Adam(1e-2, 150), Lbfgs(150))
SMALL = Training(network=Mlp((12,)), points=Gauss(32), optimizer=SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_infinite_well_of_the_paper(examples, seed):
    solution = qdsl.solve(qdsl.load(examples / "infinite_well_paper.qw"), seed=seed)
    assert abs(solution.energies[0] / math.pi**2 - 1) < 1e-4
    x = np.linspace(0, 1, 1001)
    assert np.abs(solution.psi(x)[0] - math.sqrt(2) * np.sin(math.pi * x)).max() < 1e-4
    assert solution.status == "certified"
    assert solution.converged


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("file", "energy"), [("finite_well_paper", 1.639480147541), ("barrier_paper", 25.05968629016)]
)
def test_the_paper_with_a_trainable_energy(examples, file, energy, seed):
    """Neither psi = 0 nor another state, for any seed."""
    solution = qdsl.solve(qdsl.load(examples / f"{file}.qw"), seed=seed)
    assert abs(solution.energies[0] / energy - 1) < 1e-3
    assert solution.status == "certified", solution.message
    assert solution.converged


def test_a_short_training_of_the_box():
    fit = trained(
        replace(BOX, states=(0,)),
        replace(SMALL, energy=FixedEnergy(math.pi**2), loss=(("raw_residual", 1.0), ("norm", 1.0))),
    )
    assert float(fit.energies[0]) == pytest.approx(math.pi**2, rel=1e-3)


def test_two_states_at_once_are_kept_apart_by_orthogonality():
    fit = trained(replace(BOX, states=(0, 1)), replace(SMALL, energy=TrainableEnergy(None)))
    at = collocate(fit.trial, compile_coefficients(BOX), 64)
    psi = fit.trial.combine(fit.trial.basis(at.t), fit.trial.local(fit.unknowns)).value.flatten(0, 1)
    overlap = float((at.weight.flatten() * psi[:, 0] * psi[:, 1]).sum())
    assert abs(overlap) < 0.05


SEVERAL = {
    "box": replace(BOX, states=(0, 1, 2)),
    "well": WELL,
    "barrier": replace(BARRIER, states=(0, 1)),
    "oscillator": replace(OSCILLATOR, states=(0, 1, 2, 3)),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SEVERAL)
def test_each_state_starts_near_itself(name, seed):
    """Rayleigh-Ritz values are upper bounds of the levels with their numbers, here within a tenth."""
    problem = replace(SEVERAL[name], training=Training(seed=seed))
    start = first_fit(problem, compile_coefficients(problem)).energies.numpy()
    exact = KNOWN[name][1][: len(start)]
    assert (start > exact * (1 - 1e-12)).all()
    assert (start < 1.1 * exact).all()


def test_the_start_of_any_state_alone():
    """State n by itself starts where it starts among others of the same pieces."""
    coefficients = compile_coefficients(BOX)
    every = first_fit(BOX, coefficients).energies
    alone = first_fit(replace(BOX, states=(4,)), coefficients).energies
    assert float(alone[0]) == pytest.approx(float(every[4]), rel=1e-12)


@pytest.mark.parametrize("energy", [FixedEnergy(9.0), TrainableEnergy(9.0)])
def test_an_energy_that_is_set_begins_with_random_states(energy):
    """As in the paper: nothing but the seed decides, and the energy is the one that was asked for."""
    coefficients = compile_coefficients(WELL)
    asked, other = (
        first_fit(replace(WELL, training=Training(energy=energy, seed=seed)), coefficients) for seed in (0, 1)
    )
    drawn = first_fit(replace(WELL, training=Training(energy=FixedEnergy(1.0))), coefficients)
    assert torch.equal(asked.unknowns, drawn.unknowns)
    assert not torch.allclose(asked.unknowns, other.unknowns)
    assert _starting_energies(energy, asked)[0].tolist() == [9.0] * 3


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVERAL)
def test_several_states_with_nothing_set_but_the_steps(name):
    """Each is the level that its number says, certified; and training, not the start, made it good."""
    training = Training(method=(Gradient(),), optimizer=(Adam(1e-3, 300), Lbfgs(150)), seed=1)
    problem = replace(SEVERAL[name], training=training)
    solution = qdsl.solve(problem)
    exact = KNOWN[name][1][: len(solution.energies)]
    errors = np.abs(solution.energies / exact - 1)
    assert errors.max() < 1e-3
    assert solution.status == "certified", solution.message
    assert solution.converged
    start = first_fit(problem, compile_coefficients(problem)).energies.numpy() / exact - 1
    assert errors.max() < 0.1 * start.max()


def test_the_residual_is_weighed_in_a_unit_of_the_problem():
    """The same equation with energies a thousand times smaller has a unit a thousand times smaller."""

    def unit(scale: float) -> float:
        problem = qdsl.Problem(
            X, (-1, 1), 30 * X**2 / scale, 1 / sp.Float(scale), states=(0, 1), training=SMALL
        )
        coefficients = compile_coefficients(problem)
        fit = first_fit(problem, coefficients)
        return _unit(fit, collocate(fit.trial, coefficients, 32))

    assert 1000 * unit(1000.0) == pytest.approx(unit(1.0), rel=1e-9)
    # the virial theorem: half of the ground level of an oscillator of frequency sqrt(30) is kinetic
    assert unit(1.0) == pytest.approx(math.sqrt(30) / 2, rel=0.15)


def test_states_that_training_left_mixed_are_separated():
    """Two levels 3e-3 apart: their mixtures have a residual of that size, and are turned back."""
    problem = replace(OSCILLATOR, q=(X**2 - 9) ** 2 / 16, states=(0, 1))
    coefficients = compile_coefficients(problem)
    fit = solve_ritz(problem, coefficients)
    turn = torch.tensor([[0.8, -0.6], [0.6, 0.8]], dtype=torch.float64)
    separated = normalised(fit.trial, _separated(fit.trial, fit.unknowns @ turn, coefficients), coefficients)
    np.testing.assert_allclose(separated.energies.numpy(), fit.energies.numpy(), rtol=1e-10)
    mixed = normalised(fit.trial, fit.unknowns @ turn, coefficients)
    assert float((mixed.energies - fit.energies).abs().min()) > 1e-4


def test_states_that_are_all_the_same_one_are_not_separated():
    coefficients = compile_coefficients(WELL)
    fit = solve_ritz(WELL, coefficients)
    same = fit.unknowns[:, [0, 0, 1]] + 1e-3 * fit.unknowns
    assert torch.equal(_separated(fit.trial, same, coefficients), same)


@pytest.mark.parametrize(("term", "collapses"), [("raw_residual", True), ("residual", False)])
def test_the_undivided_residual_collapses_far_from_a_level(term, collapses, monkeypatch):
    """E = 33 lies 8 from the nearest levels: d^2 n + (n - 1)^2 is smallest at n = 0 for d > sqrt(2)."""
    norms = []

    def watched(states, at):
        norm = squared_norm(states, at)
        norms.append(float(norm.detach()[0]))
        return norm

    monkeypatch.setattr("qdsl.pinn.gradient.squared_norm", watched)
    loss = ((term, 1.0), ("norm", 1.0))
    trained(replace(BARRIER, states=(0,)), replace(SMALL, energy=FixedEnergy(33.0), loss=loss))
    assert (norms[-1] < 0.05) == collapses


@pytest.mark.parametrize("points", [Gauss(12), Uniform(300), RandomPoints(300), Sobol(256)])
def test_weights_of_every_rule_add_up_to_the_length(points):
    coefficients = compile_coefficients(BARRIER)
    trial = solve_ritz(BARRIER, coefficients).trial
    at = collocation_points(points, trial, coefficients, seed=0)
    assert float(at.weight.sum()) == pytest.approx(1.0, rel=1e-12)
    assert bool((at.t.abs() <= 1).all())


def test_orders_of_the_rules():
    """Gauss with n points is exact to degree 2n - 1; midpoints err by h^2."""
    t, weight = local_points(Gauss(5), [2.0], 0)[0]
    for degree in range(10):
        assert float((weight * t**degree).sum()) == pytest.approx(2 / (degree + 1) if degree % 2 == 0 else 0)
    errors = []
    for count in (20, 40, 80):
        t, weight = local_points(Uniform(count), [2.0], 0)[0]
        errors.append(abs(float((weight * torch.exp(t)).sum()) - 2 * math.sinh(1)))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("points", [RandomPoints(64), Sobol(64)])
def test_drawn_points_follow_the_seed(points):
    first, again, other = (local_points(points, [1.0, 2.0], seed)[1][0] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(("name", "gain"), [("box", 1e3), ("oscillator", 1e3)])
def test_lm_moves_the_hidden_layer_to_where_it_helps(name, gain):
    problem, exact = KNOWN[name]
    coefficients = compile_coefficients(problem)
    start = solve_ritz(problem, coefficients, features=12)
    before = np.abs(start.energies.numpy() - exact).max()
    after = np.abs(polish(start, coefficients, problem.states, 20, quiet).energies.numpy() - exact).max()
    assert before > 1e-6
    assert after < before / gain


def test_lm_never_makes_it_worse():
    coefficients = compile_coefficients(BARRIER)
    start = solve_ritz(BARRIER, coefficients)
    after = polish(start, coefficients, BARRIER.states, 3, quiet)
    at = collocate(start.trial, coefficients, 72)
    residuals = [_measured(f.trial, f.unknowns, f.energies, at).residual for f in (start, after)]
    assert residuals[1] <= residuals[0]
    np.testing.assert_allclose(after.energies.numpy(), KNOWN["barrier"][1], rtol=1e-9)


def test_the_jacobian_of_lm_is_that_of_finite_differences():
    problem = replace(OSCILLATOR, interval=(sp.Integer(-6), sp.Integer(6)), boundary=None, states=(0, 1))
    coefficients = compile_coefficients(problem)
    fit = solve_ritz(problem, coefficients, features=8)
    at = collocate(fit.trial, coefficients, 20)
    here = _measured(fit.trial, fit.unknowns, fit.energies, at)
    value, jacobian = _linearise(here, at)
    h = 1e-6
    shifts = (0, 1)  # by the energies, the last columns
    for state in shifts:
        moved = here.energies.clone()
        moved[state] += h
        other, _ = _linearise(replace(here, energies=moved), at)
        column = jacobian[:, jacobian.shape[1] - 2 + state]
        assert torch.allclose((other - value) / h, column, atol=1e-6 * float(column.abs().max()))
    network = here.trial.bubbles.network
    weights = [p.expand(len(fit.trial.edges) - 1, -1, -1).clone() for p in network.parameters]
    weights[0].view(-1)[0] += h
    bubbles = replace(here.trial.bubbles, network=network.with_parameters(tuple(weights)))
    other, _ = _linearise(replace(here, trial=replace(here.trial, bubbles=bubbles)), at)
    difference = (other - value) / h
    assert torch.allclose(difference, jacobian[:, 0], atol=1e-3 * float(jacobian[:, 0].abs().max()) + 1e-6)


def test_a_chain_through_the_language():
    problem = qdsl.parse(
        "domain x in [0, 1]\npotential V(x) = 0\nfind states 0..1\n"
        "train { method = ritz(features = 10) then lm(steps = 8) }\n"
    )
    solution = qdsl.solve(problem)
    np.testing.assert_allclose(solution.energies, [math.pi**2, 4 * math.pi**2], rtol=1e-7)


def test_the_outcome_depends_on_the_seed_and_on_nothing_else():
    runs = [
        qdsl.solve(
            qdsl.Problem(X, (0, 1), 0, states=(0,), training=replace(SMALL, seed=seed)), method="gradient"
        )
        for seed in (1, 1, 2)
    ]
    first, again, other = (run.states.losses()[0]["residual"] for run in runs)
    assert first == again
    assert first != other


def test_double_takes_anything_like_an_array():
    assert double([1, 2]).dtype == torch.float64
