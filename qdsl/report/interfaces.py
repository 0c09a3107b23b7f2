"""Where p jumps, which is where the mass of a Schrödinger equation does, and what kind of equation it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Problem

NEGLIGIBLE = 1e-12
"""Jumps below this part of p are rounding."""


@dataclass(frozen=True)
class Jump:
    """A point where p changes from `left` to `right`; psi and p psi' are continuous, so psi' is not."""

    at: float
    left: float
    right: float


def jumps(problem: Problem) -> tuple[Jump, ...]:
    """The points inside the domain where p jumps, from left to right."""
    found = []
    for before, after in pairwise(smooth_pieces(problem)):
        point = {**problem.values, problem.coordinate: before.right}
        left, right = (float(evaluate(piece.p, point)) for piece in (before, after))
        apart = math.isfinite(left) and math.isfinite(right) and left != right
        if apart and abs(left - right) > NEGLIGIBLE * max(abs(left), abs(right)):
            found.append(Jump(before.right, left, right))
    return tuple(found)


def has_weight(problem: Problem) -> bool:
    """Whether E is multiplied by more than 1, as in a general Sturm-Liouville equation."""
    return problem.w != 1


def level_curve(problem: Problem) -> sp.Expr:
    """What an energy is compared with: a particle is classically forbidden where E w < q."""
    return problem.q / problem.w
