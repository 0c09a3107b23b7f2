"""The lowest eigenpairs of a condensed eigenproblem: counted, then found, so that none is missed.

The number of Ritz values below an energy is exact (`Condensed.below`), so bisection encloses the Ritz
value of every number, however close its neighbours are.  Inverse iteration from there, with the Ritz values
of each step as the next shifts, converges cubically; values that lie close together are kept apart by a
Rayleigh-Ritz step over all of them (Parlett, The Symmetric Eigenvalue Problem, chapters 3 and 4).

Of a group that is far larger than what is wanted of it only that is found: a box of 1e6 widths of its well
has hundreds of levels within GROUP of the threshold.  Bisection then goes on until they are apart, however
close they are.  (What rounding leaves of the neighbours beyond in a vector is EPS over their distance, and
that times the distance in its residual: EPS.)
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.linalg

from qdsl.physics.intervals import EPS
from qdsl.pinn.condensed import Condensed, Indices, Matrices, Vectors
from qdsl.states import Array

GROUP = 1e-5
"""Neighbours nearer than this, relative to E - bottom, are found together.  Vectors of different groups are
orthogonal to EPS / GROUP = 2e-11."""

BRACKET = 1e-3 * GROUP
"""Relative width at which bisection ends at the latest, where Rayleigh-Ritz steps tell the rest apart."""

MORE = 16
"""So many states beyond the wanted ones are found to complete a group; of a larger one, only those wanted."""

SLACK = 0.3
"""Part of the distance between brackets by which Rayleigh quotients may leave narrow ones: counts, by which
those were made, are not as good."""

ISOLATED = 0.02
"""Width of a bracket relative to its distance from the next ones at which bisection ends already."""

STEPS = 4
"""Steps of inverse iteration, as a rule.  The first shrinks what a vector holds of other levels to about
ISOLATED, and the errors of the shifts are the squares of that: 2e-2, 1e-5, 1e-15 are left after one, two,
three steps."""

MOST_STEPS = 12
"""Steps at most, where the last one still moved an energy by more than SETTLED: in a wide box the start may
hold so little of a state in a narrow well that the first steps show something else."""

SETTLED = 1e-9
"""Relative change of E - bottom by a step that is followed by another one: convergence is cubic."""

AT_ONCE = 64
"""Energies treated together, so that the arrays stay in the caches and memory does not grow with states."""

NUDGE = 8 * EPS
"""Relative distance of the shifts from the Ritz values, for at these the matrices are singular."""


def lowest(c: Condensed, count: int) -> tuple[Array, Matrices]:
    """The `count` lowest energies, increasing, and vectors in the trial function's unknowns.

    Shapes (states,) and (unknowns, states); the vectors are orthonormal in M.  Fewer where there are fewer
    unknowns.  Deterministic: the start vectors come from a generator of their own.
    """
    brackets = _whole_groups(c, min(count, c.size))
    generator = np.random.default_rng(0)
    batches = _batches(brackets.mean(0) - c.bottom)
    parts = [_pairs(c, brackets[:, states], generator) for states in batches]
    vectors = np.concatenate([vectors for _, vectors in parts], 1)
    return np.concatenate([e for e, _ in parts])[:count], vectors[:, :count]


def _whole_groups(c: Condensed, count: int) -> Array:
    """`enclosed`, with up to MORE others so that no group is cut in two, or the last one told apart."""
    brackets = enclosed(c, count)
    while True:
        first = brackets.shape[1]
        end = float(brackets[1, -1] + GROUP * (brackets[1, -1] - c.bottom))
        whole = int(c.below(np.array([end]))[0])
        if whole <= first:
            return brackets
        if whole > count + MORE:
            return _told_apart(c, brackets)
        low, high = np.full(whole - first, brackets[0, -1]), np.full(whole - first, end)
        brackets = np.concatenate([brackets, _bisected(c, np.arange(first, whole), low, high)], 1)


def _told_apart(c: Condensed, brackets: Array) -> Array:
    """The brackets of the last group narrowed until they are apart, or as narrow as energies are rounded."""
    start = _groups(brackets.mean(0) - c.bottom)[-2]
    low, high = brackets[:, start:]
    apart = _bisected(c, np.arange(start, brackets.shape[1]), low, high, width=0.0)
    return np.concatenate([brackets[:, :start], apart], 1)


def enclosed(c: Condensed, count: int) -> Array:
    """The ends of intervals around the energies of numbers 0 .. count - 1, (2, states)."""
    top = 1.1 * float((c.levels + 1 / c.mu.max(1)).min() - c.bottom)
    while c.below(np.array([c.bottom + top]))[0] < count:
        top *= 2
    return _bisected(c, np.arange(count), np.full(count, c.bottom), np.full(count, c.bottom + top))


def _bisected(c: Condensed, numbers: Indices, low: Array, high: Array, *, width: float = BRACKET) -> Array:
    """The same of some consecutive numbers, from intervals to begin with, of a relative width at most."""
    least = 1 / float(c.mu.max())  # about the kinetic energy of a half wave in the widest piece
    while True:
        # Nothing lies below number 0.  Of the neighbours of the others that are not here, nothing is known.
        around = np.concatenate([[-np.inf if numbers[0] == 0 else high[0]], high])
        apart = np.minimum(low - around[:-1], np.append(low[1:], -np.inf) - high)
        enough = np.maximum(width * (high - c.bottom), ISOLATED * apart)
        rounding = 4 * EPS * np.maximum(np.maximum(np.abs(low), np.abs(high)), least)
        wide = ((high - low > enough) | (low == c.bottom)) & (high - low > rounding)
        if not wide.any():
            return np.stack([low, high])
        # A count at one energy serves every number, and numbers that still share a bracket share the count.
        at = np.unique(0.5 * (low + high)[wide])
        below = np.concatenate([c.below(at[i : i + AT_ONCE]) for i in range(0, len(at), AT_ONCE)])
        below = np.maximum.accumulate(below)  # rounding may confuse the count of Ritz values that coincide
        first = np.searchsorted(below, numbers, side="right")  # the first energy with more than n below
        low = np.maximum(low, np.append(c.bottom, at)[first])
        high = np.minimum(high, np.append(at, np.inf)[first])


def _groups(energies: Array) -> Indices:
    """Where groups of close energies (above the bottom) begin, and the end."""
    apart = np.diff(energies) > GROUP * energies[1:]
    return np.concatenate([[0], np.flatnonzero(apart) + 1, [len(energies)]])


def _batches(energies: Array) -> list[slice]:
    """Whole groups, as many as make up AT_ONCE energies."""
    batches, start, last = [], 0, 0
    for end in _groups(energies)[1:].tolist():
        if end - start > AT_ONCE and last > start:
            batches.append(slice(start, last))
            start = last
        last = end
    return [*batches, slice(start, last)]


def _pairs(c: Condensed, brackets: Array, generator: np.random.Generator) -> tuple[Array, Matrices]:
    """Energies and vectors of some whole groups."""
    low, high = brackets
    # where they were made too narrow for counts to be sure of them
    narrow = (high - low)[1:] < BRACKET * (low[1:] - c.bottom)
    apart = SLACK * np.where(narrow, np.maximum(low[1:] - high[:-1], 0.0), 0.0)
    least, most = low - np.append(0.0, apart), high + np.append(apart, 0.0)
    shifts = brackets.mean(0)
    groups = [slice(a, b) for a, b in pairwise(_groups(shifts - c.bottom).tolist()) if b - a > 1]
    right = _start(c, len(shifts), generator)
    for step in range(MOST_STEPS):
        vectors = c.solved(shifts + NUDGE * np.abs(shifts), right)
        energies, vectors, right = _rayleigh_ritz(c, vectors, shifts, groups)
        moved, inside = np.abs(energies - shifts), (least <= energies) & (energies <= most)
        shifts = np.where(inside, energies, np.clip(energies, low, high))
        if step + 1 >= STEPS and (moved <= SETTLED * (energies - c.bottom)).all():
            break
    return energies, c.own(vectors)


def _start(c: Condensed, states: int, generator: np.random.Generator) -> Vectors:
    """M times random vectors.  (Random right sides would excite what both K and M hardly see.)

    They hold about as much of every function in K - bottom M, where a wide flat piece far above the bottom
    would outweigh the rest by far in K alone.
    """
    size = np.sqrt(1 + (c.levels - c.bottom)[:, None] * c.mu)[..., None]
    nodes = generator.standard_normal((c.count, states)).astype(c.hat.dtype)
    bubbles = (generator.standard_normal((*c.mu.shape, states)) / size).astype(c.hat.dtype)
    return c.times(np.zeros(states), Vectors(nodes, bubbles))[1]


def _rayleigh_ritz(
    c: Condensed, vectors: Vectors, shifts: Array, groups: list[slice]
) -> tuple[Array, Vectors, Vectors]:
    """Energies, vectors orthonormal in M within groups, and M of the vectors.

    Energies are found as differences to the shifts, so that they are rounded like those.
    """
    about = shifts.copy()
    for group in groups:
        about[group] = shifts[group].mean()
    form, heavy = c.times(about, vectors)
    size = 1 / np.sqrt(vectors.inner(heavy))
    vectors, form, heavy = vectors * size, form * size, heavy * size
    off = vectors.inner(form)
    for group in groups:
        own, weighed = vectors[group], heavy[group]
        off[group], rotation = scipy.linalg.eigh(own.gram(form[group]), own.gram(weighed), check_finite=False)
        for part, turned in ((own, own @ rotation), (weighed, weighed @ rotation)):
            part.nodes[:], part.bubbles[:] = turned.nodes, turned.bubbles
    return about + off, vectors, heavy
