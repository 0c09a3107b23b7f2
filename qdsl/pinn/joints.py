"""Node states: how psi and its flux at the ends of the pieces hang together.

At every end of a piece stands a node state (psi, flux = p psi').  The two pieces that meet there share
it, which makes psi and the flux continuous, exactly, whatever p does.  A boundary condition is a linear
relation of the node state at an end of the domain: it is solved here, once, so that only states that
satisfy it can be expressed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from qdsl.physics.problem import Decay, Dirichlet, EndCondition, Problem
from qdsl.pinn.coefficients import Coefficients


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


def free_states(condition: EndCondition) -> Tensor:
    """A basis, as columns, of the node states (psi, flux) that a boundary condition allows."""
    match condition:
        # At an infinite end the box ends where the wavefunction has died; there it is held at 0.
        case Dirichlet() | Decay():
            return torch.tensor([[0.0], [1.0]], dtype=torch.float64)


def join(problem: Problem, coefficients: Coefficients, edges: Tensor) -> Joints:
    """Joints of the pieces between `edges`, shape (pieces + 1,)."""
    assert problem.boundary is not None
    pieces = len(edges) - 1
    inner = torch.eye(2, dtype=torch.float64)
    bases = [free_states(problem.boundary[0]), *[inner] * (pieces - 1), free_states(problem.boundary[1])]
    sizes = torch.tensor([basis.shape[1] for basis in bases])
    first = sizes.cumsum(0) - sizes
    count = int(sizes.sum())
    # An absent unknown (a node state that the boundary condition forbids) points at a zero row.
    offsets = torch.arange(2)
    node_slots = torch.where(offsets < sizes[:, None], first[:, None] + offsets, count)
    node_maps = torch.stack([torch.nn.functional.pad(basis, (0, 2 - basis.shape[1])) for basis in bases])

    # p may jump at an edge: each side takes the value at the nearest number inside its piece.
    inside = torch.stack([torch.nextafter(edges[:-1], edges[1:]), torch.nextafter(edges[1:], edges[:-1])])
    scale_left, scale_right = edges.diff() / 2 / coefficients.p(inside)
    transform = torch.zeros(pieces, 4, 4, dtype=torch.float64)
    transform[:, :2, :2] = node_maps[:-1]
    transform[:, 2:, 2:] = node_maps[1:]
    transform[:, 1] *= scale_left[:, None]  # flux -> dpsi/dt = (half width / p) flux
    transform[:, 3] *= scale_right[:, None]
    return Joints(torch.cat([node_slots[:-1], node_slots[1:]], 1), transform, count)
