"""Formulas with cases, put together anew with each case kept as it is.

sympy merges cases of one value whenever it makes a Piecewise: `1 < x < 2 or 4 < x < 5 or …` becomes a product
of sums, which for a row of wells has two to the power of their number factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

from qdsl.physics.derivative import derivative


def with_parts(expression: sp.Basic, parts: Sequence[Any]) -> sp.Basic:
    """The expression with other parts; the cases of a Piecewise that can still hold, as they are."""
    if not isinstance(expression, sp.Piecewise):
        return expression.func(*parts) if expression.args else expression
    rows = [ExprCondPair(*row) for row in parts if row[1] != sp.false]
    last = next((i for i, row in enumerate(rows) if row.cond == sp.true), len(rows))
    return rows[0].expr if rows and last == 0 else sp.Piecewise(*rows[: last + 1], evaluate=False)


def put(expression: sp.Basic, symbol: sp.Symbol, value: sp.Expr) -> sp.Basic:
    """The expression with a value for a symbol."""
    if not expression.has(sp.Piecewise):
        return expression.subs(symbol, value)
    return with_parts(expression, [put(part, symbol, value) for part in expression.args])


def slope(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The derivative inside of the pieces: a step has none."""
    cases = list(_outermost(expression))
    names = {part: sp.Function(f"case{i}")(x) for i, part in enumerate(dict.fromkeys(cases))}
    found = derivative(expression.xreplace(names), x)
    for part, name in names.items():
        slopes = with_parts(part, [(slope(value, x), condition) for value, condition in part.args])
        found = found.xreplace({name.diff(x): slopes, name: part})
    if found.has(sp.DiracDelta):  # of a sign
        found = found.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return found


def _outermost(expression: sp.Basic) -> Sequence[sp.Piecewise]:
    """The Piecewise parts that stand in no other."""
    if isinstance(expression, sp.Piecewise):
        return [expression]
    return [found for part in expression.args for found in _outermost(part)]
