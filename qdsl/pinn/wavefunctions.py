"""Finished states at points anywhere: psi, psi' and psi'' as functions of x."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qdsl.physics.intervals import EPS
from qdsl.pinn.coefficients import double
from qdsl.pinn.jets import Jet
from qdsl.pinn.places import MOST_KEPT, places_of
from qdsl.pinn.singular import Gauge
from qdsl.pinn.trial import MOST, Trial
from qdsl.states import Array

Index = NDArray[np.int64]

KEPT = MOST
"""Values of psi at the points of one call that are kept, with as many of psi' and psi''."""

WIDE = 500
"""States that fill memory as much as the features do from which they are made at points anywhere."""


class Derivatives:
    """psi, psi' and psi'' at points x (points,) inside the box, (states, points).

    `local` (pieces, 4 + bubbles, states) holds the coefficients.  Who asks for one derivative asks for the
    others at the same points: what fits is kept until other points come.
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
    edges = trial.edges.numpy()
    pieces, states = len(edges) - 1, local.shape[2]
    piece = np.clip(edges.searchsorted(x, side="right") - 1, 0, pieces - 1)
    result = np.empty(
        (len(orders), len(x), states), dtype=np.complex128 if local.is_complex() else np.float64
    )
    gauged = {gauge.side * (pieces - 1): gauge for gauge in trial.joints.gauges if gauge is not None}
    for rows, points in _by_pieces(piece, pieces, states, set(gauged)):
        here, jets = _on_pieces(trial, local, x, rows, points)
        for gauge in [gauged[row] for row in rows.tolist() if row in gauged]:
            jets = _psi(gauge, x[here[0]], jets)
        for k, order in enumerate(orders):
            result[k, here] = jets[order]
    return result.swapaxes(1, 2)


def _psi(gauge: Gauge, x: Array, v: NDArray[Any]) -> NDArray[Any]:
    """The jets of psi = phi v (3, 1, points, states) from those of v on the piece at a singular end."""
    jet = gauge.psi(double(x), Jet(*torch.from_numpy(v)))
    return _stacked(jet)


def _on_pieces(
    trial: Trial, local: Tensor, x: Array, rows: Index, points: Index
) -> tuple[Index, NDArray[Any]]:
    """The states, or v, on some pieces at their points (pieces, points), and the order in which they come.

    With derivatives in x: (3, pieces, points, states).  A rule stands at the same places in all pieces but
    for rounding of x; where all share their bubbles these are evaluated once, and kept for the next problem.
    """
    edges, some = trial.edges.numpy(), torch.from_numpy(rows)
    half = 0.5 * (edges[rows + 1] - edges[rows])
    middle = 0.5 * (edges[rows + 1] + edges[rows])
    t = (x[points] - middle[:, None]) / half[:, None]
    bubbles, own, widths = trial.bubbles.on(some), local[some], torch.from_numpy(half)

    def combined(points: Array) -> NDArray[Any]:
        return _stacked(bubbles.combined(double(points), own).stretched(widths))

    if not bubbles.are_shared or local.is_complex() or t.shape[1] > MOST_KEPT:
        return points, combined(t)
    places, differs = places_of(bubbles, t, EPS * (1 + np.abs(middle) / half))
    shared = places.combined(bubbles.expanded(own).numpy(), half)
    if not differs.any():
        return points, shared
    order, common = differs.argsort(kind="stable"), len(differs) - int(differs.sum())
    parts = shared[:, :, order[:common]], combined(t[:, order[common:]])
    return points[:, order], np.concatenate(parts, axis=2)


def _stacked(jet: Jet) -> NDArray[Any]:
    """Value, slope and curvature in one array, (3, ...)."""
    return np.stack([part.numpy() for part in jet.parts])


def _by_pieces(piece: Index, pieces: int, states: int, alone: set[int]) -> Iterator[tuple[Index, Index]]:
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
                yield some, order[first[some, None] + np.arange(count)]
