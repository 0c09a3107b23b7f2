"""Where a problem is not smooth, of what kind each such point is, and the smooth pieces between them.

Every point at which q, p or w is not smooth is a zero of one of its switch functions (`switches`), found
as a formula where possible (`zeros`).  On either side of a candidate the expressions are resolved to
smooth ones (`resolve`); a candidate on both sides of which they are the same function is no cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import sympy as sp

from qdsl.physics.kinds import SEVERITY, Kind, Neighbourhood, kind_of
from qdsl.physics.notation import text
from qdsl.physics.problem import Problem
from qdsl.physics.resolve import resolve
from qdsl.physics.switches import switches
from qdsl.physics.zeros import Range, zeros

GENERIC = 0.4871632
"""A fraction that no formula prefers."""

COINCIDE = 1e-13
"""Candidates that lie closer together than this, relative to the extent of the domain, are one point."""


@dataclass(frozen=True)
class SingularPoint:
    """A point where q, p or w is not smooth.

    `location` is a formula in the parameters where there is one, `at` its value; `reason` says in words
    what is to blame.
    """

    location: sp.Expr
    at: float
    kind: Kind
    reason: str


@dataclass(frozen=True)
class SmoothPiece:
    """An interval inside of which q, p and w are smooth, with the expressions that they are there.

    The ends are numbers (infinite ones at infinite ends); the expressions keep the parameters' symbols.
    """

    left: float
    right: float
    q: sp.Expr
    p: sp.Expr
    w: sp.Expr


@dataclass(frozen=True)
class Cell:
    """A piece between neighbouring candidates, and a point well inside of it."""

    piece: SmoothPiece
    inside: float


@dataclass(frozen=True)
class Candidate:
    """A place where something may break, and what."""

    location: sp.Expr
    at: float
    causes: tuple[sp.Basic, ...]


@dataclass(frozen=True)
class _Analysis:
    candidates: tuple[Candidate, ...]
    cells: tuple[Cell, ...]
    points: tuple[SingularPoint, ...]
    pieces: tuple[SmoothPiece, ...]


def singular_points(problem: Problem) -> tuple[SingularPoint, ...]:
    """Every point of the domain, its ends included, where q, p or w is not smooth, from left to right.

    Raises ProblemError when there are too many to treat.
    """
    return _analysed(problem).points


def smooth_pieces(problem: Problem) -> tuple[SmoothPiece, ...]:
    """The domain cut at the singular points inside of it, at the parameters' values.

    Raises ProblemError when there are too many.
    """
    return _analysed(problem).pieces


def cells(problem: Problem) -> tuple[Cell, ...]:
    """The domain cut at every candidate, for the checks of cases."""
    return _analysed(problem).cells


def candidates(problem: Problem) -> tuple[Candidate, ...]:
    """The places where cases may change, ends of the domain included if they are such."""
    return _analysed(problem).candidates


@lru_cache(maxsize=64)
def _analysed(problem: Problem) -> _Analysis:
    left, right = (problem.number(end) for end in problem.interval)
    found = _candidates(problem, Range(problem.coordinate, left, right, problem.values))
    inner = [c for c in found if left < c.at < right]
    edges = [left, *(c.at for c in inner), right]
    split = [_cell(problem, a, b) for a, b in pairwise(edges)]
    points: list[SingularPoint] = []
    pieces = [split[0].piece]
    for candidate, cell in zip(inner, split[1:], strict=True):
        before, after = pieces[-1], cell.piece
        kind = _worst_kind(problem, candidate, before, after)
        if any(isinstance(cause, sp.DiracDelta) for cause in candidate.causes):
            kind = min(kind or "delta", "delta", key=SEVERITY.index)
        if kind is None:  # one function on both sides
            pieces[-1] = replace(before, right=after.right)
        else:
            points.append(_point(candidate, kind))
            pieces.append(after)
    for candidate in found:
        at_left, at_right = candidate.at == left, candidate.at == right
        if at_left or at_right:
            inward = (None, pieces[0]) if at_left else (pieces[-1], None)
            kind = _worst_kind(problem, candidate, *inward)
            if kind is not None:
                points.insert(0 if at_left else len(points), _point(candidate, kind))
    return _Analysis(tuple(found), tuple(split), tuple(points), tuple(pieces))


# Candidates --------------------------------------------------------------------------------------------


def _candidates(problem: Problem, where: Range) -> list[Candidate]:
    """The zeros of all switch functions in the domain, from left to right, each place once."""
    found: list[Candidate] = []
    for expression in (problem.q, problem.p, problem.w):
        for switch in switches(expression, problem.coordinate, problem.values):
            for location in zeros(switch.function, where):
                at = where.number(location)
                if math.isfinite(at):
                    found.append(Candidate(location, at, (switch.cause,)))
    for delta in problem.deltas:
        cause = sp.DiracDelta(problem.coordinate - delta.location, evaluate=False)
        found.append(Candidate(delta.location, where.number(delta.location), (cause,)))
    merged: list[Candidate] = []
    for candidate in sorted(found, key=lambda c: (c.at, isinstance(c.location, sp.Float))):
        tolerance = COINCIDE * _extent(where, candidate.at)
        snapped = _snapped(candidate, where, problem, tolerance)
        if not where.left <= snapped.at <= where.right:
            continue
        if merged and snapped.at - merged[-1].at <= tolerance:
            merged[-1] = _together(merged[-1], snapped)
        else:
            merged.append(snapped)
    return merged


def _extent(where: Range, at: float) -> float:
    """The size of the numbers from which a place is computed, and so of their rounding errors."""
    width = where.right - where.left
    return max(abs(at), width if math.isfinite(width) else 1.0)


def _snapped(candidate: Candidate, where: Range, problem: Problem, tolerance: float) -> Candidate:
    """A candidate that lies at an end of the domain but for rounding, put there exactly."""
    for end, formula in zip((where.left, where.right), problem.interval, strict=True):
        if abs(candidate.at - end) <= tolerance:
            return replace(candidate, at=end, location=formula)
    return candidate


def _together(first: Candidate, second: Candidate) -> Candidate:
    """Two candidates at one place; a formula is preferred to a number."""
    better = second if isinstance(first.location, sp.Float) else first
    return replace(better, causes=tuple(dict.fromkeys((*first.causes, *second.causes))))


# Cells, pieces and points --------------------------------------------------------------------------------


def _cell(problem: Problem, left: float, right: float) -> Cell:
    inside = _inside(left, right)
    point = {**problem.values, problem.coordinate: inside}
    q, p, w = (resolve(expression, point) for expression in (problem.q, problem.p, problem.w))
    return Cell(SmoothPiece(left, right, q, p, w), inside)


def _inside(left: float, right: float) -> float:
    """A point well inside of an interval that may be infinite.

    Not the middle, nor any other number at which formulas have accidents, as (-1)^x has at whole numbers.
    """
    if math.isfinite(left) and math.isfinite(right):
        return left + (right - left) * GENERIC
    if math.isfinite(left):
        return left + (1 + abs(left)) * GENERIC
    if math.isfinite(right):
        return right - (1 + abs(right)) * GENERIC
    return GENERIC


def _worst_kind(
    problem: Problem, candidate: Candidate, before: SmoothPiece | None, after: SmoothPiece | None
) -> Kind | None:
    """The most serious of what happens to q, p and w; at an end of the domain one side is missing."""
    extents = [
        candidate.at - before.left if before else math.inf,
        after.right - candidate.at if after else math.inf,
    ]
    finite = [abs(candidate.at), *(extent for extent in extents if math.isfinite(extent))]
    numerical = isinstance(candidate.location, sp.Float)
    near = Neighbourhood(
        x=problem.coordinate,
        at=candidate.at,
        extent=(extents[0], extents[1]),
        # Zeros that merely touch are found numerically to half the digits.
        accuracy=(1e-7 if numerical else 4e-16) * max(finite),
        values=problem.values,
    )
    kinds = [
        kind_of(getattr(before, name, None), getattr(after, name, None), near) for name in ("q", "p", "w")
    ]
    found = [kind for kind in kinds if kind is not None]
    return min(found, key=SEVERITY.index, default=None)


_BRANCHING = (sp.core.relational.Relational, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min)


def _point(candidate: Candidate, kind: Kind) -> SingularPoint:
    # Of several causes at one place, those that make points of this kind.
    if kind == "delta":
        blamed = [cause for cause in candidate.causes if isinstance(cause, sp.DiracDelta)]
    else:
        branching = kind in ("jump", "kink", "curvature")
        blamed = [cause for cause in candidate.causes if isinstance(cause, _BRANCHING) == branching]
    reasons = dict.fromkeys(map(_reason, blamed or candidate.causes))
    return SingularPoint(candidate.location, candidate.at, kind, "; ".join(reasons))


def _reason(cause: sp.Basic) -> str:
    """What a part of an expression does where its switch function is zero, in words."""
    match cause:
        case sp.core.relational.Relational():
            left, right = cause.lhs, cause.rhs
            if (left.is_number and not right.is_number) or (right.has(sp.Abs) and not left.has(sp.Abs)):
                left, right = right, left  # as people write it: `|x| = a`, not sympy's `a = |x|`
            return f"the cases change where {text(left)} = {text(right)}"
        case sp.DiracDelta():
            return f"a point interaction acts where {text(cause.args[0])} = 0"
        case sp.Abs():
            return f"{text(cause)} has its corner where {text(cause.args[0])} = 0"
        case sp.sign() | sp.Heaviside():
            return f"{text(cause)} jumps where {text(cause.args[0])} = 0"
        case sp.Max() | sp.Min():
            return f"{text(cause)} changes from one argument to another"
        case sp.Pow() if cause.exp.could_extract_minus_sign():
            return f"{text(cause.base)}, which is divided by, is 0"
        case sp.Pow():
            return f"{text(cause)} is not smooth where {text(cause.base)} = 0"
    return f"{text(cause)} ends or has a pole"
