"""Node states: how psi and its flux at the ends of the pieces hang together.

At every end of a piece stands a node state (psi, flux = p psi').  The two pieces that meet there share
it, which makes psi and the flux continuous, exactly, whatever p does.  A boundary condition is a linear
relation of the node state at an end of the domain: it is solved here, once, so that only states that
satisfy it can be expressed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from qdsl.errors import NotSupportedError
from qdsl.physics.problem import Decay, Dirichlet, EndCondition, Problem
from qdsl.pinn.coefficients import Coefficients
from qdsl.states import Array

ASIDE = 1e-8
"""How far from the ends of a piece p is looked at, in units of the piece."""


@dataclass(frozen=True)
class Joints:
    """The linear map from the free unknowns at the nodes to the local end states of the pieces.

    `slots` (pieces, 4): which unknown feeds each column of `transform`; `count` where none does.
    `transform` (pieces, 4, 4): takes those unknowns to (psi, dpsi/dt) at t = -1 and at t = 1.
    `count`: how many free unknowns there are.
    """

    slots: Tensor
    transform: Tensor
    count: int


def free_states(condition: EndCondition) -> Array:
    """A basis, as columns, of the node states (psi, flux) that a boundary condition allows."""
    match condition:
        # At an infinite end the box ends where the wavefunction has died; there it is held at 0.
        case Dirichlet() | Decay():
            return np.array([[0.0], [1.0]])
        case _:
            raise NotSupportedError(f"{type(condition).__name__} conditions are not supported yet")


def join(problem: Problem, coefficients: Coefficients, edges: Tensor) -> Joints:
    """Joints of the pieces between `edges`, shape (pieces + 1,)."""
    assert problem.ends is not None
    nodes = len(edges)
    bases = [free_states(problem.ends[0]), *[np.eye(2)] * (nodes - 2), free_states(problem.ends[1])]
    sizes = np.array([basis.shape[1] for basis in bases])
    count = int(sizes.sum())
    # An absent unknown (a node state that the boundary condition forbids) has slot `count`: a zero row.
    offsets = np.arange(2)
    slots = np.where(offsets < sizes[:, None], (sizes.cumsum() - sizes)[:, None] + offsets, count)
    maps = np.zeros((nodes, 2, 2))
    for node_map, basis in zip(maps, bases, strict=True):
        node_map[:, : basis.shape[1]] = basis

    transform = np.zeros((nodes - 1, 4, 4))
    transform[:, :2, :2], transform[:, 2:, 2:] = maps[:-1], maps[1:]
    # flux -> dpsi/dt = (half width / p) flux
    transform[:, 1::2] *= (edges.diff() / 2 / _beside(edges, coefficients)).numpy().T[:, :, None]
    both = np.concatenate([slots[:-1], slots[1:]], axis=1)
    return Joints(torch.from_numpy(both), torch.from_numpy(transform), count)


def _beside(edges: Tensor, coefficients: Coefficients) -> Tensor:
    """p at the left and at the right end of every piece, shape (2, pieces), each seen from inside.

    p may jump at an edge, and where exactly a condition such as x^2 < 2 changes is a matter of rounding.
    So p is continued linearly from two points inside, which costs its second derivative times 1e-16.
    """
    left, right = edges[:-1], edges[1:]
    step = ASIDE * (right - left) + 8 * torch.finfo(edges.dtype).eps * edges.abs().max()
    points = torch.stack([left + step, right - step, left + 2 * step, right - 2 * step])
    near, far = coefficients.p(points).split(2)
    return 2 * near - far
