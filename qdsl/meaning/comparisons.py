"""Comparisons of expressions, with the case distinctions inside of them turned into and, or, not.

sympy would turn a condition that compares cases into if-then-else, or give up on it.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.physics import numeric
from qdsl.physics.quantities import HEADS
from qdsl.physics.resolve import rebuilt

MOST = 64
"""Combinations of cases in one comparison."""

_RELATIONS = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
    "==": sp.Equality,
    "!=": sp.Unequality,
}

Alternative = tuple[sp.Basic, sp.Expr]
"""A condition, and the value of the expression where it holds."""


def comparison(left: sp.Expr, sign: str, right: sp.Expr, span: Span) -> sp.Basic:
    """The condition `left sign right`.  Where no case covers a side, it does not hold.

    sympy would decide conditions such as x^2 < 0 by itself; they are kept, so that the check for cases
    that are never reached can speak of them.  Raises ProblemError when there are too many cases.
    """
    relation = _RELATIONS[sign]
    parts = []
    for guards, values in _combinations((left, right), span):
        compared = relation(*values, evaluate=False)
        if not compared.free_symbols and not compared.has(*HEADS):
            compared = sp.true if numeric.holds(compared, {}) else sp.false
        parts.append(compared if guards is sp.true else sp.And(guards, compared))
    return parts[0] if len(parts) == 1 else sp.Or(*parts)


def _combinations(parts: tuple[sp.Basic, ...], span: Span) -> list[tuple[sp.Basic, tuple[sp.Expr, ...]]]:
    choices = [_alternatives(part, span) for part in parts]
    combined = []
    for combination in product(*choices):
        guards = [guard for guard, _ in combination if guard is not sp.true]
        combined.append((sp.And(*guards) if guards else sp.true, tuple(value for _, value in combination)))
        if len(combined) > MOST:
            raise ProblemError(
                "this condition compares too many cases", span, "give each case its own condition"
            )
    return combined


def _alternatives(expression: sp.Basic, span: Span) -> list[Alternative]:
    if not expression.has(sp.Piecewise):
        return [(sp.true, expression)]
    if isinstance(expression, sp.Piecewise):
        found: list[Alternative] = []
        before: list[sp.Basic] = []
        for value, condition in expression.args:
            here = sp.And(*(sp.Not(other) for other in before), condition)
            found += [(sp.And(here, guard), inner) for guard, inner in _alternatives(value, span)]
            before.append(condition)
        return found
    return [(guard, rebuilt(expression, values)) for guard, values in _combinations(expression.args, span)]
