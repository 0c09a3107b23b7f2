"""Bounds |E - E_k| <= bound for some eigenvalue E_k.

One function per theorem; sharper ones (Kato-Temple, clusters) take the same evidence and stand beside
this one.
"""

from __future__ import annotations

import numpy as np

from qdsl.states import Array
from qdsl.verify.membership import Membership
from qdsl.verify.residual import Residuals


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
    eps = np.finfo(np.float64).eps
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = np.where(below > 0, above / below, np.inf) + eps * np.abs(energies)
    return np.where(np.isfinite(bound), bound, np.inf)
