"""Is the trial function in the domain of H?  And what a repair costs if it is not, quite.

H psi = (-(p psi')' + q psi)/w is defined for psi that is continuous and whose flux p psi' is continuous, but
for a jump of g psi at a point interaction of strength g, and that obeys its conditions at the ends:
psi = 0 (Dirichlet), psi' = ratio psi (Neumann, Robin), psi ~ y^s at a singular end, or psi and flux at the
right end exp(i phase) times those at the left one (Bloch).  Where a psi that is smooth inside its pieces
breaks this at a point e by j in its value and by s in its slope, it is repaired by cubic Hermite bumps on
one side of e, within the distance l: with t the distance from the far end of the support in units of l,

    eta_0 = t^2 (3 - 2 t)        value 1 and slope 0 at e, value and slope 0 at the far end,
    eta_1 = +-l t^2 (t - 1)      value 0 and slope 1 at e, value and slope 0 at the far end,

so that phi = psi - j eta_0 - s eta_1 is in the domain, and

    ||(H - E) phi|| <= ||(H - E) psi||_pieces + |j| ||(H - E) eta_0|| + |s| ||(H - E) eta_1||,
    ||phi||         >= ||psi|| - |j| ||eta_0|| - |s| ||eta_1||.

The same repair carries a function from a cut infinite domain to the whole line: psi extended by zero
has a jump psi'(b) in its slope at the cut b, and the bumps stand outside, where psi is 0, within the room
that point interactions and jumps of the coefficients leave.  So all bounds hold for the operator on the
infinite line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array, States
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.coherence import incoherent
from qdsl.verify.regularity import regularity
from qdsl.verify.repair import price
from qdsl.verify.residual import Residuals
from qdsl.verify.sampling import Look

# Breaks up to sqrt(eps) of the largest value or flux are rounding of features with large cancelling
# coefficients; they are charged to the bound.  Anything above is a fault of the trial function.
ROUNDING_BREAK = math.sqrt(EPS)


@dataclass(frozen=True)
class Membership:
    """The breaks of every state, and the price of their repair inside and outside of the states' box.

    `inside`, `outside` (2, states): what the repair adds to ||(H - E) psi||, and what it may take from
    ||psi||; infinite where there is no repair.
    `work`, (group, group) for each group of states: sum over the edges inside of |p psi_i'| |j_j| +
    |p psi_i| |s_j|, the boundary terms of <psi_i|(H - E) repair_j>.
    `faults`: for every state a sentence on the worst break that is more than rounding, or "".
    """

    inside: Array
    outside: Array
    work: tuple[Array, ...]
    faults: tuple[str, ...]

    @property
    def residual(self) -> Array:
        """What the repair adds to ||(H - E) psi|| in all, (states,)."""
        return np.asarray(self.inside[0] + self.outside[0])

    @property
    def norm(self) -> Array:
        """What the repair may take from ||psi||, (states,)."""
        return np.asarray(self.inside[1] + self.outside[1])


def membership(
    c: Coefficients, states: States, seen: Look, found: Residuals, groups: tuple[NDArray[np.int64], ...]
) -> Membership:
    """Check psi at every edge of the pieces seen (which contain the states' own) and at the ends.

    `found` gives the size of psi and of its flux, against which a break is large or small.
    """
    breaks = _breaks(c, states, seen)
    jump, kink = np.abs(breaks.jump), np.abs(breaks.kink)
    cut, cost = seen.supports.cut, price(seen.supports, seen.beside, states.energies, jump, kink)
    psi, slope = (np.abs(a).max(axis=2) for a in (seen.sides.jet.psi, seen.sides.jet.slope))
    held = np.where(cut, 0.0, seen.sides.p.max(axis=1))
    ends = regularity(c, states.energies, seen, found)
    left = np.concatenate([held * slope, held * psi, ends.value], axis=1)
    right = np.concatenate([jump, kink, ends.flux], axis=1)
    inside = cost.sum(axis=2, where=~cut)
    beyond = states.edges[0] < c.domain[0] or states.edges[-1] > c.domain[1]
    torn = [a or b for a, b in zip(incoherent(c, seen, found), ends.faults, strict=True)]
    inside[0] += np.where([beyond or fault != "" for fault in torn], np.inf, ends.price)
    return Membership(
        inside=inside,
        outside=cost.sum(axis=2, where=cut),
        work=tuple(left[some] @ right[some].T for some in groups),
        faults=_faults(c, states, seen, breaks, found, torn),
    )


@dataclass(frozen=True)
class _Breaks:
    """By how much value and slope must change at the repaired side of every edge, (states, edges).

    `wanting` (edges,): the condition that the slope breaks, for a sentence.
    """

    jump: NDArray[Any]
    kink: NDArray[Any]
    wanting: list[str]


def _breaks(c: Coefficients, states: States, seen: Look) -> _Breaks:
    """Edges are repaired on their left side, the first one on its right."""
    pieces, p = seen.pieces, seen.sides.p
    values, slopes = seen.sides.jet.psi.copy(), seen.sides.jet.slope.copy()
    for array in (values, slopes):  # outside the box psi is 0
        array[:, 0, 0] = 0.0
        array[:, -1, 1] = 0.0
    jump = values[:, :, 0] - values[:, :, 1]
    with np.errstate(divide="ignore", invalid="ignore"):  # p may vanish at a singular end
        kink = slopes[:, :, 0] - slopes[:, :, 1] * p[:, 1] / p[:, 0]
    wanting = ["the flux p psi' jumps by"] * len(pieces)
    for at, strength in c.deltas:
        if pieces[0] < at < pieces[-1]:
            edge = int(np.abs(pieces - at).argmin())
            kink[:, edge] += strength * values[:, edge, 1] / p[edge, 0]
            wanting[edge] = "the jump of the flux p psi' at the point interaction is off by"
    if c.phase is not None:
        _tie(c.phase, values, slopes, p, jump, kink)
        wanting[-1] = "the fluxes at the two ends differ from the Bloch condition by"
    for side in (0, -1) if c.phase is None else ():
        if states.edges[side] != c.domain[side]:
            continue
        ratio, inside = c.ratios[side], 1 if side == 0 else 0
        if c.singular[side] is not None:  # nothing but the power of the distance is asked, see `_powers`
            jump[:, side] = kink[:, side] = 0.0
        elif ratio is None:  # psi = 0 asks nothing of the slope
            kink[:, side] = 0.0
        else:
            jump[:, side] = 0.0
            kink[:, side] = slopes[:, side, inside] - ratio * values[:, side, inside]
            wanting[side] = (
                f"p (psi' - {ratio:.6g} psi) is not 0 but" if ratio else "the flux p psi' is not 0 but"
            )
    return _Breaks(jump, kink, wanting)


def _tie(
    phase: float, values: NDArray[Any], slopes: NDArray[Any], p: Array, jump: NDArray[Any], kink: NDArray[Any]
) -> None:
    """The break of a Bloch condition, all of it charged to the right end."""
    factor = np.exp(1j * phase)
    jump[:, 0] = kink[:, 0] = 0.0
    off = values[:, -1, 0] - factor * values[:, 0, 1]
    bend = slopes[:, -1, 0] - factor * slopes[:, 0, 1] * p[0, 1] / p[-1, 0]
    jump[:, -1], kink[:, -1] = np.abs(off), np.abs(bend)


def _faults(
    c: Coefficients, states: States, seen: Look, breaks: _Breaks, found: Residuals, torn: list[str]
) -> tuple[str, ...]:
    pieces, p = seen.pieces, seen.sides.p
    jump, flux = np.abs(breaks.jump), np.abs(breaks.kink) * p[:, 0]
    # a constant has no flux of its own to compare with
    least = found.height * p.max() / (pieces[-1] - pieces[0])
    value = jump > ROUNDING_BREAK * found.height[:, None]
    kink = flux > ROUNDING_BREAK * np.maximum(found.flux, least)[:, None]
    for side in (0, -1):
        if states.edges[side] != c.domain[side]:
            value[:, side] = kink[:, side] = False  # the repair at a cut is part of the method
    outside = states.edges[0] < c.domain[0] or states.edges[-1] > c.domain[1]
    result = ["its box reaches beyond the domain" if outside else ""] * len(torn)
    for state in (value | kink).any(axis=1).nonzero()[0]:
        for side in (0, -1):
            if value[state, side] and c.phase is not None:
                result[state] = (
                    f"the values at the two ends differ from the Bloch condition by {jump[state, side]:.1e}"
                )
            elif value[state, side]:
                result[state] = f"psi is {jump[state, side]:.1e} instead of 0 at x = {pieces[side]:.6g}"
        value[state, [0, -1]] = False
        if not result[state] and value[state].any():
            at = int(np.where(value[state], jump[state], 0.0).argmax())
            result[state] = f"psi jumps by {jump[state, at]:.1e} at x = {pieces[at]:.6g}"
        if not result[state] and kink[state].any():
            at = int(np.where(kink[state], flux[state], 0.0).argmax())
            result[state] = f"{breaks.wanting[at]} {flux[state, at]:.1e} at x = {pieces[at]:.6g}"
    return tuple(first or second for first, second in zip(result, torn, strict=True))
