"""Numbers of a file, exact where they can be, and never larger than a double can hold.

`1/2` is the exact half and `0.1` the double nearest to a tenth.  Towers such as `9^9^9^9` are refused
before anything of that size is computed.
"""

from __future__ import annotations

import math

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.physics import numeric

LARGEST = math.log(1.7e308)
SMALLEST = math.log(2.3e-308)

BITS = 4096
"""Size of numerators and denominators beyond which exact fractions are rounded to doubles."""

DEGREE = 1000
"""Largest constant exponent of something that varies."""


def literal(node: tree.Number) -> sp.Expr:
    """The number that is written: digits alone are an integer, all else a double.

    Raises ProblemError when no double can hold it.
    """
    value = float(node.text)
    if math.isinf(value):
        raise ProblemError("this number is too large", node.span, "numbers end at 1.8e308")
    if node.text.isdigit():
        return sp.Integer(int(node.text))
    if value == 0 and any(digit in "123456789" for digit in node.text.lower().partition("e")[0]):
        raise ProblemError("this number is too small", node.span, "numbers other than 0 begin at 2.2e-308")
    return sp.Float(node.text, 15)


def power(base: sp.Expr, exponent: sp.Expr, span: Span) -> sp.Expr:
    """base^exponent, after a look at how large it will be.

    Raises ProblemError when the result is too large or too small for a double, not real, or a division
    by zero.
    """
    if isinstance(base, sp.Piecewise):
        # Left to itself, sympy would reorder the cases and judge their conditions.
        powers = ((power(value, exponent, span), condition) for value, condition in base.args)
        return sp.Piecewise(*powers, evaluate=False)
    if not exponent.is_number:
        return sp.Pow(base, exponent)
    n = numeric.number(exponent)
    if not base.is_number:
        if abs(n) > DEGREE:
            raise ProblemError(f"an exponent cannot be larger than {DEGREE}", span)
        return sp.Pow(base, exponent)
    return _constant_power(base, exponent, numeric.number(base), n, span)


def _constant_power(base: sp.Expr, exponent: sp.Expr, b: float, n: float, span: Span) -> sp.Expr:
    if b == 0:
        if n < 0:
            raise ProblemError("division by zero", span)
        return sp.Pow(base, exponent)
    if b < 0 and n != int(n):
        hint = "cbrt(x) is the real cube root" if abs(abs(n) - 1 / 3) < 1e-12 else ""
        raise ProblemError(f"{_shown(span)} is not a real number", span, hint)
    size = n * math.log(abs(b))
    if not SMALLEST < size < LARGEST:
        word = "large" if size > 0 else "small"
        raise ProblemError(
            f"{_shown(span)} is too {word} a number", span, "numbers lie within 1e-308 … 1e308"
        )
    if base.is_Rational and abs(n) * max(base.p.bit_length(), base.q.bit_length()) > BITS:
        base = sp.Float(base, 15)
    return sp.Pow(base, exponent)


def settled(value: sp.Expr, span: Span) -> sp.Expr:
    """A constant that has just been computed, rounded where it grew too long.

    Raises ProblemError when it is not a real number that a double can hold.
    """
    number = numeric.number(value)
    if math.isnan(number):
        raise ProblemError(f"{_shown(span)} is not a real number", span)
    if math.isinf(number):
        if (isinstance(value, sp.Number) and value.is_finite) or value.has(sp.exp):
            raise ProblemError(
                f"{_shown(span)} is too large a number", span, "numbers lie within 1e-308 … 1e308"
            )
        raise ProblemError(f"{_shown(span)} is infinite", span)
    if value.is_Rational and max(value.p.bit_length(), value.q.bit_length()) > BITS:
        return sp.Float(value, 15)
    return value


def _shown(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 40 else "this"
