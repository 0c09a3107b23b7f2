"""An expression as a tape: every distinct sub-expression once, in an order in which it can be computed.

What is computed, numbers or intervals, is up to the columns of the function table that record tapes.  Some of
the inputs may be bound to values once and for all: what depends on nothing else is worked out then (partial
evaluation; Jones, Gomard and Sestoft, Partial Evaluation and Automatic Program Generation, 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Generic, TypeVar

import sympy as sp

V = TypeVar("V")

Adapted = Callable[[Callable[..., V], Sequence[V | None]], Callable[..., V] | None]


@dataclass(frozen=True, eq=False)
class Tape(Generic[V]):
    """`inputs` are what has to be given, in order; the value of the expression ends up in the slot `result`.

    `slots` holds the constants, and None where inputs and steps write: the inputs to `places`, each step,
    of an operation and the slots of its arguments, to the one that it names.
    """

    slots: tuple[V | None, ...]
    inputs: tuple[sp.Basic, ...]
    places: tuple[int, ...]
    steps: tuple[tuple[Callable[..., V], tuple[int, ...], int], ...]
    result: int

    def __call__(self, given: Sequence[V]) -> V:
        """The value of the expression for these values of the `inputs`."""
        slots: list[Any] = list(self.slots)
        for place, one in zip(self.places, given, strict=True):
            slots[place] = one
        for operation, arguments, place in self.steps:
            slots[place] = operation(*[slots[i] for i in arguments])
        value: V = slots[self.result]
        return value

    def bound(self, known: Mapping[sp.Basic, V], adapted: Adapted[V] = lambda *_: None) -> Tape[V]:
        """The same with these values for some of the inputs: a tape of the others, with fewer steps.

        `adapted` may give for an operation, and those of its arguments that are known by now (None stands for
        the others), an operation on the others that is done sooner.
        """
        slots = list(self.slots)
        for symbol, place in zip(self.inputs, self.places, strict=True):
            if symbol in known:
                slots[place] = known[symbol]
        steps = []
        for operation, arguments, place in self.steps:
            values = [slots[i] for i in arguments]
            missing = tuple([i for i, value in zip(arguments, values, strict=True) if value is None])
            if not missing:
                slots[place] = operation(*values)
            elif len(missing) < len(values) and (other := adapted(operation, values)):
                steps.append((other, missing, place))
            else:
                steps.append((operation, arguments, place))
        left = [(s, i) for s, i in zip(self.inputs, self.places, strict=True) if s not in known]
        inputs, places = tuple([s for s, _ in left]), tuple([i for _, i in left])
        return replace(self, slots=tuple(slots), inputs=inputs, places=places, steps=tuple(steps))


@dataclass(frozen=True)
class Fold(Generic[V]):
    """An operation on any number of values, of which a tape makes `one` on two at a time, from the left."""

    one: Callable[[V, V], V]

    def __call__(self, *values: V) -> V:
        return reduce(self.one, values)


Recipe = tuple[Callable[..., V], Sequence[sp.Basic]]
"""What makes the value of a node from those of its parts, and the parts."""


def record(
    expression: sp.Basic,
    constant: Callable[[sp.Basic], V],
    recipe: Callable[[sp.Basic], Recipe[V]],
    known: Collection[sp.Basic] = (),
) -> Tape[V]:
    """The tape of an expression.

    `constant` gives the values of numbers, `recipe` tells how other nodes are computed.  Symbols are inputs,
    and so are nodes whose values are `known`.
    """
    slots: dict[sp.Basic, int] = {}
    values: list[V | None] = []
    inputs: list[sp.Basic] = []
    steps: list[tuple[Callable[..., V], tuple[int, ...], int]] = []

    def new(value: V | None) -> int:
        values.append(value)
        return len(values) - 1

    def step(operation: Callable[..., V], arguments: tuple[int, ...]) -> int:
        place = new(None)
        steps.append((operation, arguments, place))
        return place

    def visit(node: sp.Basic) -> int:
        if node in slots:
            return slots[node]
        given = node.is_Symbol or node in known
        operation, parts = (None, ()) if given or node.is_Number else recipe(node)
        arguments = tuple([visit(part) for part in parts])
        if given:
            inputs.append(node)
            slots[node] = new(None)
        elif operation is None:
            slots[node] = new(constant(node))
        elif isinstance(operation, Fold) and arguments:
            slots[node] = reduce(lambda a, b: step(operation.one, (a, b)), arguments)
        else:
            slots[node] = step(operation, arguments)
        return slots[node]

    result = visit(expression)
    return Tape(tuple(values), tuple(inputs), tuple([slots[node] for node in inputs]), tuple(steps), result)
