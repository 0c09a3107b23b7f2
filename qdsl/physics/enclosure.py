"""Enclosures: between which two numbers does an expression lie on an interval?  By interval arithmetic.

R. E. Moore, R. B. Kearfott and M. J. Cloud, Introduction to Interval Analysis (SIAM, 2009), chapters 2 and 5:
every operation is replaced by one on intervals that encloses all its values, and ends are rounded
outwards.  The enclosure of a function over an interval of length h is too wide by O(h).

This is one more column of the function table, for many intervals at once; an expression with a part that
has no row is enclosed by the whole real line, which is true and proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.numbers import Exp1, Pi
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from qdsl.physics import numeric
from qdsl.physics.interpolant import Interpolant
from qdsl.physics.interpolant_bounds import interpolant_bounds
from qdsl.physics.intervals import (
    Interval,
    absolute,
    cosh,
    cosine,
    everything,
    extremum,
    falling,
    monotone,
    outwards,
    point,
    positive,
    power,
    quotient,
    reciprocal,
    sine,
    within,
)
from qdsl.physics.numeric import Array


@dataclass(frozen=True)
class Truth:
    """A condition on intervals: where it `may` hold at some point, and where it `must` at all of them."""

    may: NDArray[np.bool]
    must: NDArray[np.bool]


Memo = dict[sp.Basic, Interval]


def enclose(
    expression: sp.Expr, values: Mapping[sp.Symbol, float], x: sp.Symbol, low: Array, high: Array
) -> Interval:
    """Enclosures of an expression for x in each of the intervals [low, high], all of one shape.

    `values` are the numbers of the other symbols.  What is not real at some points of an interval
    (a square root across 0) is enclosed where it is real.
    """
    memo: Memo = {symbol: point(value) for symbol, value in values.items()}
    memo[x] = Interval(low, high)
    with np.errstate(all="ignore"):
        found = _enclosure(expression, memo)
    low, high = np.broadcast_to(found.low, low.shape), np.broadcast_to(found.high, low.shape)
    return Interval(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))


def enclose_parts(expression: sp.Expr, parts: Mapping[sp.Basic, Interval]) -> Interval:
    """An enclosure of an expression from those, each 0-d, of its parts: symbols or whole expressions."""
    with np.errstate(all="ignore"):
        found = _enclosure(expression, dict(parts))
    return outwards(found.low, found.high)


def _enclosure(node: sp.Basic, memo: Memo) -> Interval:
    known = memo.get(node)
    if known is not None:
        return known
    if node.is_Number:
        value = numeric.number(node)
        found = point(value) if _is_exact(node, value) else outwards(*[np.asarray(value)] * 2)
    else:
        row = _ROWS.get(type(node))
        found = row(node, memo) if row is not None else everything()
    memo[node] = found
    return found


def _is_exact(node: sp.Basic, value: float) -> bool:
    """Whether a number is a float, as 1/2 is; 1/3 and 10^23 are not."""
    return (
        isinstance(node, sp.Rational) and math.isfinite(value) and Fraction(value) == Fraction(node.p, node.q)
    )


# Rows ------------------------------------------------------------------------------------------------------


def _sum(node: sp.Add, memo: Memo) -> Interval:
    first, *rest = (_enclosure(part, memo) for part in node.args)
    for part in rest:
        first = first + part
    return first


def _times(node: sp.Mul, memo: Memo) -> Interval:
    first, *rest = (_enclosure(part, memo) for part in node.args)
    for part in rest:
        first = first * part
    return first


def _power(node: sp.Pow, memo: Memo) -> Interval:
    return power(_enclosure(node.base, memo), _enclosure(node.exp, memo))


def _table(node: Interpolant, memo: Memo) -> Interval:
    """The interpolant of a table; its derivatives are not enclosed."""
    argument, samples, order = node.args
    return interpolant_bounds(samples, _enclosure(argument, memo)) if order == 0 else everything()


def _row(function: Callable[..., Interval]) -> Callable[[sp.Basic, Memo], Interval]:
    return lambda node, memo: function(*(_enclosure(part, memo) for part in node.args))


def _piecewise(node: sp.Piecewise, memo: Memo) -> Interval:
    """The hull of all cases that may hold somewhere, the first ones having the first word."""
    result: Interval | None = None
    for expression, condition in reversed(node.args):
        truth, value = _truth(condition, memo), _enclosure(expression, memo)
        if result is None:
            result = value
            continue
        both = value.hull(result)
        result = Interval(
            np.where(truth.must, value.low, np.where(truth.may, both.low, result.low)),
            np.where(truth.must, value.high, np.where(truth.may, both.high, result.high)),
        )
    assert result is not None
    return result


# Conditions ------------------------------------------------------------------------------------------------


def _truth(condition: sp.Basic, memo: Memo) -> Truth:
    yes, no = np.asarray(True), np.asarray(False)
    match condition:
        case BooleanTrue():
            return Truth(yes, yes)
        case BooleanFalse():
            return Truth(no, no)
        case sp.Not():
            inner = _truth(condition.args[0], memo)
            return Truth(~inner.must, ~inner.may)
        case sp.And() | sp.Or():
            parts = [_truth(part, memo) for part in condition.args]
            fold = np.logical_and if isinstance(condition, sp.And) else np.logical_or
            return Truth(reduce(fold, [p.may for p in parts]), reduce(fold, [p.must for p in parts]))
        case sp.StrictLessThan() | sp.LessThan() | sp.StrictGreaterThan() | sp.GreaterThan():
            a, b = _enclosure(condition.lts, memo), _enclosure(condition.gts, memo)
            return Truth(np.asarray(a.low <= b.high), np.asarray(a.high < b.low) & _is_real(condition, memo))
    return Truth(yes, no)


def _is_real(relation: sp.Basic, memo: Memo) -> NDArray[np.bool]:
    """Whether both sides are real on all of an interval: what is not real is never smaller or larger."""
    real = np.asarray(True)
    for node in sp.preorder_traversal(relation):
        if isinstance(node, sp.Pow):
            exponent = _enclosure(node.exp, memo)
            whole = exponent.low.ndim == 0 and exponent.low == exponent.high and exponent.low % 1 == 0
            least, most = -np.inf if whole else 0.0, np.inf
        elif isinstance(node, Interpolant):
            least, most = node.args[1].interval
        else:
            least, most = _REAL.get(type(node), (-np.inf, np.inf))
        if least > -np.inf:
            argument = _enclosure(node.args[0], memo)
            real = real & (argument.low >= least) & (argument.high <= most)
    return real


_REAL: dict[type, tuple[float, float]] = {
    sp.log: (0.0, math.inf),
    sp.asin: (-1.0, 1.0),
    sp.acos: (-1.0, 1.0),
    sp.atanh: (-1.0, 1.0),
    sp.acosh: (1.0, math.inf),
}
"""Where functions are real, if not everywhere."""


_erf = np.frompyfunc(math.erf, 1, 1)

_ROWS: dict[type, Callable[[Any, Memo], Interval]] = {
    sp.Add: _sum,
    sp.Mul: _times,
    sp.Pow: _power,
    sp.exp: _row(lambda t: positive(monotone(np.exp)(t))),
    sp.log: _row(within(np.log, 0.0, np.inf)),
    sp.sin: _row(sine),
    sp.cos: _row(cosine),
    sp.tan: _row(quotient(sine, cosine)),
    sp.cot: _row(quotient(cosine, sine)),
    sp.asin: _row(within(np.arcsin, -1.0, 1.0)),
    sp.acos: _row(falling(lambda t: np.arccos(np.clip(t, -1.0, 1.0)))),
    sp.atan: _row(monotone(np.arctan)),
    sp.sinh: _row(monotone(np.sinh)),
    sp.cosh: _row(cosh),
    sp.tanh: _row(monotone(np.tanh)),
    sp.coth: _row(lambda t: reciprocal(monotone(np.tanh)(t))),
    sp.asinh: _row(monotone(np.arcsinh)),
    sp.acosh: _row(within(np.arccosh, 1.0, np.inf)),
    sp.atanh: _row(within(np.arctanh, -1.0, 1.0)),
    sp.erf: _row(monotone(lambda t: np.asarray(_erf(t), dtype=np.float64))),
    sp.Abs: _row(absolute),
    sp.sign: _row(monotone(np.sign)),
    sp.Heaviside: _row(lambda t, _: monotone(lambda end: np.heaviside(end, 0.5))(t)),
    sp.Max: _row(extremum(np.maximum)),
    sp.Min: _row(extremum(np.minimum)),
    sp.Piecewise: _piecewise,
    Interpolant: _table,
    Pi: lambda _node, _memo: outwards(np.asarray(math.pi), np.asarray(math.pi)),
    Exp1: lambda _node, _memo: outwards(np.asarray(math.e), np.asarray(math.e)),
}
