"""Legendre spectral elements: the matrices of -(p psi')' + q psi = E w psi, element by element.

On the reference interval [-1, 1] the basis of degree N is the two hats (1 -+ t)/2 and the bubbles

    phi_k = (P_k - P_{k-2}) / sqrt(2 (2k - 1)),   phi_k' = sqrt((2k - 1)/2) P_{k-1},   k = 2 .. N,

whose derivatives are orthonormal (Szabo and Babuska, Finite Element Analysis, 1991).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.linalg
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.quadrature import gauss
from qdsl.verify.singular import EndSamples, end_basis
from qdsl.verify.wkb import Samples


@dataclass(frozen=True)
class Elements:
    """Element matrices, each of shape (elements, N + 1, N + 1); the first and last index are the hats.

    `shifted` = K - shift M with K = int p phi' phi' + q phi phi and `mass` M = int w phi phi.  With a
    shift below min q/w it is positive definite, and the eigenproblem M v = (1/(E - shift)) (K - shift M) v
    gives the lowest energies to rounding however high the walls are.

    Point terms of the form (point interactions, Robin ends) are in the hats of their edges.
    `fixed`: at which ends psi = 0, so that their hat is no unknown.  A free hat leaves the natural
    condition of the form: p psi' = 0, or that of the point term there.
    `factor`: psi(right end) / psi(left end) for coupled ends, whose hats are one unknown; else None.
    """

    shift: float
    shifted: Array
    mass: Array
    fixed: tuple[bool, bool] = (True, True)
    factor: complex | None = None

    @property
    def unknowns(self) -> int:
        """Size of the assembled problem."""
        elements, size, _ = self.mass.shape
        hats = elements if self.factor is not None else elements + 1 - sum(self.fixed)
        return int(elements * (size - 2) + hats)


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
    for side, end in enumerate(samples.ends):
        if end is not None:
            shifted[-side], mass[-side] = _end_matrices(end, degree, shift)
    shifted[:, -1, -1] += samples.strengths[1:]
    shifted[0, 0, 0] += samples.strengths[0]
    return Elements(shift, shifted, mass, samples.fixed, _factor(samples.phase))


def _end_matrices(at: EndSamples, degree: int, shift: float) -> tuple[Array, Array]:
    """The matrices of the element at a singular end, whose unknowns are those of v."""
    value, slope = end_basis(degree, len(at.weights), at.end.weight)
    stiff = at.weights * at.p / at.length**2
    height = at.weights * (at.q - shift * at.w)
    shifted = (slope * stiff) @ slope.T + (value * height) @ value.T
    mass = (value * (at.weights * at.w)) @ value.T
    order = slice(None, None, at.end.direction)  # from left to right
    return shifted[order, order], mass[order, order]


def _factor(phase: float | None) -> complex | None:
    """exp(i phase), exactly +1 or -1 where rounding alone keeps it from being real."""
    if phase is None:
        return None
    if abs(math.sin(phase)) < 4 * np.finfo(np.float64).eps:
        return complex(math.copysign(1.0, math.cos(phase)))
    return cmath.exp(1j * phase)


def dense_energies(elements: Elements, first: int, last: int) -> Array:
    """Eigenvalues number `first` .. `last` (from 0), by dense algebra."""
    size = elements.unknowns
    mu = scipy.linalg.eigh(
        _assembled(elements.mass, elements),
        _assembled(elements.shifted, elements),
        eigvals_only=True,
        subset_by_index=[size - 1 - last, size - 1 - first],
        overwrite_a=True,
        overwrite_b=True,
        check_finite=False,
    )
    return np.asarray(elements.shift + 1 / mu[::-1])


def _assembled(blocks: Array, like: Elements) -> NDArray[Any]:
    """The global matrix: neighbours share a hat, and so do coupled ends; hats of fixed ends are left out."""
    elements, size, _ = blocks.shape
    stride = size - 1
    whole = np.zeros((elements * stride + 1, elements * stride + 1))
    for i, block in enumerate(blocks):
        at = slice(i * stride, i * stride + size)
        whole[at, at] += block
    if like.factor is None:
        first, last = like.fixed
        return whole[int(first) : len(whole) - int(last), int(first) : len(whole) - int(last)]
    factor = like.factor.real if like.factor.imag == 0 else like.factor
    tied = whole.astype(type(factor))
    tied[:, 0] += factor * tied[:, -1]
    tied[0, :] += np.conj(factor) * tied[-1, :]
    return tied[:-1, :-1]


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
