"""The torch column of the function table: one explicit row for every symbolic head.

A row maps torch tensors to a torch tensor.  A symbolic head without a row is a bug of ours and says so.
n-ary heads are folds, because torch.maximum and its kin are binary.  Rows that are only defined on part
of the line (sqrt, log, asin, …) give nan outside it, as sympy's own value is not real there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import sympy as sp
import torch
from torch import Tensor

Operation = Callable[..., Tensor]


def _fold(binary: Callable[[Tensor, Tensor], Tensor]) -> Operation:
    return lambda *arguments: reduce(binary, arguments)


def _power(base: Tensor, exponent: Tensor) -> Tensor:
    # A whole exponent is exact and has derivatives at 0 and for negative bases; torch.pow with a
    # tensor exponent differentiates by log(base), which is nan there.
    if exponent.ndim == 0 and not exponent.requires_grad:
        return torch.pow(base, float(exponent))
    return torch.pow(base, exponent)


def _sign(argument: Tensor) -> Tensor:
    return torch.where(argument.isnan(), argument, torch.sign(argument))  # torch's own makes nan a 0


def _heaviside(argument: Tensor, at_zero: Tensor) -> Tensor:
    step = torch.where(argument == 0, at_zero, (1 + torch.sign(argument)) / 2)
    return torch.where(argument.isnan(), argument, step)


def _cot(argument: Tensor) -> Tensor:
    return 1 / torch.tan(argument)


def _coth(argument: Tensor) -> Tensor:
    return 1 / torch.tanh(argument)


OPERATIONS: dict[type[sp.Basic], Operation] = {
    sp.Add: _fold(torch.add),
    sp.Mul: _fold(torch.mul),
    sp.Pow: _power,
    sp.sin: torch.sin,
    sp.cos: torch.cos,
    sp.tan: torch.tan,
    sp.cot: _cot,  # sympy turns tan(x + pi/2) into -cot(x)
    sp.asin: torch.asin,
    sp.acos: torch.acos,
    sp.atan: torch.atan,
    sp.sinh: torch.sinh,
    sp.cosh: torch.cosh,
    sp.tanh: torch.tanh,
    sp.coth: _coth,
    sp.asinh: torch.asinh,
    sp.acosh: torch.acosh,
    sp.atanh: torch.atanh,
    sp.exp: torch.exp,
    sp.log: torch.log,
    sp.Abs: torch.abs,
    sp.sign: _sign,
    sp.Min: _fold(torch.minimum),
    sp.Max: _fold(torch.maximum),
    sp.Heaviside: _heaviside,
    sp.erf: torch.erf,
    sp.StrictLessThan: torch.lt,
    sp.LessThan: torch.le,
    sp.StrictGreaterThan: torch.gt,
    sp.GreaterThan: torch.ge,
    sp.Equality: torch.eq,
    sp.Unequality: torch.ne,
    sp.And: _fold(torch.logical_and),
    sp.Or: _fold(torch.logical_or),
    sp.Not: torch.logical_not,
    sp.ITE: torch.where,
}
