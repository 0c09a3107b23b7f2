"""The independent reference solver: spectral elements in two resolutions, with a stated error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.physics.problem import Problem
from qdsl.states import Array
from qdsl.verify.box import BEYOND, grown, inner_box, seeds, widened
from qdsl.verify.coefficients import Coefficients, coefficients
from qdsl.verify.counting import Condensed, Counts, condense, count_below
from qdsl.verify.decay import ROUNDING_DECAY, Decay, end_decay
from qdsl.verify.elements import Elements
from qdsl.verify.lowest import solve
from qdsl.verify.mesh import Mesh, Span, build, knows, resolved
from qdsl.verify.quadrature import merged
from qdsl.verify.wkb import Samples, energy_of_phase, sample

# A wave of phase A in an element has Legendre coefficients J_k(A/2), and energies converge with their
# squares: J_17(5)^2 = 2e-15 for the coarse solve, J_21(5)^2 = 7e-22 for the fine one, if k is constant.
ACTION = 10.0
COARSE, FINE = 16, 20
# Gauss points beyond the degree: products of two basis functions and a potential of this degree are exact.
EXTRA = 8
POINTS = FINE + EXTRA
# The resolutions must agree to this share of max(|E|, kinetic scale), or the mesh is refined.
AGREE = 1e-11
ATTEMPTS = 8


@dataclass(frozen=True, eq=False)
class Reference:
    """Energies found independently of every method, and how far they can be trusted.

    `energies`, `errors` (states,): the energies of the numbers asked for and a bound of their error,
    made of the difference of two resolutions (the coarse one also in a smaller box), the `bracket`,
    what the mesh leaves unresolved, and rounding; infinite where a state does not exist.
    `box`: the interval of the fine solve.
    `bracket` (states, 2): the energies with psi' = 0 and with psi = 0 at the cuts of the smaller box.
    Where q > E w outside, they enclose the level of the infinite domain (Dirichlet-Neumann bracketing,
    Reed and Simon IV, section XIII.15), up to the errors of the discretisation.  Both are the energy
    itself on a finite domain.
    `message`: why an error is infinite; empty otherwise.
    `levels`: all energies from the ground state up to one above the highest wanted state (two for
    coupled ends), to tell which of them a bound can mean; these are only as good as the mesh for the
    others.
    """

    energies: Array
    errors: Array
    box: tuple[float, float]
    bracket: Array
    message: str = ""
    levels: Array = field(default_factory=lambda: np.empty(0), repr=False)
    elements: Elements | None = field(default=None, repr=False)

    def count_below(self, energies: Array) -> Counts:
        """The number of eigenvalues below each energy on the reference's box, by inertia; int."""
        if self.elements is None:
            raise ValueError("the reference solver found nothing to count in: " + self.message)
        condensed: Condensed = condense(self.elements)
        return count_below(condensed, energies)


def reference(
    problem: Problem, numbers: Sequence[int], box: tuple[float, float], cuts: tuple[float, ...] = ()
) -> Reference:
    """Solve a problem for the states `numbers` with Legendre spectral elements.

    `box` is where the method represented its states; an infinite end is cut further out than that, and
    a finite end of the domain is taken from the problem.  `cuts` are places around something narrow that
    the analysis of the problem does not know of.
    """
    c = coefficients(problem)
    inside = {at for at in cuts if c.domain[0] < at < c.domain[1]}
    return reference_of(replace(c, cuts=tuple(sorted({*c.cuts, *inside}))), numbers, box)


def reference_of(c: Coefficients, numbers: Sequence[int], box: tuple[float, float]) -> Reference:
    """`reference` from the coefficients."""
    if not numbers:
        return Reference(np.empty(0), np.empty(0), box, np.empty((0, 2)))
    last = max(numbers)
    begun = _start_box(c, box)
    guess = _guess(last)
    more = 1 if c.phase is None else 2  # levels of coupled ends come in pairs
    ends, start, mesh = _first_mesh(c, begun, guess)
    beyond = BEYOND if ends == begun else 0.0
    limit, solved, infinite = ACTION, False, any(map(math.isinf, c.domain))
    for _ in range(ATTEMPTS):
        larger = grown(c, ends, mesh.samples, mesh.span.highest, beyond)
        if larger is None:  # not bound, or not in this box: the first solve tells
            larger = widened(c, ends, 4.0) if solved else ends
        if larger != ends:
            ends, beyond = larger, 0.0
            mesh = build(c, merged(start, within=ends), guess, limit, POINTS)
        samples, span, left = mesh.samples, mesh.span, mesh.unresolved
        if np.isnan(samples.q).any():
            return _nothing(numbers, ends, "the potential is not a number somewhere in the domain")
        try:
            found = solve(samples, FINE, last + 1 + more, span)
            edges = merged(samples.edges, within=inner_box(c, samples, span.highest))
            cut = sample(c, edges, COARSE + EXTRA)
            fewer = solve(cut, COARSE, last + 1, span, found)
            open_ended = solve(_open(c, cut), COARSE, last + 1, span, fewer) if infinite else fewer
        except np.linalg.LinAlgError:
            return _nothing(numbers, ends, "the potential spans too many orders of magnitude")
        elements, levels = found.elements, found.energies[: last + 1 + more]
        fine, coarse, lower = (part.energies[: last + 1] for part in (found, fewer, open_ended))
        spread = np.abs(fine - coarse)
        rounding = _rounding(samples, elements, fine)
        decayed = _decayed(c, samples, fine)
        if decayed.all() and _agree(samples, fine, spread, rounding):
            break
        guess = _known(Span(float(fine[0]), float(fine[-1])))
        start, solved = samples.edges, True
        limit /= 1.5 if decayed.all() else 1.0
        mesh = build(c, merged(start, within=ends), guess, limit, POINTS)
    wanted = np.asarray(numbers)
    bracket = np.stack([lower, coarse] if infinite else [fine, fine], axis=1)
    errors = spread + np.abs(coarse - lower) + rounding + left
    message = ""
    if not decayed[wanted].all():
        errors = np.where(decayed, errors, math.inf)
        loose = [n for n in numbers if not decayed[n]]
        message = f"no bound state {_listed(loose)} found in a box of {ends[0]:.6g} .. {ends[1]:.6g}"
    return Reference(fine[wanted], errors[wanted], ends, bracket[wanted], message, levels, elements)


def _first_mesh(
    c: Coefficients, ends: tuple[float, float], guess: Callable[[Samples], Span]
) -> tuple[tuple[float, float], Array, Mesh]:
    """The box, the edges to start with, and a mesh, from a first look.

    The box grows to where the energies that are seen have decayed.  The seeds are no edges where a mesh
    without them knows all that is seen with them.
    """
    start = cuts = np.array(c.cuts)
    if not any(map(math.isinf, c.domain)):
        return ends, start, build(c, merged(start, within=ends), guess, ACTION, POINTS)
    start = seeds(c, ends)
    seen = sample(c, merged(start, within=ends), POINTS)
    highest = guess(seen).highest
    ends = grown(c, ends, seen, highest, BEYOND) or ends
    if not c.varies and not any(c.singular) and resolved(c, seen, highest):
        mesh = build(c, merged(cuts, within=ends), guess, ACTION, POINTS)
        if knows(mesh.samples, seen, mesh.span.highest):
            return ends, cuts, mesh
    return ends, start, build(c, merged(start, within=ends), guess, ACTION, POINTS)


def _open(c: Coefficients, samples: Samples) -> Samples:
    """The same with psi' = 0 where an infinite domain is cut."""
    left, right = (fixed and math.isfinite(end) for fixed, end in zip(samples.fixed, c.domain, strict=True))
    return replace(samples, fixed=(left, right))


def _guess(last: int) -> Callable[[Samples], Span]:
    """Bohr and Sommerfeld: state n holds a phase between pi (n + 1/2) and, between walls, pi (n + 1)."""
    return lambda samples: Span(
        energy_of_phase(samples, 0.5 * math.pi), energy_of_phase(samples, (last + 1.0) * math.pi)
    )


def _known(span: Span) -> Callable[[Samples], Span]:
    """The energies of the last solve."""
    return lambda _samples: span


def _start_box(c: Coefficients, box: tuple[float, float]) -> tuple[float, float]:
    """The method's box with every singular point in it; finite ends are the domain's own."""
    left, right = c.domain
    start = left if math.isfinite(left) else min([box[0], *c.cuts])
    end = right if math.isfinite(right) else max([box[1], *c.cuts])
    # a cut at the very end of an infinite domain's box: leave room, the far side matters
    room = 0.1 * (end - start)
    start -= room * (math.isinf(left) and start in c.cuts)
    end += room * (math.isinf(right) and end in c.cuts)
    return start, end


def _agree(samples: Samples, energies: Array, spread: Array, rounding: Array) -> bool:
    """Whether the resolutions do: what is to be resolved is a share of |E| or of the kinetic scale."""
    rest = (spread > np.maximum(AGREE * np.abs(energies), rounding)).nonzero()[0].tolist()
    return all(spread[i] <= AGREE * samples.kinetic(float(energies[i])) for i in rest)


def _rounding(samples: Samples, elements: Elements, energies: Array) -> Array:
    """What double precision costs, (states,).

    The eigenvalues are mu = 1/(E - shift) of M against K - shift M.  LAPACK finds mu with a backward
    error of a few eps max(mu), hence E with a few eps (E - shift)^2 / (E_0 - shift).  The entries of K
    carry relative errors eps, and the hats' entries p/h do not cancel to rounding: with psi^2 <= 2/L
    (L the allowed length) they add eps sum_h 4 p/h * 2/L over the elements where the wave lives.
    """
    above = energies - elements.shift
    top = float(energies[-1])
    alive = np.exp(-2 * np.minimum(Decay(samples, top).depth, 300.0))
    hats = float((4 * samples.p.max(axis=1) / np.diff(samples.edges) * alive).sum())
    weight = 2 / samples.allowed_length(top)
    return np.asarray(4 * EPS * (above**2 / above[0] + abs(elements.shift) + hats * weight))


def _decayed(c: Coefficients, samples: Samples, energies: Array) -> NDArray[np.bool]:
    """Whether each state has died out at every infinite end, (states,): the highest decays the least."""
    infinite = [math.isinf(end) for end in c.domain]

    def dies(energy: float) -> bool:
        pair = end_decay(samples, energy)
        return all(d >= ROUNDING_DECAY for d, far in zip(pair, infinite, strict=True) if far)

    if not any(infinite) or dies(float(energies[-1])):
        return np.ones(energies.shape, dtype=bool)
    return np.array([dies(float(energy)) for energy in energies])


def _nothing(numbers: Sequence[int], box: tuple[float, float], why: str) -> Reference:
    """No energies at all: NaN with infinite errors."""
    shape = (len(numbers),)
    nothing = np.full((len(numbers), 2), np.nan)
    return Reference(nothing[:, 0], np.full(shape, math.inf), box, nothing, why)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
