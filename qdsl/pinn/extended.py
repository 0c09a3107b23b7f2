"""Shared bubbles at fixed points in extended precision, so that the matrices are those of true functions.

A bubble that was made with a singular value s is a sum of terms 1/s times as large as itself, and rounding
in it is EPS/s of its size: up to 2e-9 (see `trial.TRUNCATION`).  What that adds to the products with Hermite
functions excites the bubble, and its curvature, in a piece of half width h divided by h^2, stays in the
residual: 1e-8 psi'/h (measured), which grows where pieces are made smaller.  In 80 bits it is 1e-12.  Where a
long double has no more digits than a double, nothing is gained or lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qdsl.pinn.jets import HERMITE, Jet
from qdsl.pinn.network import Network
from qdsl.states import Array

Extended = NDArray[np.longdouble]


def is_simple(network: Network) -> bool:
    """Whether the network is one layer of sines that all pieces share."""
    return network.activation == "sin" and len(network.layers) == 1 and network.pieces == 1


def extended_basis(network: Network, combination: Array, points: Array) -> Jet:
    """Hermite functions and bubbles at local points (points,): jet (1, points, 4 + bubbles).

    For a network that is simple; `combination` (features, bubbles).
    """
    t = points.astype(np.longdouble)
    ends = _sines(network, np.array([-1, 1], dtype=np.longdouble))
    held = np.stack([ends[0][0], ends[1][0], ends[0][1], ends[1][1]])
    powers = np.stack([np.ones_like(t), t, t * t, t * t * t], -1)
    columns = np.split(HERMITE.numpy().astype(np.longdouble), 3, axis=1)
    change = combination.astype(np.longdouble)
    parts = []
    for features, column in zip(_sines(network, t), columns, strict=True):
        interpolants = powers @ column
        bubbles = (features - interpolants @ held) @ change
        parts.append(_rounded(np.concatenate([interpolants, bubbles], 1)))
    return Jet(*parts)


def _sines(network: Network, t: Extended) -> tuple[Extended, Extended, Extended]:
    """Features with two derivatives at points (points,), each (points, features)."""
    (layer,) = network.layers
    frequency, phase = (part.numpy().ravel().astype(np.longdouble) for part in (layer.weight, layer.bias))
    angle = np.multiply.outer(t, frequency) + phase
    sine, cosine = np.sin(angle), np.cos(angle)
    return sine, frequency * cosine, -(frequency**2) * sine


def _rounded(values: Extended) -> Any:
    return torch.from_numpy(values.astype(np.float64))[None]
