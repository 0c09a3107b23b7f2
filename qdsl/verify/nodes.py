"""Counting the nodes of psi: by Sturm's oscillation theorem, state n has n of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.sampling import MOST, Sampled


@dataclass(frozen=True)
class Nodes:
    """`counts` (states,): sign changes of psi between points where its sign can be trusted.

    `hidden` (states,): psi is below its own accuracy over a part of the classically allowed region
    that may hide nodes, so that the count is only a lower bound.
    """

    counts: NDArray[np.int64]
    hidden: NDArray[np.bool]


HIDING = 0.05
"""Phase of an allowed region (in radians) that may hide a node.  A state of one well passes another one,
where it is too small to be seen, and has a node there for every level of that well below its own.  A narrow
well has a level of its own far below a quarter wave: tan(phase / 2) = kappa / k."""


def count_nodes(at: Sampled) -> Nodes:
    """Count sign changes at the points of a rule with ten points or so for every half wave.

    The sign of psi at x is trusted where |psi(x)| exceeds its accuracy there: rounding, 64 eps max|psi|,
    and the response of the equation to the largest residual rho in the panel, |rho| / (|q - E w| + K w)
    with K the mean kinetic energy, there or elsewhere: in a forbidden region an error dies out like
    exp(-int sqrt((q - E w)/p)) on both sides of where it is made (WKB), and no faster.  Nor is it trusted
    where psi is forbidden and below sqrt(eps) of its maximum: p psi psi' grows there, by
    p psi'^2 + (q - E w) psi^2, so that a forbidden stretch has one node at most, and none if psi dies out
    in it; what rounding of large cancelling features leaves of psi decides nothing.  Nor where psi is
    forbidden and (q - E w) |psi| is no more than twice the residual: by the comparison principle the residual
    alone may hold up that much (a fit that ends at 1e-6 of psi instead of dying out).
    A stretch that is not trusted, such as the tunnelling region of a double well, is skipped: different
    signs on its two sides count as one node.
    """
    panels, count = at.rule.x.shape
    energies = at.states.energies
    psi = np.empty((len(energies), panels * count))
    worst, squares, done = [], np.zeros((2, len(energies))), 0
    for part in at.parts():
        points = part.rule.x.size
        psi[:, done : done + points], most, square = _seen(part)
        worst.append(most)
        squares += square
        done += points
    largest = np.concatenate(worst, axis=1)
    few = max(1, MOST // (panels * count))
    counts, hidden = np.empty(len(energies), dtype=np.int64), np.empty(len(energies), dtype=np.bool)
    for start in range(0, len(energies), few):
        some = slice(start, start + few)
        found = _counted(at, energies[some], psi[some], largest[some], squares[:, some])
        counts[some], hidden[some] = found
    return Nodes(counts, hidden)


def _seen(at: Sampled) -> tuple[Array, Array, Array]:
    """psi (states, points), the largest residual (states, panels), int p |psi'|^2 and int w |psi|^2."""
    jet, weights = at.jet, at.rule.weights.ravel()
    worst = np.abs(at.defect).reshape(-1, *at.rule.x.shape).max(axis=2)
    return jet.psi, worst, np.array([jet.slope**2 @ (at.p * weights), jet.psi**2 @ (at.w * weights)])


def _counted(
    at: Sampled, energies: Array, psi: Array, worst: Array, squares: Array
) -> tuple[NDArray[np.int64], NDArray[np.bool]]:
    """The counts, and whether they hide nodes, of some states."""
    height = at.q - energies[:, None] * at.w
    above, depth, size = height > 0, np.abs(height), np.abs(psi)
    worst = worst.repeat(at.rule.x.shape[1], axis=1)
    step = at.rule.weights.ravel() * np.sqrt(depth / at.p)
    with np.errstate(divide="ignore", invalid="ignore"):  # psi = 0: no sign is trusted
        kinetic = squares[0] / squares[1]
        log = np.log(worst / (depth + kinetic[:, None] * at.w))
        accuracy = np.exp(_carried(log, np.where(above, step, 0.0)))
    largest = size.max(axis=1, keepdims=True)
    doubted = (size < math.sqrt(EPS) * largest) | (height * size <= 2 * worst)
    trusted = (size > np.maximum(accuracy, 64 * EPS * largest)) & ~(above & doubted)
    wave = np.where(above | trusted, 0.0, step)
    hidden = wave.sum(axis=1) > HIDING
    if hidden.any():
        hidden = _longest(wave, ~trusted) > HIDING
    return _sign_changes(psi, trusted), hidden


def _carried(log: Array, step: Array) -> Array:
    """The largest value of all points, each less the decay by `step` between it and the point; same shape."""
    decay = step.cumsum(axis=1)
    right = np.maximum.accumulate(log + decay, axis=1) - decay
    left = np.maximum.accumulate((log - decay)[:, ::-1], axis=1)[:, ::-1] + decay
    return np.asarray(np.maximum(left, right))


def _sign_changes(psi: Array, trusted: NDArray[np.bool]) -> NDArray[np.int64]:
    """How often the trusted values of each row change their sign."""
    at = np.flatnonzero(trusted)
    positive = psi.ravel()[at] > 0
    change = np.flatnonzero(positive[1:] != positive[:-1])
    before, after = at[change] // psi.shape[1], at[change + 1] // psi.shape[1]
    return np.bincount(after[before == after], minlength=len(psi))


def _longest(lengths: Array, where: NDArray[np.bool]) -> Array:
    """The largest sum of `lengths`, which are 0 elsewhere, over an unbroken run of `where`, row by row."""
    total = lengths.cumsum(axis=1)
    # at every point outside a run, the sum so far is the start of the next run
    start = np.maximum.accumulate(np.where(where, 0.0, total), axis=1)
    return np.asarray((total - start).max(axis=1))
