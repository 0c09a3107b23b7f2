"""Node states: how psi and its flux at the ends of the pieces hang together.

At every end of a piece stands a node state (psi, flux = p psi').  The two pieces that meet there share
it, which makes psi and the flux continuous, exactly, whatever p does; at a point interaction of strength g
the piece on the right sees flux + g psi.  A boundary condition is a linear relation of the node state at an
end of the domain: it is solved here, once, so that only states that satisfy it can be expressed.  A Bloch
condition makes the last node state exp(i phase) times the first one.

On the piece at a singular end stand (v, v') instead, psi = phi v (see `singular`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qdsl.physics.intervals import EPS
from qdsl.physics.problem import Bloch, Decay, Dirichlet, EndCondition, Neumann, Problem, Robin
from qdsl.pinn.coefficients import Coefficients
from qdsl.pinn.singular import Gauge
from qdsl.states import Array

ASIDE = 1e-8
"""How far from the ends of a piece p is looked at, in units of the piece."""

Map = NDArray[np.inexact]


@dataclass(frozen=True)
class Joints:
    """The linear map from the free unknowns at the nodes to the local end states of the pieces.

    `slots` (pieces, 4): which unknown feeds each column of `transform`; `count` where none does.
    `transform` (pieces, 4, 4): takes those unknowns to (psi, dpsi/dt) at t = -1 and at t = 1; complex where
    a Bloch phase is.
    `count`: how many free unknowns there are.
    `held`, `strength` (points,): the unknowns that are psi at a point where the quadratic form has the term
    strength * |psi|^2: point interactions, Robin ends, the inner ends of pieces at singular ends.
    `pulled`, `pull` (pulls,): a piece beside each point of negative strength, and that strength.
    `free`: whether psi may be constant, so that the least q/w may itself be an energy.
    `gauges`: those of the singular ends.
    """

    slots: Tensor
    transform: Tensor
    count: int
    held: Tensor
    strength: Tensor
    pulled: Tensor
    pull: Tensor
    free: bool
    gauges: tuple[Gauge | None, Gauge | None] = (None, None)

    def point_energy(self, unknowns: Tensor) -> Tensor:
        """sum strength |psi|^2 over the points, for unknowns (unknowns, states): shape (states,)."""
        if not self.held.numel():
            return self.strength.new_zeros(unknowns.shape[1])
        return self.strength @ unknowns[self.held].abs() ** 2


def free_states(condition: EndCondition) -> Array:
    """A basis, as columns, of the node states (psi, flux) that a boundary condition allows."""
    match condition:
        # At an infinite end the box ends where the wavefunction has died; there it is held at 0.
        case Dirichlet() | Decay():
            return np.array([[0.0], [1.0]])
        case Neumann():
            return np.array([[1.0], [0.0]])
        case Robin():
            raise AssertionError("the ratio of a Robin condition is put in by `join`")


def join(problem: Problem, coefficients: Coefficients, edges: Tensor) -> Joints:
    """Joints of the pieces between `edges`, shape (pieces + 1,)."""
    points = edges.numpy()
    beside = _beside(points, coefficients)
    nodes = len(points)
    kicks = _kicks(problem, points)
    energy = kicks.copy()
    phase = phase_factor(problem.boundary, problem) if isinstance(problem.boundary, Bloch) else None
    # What the pieces on both sides of a node see of its unknowns, as columns: (psi, flux).
    kind = np.complex128 if isinstance(phase, complex) else np.float64
    left = np.zeros((nodes, 2, 2), dtype=kind)
    left[:, (0, 1), (0, 1)] = 1.0
    right = left.copy()
    right[:, 1, 0] = kicks
    sizes = np.full(nodes, 2)
    if phase is None:
        for side in (0, -1):
            basis = _end_basis(problem, coefficients, beside, side)
            sizes[side] = basis.shape[1]
            left[side], right[side] = 0.0, 0.0
            left[side, :, : sizes[side]] = right[side, :, : sizes[side]] = basis
            if _is_robin(problem, side):
                energy[side] += (-1.0 if side else 1.0) * float(basis[1, 0])
    else:
        left[-1] *= phase
        sizes[-1] = 0
    count = int(sizes.sum())
    # An absent unknown (a node state that the boundary condition forbids) has slot `count`: a zero row.
    starts = sizes.cumsum() - sizes
    slots = np.where(np.arange(2) < sizes[:, None], starts[:, None] + np.arange(2), count)
    if phase is not None:
        slots[-1] = slots[0]

    transform = np.zeros((nodes - 1, 4, 4), dtype=kind)
    transform[:, :2, :2], transform[:, 2:, 2:] = right[:-1], left[1:]
    # flux -> dpsi/dt = (half width / p) flux; at a singular end stands dv/dx instead of the flux
    half = np.diff(points) / 2
    singular = [gauge for gauge in coefficients.gauges if gauge is not None]
    for gauge in singular:
        beside[gauge.side, -gauge.side] = 1.0
    transform[:, 1::2] *= (half / beside).T[:, :, None]
    for gauge in singular:
        p = float(beside[1 - gauge.side, -gauge.side])
        energy[1 if gauge.side == 0 else nodes - 2] += _gauged(gauge, transform, points, p)
    held = np.flatnonzero((energy != 0) & (left[:, 0, 0] != 0))
    pull = held[energy[held] < 0]
    return Joints(
        torch.from_numpy(np.concatenate([slots[:-1], slots[1:]], axis=1)),
        torch.from_numpy(transform),
        count,
        torch.from_numpy(slots[held, 0]),
        torch.from_numpy(energy[held]),
        torch.from_numpy(np.minimum(pull, nodes - 2)),
        torch.from_numpy(energy[pull]),
        bool(right[0, 0].any() and left[-1, 0].any()),
        coefficients.gauges,
    )


def _kicks(problem: Problem, points: Array) -> Array:
    """The strengths of the point interactions at the nodes, shape (nodes,)."""
    kicks = np.zeros(len(points))
    for delta in problem.deltas:
        at = problem.number(delta.location)
        node = int(np.abs(points - at).argmin())
        # A delta outside of the box acts where psi has died out.
        if 0 < node < len(points) - 1 and points[0] < at < points[-1]:
            kicks[node] += problem.number(delta.strength)
    return kicks


def phase_factor(condition: Bloch, problem: Problem) -> float | complex:
    """exp(i phase), real where it is +-1 but for rounding."""
    angle = problem.number(condition.phase)
    cosine, sine = math.cos(angle), math.sin(angle)
    if abs(sine) <= 4 * EPS * max(1.0, abs(angle)):
        return math.copysign(1.0, cosine)
    return complex(cosine, sine)


def _is_robin(problem: Problem, side: int) -> bool:
    return problem.ends is not None and isinstance(problem.ends[side], Robin)


def _end_basis(problem: Problem, coefficients: Coefficients, beside: Array, side: int) -> Array:
    """The states that the left (side 0) or right (-1) end of the box allows."""
    assert problem.ends is not None
    gauge = coefficients.gauges[side]
    if gauge is not None:
        slope = gauge.end.slope
        return np.eye(2) if slope is None else np.array([[1.0], [slope]])
    condition = problem.ends[side]
    if isinstance(condition, Robin):
        p = float(beside[0, 0] if side == 0 else beside[1, -1])
        return np.array([[1.0], [p * problem.number(condition.ratio)]])
    return free_states(condition)


def _gauged(gauge: Gauge, transform: Map, points: Array, p: float) -> float:
    """Turn (psi, dpsi/dt) at the inner end of the piece at a singular end into (v, dv/dt), in place.

    psi = phi v, psi' = phi (v' + (phi'/phi) v).  Returns the strength of |psi|^2 in the quadratic form
    there: p phi'/phi, with the sign of the upper limit of an integral; `p` is its value there.
    """
    piece, rows = -gauge.side, slice(2, 4) if gauge.side == 0 else slice(0, 2)
    inner = torch.tensor([points[1] if gauge.side == 0 else points[-2]], dtype=torch.float64)
    factor, rate = float(gauge.factor(inner)), float(gauge.rate(inner))
    half = abs(float(inner) - gauge.end.at) / 2
    psi, slope = transform[piece, rows][0].copy(), transform[piece, rows][1].copy()
    transform[piece, rows] = np.stack([psi / factor, (slope - half * rate * psi) / factor])
    return gauge.end.direction * p * rate


def _beside(edges: Array, coefficients: Coefficients) -> Array:
    """p at the left and at the right end of every piece, shape (2, pieces), each seen from inside.

    p may jump at an edge, and where exactly a condition such as x^2 < 2 changes is a matter of rounding.
    So p is continued linearly from two points inside, which costs its second derivative times 1e-16.
    """
    left, right = edges[:-1], edges[1:]
    step = ASIDE * (right - left) + 8 * EPS * np.abs(edges).max()
    p = coefficients.p(np.array([left + step, right - step, left + 2 * step, right - 2 * step]))
    return np.asarray(2 * p[:2] - p[2:])
