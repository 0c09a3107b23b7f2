"""The residual (H - E) psi of every state, by a quadrature of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.sampling import EPS, Look, Sampled


@dataclass(frozen=True)
class Residuals:
    """Norms in the Hilbert space with weight w; all arrays have shape (states,).

    `residual` = sqrt(int |-(p psi')' + q psi - E w psi|^2 / w dx) inside the pieces, an estimate of its
    quadrature error included; `norm` = sqrt(int w |psi|^2 dx); `kinetic` = int p |psi'|^2 dx / norm^2,
    with phi v' instead of psi' = (phi v)' in a piece at a singular end;
    `mean` = Re <psi|(H - E) psi> / norm^2, the distance from E to the Rayleigh quotient (NaN for psi = 0);
    `least` = (pi / int sqrt(w/p) dx)^2, the kinetic energy of a half wave in the box: the scale of energies
    where psi is constant;
    `height` = max |psi| and `flux` = max |p psi'| (there |p phi v'|) over the quadrature points;
    `rounding` = eps || |p psi''| + |p' psi'| + |q psi| + |E w psi| ||: what cancellation hides.
    """

    residual: Array
    norm: Array
    kinetic: Array
    least: float
    mean: Array
    height: Array
    flux: Array
    rounding: Array


def defect(at: Sampled, energies: Array) -> NDArray[Any]:
    """-(p psi')' + q psi - E w psi at the points, (states, points)."""
    jet = at.jet
    return (at.q - energies[:, None] * at.w) * jet.psi - at.p * jet.curvature - at.dp * jet.slope


def residuals(seen: Look, energies: Array) -> Residuals:
    """Integrate on the fine rule; the difference to the coarser one is taken for the error of r^2."""
    fine, coarse = _norms(seen.fine, energies), _norms(seen.coarse, energies)
    error = np.abs(fine.residual**2 - coarse.residual**2)
    return replace(fine, residual=np.sqrt(fine.residual**2 + error))


def overlaps(at: Sampled) -> Array:
    """|<psi_i|psi_j>| of the normalised states, (states, states)."""
    gram = np.abs(sum(_products(part) for part in at.parts()))
    norm = np.sqrt(np.diag(gram))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(gram / np.outer(norm, norm))


def _products(at: Sampled) -> NDArray[Any]:
    psi = at.jet.psi
    return np.asarray((np.conj(psi) * (at.w * at.rule.weights.ravel())) @ psi.T)


def _norms(at: Sampled, energies: Array) -> Residuals:
    sums, sizes = zip(*(_sums(part, energies) for part in at.parts()), strict=True)
    residual, squared, kinetic, mean, rounding = np.sum(sums, axis=0)
    height, flux = np.max(sizes, axis=0)
    square = np.where(squared > 0, squared, np.nan)
    return Residuals(
        residual=np.sqrt(residual),
        norm=np.sqrt(squared),
        kinetic=kinetic / square,
        least=(math.pi / float(at.rule.integral(np.sqrt(at.w / at.p)))) ** 2,
        mean=mean / square,
        height=height,
        flux=flux,
        rounding=EPS * np.sqrt(rounding),
    )


def _sums(at: Sampled, energies: Array) -> tuple[Array, Array]:
    """The integrals of the norms, (5, states), and the largest |psi| and |p psi'|, (2, states)."""
    jet, integral = at.jet, at.rule.integral
    rho = defect(at, energies)
    size = (np.abs(at.q) + np.abs(energies[:, None] * at.w)) * np.abs(jet.psi)
    size += np.abs(at.p * jet.curvature) + np.abs(at.dp * jet.slope)
    slope = jet.slope - at.rate * jet.psi
    integrals = (
        integral(np.abs(rho) ** 2 / at.w),
        integral(at.w * np.abs(jet.psi) ** 2),
        integral(at.p * np.abs(slope) ** 2),
        integral(np.real(np.conj(jet.psi) * rho)),
        integral(size**2 / at.w),
    )
    return np.stack(integrals), np.stack([np.abs(jet.psi).max(axis=1), np.abs(at.p * slope).max(axis=1)])
