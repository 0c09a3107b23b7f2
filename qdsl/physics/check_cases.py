"""Cases cover every point of the domain, and each of them can be reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.errors import Diagnostic
from qdsl.physics import numeric
from qdsl.physics.analysis import candidates, cells
from qdsl.physics.notation import short
from qdsl.physics.problem import Problem
from qdsl.physics.resolve import cases_taken

Interval = tuple[float, float]


def check_cases(problem: Problem) -> list[Diagnostic]:
    """An error for each gap, a warning for each case that is never reached.

    Between candidates a condition is decided by any point; at a candidate itself the two sides of a
    comparison may be equal, which rounding must not decide.
    """
    visits = _Visits()
    between = cells(problem)
    inside = _Conditions(problem, np.array([cell.inside for cell in between]))
    for index, cell in enumerate(between):
        visits.note(problem, (cell.piece.left, cell.piece.right), partial(inside.hold_at, index))
    places = [candidate.at for candidate in candidates(problem) if _in_domain(problem, candidate.at)]
    there = _Conditions(problem, np.array(places), rounded=True)
    for index, at in enumerate(places):
        visits.note(problem, (at, at), partial(there.hold_at, index))
    return [*_gaps(problem, visits), *_unreached(problem, visits)]


@dataclass
class _Visits:
    """Which cases were taken somewhere, and where none was."""

    taken: dict[sp.Piecewise, set[int]] = field(default_factory=dict)
    gaps: dict[sp.Piecewise, list[Interval]] = field(default_factory=dict)

    def note(self, problem: Problem, where: Interval, holds: Callable[[sp.Basic], bool]) -> None:
        for expression in (problem.q, problem.p, problem.w):
            for cases, index in cases_taken(expression, holds).items():
                if index is None:
                    self.gaps.setdefault(cases, []).append(where)
                else:
                    self.taken.setdefault(cases, set()).add(index)


def _gaps(problem: Problem, visits: _Visits) -> Iterator[Diagnostic]:
    for cases, places in visits.gaps.items():
        for left, right in _joined(places):
            where = short(left) if left == right else f"{short(left)} … {short(right)}"
            yield Diagnostic(
                f"no case covers {problem.coordinate} = {where}",
                problem.places.get(cases, problem.places.get("potential")),
                "end the cases with '… otherwise'",
            )


def _unreached(problem: Problem, visits: _Visits) -> Iterator[Diagnostic]:
    for cases, taken in visits.taken.items():
        for index in range(len(cases.args)):
            if index not in taken:
                place = problem.places.get(
                    sp.Tuple(cases, sp.Integer(index)), problem.places.get("potential")
                )
                yield Diagnostic("this case is never reached in the domain", place, severity="warning")


def _joined(places: list[Interval]) -> Iterator[Interval]:
    """Touching intervals and points put together, from left to right."""
    left, right = min(places)
    for start, end in sorted(places):
        if start > right:
            yield left, right
            left = start
        right = max(right, end)
    yield left, right


def _in_domain(problem: Problem, at: float) -> bool:
    left, right = (problem.number(end) for end in problem.interval)
    return (left < at or (problem.closed[0] and at == left)) and (
        at < right or (problem.closed[1] and at == right)
    )


@dataclass(frozen=True)
class _Conditions:
    """Conditions at many places, each decided at all of them together when it is first asked for.

    `rounded`: the places are where the two sides of a comparison may be equal but for rounding.
    """

    problem: Problem
    places: numeric.Array
    rounded: bool = False
    known: dict[sp.Basic, NDArray[np.bool_]] = field(default_factory=dict)

    def hold_at(self, index: int, condition: sp.Basic) -> bool:
        """Whether a condition holds at one of the places."""
        return bool(self._holding(condition)[index])

    def _holding(self, condition: sp.Basic) -> NDArray[np.bool_]:
        found = self.known.get(condition)
        if found is None:
            found = self.known[condition] = self._decided(condition)
        return found

    def _decided(self, condition: sp.Basic) -> NDArray[np.bool_]:
        match condition:
            case sp.And():
                return np.logical_and.reduce([self._holding(part) for part in condition.args])
            case sp.Or():
                return np.logical_or.reduce([self._holding(part) for part in condition.args])
            case sp.Not():
                return np.logical_not(self._holding(condition.args[0]))
            case sp.core.relational.Relational() if self.rounded:
                side = sp.Dummy(real=True)
                compared = condition.func(side, sp.S.Zero, evaluate=False)
                return numeric.evaluate(compared, {side: self._difference(condition)}) != 0
        return self._values(condition, self.places) != 0

    def _difference(self, condition: sp.Basic) -> numeric.Array:
        """That of the two sides, 0 where it vanishes as far as the place is known."""
        width = self.problem.number(self.problem.interval[1]) - self.problem.number(self.problem.interval[0])
        accuracy = 1e-14 * np.maximum(np.abs(self.places), width if math.isfinite(width) else 1.0)
        difference = condition.lhs - condition.rhs
        here = self._values(difference, self.places)
        below, above = (
            np.abs(self._values(difference, self.places + offset) - here) for offset in (-accuracy, accuracy)
        )
        # As max(below, above) of Python, which keeps the first where the other is nan.
        return np.where(np.abs(here) <= np.where(above > below, above, below), 0.0, here)

    def _values(self, expression: sp.Basic, at: numeric.Array) -> numeric.Array:
        return numeric.evaluate(expression, {**self.problem.values, self.problem.coordinate: at})
