"""The residual (H - E) psi of every state, by a quadrature of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.sampling import Look, Sampled


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
    `rounding` = eps || |p psi''| + |p' psi'| + |q psi| + |E w psi| ||: what cancellation hides;
    `blur`: what it hides of <psi_i|(H - E_j) psi_j>, eps times the integral of |psi_i| and these terms of j,
    (group, group) for each group of states.  Next to a pole, where psi is small, that is far less.
    """

    residual: Array
    norm: Array
    kinetic: Array
    least: float
    mean: Array
    height: Array
    flux: Array
    rounding: Array
    blur: tuple[Array, ...]


@dataclass(frozen=True)
class Products:
    """Inner products of the states of each group and of their defects d = (H - E) psi, over one rule.

    `groups` hold positions of states, all of them together each state once; `blocks` (3, group, group) are
    <psi_i|psi_j>, <psi_i|d_j> and <d_i|d_j>.  States of different groups are not multiplied with each other,
    which would cost the square of their number.
    """

    groups: tuple[NDArray[np.int64], ...]
    blocks: tuple[NDArray[Any], ...]

    def diagonals(self) -> Array:
        """||psi||^2, Re <psi|d> and ||d||^2 of every state, (3, states)."""
        result = np.empty((3, sum(len(group) for group in self.groups)))
        for group, block in zip(self.groups, self.blocks, strict=True):
            result[:, group] = block.diagonal(axis1=1, axis2=2).real
        return result


def products(at: Sampled, groups: tuple[NDArray[np.int64], ...]) -> Products:
    """Integrate the products of each group of states, some panels after the other."""
    parts = zip(*(_blocks(part, groups) for part in at.parts()), strict=True)
    return Products(groups, tuple(reduce(np.add, blocks) for blocks in parts))


def _blocks(at: Sampled, groups: tuple[NDArray[np.int64], ...]) -> list[NDArray[Any]]:
    """The blocks of each group, parts of one product of sqrt(w) psi and d/sqrt(w) together."""
    weights = at.rule.weights.ravel()
    root = np.sqrt(weights * at.w)
    every = np.array([at.jet.psi * root, at.defect * (weights / root)])
    result = []
    for group in groups:
        both = (every if len(groups) == 1 else every[:, group]).reshape(-1, weights.size)
        product, count = both.conj() @ both.T, len(group)
        result.append(np.array([product[:count, :count], product[:count, count:], product[count:, count:]]))
    return result


def residuals(seen: Look, fine: Products, coarse: Products) -> Residuals:
    """The norms by the fine rule; the difference of r^2 to the coarser one is taken for its error."""
    at, states = seen.fine, len(seen.fine.states.energies)
    squared, mean, square = fine.diagonals()
    error = np.abs(square - coarse.diagonals()[2])
    sums, height, flux = np.zeros((2, states)), np.zeros(states), np.zeros(states)
    mixed = [np.zeros((len(group), len(group))) for group in fine.groups]
    for part in at.parts():
        psi, size, slope = _sizes(part)
        weights = part.rule.weights.ravel()
        sums += slope**2 @ (weights / part.p), size**2 @ (weights / part.w)
        height, flux = np.maximum(height, psi.max(axis=1)), np.maximum(flux, slope.max(axis=1))
        psi *= weights
        for block, group in zip(mixed, fine.groups, strict=True):
            block += psi[group] @ size[group].T
    kinetic, rounding = sums
    norm = np.where(squared > 0, squared, np.nan)
    return Residuals(
        residual=np.sqrt(np.maximum(square, 0.0) + error),
        norm=np.sqrt(np.maximum(squared, 0.0)),
        kinetic=kinetic / norm,
        least=(math.pi / float(at.rule.integral(np.sqrt(at.w / at.p)))) ** 2,
        mean=mean / norm,
        height=height,
        flux=flux,
        rounding=EPS * np.sqrt(rounding),
        blur=tuple(EPS * block for block in mixed),
    )


def _sizes(at: Sampled) -> tuple[Array, Array, Array]:
    """|psi|, the sum of the sizes of the terms of (H - E) psi, and |p psi'|, all (states, points)."""
    jet = at.jet
    psi, curvature, slope = np.abs(jet.psi), np.abs(jet.curvature), jet.slope
    size = (np.abs(at.q) + np.abs(at.states.energies[:, None] * at.w)) * psi
    size += np.abs(at.p) * curvature
    size += np.abs(at.dp) * np.abs(slope)
    return psi, size, at.p * np.abs(slope - at.rate * jet.psi if at.rate.any() else slope)
