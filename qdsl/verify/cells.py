"""Cells on which p, q and w are enclosed, cut where their intervals matter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import sympy as sp

from qdsl.physics import enclosure
from qdsl.physics.intervals import EPS, LARGEST, TINY, Interval
from qdsl.physics.problem import Problem
from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.density import Density

# Half the width of the cell around a jump, relative to the mesh: it costs that, and rounding eps/that.
SLIVER = math.sqrt(EPS)
FIRST = 8
"""Cells a piece to begin with."""
SHARES = np.arange(FIRST) / FIRST
MOST_CELLS = 60_000
MOST_PARTS = 16
"""Parts that a cell is cut in at once."""


@dataclass(frozen=True)
class Cells:
    """Cells between `edges`, and enclosures of p, q and w on them, each (cells,)."""

    edges: Array
    p: Interval
    q: Interval
    w: Interval

    @cached_property
    def width(self) -> Array:
        return self.edges[1:] - self.edges[:-1]


def enclosed(problem: Problem, expression: sp.Expr, edges: Array) -> Interval:
    """Enclosures of an expression between neighbouring edges, which may be infinite."""
    return _enclosure(problem, expression)(edges[:-1], edges[1:])


@lru_cache(maxsize=256)
def _enclosure(problem: Problem, expression: sp.Expr) -> Callable[[Array, Array], Interval]:
    return enclosure.function(expression, problem.coordinate, problem.values)


def cells_between(problem: Problem, edges: Array) -> Cells:
    return Cells(edges, *(enclosed(problem, part, edges) for part in (problem.p, problem.q, problem.w)))


def first_edges(c: Coefficients, pieces: Array) -> Array:
    """Equal cells on every piece, and slivers around the places where the coefficients may jump.

    A place is known up to rounding only, so that the cell that holds it is enclosed as a whole.
    """
    left, right = float(pieces[0]), float(pieces[-1])
    sliver = SLIVER * (right - left)
    uniform = (pieces[:-1, None] + (pieces[1:] - pieces[:-1])[:, None] * SHARES).ravel()
    cuts = np.array([at for at in c.cuts if left < at < right])
    if cuts.size:
        uniform = uniform[np.abs(uniform[:, None] - cuts).min(axis=1) > 2 * sliver]
    points = [at for at, _ in c.deltas if left < at < right]
    every = np.concatenate([uniform, cuts - sliver, cuts + sliver, points, [left, right]])
    edges = np.sort(np.minimum(np.maximum(every, left), right))
    return edges[np.append(True, edges[1:] > edges[:-1])]


def refined(problem: Problem, cells: Cells, density: Density, energy: float, allowed: float) -> Cells | None:
    """Cut cells so that their intervals move a level near the energy by `allowed` at most, to first order.

    None if there would be too many, as where `allowed` is 0: between two levels that agree to the last digit.

    A cell that moves it by c moves it by c/m when it is cut in m: with m ~ sqrt(c) the sum is met with
    the fewest cells.  That holds where q is about linear; a cell that would be cut in very many is cut in a
    few, which are looked at again: next to a pole all but one of them are done.
    """
    if not allowed > 0:
        return None
    while True:
        wanted = _wanted(cells, density, energy, allowed)
        coarse = wanted > MOST_PARTS
        parts = (np.where(coarse, MOST_PARTS, 1.0) if coarse.any() else wanted).astype(np.int64)
        until = parts.cumsum()
        if until[-1] > MOST_CELLS:
            return None
        if until[-1] == len(parts):
            return cells
        # of every part: the cell that it is of, and how many parts of it are to the left
        cell, step = np.repeat(np.arange(len(parts)), parts), cells.width / parts
        place = np.arange(len(cell)) - (until - parts)[cell]
        edges = cells.edges[cell] + place * step[cell]
        cells = cells_between(problem, np.append(edges, cells.edges[-1]))
        if not coarse.any():
            return cells


def _wanted(cells: Cells, density: Density, energy: float, allowed: float) -> Array:
    """In how many parts each cell is to be cut, (cells,).

    Of levels above the states nothing is known but that they live where q is low: there the density is taken
    for no less than that of a wave that fills all of it.  Where an interval of q goes from below the energy
    to above it, what is known of psi says little of the problem with the lower constants: q.low must not make
    a well of its own there.
    """
    width, rise = cells.width, cells.q.high - cells.q.low
    level = energy * cells.w.low
    low = cells.q.low < level
    filled = np.where(low, 1 / max(float(width[low].sum()), TINY), 0.0)
    spread = rise
    with np.errstate(over="ignore", invalid="ignore"):
        # the kinetic energy and E w psi^2 are of the size of q psi^2 or of each other
        height = np.minimum(np.abs(cells.q.high), LARGEST) + abs(energy) * cells.w.high + allowed
        for part in (cells.p, cells.w):
            spread = spread + (part.high - part.low) / np.maximum(part.low, TINY) * height
    known = np.isfinite(spread)
    alive = np.maximum(density.at(cells.edges[:-1] + 0.5 * width), filled)
    cost = np.where(known, spread, 0.0) * width * alive
    root = np.sqrt(cost)
    wanted = np.maximum(np.ceil(root * (root.sum() / allowed)), 1.0)
    known &= cells.p.low > 0
    turning = np.flatnonzero(known & low & (cells.q.high > level))
    well = rise[turning] * width[turning] ** 2 / cells.p.low[turning]
    wanted[turning] = np.maximum(wanted[turning], np.ceil(np.cbrt(well)))
    return np.where(width <= 4 * SLIVER * (cells.edges[-1] - cells.edges[0]), 1.0, wanted)
