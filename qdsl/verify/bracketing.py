"""How many levels lie below an energy, proven: the equation enclosed between two with constant coefficients.

On every cell p and q - e w are enclosed by interval arithmetic (`enclosure`).  With the lower ends of the
intervals the form int p |psi'|^2 + (q - e w) |psi|^2 is nowhere larger, with the upper ends nowhere smaller,
and the number of levels below e is that of its negative directions, so that

    count with the upper ends  <=  number of levels below e  <=  count with the lower ends

(the minimax principle; Reed and Simon IV, section XIII.1).  Each count is exact (`stiffness`).  Cells are cut
where their intervals matter, until a count is what was to be proven.  Where something is not enclosed, as
a table of very uneven points, nothing is.

Ends: psi = 0 leaves its node out; Neumann and Robin ends and point interactions add to the diagonal.
An infinite domain is cut: with psi = 0 there the count is not too large; with a free end it is not too small
if q >= e w on all of the outside, which is enclosed too, and no point interaction pulls there.  Singular
ends: see `endings`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.endpoints import Frobenius, SingularEnd, singular_ends
from qdsl.physics.intervals import ULPS, point, scaled
from qdsl.physics.problem import Problem
from qdsl.states import Array
from qdsl.verify.cells import Cells, cells_between, first_edges, refined
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.density import Density
from qdsl.verify.endings import NEAR, outside_floor, singular_term
from qdsl.verify.stiffness import negative, stiffness

ROUNDS = 6
"""Refinements, each allowing half of what the one before did."""


@dataclass(frozen=True, eq=False)
class Counter:
    """Counts the levels of a problem with separated ends, from either side.

    `pieces` is a first mesh: the whole domain, or a box where that is infinite.
    """

    problem: Problem
    c: Coefficients
    pieces: Array

    @cached_property
    def floor(self) -> float:
        """No q/w outside of the box lies below it, proven; infinite where the box is the domain."""
        return min(self._floors)

    @cached_property
    def _floors(self) -> tuple[float, float]:
        """The same at each side."""
        left, right = (outside_floor(self.problem, self.c, self._box, side) for side in (0, 1))
        return left, right

    @cached_property
    def _first_cells(self) -> Cells:
        return cells_between(self.problem, first_edges(self.c, self._inner))

    def at_most(self, number: int, energy: float, spacing: float, alive: Density) -> bool:
        """Whether it is proven that no more than `number` levels lie below the energy.

        `spacing`, about the distance to the nearest level, tells how fine the cells must be, and where the
        levels near the energy are `alive`.
        """
        counts = self._counts(energy, spacing, alive, -1.0)
        return any(found is not None and found <= number for found in counts)

    def at_least(self, number: int, energy: float, spacing: float, alive: Density) -> bool:
        """Whether it is proven that no fewer than `number` levels lie below the energy."""
        counts = self._counts(energy, spacing, alive, 1.0)
        return number == 0 or any(found is not None and found >= number for found in counts)

    def _counts(self, energy: float, spacing: float, alive: Density, sign: float) -> Iterator[int | None]:
        """Counts with the form rounded up (`sign` +1) or down (-1), on ever finer cells."""
        ends = self._end(0, energy, sign), self._end(1, energy, sign)
        if None in ends:
            return
        cells = self._first_cells
        for share in 0.5 ** np.arange(ROUNDS):
            finer = refined(self.problem, cells, alive, energy, spacing * float(share))
            if finer is None:
                return
            if finer is cells and share < 1:
                continue
            cells = finer
            found = self._count(cells, energy, sign, ends)
            yield found
            if found is None and sign < 0 and not np.isfinite(cells.q.low).all():
                return

    @cached_property
    def _special(self) -> tuple[SingularEnd | None, SingularEnd | None]:
        """What is singular at the ends, those included at which the reference sees nothing of it."""
        return singular_ends(self.problem)

    @property
    def _box(self) -> tuple[float, float]:
        return float(self.pieces[0]), float(self.pieces[-1])

    @cached_property
    def _inner(self) -> Array:
        """The pieces without the ends that are singular."""
        inner = self.pieces.copy()
        for side in (0, -1):
            end, near = self._special[side], self.pieces[1 if side == 0 else -2]
            if isinstance(end, Frobenius) and self.pieces[side] == end.at:
                inner[side] = end.at + NEAR * (near - end.at)
        return inner

    def _end(self, side: int, energy: float, sign: float) -> float | None:
        """What lies beyond an end adds to the form, per |psi|^2: infinite for psi = 0, None if unknown."""
        c, at = self.c, self._box[side]
        special, ratio = self._special[side], c.ratios[side]
        if isinstance(special, Frobenius) and at == special.at:
            return singular_term(self.problem, side, float(self._inner[-side]), energy, sign)
        if at != c.domain[side]:
            free = sign < 0 and self._floors[side] >= energy
            return math.inf if sign > 0 else 0.0 if free else None
        return math.inf if ratio is None else 0.0

    def _count(
        self, cells: Cells, energy: float, sign: float, ends: tuple[float | None, float | None]
    ) -> int | None:
        """The count with every constant rounded up (`sign` +1) or down (-1); None if that is not bounded."""
        height = cells.q + scaled(point(-energy))(cells.w)
        p, g = (cells.p.high, height.high) if sign > 0 else (cells.p.low, height.low)
        length = cells.width
        hard = ~(np.isfinite(g) & np.isfinite(p))  # no psi there: the form only grows
        if None in ends or not (length > 0).all() or (sign < 0 and (hard.any() or not (p > 0).all())):
            return None
        p, g = np.where(hard, 1.0, p), np.where(hard, 0.0, g + sign * ULPS * np.abs(g))  # rounding of theta
        diagonal, off, inside = stiffness(length, p, g)
        diagonal[hard] = off[hard] = 0.0
        form, size, walls = _assembled(diagonal, np.abs(diagonal) + np.abs(off), hard)
        kept = walls == 0
        strengths = self.c.strengths(cells.edges)
        form += strengths
        size += np.abs(strengths)
        for node, term in zip((0, -1), ends, strict=True):
            if term is None or math.isinf(term):
                kept[node] = False
            else:
                form[node] += term
                size[node] += abs(term)
        # The entries are right to a few units in the last place, and the count of Sturm's sequence is that
        # of a matrix as close (Demmel, Applied Numerical Linear Algebra, 1997, section 5.3.4).
        form += sign * 4 * ULPS * size
        nodes = np.flatnonzero(kept)
        total = int(inside.sum())
        if not nodes.size:
            return total
        return total + negative(form[nodes], np.where(nodes[1:] - nodes[:-1] == 1, off[nodes[:-1]], 0.0))


def _assembled(*cells: Array | NDArray[np.bool]) -> Array:
    """Every cell adds to the nodes on its two sides (or marks them), (kinds, nodes)."""
    nodes = np.zeros((len(cells), len(cells[0]) + 1))
    nodes[:, :-1] = cells
    nodes[:, 1:] += cells
    return nodes
