"""Inner products of neighbouring states and of their defects: what bounds for several levels are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.membership import Membership
from qdsl.verify.residual import Products, Residuals

Matrix = NDArray[Any]


SLACK = 4.0
"""Units in the last place by which each term of (H - E) psi may be off."""


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


def grams(
    energies: Array, fine: Products, coarse: Products, found: Residuals, broken: Membership
) -> tuple[Gram, ...]:
    """The products of each group.  With eta_j the repair of state j, phi_j = psi_j + eta_j, the terms

        <psi_i|(H - E_j) eta_j> = boundary terms + <(H - E_j) psi_i|eta_j>

    are small of first order inside the box; outside of it psi is 0, and only products of repairs remain.
    """
    norm = np.where(found.norm > 0, found.norm, np.nan)
    parts = np.array([found.rounding, found.residual, *broken.inside, *broken.outside]) / norm
    every = zip(fine.groups, fine.blocks, coarse.blocks, broken.work, found.blur, strict=True)
    return tuple(
        _gram(energies[group], (own, other), norm[group], parts[:, group], work + SLACK * blur)
        for group, own, other, work, blur in every
    )


def _gram(energies: Array, rules: tuple[Matrix, Matrix], norm: Array, parts: Array, work: Array) -> Gram:
    """One group: its products by both rules, and rounding, residuals and repairs of its states alone.

    `work`: what repairs and rounding may add to <psi_i|d_j>, in the states' own units.
    """
    rounding, residual, price, mass, outer, outer_mass = parts
    first_residual, _, first_mass, first_outer, first_outer_mass = parts[1:, :, None]
    units = norm[:, None] * norm
    fine, coarse = (blocks / units for blocks in rules)
    apart = np.abs(energies[:, None] - energies)
    more = price + rounding
    errors = np.abs(fine - coarse)
    errors[0] += first_mass + mass + first_mass * mass + first_outer_mass * outer_mass + 8 * EPS
    errors[1] += work / units + (first_residual + apart) * mass + first_mass * (residual + price)
    errors[1] += first_outer_mass * outer
    errors[2] += first_residual * more + more[:, None] * (residual + more) + first_outer * outer
    return Gram(energies, *fine, *errors)
