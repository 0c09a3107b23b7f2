"""What one method hands to the next: a trial function with its unknowns and energies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qdsl.pinn.assembly import Matrix, local_coefficients
from qdsl.pinn.coefficients import Coefficients, Values
from qdsl.pinn.jets import Jet
from qdsl.pinn.loss import Collocation, named_terms, overlaps, residual_squared, squared_norm
from qdsl.pinn.trial import MOST, Trial, gauss
from qdsl.pinn.wavefunctions import Derivatives
from qdsl.states import Array, States


@dataclass(frozen=True)
class Fit:
    """Fitted states: `unknowns` (unknowns, states) of the trial function and `energies` (states,).

    States are normalised, int w psi^2 dx = 1.  `settled` says whether the method met the tolerance,
    `message` why not.  `errors` (states,): how wrong the method takes each energy to be, relative to the
    larger of |E| and the kinetic energy; None where it makes no such estimate.
    """

    trial: Trial
    unknowns: Tensor
    energies: Tensor
    settled: bool = True
    message: str = ""
    errors: Array | None = None


def collocate(trial: Trial, coefficients: Coefficients, points: int) -> Collocation:
    """Gauss-Legendre collocation with `points` points on every piece."""
    return collocate_by(trial, coefficients, (points,))[0]


def collocate_by(
    trial: Trial, coefficients: Coefficients, counts: tuple[int, ...]
) -> tuple[Collocation, ...]:
    """Several Gauss-Legendre collocations at once: one evaluation of the coefficients serves them all."""
    t, weight = _gauss_points(trial, counts)
    values = coefficients.on_pieces(trial.points(t))
    parts = zip(*(v.split(counts, 1) for v in (t, trial.half[:, None] * weight, *values.all)), strict=True)
    return tuple(Collocation(points, weights, Values(*rest)) for points, weights, *rest in parts)


def _gauss_points(trial: Trial, counts: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Local points and weights of several rules side by side, (pieces, points)."""
    t, weight = (part.expand(len(trial.edges) - 1, -1) for part in _side_by_side(counts))
    for gauge in trial.joints.gauges:
        if gauge is not None:
            t, weight = t.clone(), weight.clone()
            own = [gauge.rule(count) for count in counts]
            t[-gauge.side] = torch.cat([points for points, _ in own])
            weight[-gauge.side] = torch.cat([weights for _, weights in own])
    return t, weight


@lru_cache(maxsize=16)
def _side_by_side(counts: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Points and weights of several rules, (points,)."""
    rules = [gauss(count) for count in counts]
    return torch.cat([rule.t for rule in rules]), torch.cat([rule.weight for rule in rules])


JUDGE = 96
"""Gauss points a piece on which finished states are looked at, finer than those that produced them."""


def to_states(fit: Fit, numbers: tuple[int, ...], coefficients: Coefficients) -> States:
    """The fit as plain numpy callables, signs fixed.

    The sign convention: the first extremum from the left that exceeds a tenth of the largest is
    positive.  A complex state is real and positive at the first point from the left where |psi| is within
    a hundredth of its largest value.
    """
    trial = fit.trial
    either = local_coefficients(trial, fit.unknowns.numpy())  # of either sign
    local = torch.from_numpy(either * _signs(trial, trial.gauss_basis(JUDGE), either))
    derivative = Derivatives(trial, local)

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


def _signs(trial: Trial, basis: Jet, local: Matrix) -> Matrix:
    """The factor of every state by the convention of `to_states`, (states,)."""
    value, gauge = basis.value.numpy(), _gauge(trial)
    few = max(1, MOST // (len(local) * value.shape[1]))
    signs = []
    for start in range(0, local.shape[2], few):
        some = local[..., start : start + few]
        psi = (value @ some * gauge).reshape(-1, some.shape[2])
        signs.append(_phase(psi) if np.iscomplexobj(psi) else _sign(psi))
    return np.concatenate(signs)


def _gauge(trial: Trial) -> Array:
    """phi at the Gauss points where psi = phi v, else 1: (pieces, points, 1), or what broadcasts to it."""
    gauges = [gauge for gauge in trial.joints.gauges if gauge is not None]
    if not gauges:
        return np.ones(1)
    points = trial.points(_gauss_points(trial, (JUDGE,))[0])
    factors = torch.ones_like(points)
    for gauge in gauges:
        factors[-gauge.side] = gauge.factor(points[-gauge.side])
    return np.asarray(factors[..., None].numpy())


def _phase(psi: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The factor per column of complex psi (points, states) that makes it real and positive where said."""
    size = np.abs(psi)
    there = psi[(size >= 0.99 * size.max(axis=0)).argmax(axis=0), np.arange(psi.shape[1])]
    return there.conj() / np.abs(there)


def _sign(psi: Array) -> Array:
    """+1 or -1 per column of psi (points, states), points from left to right."""
    size = np.abs(psi)
    extremum = size > 0.1 * size.max(axis=0)
    extremum[1:] &= size[1:] >= size[:-1]
    extremum[:-1] &= size[:-1] >= size[1:]
    first = extremum.argmax(axis=0)
    return np.where(psi[first, np.arange(psi.shape[1])] < 0, -1.0, 1.0)
