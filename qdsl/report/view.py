"""What part of the plane a picture of a Solution shows, and how large the wavefunctions are drawn.

Everything here is arithmetic on arrays; `qdsl.report.plot` draws the result.  The difficulties are walls
of height 1e6, potentials without bound above or below, boxes far wider than the states, and pairs of
levels that lie closer than a line is thick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdsl.errors import UsageError
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Decay, Dirichlet, Problem
from qdsl.states import Array

if TYPE_CHECKING:
    from qdsl.solution import Solution

POINTS = 1001
"""Points across the picture, which is about 1000 dots wide."""

TAIL = 3e-3
"""Where |psi| stays below this part of its maximum, there is nothing to see."""


@dataclass(frozen=True)
class View:
    """The window of a picture, and the curves in it.

    `x` points inside the box, shape (points,); `potential` V there, not finite where V is not;
    `psi` shape (states, points); `scale` energy units per unit of psi on the paper;
    `left`, `right`, `bottom`, `top` the limits of the axes; `walls` the hard walls in view.
    """

    x: Array
    potential: Array
    psi: Array
    energies: Array
    scale: float
    left: float
    right: float
    bottom: float
    top: float
    walls: tuple[float, ...]

    @property
    def raised(self) -> Array:
        """The curves E_n + scale * psi_n, shape (states, points)."""
        return self.energies[:, None] + self.scale * self.psi


def look(solution: Solution) -> View:
    """Choose the window and the scale, and evaluate the curves."""
    if not len(solution.energies):
        raise UsageError("there is no state to draw", hint="without --plot the result says why")
    first, last = _horizontal(solution)
    x = _grid(first, last, solution.states.edges)
    psi = np.asarray(solution.states.psi(x), dtype=float)
    potential = potential_on(solution.problem, x)
    energies = np.asarray(solution.energies, dtype=float)
    bottom, span = _floor(x, potential, psi, energies)
    height = _height(energies, span)
    scale = height / max(float(np.abs(psi).max(initial=0.0)), 1e-300)
    curves = energies[:, None] + scale * psi
    bottom, top = _vertical(potential, curves, bottom, span)
    low, high = solution.box
    walls = tuple(
        end
        for end, shown, condition in zip(
            (low, high), (first, last), solution.problem.ends or (None, None), strict=True
        )
        if end == shown and isinstance(condition, Dirichlet)
    )
    margin = 0.04 * (last - first)
    left = first - margin if low in walls else first
    right = last + margin if high in walls else last
    return View(x, potential, psi, energies, scale, left, right, bottom, top, walls)


def potential_on(problem: Problem, x: Array) -> Array:
    """V at the points x, by the numpy column of the function table; not finite where V is not."""
    return evaluate(problem.q, {**problem.values, problem.coordinate: x})


def _horizontal(solution: Solution) -> tuple[float, float]:
    """The part of the box where something happens.

    A cut that the tool chose is of no interest, so the window ends where the states do; the ends of a
    domain that the user wrote stay in view unless the states fill less than a third of it.
    """
    low, high = solution.box
    x = np.linspace(low, high, 4 * POINTS)
    psi = np.abs(np.asarray(solution.states.psi(x)))
    alive = np.nonzero((psi > TAIL * psi.max(axis=1, keepdims=True)).any(axis=0))[0]
    if alive.size == 0:
        return low, high
    first, last = float(x[alive[0]]), float(x[alive[-1]])
    margin = 0.05 * (last - first)
    first, last = max(low, first - margin), min(high, last + margin)
    small = last - first < (high - low) / 3
    left, right = (isinstance(condition, Decay) for condition in solution.problem.ends or (None, None))
    return (first if left or small else low), (last if right or small else high)


def _grid(first: float, last: float, edges: Array) -> Array:
    """Even points, and two beside every edge of a piece, so that steps of V are drawn upright."""
    beside = 1e-9 * (last - first)
    inner = edges[(edges > first + beside) & (edges < last - beside)]
    return np.unique(np.concatenate([np.linspace(first, last, POINTS), inner - beside, inner + beside]))


def _floor(x: Array, potential: Array, psi: Array, energies: Array) -> tuple[float, float]:
    """The lowest energy to show, and the span of energies above it that the states use.

    The bottom of the well, unless it lies so deep (a Coulomb singularity) that the levels would be
    squeezed together: then a little below the lowest level.  Its kinetic energy sets the scale.
    """
    lowest, highest = float(energies.min()), float(energies.max())
    density = psi[int(energies.argmin())] ** 2
    finite = np.isfinite(potential)
    weight = float(np.trapezoid(density[finite], x[finite]))
    mean = float(np.trapezoid(density[finite] * potential[finite], x[finite])) / weight if weight else lowest
    natural = max(highest - lowest, 2 * (lowest - mean), 1e-9 * abs(highest), 1e-300)
    deepest = min(float(potential[finite].min(initial=np.inf)), lowest)
    bottom = deepest if lowest - deepest <= 2 * natural else lowest - 0.5 * natural
    return bottom, highest - bottom if highest > bottom else natural


def _height(energies: Array, span: float) -> float:
    """How much energy the tallest wavefunction takes up: half a typical distance of the levels."""
    gaps = np.diff(np.sort(energies))
    apart = gaps[gaps > 0.02 * span]
    typical = float(np.median(apart)) if apart.size else span
    return float(np.clip(0.5 * typical, 0.04 * span, 0.3 * span))


def _vertical(potential: Array, curves: Array, bottom: float, span: float) -> tuple[float, float]:
    """Room for all curves; the top of V too, where it is not far above them and V does not just go on up."""
    low, high = min(bottom, float(curves.min())), float(curves.max())
    known = np.where(np.isfinite(potential), potential, -np.inf)
    summit = float(known.max())
    rising = max(summit - known[8], summit - known[-9]) > 0.01 * span and summit in (known[0], known[-1])
    if high < summit <= high + 0.6 * span and not rising:
        high = summit
    margin = 0.05 * (high - low)
    return low - margin, high + margin
