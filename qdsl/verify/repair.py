"""What it costs to repair a psi that breaks at the edges of its pieces, with the bumps of `membership`.

With A = ||H eta||^2, B = <H eta, eta>, C = ||eta||^2 the residual of a bump eta is sqrt(A - 2 E B + E^2 C)
for a state of energy E.  Each state and edge takes the support for which that is least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.quadrature import gauss

# Supports tried for the bumps: half of the neighbouring piece, and down from there by factors of two.
SUPPORTS = 0.5 ** np.arange(1, 11)


@dataclass(frozen=True)
class Supports:
    """Where the bumps of every edge stand: points `x` (edges, supports, points).

    `cut` (edges,): whether an infinite domain is cut there.
    `length` (edges, supports, 1), and `toward` (edges, 1, 1), the sign of dt/dx: t grows toward the edge.
    """

    cut: NDArray[np.bool]
    length: Array
    toward: Array
    x: Array


@dataclass(frozen=True)
class _Bumps:
    """Points t of a rule on [0, 1], and eta_0 and eta_1/(+-l) there with t-derivatives, (2, 1, 1, points).

    `weights` (points, 1), those times the `value` and times its square, (2, 1, points, 1), are for integrals.
    """

    t: Array
    value: Array
    slope: Array
    curvature: Array
    weights: Array
    moments: Array
    squares: Array


def supports(c: Coefficients, box: tuple[float, float], pieces: Array) -> Supports:
    """Edges are repaired on their left side, the first one on its right.

    Where an infinite domain is cut the outside is free, as far as the coefficients are smooth.
    """
    cut = np.zeros(len(pieces), dtype=np.bool)
    toward = np.ones(len(pieces))
    toward[0] = -1.0
    base = np.concatenate([pieces[1:2] - pieces[:1], pieces[1:] - pieces[:-1]])
    for side in (0, -1) if c.phase is None else ():
        if box[side] != c.domain[side]:
            cut[side] = True
            toward[side] *= -1.0
            base[side] = min(base[side], _room(c, float(pieces[side]), c.domain[side]))
    toward = toward[:, None, None]
    length = base[:, None, None] * SUPPORTS[:, None]
    return Supports(cut, length, toward, pieces[:, None, None] - toward * length * (1 - _bumps().t))


def _room(c: Coefficients, edge: float, end: float) -> float:
    """From the cut of the domain to the next place outside where the coefficients may jump, or the end."""
    away = [abs(at - edge) for at in (*c.cuts, end) if (at - edge) * (end - edge) > 0]
    return min(away, default=math.inf)


def price(at: Supports, values: Array, energies: Array, jump: Array, kink: Array) -> Array:
    """|j| ||(H - E) eta_0|| + |s| ||(H - E) eta_1||, and the same of the norms: (2, states, edges).

    `values` are p, p', q and w at the points, (4, edges, supports, points); |j| and |s| (states, edges).
    """
    bumps, (p, dp, q, w) = _bumps(), values
    rate = at.toward / at.length
    size = np.array([jump, kink])
    with np.errstate(over="ignore", invalid="ignore"):  # walls outside of the box may overflow
        image = q * bumps.value - rate * (rate * p * bumps.curvature + dp * bumps.slope)
        a, b, m = image**2 / w @ bumps.weights, image @ bumps.moments, w @ bumps.squares
        scale = np.array([at.length, at.length**3])  # eta_1 is +-l times its bump
        square = np.maximum(a - energies * (2 * b - energies * m), 0.0) * scale
    square = np.fmin(square, np.inf)  # not a number: no repair
    best = square.argmin(axis=2)
    mass = (m * scale)[np.arange(2)[:, None, None], np.arange(len(rate))[:, None], best, 0]
    each = np.sqrt(np.array([square.min(axis=2), mass])).swapaxes(2, 3)
    return np.asarray((size * np.where(size > 0, each, 0.0)).sum(axis=1))


@lru_cache(maxsize=1)
def _bumps() -> _Bumps:
    nodes, weights = gauss(12)
    t, weights = 0.5 * (nodes + 1), 0.5 * weights
    value = np.array([t**2 * (3 - 2 * t), t**2 * (t - 1)])
    slope = np.array([6 * t * (1 - t), 3 * t**2 - 2 * t])
    curvature = np.array([6 * (1 - 2 * t), 6 * t - 2])
    value, slope, curvature = (part[:, None, None] for part in (value, slope, curvature))
    moments, squares = ((weights * part).swapaxes(2, 3) for part in (value, value**2))
    return _Bumps(t, value, slope, curvature, weights[:, None], moments, squares)
