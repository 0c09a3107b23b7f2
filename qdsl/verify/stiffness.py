"""Cells with constant coefficients: dynamic stiffness, and how many negative directions a form has.

On a cell of length h with constants p and g the solutions of p psi'' = g psi that take given values at the
two ends have the fluxes

    p/h (theta cot theta psi_1 - theta/sin theta psi_2),   theta = h sqrt(-g/p)

(hyperbolic for g > 0), and the form int p |psi'|^2 + g |psi|^2 has as many negative directions as there are
integers below theta/pi, plus negative eigenvalues of the assembled matrix (Wittrick and Williams, Q. J. Mech.
Appl. Math. 24 (1971) 263).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dstebz

from qdsl.states import Array

FLAT = 1e-150
"""Below this theta the two functions of it are 1, as they are at 0."""


def stiffness(length: Array, p: Array, g: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Diagonal and off-diagonal entries, and the integers below theta/pi, each (cells,)."""
    theta = np.maximum(length * np.sqrt(np.abs(g) / p), FLAT)
    waves = g < 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        sine, sinh = np.sin(theta), np.sinh(theta)
        waving = theta / sine
        diagonal = np.where(waves, waving * np.cos(theta), theta / np.tanh(theta))
        off = np.where(waves, waving, np.where(np.isfinite(sinh), theta / sinh, 0.0))
    turns = theta / math.pi
    whole = np.floor(turns).astype(np.int64)
    # next to a multiple of pi the sine of theta itself decides on which side it lies
    wrong = np.flatnonzero(waves & ((sine < 0) != (whole & 1)))
    whole[wrong] += np.where(turns[wrong] - whole[wrong] < 0.5, -1, 1)
    rate = p / length
    return diagonal * rate, -off * rate, np.where(waves, whole, 0)


def negative(diagonal: Array, off: Array) -> int:
    """Negative eigenvalues of a symmetric tridiagonal matrix, by Sturm's sequence (LAPACK's dstebz)."""
    if len(diagonal) == 1:
        return int(diagonal[0] < 0)
    lowest = -4.0 * float(np.abs(diagonal).max() + 2 * np.abs(off).max()) - 1.0
    tolerance = -lowest  # no eigenvalue is asked for, only how many there are
    count, *_, info = dstebz(diagonal, off, 1, lowest, 0.0, 0, 0, tolerance, "E")
    if info:
        raise np.linalg.LinAlgError("Sturm's sequence could not be evaluated")
    return int(count)
