"""What part of the plane a picture of a Solution shows, and how large the wavefunctions are drawn.

Everything here is arithmetic on arrays; `qdsl.report.plot` draws the result.  The difficulties are walls
of height 1e6, potentials without bound above or below, boxes far wider than the states, and pairs of
levels that lie closer than a line is thick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.analysis import singular_points
from qdsl.physics.endpoints import Frobenius, Wall, singular_ends
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import BoundStates, Decay, Dirichlet, Problem
from qdsl.report.arrows import Arrow, arrows
from qdsl.report.empty_view import window
from qdsl.report.interfaces import jumps, level_curve
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

    `x` points inside the box, shape (points,); `potential` V (q/w of an equation with a weight) there, not
    finite where V is not; `psi` shape (states, points), real or complex; `scale` energy units per unit of
    psi on the paper; `left`, `right`, `bottom`, `top` the limits of the axes; `walls` the hard walls in
    view; `arrows` the point interactions; `jumps` where p (or the mass) jumps; `continuum` the energy at
    which it begins, where bound states were searched for and it is in view; `note` what to say where there
    is no state.
    """

    x: Array
    potential: Array
    psi: NDArray[Any]
    energies: Array
    scale: float
    left: float
    right: float
    bottom: float
    top: float
    walls: tuple[float, ...]
    arrows: tuple[Arrow, ...] = ()
    jumps: tuple[float, ...] = ()
    continuum: float | None = None
    note: str = ""

    @property
    def is_complex(self) -> bool:
        return np.iscomplexobj(self.psi)

    @property
    def raised(self) -> Array:
        """The curves E_n + scale * Re psi_n, shape (states, points)."""
        return self.energies[:, None] + self.scale * self.psi.real

    @property
    def raised_imaginary(self) -> Array:
        """The curves E_n + scale * Im psi_n, shape (states, points)."""
        return self.energies[:, None] + self.scale * self.psi.imag

    @property
    def envelope(self) -> Array:
        """scale * |psi_n|, shape (states, points)."""
        return self.scale * np.abs(self.psi)


def look(solution: Solution) -> View:
    """Choose the window and the scale, and evaluate the curves."""
    if not len(solution.energies):
        return _without_states(solution)
    problem = solution.problem
    first, last = _horizontal(solution)
    x = _grid(first, last, solution.states.edges)
    psi = np.asarray(solution.states.psi(x))
    potential = potential_on(problem, x)
    energies = np.asarray(solution.energies, dtype=float)
    bottom, span = _floor(x, potential, psi, energies)
    scale = _scale(psi, energies, span)
    up, down = (np.abs(psi),) * 2 if np.iscomplexobj(psi) else (psi, -psi)
    low = min(bottom, *(energies - scale * down.max(axis=1)))
    high = max(energies + scale * up.max(axis=1))
    high = _summit(potential, high, span)
    continuum = _continuum(solution, high, span)
    high = high if continuum is None else max(high, continuum)
    points = arrows(problem, first, last, low, high)
    for arrow in points:
        low, high = min(low, arrow.head), max(high, arrow.head)
    space = 0.05 * (high - low)
    walls = _walls(solution, first, last)
    left, right = _sides(walls, first, last)
    return View(
        x,
        potential,
        psi,
        energies,
        scale,
        left,
        right,
        bottom=low - space,
        top=high + space,
        walls=walls,
        arrows=points,
        jumps=tuple(jump.at for jump in jumps(problem) if first < jump.at < last),
        continuum=continuum,
    )


def _without_states(solution: Solution) -> View:
    """V alone; what was searched for is not there."""
    problem = solution.problem
    (first, last), (low, high) = window(solution)
    x = _grid(first, last, np.array([point.at for point in singular_points(problem)]))
    points = arrows(problem, first, last, low, high)
    heads = [arrow.head for arrow in points]
    space = 0.15 * (high - low)
    walls = _walls(solution, first, last)
    left, right = _sides(walls, first, last)
    return View(
        x,
        potential_on(problem, x),
        np.empty((0, len(x))),
        np.empty(0),
        1.0,
        left,
        right,
        bottom=min([low, *heads]) - space,
        top=max([high, *heads]) + space,
        walls=walls,
        arrows=points,
        continuum=_continuum(solution, high, high - low),
        note="no state" if solution.count is None else solution.count.message,
    )


def potential_on(problem: Problem, x: Array) -> Array:
    """What energies are compared with at the points x: V, or q/w; not finite where it is not."""
    return evaluate(level_curve(problem), {**problem.values, problem.coordinate: x})


def _walls(solution: Solution, first: float, last: float) -> tuple[float, ...]:
    """The ends in view at which psi is 0 because it has to be; at a singular end it may be anything."""
    problem = solution.problem
    ends = problem.ends or (None, None)
    return tuple(
        end
        for end, shown, condition, special in zip(
            solution.box, (first, last), ends, singular_ends(problem), strict=True
        )
        if end == shown
        and isinstance(condition, Dirichlet)
        and not isinstance(special, Wall)  # psi dies out before it, and the box ends there
        and not (isinstance(special, Frobenius) and special.exponent <= 0)
    )


def _sides(walls: tuple[float, ...], first: float, last: float) -> tuple[float, float]:
    """The limits of the horizontal axis, with room for the walls."""
    margin = 0.04 * (last - first)
    return first - margin * (first in walls), last + margin * (last in walls)


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
    left, right = (
        isinstance(condition, Decay) or isinstance(special, Wall)
        for condition, special in zip(
            solution.problem.ends or (None, None), singular_ends(solution.problem), strict=True
        )
    )
    return (first if left or small else low), (last if right or small else high)


def _grid(first: float, last: float, edges: Array) -> Array:
    """Even points, and two beside every edge of a piece, so that steps of V are drawn upright."""
    beside = 1e-9 * (last - first)
    inner = edges[(edges > first + beside) & (edges < last - beside)]
    return np.unique(np.concatenate([np.linspace(first, last, POINTS), inner - beside, inner + beside]))


def _floor(x: Array, potential: Array, psi: NDArray[Any], energies: Array) -> tuple[float, float]:
    """The lowest energy to show, and the span of energies above it that the states use.

    The bottom of the well, unless it lies so deep (a Coulomb singularity) that the levels would be
    squeezed together: then a little below the lowest level.  Its kinetic energy sets the scale.
    """
    lowest, highest = float(energies.min()), float(energies.max())
    density = np.abs(psi[int(energies.argmin())]) ** 2
    finite = np.isfinite(potential)
    weight = float(np.trapezoid(density[finite], x[finite]))
    mean = float(np.trapezoid(density[finite] * potential[finite], x[finite])) / weight if weight else lowest
    natural = max(highest - lowest, 2 * abs(lowest - mean), 1e-9 * abs(highest), 1e-300)
    deepest = min(float(potential[finite].min(initial=np.inf)), lowest)
    bottom = deepest if lowest - deepest <= 2 * natural else lowest - 0.3 * natural
    return bottom, highest - bottom if highest > bottom else natural


def _scale(psi: NDArray[Any], energies: Array, span: float) -> float:
    """One scale for all: a typical state fills half of the room above it; the tallest is no dwarf, no giant.

    Gaps inside groups of nearly degenerate levels are no room, and say nothing about it.
    """
    order = np.argsort(energies)
    sizes = np.abs(psi).max(axis=1)
    tallest = max(float(sizes.max(initial=0.0)), 1e-300)
    gaps = np.diff(energies[order])
    apart = gaps > 0.05 * gaps.max(initial=0.0)
    room = gaps[apart] / np.maximum(sizes[order][:-1][apart], 1e-300)
    typical = float(np.median(room)) if room.size else span / tallest
    return float(np.clip(0.5 * typical * tallest, 0.02 * span, 0.3 * span)) / tallest


def _summit(potential: Array, high: float, span: float) -> float:
    """The top of V, where it is not far above the curves and V does not just go on up; else theirs."""
    known = np.where(np.isfinite(potential), potential, -np.inf)
    summit = float(known.max())
    rising = max(summit - known[8], summit - known[-9]) > 0.01 * span and summit in (known[0], known[-1])
    return summit if high < summit <= high + 0.6 * span and not rising else high


def _continuum(solution: Solution, high: float, span: float) -> float | None:
    """Where the continuum begins, if it was asked for and is not far above the states."""
    count = solution.count
    if count is None or not isinstance(solution.problem.search, BoundStates):
        return None
    return count.limit if count.limit <= high + span else None
