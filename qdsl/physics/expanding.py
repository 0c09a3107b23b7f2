"""Products of sums multiplied out, where that stays short: ten sums of two terms have a thousand products."""

from __future__ import annotations

from math import comb

import sympy as sp

MOST = 500
"""Terms of an expanded formula; comparing formulas takes a few, and a file may hold far more."""

_TOO_MANY = MOST + 1


def is_short(expression: sp.Expr, powers: bool = True) -> bool:
    """Whether an expression, and each of its parts, has few terms when it is multiplied out.

    `powers`: of sums are multiplied out too.
    """
    return _terms(expression, powers, {}) <= MOST


def expanded(expression: sp.Expr) -> sp.Expr:
    """The expression multiplied out where that stays short, else as it is."""
    return sp.expand(expression) if is_short(expression) else expression


def multiplied_out(expression: sp.Expr) -> sp.Expr:
    """The same for numbers: denominators stay as they are, and so do exponents.

    (3 x + 4)^2 + 1 is never 0, which is not seen of 9 x^2 + 24 x + 17; of exp((x + 2)/1e-6) one factor
    overflows, and one is 0.
    """
    below = {
        node: sp.Dummy() for node in expression.atoms(sp.Pow) if node.exp.is_negative and node.base.is_Add
    }
    above = expression.xreplace(below)
    if not is_short(above):
        return expression
    return sp.expand(above, power_exp=False).xreplace({name: node for node, name in below.items()})


def _terms(node: sp.Basic, powers: bool, known: dict[sp.Basic, int]) -> int:
    """A bound on the number of terms, or that of the longest part; at most _TOO_MANY."""
    if not node.args:
        return 1
    if node not in known:
        parts = [_terms(argument, powers, known) for argument in node.args]
        if isinstance(node, sp.Add):
            count = sum(parts)
        elif isinstance(node, sp.Mul):
            count = 1
            for part in parts:
                count = min(count * part, _TOO_MANY)
        elif isinstance(node, sp.Pow) and not powers:
            count = 1
        elif isinstance(node, sp.Pow) and node.exp.is_Integer and parts[0] > 1:
            power = abs(int(node.exp))
            count = comb(power + parts[0] - 1, power) if power * parts[0] < _TOO_MANY else _TOO_MANY
        else:
            count = max(parts)
        known[node] = min(count, _TOO_MANY)
    return known[node]
