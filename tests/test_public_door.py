"""`import qdsl` is the public door: its names, and nothing behind them before they are used."""

from __future__ import annotations

import pytest

import qdsl


@pytest.mark.parametrize("name", qdsl.__all__)
def test_every_public_name_is_there(name):
    assert getattr(qdsl, name) is not None
    assert name in dir(qdsl)


def test_unknown_names_are_ordinary_attribute_errors():
    with pytest.raises(AttributeError, match="module 'qdsl' has no attribute 'slove'"):
        qdsl.slove  # noqa: B018


def test_the_example_of_the_docstring(examples):
    solution = qdsl.solve(qdsl.load(examples / "finite_well.qw"), V0=30)
    assert solution.energies.shape == (3,)
    assert solution.psi([0.1, 0.2]).shape == (3, 2)
    assert solution.energies[0] > 1.6394
    assert solution.plot().axes[0].get_title() == "Finite square well"
