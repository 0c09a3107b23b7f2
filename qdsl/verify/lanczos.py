"""The lowest states of many spectral elements, from states that are nearly right, in linear time.

With K - shift M = L L^T, a matrix of bands, the eigenproblem is that of C = L^{-1} M L^{-T}, whose largest
eigenvalues are mu = 1/(E - shift).  The space of a few vectors is extended by the residuals of its Ritz pairs
(block Lanczos; Parlett, The Symmetric Eigenvalue Problem, chapter 13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbtrf, dtbtrs

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.counting import condense, count_below
from qdsl.verify.dense import dense_count, dense_states
from qdsl.verify.elements import Elements, in_elements, kept, summed

# How often a space is extended before its start counts as a bad one, and up to which size.
STEPS, LARGEST = 10, 400
# States beyond those that are asked for which lead a space: the gap behind the last one may be narrow.
SPARE = 2
# Up to this size all states are found at once, and the first polynomials are those of this degree.
FEW, LINEAR = 70, 2
# The relative gap behind the last state below which it takes too many steps.
NARROW = 0.05
# Up to this size the inertia of a dense matrix is found sooner than that of condensed elements.
DENSE = 350
# How far behind the last one states are counted, relative to its distance from the shift: farther than
# rounding may move it, and hardly farther, as the next Ritz value may still be too high.
BEHIND = 1e-9
# |R|^2 over mu times the gap: the relative error of mu, at the end and for a start.
ROUNDING, BEGUN = 0.25 * EPS, 1e-6


@dataclass(frozen=True, eq=False)
class Ritz:
    """The `good` leading ones of these states are right; the energies go on with further Ritz values.

    `energies` (good + 1,), `states` (elements, N + 1, width): coefficients in the elements.
    """

    good: int
    energies: Array
    states: Array


def lowest_states(elements: Elements, count: int) -> tuple[Array, Array] | None:
    """At least the lowest `count` energies, and the coefficients of the states in every element.

    (states,) and (elements, N + 1, states).  None where they are not found this way.
    """
    start = _begun(elements, count)
    return None if start is None else states_from(elements, start, count)


def _begun(elements: Elements, count: int) -> Array | None:
    """Coefficients of approximate states, (elements, N + 1, states): those of half the degree, and so on.

    None where the gap behind them is so narrow that dense algebra or counting is faster.
    """
    size = elements.mass.shape[1]
    degree = (size - 1) // 2
    functions = kept(degree, size)
    rows, columns = np.array(functions)[:, None], np.array(functions)
    fewer = replace(
        elements, shifted=elements.shifted[:, rows, columns], mass=elements.mass[:, rows, columns]
    )
    begun: Array | None
    if fewer.unknowns <= FEW or degree <= LINEAR:
        energies, begun = dense_states(fewer, min(count + SPARE, fewer.unknowns) - 1)
        mu = 1 / (energies[count - 1 :] - elements.shift)
        if len(mu) < 2 or (mu[:-1] / mu[1:]).max() < 1 + NARROW:
            return None
    else:
        further = _begun(fewer, count)
        begun = _extended(fewer, further, count, BEGUN).states if further is not None else None
    if begun is None:
        return None
    start = np.zeros((len(begun), size, begun.shape[2]))
    start[:, functions] = begun
    return start


def states_from(elements: Elements, start: Array, count: int) -> tuple[Array, Array] | None:
    """The same from coefficients (elements, N + 1, at least `count`) that are nearly right.

    None where they are not, and where there is a state that the start knows nothing of: what lies below the
    highest one is counted.
    """
    found = _extended(elements, start, count, ROUNDING)
    if not found.good:
        return None
    energies = found.energies[:-1]
    last, further = found.energies[-2:].tolist()
    above = last + min(BEHIND * (last - elements.shift), 0.5 * (further - last))
    if elements.unknowns <= DENSE:
        number = dense_count(elements, above)
    else:
        number = int(count_below(condense(elements), np.array([above]))[0])
    return (energies, found.states[:, :, : found.good]) if number == found.good else None


def _extended(elements: Elements, start: Array, count: int, accuracy: float) -> Ritz:
    """The Ritz pairs of a space that is extended until `count` of them are accurate enough."""
    root, info = dpbtrf(_banded(elements), lower=1, overwrite_ab=1)
    if info:
        raise np.linalg.LinAlgError("the shift is not below the spectrum")

    def applied(vectors: Array) -> Array:
        inner = dtbtrs(root, vectors, uplo="L", trans="T")[0]
        return np.asarray(dtbtrs(root, _massive(elements, in_elements(elements, inner)), uplo="L")[0])

    # L^{-1} M v = L^T w, where K w = M v is nearer to the states than v
    space = _orthonormal(dtbtrs(root, _massive(elements, start), uplo="L")[0])
    image = applied(space)
    width = space.shape[1]
    for step in range(STEPS):
        values, rotation = np.linalg.eigh(space.T @ image)
        values, rotation = values[::-1], rotation[:, ::-1]
        vectors = space @ rotation[:, :width]
        residual = image @ rotation[:, :width] - vectors * values[:width]
        good = _good(values, (residual**2).sum(axis=0).cumsum(), count, accuracy)
        size = space.shape[1] + width
        if good or step == STEPS - 1 or size > min(LARGEST, len(space)):
            break
        for _ in range(2):  # twice is enough (Kahan)
            residual = _orthonormal(residual - space @ (space.T @ residual))
        space, image = np.hstack([space, residual]), np.hstack([image, applied(residual)])
    inner = dtbtrs(root, vectors, uplo="L", trans="T")[0]
    return Ritz(good, elements.shift + 1 / values[: good + 1], in_elements(elements, inner))


def _good(values: Array, residuals: Array, count: int, accuracy: float) -> int:
    """How many leading Ritz values are right to rounding, if these are `count` or more; else 0.

    `residuals` (width,): |R|^2 of the first 1, 2, ... of them.  Over the gap to the rest of the spectrum this
    bounds their errors (Parlett, theorem 11.7.1); of the rest nothing is known but Ritz values.
    """
    for good in range(count, min(len(residuals), len(values) - 1) + 1):
        gap = float(values[good - 1] - values[good])
        if gap > 0 and float(residuals[good - 1]) <= accuracy * gap * float(values[good - 1]):
            return good
    return 0


def _orthonormal(vectors: Array) -> Array:
    return np.asarray(np.linalg.qr(vectors)[0])


def _massive(elements: Elements, coefficients: Array) -> Array:
    """M times vectors that are given in the elements, as unknowns."""
    return summed(elements, elements.mass @ coefficients)


def _banded(elements: Elements) -> Array:
    """K - shift M as LAPACK stores bands: [d, j] is the entry in column j, d below the diagonal."""
    number, size, _ = elements.shifted.shape
    flat, inside = _columns(size)
    columns = np.zeros((number * (size - 1) + 1, size))
    columns[:-1] = (elements.shifted.reshape(number, -1)[:, flat] * inside).reshape(-1, size)
    columns[size - 1 :: size - 1, 0] += elements.shifted[:, -1, -1]
    first, last = elements.fixed
    return columns[int(first) : len(columns) - int(last)].T


@lru_cache(maxsize=16)
def _columns(size: int) -> tuple[NDArray[np.int64], NDArray[np.bool]]:
    """Where in the flattened matrix of an element its columns from the diagonal down are, but for the last.

    Both of shape ((size - 1) * size,): the entries, and which of them are there at all.
    """
    column = np.arange(size - 1)[:, None]
    row = column + np.arange(size)
    inside = row < size
    return (np.where(inside, row, 0) * size + column).ravel(), inside.ravel()
