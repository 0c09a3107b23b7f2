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


@dataclass(frozen=True)
class Densities:
    """Those for the pole above a run of states, and for the one below."""

    above: Density
    below: Density


def densities(
    seen: Look,
    found: Residuals,
    numbers: Sequence[int],
    groups: Sequence[NDArray[np.int64]],
    reference: Reference,
) -> tuple[Densities, ...]:
    """The densities of each group of neighbouring states `numbers`, with the states next to the group."""
    energies, x = seen.fine.states.energies, seen.fine.rule.x.ravel()
    rows = [slice(max(int(at[0]) - 1, 0), int(at[-1]) + 2) for at in groups]
    factors = [
        [
            np.sqrt(_shares(pole, energies[some], reference.levels))[:, None] / found.norm[some, None]
            for pole in (int(numbers[at[-1]]), int(numbers[at[0]]) - 1)
        ]
        for at, some in zip(groups, rows, strict=True)
    ]
    values = np.empty((len(groups), 2, len(x)))
    start = 0
    for part in seen.fine.parts():
        psi = np.abs(part.jet.psi)
        end = start + psi.shape[1]
        for i, some in enumerate(rows):
            for side in (0, 1):
                values[i, side, start:end] = (psi[some] * factors[i][side]).max(axis=0)
        start = end
    values *= values
    return tuple(Densities(Density(x, above), Density(x, below)) for above, below in values)


def _shares(n: int, energies: Array, levels: Array) -> Array:
    """What a shift of each energy counts for a pole between the levels n and n + 1, (states,)."""
    if not 0 <= n < len(levels) - 1 or not np.isfinite(levels[n : n + 2]).all():
        return np.ones(energies.shape)
    low, high = float(levels[n]), float(levels[n + 1])
    pole, spacing = 0.5 * (low + high), 0.5 * (high - low)
    return spacing / np.maximum(np.abs(energies - pole), spacing) if spacing > 0 else np.ones(energies.shape)
