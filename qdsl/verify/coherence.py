"""Are psi, psi' and psi'' one function and its derivatives?

Every bound takes that for granted: with psi'' = (q - E w) psi - p' psi'/p for p psi'' the residual of any psi
would be 0.  On every piece

    psi(b) - psi(a) = int psi',   psi'(b) - psi'(a) = int psi''

are compared, where Gauss quadrature is as exact as for the residual.  Pieces at singular ends are left out,
as powers of the distance are not integrated so well.  It is a necessary condition, and no proof.
"""

from __future__ import annotations

import numpy as np

from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.residual import Residuals
from qdsl.verify.sampling import Look

# Relative to the largest |psi|, and to the larger of the largest |psi'| and |psi| over the length of the box.
# Of sound states 2e-13 has been seen.
INCOHERENT = 1e-10


def incoherent(c: Coefficients, seen: Look, found: Residuals) -> list[str]:
    """For every state a sentence where a derivative is not that of psi, or ""."""
    pieces, sides = seen.pieces, seen.sides.jet
    ordinary = np.ones(len(pieces) - 1, dtype=np.bool)
    for side, end in zip((0, -1), c.singular, strict=True):
        if end is not None and pieces[side] == end.at:
            ordinary[side] = False
    first, second = _integrals(seen)
    steepest = np.maximum(np.abs(sides.slope).max(axis=(1, 2)), found.height / (pieces[-1] - pieces[0]))
    result = [""] * len(found.height)
    for integral, of, size, name in (
        (first, sides.psi, found.height, "psi'"),
        (second, sides.slope, steepest, "psi''"),
    ):
        off = np.where(ordinary, np.abs(of[:, 1:, 0] - of[:, :-1, 1] - integral), 0.0)
        for state in np.flatnonzero(off.max(axis=1) > INCOHERENT * size):
            at = int(off[state].argmax())
            result[state] = result[state] or (
                f"{name} is not its derivative between x = {pieces[at]:.6g} and {pieces[at + 1]:.6g}, "
                f"the integral is off by {off[state, at]:.1e}"
            )
    return result


def _integrals(seen: Look) -> tuple[Array, Array]:
    """The integrals of psi' and psi'' over every piece, each (states, pieces)."""
    panels: list[list[Array]] = [[], []]
    for part in seen.fine.parts():
        for values, sums in zip((part.jet.slope, part.jet.curvature), panels, strict=True):
            weighted = values * part.rule.weights.ravel()
            sums.append(weighted.reshape(len(values), *part.rule.x.shape).sum(axis=2))
    start = np.searchsorted(seen.fine.rule.x[:, 0], seen.pieces[:-1])
    first, second = (np.add.reduceat(np.concatenate(sums, axis=1), start, axis=1) for sums in panels)
    return first, second
