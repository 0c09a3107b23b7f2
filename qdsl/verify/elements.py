"""Legendre spectral elements: the matrices of -(p psi')' + q psi = E w psi, element by element.

On the reference interval [-1, 1] the basis of degree N is the two hats (1 -+ t)/2 and the bubbles

    phi_k = (P_k - P_{k-2}) / sqrt(2 (2k - 1)),   phi_k' = sqrt((2k - 1)/2) P_{k-1},   k = 2 .. N,

whose derivatives are orthonormal (Szabo and Babuska, Finite Element Analysis, 1991, section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.linalg
from numpy.polynomial import legendre

from qdsl.states import Array
from qdsl.verify.quadrature import gauss
from qdsl.verify.wkb import Samples


@dataclass(frozen=True)
class Elements:
    """Element matrices, each of shape (elements, N + 1, N + 1); the first and last index are the hats.

    `shifted` = K - shift M with K = int p phi' phi' + q phi phi and `mass` M = int w phi phi.  With a
    shift below min q/w it is positive definite, and the eigenproblem M v = (1/(E - shift)) (K - shift M) v
    gives the lowest energies to rounding however high the walls are.
    """

    shift: float
    shifted: Array
    mass: Array

    @property
    def unknowns(self) -> int:
        """Size of the assembled problem with psi = 0 at both ends."""
        elements, size, _ = self.mass.shape
        return int(elements * (size - 1) - 1)


def element_matrices(samples: Samples, degree: int, shift: float | None = None) -> Elements:
    """The matrices of a mesh; without a `shift` the sampled minimum of q/w is taken."""
    if shift is None:
        shift = samples.floor
    value, slope = _basis(degree, samples.x.shape[1])
    length = np.diff(samples.edges)[:, None]
    stiff = samples.weights * samples.p * (2 / length) ** 2
    height = samples.weights * (samples.q - shift * samples.w)
    shifted = (slope * stiff[:, None, :]) @ slope.T + (value * height[:, None, :]) @ value.T
    mass = (value * (samples.weights * samples.w)[:, None, :]) @ value.T
    return Elements(shift, shifted, mass)


def dense_energies(elements: Elements, first: int, last: int) -> Array:
    """Eigenvalues number `first` .. `last` (from 0) with psi = 0 at both ends, by dense algebra."""
    size = elements.unknowns
    mu = scipy.linalg.eigh(
        _assembled(elements.mass),
        _assembled(elements.shifted),
        eigvals_only=True,
        subset_by_index=[size - 1 - last, size - 1 - first],
        overwrite_a=True,
        overwrite_b=True,
        check_finite=False,
    )
    return np.asarray(elements.shift + 1 / mu[::-1])


def _assembled(blocks: Array) -> Array:
    """The global matrix: neighbours share a hat; those at the two ends of the domain are left out."""
    elements, size, _ = blocks.shape
    stride = size - 1
    whole = np.zeros((elements * stride + 1, elements * stride + 1))
    for i, block in enumerate(blocks):
        at = slice(i * stride, i * stride + size)
        whole[at, at] += block
    return whole[1:-1, 1:-1]


@lru_cache(maxsize=16)
def _basis(degree: int, count: int) -> tuple[Array, Array]:
    """Values and t-derivatives of the basis at the Gauss points, each of shape (degree + 1, count).

    Order: left hat, bubbles 2 .. degree, right hat.
    """
    t = gauss(count)[0]
    p = legendre.legvander(t, degree).T
    k = np.arange(2, degree + 1)[:, None]
    bubbles = (p[2:] - p[:-2]) / np.sqrt(2 * (2 * k - 1))
    slopes = np.sqrt((2 * k - 1) / 2) * p[1:-1]
    value = np.vstack([(1 - t) / 2, bubbles, (1 + t) / 2])
    slope = np.vstack([np.full_like(t, -0.5), slopes, np.full_like(t, 0.5)])
    return value, slope
