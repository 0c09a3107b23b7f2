"""What one method hands to the next: a trial function with its unknowns and energies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qdsl.pinn.coefficients import Coefficients, Values, double
from qdsl.pinn.jets import Jet
from qdsl.pinn.loss import Collocation, named_terms
from qdsl.pinn.trial import Trial, gauss
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
    pieces = len(trial.edges) - 1
    rules = [gauss(count) for count in counts]
    t = torch.cat([rule.t for rule in rules]).expand(pieces, -1)
    weight = torch.cat([rule.weight for rule in rules]).expand(pieces, -1)
    for gauge in coefficients.gauges:
        if gauge is not None:
            t, weight = t.clone(), weight.clone()
            own = [gauge.rule(count) for count in counts]
            t[-gauge.side] = torch.cat([points for points, _ in own])
            weight[-gauge.side] = torch.cat([weights for _, weights in own])
    values = coefficients.on_pieces(trial.points(t))
    parts = zip(*(v.split(counts, 1) for v in (t, weight, *values.all)), strict=True)
    return tuple(
        Collocation(points, trial.half[:, None] * weights, Values(*rest)) for points, weights, *rest in parts
    )


def to_states(fit: Fit, numbers: tuple[int, ...], at: Collocation) -> States:
    """The fit as plain numpy callables, signs fixed; `at` is where the loss terms are evaluated.

    The sign convention: the first extremum from the left that exceeds a tenth of the largest is
    positive.  A complex state is real and positive at the first point from the left where |psi| is within
    a hundredth of its largest value.
    """
    trial = fit.trial
    on_points = trial.combine(trial.basis(at.t), trial.local(fit.unknowns))
    psi = _psi(trial, on_points.value, at.t).flatten(0, 1)
    sign = _phase(psi) if psi.is_complex() else _sign(psi)
    local = trial.local(fit.unknowns * sign)
    edges = trial.edges.cpu().numpy()

    def evaluate(x: Array) -> Jet:
        return _at(trial, local, double(np.asarray(x, dtype=np.float64)))

    return States(
        numbers=numbers,
        energies=fit.energies.cpu().numpy(),
        edges=edges,
        psi=lambda x: evaluate(x).value[0].T.cpu().resolve_conj().numpy(),
        slope=lambda x: evaluate(x).slope[0].T.cpu().numpy(),
        curvature=lambda x: evaluate(x).curvature[0].T.cpu().numpy(),
        loss=named_terms(on_points, fit.energies, at),
        settled=fit.settled,
        message=fit.message,
    )


def _at(trial: Trial, local: Tensor, x: Tensor) -> Jet:
    """States at points x (points,) inside the box: jet (1, points, states)."""
    pieces = len(trial.edges) - 1
    piece = (torch.searchsorted(trial.edges, x, right=True) - 1).clamp(0, pieces - 1)
    shape = (len(x), local.shape[-1])
    result = Jet(*(torch.zeros(shape, dtype=local.dtype) for _ in range(3)))
    for i in piece.unique().tolist():
        here = (piece == i).nonzero()[:, 0]
        alone = Trial(trial.edges[i : i + 2], trial.joints, trial.bubbles.on_piece(i))
        t = (x[here] - alone.middle) / alone.half
        jet = alone.combine(alone.basis(t[None]), local[i : i + 1]).map(lambda part: part[0])
        for gauge in trial.joints.gauges:
            if gauge is not None and i == (pieces - 1 if gauge.side else 0):
                jet = gauge.psi(x[here], jet)
        result.value[here], result.slope[here] = jet.value, jet.slope
        result.curvature[here] = jet.curvature
    return result.map(lambda part: part[None])


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
