"""How many eigenvalues lie below an energy: exact counting for spectral elements, in linear time.

Bubbles are eliminated element by element.  In a basis of each element's bubbles that makes
K - shift M the unit matrix and M = diag(mu), and with e = E - shift, the hats see

    T(e) = S_hh - e M_hh - sum_k (s_k - e m_k)(s_k - e m_k)^T / (1 - e mu_k),

a tridiagonal matrix, and (Wittrick and Williams, Q. J. Mech. Appl. Math. 24 (1971) 263)

    number of eigenvalues below E = number of bubble poles 1/mu_k below e + negative pivots of T(e).

The count is Sylvester's inertia, so no eigenvalue is missed, however close to its neighbour it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.elements import Elements

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Condensed:
    """The hats' 2x2 blocks (elements, 2, 2) and the diagonalised bubbles.

    `mu` (elements, bubbles), `hat` (elements, 2, 2) and `hat_mass` of the same shape, `coupling` and
    `coupling_mass` (elements, 2, bubbles): the letters mu, S_hh, M_hh, s and m of the module's formula.
    """

    shift: float
    mu: Array
    hat: Array
    hat_mass: Array
    coupling: Array
    coupling_mass: Array


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
    )


def count_below(condensed: Condensed, energies: Array) -> Counts:
    """The number of eigenvalues below each energy, with psi = 0 at both ends; shape (energies,), int."""
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
    gap = np.where(gap == 0, np.finfo(np.float64).tiny, gap)
    left = c.coupling[:, 0] - shape * c.coupling_mass[:, 0]
    right = c.coupling[:, 1] - shape * c.coupling_mass[:, 1]
    left_over, right_over = left / gap, right / gap
    flat = e[:, None]
    t00 = c.hat[:, 0, 0] - flat * c.hat_mass[:, 0, 0] - (left * left_over).sum(axis=2)
    t11 = c.hat[:, 1, 1] - flat * c.hat_mass[:, 1, 1] - (right * right_over).sum(axis=2)
    t01 = c.hat[:, 0, 1] - flat * c.hat_mass[:, 0, 1] - (left * right_over).sum(axis=2)
    diagonal = t11[:, :-1] + t00[:, 1:]
    squares = t01[:, 1:-1] ** 2
    negative = np.zeros(e.shape, dtype=np.int64)
    pivot = np.full(e.shape, np.inf)
    for i in range(diagonal.shape[1]):
        pivot = diagonal[:, i] - (squares[:, i - 1] / pivot if i else 0.0)
        # a pivot of exactly 0 stands for either sign; tiny keeps the division finite
        pivot = np.where(pivot == 0, np.finfo(np.float64).tiny, pivot)
        negative += pivot < 0
    return np.asarray(poles + negative)


def counted_energies(condensed: Condensed, first: int, last: int, guess: float) -> Array:
    """Eigenvalues number `first` .. `last` (from 0) by bisection of the count.

    `guess` > shift is any first idea of the highest energy.  Cost: linear in elements and in states.
    """
    wanted = np.arange(first, last + 1)
    step = guess - condensed.shift
    while count_below(condensed, np.array([condensed.shift + step]))[0] <= last:
        step *= 2
    low = np.zeros(wanted.shape)
    high = np.full(wanted.shape, step)
    # All brackets shrink together: a count at one energy serves every state.
    while True:
        middle = 0.5 * (low + high)
        # stop where the middle is an end of its bracket: neighbouring floating-point numbers
        if np.all((middle <= low) | (middle >= high) | (high - low <= 2e-16 * high)):
            return np.asarray(condensed.shift + middle)
        below = count_below(condensed, condensed.shift + middle)
        for index in range(len(wanted)):
            low[index] = max(low[index], middle[below <= wanted[index]].max(initial=0.0))
            high[index] = min(high[index], middle[below > wanted[index]].min(initial=np.inf))
