"""Rayleigh-Ritz over the trial function: the matrices of the quadratic forms, and their eigenpairs.

With local functions phi on a piece of half width h (derivatives in t),

    K = int p phi'_i phi'_j / h + h q phi_i phi_j dt,    M = int h w phi_i phi_j dt,

plus strength * psi_i psi_j at point interactions and Robin ends,

by Gauss quadrature split at the pieces, and K z = E M z over the unknowns.  Small problems are solved by
dense algebra, others by eliminating the bubbles, in time linear in the pieces (see `condensed`, `slicing`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.linalg import lapack

from qdsl.physics.intervals import EPS
from qdsl.pinn.assembly import Matrix, assembled, gathered
from qdsl.pinn.condensed import Condensed, condense
from qdsl.pinn.jets import Jet
from qdsl.pinn.loss import Collocation
from qdsl.pinn.slicing import lowest
from qdsl.pinn.trial import Trial
from qdsl.states import Array

ROUNDING = 4 * EPS
"""The error of a dense eigenvalue solver relative to its largest eigenvalue, about."""

DENSE = 400
"""Unknowns up to which dense algebra is the faster way to few states (measured, see tests/bench/scale.py)."""

TOGETHER = 64
"""States that are solved for again together in the smaller basis: linear cost for many states."""


@dataclass(frozen=True)
class Eigenproblem:
    """K z = E M z over the unknowns of a trial function, piece by piece.

    `shifted` = K - level M and `mass` = M in the unknowns that stand at the local functions of each piece,
    (pieces, 4 + bubbles, 4 + bubbles), Hermitian; the global matrices are the sums of `form` and `mass` over
    `trial.index`.  `levels` (pieces,) are the least q/w of the pieces (see `condensed`).

    `bottom` is below every Ritz value (see `_bottom`), so that K - bottom M is positive, and a small
    problem is solved as M z = (K - bottom M) z / (E - bottom).  The
    wanted energies are then the largest eigenvalues, whose rounding is small relative to themselves.
    (Those of K z = E M z carry the rounding of the largest E, which short pieces and high walls make
    enormous: 1e-8 of the ground state of a well with walls of 1e6, against 1e-14.)
    """

    trial: Trial
    shifted: Matrix
    mass: Matrix
    levels: Array
    bottom: float

    def form(self, energy: float) -> Matrix:
        """K - energy M, (pieces, 4 + bubbles, 4 + bubbles)."""
        return self.shifted + (self.levels - energy)[:, None, None] * self.mass

    def lowest(self, count: int) -> tuple[Array, Matrix]:
        """The `count` lowest Ritz values (count,) and unknowns (unknowns, count), M-orthonormal."""
        if self._is_small(count):
            inverse, vectors = self._dense(count)
            return self.bottom + 1 / inverse, vectors / np.sqrt(inverse)
        return lowest(self.condensed(), count)

    def _is_small(self, count: int) -> bool:
        return self.trial.unknowns <= max(DENSE, 2 * count)

    def _dense(self, count: int) -> tuple[Array, Matrix]:
        """The largest 1 / (E - bottom), decreasing, and their vectors, orthonormal in K - bottom M."""
        shifted, mass = assembled(self.trial, np.stack([self.form(self.bottom), self.mass]))
        first, last = max(len(mass) - count, 0) + 1, len(mass)
        pair = lapack.zhegvx if np.iscomplexobj(mass) else lapack.dsygvx
        # LAPACK itself: for small matrices scipy's checks cost as much as it does
        values, found, _, _, failed = pair(mass, shifted, range="I", il=first, iu=last)
        if failed:
            change = _independent(shifted)
            few = max(change.shape[1] - count, 0), change.shape[1] - 1
            reduced = change.conj().T @ mass @ change
            values, found = scipy.linalg.eigh(reduced, subset_by_index=few, check_finite=False)
            found = change @ found
        kept = min(count, len(values))
        return values[:kept][::-1], found[:, :kept][:, ::-1]

    def condensed(self) -> Condensed:
        """The same problem with the bubbles eliminated, for `qdsl.pinn.slicing`."""
        joints = self.trial.joints
        return condense(self.shifted, self.mass, self.levels, self.bottom, joints.slots.numpy(), joints.count)

    def values_without_last_bubbles(self, unknowns: Matrix, dropped: int) -> Array:
        """Ritz values of the given states with the last bubbles of every piece cut off, increasing.

        The cut-off states span a part of the smaller basis, so these lie above its own Ritz values: a
        second opinion that exaggerates the difference to the first, at a fraction of the cost.
        Infinite where the smaller basis cannot hold that many states.
        """
        local = gathered(self.trial, unknowns)
        local[:, max(local.shape[1] - dropped, 4) :] = 0
        parts = [local[..., at : at + TOGETHER] for at in range(0, local.shape[2], TOGETHER)]
        return np.concatenate([self._values_of(part) for part in parts])

    def _values_of(self, local: Matrix) -> Array:
        """The Ritz values of the span of some states, given at the local functions of the pieces."""
        weighed = self.mass @ local
        energies = self.shifted @ local + self.levels[:, None, None] * weighed
        flat = local.reshape(-1, local.shape[2])
        form, mass = (flat.conj().T @ part.reshape(flat.shape) for part in (energies, weighed))
        pair = lapack.zhegvd if np.iscomplexobj(form) else lapack.dsygvd
        values, _, failed = pair(form, mass, jobz="N")
        # it fails where the cut-off states are linearly dependent
        return np.full(local.shape[2], math.inf) if failed else np.asarray(values)

    def rounding(self, energies: Array) -> Array:
        """The size of the rounding errors of the lowest Ritz values."""
        above = energies - self.bottom
        return ROUNDING * above**2 / above[0]


def _independent(form: Matrix) -> Matrix:
    """Combinations of the unknowns, as columns, orthonormal in a form that is positive but for rounding.

    At a singular end of a high power, where psi = y^s v, some functions v weigh next to nothing: in units in
    which the diagonal is 1, directions below rounding are left out (canonical orthogonalisation,
    P.-O. Löwdin, Adv. Quantum Chem. 5 (1970) 185).
    """
    unit = 1 / np.sqrt(np.diagonal(form).real)
    values, vectors = scipy.linalg.eigh(form * np.outer(unit, unit), check_finite=False)
    kept = values > len(form) * EPS * values[-1]
    return np.asarray(unit[:, None] * vectors[:, kept] / np.sqrt(values[kept]))


def assemble(trial: Trial, basis: Jet, at: Collocation) -> Eigenproblem:
    """The eigenproblem of a trial function from its basis at the collocation points."""
    half, weight = trial.half.numpy()[:, None], at.weight.numpy()
    p, _, q, w = (value.numpy() for value in at.values.all)
    value, slope = basis.value.numpy(), basis.slope.numpy()
    levels = (q / w).min(axis=1)
    shifted = _gram(slope, weight * p / half**2) + _gram(value, weight * (q - levels[:, None] * w))
    shifted, mass = (_in_unknowns(trial, part) for part in (shifted, _gram(value, weight * w)))
    joints = trial.joints
    if joints.held.numel():
        # one of the pieces that see the point takes its term
        piece, function = _places(joints.slots.numpy(), joints.held.numpy())
        shifted[piece, function, function] += joints.strength.numpy()
    return Eigenproblem(trial, shifted, mass, levels, _bottom(trial, at, levels))


def _places(slots: NDArray[np.int64], unknowns: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """A piece and a local function at which each of the unknowns at the nodes stands."""
    place = np.zeros(int(slots.max()) + 1, dtype=np.int64)
    place[slots.ravel()] = np.arange(slots.size)
    return np.divmod(place[unknowns], 4)


def _bottom(trial: Trial, at: Collocation, lowest: Array) -> float:
    """A number below every Ritz value, from the least q/w of every piece.

    Without attractive points it is the least of these, or a little less where psi may
    be constant.  For a point of strength -g at an end of a piece of length l,

        g |psi(c)|^2 <= g/l int |psi|^2 + 2 g (int |psi|^2 int |psi'|^2)^(1/2)
                     <= int p |psi'|^2 + (g/l + g^2/p) int |psi|^2,

    with the least p and w on that piece.
    """
    joints = trial.joints
    if joints.pulled.numel():
        pulled, g = joints.pulled.numpy(), -joints.pull.numpy()
        p, w = (part.numpy()[pulled].min(axis=1) for part in (at.values.p, at.values.w))
        length = 2 * trial.half.numpy()[pulled]
        lowest = lowest.copy()
        np.subtract.at(lowest, pulled, (g / length + g**2 / p) / w)
    bottom = float(lowest.min())
    return bottom - spacing(at) if joints.free else bottom


def spacing(at: Collocation) -> float:
    """The energy of a wave that fits the box once, (2 pi)^2 / (int dx/p int w dx): a unit where E = 0.

    The unit of energy of a problem whose lowest level may be 0, psi being constant.
    """
    across, weight = (at.weight / at.values.p).sum(), (at.weight * at.values.w).sum()
    return 4 * math.pi**2 / float(across * weight)


def _gram(functions: Matrix, weight: Array) -> Matrix:
    return (functions.swapaxes(1, 2) * weight[:, None, :]) @ functions


def _in_unknowns(trial: Trial, matrices: Matrix) -> Matrix:
    """The pieces' matrices (pieces, local, local), the end states replaced by the unknowns there."""
    transform = trial.joints.transform.numpy()
    result = matrices.astype(transform.dtype)
    result[:, :4] = transform.conj().swapaxes(1, 2) @ result[:, :4]
    result[:, :, :4] = result[:, :, :4] @ transform
    return result
