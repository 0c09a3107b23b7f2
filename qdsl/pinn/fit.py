"""What one method hands to the next: a trial function with its unknowns and energies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qdsl.pinn.coefficients import Coefficients, Values, double
from qdsl.pinn.jets import Jet
from qdsl.pinn.loss import Collocation, named_terms, overlaps, residual_squared, squared_norm
from qdsl.pinn.trial import MOST, Trial, gauss
from qdsl.states import Array, States


@dataclass(frozen=True)
class Fit:
    """Fitted states: `unknowns` (unknowns, states) of the trial function and `energies` (states,).

    States are normalised, int w psi^2 dx = 1.  `settled` says whether the method met the tolerance,
    `message` why not.
    """

    trial: Trial
    unknowns: Tensor
    energies: Tensor
    settled: bool = True
    message: str = ""


def collocate(trial: Trial, coefficients: Coefficients, points: int) -> Collocation:
    """Gauss-Legendre collocation with `points` points on every piece."""
    return collocate_by(trial, coefficients, (points,))[0]


def collocate_by(
    trial: Trial, coefficients: Coefficients, counts: tuple[int, ...]
) -> tuple[Collocation, ...]:
    """Several Gauss-Legendre collocations at once: one evaluation of the coefficients serves them all."""
    t, weight = _gauss_points(trial, counts)
    values = coefficients.on_pieces(trial.points(t))
    parts = zip(*(v.split(counts, 1) for v in (t, weight, *values.all)), strict=True)
    return tuple(
        Collocation(points, trial.half[:, None] * weights, Values(*rest)) for points, weights, *rest in parts
    )


def _gauss_points(trial: Trial, counts: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Local points and weights of several rules side by side, (pieces, points)."""
    pieces = len(trial.edges) - 1
    rules = [gauss(count) for count in counts]
    t = torch.cat([rule.t for rule in rules]).expand(pieces, -1)
    weight = torch.cat([rule.weight for rule in rules]).expand(pieces, -1)
    for gauge in trial.joints.gauges:
        if gauge is not None:
            t, weight = t.clone(), weight.clone()
            own = [gauge.rule(count) for count in counts]
            t[-gauge.side] = torch.cat([points for points, _ in own])
            weight[-gauge.side] = torch.cat([weights for _, weights in own])
    return t, weight


JUDGE = 96
"""Gauss points a piece on which finished states are looked at, finer than those that produced them."""

KEPT = MOST
"""Values of psi at the points of one call that are kept, with as many of psi' and psi''."""

EPS = torch.finfo(torch.float64).eps

WIDE = 500
"""States that fill memory as much as the features do from which they are made at points anywhere."""


def to_states(fit: Fit, numbers: tuple[int, ...], coefficients: Coefficients) -> States:
    """The fit as plain numpy callables, signs fixed.

    The sign convention: the first extremum from the left that exceeds a tenth of the largest is
    positive.  A complex state is real and positive at the first point from the left where |psi| is within
    a hundredth of its largest value.
    """
    trial = fit.trial
    local = trial.local(fit.unknowns)
    local = local * _signs(trial, trial.gauss_basis(JUDGE), local)
    derivative = _Derivatives(trial, local)

    return States(
        numbers=numbers,
        energies=fit.energies.cpu().numpy(),
        edges=trial.edges.cpu().numpy(),
        psi=lambda x: derivative(x, 0),
        slope=lambda x: derivative(x, 1),
        curvature=lambda x: derivative(x, 2),
        losses=lambda: _terms(fit, coefficients, local),
        settled=fit.settled,
        message=fit.message,
        origin=fit,
    )


def _terms(fit: Fit, coefficients: Coefficients, local: Tensor) -> tuple[Mapping[str, float], ...]:
    basis, at = fit.trial.gauss_basis(JUDGE), collocate(fit.trial, coefficients, JUDGE)
    count = local.shape[2]
    norm, squared = at.weight.new_zeros(count), at.weight.new_zeros(count)
    shared = local.new_zeros(count, count)
    for pieces, states in fit.trial.by_parts(basis, local):
        here = at.on(pieces)
        norm += squared_norm(states, here)
        squared += residual_squared(states, fit.energies, here).sum(0)
        shared += overlaps(states, states, here)
    return named_terms(norm, squared, shared)


class _Derivatives:
    """psi, psi' and psi'' at points x (points,) inside the box, (states, points).

    Who asks for one asks for the others at the same points: what fits is kept until other points come.
    """

    def __init__(self, trial: Trial, local: Tensor) -> None:
        self._trial, self._local = trial, local
        self._x, self._known = np.empty(0), np.empty((3, local.shape[2], 0))

    def __call__(self, x: Array, order: int) -> NDArray[Any]:
        points = np.asarray(x, dtype=np.float64)
        if points.size * self._local.shape[2] > KEPT:
            return _at(self._trial, self._local, points, (order,))[0]
        if not np.array_equal(points, self._x):
            self._known = _at(self._trial, self._local, points, (0, 1, 2))
            self._known.setflags(write=False)
            self._x = points.copy()
        return np.asarray(self._known[order])


def _at(trial: Trial, local: Tensor, x: Array, orders: tuple[int, ...]) -> NDArray[Any]:
    """Derivatives of the states at points x (points,) inside the box: (orders, states, points)."""
    points = double(x)
    pieces = len(trial.edges) - 1
    piece = np.searchsorted(trial.edges.numpy(), x, side="right") - 1
    piece = np.clip(piece, 0, pieces - 1)
    result = torch.empty((len(orders), len(points), local.shape[2]), dtype=local.dtype)
    gauged = {gauge.side * (pieces - 1): gauge for gauge in trial.joints.gauges if gauge is not None}
    for rows, here in _by_pieces(piece, pieces, local.shape[2], set(gauged)):
        jet = _on_pieces(trial, local[rows], points[here], rows)
        for gauge in [gauged[row] for row in rows.tolist() if row in gauged]:
            jet = gauge.psi(points[here][0], jet)
        for k, order in enumerate(orders):
            result[k, here] = (jet.value, jet.slope, jet.curvature)[order]
    return result.mT.cpu().resolve_conj().numpy()


def _on_pieces(trial: Trial, local: Tensor, x: Tensor, rows: Tensor) -> Jet:
    """The states, or v, on some pieces at points x (pieces, points).

    A rule stands at the same places in all pieces but for rounding of x, and where all share their bubbles
    these are evaluated once.
    """
    half, middle, bubbles = trial.half[rows], trial.middle[rows], trial.bubbles.on(rows)
    t = (x - middle[:, None]) / half[:, None]
    if len(rows) == 1 or not bubbles.are_shared:
        return bubbles.combined(t, local).stretched(half)
    rounding = EPS * (1 + middle.abs() / half)
    nearest = t[int(rounding.argmin())]
    alike = ((t - nearest).abs() <= 2 * rounding[:, None]).all(0)
    common, own = bubbles.combined(nearest[None, alike], local), bubbles.combined(t[:, ~alike], local)
    jet = Jet(*(part.new_empty((*t.shape, local.shape[2])) for part in own.parts))
    for whole, shared, other in zip(jet.parts, common.parts, own.parts, strict=True):
        whole[:, alike], whole[:, ~alike] = shared, other
    return jet.stretched(half)


def _by_pieces(
    piece: NDArray[np.int64], pieces: int, states: int, alone: set[int]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Groups of pieces (pieces,) that hold the same number of points, and their points (pieces, points).

    `piece` (points,) is where each point lies.  The pieces `alone` are groups of their own.
    """
    order, counts = piece.argsort(kind="stable"), np.bincount(piece, minlength=pieces)
    first = counts.cumsum() - counts
    single = np.zeros(pieces, dtype=np.bool)
    single[list(alone)] = True
    for count in set(counts.tolist()) - {0}:
        same = counts == count
        few = max(1, MOST // (count * max(states, WIDE)))
        for rows, most in ((np.flatnonzero(same & ~single), few), (np.flatnonzero(same & single), 1)):
            for start in range(0, len(rows), most):
                some = rows[start : start + most]
                here = order[first[some, None] + np.arange(count)]
                yield torch.from_numpy(some), torch.from_numpy(here)


def _signs(trial: Trial, basis: Jet, local: Tensor) -> Tensor:
    """The factor of every state by the convention of `to_states`, (states,)."""
    t, _ = _gauss_points(trial, (JUDGE,))
    few = max(1, MOST // t.numel())
    value = basis.value.to(local.dtype)
    signs = []
    for some in local.split(few, 2):
        psi = _psi(trial, value @ some, t).flatten(0, 1)
        signs.append(_phase(psi) if psi.is_complex() else _sign(psi))
    return torch.cat(signs)


def _psi(trial: Trial, value: Tensor, t: Tensor) -> Tensor:
    """psi at local points t (pieces, points), from what the pieces represent there."""
    for gauge in trial.joints.gauges:
        if gauge is not None:
            row = -gauge.side
            value = value.clone()
            value[row] *= gauge.factor(trial.points(t)[row])[:, None]
    return value


def _phase(psi: Tensor) -> Tensor:
    """The factor per column of complex psi (points, states) that makes it real and positive where said."""
    size = psi.abs()
    first = (size >= 0.99 * size.max(0).values).to(torch.uint8).argmax(0)
    there = psi[first, torch.arange(psi.shape[1])]
    return there.conj() / there.abs()


def _sign(psi: Tensor) -> Tensor:
    """+1 or -1 per column of psi (points, states), points from left to right."""
    size = psi.abs()
    padded = torch.nn.functional.pad(size.T, (1, 1)).T
    extremum = (size >= padded[:-2]) & (size >= padded[2:]) & (size > 0.1 * size.max(0).values)
    first = extremum.to(torch.uint8).argmax(0)
    return torch.where(psi[first, torch.arange(psi.shape[1])] < 0, -1.0, 1.0).to(psi.dtype)
