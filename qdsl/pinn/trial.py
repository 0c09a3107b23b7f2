"""The trial function: node states, cubic Hermite interpolants and neural bubbles.

On each piece, with local coordinate t in [-1, 1],

    psi = sum_k s_k hermite_k(t) + sum_j c_j bubble_j(t),
    bubble_j = combination of (feature - its own cubic Hermite interpolant on the piece),

so that a bubble and its slope vanish at both ends of its piece, and boundary and interface conditions
are relations of the node states s alone (see `joints`): they hold to rounding for any weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from qdsl.physics.training import Mlp
from qdsl.pinn.extended import extended_basis, is_simple
from qdsl.pinn.jets import Jet, end_states, hermite
from qdsl.pinn.joints import Joints
from qdsl.pinn.network import Network, random_network


@dataclass(frozen=True)
class Bubbles:
    """Neural features less their Hermite interpolants, recombined by `combination`.

    `combination` has shape (pieces or 1, features, bubbles); it is fixed when the bubbles are made, and
    keeps them well conditioned.
    """

    network: Network
    combination: Tensor

    def at(self, t: Tensor) -> Jet:
        """Bubbles at local points t, shape (pieces, points): jet (pieces, points, bubbles)."""
        return self.pinned(t).map(lambda f: f @ self.combination)

    def pinned(self, t: Tensor) -> Jet:
        """Features less their Hermite interpolants: jet (pieces, points, features)."""
        return self.network.features(t) - hermite(t).map(lambda h: h @ self.ends)

    @cached_property
    def ends(self) -> Tensor:
        """Values and slopes of the features at both ends, (pieces or 1, 4, features), as Hermite's are."""
        t = self.combination.new_tensor([[-1.0, 1.0]]).expand(self.network.pieces, 2)
        return end_states(self.network.features(t))

    def combined(self, t: Tensor, local: Tensor) -> Jet:
        """Sums of Hermite functions and bubbles with coefficients `local` (pieces, 4 + bubbles, states).

        At local points t (pieces, points), or (1, points) if all have the same: jet (pieces, points, states).
        """
        if local.shape[2] >= self.count or local.is_complex():
            basis = Jet.joined((hermite(t), self.at(t)))
            return basis.map(lambda part: spread(part.to(local.dtype), local))
        return Jet(*spread(self.functions(t), self.expanded(local)).chunk(3, 1))

    def functions(self, t: Tensor) -> Tensor:
        """Hermite functions and pinned features at t (pieces, points): (pieces, 3 points, 4 + features).

        Values, then slopes, then curvatures.
        """
        return torch.cat([hermite(t).stacked, self.pinned(t).stacked], 2)

    def expanded(self, local: Tensor) -> Tensor:
        """Coefficients of the `functions` from those of Hermite functions and bubbles, of some states.

        With features F and a combination C of them, (F C) z = F (C z).  For few states the second costs
        less, and it is the more accurate: C is large where features cancel each other, C z is not.
        """
        return torch.cat([local[:, :4], self.combination @ local[:, 4:]], 1)

    @property
    def count(self) -> int:
        return int(self.combination.shape[-1])

    @property
    def are_shared(self) -> bool:
        """Whether all pieces have the same bubbles."""
        return len(self.combination) == self.network.pieces == 1

    def on(self, pieces: Tensor) -> Bubbles:
        """The bubbles of some pieces alone."""
        if self.are_shared:
            return self
        parameters = tuple(_rows(p, pieces) for p in self.network.parameters)
        return Bubbles(self.network.with_parameters(parameters), _rows(self.combination, pieces))


def spread(functions: Tensor, coefficients: Tensor) -> Tensor:
    """functions (pieces or 1, points, functions) @ coefficients (pieces, functions, states)."""
    if len(functions) == len(coefficients):
        return functions @ coefficients
    pieces, count, states = coefficients.shape  # one product instead of many, and no copies of `functions`
    side_by_side = coefficients.transpose(0, 1).reshape(count, pieces * states)
    return (functions[0] @ side_by_side).reshape(-1, pieces, states).transpose(0, 1)


def _rows(tensor: Tensor, pieces: Tensor) -> Tensor:
    """The rows of some pieces; a single row serves all of them."""
    return tensor if tensor.shape[0] == 1 else tensor[pieces]


@dataclass(frozen=True)
class Rule:
    """Quadrature points t and weights on [-1, 1], both (points,)."""

    t: Tensor
    weight: Tensor


@lru_cache(maxsize=64)
def gauss(count: int) -> Rule:
    """The Gauss-Legendre rule with `count` points."""
    import numpy as np

    t, weight = np.polynomial.legendre.leggauss(count)
    return Rule(torch.from_numpy(t), torch.from_numpy(weight))


MOST = 2_000_000
"""Values of states at points that are held at once, where they are only summed: 16 MB."""

TRUNCATION = 1e-7
"""Singular values below this part of the largest are dropped.  Rounding in a bubble made with singular
value s is eps/s of its size; 1e-7 keeps that at 2e-9, with the second derivative (20^2 times larger
than the bubble) still good to 1e-6, which is the residual that the remaining bubbles reach.  At 1e-10 the
quadrature no longer sees a function and its own derivative, and spurious states appear (measured)."""

FINE = 192
"""Points on which bubbles are made orthonormal.  64 are enough for one layer of sines; steep tanh features
need twice as many, and second layers, which multiply frequencies, more.  With too few the set is far from
orthonormal (measured with 64: inner products of 1e5 for two layers of sines)."""


def orthonormal_bubbles(network: Network) -> Bubbles:
    """Bubbles of a network, orthonormal in the H1 seminorm on each piece and most important first.

    The features of a network are nearly dependent; a singular value decomposition of their slopes on a
    fine rule gives an orthonormal set, cut at TRUNCATION (on all pieces alike).
    """
    weight, bias = network.layers[-1].weight, network.layers[-1].bias
    pieces, features = bias.shape[0], weight.shape[-1]
    raw = Bubbles(network, torch.eye(features, dtype=torch.float64)[None])
    rule = gauss(max(FINE, features))
    t, root = rule.t.expand(pieces, -1), torch.sqrt(rule.weight)[:, None]
    # Every column is scaled by its feature, not by its bubble: a feature of low frequency is all but a
    # cubic, and its bubble is mostly rounding, which must stay as small as it is.
    feature = network.features(t)
    size = torch.maximum(
        (root * feature.value).norm(dim=1, keepdim=True), (root * feature.slope).norm(dim=1, keepdim=True)
    )
    size = torch.where(size > 0, size, 1.0)
    weighted = root * raw.at(t).slope / size
    _, singular, right = torch.linalg.svd(weighted, full_matrices=False)
    kept = int((singular > TRUNCATION * singular[:, :1]).sum(1).min())
    return Bubbles(network, right[:, :kept].mT / singular[:, None, :kept] / size.mT)


FOURIER = Mlp(hidden=(64,), activation="sin")
"""Random Fourier features.  At equal rank they leave residuals 30 to 100 times smaller than tanh features
do, on oscillating and on decaying states (see tests/bench/features.py)."""


@lru_cache(maxsize=32)
def random_bubbles(mlp: Mlp, seed: int) -> Bubbles:
    """Orthonormal bubbles of a random network that all pieces share."""
    return orthonormal_bubbles(random_network(mlp, seed))


@lru_cache(maxsize=64)
def reference_basis(bubbles: Bubbles, points: int) -> Jet:
    """Hermite functions and shared bubbles at the Gauss points: jet (1, points, 4 + bubbles)."""
    t = gauss(points).t[None]
    if is_simple(bubbles.network) and bubbles.are_shared:
        return extended_basis(bubbles.network, bubbles.combination[0].numpy(), t[0].numpy())
    return Jet.joined((hermite(t), bubbles.at(t)))


@dataclass(frozen=True)
class Trial:
    """A trial function up to its unknowns: first those at the nodes, then the bubbles piece by piece."""

    edges: Tensor
    joints: Joints
    bubbles: Bubbles

    @cached_property
    def half(self) -> Tensor:
        """Half widths of the pieces, shape (pieces,): dx/dt."""
        return self.edges.diff() / 2

    @cached_property
    def middle(self) -> Tensor:
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def unknowns(self) -> int:
        return self.joints.count + (len(self.edges) - 1) * self.bubbles.count

    @cached_property
    def index(self) -> Tensor:
        """Which unknown stands at each local function, shape (pieces, 4 + bubbles); `unknowns` if none."""
        pieces, count = len(self.edges) - 1, self.bubbles.count
        first, slots = self.joints.count, self.joints.slots
        own = torch.arange(first, self.unknowns, device=slots.device).reshape(pieces, count)
        return torch.cat([torch.where(slots == first, self.unknowns, slots), own], 1)

    @property
    def dtype(self) -> torch.dtype:
        """complex128 where a Bloch phase is not +-1, else float64."""
        return self.joints.transform.dtype

    def gathered(self, unknowns: Tensor) -> Tensor:
        """Unknowns (unknowns, states) as they stand at the local functions, (pieces, 4 + bubbles, states)."""
        padded = torch.cat([unknowns, unknowns.new_zeros(1, unknowns.shape[1])])
        return padded.index_select(0, self.index.flatten()).reshape(*self.index.shape, -1)

    def local(self, unknowns: Tensor) -> Tensor:
        """Unknowns (unknowns, states) as local coefficients, (pieces, 4 + bubbles, states)."""
        gathered = self.gathered(unknowns)
        return torch.cat([self.joints.transform @ gathered[:, :4], gathered[:, 4:]], 1)

    def points(self, t: Tensor) -> Tensor:
        """Positions of local points t (points,) or (pieces, points): shape (pieces, points)."""
        return self.middle[:, None] + self.half[:, None] * t

    def basis(self, t: Tensor) -> Jet:
        """Local functions at t (pieces or 1, points): jet (pieces or 1, points, 4 + bubbles)."""
        return Jet.joined((hermite(t), self.bubbles.at(t)))

    def gauss_basis(self, points: int) -> Jet:
        """Local functions at the Gauss points of every piece: jet (pieces or 1, points, 4 + bubbles)."""
        shared = reference_basis(self.bubbles, points)
        gauges = [gauge for gauge in self.joints.gauges if gauge is not None]
        if not gauges:
            return shared
        pieces = len(self.edges) - 1
        every = shared.map(lambda part: part.expand(pieces, -1, -1).clone())
        for gauge in gauges:
            own = self.basis(gauge.rule(points)[0][None])
            row = -gauge.side
            every.value[row], every.slope[row] = own.value[row], own.slope[row]
            every.curvature[row] = own.curvature[row]
        return every

    def combine(self, basis: Jet, local: Tensor) -> Jet:
        """States as jets in x: (pieces, points, states), derivatives with respect to x.

        On the piece at a singular end these are the jets of v, psi = phi v.
        """
        return combined(basis, local, self.half)

    def by_parts(self, basis: Jet, local: Tensor) -> Iterator[tuple[slice, Jet]]:
        """`combine` for some pieces after the other, which are named, so that memory stays small."""
        pieces, points = len(local), basis.value.shape[1]
        few = max(1, MOST // (points * local.shape[2]))
        if pieces <= few:
            yield slice(0, pieces), self.combine(basis, local)
            return
        for start in range(0, pieces, few):
            rows = slice(start, min(start + few, pieces))
            yield rows, combined(basis.on(rows), local[rows], self.half[rows])


def combined(basis: Jet, local: Tensor, half: Tensor) -> Jet:
    """States as jets in x from local functions, coefficients and half widths of some pieces."""
    return basis.map(lambda part: spread(part.to(local.dtype), local)).stretched(half)
