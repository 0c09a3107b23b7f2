"""Finished states at points anywhere: psi, psi' and psi'' as functions of x."""

from __future__ import annotations

from collections.abc import Container, Iterator
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
        self._places, self._known = b"", np.empty((3, local.shape[2], 0))

    def __call__(self, x: Array, order: int) -> NDArray[Any]:
        points = np.asarray(x, dtype=np.float64)
        if points.size * self._local.shape[2] > KEPT:
            return _at(self._trial, self._local, points, (order,))[0]
        places = points.tobytes()
        if places != self._places:
            self._known = _at(self._trial, self._local, points, (0, 1, 2))
            self._known.setflags(write=False)
            self._places = places
        return np.asarray(self._known[order])


def _at(trial: Trial, local: Tensor, x: Array, orders: tuple[int, ...]) -> NDArray[Any]:
    """Derivatives of the states at points x (points,) inside the box: (orders, states, points)."""
    edges = trial.edges.numpy()
    pieces, states = len(edges) - 1, local.shape[2]
    piece = edges[1:-1].searchsorted(x, side="right")
    result = np.empty(
        (len(orders), states, len(x)), dtype=np.complex128 if local.is_complex() else np.float64
    )
    gauged = {gauge.side * (pieces - 1): gauge for gauge in trial.joints.gauges if gauge is not None}
    for rows, points in _by_pieces(piece, pieces, states, gauged.keys()):
        here, jets = _on_pieces(trial, local, x, rows, points)
        for gauge in [gauged[row] for row in rows.tolist() if row in gauged]:
            jets = _psi(gauge, x[here[0]], jets)
        some = jets if len(orders) == len(jets) else jets[list(orders)]
        run = here.ravel()  # places that follow each other need not be picked one by one
        if run[-1] - run[0] + 1 == len(run) and (run[1:] > run[:-1]).all():
            result[:, :, run[0] : run[-1] + 1].reshape(some.shape)[...] = some
        else:
            result[:, :, run] = some.reshape(len(orders), states, here.size)
    return result


def _psi(gauge: Gauge, x: Array, v: NDArray[Any]) -> NDArray[Any]:
    """The jets of psi = phi v (3, states, 1, points) from those of v on the piece at a singular end."""
    jet = gauge.psi(double(x), Jet(*torch.from_numpy(v.transpose(0, 2, 3, 1))))
    return _stacked(jet)


def _on_pieces(
    trial: Trial, local: Tensor, x: Array, rows: Index, points: Index
) -> tuple[Index, NDArray[Any]]:
    """The states, or v, on some pieces at their points (pieces, points), and the order in which they come.

    With derivatives in x: (3, states, pieces, points).  A rule stands at the same places in all pieces but
    for rounding of x; where all share their bubbles these are evaluated once, and kept for the next problem.
    """
    edges = trial.edges.numpy()
    half, middle = 0.5 * (edges[rows + 1] - edges[rows]), 0.5 * (edges[rows + 1] + edges[rows])
    t = (x[points] - middle[:, None]) / half[:, None]
    if not trial.bubbles.are_shared or local.is_complex() or t.shape[1] > MOST_KEPT:
        return points, _combined(trial, local, rows, t)
    places, differs = places_of(trial.bubbles, t, EPS * (1 + np.abs(middle) / half))
    shared = places.combined(local.numpy()[rows], half)
    if differs is None:
        return points, shared
    order, common = differs.argsort(kind="stable"), len(differs) - int(differs.sum())
    parts = shared[..., order[:common]], _combined(trial, local, rows, t[:, order[common:]])
    return points[:, order], np.concatenate(parts, axis=3)


def _combined(trial: Trial, local: Tensor, rows: Index, t: Array) -> NDArray[Any]:
    """The same at any local points t (pieces, points)."""
    some = torch.from_numpy(rows)
    jet = trial.bubbles.on(some).combined(double(t), local[some])
    return _stacked(jet.stretched(trial.half[some]))


def _stacked(jet: Jet) -> NDArray[Any]:
    """Value, slope and curvature (pieces, points, states) in one array, (3, states, pieces, points)."""
    return np.stack([part.numpy() for part in jet.parts]).transpose(0, 3, 1, 2)


def _by_pieces(
    piece: Index, pieces: int, states: int, alone: Container[int]
) -> Iterator[tuple[Index, Index]]:
    """Groups of pieces (pieces,) that hold the same number of points, and their points (pieces, points).

    `piece` (points,) is where each point lies.  The pieces `alone` are groups of their own.
    """
    order, counts = piece.argsort(kind="stable"), np.bincount(piece, minlength=pieces)
    first = counts.cumsum() - counts
    groups: dict[tuple[int, int], list[int]] = {}
    for row, count in enumerate(counts.tolist()):
        if count:
            groups.setdefault((count, row if row in alone else -1), []).append(row)
    for (count, _), rows in groups.items():
        few = max(1, MOST // (count * max(states, WIDE)))
        for start in range(0, len(rows), few):
            some = np.array(rows[start : start + few])
            yield some, order[first[some, None] + np.arange(count)]
