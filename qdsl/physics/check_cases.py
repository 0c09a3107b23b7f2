"""Cases cover every point of the domain, and each of them can be reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import sympy as sp

from qdsl.errors import Diagnostic
from qdsl.physics import numeric
from qdsl.physics.analysis import Candidate, candidates, cells
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
    for cell in cells(problem):
        point = {**problem.values, problem.coordinate: cell.inside}
        visits.note(problem, (cell.piece.left, cell.piece.right), partial(numeric.holds, values=point))
    for candidate in candidates(problem):
        if _in_domain(problem, candidate.at):
            visits.note(
                problem, (candidate.at, candidate.at), partial(_holds_at, problem=problem, place=candidate)
            )
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


def _holds_at(condition: sp.Basic, problem: Problem, place: Candidate) -> bool:
    """A condition at a candidate, where the sides of a comparison are equal but for rounding."""
    match condition:
        case sp.And():
            return all(_holds_at(part, problem, place) for part in condition.args)
        case sp.Or():
            return any(_holds_at(part, problem, place) for part in condition.args)
        case sp.Not():
            return not _holds_at(condition.args[0], problem, place)
        case sp.core.relational.Relational():
            difference = (
                0.0 if _equal_at(condition, problem, place) else _difference(condition, problem, place.at)
            )
            zero = sp.Integer(0)
            return numeric.holds(condition.func(sp.Float(difference), zero, evaluate=False), {})
    return numeric.holds(condition, {**problem.values, problem.coordinate: place.at})


def _equal_at(condition: sp.Basic, problem: Problem, place: Candidate) -> bool:
    """Whether the difference of the two sides vanishes as far as the place is known."""
    width = problem.number(problem.interval[1]) - problem.number(problem.interval[0])
    accuracy = 1e-14 * max(abs(place.at), width if math.isfinite(width) else 1.0)
    here = _difference(condition, problem, place.at)
    steps = (
        abs(_difference(condition, problem, place.at + offset) - here) for offset in (-accuracy, accuracy)
    )
    return abs(here) <= max(steps)


def _difference(condition: sp.Basic, problem: Problem, at: float) -> float:
    return numeric.number(condition.lhs - condition.rhs, {**problem.values, problem.coordinate: at})
