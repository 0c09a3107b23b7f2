"""Sums with a square and its root, with the square completed.

In a s^2 + b s + c the symbol s stands twice, and interval arithmetic takes the two for independent: of
x^2 - 0.6 x + 0.0900001 on an interval of length 0.001 around 0.3 it does not know that it is positive.  Of
a (s + b/(2 a))^2 + c - b^2/(4 a) it knows the range (Moore, Kearfott and Cloud, Introduction to Interval
Analysis, section 5.4).
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp


def completed(total: sp.Add) -> sp.Expr | None:
    """An equal expression with the square of a power of some symbol completed; None where there is none."""
    for square in total.args:
        for symbol, root, factor in _roots(square):
            parts = [(term, *term.as_independent(symbol, as_Add=False)) for term in total.args]
            slope = [_exact(rest) for _, rest, power in parts if power == root]
            if slope:
                middle = sp.Add(*slope) / (2 * factor)
                fixed = [_exact(rest) for _, rest, power in parts if power == 1]
                others = [term for term, _, power in parts if power not in (1, root) and term != square]
                return sp.Add(factor * (root + middle) ** 2, -factor * middle**2, *fixed, *others)
    return None


def _roots(term: sp.Expr) -> Iterator[tuple[sp.Symbol, sp.Expr, sp.Rational]]:
    """s, s^k and a of a term a s^(2 k)."""
    factor, power = term.as_coeff_Mul()
    if isinstance(power, sp.Pow) and power.base.is_Symbol and power.exp.is_Integer and power.exp % 2 == 0:
        yield power.base, power.base ** (power.exp / 2), _exact(factor)


def _exact(expression: sp.Expr) -> sp.Expr:
    """With the rational numbers that floats are, so that nothing is rounded."""
    return expression.xreplace({number: sp.Rational(number) for number in expression.atoms(sp.Float)})
