"""Tapes bound to some of their inputs: the same values, with what is known by then worked out once."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import add, mul
from typing import Any

import sympy as sp

from qdsl.physics.tape import Fold, Recipe, record

X, A, B = sp.symbols("x a b", real=True)


def _power(base: float, exponent: float) -> float:
    return base**exponent


def _recipe(node: sp.Basic) -> Recipe[float]:
    rows: dict[Any, Callable[..., float]] = {
        sp.Add: Fold(add),
        sp.Mul: Fold(mul),
        sp.Pow: _power,
        sp.exp: math.exp,
        sp.sin: math.sin,
    }
    return rows[type(node)], node.args


EXPRESSION = 3 * A * B * X + sp.sin(A * X) * sp.exp(A + B)


def test_bound_one_by_one_or_at_once_or_not_at_all() -> None:
    tape = record(EXPRESSION, float, _recipe)
    values = {A: 0.3, B: 1.7, X: 2.5}
    wanted = tape([values[symbol] for symbol in tape.inputs])
    assert math.isclose(wanted, float(EXPRESSION.subs(values)), rel_tol=1e-14)
    at_once, one = tape.bound({A: 0.3, B: 1.7}), tape.bound({B: 1.7})
    assert at_once.inputs == (X,)
    assert at_once([2.5]) == wanted
    assert B not in one.inputs
    assert one.bound({A: 0.3})([2.5]) == wanted
    everything = tape.bound(values)
    assert (everything.inputs, everything.steps) == ((), ())
    assert everything([]) == wanted
    assert tape([values[symbol] for symbol in tape.inputs]) == wanted  # it is as it was


def test_steps_that_depend_on_nothing_else_are_gone() -> None:
    tape = record(EXPRESSION, float, _recipe)
    steps = tape.bound({A: 0.3, B: 1.7}).steps
    # known * x, sin(a x) * known, and their sum
    assert len(steps) == 5 < len(tape.steps)


def test_operations_that_are_adapted_to_what_is_known() -> None:
    def adapted(operation: Callable[..., float], values: Any) -> Callable[..., float] | None:
        if operation is not _power or values[1] is None:
            return None
        return lambda base: base * base

    tape = record(X**2 + 2**X, float, _recipe)
    bound = tape.bound({}, adapted)
    assert sorted(len(arguments) for _, arguments, _ in bound.steps) == [1, 2, 2]
    assert bound([3.0]) == tape([3.0]) == 17.0


def test_a_sum_of_one_part_is_the_part() -> None:
    assert record(sp.Add(X, evaluate=False), float, _recipe)([2.0]) == 2.0
