"""Sympy expressions -> torch callables, as a tape of table rows: no generated code, no strings.

`compile_expressions` walks the expressions once, gives every distinct sub-expression one slot, and
returns a `Program` that replays the slots on tensors.  Parameters are inputs, so that one program serves
every value of them; `bound` to some values, what follows from these alone is worked out once.  Values, first
and second derivatives (by torch's autograd) agree with sympy's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp
import torch
from torch import Tensor

from qdsl.physics.interpolant import Interpolant
from qdsl.pinn.interpolation import interpolation
from qdsl.pinn.operations import OPERATIONS, Operation


@dataclass(frozen=True, eq=False)
class Constant:
    """A number, float64: put on the tape in the inputs' dtype and device."""

    value: Tensor


@dataclass(frozen=True)
class Input:
    symbol: sp.Symbol


@dataclass(frozen=True)
class Apply:
    """A table row applied to earlier slots."""

    operation: Operation
    arguments: tuple[int, ...]


@dataclass(frozen=True)
class Select:
    """A Piecewise: slots of the conditions, and of one sub-program a branch."""

    conditions: tuple[int, ...]
    branches: tuple[Program, ...]


Step = Constant | Input | Apply | Select


@dataclass(frozen=True)
class Program:
    """A compiled tuple of expressions."""

    steps: tuple[Step, ...]
    results: tuple[int, ...]

    def __call__(self, values: Mapping[sp.Symbol, Tensor | float], like: Tensor) -> tuple[Tensor, ...]:
        """Evaluate on `values`: scalars, also as tensors, or tensors of the shape of `like`.

        Results have the dtype and device of `like`, and its shape or, where constant, none.

        Raises KeyError when a symbol of the expressions has no value: that is a bug of the caller.
        """
        slots: list[Tensor] = []
        for step in self.steps:
            match step:
                case Constant(value):
                    slots.append(value.to(like))
                case Input(symbol):
                    slots.append(torch.as_tensor(values[symbol], dtype=like.dtype, device=like.device))
                case Apply(operation, arguments):
                    slots.append(operation(*(slots[i] for i in arguments)))
                case Select(conditions, branches):
                    slots.append(_select([slots[i] for i in conditions], branches, values, like))
        return tuple(slots[i] for i in self.results)

    @cached_property
    def computes(self) -> bool:
        """Whether it does more than to name numbers and inputs."""
        return any(isinstance(step, Apply | Select) for step in self.steps)

    def bound(self, values: Mapping[sp.Symbol, float]) -> Program:
        """The program with numbers, float64, in the place of some symbols, less what is not needed then."""
        steps: list[Step] = []
        for step in self.steps:
            match step:
                case Input(symbol) if symbol in values:
                    step = Constant(torch.tensor(values[symbol], dtype=torch.float64))
                case Apply(operation, arguments):
                    given = [found.value for i in arguments if isinstance(found := steps[i], Constant)]
                    if len(given) == len(arguments) and (value := operation(*given)).is_floating_point():
                        step = Constant(value)
                case Select(conditions, branches):
                    step = Select(conditions, tuple(branch.bound(values) for branch in branches))
            steps.append(step)
        return _needed(steps, self.results)


def _needed(steps: Sequence[Step], results: Sequence[int]) -> Program:
    """The program of those steps that the results rest on."""
    needed = {*results}
    for i in reversed(range(len(steps))):
        if i in needed:
            needed.update(_slots(steps[i]))
    place = {i: new for new, i in enumerate(sorted(needed))}
    return Program(tuple(_moved(steps[i], place) for i in place), tuple(place[i] for i in results))


def _slots(step: Step) -> tuple[int, ...]:
    """The earlier slots that a step reads."""
    match step:
        case Apply(_, slots) | Select(slots, _):
            return slots
    return ()


def _moved(step: Step, place: Mapping[int, int]) -> Step:
    """A step that reads the same from other slots."""
    match step:
        case Apply(operation, arguments):
            return Apply(operation, tuple(place[i] for i in arguments))
        case Select(conditions, branches):
            return Select(tuple(place[i] for i in conditions), branches)
    return step


def _select(
    conditions: Sequence[Tensor],
    branches: Sequence[Program],
    values: Mapping[sp.Symbol, Tensor | float],
    like: Tensor,
) -> Tensor:
    """The branch of the first condition that holds; nan where none does.

    torch.where multiplies the gradient of the branch that it does not take by zero, which is nan where
    that branch is infinite.  So each branch only ever sees points where its own condition holds: the
    others are moved to one such point, and a branch that holds nowhere is not evaluated at all.
    """
    result = torch.full_like(like, float("nan"))
    if not any(branch.computes for branch in branches):
        for condition, branch in zip(reversed(conditions), reversed(branches), strict=True):
            (value,) = branch(values, like)
            result = torch.where(condition, value, result)
        return result
    taken = torch.zeros_like(like, dtype=torch.bool)
    for condition, branch in zip(conditions, branches, strict=True):
        here = condition & ~taken
        taken = taken | condition
        inputs = values
        if branch.computes:
            if not bool(here.any()):
                continue
            first = int(here.reshape(-1).to(torch.uint8).argmax())
            inputs = {symbol: _guard(value, here, first) for symbol, value in values.items()}
        (value,) = branch(inputs, like)
        result = torch.where(here, value, result)
    return result


def _guard(value: Tensor | float, here: Tensor, first: int) -> Tensor | float:
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    wide = value.broadcast_to(here.shape)
    return torch.where(here, wide, wide.reshape(-1)[first].detach())


@lru_cache(maxsize=256)
def compile_expressions(expressions: tuple[sp.Expr, ...]) -> Program:
    """Compile expressions into one program that shares their common sub-expressions.

    Raises TypeError for a symbolic head that has no row in the table.
    """
    steps: list[Step] = []
    slots: dict[sp.Basic, int] = {}
    results = tuple(_visit(expression, steps, slots) for expression in expressions)
    return Program(tuple(steps), results)


def _visit(expression: sp.Basic, steps: list[Step], slots: dict[sp.Basic, int]) -> int:
    if expression not in slots:
        step = _step(expression, steps, slots)
        steps.append(step)
        slots[expression] = len(steps) - 1
    return slots[expression]


def _step(expression: sp.Basic, steps: list[Step], slots: dict[sp.Basic, int]) -> Step:
    if isinstance(expression, sp.Symbol):
        return Input(expression)
    if expression in (sp.true, sp.false):
        return Apply(_truth(bool(expression)), ())
    if isinstance(expression, sp.Expr) and expression.is_number and expression.is_real:
        return Constant(torch.tensor(float(expression), dtype=torch.float64))
    if isinstance(expression, sp.Piecewise):
        conditions = tuple(_visit(condition, steps, slots) for _, condition in expression.args)
        branches = tuple(compile_expressions((value,)) for value, _ in expression.args)
        return Select(conditions, branches)
    if isinstance(expression, Interpolant):
        point, samples, order = expression.args
        return Apply(interpolation(samples, int(order)), (_visit(point, steps, slots),))
    operation = OPERATIONS.get(expression.func)
    if operation is None:
        raise TypeError(f"no torch row for {expression.func.__name__}: {expression}")
    arguments = tuple(_visit(argument, steps, slots) for argument in expression.args)
    return Apply(operation, arguments)


def _truth(value: bool) -> Operation:
    return lambda: torch.tensor(value)
