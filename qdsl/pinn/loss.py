"""The terms of the loss, over the same trial function for every method.

    residual      int |r|^2 / w dx / int w |psi|^2 dx,   r = -(p psi')' + q psi - E w psi
    raw_residual  int |r|^2 / w dx: as in arXiv:2504.05367, undivided, so that psi = 0 is a minimum of it
    norm          (<psi|psi> - 1)^2
    orthogonality sum over lower states of <psi_i|psi_j>^2

Integrals are sums over the collocation points with quadrature weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from qdsl.pinn.coefficients import Values
from qdsl.pinn.jets import Jet


@dataclass(frozen=True)
class Collocation:
    """Points of all pieces, t and weight (including dx/dt) and the coefficients there.

    All of shape (pieces, points).
    """

    t: Tensor
    weight: Tensor
    values: Values

    def on(self, pieces: slice) -> Collocation:
        """The points of some pieces alone."""
        if pieces.stop - pieces.start == len(self.t):
            return self
        values = Values(*(value[pieces] for value in self.values.all))
        return Collocation(self.t[pieces], self.weight[pieces], values)


def residual(states: Jet, energies: Tensor, values: Values) -> Tensor:
    """-(p psi')' + q psi - E w psi at the points, (pieces, points, states); E has shape (states,)."""
    p, dp, q, w = (v[..., None] for v in (values.p, values.dp, values.q, values.w))
    return -p * states.curvature - dp * states.slope + (q - energies * w) * states.value


def _squared(values: Tensor) -> Tensor:
    """|values|^2, real."""
    return (values.conj() * values).real if values.is_complex() else values * values


def residual_squared(states: Jet, energies: Tensor, at: Collocation) -> Tensor:
    """int |r|^2 / w dx over each piece, (pieces, states)."""
    r = residual(states, energies, at.values)
    return ((at.weight / at.values.w)[..., None] * _squared(r)).sum(1)


def overlaps(states: Jet, others: Jet, at: Collocation) -> Tensor:
    """<psi_i|psi_j>, shape (states, others)."""
    weight = (at.weight * at.values.w)[..., None]
    left = (weight * states.value).flatten(0, 1)
    return left.mH @ others.value.flatten(0, 1)


def squared_norm(states: Jet, at: Collocation) -> Tensor:
    """<psi|psi>, shape (states,)."""
    return ((at.weight * at.values.w)[..., None] * _squared(states.value)).sum((0, 1))


def kinetic_energy(states: Jet, at: Collocation) -> Tensor:
    """int p psi'^2 dx, shape (states,)."""
    return ((at.weight * at.values.p)[..., None] * _squared(states.slope)).sum((0, 1))


def potential_energy(states: Jet, at: Collocation) -> Tensor:
    """int q psi^2 dx, shape (states,)."""
    return ((at.weight * at.values.q)[..., None] * _squared(states.value)).sum((0, 1))


def rayleigh_quotient(states: Jet, at: Collocation, points: Tensor | float) -> Tensor:
    """(int p |psi'|^2 + q |psi|^2 dx + points) / int w |psi|^2 dx, shape (states,).

    `points` are the terms of point interactions and Robin ends (states,), `Joints.point_energy`.
    """
    return (kinetic_energy(states, at) + potential_energy(states, at) + points) / squared_norm(states, at)


def named_terms(norm: Tensor, squared: Tensor, shared: Tensor) -> tuple[Mapping[str, float], ...]:
    """The loss of finished states, term by term, one mapping a state (lower states come first).

    From <psi|psi> and int |r|^2 / w dx, (states,), and all <psi_i|psi_j>, (states, states).
    """
    orthogonality = _squared(shared.tril(-1)).sum(1)
    terms = {"residual": squared / norm, "norm": (norm - 1) ** 2, "orthogonality": orthogonality}
    return tuple({name: float(value[i]) for name, value in terms.items()} for i in range(len(norm)))
