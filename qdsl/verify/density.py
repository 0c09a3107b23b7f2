"""Where the levels next to a pole live, which tells where cells must be fine to count the levels below it.

A coefficient that is off by delta in a cell moves level i by delta |psi_i|^2 there, to first order.  Only a
level near the pole is carried over it: one that is k times as far away may be moved k times as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.reference import Reference
from qdsl.verify.residual import Residuals
from qdsl.verify.sampling import Look


@dataclass(frozen=True)
class Density:
    """max |psi_i|^2 (values), each with a share, at points; int w |psi_i|^2 = 1.

    It steers the refinement; no result rests on it.
    """

    points: Array
    values: Array

    def at(self, x: Array) -> Array:
        return np.interp(x, self.points, self.values, left=0.0, right=0.0)


def densities(
    seen: Look,
    found: Residuals,
    numbers: Sequence[int],
    groups: Sequence[NDArray[np.int64]],
    reference: Reference,
) -> tuple[tuple[Density, ...], ...]:
    """For each group of neighbouring states that of the pole above it, and of the one below, if any.

    The states next to the group count, too.
    """
    energies, x, levels = seen.fine.states.energies, seen.fine.rule.x.ravel(), reference.levels
    poles, factors = [], []
    for at in groups:
        first, last = int(numbers[at[0]]), int(numbers[at[-1]])
        some = slice(max(int(at[0]) - 1, 0), int(at[-1]) + 2)
        poles.append((last, first - 1) if first else (last,))
        for n in poles[-1]:
            shares = np.sqrt(_shares(n, energies[some], levels))
            factors.append((some, (shares / found.norm[some])[:, None]))
    values = np.empty((len(factors), len(x)))
    start = 0
    for part in seen.fine.parts():
        psi = np.abs(part.jet.psi)
        end = start + psi.shape[1]
        for row, (some, factor) in enumerate(factors):
            values[row, start:end] = (psi[some] * factor).max(axis=0)
        start = end
    values *= values
    each = iter(values)
    return tuple(tuple(Density(x, next(each)) for _ in own) for own in poles)


def _shares(n: int, energies: Array, levels: Array) -> Array:
    """What a shift of each energy counts for a pole between the levels n and n + 1, (states,)."""
    if not 0 <= n < len(levels) - 1 or not np.isfinite(levels[n : n + 2]).all():
        return np.ones(energies.shape)
    low, high = float(levels[n]), float(levels[n + 1])
    pole, spacing = 0.5 * (low + high), 0.5 * (high - low)
    return spacing / np.maximum(np.abs(energies - pole), spacing) if spacing > 0 else np.ones(energies.shape)
