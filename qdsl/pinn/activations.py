"""Smooth activations with their first two derivatives, and how a random first layer is drawn for each.

The features of the trial function need psi'' in every evaluation, so derivatives are written out rather
than left to automatic differentiation.  ReLU and its kin have no place here: psi'' would vanish.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Derivatives = tuple[Tensor, Tensor, Tensor]


def _tanh(z: Tensor) -> Derivatives:
    f = torch.tanh(z)
    d = 1 - f * f
    return f, d, -2 * f * d


def _sin(z: Tensor) -> Derivatives:
    f = torch.sin(z)
    return f, torch.cos(z), -f


def _gaussian(z: Tensor) -> Derivatives:
    f = torch.exp(-z * z / 2)
    return f, -z * f, (z * z - 1) * f


def _softplus(z: Tensor) -> Derivatives:
    # Beyond its threshold torch returns z alone; the usual 20 would leave a step of 2e-9 in a smooth feature.
    s = torch.sigmoid(z)
    return torch.nn.functional.softplus(z, threshold=40.0), s, s * (1 - s)


def _silu(z: Tensor) -> Derivatives:
    s = torch.sigmoid(z)
    ds = s * (1 - s)
    return z * s, s + z * ds, ds * (2 + z * (1 - 2 * s))


def _gelu(z: Tensor) -> Derivatives:
    cdf = (1 + torch.erf(z / math.sqrt(2))) / 2
    pdf = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return z * cdf, cdf + z * pdf, (2 - z * z) * pdf


@dataclass(frozen=True)
class Activation:
    """`derivatives(z)` gives f, f', f''; `scale` is the width of the frequencies of a random layer.

    A random feature is f(s (t - c)): for a periodic activation s is uniform in [-scale, scale] and the
    phase is uniform; for a local one s is normal with this width and c is uniform on the piece.
    """

    derivatives: Callable[[Tensor], Derivatives]
    scale: float
    periodic: bool = False


ACTIVATIONS: dict[str, Activation] = {
    "sin": Activation(_sin, 20.0, periodic=True),
    "tanh": Activation(_tanh, 2.0),
    "gaussian": Activation(_gaussian, 4.0),
    "softplus": Activation(_softplus, 4.0),
    "silu": Activation(_silu, 3.0),
    "gelu": Activation(_gelu, 3.0),
}
