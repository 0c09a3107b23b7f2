"""The lowest states of spectral elements by dense algebra (LAPACK), for as long as they are few unknowns."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from scipy.linalg.lapack import dsygvx, dsytrf

from qdsl.states import Array
from qdsl.verify.elements import Elements, in_elements

# LAPACK's workspace per unknown: it likes blocks of 32 columns.
WORK = 35


def dense_energies(elements: Elements, first: int, last: int) -> Array:
    """Eigenvalues number `first` .. `last` (from 0)."""
    return _lowest(elements, first, last, "N")[0]


def dense_states(elements: Elements, last: int) -> tuple[Array, Array]:
    """The energies number 0 .. `last` and the coefficients of the states in every element.

    (states,) and (elements, N + 1, states); for coupled ends the latter is empty.
    """
    if elements.factor is not None:
        return dense_energies(elements, 0, last), np.empty((0, 0, 0))
    energies, vectors = _lowest(elements, 0, last, "V")
    return energies, in_elements(elements, vectors)


def dense_count(elements: Elements, energy: float) -> int:
    """The number of eigenvalues below an energy, for ends that are not coupled: Sylvester's inertia.

    Of K - E M = L D L^T, where every 2 x 2 block of D has one negative eigenvalue (Bunch and Kaufman,
    Math. Comp. 31 (1977) 163).
    """
    blocks = elements.shifted - (energy - elements.shift) * elements.mass
    size = elements.unknowns
    factors, pivots, _ = dsytrf(_assembled(blocks, elements).T, lower=1, lwork=WORK * size, overwrite_a=1)
    single = pivots > 0
    return int((factors.diagonal()[single] < 0).sum()) + (size - int(single.sum())) // 2


def _lowest(elements: Elements, first: int, last: int, job: str) -> tuple[Array, Array]:
    """Energies, and for the job "V" the unknowns (unknowns, states)."""
    size = elements.unknowns
    mass, shifted = _assembled(elements.mass, elements), _assembled(elements.shifted, elements)
    least, most = size - last, size - first
    if np.iscomplexobj(mass):
        mu = scipy.linalg.eigh(
            mass, shifted, eigvals_only=True, subset_by_index=[least - 1, most - 1], check_finite=False
        )
        return np.asarray(elements.shift + 1 / mu[::-1]), np.empty((0, 0))
    # of symmetric matrices, the transposes are the same in the order of Fortran
    options = {"jobz": job, "range": "I", "il": least, "iu": most, "lwork": WORK * size}
    mu, vectors, found, _, info = dsygvx(mass.T, shifted.T, **options, overwrite_a=1, overwrite_b=1)
    if info:
        raise np.linalg.LinAlgError("the matrices are not definite, or have no eigenvalues")
    return np.asarray(elements.shift + 1 / mu[found - 1 :: -1]), vectors[:, found - 1 :: -1]


def _assembled(blocks: Array, like: Elements) -> NDArray[Any]:
    """The global matrix: neighbours share a hat, and so do coupled ends; hats of fixed ends are left out."""
    elements, size, _ = blocks.shape
    stride = size - 1
    whole = np.zeros((elements * stride + 1, elements * stride + 1))
    down, right = whole.strides
    places = as_strided(whole, blocks.shape, (stride * (down + right), down, right))
    places[:, :-1, :-1] = blocks[:, :-1, :-1]  # these do not overlap, and nor do the others
    places[:, -1, :-1], places[:, :-1, -1] = blocks[:, -1, :-1], blocks[:, :-1, -1]
    places[:, -1, -1] += blocks[:, -1, -1]
    if like.factor is None:
        first, last = like.fixed
        return whole[int(first) : len(whole) - int(last), int(first) : len(whole) - int(last)]
    factor = like.factor.real if like.factor.imag == 0 else like.factor
    tied = whole.astype(type(factor))
    tied[:, 0] += factor * tied[:, -1]
    tied[0, :] += np.conj(factor) * tied[-1, :]
    return tied[:-1, :-1]
