"""Is it state n?  How the quantum number of a state is confirmed.

Where the levels are enclosed with their numbers (`levels`), it is settled when the interval of number n
stands apart from those of its neighbours.  Else:

Separated ends: psi_n has n zeros inside the domain (Sturm's oscillation theorem; it holds with Neumann and
Robin ends and point interactions too), and no other level of the complete list lies within its bound.
Coupled ends: zeros do not count; the Hill discriminant does, between the level and its neighbours.  Levels
that it cannot tell apart, as where band edges touch, are confirmed together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.states import Array
from qdsl.verify import hill
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.levels import Evidence, Run
from qdsl.verify.reference import Reference
from qdsl.verify.residual import Products
from qdsl.verify.sampling import Sampled

# Levels that are confirmed together at most.
CLUSTER = 4
# States whose psi overlap by more than this are not two states.
OVERLAP = 0.1


class Index(Enum):
    """What confirms a quantum number."""

    PROVEN = "enclosed levels"
    COUNTED = "count of the reference solver"
    CLUSTER = "enclosed levels, as a cluster"
    OSCILLATION = "oscillation theorem"
    SPECTRUM = "complete spectrum"
    HILL = "Hill discriminant"
    PAIR = "Hill discriminant, as a pair"
    NONE = "not confirmed"


@dataclass(frozen=True)
class Finding:
    """What confirms the index of a state, or why it is not confirmed; `another`: it is another state."""

    index: Index
    objection: str = ""
    another: str = ""


def from_intervals(run: Run, energies: Array, widths: Array, reaches: Array) -> list[Finding | None]:
    """For each member of a run whose levels are enclosed; None if they are not, or it may be another one.

    `energies` are those of the run, `widths` tell how far each may be from its level, infinite where that is
    not enclosed, and `reaches` are the residual bounds.  A psi of energy
    E with the residual r lies within an angle of about r/gap of the span of the states that are no
    further than gap away (Davis and Kahan, SIAM J. Numer. Anal. 7 (1970) 1), and within that span it is the
    state whose level it has, if that stands apart from the others by more than the widths.  Levels that do
    not are confirmed together when everything else is eight times as far away as they are wide.
    The level that the residual bound speaks of, where that is the better one, is then one of these as well:
    the poles are further away than twice that bound, and other levels than three widths.
    """
    if not np.isfinite(widths).all():
        return [None] * len(energies)
    levels, wide = energies.tolist(), widths.tolist()
    steps = [b - a for a, b in pairwise(levels)]
    if any(step < 0 for step in steps):
        return [None] * len(energies)
    poles = [pole.energy for pole in (run.above, run.below) if pole is not None]
    clear = [
        min(abs(pole - level) for pole in poles) > 2 * reach
        for level, reach in zip(levels, reaches.tolist(), strict=True)
    ]
    apart = [step > 4 * max(pair) for step, pair in zip(steps, pairwise(wide), strict=True)]
    starts = [0, *(i for i, far in enumerate(apart, start=1) if far), len(levels)]
    alone = Finding(Index.PROVEN if run.evidence is Evidence.PROVEN else Index.COUNTED)
    result: list[Finding | None] = []
    for first, end in pairwise(starts):
        finding: Finding | None = alone
        if end - first > 1:
            together = _is_cluster(energies, widths, poles, first, end)
            finding = Finding(Index.CLUSTER) if together else None
        result += [finding if fine else None for fine in clear[first:end]]
    return result


def _is_cluster(energies: Array, widths: Array, poles: list[float], first: int, end: int) -> bool:
    """Whether the members first .. end - 1 stand together and apart from everything else."""
    others = np.concatenate([energies[:first], energies[end:], poles])
    near, far = energies[first], energies[end - 1]
    width = far - near + widths[first:end].max()
    alone = min(float(np.abs(others - near).min()), float(np.abs(others - far).min())) >= 8 * width
    return alone and end - first <= CLUSTER


def from_nodes(n: int, energy: float, reach: float, levels: Array, count: int, hidden: bool) -> Finding:
    """Separated ends: `count` nodes were seen, and no level but number n lies within `reach` of the energy.

    With `hidden` nodes the count is only a lower bound, and the list of all levels decides alone.
    """
    another = contradiction(n, count, hidden)
    if another:
        return Finding(Index.NONE, another=another)
    if n >= len(levels):
        return Finding(Index.NONE, "the reference solver has no such level")
    others = np.abs(np.delete(levels, n) - energy)
    if not _isolated(others, reach, hidden):
        return Finding(Index.NONE, _too_wide(reach, float(others.min())))
    return Finding(Index.SPECTRUM if hidden else Index.OSCILLATION)


def contradiction(n: int, count: int, hidden: bool) -> str:
    """A sentence where the nodes that are seen say that this is not state n."""
    if count > n or (count < n and not hidden):
        return f"{count} node{'s' * (count != 1)}, expected {n}: this is another state"
    return ""


def from_discriminant(c: Coefficients, n: int, energy: float, reach: float, reference: Reference) -> Finding:
    """Coupled ends: the Hill discriminant counts n levels below the cluster of state n, n + 1 up to its end.

    A cluster of k levels is confirmed when n lies in it and k levels are counted between its two sides:
    with the residual bound, psi is then a state of the cluster.
    """
    levels = reference.levels
    inside = [j for j, level in enumerate(levels[:-1]) if j == n or abs(level - energy) < 2 * reach]
    first, last = min(inside), max(inside)
    while True:
        if last + 1 >= len(levels) or last - first >= CLUSTER:
            return Finding(Index.NONE, "its level is too close to too many others to be counted")
        span = float(levels[last + 1] - levels[max(first - 1, 0)])
        low = 0.5 * (levels[first - 1] + levels[first]) if first else levels[0] - 0.5 * span
        high = 0.5 * (levels[last] + levels[last + 1])
        below, above = (int(k) for k in hill.count_below(c, np.array([low, high])))
        if below == hill.UNDECIDED and first > 0:
            first -= 1
        elif above == hill.UNDECIDED:
            last += 1
        else:
            break
    if (below, above) != (first, last + 1):
        return Finding(
            Index.NONE,
            f"the Hill discriminant counts {below} levels below {low:.10g} and {above} below {high:.10g}, "
            f"expected {first} and {last + 1}",
        )
    if not low + reach < energy < high - reach:
        return Finding(Index.NONE, _too_wide(reach, min(abs(energy - low), abs(high - energy))))
    return Finding(Index.HILL if first == last else Index.PAIR)


def dependent(products: Products, seen: Sampled, reaches: Array) -> dict[int, tuple[int, float]]:
    """States whose psi is mostly that of an earlier one: that one, and by how much they overlap.

    Within their groups `products` tell.  For any others |<psi_i|psi_j>| <= (r_i + r_j)/|E_i - E_j| with the
    residual bounds r, `reaches`, as <psi_i|(H - E_j) psi_j> - <(H - E_i) psi_i|psi_j> shows; what that leaves
    open is integrated.
    """
    energies = seen.states.energies
    found: dict[int, tuple[int, float]] = {}
    group_of = np.empty(len(energies), dtype=np.int64)
    for number, (group, block) in enumerate(zip(products.groups, products.blocks, strict=True)):
        group_of[group] = number
        _overlapping(group, block[0], found)
    if len(products.groups) > 1:
        near = reaches + reaches[:, None] > OVERLAP * np.abs(energies - energies[:, None])
        near &= (group_of != group_of[:, None]) & np.isfinite(reaches) & np.isfinite(reaches)[:, None]
        states = np.flatnonzero(near.any(axis=1))
        if states.size:
            _overlapping(states, reduce(np.add, (_overlap(part, states) for part in seen.parts())), found)
    return found


def _overlap(at: Sampled, states: NDArray[np.int64]) -> NDArray[Any]:
    psi = at.jet.psi[states]
    return np.asarray((psi.conj() * (at.w * at.rule.weights.ravel())) @ psi.T)


def _overlapping(
    states: NDArray[np.int64], overlap: NDArray[Any], found: dict[int, tuple[int, float]]
) -> None:
    """Add the states that overlap with an earlier one."""
    size = np.abs(overlap)
    norm = np.sqrt(size.diagonal())
    units = norm[:, None] * norm
    for i, j in zip(*np.nonzero(size > OVERLAP * units), strict=True):
        if j < i:
            found.setdefault(int(states[i]), (int(states[j]), float(size[i, j] / units[i, j])))


def _too_wide(reach: float, distance: float) -> str:
    return f"the bound {reach:.1e} is too wide to tell this level from the next, {distance:.1e} away"


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
