"""From the certificate back to `ritz`: what misses the tolerance is refined, and nothing else is."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qdsl
from qdsl import adapting
from qdsl.adapting import adapt
from qdsl.physics.problem import Problem
from qdsl.physics.training import LevenbergMarquardt, Ritz
from qdsl.pinn import go_on, refines, ritz, train
from qdsl.pinn.coefficients import compile_coefficients
from qdsl.pinn.fit import Fit
from qdsl.states import Array, States
from qdsl.verify import Certificate, Reference, certify, reference

NOWHERE = np.empty(0)
COLLECTION = Path(__file__).resolve().parent / "collection"

WELL = "domain x in [-4, 4]\npotential V(x) = { 0 if |x| < 1; 20 otherwise }\nfind states 0..2\n"
LEVELS = np.array([1.639480147541, 6.441879958128, 13.89153475647])
STEP = "domain x in [-2, 2]\npotential V(x) = 20*tanh(200*(x - 0.3))\nfind states 0..3\n"
STEP_ON_A_LINE = (
    "domain x in (-inf, inf)\npotential V(x) = x^2 + 20*tanh(200*(x - 0.3))\n"
    "boundary psi(-inf) = 0, psi(inf) = 0\nfind states 0..3\n"
)


def with_tolerance(problem: Problem, tolerance: float) -> Problem:
    return dataclasses.replace(problem, training=dataclasses.replace(problem.training, tolerance=tolerance))


def relative(solution: qdsl.Solution) -> Array:
    return np.asarray(solution.bounds / solution.certificate.scale)


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`ritz` is content with a coarser tolerance at first than it is asked for."""
    whole = ritz.solve_ritz

    def spoil(tolerance: float) -> None:
        def content(problem: Problem, *rest: object) -> Fit:
            return whole(with_tolerance(problem, tolerance), *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(importlib.import_module("qdsl.pinn.train"), "solve_ritz", content)

    return spoil


def first_look(problem: Problem) -> tuple[States, Reference]:
    states = train(problem, "cpu", lambda *_: None)
    ends = float(states.edges[0]), float(states.edges[-1])
    return states, reference(problem, problem.states, ends)


def judged(problem: Problem, states: States, evidence: Reference) -> Certificate:
    return certify(problem, states, evidence, problem.training.goal)


@pytest.mark.parametrize(
    ("text", "coarse"),
    [(STEP, 1e-3), (STEP_ON_A_LINE, 1e-3), *[(name, 1e-4) for name in ("coulomb_s", "asymmetric_well")]],
)
def test_what_misses_the_tolerance_is_cured(
    text: str, coarse: float, careless: Callable[[float], None]
) -> None:
    problem = qdsl.parse(text) if "\n" in text else qdsl.load(COLLECTION / f"{text}.qw")
    careless(coarse)
    states, evidence = first_look(problem)
    first = certify(problem, states, evidence, 1e-9)
    assert (first.bounds > 1e-9 * first.scale).any()

    solution = qdsl.solve(problem)
    assert solution.certificate.certified.all()
    assert (relative(solution) <= 1e-9).all()
    assert solution.states.settled
    assert not solution.states.message
    assert len(solution.states.edges) > len(states.edges)
    assert (np.abs(solution.certificate.differences) <= solution.bounds + evidence.errors).all()


@pytest.mark.parametrize("name", ["far_well", "two_widths"])
def test_a_state_that_was_not_seen_is_found(
    name: str, careless: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wells of different widths, far apart: content with 1e-4, `ritz` has next to no idea of one of them."""
    problem = qdsl.load(COLLECTION / f"{name}.qw")
    careless(1e-4)
    with monkeypatch.context() as without:
        without.setattr(adapting, "ROUNDS", 0)
        assert relative(qdsl.solve(problem)).max() > 1e-6
    solution = qdsl.solve(problem)
    assert solution.certificate.certified.all(), solution.message
    assert (relative(solution) <= 2e-9).all()


def test_refinement_is_local(careless: Callable[[float], None]) -> None:
    """The new pieces are around the step of the potential, and the smallest ones are next to it."""
    problem = qdsl.parse(STEP)
    careless(1e-3)
    states, _ = first_look(problem)
    finer = go_on(problem, states, np.full(4, 1e-5), NOWHERE)
    assert finer is not None
    new = np.setdiff1d(finer.edges, states.edges)
    assert len(new) > 5
    assert (np.abs(new - 0.3) < 0.6).all()
    width = np.diff(finer.edges)
    assert np.abs(finer.edges[width.argmin()] - 0.3) < 0.1


@pytest.mark.parametrize("text", [WELL, STEP])
def test_below_rounding_it_stops_and_says_so(text: str) -> None:
    solution = qdsl.solve(with_tolerance(qdsl.parse(text), 1e-15))
    assert solution.certificate.certified.all()
    assert (relative(solution) < 1e-10).all()
    assert not solution.states.settled
    assert "more than the tolerance 1e-15; smaller ones do not lower it, as when rounding" in solution.message
    assert len(solution.states.edges) < 200


def test_a_good_certificate_costs_nothing() -> None:
    problem = qdsl.parse(WELL)
    states, evidence = first_look(problem)

    def never(_states: States, _shares: Array, _unseen: Array) -> States | None:
        raise AssertionError("nothing is to be refined")

    result, certificate, _ = adapt(problem, states, judged(problem, states, evidence), evidence, never)
    assert certificate.certified.all()
    assert result.origin is states.origin
    assert result.settled


def test_a_bound_within_the_tolerance_outweighs_the_estimate() -> None:
    """What `ritz` fears of a state that turns out to be good is not said."""
    problem = qdsl.parse(WELL)
    states, evidence = first_look(problem)
    worried = dataclasses.replace(states, settled=False, message="ritz: an estimated error of 1e-3")
    result, *_ = adapt(problem, worried, judged(problem, worried, evidence), evidence, lambda *_: None)
    assert result.settled
    assert not result.message


def test_the_best_is_kept(careless: Callable[[float], None]) -> None:
    """A step that makes everything worse is not followed, and is the last."""
    problem = qdsl.parse(STEP)
    careless(1e-5)
    states, evidence = first_look(problem)
    careless(1e-2)
    worse = train(problem, "cpu", lambda *_: None)
    asked: list[Array] = []

    def backwards(_states: States, shares: Array, _unseen: Array) -> States | None:
        asked.append(shares)
        return worse

    result, certificate, _ = adapt(problem, states, judged(problem, states, evidence), evidence, backwards)
    assert len(asked) == 1
    assert ((asked[0] > 0) & (asked[0] <= 1)).all()
    assert result.energies is states.energies
    assert not result.settled
    assert certificate.certified.all()


def test_rounds_end(careless: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapting, "ROUNDS", 1)
    monkeypatch.setattr(adapting, "LEAST", 0.1)
    careless(1e-3)
    solution = qdsl.solve(qdsl.parse(STEP))
    assert not solution.states.settled
    assert "refining was given up" in solution.message


@pytest.mark.parametrize(
    ("method", "can"),
    [
        ((Ritz(),), True),
        ((Ritz(features=12),), False),
        ((LevenbergMarquardt(),), False),
        ((Ritz(), LevenbergMarquardt()), False),
    ],
)
def test_only_ritz_on_its_own_goes_on(method: tuple[Ritz | LevenbergMarquardt, ...], can: bool) -> None:
    problem = qdsl.parse(WELL)
    training = dataclasses.replace(problem.training, method=method)
    assert refines(dataclasses.replace(problem, training=training)) is can


def test_given_features_are_judged_once() -> None:
    solution = qdsl.solve(qdsl.parse(WELL), method=Ritz(features=6))
    assert len(solution.states.edges) == 4
    assert not solution.states.settled


def test_on_the_same_pieces_there_is_nothing_to_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qdsl.parse(WELL)
    states, _ = first_look(problem)
    assert go_on(problem, states, np.ones(3), NOWHERE) is None
    monkeypatch.setattr(ritz, "ROUNDS", 0)
    assert go_on(problem, states, np.full(3, 1e-3), NOWHERE) is None


def test_going_on_keeps_the_edges(careless: Callable[[float], None]) -> None:
    problem = qdsl.parse(STEP)
    careless(1e-3)
    states, _ = first_look(problem)
    finer = go_on(problem, states, np.full(4, 1e-4), NOWHERE)
    assert finer is not None
    assert np.isin(states.edges, finer.edges).all()


# Coefficients that are steep, narrow or oscillate inside the first pieces


HARD = {
    "steep": "20*tanh(2000*(x - 0.3))",
    "smeared step": "50*atan(1000*(x - 0.111))",
    "spike with tails": "-300/(1 + 100000*(x - 0.317)^2)",
    "hat of width 0.06": "1000/(1 + 1000*x^2)",
    "two narrow wells": "-5000*exp(-((x - 0.3)/0.01)^2) - 5100*exp(-((x + 1.1)/0.01)^2)",
    "narrow barrier": "1e7*exp(-((x - 0.3)/0.001)^2)",
    "waves": "1000*cos(100*x)",
    "chirp": "1000*sin(40*x^3)",
    "root": "-10/sqrt(1e-6 + (x - 0.2)^2)",
    "logarithm": "-20*log(1e-8 + (x - 0.123)^2)",
}


@pytest.mark.parametrize("name", HARD)
def test_hard_coefficients(name: str) -> None:
    solution = qdsl.solve(
        qdsl.parse(f"domain x in [-2, 2]\npotential V(x) = {HARD[name]}\nfind states 0..4\n")
    )
    assert solution.certificate.certified.all(), solution.message
    assert (relative(solution) <= 1e-9).all()
    off = np.abs(solution.certificate.differences)
    assert (off <= solution.bounds + solution.reference.errors).all()


WAVES = "domain x in [-1, 1]\npotential V(x) = 5000*cos(600*x + 1)\nfind states 0..3\n"
"""Ten oscillations or more in each of the first pieces: neither the basis nor the quadrature sees them."""


def test_waves_that_no_first_piece_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qdsl.parse(WAVES)
    solution = qdsl.solve(problem)
    assert solution.certificate.certified.all(), solution.message
    assert (relative(solution) <= 1e-9).all()
    # While nothing is known, errors that grow are no sign of rounding.
    monkeypatch.setattr(ritz, "ROUGH", np.inf)
    fit = ritz.solve_ritz(problem, compile_coefficients(problem))
    assert not fit.settled
    assert len(fit.trial.edges) < 50


def test_a_residual_in_a_short_piece_is_that_of_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The barrier is 1/1000 of its neighbours: halving it alone doubles the residual norm squared."""
    problem = with_tolerance(qdsl.load(COLLECTION / "thin_barrier.qw"), 1e-11)
    good = relative(qdsl.solve(problem)).max()
    monkeypatch.setattr(ritz, "PATIENCE", 0)
    assert good < 0.5 * relative(qdsl.solve(problem)).max()


def test_rounding_that_grows_is_no_progress() -> None:
    """Towards a pole of the potential smaller pieces mean larger energies, and more rounding."""
    solution = qdsl.solve(with_tolerance(qdsl.load(COLLECTION / "coulomb_s.qw"), 1e-13))
    assert len(solution.states.edges) < 80
    assert (relative(solution) < 2e-10).all()


HARD_EQUATIONS = {
    "p steep": "-((1 + 0.9*tanh(100*(x - 0.3)))*psi')' = E*psi",
    "p all but 0 in a narrow place": "-((1 - 0.999*exp(-((x - 0.3)/0.001)^2))*psi')' = E*psi",
    "p oscillates": "-((1 + 0.9*cos(100*x))*psi')' = E*psi",
    "w narrow": "-psi'' = E*(1 + 5000*exp(-((x - 0.3)/0.001)^2))*psi",
    "w oscillates": "-psi'' = E*(1 + 0.9*cos(100*x))*psi",
}


@pytest.mark.parametrize("name", HARD_EQUATIONS)
def test_hard_stiffness_and_weight(name: str) -> None:
    """The reference, which shares nothing with the method, agrees: its elements resolve 1/p too."""
    text = f"domain x in [-2, 2]\nequation {HARD_EQUATIONS[name]}\nboundary psi(-2) = 0, psi(2) = 0\n"
    solution = qdsl.solve(with_tolerance(qdsl.parse(text + "find states 0..4\n"), 1e-6))
    assert solution.certificate.certified.all(), solution.message
    assert (relative(solution) <= 1e-6).all()
    scale = solution.certificate.scale
    assert (np.abs(solution.certificate.differences) < 1e-10 * scale).all()
    assert (solution.reference.errors < 1e-9 * scale).all()
