"""The coefficients on the smooth pieces: real, finite, and such that a ground state can exist."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from qdsl.errors import Diagnostic, ProblemError
from qdsl.physics import numeric
from qdsl.physics.analysis import SmoothPiece, singular_points, smooth_pieces
from qdsl.physics.endpoints import SingularEnd, Wall, singular_ends
from qdsl.physics.notation import short
from qdsl.physics.numeric import Array
from qdsl.physics.problem import Dirichlet, Problem

OCTAVES = 24
"""How far out an infinite end is looked at: 2^24 times the extent of what is finite."""

_FRACTIONS = np.concatenate([[1e-9, 1e-6, 1e-3], np.linspace(0.01, 0.99, 50), [1 - 1e-3, 1 - 1e-6, 1 - 1e-9]])


_BOTTOMLESS = "there is no ground state; on a finite domain there is one"


def check_coefficients(problem: Problem) -> list[Diagnostic]:
    """Errors for a potential that is infinite, not real, or without a lower bound, and for masses <= 0."""
    found = list(_poles(problem))
    if not found:
        found = [d for piece in smooth_pieces(problem) for d in _values(problem, piece)]
    if not found:
        found = _ends(problem)
    if not found:
        found = [d for piece in smooth_pieces(problem) for d in _bottomless(problem, piece)]
    return found[:1]  # the same formula is wrong on every piece


def _poles(problem: Problem) -> Iterator[Diagnostic]:
    """Poles inside of the domain; at an end they are a matter of `_ends`."""
    left, right = (problem.number(end) for end in problem.interval)
    x = problem.coordinate
    for point in singular_points(problem):
        if point.kind == "pole" and left < point.at < right:
            at = short(point.at)
            yield Diagnostic(
                f"the potential is infinite at {x} = {at}, inside of the domain",
                problem.places.get("potential"),
                f"{point.reason}; at an end it can be treated: domain {x} in [{at}, …]",
            )


def _ends(problem: Problem) -> list[Diagnostic]:
    """Singular ends that have no ground state or are not known, and conditions that do not fit one."""
    try:
        ends = singular_ends(problem)
    except ProblemError as error:
        return list(error.diagnostics)
    conditions = problem.ends or (problem.boundary, problem.boundary)
    span = problem.places.get("boundary", problem.places.get("domain"))
    found = []
    for end, condition in zip(ends, conditions, strict=True):
        if end is not None and not isinstance(condition, Dirichlet):
            where = f"{problem.coordinate} = {short(end.at)}"
            message = f"the end {where} is singular, and no condition of this kind can hold there"
            found.append(Diagnostic(message, span, f"leave the condition out: {_behaviour(problem, end)}"))
    return found


def _behaviour(problem: Problem, end: SingularEnd) -> str:
    x, at = problem.coordinate, short(end.at)
    if isinstance(end, Wall):
        return "psi dies out there"
    return f"psi behaves like {x if at == '0' else f'|{x} - {at}|'}^{short(end.exponent)} there"


def _values(problem: Problem, piece: SmoothPiece) -> Iterator[Diagnostic]:
    """Samples of the coefficients on one piece, close to its ends too."""
    x = _sample_points(piece)
    q = _sampled(problem, problem.q, x)
    if np.isnan(q).any():
        where = f"{problem.coordinate} = {short(x[np.isnan(q)][0])}"
        hint = "sqrt, log and powers such as x^(1/3) need a number >= 0; cbrt(x) is the real cube root"
        message = f"the potential is not a real number at {where}"
        yield Diagnostic(message, problem.places.get("potential"), hint)
    elif math.isfinite(piece.left) and math.isfinite(piece.right) and np.isinf(q).any():
        where = f"{problem.coordinate} = {short(x[np.isinf(q)][0])}"
        message = f"the potential is larger than any number at {where}"
        yield Diagnostic(message, problem.places.get("potential"), "numbers end at 1.8e308")
    equation = problem.places.get("equation")
    mass = problem.places.get("mass") if equation is None else None
    for name, expression, whole in (
        ("the mass" if mass else "p", piece.p, problem.p),
        ("the weight w", piece.w, problem.w),
    ):
        values = _sampled(problem, expression, x)
        wrong = ~(np.isfinite(values) & (values > 0))
        if wrong.any():
            varies = problem.coordinate in whole.free_symbols
            hint = f"it is not so at {problem.coordinate} = {short(x[wrong][0])}" if varies else ""
            yield Diagnostic(f"{name} must be a number larger than 0", mass or equation, hint)


def _bottomless(problem: Problem, piece: SmoothPiece) -> Iterator[Diagnostic]:
    """A potential that falls without bound towards an infinite end has no ground state."""
    for end, sign in ((piece.left, -1.0), (piece.right, 1.0)):
        if math.isfinite(end):
            continue
        radii = np.geomspace(1, 2.0**OCTAVES, 16 * OCTAVES + 1)[:-1]
        values = _sampled(problem, piece.q, _anchor(piece) + sign * _extent(piece) * radii)
        lowest = np.nanmin(np.where(np.isnan(values), np.inf, values).reshape(OCTAVES, 16), axis=1)
        if _falls(lowest):
            ends = "inf" if sign > 0 else "-inf"
            message = f"the potential falls without bound towards {problem.coordinate} = {ends}"
            yield Diagnostic(message, problem.places.get("potential"), _BOTTOMLESS)


def _falls(lowest: Array) -> bool:
    """Whether the lowest values of successive octaves go down for ever, by steps that do not shrink."""
    if lowest[-1] == -np.inf:
        return True
    if not np.isfinite(lowest[-4:]).all():
        return False
    steps = lowest[-4:-1] - lowest[-3:]
    return bool((steps > 1e-9 * np.abs(lowest[-4:]).max()).all() and steps[-1] >= 0.9 * steps[0])


def _sample_points(piece: SmoothPiece) -> Array:
    if math.isfinite(piece.left) and math.isfinite(piece.right):
        return piece.left + (piece.right - piece.left) * _FRACTIONS
    # Farther out, formulas may overflow to inf/inf without being wrong.
    outward = _extent(piece) * np.geomspace(1e-9, 10, 50)
    if math.isfinite(piece.left):
        return piece.left + outward
    if math.isfinite(piece.right):
        return piece.right - outward[::-1]
    return np.concatenate([-outward[::-1], outward])


def _anchor(piece: SmoothPiece) -> float:
    return next((end for end in (piece.left, piece.right) if math.isfinite(end)), 0.0)


def _extent(piece: SmoothPiece) -> float:
    return 1.0 + abs(_anchor(piece))


def _sampled(problem: Problem, expression: sp.Expr, x: Array) -> Array:
    return numeric.evaluate(expression, {**problem.values, problem.coordinate: x})
