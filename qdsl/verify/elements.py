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

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
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
    if at.end.direction < 0:  # the function of the regular end is the left hat then, and J_0 is the right one
        order = np.array([degree, *range(1, degree), 0])
        return shifted[np.ix_(order, order)], mass[np.ix_(order, order)]
    return shifted, mass


def _factor(phase: float | None) -> complex | None:
    """exp(i phase), exactly +1 or -1 where rounding alone keeps it from being real."""
    if phase is None:
        return None
    if abs(math.sin(phase)) < 4 * EPS:
        return complex(math.copysign(1.0, math.cos(phase)))
    return cmath.exp(1j * phase)


def in_elements(like: Elements, unknowns: Array) -> Array:
    """Unknowns (unknowns, number) as coefficients in each element, (elements, N + 1, number).

    Hats that are no unknowns get 0; no coupled ends.
    """
    elements, size, _ = like.mass.shape
    first, last = like.fixed
    whole = np.zeros((elements * (size - 1) + 1, unknowns.shape[1]))
    whole[int(first) : len(whole) - int(last)] = unknowns
    return whole[_places(elements, size)]


def summed(like: Elements, parts: Array) -> Array:
    """The adjoint of `in_elements`: what elements share is added up."""
    elements, size, number = parts.shape
    whole = np.zeros((elements * (size - 1) + 1, number))
    whole[:-1] = parts[:, :-1].reshape(-1, number)
    whole[size - 1 :: size - 1] += parts[:, -1]
    first, last = like.fixed
    return whole[int(first) : len(whole) - int(last)]


@lru_cache(maxsize=64)
def _places(elements: int, size: int) -> NDArray[np.int64]:
    """Where the coefficients of each element are among all unknowns, (elements, size)."""
    return np.arange(elements)[:, None] * (size - 1) + np.arange(size)


def kept(degree: int, size: int) -> list[int]:
    """Which of `size` functions of an element are those of a lower degree: the bases are nested."""
    return [*range(degree), size - 1]


def narrower(coefficients: Array, shares: Array, places: Array) -> Array:
    """The coefficients of functions on parts of their elements; hats stay what they are.

    `coefficients` (elements, N + 1, states) on [-1, 1]; the parts are places + shares [-1, 1], both
    (elements,).  The slopes of the bubbles are orthonormal, and orthogonal to those of the hats.
    """
    degree = coefficients.shape[1] - 1
    t, weights = gauss(degree)
    points = places[:, None] + shares[:, None] * t
    table = _slopes_at(points.ravel(), degree).reshape(degree + 1, *points.shape)
    slopes = shares[:, None, None] * (table.transpose(1, 2, 0) @ coefficients)
    result = coefficients.copy()
    result[:, 1:-1] = (_basis(degree, degree)[1][1:-1] * weights) @ slopes
    return result


@lru_cache(maxsize=16)
def _basis(degree: int, count: int) -> tuple[Array, Array]:
    """Values and t-derivatives of the basis at the Gauss points, each of shape (degree + 1, count).

    Order: left hat, bubbles 2 .. degree, right hat.
    """
    t = gauss(count)[0]
    p = legendre.legvander(t, degree).T
    k = np.arange(2, degree + 1)[:, None]
    bubbles = (p[2:] - p[:-2]) / np.sqrt(2 * (2 * k - 1))
    return np.vstack([(1 - t) / 2, bubbles, (1 + t) / 2]), _slopes_at(t, degree)


def _slopes_at(t: Array, degree: int) -> Array:
    """The derivatives alone, at points of [-1, 1] of shape (points,): (degree + 1, points)."""
    result = np.empty((degree + 1, len(t)))
    result[0], result[-1] = -0.5, 0.5
    k = np.arange(2, degree + 1)[:, None]
    result[1:-1] = np.sqrt((2 * k - 1) / 2) * legendre.legvander(t, degree - 1).T[1:]
    return result
