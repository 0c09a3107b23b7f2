"""Where tensors live: a device by name, and whole trial functions moved there."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

import torch
from torch import Tensor

from qdsl.errors import UsageError

Moved = TypeVar("Moved")


@cache
def find_device(name: str) -> torch.device:
    """The torch device of this name.

    Raises UsageError when torch does not know it, the machine does not have it, or it has no float64.
    """
    try:
        device = torch.device(name)
        torch.zeros(1, dtype=torch.float64, device=device).cpu()  # TypeError where there is no float64
    except (RuntimeError, AssertionError, ImportError, TypeError) as problem:
        raise UsageError(
            f"no device '{name}' here",
            hint="'cpu' is always there; 'cuda' needs a GPU and a torch built for it",
        ) from problem
    return device


def moved(value: Moved, device: torch.device) -> Moved:
    """The same dataclass, tuple or tensor with every tensor inside it on a device."""
    result: Any = value
    if isinstance(value, Tensor):
        result = value.to(device)
    elif isinstance(value, tuple):
        result = tuple(moved(item, device) for item in value)
    elif is_dataclass(value) and not isinstance(value, type):
        result = replace(value, **{f.name: moved(getattr(value, f.name), device) for f in fields(value)})
    return result
