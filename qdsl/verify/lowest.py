"""The lowest states on a mesh, by the way that suits their number and that of the elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qdsl.states import Array
from qdsl.verify.counting import condense, count_below, counted_energies
from qdsl.verify.decay import calmed
from qdsl.verify.dense import dense_energies, dense_states
from qdsl.verify.elements import Elements, element_matrices, kept, narrower
from qdsl.verify.lanczos import lowest_states, states_from
from qdsl.verify.mesh import Span
from qdsl.verify.wkb import Samples

# Up to these sizes dense algebra is faster than Lanczos' from nothing and from states that are nearly right.
FEW, FEWER = 250, 70
# Up to this size it is faster than counting for any number of states.
DENSE = 500
# So many spreads of the energies below them, a shift costs Lanczos steps, and digits.
WORTH, FAR = 4.0, 100.0


@dataclass(frozen=True, eq=False)
class Solved:
    """The lowest `energies` (states,) of the elements, and the coefficients of these states.

    `states` (elements, N + 1, states); none where nobody needs them, energies were counted, or ends coupled.
    `samples`: what the elements were made of.
    """

    samples: Samples
    elements: Elements
    energies: Array
    states: Array


def solve(samples: Samples, degree: int, count: int, span: Span, near: Solved | None = None) -> Solved:
    """At least `count` states, which may be expected `near` some others.

    The shift is the floor of q/w at first.  Where that lies far below the spectrum (deep narrow
    potentials, -1/x), E - shift would lose digits: then the shift is close to E_0, or what is expected of
    it.  That it lies below the spectrum shows when the matrices turn out to be definite.
    """
    calm = calmed(samples, span.highest)
    lowest, highest = (span.lowest, span.highest) if near is None else _range(near, count)
    shift = _closer(samples, lowest, highest, calm.floor, WORTH)
    try:
        found = _lowest(calm, element_matrices(calm, degree, shift), count, span.highest, near)
    except np.linalg.LinAlgError:
        if shift == calm.floor:
            raise
        shift = calm.floor
        found = _lowest(calm, element_matrices(calm, degree, shift), count, span.highest, near)
    lowest, highest = _range(found, count)
    closer = _closer(samples, lowest, highest, shift, FAR if shift == calm.floor else WORTH)
    if closer == shift:
        return found
    try:
        return _lowest(calm, element_matrices(calm, degree, closer), count, highest, found)
    except np.linalg.LinAlgError:  # the shift was not below the spectrum after all
        return found


def _range(found: Solved, count: int) -> tuple[float, float]:
    return float(found.energies[0]), float(found.energies[min(count, len(found.energies)) - 1])


def _closer(samples: Samples, lowest: float, highest: float, shift: float, far: float) -> float:
    """A shift that is close to the energies, where the given one is `far` spreads of them away."""
    spread = highest - lowest + samples.kinetic(lowest)
    above = lowest - shift
    return lowest - spread - 1e-6 * above if above > far * spread else shift


def _lowest(samples: Samples, elements: Elements, count: int, guess: float, near: Solved | None) -> Solved:
    size = elements.unknowns
    if elements.factor is None and size > FEWER and near is not None and near.states.shape[2] >= count:
        known = states_from(elements, _started(samples, elements, near), count)
        if known is not None:
            return Solved(samples, elements, *known)
    elif elements.factor is None and size > FEW and near is None:
        found = lowest_states(elements, count)
        if found is not None:
            return Solved(samples, elements, *found)
    # measured: 1.2e-10 s n^3 for n unknowns against 2e-6 s n for a state that is counted in
    if size <= FEWER:
        return Solved(samples, elements, dense_energies(elements, 0, count - 1), np.empty((0, 0, 0)))
    if size <= max(DENSE, 130 * count**0.5):
        return Solved(samples, elements, *dense_states(elements, count - 1))
    condensed = condense(elements)
    if count_below(condensed, np.array([elements.shift]))[0]:
        raise np.linalg.LinAlgError("the shift is not below the spectrum")
    expected = None if near is None else near.energies[:count]
    energies = counted_energies(condensed, 0, count - 1, guess, expected)
    return Solved(samples, elements, energies, np.empty((0, 0, 0)))


def _started(samples: Samples, elements: Elements, near: Solved) -> Array:
    """The states of another mesh on one with the same edges but for its ends, (elements, N + 1, states).

    Polynomials of higher degrees are left out: bases of lower ones are parts of those of higher ones.
    """
    edges, old = samples.edges, near.samples.edges
    row = np.searchsorted(old[1:-1], 0.5 * (edges[1:] + edges[:-1]))
    states = near.states[row]
    left, right = old[row], old[row + 1]
    shares = (edges[1:] - edges[:-1]) / (right - left)
    changed = (shares != 1).nonzero()[0]
    if changed.size:
        places = (edges[1:] + edges[:-1] - left - right) / (right - left)
        states[changed] = narrower(states[changed], shares[changed], places[changed])
    return np.asarray(states[:, kept(elements.mass.shape[1] - 1, states.shape[1])])
