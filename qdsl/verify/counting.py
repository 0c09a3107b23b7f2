"""How many eigenvalues lie below an energy: exact counting for spectral elements, in linear time.

Bubbles are eliminated element by element.  In a basis of each element's bubbles that makes
K - shift M the unit matrix and M = diag(mu), and with e = E - shift, the hats see

    T(e) = S_hh - e M_hh - sum_k (s_k - e m_k)(s_k - e m_k)^T / (1 - e mu_k),

a tridiagonal matrix, cyclic for coupled ends, and (Wittrick and Williams, Q. J. Mech. Appl. Math. 24
(1971) 263)

    number of eigenvalues below E = number of bubble poles 1/mu_k below e + negative pivots of T(e).

The count is Sylvester's inertia, so no eigenvalue is missed, however close to its neighbour it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS, TINY
from qdsl.states import Array
from qdsl.verify.elements import Elements
from qdsl.verify.stiffness import negative

Counts = NDArray[np.int64]
# Relative distance from an energy that is expected at which the count tries to enclose it.
NEAR = 1e-9


@dataclass(frozen=True)
class Condensed:
    """The hats' 2x2 blocks (elements, 2, 2) and the diagonalised bubbles.

    `mu` (elements, bubbles), `hat` (elements, 2, 2) and `hat_mass` of the same shape, `coupling` and
    `coupling_mass` (elements, 2, bubbles): the letters mu, S_hh, M_hh, s and m of the module's formula;
    `fixed` and `factor` as for `Elements`.
    """

    shift: float
    mu: Array
    hat: Array
    hat_mass: Array
    coupling: Array
    coupling_mass: Array
    fixed: tuple[bool, bool]
    factor: complex | None


def condense(elements: Elements) -> Condensed:
    """Diagonalise the bubbles of every element."""
    hats = [0, elements.mass.shape[1] - 1]
    inner = slice(1, -1)
    root = np.linalg.cholesky(elements.shifted[:, inner, inner])
    half = np.linalg.solve(root, elements.mass[:, inner, inner])
    mu, vectors = np.linalg.eigh(np.linalg.solve(root, half.swapaxes(1, 2)))
    change = np.linalg.solve(root.swapaxes(1, 2), vectors)
    return Condensed(
        shift=elements.shift,
        mu=mu,
        hat=elements.shifted[:, hats][:, :, hats],
        hat_mass=elements.mass[:, hats][:, :, hats],
        coupling=elements.shifted[:, hats, inner] @ change,
        coupling_mass=elements.mass[:, hats, inner] @ change,
        fixed=elements.fixed,
        factor=elements.factor,
    )


def count_below(condensed: Condensed, energies: Array) -> Counts:
    """The number of eigenvalues below each energy; shape (energies,), int."""
    e = np.asarray(energies, dtype=np.float64) - condensed.shift
    result = np.empty(e.shape, dtype=np.int64)
    elements, bubbles = condensed.mu.shape
    chunk = max(1, 4_000_000 // (elements * bubbles))
    for start in range(0, len(e), chunk):
        result[start : start + chunk] = _count(condensed, e[start : start + chunk])
    return result


def _count(c: Condensed, e: Array) -> Counts:
    shape = e[:, None, None]
    gap = 1 - shape * c.mu
    poles = (gap < 0).sum(axis=(1, 2))
    gap = _not_zero(gap, np.ones_like(gap))
    left = c.coupling[:, 0] - shape * c.coupling_mass[:, 0]
    right = c.coupling[:, 1] - shape * c.coupling_mass[:, 1]
    left_over, right_over = left / gap, right / gap
    flat = e[:, None]
    t00 = c.hat[:, 0, 0] - flat * c.hat_mass[:, 0, 0] - (left * left_over).sum(axis=2)
    t11 = c.hat[:, 1, 1] - flat * c.hat_mass[:, 1, 1] - (right * right_over).sum(axis=2)
    t01 = c.hat[:, 0, 1] - flat * c.hat_mass[:, 0, 1] - (left * right_over).sum(axis=2)
    if c.factor is not None:
        return np.asarray(poles + _negative_in_cycle(t00 + np.roll(t11, 1, axis=1), t01, c.factor))
    diagonal = np.pad(t00, ((0, 0), (0, 1))) + np.pad(t11, ((0, 0), (1, 0)))
    first, last = int(c.fixed[0]), diagonal.shape[1] - int(c.fixed[1])
    return np.asarray(poles + _negative_in_chain(diagonal[:, first:last], t01[:, first:]))


def _negative_in_chain(diagonal: Array, off: Array) -> Counts:
    """Negative eigenvalues of tridiagonal matrices; (energies, hats), (energies, links)."""
    if not diagonal.shape[1]:
        return np.zeros(len(diagonal), dtype=np.int64)
    links = off[:, : diagonal.shape[1] - 1]
    return np.array([negative(d, o) for d, o in zip(diagonal, links, strict=True)], dtype=np.int64)


def _negative_in_cycle(diagonal: Array, off: Array, factor: complex) -> Counts:
    """The same where the last hat is linked to the first one with off[-1] times `factor`.

    The first hat is the border of the matrix and is eliminated last.  Where a pivot nearly vanishes (a
    state with nodes at the border and at the pivot's hat) the border loses digits, so that three
    borders are tried and the one with the smallest terms counts.
    """
    hats = diagonal.shape[1]
    borders = {0, hats // 3, (2 * hats) // 3 + 1} if hats > 4 else {0}
    tried = [
        _bordered(np.roll(diagonal, -at, axis=1), np.roll(off, -at, axis=1), factor) for at in sorted(borders)
    ]
    counts, terms = (np.stack(parts) for parts in zip(*tried, strict=True))
    return np.asarray(np.take_along_axis(counts, terms.argmin(axis=0)[None], 0)[0])


def _bordered(diagonal: Array, off: Array, factor: complex) -> tuple[Counts, Array]:
    """Negative eigenvalues with the first hat eliminated last, and the largest term |b|^2 / pivot."""
    energies, hats = diagonal.shape
    negative, largest = np.zeros(energies, dtype=np.int64), np.zeros(energies)
    corner, border, pivot = diagonal[:, 0].copy(), np.zeros(energies, dtype=complex), np.ones(energies)
    if hats == 1:
        corner += 2 * factor.real * off[:, 0]
    for i in range(1, hats):
        border = -off[:, i - 1] * border / pivot if i > 1 else off[:, 0].astype(complex)
        pivot = _not_zero(diagonal[:, i] - (off[:, i - 1] ** 2 / pivot if i > 1 else 0.0), diagonal[:, i])
        if i == hats - 1:
            border = border + off[:, i] * factor
        negative += pivot < 0
        term = np.abs(border) ** 2 / pivot
        corner -= term
        largest = np.maximum(largest, np.abs(term))
    return negative + (corner < 0), largest


def _not_zero(value: Array, size: Array) -> Array:
    """A value of exactly 0 stands for either sign; one far below the rounding of `size` is as good."""
    return np.where(value == 0, EPS**2 * np.abs(size) + TINY, value)


def counted_energies(
    condensed: Condensed, first: int, last: int, guess: float, near: Array | None = None
) -> Array:
    """Eigenvalues number `first` .. `last` (from 0) by bisection of the count.

    `guess` > shift is any first idea of the highest energy, `near` (states,) one of each of them, which
    is tried and dropped where the count says otherwise.  Cost: linear in elements and in states.
    """
    wanted = np.arange(first, last + 1)
    step = guess - condensed.shift
    while count_below(condensed, np.array([condensed.shift + step]))[0] <= last:
        step *= 2
    low, high = np.zeros(wanted.shape), np.full(wanted.shape, step)
    if near is not None:
        above = near - condensed.shift
        low, high = _narrowed(condensed, wanted, low, high, above * (1 - NEAR))
        low, high = _narrowed(condensed, wanted, low, high, above * (1 + NEAR))
    # All brackets shrink together: a count at one energy serves every state.
    while True:
        middle = 0.5 * (low + high)
        # stop where the middle is an end of its bracket: neighbouring floating-point numbers
        if np.all((middle <= low) | (middle >= high) | (high - low <= 2e-16 * high)):
            return np.asarray(condensed.shift + middle)
        low, high = _narrowed(condensed, wanted, low, high, middle)


def _narrowed(c: Condensed, wanted: Counts, low: Array, high: Array, at: Array) -> tuple[Array, Array]:
    """The brackets of the `wanted` numbers after counting at some energies above the shift."""
    at = np.unique(at)
    below = np.maximum.accumulate(count_below(c, c.shift + at))  # states that coincide: rounding decides
    after = np.searchsorted(below, wanted, side="right")  # the first energy with more than n states below
    return np.maximum(low, np.append(0.0, at)[after]), np.minimum(high, np.append(at, np.inf)[after])
