"""Norms, energies and residuals of finished states, summed over the pieces so that memory stays small."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add

import torch
from torch import Tensor

from qdsl.pinn.loss import Collocation, kinetic_energy, potential_energy, residual_squared, squared_norm
from qdsl.pinn.trial import Trial
from qdsl.states import Array


@dataclass(frozen=True)
class Measures:
    """`norm` <psi|psi>, `kinetic` int p |psi'|^2 dx and `quotient`, Rayleigh's, of each state (states,).

    `squared`: int |r|^2 / w dx over each piece, (pieces, states).
    """

    norm: Array
    kinetic: Array
    quotient: Array
    squared: Array


def measured(trial: Trial, points: int, unknowns: Tensor, energies: Tensor, at: Collocation) -> Measures:
    """Measure states (unknowns, states) on the rule `at` of so many Gauss points a piece."""
    parts = []
    for pieces, states in trial.by_parts(trial.gauss_basis(points), trial.local(unknowns)):
        here = at.on(pieces)
        energy = kinetic_energy(states, here), potential_energy(states, here)
        parts.append((squared_norm(states, here), *energy, residual_squared(states, energies, here)))
    *summed, squared = zip(*parts, strict=True)
    norm, kinetic, potential = (reduce(add, values).numpy() for values in summed)
    form = kinetic + potential + trial.joints.point_energy(unknowns).numpy()
    return Measures(norm, kinetic, form / norm, torch.cat(squared).numpy())
