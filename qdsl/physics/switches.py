"""Where an expression may stop being smooth: the functions whose zeros are the only candidates.

|u|, sign(u) and heaviside(u) can break at u = 0, min and max where two arguments are equal, cases where
the two sides of a condition are equal, u^(1/2) and log(u) at u = 0, 1/u at its poles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb, isfinite

import sympy as sp

from qdsl.errors import ProblemError
from qdsl.physics import numeric

MOST = 500
"""Switches of one expression; max of 30 arguments has 435."""


@dataclass(frozen=True)
class Switch:
    """At the zeros of `function` the expression may not be smooth; `cause` is the part that is to blame."""

    function: sp.Expr
    cause: sp.Basic


def switches(expression: sp.Basic, x: sp.Symbol, values: Mapping[sp.Symbol, float]) -> tuple[Switch, ...]:
    """The switch functions of an expression, those of inner parts included, each once.

    An exponent that is a parameter counts by its value.
    """
    found: dict[sp.Expr, Switch] = {}
    for node in _parts(expression, x):
        for switch in _own(node, values):
            if switch.function.has(x):
                found.setdefault(switch.function, switch)
            if len(found) > MOST:
                raise _too_many()
    return tuple(found.values())


def _parts(expression: sp.Basic, x: sp.Symbol) -> Iterator[sp.Basic]:
    """All subexpressions that contain x, each once."""
    seen: set[sp.Basic] = set()
    stack = [expression]
    while stack:
        node = stack.pop()
        if node not in seen and node.args and node.has(x):
            seen.add(node)
            yield node
            stack.extend(node.args)


def _own(node: sp.Basic, values: Mapping[sp.Symbol, float]) -> Iterator[Switch]:
    """The switches of a node itself."""
    match node:
        case sp.Abs() | sp.sign() | sp.Heaviside():
            yield Switch(node.args[0], node)
        case sp.Max() | sp.Min():
            if comb(len(node.args), 2) > MOST:
                raise _too_many()
            for a, b in combinations(node.args, 2):
                yield Switch(a - b, node)
        case sp.core.relational.Relational():
            yield Switch(node.lhs - node.rhs, node)
        case sp.Pow():
            if not _is_polynomial_exponent(node.exp, values):
                yield Switch(node.base, node)
        case sp.log():
            yield Switch(node.args[0], node)
        case sp.asin() | sp.acos() | sp.acosh() | sp.atanh():
            yield Switch(node.args[0] - 1, node)
            yield Switch(node.args[0] + 1, node)
        case sp.tan():
            yield Switch(sp.cos(node.args[0]), node)
        case sp.cot() | sp.coth():
            yield Switch(sp.sin(node.args[0]) if isinstance(node, sp.cot) else node.args[0], node)


def _is_polynomial_exponent(exponent: sp.Expr, values: Mapping[sp.Symbol, float]) -> bool:
    if exponent.free_symbols - values.keys():
        return False
    value = numeric.number(exponent, values)
    return isfinite(value) and value >= 0 and value == int(value)


def _too_many() -> ProblemError:
    return ProblemError("the potential has too many cases, bars, minima and maxima to be analysed")
