"""Bounds of eigenvalues from states, one function per theorem."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
from scipy.linalg import lapack

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.gram import Gram, Matrix
from qdsl.verify.membership import Membership
from qdsl.verify.residual import Residuals

_REAL = lapack.dsyevd, lapack.dsygvd
_COMPLEX = lapack.zheevd, lapack.zhegvd
"""Solvers of the eigenvalue problem of one Hermitian matrix, and of a pair (form, metric)."""


class Side(Enum):
    """Where a pole lies, seen from the states."""

    ABOVE = "above"
    BELOW = "below"


def residual_bound(energies: Array, found: Residuals, broken: Membership) -> Array:
    """The residual bound (Weinstein), shape (states,).

    For phi in the domain of a self-adjoint H and any real E,

        dist(E, spectrum of H) <= ||(H - E) phi|| / ||phi||

    (spectral theorem; Reed and Simon IV, section XIII).  phi is psi repaired at its breaks and at the
    cuts of the domain, see `membership`.  Rounding is added: that of the residual's terms, and a unit
    in the last place of E.  Infinite where the repair eats up the norm.
    """
    above = found.residual + found.rounding + broken.residual
    below = found.norm - broken.norm
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = np.where(below > 0, above / below, np.inf) + EPS * np.abs(energies)
    return np.fmin(bound, np.inf)  # what is not a number bounds nothing


def ritz_upper_bounds(gram: Gram) -> Array:
    """Upper bounds of the lowest levels, increasing, as many as there are states (Rayleigh and Ritz).

    Level number k, from 0, is at most the k-th eigenvalue of the form <phi_i|H phi_j> over the states
    (the minimax principle; Reed and Simon IV, theorem XIII.3).  None is given below the least of the
    states' energies.
    """
    first = float(gram.energies.min())
    above = gram.energies - first
    form = _hermitian(gram.overlap * above + gram.coupling)
    error = gram.coupling_error + gram.overlap_error * above
    return first + _eigenvalues(form, gram.overlap, _rows(error), -_rows(gram.overlap_error))


def lehmann_bounds(gram: Gram, pole: float, side: Side) -> Array:
    """Bounds of the levels next to a pole, as many as there are states, increasing (Lehmann).

    A pole above the states gives lower bounds, one below them upper bounds: `side` says where it lies.
    Of the levels below a pole the nearest is at least pole - t_1, the next one pole - t_2, …, where
    t_1 <= t_2 <= … are the eigenvalues of

        <(H - pole) phi_i|(H - pole) phi_j> x = t <phi_i|(pole - H) phi_j> x

    over the states (Rayleigh and Ritz for 1/(H - pole) with the trial functions (H - pole) phi;
    N. J. Lehmann, ZAMM 29 (1949) 341; S. Zimmermann and U. Mertins, Z. Anal. Anwend. 14 (1995) 327).
    For a single state this is the bound of Temple and Kato, E - r^2/(pole - E), r the residual at the
    Rayleigh quotient E (T. Kato, J. Phys. Soc. Japan 4 (1949) 334).  With states above the pole the same
    holds upside down, t being added.

    Infinite where the states do not all lie on their side of the pole.  Errors of the products are charged to
    the diagonals, which for Hermitian matrices is no less than what they can do (Gershgorin).
    """
    sign = 1.0 if side is Side.ABOVE else -1.0
    distance = sign * (pole - gram.energies)
    if not distance.min() > 0:
        return np.full(distance.shape, -sign * np.inf)
    coupling = sign * gram.coupling
    form = _hermitian(gram.overlap * distance - coupling)
    mixed = distance[:, None] * coupling
    distances = distance[:, None] * distance
    square = _hermitian(gram.overlap * distances - mixed - mixed.conj().T + gram.square)
    far = distance[:, None] * gram.coupling_error
    errors = gram.overlap_error * distances + far + far.T + gram.square_error
    form_error = gram.overlap_error * distance + gram.coupling_error
    # in units in which both matrices are nearly diagonal, and the form nearly the unit matrix
    scale = 1 / np.sqrt(distance)
    weight = scale[:, None] * scale
    t = _eigenvalues(square * weight, form * weight, _rows(errors * weight), -_rows(form_error * weight))
    if not np.isfinite(t).all():
        return np.full(distance.shape, -sign * np.inf)
    return np.sort(pole - sign * t)


def _eigenvalues(form: Matrix, metric: Matrix, more: Array, less: Array) -> Array:
    """Upper bounds of the eigenvalues of (form, metric), increasing, infinite if the metric may be singular.

    `more` is added to the diagonal of the form and `less` to that of the metric, so that no perturbation
    within the errors has larger ones, as far as they are positive: a smaller metric makes x*Ax/x*Mx larger
    where x*Ax > 0.  What is negative is at most 0 with every metric (Sylvester), and 0 is returned.
    The backward error of the solver, eps |form| / (least eigenvalue of the metric), is added.
    """
    top, bottom = form.copy(), metric.copy()
    with np.errstate(invalid="ignore"):
        top.flat[:: len(form) + 1] += more
        bottom.flat[:: len(form) + 1] += less
    most, unit = float(np.abs(top).max()), float(np.abs(bottom).max())
    if not (math.isfinite(most) and math.isfinite(unit)):
        return np.full(len(form), np.inf)
    # LAPACK itself: what scipy and numpy do around it costs more than matrices of a few states do
    alone, paired = _COMPLEX if np.iscomplexobj(form) else _REAL
    sizes, _, failed = alone(bottom, compute_v=0)
    found, _, unpaired = paired(top, bottom, jobz="N")
    least = float(sizes[0])
    if failed or unpaired or not least > 4 * EPS * len(form) * unit:
        return np.full(len(form), np.inf)
    solver = 4 * EPS * len(form) * max(float(np.abs(found).max()), most / least)
    return np.maximum(found + solver, 0.0)


def _hermitian(matrix: Matrix) -> Matrix:
    return 0.5 * (matrix + matrix.conj().T)


def _rows(error: Array) -> Array:
    """Row sums of a symmetrised bound of the entries."""
    return np.asarray((0.5 * (error + error.T)).sum(axis=1))
