"""Neural features: a fully connected network of the local coordinate, differentiated twice in t.

A network is data: a tuple of layers, each a weight and a bias with a leading dimension for the pieces
(1 where all pieces share the layer).  The features are the outputs of the last hidden layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from qdsl.physics.training import Mlp
from qdsl.pinn.activations import ACTIVATIONS
from qdsl.pinn.jets import Jet


@dataclass(frozen=True)
class Layer:
    """weight (pieces, inputs, outputs), bias (pieces, 1, outputs)."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True)
class Network:
    layers: tuple[Layer, ...]
    activation: str

    def features(self, t: Tensor) -> Jet:
        """Last hidden layer at local points t, shape (pieces, points): jet (pieces, points, features).

        Value, slope and curvature are carried forward through the layers: with z the input of an
        activation f, (f(z))' = f'(z) z' and (f(z))'' = f''(z) z'^2 + f'(z) z''.
        """
        derivatives = ACTIVATIONS[self.activation].derivatives
        jet = Jet(t[..., None], torch.ones_like(t)[..., None], torch.zeros_like(t)[..., None])
        for layer in self.layers:
            z = jet.value @ layer.weight + layer.bias
            dz, ddz = jet.slope @ layer.weight, jet.curvature @ layer.weight
            f, df, ddf = derivatives(z)
            jet = Jet(f, df * dz, ddf * dz * dz + df * ddz)
        return jet

    @property
    def pieces(self) -> int:
        """How many pieces have layers of their own; 1 where all share them."""
        return max(len(layer.weight) for layer in self.layers)

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        return tuple(t for layer in self.layers for t in (layer.weight, layer.bias))

    def with_parameters(self, parameters: tuple[Tensor, ...]) -> Network:
        pairs = zip(parameters[::2], parameters[1::2], strict=True)
        return Network(tuple(Layer(w, b) for w, b in pairs), self.activation)


def random_network(mlp: Mlp, seed: int) -> Network:
    """One network for all pieces, drawn once and never trained: the hidden layer of `ritz`.

    The first layer draws the frequencies and phases that its activation asks for; deeper layers, if
    any, are normal with variance 1/inputs.
    """
    generator = torch.Generator().manual_seed(seed)
    activation = ACTIVATIONS[mlp.activation]
    shape = (1, 1, mlp.hidden[0])
    if activation.periodic:
        scale = activation.scale * (2 * _uniform(shape, generator) - 1)
        bias = 2 * math.pi * _uniform(shape, generator)
    else:
        scale = activation.scale * _normal(shape, generator)
        bias = -scale * (2 * _uniform(shape, generator) - 1)
    layers = [Layer(scale, bias)]
    for inputs, outputs in zip(mlp.hidden, mlp.hidden[1:], strict=False):
        weight = _normal((1, inputs, outputs), generator) / math.sqrt(inputs)
        layers.append(Layer(weight, _normal((1, 1, outputs), generator)))
    return Network(tuple(layers), mlp.activation)


def trainable_network(mlp: Mlp, pieces: int, generator: torch.Generator) -> Network:
    """One network a piece, with the usual uniform start of width 1/sqrt(inputs)."""
    layers = []
    for inputs, outputs in zip((1, *mlp.hidden), mlp.hidden, strict=False):
        width = 1 / math.sqrt(inputs)
        weight = width * (2 * _uniform((pieces, inputs, outputs), generator) - 1)
        bias = width * (2 * _uniform((pieces, 1, outputs), generator) - 1)
        layers.append(Layer(weight, bias))
    return Network(tuple(layers), mlp.activation)


def _uniform(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator, dtype=torch.float64)


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)
