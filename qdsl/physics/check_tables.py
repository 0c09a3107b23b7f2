"""Interpolated potentials are known between the first and the last of their points, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from qdsl.errors import Diagnostic
from qdsl.physics import numeric
from qdsl.physics.analysis import SmoothPiece, smooth_pieces
from qdsl.physics.interpolant import Interpolant
from qdsl.physics.notation import short
from qdsl.physics.numeric import Array
from qdsl.physics.problem import Problem

SLACK = 1e-12
"""Of the length of a table: what rounding may add to an end of the domain."""


def check_tables(problem: Problem) -> list[Diagnostic]:
    """An error for each table beyond which the domain reaches."""
    found: dict[sp.Basic, Diagnostic] = {}
    for piece in smooth_pieces(problem):
        for head in sorted(_heads(piece), key=str):
            for diagnostic in _beyond(problem, piece, head):
                found.setdefault(head.args[1], diagnostic)
    return list(found.values())


def _heads(piece: SmoothPiece) -> set[sp.Basic]:
    return {head for part in (piece.q, piece.p, piece.w) for head in part.atoms(Interpolant)}


def _beyond(problem: Problem, piece: SmoothPiece, head: sp.Basic) -> Iterator[Diagnostic]:
    argument, samples = head.args[:2]
    low, high = samples.interval
    slack = SLACK * (high - low)
    at = _points(piece)
    where = numeric.evaluate(argument, {**problem.values, problem.coordinate: at})
    outside = (where < low - slack) | (where > high + slack)
    if outside.any():
        worst = int(np.argmax(np.where(outside, np.maximum(low - where, where - high), -np.inf)))
        x = problem.coordinate
        end = f"begins at {short(low)}" if where[worst] < low else f"ends at {short(high)}"
        yield Diagnostic(
            f"the table {end}, and is needed at {short(where[worst])}, for {x} = {short(at[worst])}",
            problem.places.get("potential"),
            "take a smaller domain, or say with cases what holds beyond the table",
        )


def _points(piece: SmoothPiece) -> Array:
    """Points of a piece, its ends among them."""
    if math.isfinite(piece.left) and math.isfinite(piece.right):
        return np.linspace(piece.left, piece.right, 65)
    anchor = next((end for end in (piece.left, piece.right) if math.isfinite(end)), 0.0)
    outward = (1 + abs(anchor)) * np.geomspace(1e-3, 1e6, 65)
    inner = np.concatenate([anchor - outward, [anchor], anchor + outward])
    inner = inner[(inner > piece.left) & (inner < piece.right)]
    return np.concatenate([[piece.left], inner, [piece.right]])
