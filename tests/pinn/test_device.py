"""Devices by name, and data moved between them."""

from __future__ import annotations

import pytest
import torch

from qdsl.errors import UsageError
from qdsl.physics.training import Mlp
from qdsl.pinn.device import find_device, moved
from qdsl.pinn.fit import Fit
from qdsl.pinn.joints import Joints
from qdsl.pinn.network import random_network
from qdsl.pinn.trial import Bubbles, Trial


def test_the_processor_is_always_there() -> None:
    assert find_device("cpu").type == "cpu"


# Names that torch knows but no machine of ours has, names that torch does not know, and one without memory.
@pytest.mark.parametrize(
    "name", ["gpu", "", "cuda:99", "mps:7", "hpu", "privateuseone", "xla", "meta", "cpu cpu"]
)
def test_a_device_that_is_not_here_is_a_mistake_of_the_user(name: str) -> None:
    with pytest.raises(UsageError, match="no device") as caught:
        find_device(name)
    assert "'cpu' is always there" in str(caught.value)


def test_moved_keeps_the_structure() -> None:
    network = random_network(Mlp((3, 2)), 0)
    none, numbers = torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.float64)
    transform = torch.eye(4, dtype=torch.float64)[None]
    joints = Joints(torch.tensor([[2, 0, 2, 1]]), transform, 2, none, numbers, none, numbers, free=False)
    trial = Trial(
        torch.tensor([0.0, 1.0], dtype=torch.float64),
        joints,
        Bubbles(network, torch.eye(2, dtype=torch.float64)[None]),
    )
    fit = Fit(trial, torch.ones(4, 1, dtype=torch.float64), torch.ones(1, dtype=torch.float64), False, "why")
    away = moved(fit, torch.device("meta"))  # tensors without memory: every one of them must have left
    assert type(away) is Fit
    assert away.message == "why"
    assert away.settled is False
    assert away.trial.joints.count == 2
    assert away.trial.joints.slots.dtype == torch.int64
    assert away.trial.bubbles.network.activation == "tanh"
    tensors = [
        away.unknowns,
        away.energies,
        away.trial.edges,
        away.trial.half,
        away.trial.middle,
        away.trial.index,
        away.trial.joints.slots,
        away.trial.joints.transform,
        away.trial.bubbles.combination,
        *away.trial.bubbles.network.parameters,
    ]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    shapes = [p.shape for p in fit.trial.bubbles.network.parameters]
    assert [p.shape for p in away.trial.bubbles.network.parameters] == shapes
    assert fit.trial.edges.device.type == "cpu"  # the original stays where it was


def test_moved_leaves_other_things_alone() -> None:
    cpu = torch.device("cpu")
    assert moved((1, "a", None, 2.5), cpu) == (1, "a", None, 2.5)
    assert moved(Mlp, cpu) is Mlp
