"""Inner products of the states and of their defects: what bounds for several levels at once are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify.membership import Membership
from qdsl.verify.residual import Residuals, defect
from qdsl.verify.sampling import EPS, Look, Sampled

Matrix = NDArray[Any]


@dataclass(frozen=True)
class Gram:
    """Products of phi_i, the normalised states with their breaks repaired, and d_i = (H - E_i) phi_i.

    `energies` (states,); `overlap` = <phi_i|phi_j>, `coupling` = <phi_i|d_j> and `square` = <d_i|d_j>, each
    (states, states); with them bounds of their errors, entry by entry: what the two quadratures
    differ by, what the repair may add, and rounding.
    """

    energies: Array
    overlap: Matrix
    coupling: Matrix
    square: Matrix
    overlap_error: Array
    coupling_error: Array
    square_error: Array

    def among(self, chosen: NDArray[np.int64]) -> Gram:
        """The same of some of the states."""
        at = np.ix_(chosen, chosen)
        matrices = (self.overlap, self.coupling, self.square)
        errors = (self.overlap_error, self.coupling_error, self.square_error)
        return Gram(self.energies[chosen], *(m[at] for m in matrices), *(e[at] for e in errors))


def gram(seen: Look, energies: Array, found: Residuals, broken: Membership) -> Gram:
    """The products of all states.  With eta_j the repair of state j, phi_j = psi_j + eta_j, the terms

        <psi_i|(H - E_j) eta_j> = boundary terms + <(H - E_j) psi_i|eta_j>

    are small of first order inside the box; outside of it psi is 0, and only products of repairs remain.
    """
    norm = np.where(found.norm > 0, found.norm, np.nan)
    fine, coarse = (_products(at, energies, norm) for at in (seen.fine, seen.coarse))
    rounding = found.rounding / norm
    residual = found.residual / norm
    price, mass = broken.inside / norm
    outer, outer_mass = broken.outside / norm
    apart = np.abs(energies[:, None] - energies)
    one = np.ones_like(norm)
    repaired = (
        _both(one, mass) + np.outer(mass, mass) + np.outer(outer_mass, outer_mass),
        broken.work / np.outer(norm, norm)
        + (residual[:, None] + apart) * mass
        + np.outer(mass, residual + price)
        + np.outer(outer_mass, outer),
        _both(residual, price) + np.outer(price, price) + np.outer(outer, outer),
    )
    rounded = (
        np.full_like(apart, 8 * EPS),
        np.broadcast_to(rounding, apart.shape),
        _both(residual, rounding) + np.outer(rounding, rounding),
    )
    errors = [
        np.abs(a - b) + more + eps for a, b, more, eps in zip(fine, coarse, repaired, rounded, strict=True)
    ]
    return Gram(energies, *fine, *errors)


def _products(at: Sampled, energies: Array, norm: Array) -> tuple[Matrix, Matrix, Matrix]:
    overlap, coupling, square = np.sum([_part(part, energies, norm) for part in at.parts()], axis=0)
    return overlap, coupling, square


def _part(at: Sampled, energies: Array, norm: Array) -> Matrix:
    """The products over some panels, (3, states, states)."""
    psi, off = at.jet.psi / norm[:, None], defect(at, energies) / norm[:, None]
    weights = at.rule.weights.ravel()
    left = np.conj(psi) * weights
    return np.stack([(left * at.w) @ psi.T, left @ off.T, (np.conj(off) * (weights / at.w)) @ off.T])


def _both(a: Array, b: Array) -> Array:
    return np.outer(a, b) + np.outer(b, a)
