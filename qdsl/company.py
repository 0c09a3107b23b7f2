"""Levels so close together that none of them is proven without the others.

By itself a state is bounded by residual^2 / gap, gap being the distance to the next level, and its number is
proven by counting levels at an energy within that gap.  The other half of a tunnelling pair leaves next to no
gap.  States that are not wanted are then solved for as well and bounded together with those that are
(Lehmann, see `qdsl.verify.levels`): what counts is the distance to the next level that is none of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qdsl.adapting import LONG
from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify import Certificate, Index, Reference, reference

CLOSE = 1e-3
"""Distance between levels, relative to max(|E|, kinetic energy), below which one may be in the way of the
other.  A residual of 1e-6, as large as rounding makes it on short pieces, gives 1e-9 at that distance."""

MOST = 4
"""States that join at most.  A level with more close neighbours is one of a miniband."""

_PROVEN = (Index.PROVEN, Index.HILL, Index.PAIR)


def with_company(
    problem: Problem, states: States, certificate: Certificate, evidence: Reference
) -> tuple[Problem, Reference] | None:
    """The problem that wants the close neighbours too, with its reference; None where that gains nothing.

    That is so where all states are proven within the tolerance, and where all that is close is wanted.
    """
    weak = ~certificate.certified | (certificate.bounds > problem.training.goal * certificate.scale)
    weak |= np.array([index not in _PROVEN for index in certificate.index], dtype=np.bool)
    # where the pieces are that many, close levels are those of a miniband
    if not weak.any() or len(states.edges) - 1 > LONG or evidence.message:
        return None
    box = float(states.edges[0]), float(states.edges[-1])
    numbers = set(states.numbers)
    reach = dict(zip(np.flatnonzero(weak).tolist(), CLOSE * certificate.scale[weak], strict=True))
    while True:
        linked = (_linked(states.numbers[row], evidence.levels, near) for row, near in reach.items())
        more = set().union(*linked) - numbers
        if not more:
            break
        numbers |= more  # the levels end with the next one: whether it has company is not known yet
        if len(numbers) > len(states.numbers) + MOST:
            return None
        evidence = reference(problem, sorted(numbers), box)
        if evidence.message:
            return None
    if len(numbers) == len(states.numbers):
        return None
    return replace(problem, states=tuple(sorted(numbers))), evidence


def alone(
    wanted: tuple[int, ...], states: States, certificate: Certificate, evidence: Reference, tolerance: float
) -> tuple[States, Certificate, Reference]:
    """The `wanted` ones of states that are certified together.  Their runs stay whole: they are the proof."""
    rows = np.searchsorted(states.numbers, wanted)
    own = replace(
        certificate,
        bounds=certificate.bounds[rows],
        residuals=certificate.residuals[rows],
        nodes=certificate.nodes[rows],
        index=tuple(certificate.index[row] for row in rows),
        certified=certificate.certified[rows],
        converged=certificate.converged[rows],
        differences=certificate.differences[rows],
        repairs=certificate.repairs[rows],
        scale=certificate.scale[rows],
    )
    settled = bool((own.bounds <= tolerance * own.scale).all())
    chosen = replace(
        states,
        numbers=wanted,
        energies=states.energies[rows],
        psi=lambda x: states.psi(x)[rows],
        slope=lambda x: states.slope(x)[rows],
        curvature=lambda x: states.curvature(x)[rows],
        losses=lambda: tuple(states.losses()[row] for row in rows),
        settled=settled,
        message="" if settled else states.message,
        origin=None,
    )
    energies, errors, bracket = (
        part[rows] for part in (evidence.energies, evidence.errors, evidence.bracket)
    )
    return chosen, own, replace(evidence, energies=energies, errors=errors, bracket=bracket)


def _linked(number: int, levels: Array, near: float) -> set[int]:
    """The numbers of the levels that are linked with this one by steps of less than `near`."""
    chain = np.append(0, np.cumsum(~(np.diff(levels) < near)))  # equal for what is linked
    return set(np.flatnonzero(chain == chain[number]).tolist())
