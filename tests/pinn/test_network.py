"""Activations, networks and Hermite functions: every derivative that is written out is the derivative."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics import training
from qdsl.physics.training import Mlp
from qdsl.pinn.activations import ACTIVATIONS
from qdsl.pinn.jets import Jet, end_states, hermite
from qdsl.pinn.network import Network, random_network, trainable_network

names = st.sampled_from(list(ACTIVATIONS))
layers = st.lists(st.integers(1, 12), min_size=1, max_size=3).map(tuple)


def slope_of(values: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    (slope,) = torch.autograd.grad(values.sum(), t, create_graph=True)
    return slope


def test_every_activation_of_the_language_is_here() -> None:
    assert set(ACTIVATIONS) == set(training.ACTIVATIONS)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_derivatives_of_activations(name: str) -> None:
    """Over the whole range that a random feature reaches, far into saturation."""
    z = torch.linspace(-60, 60, 4001, dtype=torch.float64, requires_grad=True)
    f, df, ddf = ACTIVATIONS[name].derivatives(z)
    scale = max(1.0, float(ddf.detach().abs().max()))
    np.testing.assert_allclose(df.detach(), slope_of(f, z).detach(), rtol=0, atol=1e-14)
    np.testing.assert_allclose(ddf.detach(), slope_of(df, z).detach(), rtol=0, atol=1e-14 * scale)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_activations_are_smooth_numbers(name: str) -> None:
    """The value is the integral of the slope to rounding, without a step anywhere: 20-point Gauss on every
    unit interval, where the remainder is far below rounding."""
    t, weight = np.polynomial.legendre.leggauss(20)
    starts = np.arange(-45.0, 45.0)
    inside = torch.from_numpy(starts[:, None] + (t + 1) / 2)
    slopes = ACTIVATIONS[name].derivatives(inside)[1].numpy()
    value = ACTIVATIONS[name].derivatives(torch.from_numpy(np.append(starts, 45.0)))[0].numpy()
    np.testing.assert_allclose(slopes @ weight / 2, np.diff(value), rtol=0, atol=3e-14)


@settings(max_examples=60)
@given(names, layers, st.integers(1, 3), st.integers(0, 10**6), st.booleans())
def test_slope_and_curvature_of_features(
    name: str, hidden: tuple[int, ...], pieces: int, seed: int, trainable: bool
) -> None:
    mlp = Mlp(hidden, name)
    generator = torch.Generator().manual_seed(seed)
    network = trainable_network(mlp, pieces, generator) if trainable else random_network(mlp, seed)
    pieces = pieces if trainable else 1
    t = (2 * torch.rand(pieces, 9, generator=generator, dtype=torch.float64) - 1).requires_grad_()
    jet = network.features(t)
    assert jet.value.shape == jet.slope.shape == jet.curvature.shape == (pieces, 9, hidden[-1])
    for feature in range(hidden[-1]):
        slope = slope_of(jet.value[..., feature], t)
        curvature = slope_of(slope, t)
        scale = 1 + float(jet.curvature.detach().abs().max())
        np.testing.assert_allclose(
            jet.slope[..., feature].detach(), slope.detach(), rtol=0, atol=1e-13 * scale
        )
        np.testing.assert_allclose(
            jet.curvature[..., feature].detach(), curvature.detach(), rtol=0, atol=1e-13 * scale
        )


@given(names, layers, st.integers(0, 10**6))
@settings(max_examples=20)
def test_networks_are_reproducible_and_differ_with_the_seed(
    name: str, hidden: tuple[int, ...], seed: int
) -> None:
    mlp = Mlp(hidden, name)

    def flat(network: Network) -> list[float]:
        return torch.cat([p.flatten() for p in network.parameters]).tolist()

    assert flat(random_network(mlp, seed)) == flat(random_network(mlp, seed))
    assert flat(random_network(mlp, seed)) != flat(random_network(mlp, seed + 1))


def test_every_piece_has_a_network_of_its_own() -> None:
    network = trainable_network(Mlp((5, 4)), 3, torch.Generator().manual_seed(1))
    t = torch.linspace(-1, 1, 7, dtype=torch.float64).expand(3, -1)
    together = network.features(t)
    for piece in range(3):
        alone = network.with_parameters(tuple(p[piece : piece + 1] for p in network.parameters))
        np.testing.assert_allclose(alone.features(t[:1]).value[0], together.value[piece], rtol=1e-14)
    assert not torch.allclose(together.value[0], together.value[1])


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_random_layer_has_the_scale_of_its_activation(name: str) -> None:
    """Frequencies as the table says: uniform of variance scale^2/3, or normal of variance scale^2; the
    centre of a local feature lies on the piece."""
    layer = random_network(Mlp((5000,), name), 3).layers[0]
    activation = ACTIVATIONS[name]
    variance = activation.scale**2 / (3 if activation.periodic else 1)
    assert float(layer.weight.var()) == pytest.approx(variance, rel=0.1)
    if activation.periodic:
        assert float(layer.weight.abs().max()) <= activation.scale
        assert 0 <= float(layer.bias.min()) <= float(layer.bias.max()) <= 2 * np.pi
    else:
        assert float((layer.bias / layer.weight).abs().max()) <= 1 + 1e-12


# Hermite functions ---------------------------------------------------------------------------------------


def test_hermite_functions_carry_one_end_state_each() -> None:
    ends = torch.tensor([[-1.0, 1.0]], dtype=torch.float64)
    assert end_states(hermite(ends))[0].tolist() == torch.eye(4).tolist()


def test_hermite_functions_reproduce_cubics() -> None:
    t = torch.linspace(-1, 1, 11, dtype=torch.float64)[None]
    coefficients = [0.3, -1.2, 0.7, 2.1]

    def cubic(t: torch.Tensor) -> Jet:
        c = coefficients
        return Jet(
            (c[0] + c[1] * t + c[2] * t**2 + c[3] * t**3)[..., None],
            (c[1] + 2 * c[2] * t + 3 * c[3] * t**2)[..., None],
            (2 * c[2] + 6 * c[3] * t)[..., None],
        )

    states = end_states(cubic(torch.tensor([[-1.0, 1.0]], dtype=torch.float64)))
    interpolant, wanted = hermite(t).map(lambda h: h @ states), cubic(t)
    np.testing.assert_allclose(interpolant.value, wanted.value, rtol=0, atol=1e-14)
    np.testing.assert_allclose(interpolant.slope, wanted.slope, rtol=0, atol=1e-14)
    np.testing.assert_allclose(interpolant.curvature, wanted.curvature, rtol=0, atol=1e-13)
