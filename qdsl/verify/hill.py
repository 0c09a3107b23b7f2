"""How many levels of a periodic problem lie below an energy: the Hill discriminant.

Let M(E) carry (psi, p psi') over the cell, D = tr M, and n_D the number of zeros inside the cell of the
solution that starts with (0, 1), which is the number of Dirichlet eigenvalues below E.  The bands are the
energies with |D| <= 2, and band j carries D from 2 (-1)^j to -2 (-1)^j, passing 2 cos(phase) at its one
level; between bands j - 1 and j lies Dirichlet eigenvalue j - 1 (Magnus and Winkler, Hill's Equation, 1966;
Eastham, The Spectral Theory of Periodic Differential Equations, 1973, chapter 2).  So with

    j = n_D where |D| <= 2, else that one of n_D and n_D + 1 with (-1)^j = sign D,

j whole bands lie below E, and one level more if E is in band j above its level.

M is a product of closed-form exponentials, Magnus's method of fourth order (Iserles, Munthe-Kaas, Norsett
and Zanna, Acta Numerica 9 (2000) 215), and shares nothing with the spectral elements.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.quadrature import merged

# A step holds at most this much phase or decay at first: well below the half wave, so that no two zeros
# share a step.
STEP = 0.2
FEWEST, MOST = 64, 2**14
_OFFSET = math.sqrt(3) / 6
UNDECIDED = -1


@dataclass(frozen=True)
class Discriminant:
    """D = tr M and the zeros n_D at some energies, (energies,); huge |D| may be infinite.

    `error` bounds the error of D that comes from the steps (by comparison with half as many) and from
    rounding.
    """

    trace: Array
    zeros: NDArray[np.int64]
    error: Array


def count_below(c: Coefficients, energies: Array) -> NDArray[np.int64]:
    """The number of levels below each energy; `UNDECIDED` where the error of D hides the answer.

    That happens at a level itself, and near band edges that touch: D - 2 is quadratic there, and energies
    that differ by less than sqrt(error) cannot be told apart.  Raises ValueError for separated ends.
    """
    if c.phase is None:
        raise ValueError("the Hill discriminant counts levels of coupled ends only")
    result = np.full(len(energies), UNDECIDED, dtype=np.int64)
    steps = _steps(c, energies)
    while True:
        found = discriminant(c, energies, steps)
        low, middle, high = (
            _count(found.trace + sign * found.error, found.zeros, c.phase) for sign in (-1.0, 0.0, 1.0)
        )
        result = np.where((low == middle) & (high == middle), middle, UNDECIDED)
        if (result != UNDECIDED).all() or 2 * len(steps) > MOST:
            return result
        steps = _halved(steps)


def discriminant(c: Coefficients, energies: Array, edges: Array) -> Discriminant:
    """D and n_D from steps between `edges`, an even number of them in every smooth piece."""
    fine, zeros, largest = _propagated(c, energies, edges)
    coarse, _, _ = _propagated(c, energies, edges[::2])
    with np.errstate(invalid="ignore"):
        error = np.abs(fine - coarse)
    error = np.where(np.isfinite(error), error, 0.5 * np.abs(fine))  # a huge D: its sign alone matters
    return Discriminant(fine, zeros, error + 8 * EPS * math.sqrt(len(edges)) * np.maximum(largest, 1.0))


def _count(trace: Array, zeros: NDArray[np.int64], phase: float) -> NDArray[np.int64]:
    parity = np.where(trace >= 0, 0, 1)
    in_band = np.abs(trace) <= 2
    whole = np.where(in_band, zeros, zeros + (zeros % 2 != parity))
    goal = 2 * math.cos(phase)
    above = np.where(whole % 2 == 0, trace < goal, trace > goal)
    return np.asarray(whole + (in_band & (np.abs(trace) < 2) & above), dtype=np.int64)


def _steps(c: Coefficients, energies: Array) -> Array:
    """Edges of steps: even in each smooth piece, short against the largest wavenumber there."""
    pieces = merged(c.cuts, within=c.domain)
    parts = []
    for left, right in pairwise(pieces):
        x = left + (right - left) * (np.arange(256) + 0.5) / 256
        p, q, w = c.at(x)
        k = max(float(np.sqrt(np.abs(e * w - q) / p).max()) for e in (energies.min(), energies.max()))
        count = max(FEWEST, 2 * math.ceil(k * (right - left) / (2 * STEP)))
        parts.append(np.linspace(left, right, min(count, MOST), endpoint=False))
    return np.concatenate([*parts, pieces[-1:]])


def _halved(edges: Array) -> Array:
    fine = np.empty(2 * len(edges) - 1)
    fine[::2] = edges
    fine[1::2] = 0.5 * (edges[1:] + edges[:-1])
    return fine


def _propagated(c: Coefficients, energies: Array, edges: Array) -> tuple[Array, NDArray[np.int64], Array]:
    """tr M, the zeros of the solution from (0, 1), and the largest size of M on the way.

    M's columns are the solutions that start with (1, 0) and (0, 1).
    """
    step = _exponentials(c, energies, edges)
    kicks = c.strengths(edges)
    psi = np.array([np.ones(len(energies)), np.zeros(len(energies))])
    flux = psi[::-1].copy()
    scale = np.zeros(len(energies))  # logarithm of what M has been divided by
    zeros, largest = np.zeros(len(energies), dtype=np.int64), np.zeros(len(energies))
    positive = np.ones(len(energies), dtype=bool)
    for i in range(len(edges) - 1):
        flux = flux + kicks[i] * psi
        a, b, d = step[0][i], step[1][i], step[2][i]
        psi, flux = a[0] * psi + b * flux, d * psi + a[1] * flux
        now = np.where(psi[1] == 0, positive, psi[1] > 0)
        zeros += now != positive
        positive = now
        size = np.abs(psi).max(axis=0) + np.abs(flux).max(axis=0)
        huge = size > 1e100
        if huge.any():
            shrink = np.where(huge, size, 1.0)
            psi, flux, scale = psi / shrink, flux / shrink, scale + np.log(shrink)
        trace = np.abs(psi[0]) + np.abs(flux[1])
        largest = np.maximum(largest, trace * np.exp(np.minimum(scale, 700.0)))
    trace = psi[0] + flux[1]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(scale > 0, trace * np.exp(scale), trace), zeros, largest


def _exponentials(c: Coefficients, energies: Array, edges: Array) -> tuple[NDArray[np.float64], Array, Array]:
    """exp(Omega) of each step for each energy: its diagonal (steps, 2, energies), and the other two entries.

    For y' = A y with A = [[0, 1/p], [q - E w, 0]] and A_1, A_2 at the two Gauss points,
    Omega = h/2 (A_1 + A_2) - sqrt(3)/12 h^2 [A_1, A_2], which is [[d, r], [s, -d]].
    """
    h = np.diff(edges)[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    (a1, b1), (a2, b2) = (_matrix(c, middle + sign * _OFFSET * h, energies) for sign in (-1, 1))
    r, s = 0.5 * h * (a1 + a2), 0.5 * h * (b1 + b2)
    d = -math.sqrt(3) / 12 * h**2 * (a1 * b2 - a2 * b1)
    square = d**2 + r * s
    root = np.sqrt(np.abs(square))
    even = np.where(square >= 0, np.cosh(np.minimum(root, 300.0)), np.cos(root))
    safe = np.where(root > 0, root, 1.0)
    odd = np.where(square >= 0, np.sinh(np.minimum(root, 300.0)), np.sin(root)) / safe
    odd = np.where(root > 1e-8, odd, 1.0)
    return np.stack([even + odd * d, even - odd * d], axis=1), odd * r, odd * s


def _matrix(c: Coefficients, x: Array, energies: Array) -> tuple[Array, Array]:
    p, q, w = c.at(x)
    return np.broadcast_to(1 / p, (len(x), len(energies))), q - energies * w
