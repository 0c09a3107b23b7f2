"""The box: where an infinite domain is cut, so that nothing that matters lies outside."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qdsl.errors import ProblemError
from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.endpoints import Wall, singular_ends
from qdsl.physics.features import narrow_features
from qdsl.physics.problem import Problem
from qdsl.pinn.coefficients import Coefficients, double
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import collocate
from qdsl.pinn.joints import join
from qdsl.pinn.landscape import FAR, Landscape, hard, sample
from qdsl.pinn.pieces import ACTION, Box, cut
from qdsl.pinn.trial import Bubbles, Trial
from qdsl.states import Array


@dataclass(frozen=True)
class Ends:
    """The ends of the domain; `walls` are finite ends where psi dies out before them, as in r^-12."""

    at: tuple[float, float]
    walls: tuple[bool, bool]

    @property
    def open(self) -> tuple[bool, bool]:
        """Whether the box is to be cut before the end is reached."""
        return math.isinf(self.at[0]) or self.walls[0], math.isinf(self.at[1]) or self.walls[1]

    def first(self, known: list[float]) -> tuple[float, float]:
        """A box to begin with, around the points that are known of."""
        spread = max(known) - min(known) or 1.0
        low, high = (
            end if math.isfinite(end) else edge
            for end, edge in zip(self.at, (min(known) - spread, max(known) + spread), strict=True)
        )
        middle = (low + high) / 2
        return (middle + low) / 2 if self.walls[0] else low, (middle + high) / 2 if self.walls[1] else high

    def further(self, side: int, now: float, width: float) -> float:
        """The next try on one side: half a width outward, or half way to a wall."""
        if self.walls[side]:
            return (now + self.at[side]) / 2
        return now + (width if side else -width) / 2


EnergyOf = Callable[[Box, Landscape], float]
"""The energy of the highest wanted state in a box, given its samples."""

ENOUGH = 20.0
"""Decay action at an end with which the search for a box is content; ends are trimmed to FAR."""

GUESSED = 60
"""Attempts with WKB energies, each up to twice as wide: 18 orders of magnitude."""

SOLVED = 16
"""Attempts with computed energies: a box of 65,000 widths of the well."""

SCOUTED = np.linspace(0.0, 4.0, 257)[1:]
"""Distances from the box, in its widths, at which it is looked whether there is another well."""

POINTS = 48
"""Gauss points a piece for the computed energies."""


def find_box(problem: Problem, coefficients: Coefficients, highest: int, bubbles: Bubbles) -> Box:
    """The domain cut where it is not smooth and around narrow features, with finite ends.

    A finite domain is its own box.  Else the box ends where state `highest` has decayed by exp(-24) from
    its outermost turning points, by the WKB energy of level n + 1, or, where that level is not bound
    although level n may be (shallow wells), by energies that are solved for with `bubbles`.
    Raises ProblemError when no box is found: the state is not bound, or decays over too many widths.
    """
    pieces = smooth_pieces(problem)
    left, right = singular_ends(problem)
    ends = Ends((pieces[0].left, pieces[-1].right), (isinstance(left, Wall), isinstance(right, Wall)))
    inner = np.array(sorted({*(piece.left for piece in pieces[1:]), *narrow_features(problem)}))
    if not any(ends.open):
        low, high = ends.at
        if not inner.size and all(gauge is not None for gauge in coefficients.gauges):
            inner = np.array([(low + high) / 2])  # each singular end has a piece of its own
        return _marked(inner, low, high, [])

    def guessed(_box: Box, landscape: Landscape) -> float:
        return landscape.level(hard(highest))

    def solved(box: Box, _landscape: Landscape) -> float:
        edges = double(cut(coefficients, box, highest, ACTION))
        trial = Trial(edges, join(problem, coefficients, edges), bubbles)
        at = collocate(trial, coefficients, POINTS)
        energies, _ = assemble(trial, trial.gauss_basis(POINTS), at).lowest(highest + 1)
        return float(energies[-1])

    box = _grown(coefficients, inner, ends, guessed, _marked, GUESSED)
    if box is None:
        box = _grown(coefficients, inner, ends, solved, _graded, SOLVED)
    if box is None:
        raise ProblemError(
            f"the potential does not hold state {highest}: no box was found outside of which it has decayed",
            hint="a bound state needs V > E towards every infinite end; ask for fewer states",
        )
    return box


def _grown(
    coefficients: Coefficients,
    inner: Array,
    ends: Ends,
    energy_of: EnergyOf,
    boxed: Callable[[Array, float, float, list[float]], Box],
    attempts: int,
) -> Box | None:
    """Grow or trim the infinite ends until the decay action beyond the allowed region is just FAR.

    `boxed` makes a box from the inner edges, its ends, and those of earlier boxes.
    """
    known = [x for x in (ends.at[0], *inner, ends.at[1]) if math.isfinite(x)] or [0.0]
    # A weak point interaction holds its state within 1/rate, far wider than anything else may be.
    reach = [point.at + side / point.rate for point in coefficients.attractive for side in (-1, 1)]
    known += [x for x in reach if ends.at[0] < x < ends.at[1]]
    low, high = ends.first(known)
    passed: list[float] = []
    for _ in range(attempts):
        box = boxed(inner, low, high, passed)
        landscape = sample(coefficients, box.edges, box.marks)
        if not np.isfinite(landscape.potential).all():
            return None
        energy = energy_of(box, landscape)
        decay = landscape.decay(energy)
        width = high - low
        grow = [
            is_open and at < ENOUGH
            for is_open, at in zip(ends.open, (decay.right[0], decay.left[-1]), strict=True)
        ]
        if any(grow):  # trimming now would hold up a search that still wanders
            new_low = ends.further(0, low, width) if grow[0] else low
            new_high = ends.further(1, high, width) if grow[1] else high
        else:
            new_low = _trimmed(low, landscape.x[::-1], decay.right[::-1]) if ends.open[0] else low
            new_high = _trimmed(high, landscape.x, decay.left) if ends.open[1] else high
        # Trimming by less than a tenth is not worth another round.
        if abs(new_low - low) + abs(new_high - high) <= 0.1 * width:
            new_low, new_high = _with_wells_outside(coefficients, ends, low, high, energy)
            if (new_low, new_high) == (low, high):
                return box
        passed += [low, high]
        low, high = new_low, new_high
    return None


def _with_wells_outside(
    coefficients: Coefficients, ends: Ends, low: float, high: float, energy: float
) -> tuple[float, float]:
    """The box with all that lies lower than the energy on its open sides, of which no decay tells."""
    distance = (high - low) * SCOUTED
    for side, now in ((0, low), (1, high)):
        if not ends.open[side]:
            continue
        x = now + distance if side else now - distance
        x = x[(x > ends.at[0]) & (x < ends.at[1])]
        _, q, w = coefficients.sampled(x)
        deep = x[q < energy * w]
        if deep.size:
            low, high = min(low, float(deep[-1])), max(high, float(deep[-1]))
    return low, high


def _trimmed(now: float, outward: Array, decay: Array) -> float:
    """Where the decay FAR is reached, on the way outward to an end where it is exceeded."""
    inside = np.flatnonzero(decay <= FAR)
    beyond = inside[-1] + 1 if inside.size else len(outward)
    return float(outward[beyond]) if beyond < len(outward) else now


def _marked(inner: Array, low: float, high: float, passed: list[float]) -> Box:
    """Earlier, narrower boxes leave their ends as marks for the samples."""
    edges = np.concatenate([[low], inner[(inner > low) & (inner < high)], [high]])
    return Box(edges, np.array([x for x in passed if low < x < high]))


def _graded(inner: Array, low: float, high: float, passed: list[float]) -> Box:
    """Earlier, narrower boxes leave their ends as edges.

    A shallow well fills a tiny part of its box, and holds so little action that nothing else would make
    a piece of it.
    """
    edges = np.unique([low, *inner, *passed, high])
    return Box(edges[(edges >= low) & (edges <= high)], np.empty(0))
