"""The residual (H - E) psi of every state, by a quadrature of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qdsl.states import Array, States
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.quadrature import Rule, composite, halved

# Gauss points on each half of a piece, and on the whole piece for the comparison.
POINTS = 40
COMPARED = 64


@dataclass(frozen=True)
class Residuals:
    """Norms in the Hilbert space with weight w; all arrays have shape (states,).

    `residual` = sqrt(int |-(p psi')' + q psi - E w psi|^2 / w dx) inside the pieces, an estimate of its
    quadrature error included; `norm` = sqrt(int w psi^2 dx); `kinetic` = int p |psi'|^2 dx / norm^2;
    `mean` = <psi|(H - E) psi> / norm^2, the distance from E to the Rayleigh quotient (NaN for psi = 0);
    `height` = max |psi| and `flux` = max |p psi'| over the quadrature points;
    `rounding` = eps || |p psi''| + |p' psi'| + |q psi| + |E w psi| ||: what cancellation hides.
    """

    residual: Array
    norm: Array
    kinetic: Array
    mean: Array
    height: Array
    flux: Array
    rounding: Array


def residuals(c: Coefficients, states: States, pieces: Array) -> Residuals:
    """Integrate over `pieces`: the states' own cut also at every singular point."""
    fine = composite(halved(pieces), POINTS)
    whole = composite(pieces, COMPARED)
    psi, slope, curvature = _values(states, np.concatenate([fine.x.ravel(), whole.x.ravel()]))
    split = fine.x.size
    first = _terms(c, fine, states.energies, psi[:, :split], slope[:, :split], curvature[:, :split])
    second = _terms(c, whole, states.energies, psi[:, split:], slope[:, split:], curvature[:, split:])
    error = np.abs(first.residual**2 - second.residual**2)
    return replace(first, residual=np.sqrt(first.residual**2 + error))


def _values(states: States, x: Array) -> tuple[Array, Array, Array]:
    psi, slope, curvature = (
        np.asarray(f(x), dtype=np.float64) for f in (states.psi, states.slope, states.curvature)
    )
    return psi, slope, curvature


def _terms(
    c: Coefficients, rule: Rule, energies: Array, psi: Array, slope: Array, curvature: Array
) -> Residuals:
    p, q, w = (values.ravel() for values in c.at(rule.x))
    diffusion = p * curvature
    if c.varies:
        diffusion = diffusion + c.slope(rule.x).ravel() * slope
    e = energies[:, None]
    defect = q * psi - diffusion - e * w * psi
    size = np.abs(q * psi) + np.abs(diffusion) + np.abs(e * w * psi)
    norm = np.sqrt(rule.integral(w * psi**2))
    square = np.where(norm > 0, norm, np.nan) ** 2
    eps = np.finfo(np.float64).eps
    return Residuals(
        residual=np.sqrt(rule.integral(defect**2 / w)),
        norm=norm,
        kinetic=rule.integral(p * slope**2) / square,
        mean=rule.integral(psi * defect) / square,
        height=np.abs(psi).max(axis=1),
        flux=np.abs(p * slope).max(axis=1),
        rounding=eps * np.sqrt(rule.integral(size**2 / w)),
    )
