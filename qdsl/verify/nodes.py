"""Counting the nodes of psi: by Sturm's oscillation theorem, state n has n of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array, States
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.quadrature import composite

# Points per half wave; consecutive zeros are about half a wave apart.
PER_HALF_WAVE = 8
LEAST = 24


@dataclass(frozen=True)
class Nodes:
    """`counts` (states,): sign changes of psi between points where its sign can be trusted.

    `hidden` (states,): psi is below its own accuracy over a part of the classically allowed region
    that is long enough (a quarter wave) to hide nodes, so that the count is only a lower bound.
    """

    counts: NDArray[np.int64]
    hidden: NDArray[np.bool]


def count_nodes(c: Coefficients, states: States, pieces: Array) -> Nodes:
    """Count sign changes, at `PER_HALF_WAVE` points or more for every half wave of the highest state.

    The sign of psi at x is trusted where |psi(x)| exceeds its accuracy there: rounding, 64 eps max|psi|,
    and the response of the equation to the largest residual rho in the piece, |rho| / (|q - E w| + K)
    with K the mean kinetic energy per unit of w.  A stretch that is not trusted, such as the tunnelling
    region of a double well, is skipped: different signs on its two sides count as one node.
    """
    phase = _phase(c, pieces, float(states.energies.max()))
    count = LEAST + math.ceil(PER_HALF_WAVE / math.pi * phase)
    rule = composite(pieces, count)
    x = rule.x.ravel()
    p, q, w = (values.ravel() for values in c.at(rule.x))
    dp = c.slope(rule.x).ravel()
    psi, slope, curvature = (
        np.asarray(f(x), dtype=np.float64) for f in (states.psi, states.slope, states.curvature)
    )
    height = q - states.energies[:, None] * w
    rho = np.abs(height * psi - p * curvature - dp * slope)
    worst = rho.reshape(len(psi), *rule.x.shape).max(axis=2).repeat(count, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # psi = 0: no sign is trusted
        kinetic = rule.integral(p * slope**2) / rule.integral(w * psi**2)
        accuracy = worst / (np.abs(height) + kinetic[:, None] * w)
    eps = np.finfo(np.float64).eps
    floor = np.maximum(accuracy, 64 * eps * np.abs(psi).max(axis=1, keepdims=True))
    trusted = np.abs(psi) > floor
    wave = rule.weights.ravel() * np.sqrt(np.maximum(-height, 0.0) / p)
    counts = np.array([_sign_changes(psi[i][trusted[i]]) for i in range(len(psi))], dtype=np.int64)
    hidden = np.array([_longest(wave[i], ~trusted[i]) > 0.5 * math.pi for i in range(len(psi))])
    return Nodes(counts, hidden)


def _phase(c: Coefficients, pieces: Array, energy: float) -> float:
    """The largest phase that a piece holds at this energy, in radians."""
    rule = composite(pieces, LEAST)
    p, q, w = c.at(rule.x)
    return float((rule.weights * np.sqrt(np.maximum(energy * w - q, 0.0) / p)).sum(axis=1).max())


def _sign_changes(values: Array) -> int:
    signs = np.sign(values)
    return int((signs[1:] != signs[:-1]).sum())


def _longest(lengths: Array, where: NDArray[np.bool]) -> float:
    """The largest sum of `lengths` over an unbroken run of `where`."""
    total = np.concatenate([[0.0], np.cumsum(np.where(where, lengths, 0.0))])
    # at every point outside a run, the sum so far is the start of the next run
    start = np.maximum.accumulate(np.where(where, 0.0, total[1:]))
    return float((total[1:] - start).max())
