"""Intervals in which the levels lie, each with its quantum number.

The states of a run of neighbouring numbers, first .. last, are taken together, some sixteen at most: in a
longer list each state would pay for the rounding of the highest energies.  A pole above them, below
which no more than last + 1 levels lie, gives lower bounds of all (Lehmann).  Upper bounds come from Rayleigh
and Ritz when the run begins with the ground state, else from a pole below, below which no fewer than `first`
levels lie.  That settles the numbers too: no nodes are counted here, and near-degenerate levels need not be
told apart to be bounded, unless only some of them are among the states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.problem import Problem
from qdsl.states import Array
from qdsl.verify import hill
from qdsl.verify.bounds import Side, lehmann_bounds, ritz_upper_bounds
from qdsl.verify.bracketing import Counter
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.density import Density
from qdsl.verify.gram import Gram
from qdsl.verify.reference import Reference

MOST = 16
"""States of one run."""
NEAR = 100.0
"""A gap that is so many times narrower than another is no good place for a pole."""


class Evidence(Enum):
    """How it is known how many levels lie below a pole, the strongest first."""

    PROVEN = "counted in problems that enclose this one"
    HILL = "counted by Hill's discriminant"
    COUNTED = "counted by the reference solver"
    NONE = "not known"


@dataclass(frozen=True)
class Pole:
    """An energy between two levels, and what is known of the number of levels below it."""

    energy: float
    below: int
    evidence: Evidence


@dataclass(frozen=True, eq=False)
class Run:
    """The states first .. last: `lower` and `upper` (states,) enclose their levels in order.

    Infinite where nothing is known.  `below` is None for a run that begins with the ground state.
    `products` are those of its states, of which the bounds are made.
    """

    first: int
    last: int
    lower: Array
    upper: Array
    above: Pole
    below: Pole | None
    products: Gram | None = None

    @property
    def evidence(self) -> Evidence:
        """The weaker of the two."""
        if self.below is None:
            return self.above.evidence
        return max(self.above.evidence, self.below.evidence, key=list(Evidence).index)


def grouped(numbers: Sequence[int], energies: Array, reference: Reference) -> tuple[NDArray[np.int64], ...]:
    """The states `numbers`, which are increasing, in runs: where each of them stands."""
    groups = _split(np.arange(len(numbers)), _cuts(numbers, energies))
    gaps = reference.levels[1:] - reference.levels[:-1]
    return tuple(part for at in groups for part in _without_near_poles(numbers, at, gaps))


def runs(
    problem: Problem,
    c: Coefficients,
    numbers: Sequence[int],
    pieces: Array,
    alive: Sequence[tuple[Density, ...]],
    grams: Sequence[Gram],
    groups: Sequence[NDArray[np.int64]],
    reference: Reference,
) -> tuple[Run, ...]:
    """The runs of the states `numbers`, `grouped`; `alive` and `grams` are those of each group."""
    counter = Counter(problem, c, pieces) if c.phase is None else None
    return tuple(
        _run(int(numbers[at[0]]), int(numbers[at[-1]]), counter, c, own, gram, reference)
        for at, own, gram in zip(groups, alive, grams, strict=True)
    )


def _cuts(numbers: Sequence[int], energies: Array) -> list[int]:
    """Where runs begin: where numbers are missing, and at the widest gap of every eight to sixteen states."""
    cuts, start = [], 0
    for i in range(1, len(numbers)):
        if numbers[i] != numbers[i - 1] + 1:
            cuts.append(i)
            start = i
        elif i - start == MOST:
            start += MOST // 2 + int(np.diff(energies[start + MOST // 2 - 1 : i + 1]).argmax())
            cuts.append(start)
    return cuts


def _without_near_poles(
    numbers: Sequence[int], at: NDArray[np.int64], gaps: Array
) -> list[NDArray[np.int64]]:
    """A run without the states at its ends whose next level, which is not of the run, is all but as high.

    No pole fits well between the two, and with a bad one the whole run would be badly enclosed.  `gaps` are
    those above the levels 0, 1, ...
    """
    first, last = int(numbers[at[0]]), int(numbers[at[-1]])
    inner, cuts = gaps[first:last], set[int]()
    if last < len(gaps):
        wide = (inner > NEAR * gaps[last]).nonzero()[0]
        cuts |= {int(wide[-1]) + 1} if wide.size else set()
    if first:
        wide = (inner > NEAR * gaps[first - 1]).nonzero()[0]
        cuts |= {int(wide[0]) + 1} if wide.size else set()
    return _split(at, sorted(cuts))


def _split(at: NDArray[np.int64], cuts: Sequence[int]) -> list[NDArray[np.int64]]:
    return [at[first:end] for first, end in pairwise([0, *cuts, len(at)])]


def _run(
    first: int,
    last: int,
    counter: Counter | None,
    c: Coefficients,
    alive: tuple[Density, ...],
    own: Gram,
    reference: Reference,
) -> Run:
    lower, upper = np.full(own.energies.shape, -math.inf), np.full(own.energies.shape, math.inf)
    above = _pole(last, True, counter, c, alive[0], reference)
    below = _pole(first - 1, False, counter, c, alive[1], reference) if first else None
    if not np.isfinite(own.energies).all():
        return Run(first, last, lower, upper, above, below, own)
    if above.evidence is not Evidence.NONE:
        lower = lehmann_bounds(own, above.energy, Side.ABOVE)
    if below is None:
        upper = ritz_upper_bounds(own)
    elif below.evidence is not Evidence.NONE:
        upper = lehmann_bounds(own, below.energy, Side.BELOW)
    return Run(first, last, lower, upper, above, below, own)


def _pole(
    n: int, most: bool, counter: Counter | None, c: Coefficients, alive: Density, reference: Reference
) -> Pole:
    """A pole between the levels n and n + 1 below which at most (or at least) n + 1 levels lie."""
    levels = reference.levels
    if len(levels) < n + 2 or not np.isfinite(levels[n : n + 2]).all():
        return Pole(math.nan, n + 1, Evidence.NONE)
    low, high = float(levels[n]), float(levels[n + 1])
    middle = 0.5 * (low + high)
    if counter is None:
        counted = int(hill.count_below(c, np.array([middle]))[0])
        return Pole(middle, n + 1, Evidence.HILL if counted == n + 1 else Evidence.NONE)
    floor = counter.floor  # a free end proves nothing above the continuum
    pole = min(middle, floor) if floor > low else middle
    spacing = pole - low
    prove = counter.at_most if most else counter.at_least
    if prove(n + 1, pole, spacing, alive):
        return Pole(pole, n + 1, Evidence.PROVEN)
    counted = int(reference.count_below(np.array([pole]))[0])
    return Pole(pole, n + 1, Evidence.COUNTED if counted == n + 1 else Evidence.NONE)
