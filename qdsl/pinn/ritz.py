"""`ritz`: random-feature Rayleigh-Ritz, with pieces refined until the tolerance is met.

The hidden layer is drawn once; the output weights and the energies are the eigenpairs of the quadratic
form over the trial function.  It is not gradient training: it cannot collapse to psi = 0, nor skip a
state inside its span.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from qdsl.errors import ProblemError
from qdsl.physics.intervals import EPS, TINY
from qdsl.physics.problem import Problem
from qdsl.pinn.box import find_box
from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.eigenproblem import assemble, spacing
from qdsl.pinn.estimate import CLUSTER, quadratic_errors
from qdsl.pinn.fit import Fit, collocate_by
from qdsl.pinn.joints import join
from qdsl.pinn.measures import measured
from qdsl.pinn.pieces import ACTION, THIN, Box, cut, cut_around, cut_at
from qdsl.pinn.trial import FOURIER, Bubbles, Trial, random_bubbles
from qdsl.states import Array

QUADRATURE = 48
"""Gauss points a piece: products of two features of frequency 20 oscillate at 40, which Gauss resolves
to rounding from about 40/2 + 20 points.  Twice as many points as bubbles where those are more."""

CHECK = 72
"""Gauss points a piece on which a result is judged, finer than those that produced it."""

COARSER = 2
"""Bubbles of every piece left out for the second opinion on every energy."""

CLOSE = 0.01
"""Distance of the highest states, relative to their energy, below which they may belong to a cluster of
which residual^2 / gap needs all members.

Also the least gap that counts.  A residual is orthogonal to the whole trial space, which holds the close
neighbours just as well, so it couples a state only to functions outside of it, and those oscillate many
times in a piece: the levels of a miniband, however close they lie, do not disturb each other."""

ROUNDS = 14
"""Refinements at most: halving a piece that often reaches 6e-5 of its width."""


PATIENCE = 2
"""Refinements in a row that may be worse than the one before, until the best one is taken."""

STALE = 4
"""Refinements in a row that may be worse than the best one, though not than the one before."""

NEWS = 100.0
"""A growth of the error from one refinement to the next that rounding does not explain: something has come
into sight, such as a narrow well, and what seemed good before is no match."""

ROUGH = 1e-3
"""Relative error from which on nothing is known yet: that smaller pieces do not help is then no sign of
rounding.  A potential that oscillates many times in a piece is not seen before its pieces are short."""

LARGEST = 60_000
"""Unknowns beyond which nothing is refined any further."""

LEAST = 64 * EPS
"""The smallest relative error that is worth smaller pieces: below it they only add rounding."""

GROWTH = 8
"""Times its unknowns to which a finished fit may grow when it goes on."""


def solve_ritz(problem: Problem, coefficients: Coefficients, features: int | None = None) -> Fit:
    """The wanted states of a problem by Rayleigh-Ritz over random features.

    Pieces are cut where the residual is, until for every state residual^2 / gap, the change against
    a smaller basis and the change on a finer quadrature are within the tolerance.  With `features`
    given, that many are used on the first choice of pieces, and nothing is refined.
    Raises ProblemError when the potential does not confine the wanted states, or `features` cannot hold
    them.
    """
    training = problem.training
    network = training.network or FOURIER
    goals = np.full(len(problem.states), training.goal)
    if features is not None:
        network = replace(network, hidden=(*network.hidden[:-1], features))
    bubbles = random_bubbles(network, training.seed)
    highest = max(problem.states)
    box = find_box(problem, coefficients, highest, bubbles)
    edges = cut(coefficients, box, highest, ACTION)
    if features is not None:
        return _solve_on(problem, coefficients, bubbles, edges, goals).fit
    return _adapted(problem, coefficients, bubbles, edges, box, goals, LARGEST)


def refine_ritz(
    problem: Problem, coefficients: Coefficients, start: Fit, shares: Array, unseen: Array
) -> Fit:
    """Go on from the pieces of `start`, which `solve_ritz` or this function made.

    `shares` (states,): to which part of what it is now the estimated error of each state is to come down.
    `unseen` (places,): where something is too narrow for the pieces, which are cut around it first.
    The result is on the same pieces where the estimate is as low as rounding allows.
    """
    assert start.errors is not None
    edges = cut_around(np.asarray(start.trial.edges.numpy()), unseen)
    box = Box(edges, np.empty(0))
    goals = np.maximum(start.errors * shares, LEAST)
    if unseen.size:  # who has not seen everything knows nothing of errors
        goals = np.full(len(shares), problem.training.goal)
    most = min(LARGEST, GROWTH * start.trial.unknowns)
    return _adapted(problem, coefficients, start.trial.bubbles, edges, box, goals, most)


def _adapted(
    problem: Problem,
    coefficients: Coefficients,
    bubbles: Bubbles,
    edges: Array,
    box: Box,
    goals: Array,
    most: int,
) -> Fit:
    """The best fit on these pieces or smaller ones, up to `most` unknowns, for errors `goals` (states,)."""
    best = last = _solve_on(problem, coefficients, bubbles, edges, goals)
    idle = stale = 0
    for _ in range(ROUNDS):
        tired = (idle >= PATIENCE or stale >= STALE) and not last.rough
        if last.fit.settled or last.fit.trial.unknowns > most or tired:
            break
        edges, before = _refined(coefficients, edges, box, last, min(idle, PATIENCE)), last.excess
        last = _solve_on(problem, coefficients, bubbles, edges, goals)
        # From some size on smaller pieces only add rounding, by no great factor.
        idle = 0 if last.excess < before else idle + 1
        better = last.excess < best.excess or last.excess > NEWS * before
        best, stale = (last, 0) if better else (best, stale + 1)
    return best.fit


@dataclass(frozen=True)
class _Round:
    """What came of one choice of pieces.

    `share` (pieces,): of the residual, in units of what the tolerance allows a piece, and 0 where every
    state is good enough.  `excess`: the largest error in units of the tolerance (not of what rounding allows,
    where that is more: rounding grows from round to round, and what became worse would look better).
    """

    fit: Fit
    share: Array
    excess: float

    @property
    def rough(self) -> bool:
        """Whether next to nothing is known."""
        return self.fit.errors is None or float(self.fit.errors.max()) > ROUGH


def _solve_on(
    problem: Problem, coefficients: Coefficients, bubbles: Bubbles, edges: Array, goals: Array
) -> _Round:
    """Solve on given pieces, for relative errors of at most `goals` (states,).

    The error of an energy is judged by the largest of three: residual^2 / gap, the change against the
    basis without its last bubbles, and the change of the Rayleigh quotient on the finer rule.
    """
    cuts = torch.from_numpy(edges)
    trial = Trial(cuts, join(problem, coefficients, cuts), bubbles)
    points, check = max(QUADRATURE, 2 * bubbles.count), max(CHECK, 3 * bubbles.count)
    at, finer = collocate_by(trial, coefficients, (points, check))
    eigenproblem = assemble(trial, trial.gauss_basis(points), at)
    highest, wanted = max(problem.states), np.array(problem.states)
    # One state more than wanted gives the gap above the highest; where that is small, some more.
    for count in (highest + 2, highest + 2 + CLUSTER):
        energies, unknowns = eigenproblem.lowest(count)
        if len(energies) <= highest:
            raise ProblemError(
                f"{bubbles.count} features a piece are too few to hold state {highest}",
                hint="leave the features out, and as many are used as are needed",
            )
        seen = measured(trial, check, unknowns, energies, finer)
        squared = seen.squared / seen.norm
        scale = np.maximum(np.abs(energies), seen.kinetic / seen.norm)
        if trial.joints.free:  # the ground state may be constant, and its energy 0
            scale = np.maximum(scale, spacing(finer))
        alone = squared.sum(axis=0) / (CLOSE * scale)
        if energies[-1] - energies[-2] > CLOSE * scale[-1]:
            break
        if (alone[wanted] <= goals * scale[wanted]).all():
            break
    second = eigenproblem.values_without_last_bubbles(unknowns, COARSER)
    quadratic = np.minimum(quadratic_errors(energies, squared.sum(axis=0)), alone)
    change = np.maximum(np.abs(second - energies), np.abs(seen.quotient - energies))
    error = (np.maximum(quadratic, change) / scale)[wanted]
    floor = (eigenproblem.rounding(energies) / scale)[wanted]
    goal = np.maximum(floor, goals)
    excess = np.where(error > goal, error / goal, 0.0)
    part = squared[:, wanted] / np.maximum(squared[:, wanted].sum(axis=0), TINY)
    share = len(part) * (part * excess).max(axis=1)
    message = _complaint(problem, error, goal, trial)
    unit = torch.from_numpy(unknowns[:, wanted] / np.sqrt(seen.norm[wanted]))
    fit = Fit(trial, unit, torch.from_numpy(energies[wanted]), not message, message, error)
    return _Round(fit, share, float((error / goals).max()))


def _refined(coefficients: Coefficients, edges: Array, box: Box, last: _Round, reach: int) -> Array:
    """Cut where the energies that were found want it, and halve what is left of too much residual.

    So many neighbours as `reach` says are halved with it, on both sides.  What is wrong in a wide piece may
    show in a short one beside it, whose curvature makes up for a wrong slope at their edge; then
    halving the short one only makes that curvature twice as large.
    """
    low, high = float(last.fit.energies.min()), float(last.fit.energies.max())
    cut = cut_at(coefficients, edges, box, low, high, ACTION)
    whole = np.isin(edges[1:], cut[np.searchsorted(cut, edges[:-1]) + 1])  # pieces that are as they were
    middle = (edges[:-1] + edges[1:]) / 2
    near = np.convolve(last.share > 1, np.ones(2 * reach + 1))[reach : reach + len(whole)]
    wide = np.diff(edges) > THIN * np.maximum(np.abs(edges[1:]), np.abs(edges[:-1]))
    return np.sort(np.concatenate([cut, middle[whole & wide & (near > 0)]]))


def _complaint(problem: Problem, error: Array, goal: Array, trial: Trial) -> str:
    """What is not within the tolerance, in a sentence; empty when all is well."""
    worst = int((error / goal).argmax())
    if error[worst] <= goal[worst]:
        return ""
    return (
        f"ritz: state {problem.states[worst]} has an estimated relative error of {error[worst]:.1e}, "
        f"more than {goal[worst]:.1e}, on {len(trial.edges) - 1} pieces"
    )
