"""Formulas of a problem with its numbers put in, and rounded where the exact ones are too long to read."""

from __future__ import annotations

import math

import sympy as sp

from qdsl.physics.piecewise import put, with_parts
from qdsl.physics.problem import Problem
from qdsl.report.writer import Writer

LENGTHY = 6
"""Operations in a number, `49 pi^2/72`, up to which it is shown exactly."""


def values_of(problem: Problem, expression: sp.Expr) -> sp.Expr:
    """The expression with the parameters' values: as they were written (1/2 stays 1/2), unless long."""
    for parameter in reversed(problem.parameters):
        expression = put(expression, parameter.symbol, parameter.value)
    return rounded(_readable(expression))


def with_number(w: Writer, symbol: sp.Symbol, expression: sp.Expr, value: sp.Expr, unit: str = "") -> str:
    """`c = 1/(2 mu) = 0.000545`: a formula, and its number where the formula is not one already."""
    if expression.is_Number:
        number = expression if expression.is_Rational else neat(float(expression))
        text = w.relation(symbol, "=", number)
    else:
        text = w.relation(symbol, "=", expression, "=", neat(float(value)))
    return f"{text} {w.words(unit)}" if unit else text


def neat(number: float) -> sp.Expr:
    """A float to ten digits, without an empty fraction."""
    if not math.isfinite(number):
        return sp.Float(number)
    short = float(f"{number:.10g}")
    return sp.Integer(int(short)) if short.is_integer() and abs(short) < 1e9 else sp.Float(short, 10)


def rounded(expression: sp.Basic) -> sp.Basic:
    """The expression with its decimals to ten digits, constant factors of cases inside of the cases."""
    if isinstance(expression, sp.Float):
        return neat(float(expression))
    short = with_parts(expression, [rounded(part) for part in expression.args])
    inside = short.atoms(sp.Piecewise) if isinstance(short, sp.Mul) else set()
    if len(inside) != 1:
        return short
    cases = inside.pop()
    return with_parts(cases, [(short.xreplace({cases: value}), condition) for value, condition in cases.args])


def _readable(expression: sp.Basic) -> sp.Basic:
    """Numbers that are long or need a table of functions, as decimals."""
    if isinstance(expression, sp.Expr) and expression.is_number and not expression.is_infinite:
        long = expression.has(sp.Function) or expression.count_ops() > LENGTHY or expression.has(sp.Float)
        number = sp.N(expression, 15) if long else expression
        return neat(float(number)) if number.is_Float else expression
    if isinstance(expression, sp.Add | sp.Mul):
        numbers = [part for part in expression.args if part.is_number]
        others = [_readable(part) for part in expression.args if not part.is_number]
        return expression.func(_readable(expression.func(*numbers)), *others)
    return with_parts(expression, [_readable(part) for part in expression.args])
