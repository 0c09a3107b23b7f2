"""The element at a singular end, where psi = phi v with phi = (y/h)^s and v smooth.

y is the distance to the end and h the length of the element, so that phi = 1 at its regular end, and in
t = y/h (see `qdsl.physics.endpoints` for the theorem)

    int p |psi'|^2 + q |psi|^2 = int t^b (p1 |v'|^2 + q1 |v|^2) dy + p s/h |psi|^2 at the regular end,
    p1 = p t^(1 - a),  q1 = (q - (p phi')'/phi) t^(1 - a),  w1 = w t^(1 - a),  b = 2 s + a - 1,

for p ~ y^a.  p1, q1 and w1 are bounded, and Gauss-Jacobi quadrature has the weight t^b.  The basis of v is
1, which is 1 at the regular end, and (1 - t) J_k(t) with the Jacobi polynomials of weight (1 - t)^2 t^b, so
that the mass matrix is nearly the unit matrix; Legendre's would be dependent to rounding from b = 11 on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.special

from qdsl.physics.endpoints import Frobenius
from qdsl.states import Array

# With larger exponents psi is as good as zero at the end, and the element is treated like any other.
LARGE = 12.0


@dataclass(frozen=True)
class SingularEnd:
    """A singular end in numbers: where, +1 at a left and -1 at a right end, and the exponents s, a and b."""

    at: float
    direction: int
    exponent: float
    order: float
    weight: float

    def distance(self, x: Array) -> Array:
        return self.direction * (x - self.at)


def singular_end(end: Frobenius) -> SingularEnd:
    order = end.weight - 2 * end.exponent + 1
    return SingularEnd(end.at, end.direction, end.exponent, order, end.weight)


@dataclass(frozen=True)
class EndSamples:
    """p1, q1, w1 at the Gauss-Jacobi points of the element; arrays of shape (points,).

    `weights` contain t^b dy; `strength` is p s/h.
    """

    end: SingularEnd
    length: float
    weights: Array
    p: Array
    q: Array
    w: Array
    strength: float


@lru_cache(maxsize=32)
def jacobi(count: int, weight: float) -> tuple[Array, Array]:
    """Nodes in (0, 1) and weights of the rule for int_0^1 t^weight f(t) dt, each of shape (count,)."""
    nodes, weights = scipy.special.roots_jacobi(count, 0.0, weight)
    return 0.5 * (1 + nodes), weights * 0.5 ** (weight + 1)


@lru_cache(maxsize=32)
def end_basis(degree: int, count: int, weight: float) -> tuple[Array, Array]:
    """Values and t-derivatives of the basis at the points of `jacobi`, each of shape (degree + 1, count).

    Order: from the singular end, where all are free, to the function that is 1 at the regular end.
    """
    t, weights = jacobi(count, weight)
    k = np.arange(degree)[:, None]
    polynomials = scipy.special.eval_jacobi(k, 2.0, weight, 2 * t - 1)
    slopes = (k + weight + 3) * scipy.special.eval_jacobi(k - 1, 3.0, weight + 1, 2 * t - 1) * (k > 0)
    value = (1 - t) * polynomials
    slope = (1 - t) * slopes - polynomials
    norm = np.sqrt((weights * value**2).sum(axis=1, keepdims=True))
    one = np.ones((1, count))
    return np.vstack([value / norm, one]), np.vstack([slope / norm, 0 * one])
