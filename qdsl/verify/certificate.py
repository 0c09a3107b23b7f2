"""Certificates: what is proven about every state, and what is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify.bounds import residual_bound
from qdsl.verify.coefficients import coefficients
from qdsl.verify.membership import membership
from qdsl.verify.nodes import Nodes, count_nodes
from qdsl.verify.quadrature import merged
from qdsl.verify.reference import Reference
from qdsl.verify.residual import Residuals, residuals
from qdsl.verify.sampling import look

UNKNOWN = "the reference solver has no such state to compare with"


@dataclass(frozen=True, eq=False)
class Certificate:
    """Evidence for every state; arrays have shape (states,), energies the problem's unit.

    `bounds`: |E - E_k| <= bound for some eigenvalue E_k of the problem as stated (infinite ends too).
    `residuals`: ||(H - E) psi|| / ||psi|| inside the pieces.
    `nodes`: sign changes of psi above its accuracy.
    `certified`: psi is in the domain of H, E belongs to psi, the bound is consistent with the reference
    and leaves no other level, and the index n is confirmed.
    `converged`: the energy agrees with the reference within the tolerance, and the reference is good
    enough to tell.
    `differences`: E minus the reference energy.
    `message`: what failed, one sentence each; empty when everything held.
    """

    bounds: Array
    residuals: Array
    nodes: NDArray[np.int64]
    certified: NDArray[np.bool]
    converged: NDArray[np.bool]
    differences: Array
    message: str


def certify(problem: Problem, states: States, reference: Reference, tolerance: float) -> Certificate:
    """Judge `states` against the equation and against the reference.

    `tolerance` is relative to max(|E|, int p |psi'|^2 dx).
    """
    c = coefficients(problem)
    pieces = merged(states.edges, c.cuts, within=(float(states.edges[0]), float(states.edges[-1])))
    seen = look(c, states, pieces)
    found = residuals(seen, states.energies)
    broken = membership(c, states, seen, found)
    bounds = residual_bound(states.energies, found, broken)
    nodes = count_nodes(seen.fine, states.energies)
    differences = states.energies - reference.energies
    objections = [
        _objection(i, states, reference, found, broken.faults[i], float(bounds[i]), nodes)
        for i in range(len(states.numbers))
    ]
    doubts = _doubts(states, reference, found, tolerance)
    sentences = [
        f"state {n}: {text}"
        for n, *texts in zip(states.numbers, objections, doubts, strict=True)
        for text in dict.fromkeys(texts)  # both judgements may miss the same thing
        if text
    ]
    if reference.message:
        sentences.append(f"reference solver: {reference.message}")
    return Certificate(
        bounds=bounds,
        residuals=found.residual / np.where(found.norm > 0, found.norm, np.nan),
        nodes=nodes.counts,
        certified=np.array([not text for text in objections]),
        converged=np.array([not text for text in doubts]),
        differences=differences,
        message="; ".join(sentences),
    )


def _objection(
    i: int, states: States, reference: Reference, found: Residuals, fault: str, bound: float, nodes: Nodes
) -> str:
    """Why state i cannot be certified; "" if it can."""
    n, energy, slack = states.numbers[i], float(states.energies[i]), float(reference.errors[i])
    if not np.isfinite(energy) or not np.isfinite(found.norm[i]) or found.norm[i] == 0:
        return "psi is zero or not a number"
    if fault:
        return f"{fault}, so psi is not in the domain of the equation"
    # With r^2 = r_R^2 + (E - R)^2, r_R the residual at the Rayleigh quotient R: an energy further from
    # R than r_R is not the energy of this psi.
    mean, residual = abs(float(found.mean[i])), float(found.residual[i] / found.norm[i])
    slip = 4 * float(found.rounding[i] / found.norm[i])
    if mean > np.sqrt(max(residual**2 - mean**2, 0.0)) + slip + (bound - residual):
        return f"the energy is {mean:.1e} away from the mean energy of its psi"
    count = int(nodes.counts[i])
    hidden = bool(nodes.hidden[i])
    if count > n or (count < n and not hidden):
        return f"{count} node{'s' * (count != 1)}, expected {n}: this is another state"
    if not np.isfinite(slack):
        return UNKNOWN
    difference = abs(energy - float(reference.energies[i]))
    if difference > bound + slack:
        return f"energy differs from the reference by {difference:.1e}, more than its bound {bound:.1e}"
    others = np.abs(np.delete(reference.levels, n) - energy)
    if not _isolated(others, bound + slack, hidden):
        return f"the bound {bound:.1e} is too wide to tell this level from the next, {others.min():.1e} away"
    return ""


def _isolated(others: Array, reach: float, hidden: bool) -> bool:
    """Whether psi can only be state n: `others` are the distances from E to all other levels.

    The part of psi outside the eigenspace of the levels within a distance `gap` has the norm r/gap at
    most (Davis and Kahan, SIAM J. Numer. Anal. 7 (1970) 1).  With r/gap <= 1/2 psi points
    along one state.  Levels nearer than that, such as the other half of a tunnelling pair, are told
    apart by their nodes, if nodes can be seen and if the cluster stands clearly apart from the rest.
    """
    cluster = others[others < 2 * reach]
    if not cluster.size:
        return True
    rest = others[others >= 2 * reach]
    return not hidden and rest.size > 0 and bool(rest.min() >= 8 * cluster.max())


def _doubts(states: States, reference: Reference, found: Residuals, tolerance: float) -> list[str]:
    """Why each state has not converged; "" if it has."""
    result = []
    scale = np.maximum(np.abs(states.energies), found.kinetic)
    for i, size in enumerate(scale):
        own = float(reference.errors[i])
        difference = abs(float(states.energies[i] - reference.energies[i]))
        text = ""
        if not np.isfinite(size):
            text = "there is no energy to compare"
        elif not np.isfinite(own):
            text = UNKNOWN
        elif not own <= tolerance * size:
            text = (
                f"the reference's own error {own:.1e} is too large to confirm a tolerance of {tolerance:.0e}"
            )
        elif not difference <= tolerance * size + own:
            text = f"energy differs from the reference by {difference:.1e}, tolerance {tolerance:.0e}"
        result.append(text)
    return result
