"""The lowest eigenpairs of a condensed eigenproblem: counted, then found, so that none is missed.

The number of Ritz values below an energy is exact (`Condensed.below`), so bisection encloses the Ritz
value of every number, however close its neighbours are.  Inverse iteration from there, with the Ritz values
of each step as the next shifts, converges cubically; values that lie close together are kept apart by a
Rayleigh-Ritz step over all of them (Parlett, The Symmetric Eigenvalue Problem, chapters 3 and 4).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.linalg

from qdsl.pinn.condensed import Condensed, Indices, Matrices, Vectors
from qdsl.states import Array

EPS = float(np.finfo(np.float64).eps)

GROUP = 1e-5
"""Neighbours nearer than this, relative to E - bottom, are found together.  Vectors of different groups are
orthogonal to EPS / GROUP = 2e-11."""

BRACKET = 1e-3 * GROUP
"""Relative width at which bisection ends at the latest."""

ISOLATED = 0.02
"""Width of a bracket relative to its distance from the next ones at which bisection ends already."""

STEPS = 4
"""Steps of inverse iteration.  The first shrinks what a vector holds of other levels to about ISOLATED, and
the errors of the shifts are the squares of that: 2e-2, 1e-5, 1e-15 are left after one, two, three steps."""

AT_ONCE = 64
"""Energies treated together, so that the arrays stay in the caches and memory does not grow with states."""

NUDGE = 8 * EPS
"""Relative distance of the shifts from the Ritz values, for at these the matrices are singular."""


def lowest(c: Condensed, count: int) -> tuple[Array, Matrices]:
    """The `count` lowest E - bottom, increasing, and vectors in the trial function's unknowns.

    Shapes (states,) and (unknowns, states); the vectors are orthonormal in K - bottom M.  Fewer where
    there are fewer unknowns.  Deterministic: the start vectors come from a generator of their own.
    """
    brackets = _whole_groups(c, min(count, c.size))
    generator = np.random.default_rng(0)
    parts = [_pairs(c, brackets[:, states], generator) for states in _batches(brackets.mean(0))]
    vectors = np.concatenate([vectors for _, vectors in parts], 1)
    return np.concatenate([e for e, _ in parts])[:count], vectors[:, :count]


def _whole_groups(c: Condensed, count: int) -> Array:
    """`enclosed`, with as many more as it takes to cut no group in two."""
    brackets = enclosed(c, count)
    while True:
        first, last = brackets.shape[1], float(brackets[1, -1])
        whole = int(c.below(np.array([last * (1 + GROUP)]))[0])
        if whole <= first:
            return brackets
        low, high = np.full(whole - first, brackets[0, -1]), np.full(whole - first, last * (1 + GROUP))
        brackets = np.concatenate([brackets, _bisected(c, np.arange(first, whole), low, high)], 1)


def enclosed(c: Condensed, count: int) -> Array:
    """The ends of intervals around E - bottom of numbers 0 .. count - 1, (2, states)."""
    top = 1.1 / float(c.mu.max())
    while c.below(np.array([top]))[0] < count:
        top *= 2
    return _bisected(c, np.arange(count), np.zeros(count), np.full(count, top))


def _bisected(c: Condensed, numbers: Indices, low: Array, high: Array) -> Array:
    """The same of some consecutive numbers, from intervals to begin with."""
    while True:
        # Nothing lies below number 0.  Of the neighbours of the others that are not here, nothing is known.
        around = np.concatenate([[-np.inf if numbers[0] == 0 else high[0]], high])
        apart = np.minimum(low - around[:-1], np.append(low[1:], 0.0) - high)
        wide = (high - low > np.maximum(BRACKET * high, ISOLATED * apart)) | (low == 0)
        if not wide.any():
            return np.stack([low, high])
        # A count at one energy serves every number, and numbers that still share a bracket share the count.
        at = np.unique(0.5 * (low + high)[wide])
        below = np.concatenate([c.below(at[i : i + AT_ONCE]) for i in range(0, len(at), AT_ONCE)])
        below = np.maximum.accumulate(below)  # rounding may confuse the count of Ritz values that coincide
        first = np.searchsorted(below, numbers, side="right")  # the first energy with more than n below
        low = np.maximum(low, np.append(0.0, at)[first])
        high = np.minimum(high, np.append(at, np.inf)[first])


def _groups(energies: Array) -> Indices:
    """Where groups of close energies begin, and the end."""
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
    shifts = brackets.mean(0)
    groups = [slice(a, b) for a, b in pairwise(_groups(shifts).tolist()) if b - a > 1]
    right = _start(c, len(shifts), generator)
    for _ in range(STEPS):
        vectors = c.solved(shifts * (1 + NUDGE), right)
        energies, vectors, right = _rayleigh_ritz(c, vectors, groups)
        shifts = np.clip(energies, low, high)
    return energies, c.own(vectors)


def _start(c: Condensed, states: int, generator: np.random.Generator) -> Vectors:
    """M times random vectors.  (Random right sides would excite what both K and M hardly see.)"""
    nodes = generator.standard_normal((c.count, states)).astype(c.hat.dtype)
    bubbles = generator.standard_normal((*c.mu.shape, states)).astype(c.hat.dtype)
    return c.mass_times(Vectors(nodes, bubbles))


def _rayleigh_ritz(c: Condensed, vectors: Vectors, groups: list[slice]) -> tuple[Array, Vectors, Vectors]:
    """Energies, vectors orthonormal in K - bottom M within groups, and M of the vectors."""
    stiff = c.stiffness_times(vectors)
    size = 1 / np.sqrt(vectors.inner(stiff))
    vectors, stiff = vectors * size, stiff * size
    heavy = c.mass_times(vectors)
    inverse = vectors.inner(heavy)
    for group in groups:
        own, weighed = vectors[group], heavy[group]
        mu, rotation = scipy.linalg.eigh(own.gram(weighed), own.gram(stiff[group]), check_finite=False)
        inverse[group], rotation = mu[::-1], rotation[:, ::-1]
        for part, turned in ((own, own @ rotation), (weighed, weighed @ rotation)):
            part.nodes[:], part.bubbles[:] = turned.nodes, turned.bubbles
    return 1 / inverse, vectors, heavy
