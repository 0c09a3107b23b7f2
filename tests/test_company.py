"""A state whose neighbour is all but as high is proven with it, and handed back without it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import qdsl
from qdsl import pinn, solving
from qdsl.company import with_company
from qdsl.errors import ProblemError
from qdsl.pinn import train
from qdsl.states import States
from qdsl.verify import Index, certify, reference
from qdsl.verify.levels import Evidence

DOUBLE = "domain x in (-inf, inf)\npotential V(x) = (x^2 - 9)^2\nboundary psi(-inf) = 0, psi(inf) = 0\n"
"""Its lowest levels agree to 14 digits."""
TRIPLE = (
    "domain x in [-10, 10]\n"
    "potential V(x) = { 0 if |x - 6| < 1; 0 if |x| < 1; 0 if |x + 6| < 1; 60 otherwise }\n"
)
RING = "domain x in [0, 2*pi]\nboundary periodic\npotential V(x) = 0\n"
OSCILLATOR = DOUBLE.replace("(x^2 - 9)^2", "x^2")


def certainly(solution: qdsl.Solution) -> bool:
    return all(run.evidence is Evidence.PROVEN for run in solution.certificate.runs)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_half_of_a_pair_is_proven(n: int) -> None:
    whole = qdsl.solve(qdsl.parse(DOUBLE + "find states 0..3\n"))
    one = qdsl.solve(qdsl.parse(DOUBLE + f"find state {n}\n"))
    assert one.status == "certified"
    assert one.states.numbers == one.problem.states == (n,)
    assert one.certificate.index == (Index.CLUSTER,)
    assert certainly(one)
    assert one.bounds.shape == one.reference.energies.shape == (1,)
    assert one.bounds[0] < 1e-11 * one.energies[0]
    assert abs(one.energies[0] - whole.energies[n]) <= one.bounds[0] + whole.bounds[n]
    x = np.linspace(-7, 7, 4001)
    psi, pair = one.psi(x)[0], whole.psi(x)[:2] if n < 2 else whole.psi(x)[2:]
    assert np.linalg.norm(pair @ psi) * (x[1] - x[0]) == pytest.approx(1, abs=1e-9)  # a state of the pair


def test_the_oscillator_needs_no_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is solved twice where the levels stand apart."""
    asked: list[tuple[int, ...]] = []
    whole = solving._trained

    def counted(problem: qdsl.Problem, *rest: object) -> object:
        asked.append(problem.states)
        return whole(problem, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "_trained", counted)
    solution = qdsl.solve(qdsl.parse(OSCILLATOR + "find state 3\n"))
    assert asked == [(3,)]
    assert abs(solution.energies[0] - 7) <= solution.bounds[0]
    assert solution.certificate.index == (Index.PROVEN,)


def test_a_cosine_on_a_ring_is_proven_with_its_sine() -> None:
    solution = qdsl.solve(qdsl.parse(RING + "find state 3\n"))
    assert solution.states.numbers == (3,)
    assert solution.certificate.index == (Index.PAIR,)
    assert abs(solution.energies[0] - 4) <= solution.bounds[0] < 1e-11


def test_three_wells_go_together() -> None:
    """A shallow outer end of the chain: both neighbours of the middle level join."""
    solution = qdsl.solve(qdsl.parse(TRIPLE + "find state 1\n"))
    k = np.sqrt(solution.energies[0])  # the even ground state of a single well: k tan k = sqrt(60 - k^2)
    assert abs(k * np.tan(k) - np.sqrt(60 - k**2)) < 1e-7
    assert certainly(solution)
    assert solution.bounds[0] <= 1e-9 * solution.energies[0]


def test_company_that_cannot_be_had_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the state is what it is by itself: not proven within the tolerance."""
    whole = solving._trained

    def only_one(problem: qdsl.Problem, *rest: object) -> object:
        if len(problem.states) > 1:
            raise ProblemError("not here")
        return whole(problem, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "_trained", only_one)
    solution = qdsl.solve(qdsl.parse(DOUBLE + "find state 1\n"))
    assert solution.states.numbers == (1,)
    assert solution.bounds[0] > 1e-9 * solution.certificate.scale[0]
    assert solution.certificate.index[0] not in (Index.PROVEN, Index.CLUSTER)


def test_company_with_a_flaw_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both states of the pair are the same psi: no certificate is made of them."""
    whole = solving._trained

    def doubled(problem: qdsl.Problem, *rest: object) -> States:
        states: States = whole(problem, *rest)  # type: ignore[arg-type]
        if len(problem.states) == 1:
            return states
        return dataclasses.replace(
            states,
            energies=states.energies[[0, 0]],
            psi=lambda x: states.psi(x)[[0, 0]],
            slope=lambda x: states.slope(x)[[0, 0]],
            curvature=lambda x: states.curvature(x)[[0, 0]],
        )

    monkeypatch.setattr(solving, "_trained", doubled)
    monkeypatch.setattr(pinn, "go_on", lambda *_: None)  # or that would cure it
    solution = qdsl.solve(qdsl.parse(DOUBLE + "find state 1\n"))
    assert solution.certificate.index[0] not in (Index.PROVEN, Index.CLUSTER)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (DOUBLE + "find states 0..2\n", (0, 1, 2, 3)),
        (TRIPLE + "find states 0..1\n", (0, 1, 2)),
        (DOUBLE + "find states 0..1\n", None),
    ],
)
def test_who_joins(text: str, numbers: tuple[int, ...] | None) -> None:
    problem = qdsl.parse(text)
    states = train(problem, "cpu", lambda *_: None)
    evidence = reference(problem, problem.states, (float(states.edges[0]), float(states.edges[-1])))
    found = with_company(problem, states, certify(problem, states, evidence, 1e-9), evidence)
    assert (found and found[0].states) == numbers


def test_the_proof_names_who_joined() -> None:
    text = " ".join(qdsl.solve(qdsl.parse(DOUBLE + "find state 1\n")).explain_certificate().split())
    assert "they lie so close that state 0 had to be solved for too; so level 1 lies within" in text
