"""The window of a picture without states: V alone, around the place where it attracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdsl.physics.analysis import singular_points
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Problem
from qdsl.report.interfaces import level_curve
from qdsl.states import Array

if TYPE_CHECKING:
    from qdsl.solution import Solution

REACH = np.geomspace(1e-6, 1e6, 4000)
"""Distances at which V is looked at: nothing says beforehand how wide a well is that binds nothing."""

TALL = 3.0
"""A well is shown down to its bottom where that is at most so many times deeper than its middle."""


def window(solution: Solution) -> tuple[tuple[float, float], tuple[float, float]]:
    """The coordinates and the energies that show V where sqrt(E - V), the phase of a wave, is collected.

    E is the energy below which was searched.  Four fifths of the phase lie in the middle third; a
    singularity is cut where a quarter of it remains.
    """
    problem = solution.problem
    limit = 0.0 if solution.count is None else solution.count.limit
    x = _points(problem)
    v = evaluate(level_curve(problem), {**problem.values, problem.coordinate: x})
    v = np.where(np.isfinite(v), v, limit)
    pull = np.maximum(limit - v, 0.0)
    if not pull.any():
        pull = np.abs(v - limit)
    steps = 0.5 * (np.sqrt(pull[1:]) + np.sqrt(pull[:-1])) * np.diff(x)
    phase = np.concatenate([[0.0], np.cumsum(steps)])
    if phase[-1] > 0:
        first, left, right, last = np.interp(np.array([0.1, 0.25, 0.75, 0.9]) * phase[-1], phase, x)
    else:
        first, left, right, last = solution.box[0], *solution.box, solution.box[1]
    places = [problem.number(delta.location) for delta in problem.deltas]
    first, last = min([first, *places]), max([last, *places])
    margin = last - first or 1.0
    ends = max(x[0], first - margin), min(x[-1], last + margin)
    seen = v[(x >= left) & (x <= right)]
    low, high = min([limit, *seen]), max([limit, *seen])
    within = v[(x >= ends[0]) & (x <= ends[1])]
    if within.min() >= limit - TALL * (limit - low):
        low = min(low, within.min())
    return (float(ends[0]), float(ends[1])), ((low, high) if high > low else (limit - 1, limit + 1))


def _points(problem: Problem) -> Array:
    """Points of the domain, dense near its finite ends and where something happens, sparse elsewhere."""
    low, high = (problem.number(end) for end in problem.interval)
    places = (low, high, *(point.at for point in singular_points(problem)))
    anchors = [place for place in places if np.isfinite(place)] or [0.0]
    x = np.unique(np.concatenate([[anchor, *(anchor - REACH), *(anchor + REACH)] for anchor in anchors]))
    return np.asarray(x[(x >= low) & (x <= high)], dtype=float)
