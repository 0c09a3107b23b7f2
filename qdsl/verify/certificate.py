"""Certificates: what is proven about every state, and what is not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify.bounds import residual_bound
from qdsl.verify.coefficients import Coefficients, coefficients
from qdsl.verify.density import densities
from qdsl.verify.gram import grams
from qdsl.verify.hidden import hidden
from qdsl.verify.index import (
    Finding,
    Index,
    contradiction,
    dependent,
    from_discriminant,
    from_intervals,
    from_nodes,
)
from qdsl.verify.levels import Run, grouped, runs
from qdsl.verify.membership import membership
from qdsl.verify.nodes import count_nodes
from qdsl.verify.quadrature import merged
from qdsl.verify.reference import Reference
from qdsl.verify.residual import Residuals, products, residuals
from qdsl.verify.sampling import Look, look

UNKNOWN = "the reference solver has no such state to compare with"


@dataclass(frozen=True, eq=False)
class Certificate:
    """Evidence for every state; arrays have shape (states,), energies the problem's unit.

    `bounds`: |E - E_k| <= bound for an eigenvalue E_k of the problem as stated (infinite ends too): level n
    itself where `index` is PROVEN or COUNTED, a level of the cluster where it is CLUSTER, else some level.
    `residuals`: ||(H - E) psi|| / ||psi|| inside the pieces.
    `nodes`: sign changes of psi above its accuracy; -1 with coupled ends, where they say nothing.
    `index`: what confirms each quantum number.  `Index.PAIR` is a state of a degenerate pair: it is proven
    that the pair has these numbers and that psi belongs to it, which of the two it is has no meaning.
    `certified`: psi is in the domain of H, E belongs to psi, the bound is consistent with the reference
    and leaves no other level, and the index n is confirmed.
    `converged`: the bound is within the tolerance, or else the difference to the reference is, and that is
    good enough to tell.
    `differences`: E minus the reference energy.
    `message`: what failed, one sentence each; empty when everything held.
    `runs`: the enclosed levels, see `qdsl.verify.levels`.
    `repairs`: the norm of what psi lacks to be in the domain of H, a share of its own.
    `scale`: the energies that a tolerance is relative to, see `certify`; NaN for psi = 0.
    `unseen` (places,): where a coefficient goes where no sum over points has seen it, see `hidden`.
    """

    bounds: Array
    residuals: Array
    nodes: NDArray[np.int64]
    index: tuple[Index, ...]
    certified: NDArray[np.bool]
    converged: NDArray[np.bool]
    differences: Array
    message: str
    runs: tuple[Run, ...] = ()
    repairs: Array = field(default_factory=lambda: np.empty(0))
    scale: Array = field(default_factory=lambda: np.empty(0), repr=False)
    unseen: Array = field(default_factory=lambda: np.empty(0))


def certify(problem: Problem, states: States, reference: Reference, tolerance: float) -> Certificate:
    """Judge `states` against the equation and against the reference.

    `tolerance` is relative to max(|E|, int p |psi'|^2 dx); where both vanish, as for a constant between
    Neumann ends, to the kinetic energy of a half wave in the domain.
    """
    if not states.numbers:
        none, flags = np.empty(0), np.empty(0, dtype=np.bool)
        return Certificate(none, none, np.empty(0, dtype=np.int64), (), flags, flags, none, "")
    c = coefficients(problem)
    pieces = merged(states.edges, c.cuts, within=(float(states.edges[0]), float(states.edges[-1])))
    seen = look(c, states, pieces)
    groups = grouped(states.numbers, states.energies, reference)
    fine, coarse = products(seen.fine, groups), products(seen.coarse, groups)
    found = residuals(seen, fine, coarse)
    broken = membership(c, states, seen, found, groups)
    reaches = residual_bound(states.energies, found, broken)
    enclosed: tuple[Run, ...] = ()
    # a psi that is not in the domain of H encloses nothing
    if not any(broken.faults) and np.isfinite(states.energies).all() and (found.norm > 0).all():
        each = grams(states.energies, fine, coarse, found, broken)
        alive = densities(seen, found, states.numbers, groups, reference)
        enclosed = runs(problem, c, states.numbers, seen.pieces, alive, each, groups, reference)
    widths = _widths(states.energies, enclosed)
    bounds = np.minimum(reaches, widths)
    differences = states.energies - reference.energies
    nodes, findings = _findings(c, states, seen, reference, reaches, widths, enclosed)
    twice = dependent(fine, seen.fine, reaches)
    unseen = hidden(problem, seen.fine.rule.x.ravel(), seen.pieces)
    objections = [
        _secret(unseen)
        or _objection(i, states, reference, found, broken.faults[i], float(bounds[i]), findings[i])
        or _missing(i, twice, states.numbers)
        for i in range(len(states.numbers))
    ]
    scale = np.maximum(np.maximum(np.abs(states.energies), found.kinetic), found.least)
    doubts = _doubts(states, reference, scale, bounds, tolerance)
    norm = np.where(found.norm > 0, found.norm, np.nan)
    return Certificate(
        bounds=bounds,
        residuals=found.residual / norm,
        nodes=nodes,
        index=tuple(
            Index.NONE if text else finding.index for text, finding in zip(objections, findings, strict=True)
        ),
        certified=np.array([not text for text in objections], dtype=np.bool),
        converged=np.array([not text for text in doubts], dtype=np.bool),
        differences=differences,
        message=_message(states.numbers, objections, doubts, reference),
        runs=enclosed,
        repairs=broken.norm / norm,
        scale=scale,
        unseen=unseen,
    )


def _message(numbers: tuple[int, ...], objections: list[str], doubts: list[str], reference: Reference) -> str:
    """What failed, one sentence each."""
    sentences = [
        f"state {n}: {text}"
        for n, *texts in zip(numbers, objections, doubts, strict=True)
        for text in dict.fromkeys(texts)  # both judgements may miss the same thing
        if text
    ]
    if reference.message:
        sentences.append(f"reference solver: {reference.message}")
    return "; ".join(sentences)


def _widths(energies: Array, enclosed: tuple[Run, ...]) -> Array:
    """How far each energy is from the far end of the interval of its level; infinite where there is none.

    In a run the order of the energies decides which level is meant.
    """
    widths = np.full(energies.shape, np.inf)
    for run, part in zip(enclosed, _parts(enclosed), strict=True):
        own = energies[part]
        order = own.argsort(kind="stable").argsort()
        lower, upper = run.lower[order], run.upper[order]
        width = np.maximum(np.maximum(own - lower, upper - own), 0.0)
        widths[part] = width + EPS * np.abs(own)
    return widths


def _findings(
    c: Coefficients,
    states: States,
    seen: Look,
    reference: Reference,
    residual_bounds: Array,
    widths: Array,
    enclosed: tuple[Run, ...],
) -> tuple[NDArray[np.int64], list[Finding]]:
    """The nodes of the states, and what confirms their numbers."""
    reaches = residual_bounds + reference.errors
    known = np.isfinite(reaches) & np.isfinite(states.energies)
    if c.phase is not None:
        nodes = np.full(len(states.numbers), -1, dtype=np.int64)
        return nodes, [
            from_discriminant(c, n, float(energy), float(reach), reference)
            if fine
            else Finding(Index.NONE, UNKNOWN)
            for n, energy, reach, fine in zip(states.numbers, states.energies, reaches, known, strict=True)
        ]
    counted = count_nodes(seen.fine)
    settled = [
        finding
        for run, part in zip(enclosed, _parts(enclosed), strict=True)
        for finding in from_intervals(run, states.energies[part], widths[part], residual_bounds[part])
    ] or [None] * len(states.numbers)
    findings = []
    for i, n in enumerate(states.numbers):
        seen_nodes, hidden = int(counted.counts[i]), bool(counted.hidden[i])
        finding = settled[i]
        if finding is None:
            finding = from_nodes(
                n, float(states.energies[i]), float(reaches[i]), reference.levels, seen_nodes, hidden
            )
        elif finding.index is not Index.CLUSTER:
            another = contradiction(n, seen_nodes, hidden)
            finding = Finding(Index.NONE, another=another) if another else finding
        findings.append(finding)
    return counted.counts, findings


def _parts(enclosed: tuple[Run, ...]) -> list[slice]:
    """Where each run stands among the states."""
    return [slice(*ends) for ends in pairwise([0, *accumulate(len(run.lower) for run in enclosed)])]


def _secret(unseen: Array) -> str:
    """A sentence when something has been overlooked."""
    if not unseen.size:
        return ""
    where = f"x = {unseen[0]:.6g}"
    return f"a narrow feature of the equation at {where} may lie between the points of the quadrature"


def _objection(
    i: int, states: States, reference: Reference, found: Residuals, fault: str, bound: float, finding: Finding
) -> str:
    """Why state i cannot be certified; "" if it can."""
    energy, slack = float(states.energies[i]), float(reference.errors[i])
    if not math.isfinite(energy) or not math.isfinite(found.norm[i]) or found.norm[i] == 0:
        return "psi is zero or not a number"
    if fault:
        return f"{fault}, so psi is not in the domain of the equation"
    # With r^2 = r_R^2 + (E - R)^2, r_R the residual at the Rayleigh quotient R: an energy further from
    # R than r_R is not the energy of this psi.
    mean, residual = abs(float(found.mean[i])), float(found.residual[i] / found.norm[i])
    slip = 4 * float(found.rounding[i] / found.norm[i])
    if mean > math.sqrt(max(residual**2 - mean**2, 0.0)) + slip + (bound - residual):
        return f"the energy is {mean:.1e} away from the mean energy of its psi"
    if finding.another:
        return finding.another
    if not math.isfinite(slack):
        return UNKNOWN
    difference = abs(energy - float(reference.energies[i]))
    if difference > bound + slack:
        return f"energy differs from the reference by {difference:.1e}, more than its bound {bound:.1e}"
    return finding.objection


def _missing(i: int, twice: dict[int, tuple[int, float]], numbers: tuple[int, ...]) -> str:
    """A sentence when psi of state i is mostly that of an earlier state."""
    if i not in twice:
        return ""
    other, overlap = twice[i]
    return f"its psi overlaps with that of state {numbers[other]} by {overlap:.2g}: one is missing"


def _doubts(states: States, reference: Reference, scale: Array, bounds: Array, tolerance: float) -> list[str]:
    """Why each state has not converged; "" if it has: by its bound, or by agreement with the reference."""
    result = []
    for i, size in enumerate(scale):
        own = float(reference.errors[i])
        difference = abs(float(states.energies[i] - reference.energies[i]))
        text = ""
        if not math.isfinite(size):
            text = "there is no energy to compare"
        elif bounds[i] <= tolerance * size:
            text = ""
        elif not math.isfinite(own):
            text = UNKNOWN
        elif not own <= tolerance * size:
            text = (
                f"the reference's own error {own:.1e} is too large to confirm a tolerance of {tolerance:.0e}"
            )
        elif not difference <= tolerance * size + own:
            text = f"energy differs from the reference by {difference:.1e}, tolerance {tolerance:.0e}"
        result.append(text)
    return result
