"""Are psi, psi' and psi'' one function and its derivatives?

Every bound takes that for granted: with psi'' = (q - E w) psi - p' psi'/p for p psi'' the residual of any psi
would be 0.  On every piece

    psi(b) - psi(a) = int psi',   psi'(b) - psi'(a) = int psi''

are compared, where Gauss quadrature is as exact as for the residual.  Pieces at singular ends are left out,
as powers of the distance are not integrated so well.  It is a necessary condition, and no proof.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.residual import Residuals
from qdsl.verify.sampling import Look

# Relative to the largest |psi|, and to the larger of the largest |psi'| and |psi| over the length of the box.
# Of sound states 2e-13 has been seen.
INCOHERENT = 1e-10
# psi is known to some units in the last place of its largest value, and its slope to that over the width of
# a piece, which shows in pieces of a millionth of the box.
ROUNDING = 4 * EPS


def incoherent(c: Coefficients, seen: Look, found: Residuals) -> list[str]:
    """For every state a sentence where a derivative is not that of psi, or ""."""
    pieces, sides = seen.pieces, seen.sides.jet
    steepest = np.maximum(np.abs(sides.slope).max(axis=(1, 2)), found.height / (pieces[-1] - pieces[0]))
    sizes = np.array([found.height, steepest])
    values = np.array([sides.psi, sides.slope])
    off = np.abs(values[..., 1:, 0] - values[..., :-1, 1] - _integrals(seen))
    for side, end in zip((0, -1), c.singular, strict=True):
        if end is not None and pieces[side] == end.at:
            off[..., side] = 0.0
    blur = np.array([np.ones(len(pieces) - 1), 1 / np.diff(pieces)])
    off -= ROUNDING * found.height[:, None] * blur[:, None]
    result = [""] * len(found.height)
    for order, state in zip(*np.nonzero(off.max(axis=-1) > INCOHERENT * sizes), strict=True):
        at, name = int(off[order, state].argmax()), ("psi'", "psi''")[order]
        result[state] = result[state] or (
            f"{name} is not its derivative between x = {pieces[at]:.6g} and {pieces[at + 1]:.6g}, "
            f"the integral is off by {off[order, state, at]:.1e}"
        )
    return result


def _integrals(seen: Look) -> NDArray[Any]:
    """The integrals of psi' and psi'' over every piece, (2, states, pieces)."""
    panels = []
    for part in seen.fine.parts():
        values = np.array([part.jet.slope, part.jet.curvature]) * part.rule.weights.ravel()
        panels.append(values.reshape(2, -1, *part.rule.x.shape).sum(axis=3))
    start = np.searchsorted(seen.fine.rule.x[:, 0], seen.pieces[:-1])
    return np.asarray(np.add.reduceat(np.concatenate(panels, axis=2), start, axis=2))
