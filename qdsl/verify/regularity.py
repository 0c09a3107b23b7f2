"""Does psi follow the right one of the two solutions at a singular end?

There psi = A y^s (1 + ...) + C chi, y the distance to the end, and in the domain of H (the Friedrichs
extension, `qdsl.physics.endpoints`) C is 0.  With psi = y^s v the flux F = p y^(2 s) v' tells: that of the
first solution vanishes like y^(b + 1) at the end, b = 2 s + a - 1, and chi is normalised to have the flux 1.
Hence from the point y that is nearest to the end

    C = F(y) - y F'(y)/(b + 1),   F' = y^s ((p psi')' - ((p phi')'/phi) psi),  phi = y^s,

up to relative order y^2.  Rounding of psi enters F with y^b, and so hardly at all.

The equation alone cannot see C: log y is as good a solution of Bessel's equation as 1 is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.residual import Residuals
from qdsl.verify.sampling import Look
from qdsl.verify.singular import SingularEnd

# By how much y psi'/psi may differ from s at a point that is closer to the end than 1e-6 of a piece.
POWER = 1e-3
# C v(0) up to this share of the largest psi times the largest flux is charged, and more of it is a fault.
IRREGULAR = 1e-10


@dataclass(frozen=True)
class Regularity:
    """At both ends, (states, 2): |v| = |psi|/y^s and |C|, 0 where the end is not singular.

    `price` (states,): about ||(H - E) C chi|| with chi cut off within the piece, up to a factor of order 1.
    `faults`: for every state a sentence, or "".
    """

    value: Array
    flux: Array
    price: Array
    faults: list[str]


def regularity(c: Coefficients, energies: Array, seen: Look, found: Residuals) -> Regularity:
    count = len(energies)
    value, flux, price = np.zeros((count, 2)), np.zeros((count, 2)), np.zeros(count)
    faults = [""] * count
    # a constant has no flux of its own to compare with
    least = found.height * seen.sides.p.max() / (seen.pieces[-1] - seen.pieces[0])
    scale = found.height * np.maximum(found.flux, least)
    for side, end in enumerate(c.singular):
        if end is None or end.at not in (seen.pieces[0], seen.pieces[-1]):
            continue
        k = 0 if side == 0 else -1
        value[:, side], flux[:, side], power = _followed(end, seen, k)
        wrong = (value[:, side] * flux[:, side] > IRREGULAR * scale) | (power & _seen(seen, found, k))
        for state in np.flatnonzero(wrong):
            faults[state] = (
                f"psi does not go like the power {end.exponent:.6g} of the distance to x = {end.at:.6g}"
            )
        length = abs(
            float(seen.pieces[1] - seen.pieces[0] if side == 0 else seen.pieces[-1] - seen.pieces[-2])
        )
        p, _, w = (float(part[0]) for part in c.at(np.array([end.at + 0.5 * end.direction * length])))
        price += (
            flux[:, side]
            * (1 + np.abs(energies) * w * length**2 / p)
            * length ** (-end.exponent - 0.5)
            / (math.sqrt(w))
        )
    return Regularity(value, flux, price, faults)


def _followed(end: SingularEnd, seen: Look, k: int) -> tuple[Array, Array, NDArray[np.bool]]:
    """|v| and |C| at one end, and whether y psi'/psi is not s, (states,)."""
    at, s = seen.fine, end.exponent
    y = float(end.distance(at.rule.x.ravel()[k]))
    psi, p = at.jet.psi[:, k], at.p[k]
    slope, dp = end.direction * at.jet.slope[:, k], end.direction * at.dp[k]
    flux = p * (slope - s * psi / y)
    change = p * at.jet.curvature[:, k] + dp * slope - (s * dp / y + s * (s - 1) * p / y**2) * psi
    irregular = np.abs(flux - y * change / (end.weight + 1)) * y**s
    return np.abs(psi) * y**-s, irregular, np.abs(y * slope - s * psi) > POWER * np.abs(psi)


def _seen(seen: Look, found: Residuals, k: int) -> NDArray[np.bool]:
    """Whether psi is above rounding at the point, (states,)."""
    return np.asarray(np.abs(seen.fine.jet.psi[:, k]) > found.height * math.sqrt(EPS))
