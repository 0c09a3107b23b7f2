"""The smooth expression that a non-smooth one equals around a point."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import sympy as sp

from qdsl.physics import numeric
from qdsl.physics.functions import exponential

Point = Mapping[sp.Symbol, float]


def resolve(expression: sp.Expr, point: Point) -> sp.Expr:
    """The expression with every branch decided as it falls at a point.

    |u| becomes u or -u, min, max and cases become the branch that holds; nan where no case does, and
    where a branch would be chosen by something that is not real.
    The point must not be a zero of a switch function.
    """
    return _resolved(expression, point, {})


def _resolved(node: sp.Expr, point: Point, memo: dict[sp.Basic, sp.Expr]) -> sp.Expr:
    known = memo.get(node)
    if known is None:
        known = memo[node] = _decided(node, point, memo)
    return known


def _decided(node: sp.Expr, point: Point, memo: dict[sp.Basic, sp.Expr]) -> sp.Expr:
    if not node.args:
        return node
    match node:
        case sp.Piecewise():
            taken = next((value for value, c in node.args if numeric.holds(c, point)), sp.nan)
            return _resolved(taken, point, memo)
        case sp.Abs() if node.free_symbols:
            inner = _resolved(node.args[0], point, memo)
            return -inner if numeric.number(node.args[0], point) < 0 else inner
        case sp.sign() if node.free_symbols:
            value = numeric.number(node.args[0], point)
            return sp.nan if math.isnan(value) else sp.Integer((value > 0) - (value < 0))
        case sp.Heaviside() if node.free_symbols:
            value = numeric.number(node.args[0], point)
            return sp.nan if math.isnan(value) else sp.Rational(1 + (value > 0) - (value < 0), 2)
        case sp.Max() | sp.Min():
            values = [numeric.number(argument, point) for argument in node.args]
            if any(map(math.isnan, values)):
                return sp.nan
            extreme = max(values) if isinstance(node, sp.Max) else min(values)
            return _resolved(node.args[values.index(extreme)], point, memo)
    arguments = [_resolved(argument, point, memo) for argument in node.args]
    if all(new is old for new, old in zip(arguments, node.args, strict=True)):
        return node
    return exponential(*arguments) if isinstance(node, sp.exp) else node.func(*arguments)


def cases_taken(expression: sp.Basic, holds: Callable[[sp.Basic], bool]) -> dict[sp.Piecewise, int | None]:
    """Which case is taken of each Piecewise that has a say, None where none holds.

    `holds` decides conditions; what stands inside a case that is not taken has no say.
    """
    taken: dict[sp.Piecewise, int | None] = {}
    stack = [expression]
    seen: set[sp.Basic] = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, sp.Piecewise):
            index = next((i for i, (_, condition) in enumerate(node.args) if holds(condition)), None)
            taken[node] = index
            stack += [condition for _, condition in node.args]
            stack += [] if index is None else [node.args[index][0]]
        else:
            stack += node.args
    return taken


def rebuilt(node: sp.Expr, arguments: Sequence[sp.Expr]) -> sp.Expr:
    """The node with other arguments.  min and max are left as they are: sympy fails to compare asin(2)."""
    if isinstance(node, sp.Max | sp.Min | sp.Heaviside):
        return node.func(*arguments, evaluate=False)
    return exponential(*arguments) if isinstance(node, sp.exp) else node.func(*arguments)


def branches(node: sp.Expr, x: sp.Symbol, limit: int) -> list[sp.Expr] | None:
    """Every smooth expression that a non-smooth one can be somewhere; None when there are too many."""
    if not node.args or x not in node.free_symbols:
        return [node]
    match node:
        case sp.Piecewise():
            return _union([value for value, _ in node.args], x, limit)
        case sp.Max() | sp.Min():
            return _union(node.args, x, limit)
        case sp.Abs():
            inner = branches(node.args[0], x, limit)
            return None if inner is None or 2 * len(inner) > limit else [*inner, *(-b for b in inner)]
        case sp.sign():
            return [sp.Integer(-1), sp.Integer(1)]
        case sp.Heaviside():
            return [sp.Integer(0), sp.Integer(1)]
    choices = []
    count = 1
    for argument in node.args:
        inner = branches(argument, x, limit)
        if inner is None:
            return None
        choices.append(inner)
        count *= len(inner)
        if count > limit:
            return None
    if count == 1:
        return [
            node if all(c[0] is a for c, a in zip(choices, node.args, strict=True)) else _of(node, choices)
        ]
    return list(dict.fromkeys(rebuilt(node, arguments) for arguments in product(*choices)))


def _of(node: sp.Expr, choices: list[list[sp.Expr]]) -> sp.Expr:
    return rebuilt(node, [choice[0] for choice in choices])


def _union(nodes: tuple[sp.Expr, ...] | list[sp.Expr], x: sp.Symbol, limit: int) -> list[sp.Expr] | None:
    found: dict[sp.Expr, None] = {}
    for node in nodes:
        inner = branches(node, x, limit)
        if inner is None:
            return None
        found |= dict.fromkeys(inner)
    return list(found) if len(found) <= limit else None
