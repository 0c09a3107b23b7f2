"""Wrong on purpose, from the inside: nothing that is spoilt passes as certified and converged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import qdsl
from qdsl.physics.training import Ritz
from qdsl.pinn import ritz, train
from qdsl.pinn.pieces import Box
from qdsl.states import States
from qdsl.verify import certify, reference

WELL = "domain x in [-4, 4]\npotential V(x) = { 0 if |x| < 1; 20 otherwise }\nfind states 0..2\n"
OSCILLATOR = "domain x in (-inf, inf)\npotential V(x) = x^2\nfind states 0..4\n"
LEVELS = np.array([1.639480147541, 6.441879958128, 13.89153475647])


def test_too_few_features() -> None:
    solution = qdsl.solve(qdsl.parse(WELL), method=Ritz(features=2))
    certified = solution.certificate.certified
    assert not solution.certificate.converged.any()
    assert np.all(np.abs(solution.energies - LEVELS)[certified] <= solution.bounds[certified])
    assert np.abs(solution.energies - LEVELS).max() > 0.1


@pytest.mark.parametrize("points", [23, 24])
def test_a_quadrature_that_is_too_coarse(monkeypatch: pytest.MonkeyPatch, points: int) -> None:
    """Hardly more points than features: Ritz values fall below the spectrum, and nothing is refined."""
    monkeypatch.setattr(
        ritz, "max", lambda *many: points if len(many) == 2 else max(*many), raising=False
    )  # what ties points to features
    monkeypatch.setattr(ritz, "ROUNDS", 0)
    solution = qdsl.solve(qdsl.parse(WELL))
    exact = np.abs(solution.energies - LEVELS) <= 1e-8 * LEVELS
    good = solution.certificate.certified & solution.certificate.converged
    assert not np.any(good & ~exact)
    assert not solution.converged


def test_a_box_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Box(np.array([-3.0, 3.0]), np.empty(0))
    monkeypatch.setattr(ritz, "find_box", lambda *_: small)
    solution = qdsl.solve(qdsl.parse(OSCILLATOR))
    wrong = np.abs(solution.energies - (2 * np.arange(5) + 1)) > 1e-8
    assert wrong.any()
    assert not np.any(solution.certificate.converged & wrong)
    assert not solution.converged


def _certified(text: str, spoilt: str, keep: list[int]) -> tuple[States, qdsl.Certificate]:
    """States of the problem `spoilt`, those at `keep` called 0, 1, …, judged by the problem `text`."""
    problem, other = qdsl.parse(text), qdsl.parse(spoilt)
    states = train(other, "cpu", lambda *_: None)
    chosen = np.array(keep)
    states = dataclasses.replace(
        states,
        numbers=tuple(range(len(keep))),
        energies=states.energies[chosen],
        psi=lambda x, f=states.psi: f(x)[chosen],
        slope=lambda x, f=states.slope: f(x)[chosen],
        curvature=lambda x, f=states.curvature: f(x)[chosen],
        losses=lambda: tuple(states.losses()[i] for i in keep),
    )
    ends = float(states.edges[0]), float(states.edges[-1])
    return states, certify(problem, states, reference(problem, states.numbers, ends), 1e-9)


@pytest.mark.parametrize("keep", [[0, 2], [1, 2], [0, 1, 3], [0, 2, 3]])
def test_a_state_dropped(keep: list[int]) -> None:
    states, result = _certified(OSCILLATOR, OSCILLATOR, keep)
    right = states.energies == pytest.approx(2.0 * np.arange(len(keep)) + 1, abs=1e-8)
    assert not right
    for n, certified in enumerate(result.certified):
        assert not certified or abs(states.energies[n] - (2 * n + 1)) < 1e-8


def test_a_flipped_sign() -> None:
    text = "domain x in [0, 1]\npotential V(x) = {sign}40*cos(2*pi*x) + 5*x\nfind states 0..2\n"
    _, result = _certified(text.format(sign=""), text.format(sign="-"), [0, 1, 2])
    assert not result.certified.any()


def test_a_potential_slightly_off() -> None:
    """1 + 1e-7 of the potential: energies off by 1e-7, and the bounds know."""
    states, result = _certified(OSCILLATOR, OSCILLATOR.replace("x^2", "1.0000001*x^2"), [0, 1, 2])
    off = np.abs(states.energies - (2 * np.arange(3) + 1))
    assert off.max() > 1e-8
    assert np.all(off <= result.bounds)
    assert not result.converged.any()


def test_the_sound_one_passes() -> None:
    solution = qdsl.solve(qdsl.parse(OSCILLATOR))
    assert solution.status == "certified"
    assert solution.converged
    assert np.all(np.abs(solution.energies - (2 * np.arange(5) + 1)) <= solution.bounds)
    assert solution.bounds.max() < 1e-10
