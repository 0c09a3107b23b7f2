"""Sums with a square and its root, with the square completed.

In a s^2 + b s + c the symbol s stands twice, and interval arithmetic takes the two for independent: of
x^2 - 0.6 x + 0.0900001 on an interval of length 0.001 around 0.3 it does not know that it is positive.  Of
a (s + b/(2 a))^2 + c - b^2/(4 a) it knows the range (Moore, Kearfott and Cloud, Introduction to Interval
Analysis, section 5.4).
"""

from __future__ import annotations

import sympy as sp


def completed(total: sp.Add) -> sp.Expr | None:
    """An equal expression with the square of a power of some symbol completed; None where there is none."""
    for square in total.args:
        factor, power = square.as_coeff_Mul()
        if not (power.is_Pow and power.base.is_Symbol and power.exp.is_Integer and power.exp % 2 == 0):
            continue
        root, factor = power.base ** (power.exp / 2), _exact(factor)
        parts = [(term, *term.as_independent(power.base, as_Add=False)) for term in total.args]
        slope = [_exact(rest) for _, rest, varying in parts if varying == root]
        if slope:
            middle = sp.Add(*slope) / (2 * factor)
            fixed = [_exact(rest) for _, rest, varying in parts if varying == 1]
            others = [term for term, _, varying in parts if varying not in (1, root) and term != square]
            return sp.Add(factor * (root + middle) ** 2, -factor * middle**2, *fixed, *others)
    return None


def _exact(expression: sp.Expr) -> sp.Expr:
    """With the rational numbers that floats are, so that nothing is rounded."""
    return expression.xreplace({number: sp.Rational(number) for number in expression.atoms(sp.Float)})
