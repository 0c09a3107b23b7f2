"""Norms, energies and residuals of finished states, summed over the pieces so that memory stays small.

Plain numpy: of few states on few pieces the arrays are small, and a torch call costs several numpy ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.pinn.assembly import Matrix, local_coefficients
from qdsl.pinn.loss import Collocation
from qdsl.pinn.trial import MOST, Trial
from qdsl.states import Array

BLUR = 400 * EPS
"""Rounding of psi'' in units of |psi| and half widths of a piece: features of frequency 20, with
coefficients that are right to a unit in the last place.  In short pieces it is all that is left of r."""


@dataclass(frozen=True)
class Measures:
    """`norm` <psi|psi>, `kinetic` int p |psi'|^2 dx and `quotient`, Rayleigh's, of each state (states,).

    `squared`: int |r|^2 / w dx over each piece, (pieces, states), r = -(p psi')' + q psi - E w psi, less
    what rounding makes of it (see BLUR).
    """

    norm: Array
    kinetic: Array
    quotient: Array
    squared: Array


def measured(trial: Trial, points: int, unknowns: Matrix, energies: Array, at: Collocation) -> Measures:
    """Measure states (unknowns, states) on the rule `at` of so many Gauss points a piece."""
    functions = [part.numpy() for part in trial.gauss_basis(points).parts]
    local, half = local_coefficients(trial, unknowns), trial.half.numpy()
    coefficients = [part.numpy() for part in (*at.values.all, at.weight)]
    pieces, _, states = local.shape
    few = max(1, MOST // (points * states))
    integrals, squared = np.zeros((3, states)), np.empty((pieces, states))
    for start in range(0, pieces, few):
        some = slice(start, start + few)
        psi, slope, curvature = (part[some] if len(part) > 1 else part for part in functions)
        coefficients_here = [part[some] for part in coefficients]
        width = half[some, None, None]
        jet = psi @ local[some], slope @ local[some] / width, curvature @ local[some] / width**2
        here, seen, noise = _integrals(jet, energies, coefficients_here)
        squared[some] = np.maximum(seen - noise * (BLUR / half[some, None] ** 2) ** 2, 0.0)
        integrals += here
    norm, kinetic, potential = integrals
    form = kinetic + potential + trial.joints.point_energy(torch.from_numpy(unknowns)).numpy()
    return Measures(norm, kinetic, form / norm, squared)


def _integrals(
    jet: tuple[NDArray[Any], ...], energies: Array, coefficients: list[Array]
) -> tuple[Array, Array, Array]:
    """The integrals of w |psi|^2, p |psi'|^2, q |psi|^2 (3, states), of |r|^2 / w and |p psi|^2 / w.

    The last two piece by piece, (pieces, states).

    `jet`: psi and its derivatives (pieces, points, states); `coefficients`: p, p', q, w and the weights of
    the rule (pieces, points).
    """
    psi, slope, curvature = jet
    p, dp, q, w, weight = coefficients
    residual = (q[..., None] - energies * w[..., None]) * psi - p[..., None] * curvature
    residual -= dp[..., None] * slope
    squared = ((weight / w)[:, None, :] @ _squared(residual))[:, 0]
    density = _squared(psi)
    noise = ((weight * p**2 / w)[:, None, :] @ density)[:, 0]
    density = density.reshape(-1, psi.shape[2])
    flow = _squared(slope).reshape(density.shape)
    sums = (weight * w).ravel() @ density, (weight * p).ravel() @ flow, (weight * q).ravel() @ density
    return np.stack(sums), squared, noise


def _squared(values: NDArray[Any]) -> Array:
    """|values|^2, real."""
    if np.iscomplexobj(values):
        return np.asarray(values.real**2 + values.imag**2)
    return values * values
