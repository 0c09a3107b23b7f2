"""An expression as a tape: every distinct sub-expression once, in an order in which it can be computed.

What is computed, numbers or intervals, is up to the columns of the function table that record tapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sympy as sp

V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Tape(Generic[V]):
    """`inputs` are what has to be given, in order; the value of the expression is in the last slot.

    `slots` holds the constants, and None where inputs and steps write: the inputs to `places`, each step,
    of an operation and the slots of its arguments, to the one that it names.
    """

    slots: tuple[V | None, ...]
    inputs: tuple[sp.Basic, ...]
    places: tuple[int, ...]
    steps: tuple[tuple[Callable[..., V], tuple[int, ...], int], ...]

    def __call__(self, given: Sequence[V]) -> V:
        """The value of the expression for these values of the `inputs`."""
        slots: list[Any] = list(self.slots)
        for place, one in zip(self.places, given, strict=True):
            slots[place] = one
        for operation, arguments, place in self.steps:
            slots[place] = operation(*[slots[i] for i in arguments])
        value: V = slots[-1]
        return value


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
    constants: dict[int, V] = {}
    inputs: list[sp.Basic] = []
    steps: list[tuple[Callable[..., V], tuple[int, ...], int]] = []

    def visit(node: sp.Basic) -> int:
        if node in slots:
            return slots[node]
        given = node.is_Symbol or node in known
        operation, parts = (None, ()) if given or node.is_Number else recipe(node)
        arguments = tuple([visit(part) for part in parts])
        place = slots[node] = len(slots)
        if given:
            inputs.append(node)
        elif operation is None:
            constants[place] = constant(node)
        else:
            steps.append((operation, arguments, place))
        return place

    visit(expression)
    return Tape(
        tuple([constants.get(place) for place in range(len(slots))]),
        tuple(inputs),
        tuple([slots[node] for node in inputs]),
        tuple(steps),
    )
