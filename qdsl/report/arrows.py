"""Point interactions in a picture: arrows, up where they repel and down where they attract.

A delta has no height that a curve could show.  Its arrow starts on the curve of V, and its length is in
proportion to the strength, so that two of them can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Problem
from qdsl.report.interfaces import level_curve

LONGEST, SHORTEST = 0.28, 0.10
"""Of the height that the states and V take up."""


@dataclass(frozen=True)
class Arrow:
    """strength * delta(x - at): an arrow from the energy `tail`, on the curve of V, to `head`."""

    at: float
    strength: float
    tail: float
    head: float


def arrows(problem: Problem, first: float, last: float, low: float, high: float) -> tuple[Arrow, ...]:
    """Arrows for the point interactions between `first` and `last`; `low`, `high` are the energies shown.

    Several at one place add up; where they cancel there is nothing to draw.
    """
    strengths: dict[float, float] = {}
    for delta in problem.deltas:
        at = problem.number(delta.location)
        strengths[at] = strengths.get(at, 0.0) + problem.number(delta.strength)
    shown = sorted((at, g) for at, g in strengths.items() if first <= at <= last and g != 0)
    largest = max((abs(g) for _, g in shown), default=1.0)
    return tuple(_arrow(problem, at, g, largest, low, high) for at, g in shown)


def _arrow(problem: Problem, at: float, strength: float, largest: float, low: float, high: float) -> Arrow:
    curve = float(evaluate(level_curve(problem), {**problem.values, problem.coordinate: at}))
    tail = float(np.clip(curve, low, high)) if np.isfinite(curve) else low
    length = max(LONGEST * abs(strength) / largest, SHORTEST) * (high - low)
    return Arrow(at, strength, tail, tail + float(np.copysign(length, strength)))
