"""From a certificate back to the method: refine until the bounds meet the tolerance.

`ritz` refines by an estimate of its own.  Where the bounds that are proven afterwards are wider than the
tolerance all the same, or a state is not certified, the method goes on from its pieces and is judged
again, until the bounds are good or smaller pieces no longer help.

Something narrow may lie between the points of the quadrature: then neither the method nor the reference
solver has seen it, and both look again with pieces of its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify import Certificate, Reference, certify, reference

ROUNDS = 6
"""Times that the method goes on at most."""

BELOW = 0.3
"""Part of the tolerance that is aimed at: bounds and estimates do not shrink quite alike."""

LEAST = 1e-4
"""The smallest part of its estimated error to which a state is brought down in one round."""

UNSEEN = 1e-2
"""That part for every state where one is not certified: what is missing is in nobody's residual."""

LONG = 250
"""Pieces beyond which a bound wider than the tolerance is no reason to go on, where energies agree with the
reference within it.  The levels of a miniband lie so close that their bounds pay for it, and three times
the pieces cost more than that: 47 s instead of 22 s for 400 states of 400 wells, 1.8 GB instead of 0.6 GB
(tests/bench/scale.py)."""

HELPS = 0.7
"""The part of itself to which a round has to bring the worst bound down, or it has not helped."""

Step = Callable[[States, Array, Array], States | None]
"""The method from given states on, which brings their estimated errors down to parts (states,) of
themselves, and looks at places (places,) that nobody has seen; None where it cannot."""


def adapt(
    problem: Problem, states: States, certificate: Certificate, evidence: Reference, step: Step
) -> tuple[States, Certificate, Reference]:
    """The states with their certificate or, if that misses the tolerance, the best that steps lead to.

    Where the certificate is good at once, no step is made.  The states of the result are settled where
    all are certified with bounds within the tolerance; else their message says what stands in the way.
    The reference is the one of the certificate, which is not `evidence` where that has overlooked something.
    """
    best, helps = _Judged(states, certificate, evidence, problem.training.goal), True
    for _ in range(ROUNDS):
        if best.good.all() or not helps:
            break
        finer = step(best.states, best.shares(), best.certificate.unseen)
        found = best if finer is None else _judged(problem, finer, best)
        helps = found.rank < best.to_beat
        best = min(best, found, key=lambda judged: judged.rank)
    message = "" if best.good.all() else best.shortfall(helps)
    return replace(best.states, settled=not message, message=message), best.certificate, best.evidence


def _judged(problem: Problem, finer: States, last: _Judged) -> _Judged:
    """The states that came of a step; what the last ones overlooked, their reference did, too."""
    evidence = last.evidence
    if last.blind:
        box = float(finer.edges[0]), float(finer.edges[-1])
        evidence = reference(problem, problem.states, box, tuple(finer.edges.tolist()))
    goal = problem.training.goal
    return _Judged(finer, certify(problem, finer, evidence, goal), evidence, goal)


@dataclass(frozen=True)
class _Judged:
    """States with their certificate, and the reference that it rests on."""

    states: States
    certificate: Certificate
    evidence: Reference
    tolerance: float

    @cached_property
    def excess(self) -> Array:
        """The bounds in units of the tolerance, (states,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = self.certificate.bounds / (self.tolerance * self.certificate.scale)
        return np.where(np.isnan(excess), np.inf, excess)

    @property
    def blind(self) -> bool:
        """Whether something has been overlooked, so that nothing else counts."""
        return bool(self.certificate.unseen.size)

    @property
    def good(self) -> NDArray[np.bool]:
        """Certified, with bounds within the tolerance; in what is LONG the reference may say so instead."""
        enough = self.excess <= 1
        if len(self.states.edges) - 1 > LONG:
            enough = enough | self.certificate.converged
        return self.certificate.certified & enough

    @property
    def missing(self) -> int:
        """How many states are not certified."""
        return int((~self.certificate.certified).sum())

    @property
    def worst(self) -> float:
        return float(self.excess.max())

    @property
    def rank(self) -> tuple[bool, int, float]:
        """The smaller, the better; of two that have overlooked something, the one that has looked closer."""
        if self.blind:
            return True, -len(self.states.edges), 0.0
        return False, self.missing, self.worst

    @property
    def to_beat(self) -> tuple[bool, int, float]:
        """The rank below which something is better by enough to go on."""
        return self.rank if self.blind else (False, self.missing, HELPS * self.worst)

    def shares(self) -> Array:
        """The parts of itself to which the estimated error of each state is to come down."""
        shares = np.where(self.excess > 1, np.maximum(BELOW / self.excess, LEAST), 1.0)
        return np.minimum(shares, UNSEEN) if self.missing else shares

    def shortfall(self, helps: bool) -> str:
        """Which state is furthest from the tolerance, and whether more pieces would help, in a sentence."""
        count = len(self.states.edges) - 1
        pieces = f"on {count} piece{'s' * (count != 1)}"
        if self.missing:
            first = self.states.numbers[int(self.certificate.certified.argmin())]
            return f"ritz: state {first} is not certified {pieces}" + (
                ", and refining was given up" if helps else ", and smaller ones do not help"
            )
        worst = int(self.excess.argmax())
        bound = self.excess[worst] * self.tolerance
        return (
            f"ritz: the relative bound of state {self.states.numbers[worst]} is {bound:.1e} {pieces}, more "
            f"than the tolerance {self.tolerance:.0e}; "
            + (
                "refining was given up"
                if helps
                else "smaller ones do not lower it, as when rounding is in the way"
            )
        )
