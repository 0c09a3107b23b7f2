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
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.numbers import Exp1, Pi
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from qdsl.physics import numeric
from qdsl.states import Array

# numpy's elementary functions are right to 4 units in the last place (its own documentation: SIMD loops).
ULPS = 4 * float(np.finfo(np.float64).eps)
TINY, LARGEST = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Interval:
    """Intervals [low, high] of any common shape; ends may be infinite."""

    low: Array
    high: Array

    def __add__(self, other: Interval) -> Interval:
        return _out(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        corners = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return _out(np.minimum.reduce(corners), np.maximum.reduce(corners))

    def hull(self, other: Interval) -> Interval:
        return Interval(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


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
    memo: Memo = {symbol: _point(value) for symbol, value in values.items()}
    memo[x] = Interval(low, high)
    with np.errstate(all="ignore"):
        found = _enclosure(expression, memo)
    low, high = np.broadcast_to(found.low, low.shape), np.broadcast_to(found.high, low.shape)
    return Interval(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))


def _out(low: Array, high: Array) -> Interval:
    """Rounded outwards; a number that has overflowed is only known to be large."""
    low = np.where(np.isnan(low), -np.inf, np.minimum(low, LARGEST))
    high = np.where(np.isnan(high), np.inf, np.maximum(high, -LARGEST))
    return Interval(low - (ULPS * np.abs(low) + TINY), high + (ULPS * np.abs(high) + TINY))


def _point(value: float) -> Interval:
    return Interval(np.asarray(value), np.asarray(value))


def _everything() -> Interval:
    return Interval(np.asarray(-np.inf), np.asarray(np.inf))


def _product(a: Array, b: Array) -> Array:
    """0 times an infinite end is 0: the infinite end stands for arbitrarily large numbers."""
    product = np.asarray(a * b)
    return np.where(np.isnan(product) & ((a == 0) | (b == 0)), 0.0, product)


def _enclosure(node: sp.Basic, memo: Memo) -> Interval:
    known = memo.get(node)
    if known is not None:
        return known
    if node.is_Number:
        exact = numeric.number(node)
        found = _point(exact) if node.is_Integer and abs(exact) < 2**53 else _out(*[np.asarray(exact)] * 2)
    else:
        row = _ROWS.get(type(node))
        found = row(node, memo) if row is not None else _everything()
    memo[node] = found
    return found


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
    base, exponent = _enclosure(node.base, memo), _enclosure(node.exp, memo)
    if exponent.low.ndim == 0 and exponent.low == exponent.high:
        return _fixed_power(base, float(exponent.low))
    # b^c = exp(c log b), for b >= 0
    logarithm = _monotone(np.log)(Interval(np.maximum(base.low, 0.0), base.high))
    return _monotone(np.exp)(exponent * logarithm)


def _fixed_power(base: Interval, exponent: float) -> Interval:
    if exponent < 0:
        return _reciprocal(_fixed_power(base, -exponent))
    if not exponent.is_integer():
        return _monotone(lambda t: np.power(np.maximum(t, 0.0), exponent))(base)
    low, high = np.power(base.low, exponent), np.power(base.high, exponent)
    if exponent % 2:
        return _out(low, high)
    inside = (base.low < 0) & (base.high > 0)
    least = np.where(inside, 0.0, np.minimum(low, high))
    return _positive(_out(least, np.maximum(low, high)))


def _positive(found: Interval) -> Interval:
    return Interval(np.maximum(found.low, 0.0), found.high)


def _reciprocal(found: Interval) -> Interval:
    """1/t; around 0, and on intervals that end there, it is not bounded."""
    low = np.where(found.high == 0, -np.inf, 1 / np.asarray(found.high, dtype=float))
    high = np.where(found.low == 0, np.inf, 1 / np.asarray(found.low, dtype=float))
    inside = (found.low < 0) & (found.high > 0)
    turned = _out(np.where(inside, -np.inf, low), np.where(inside, np.inf, high))
    return Interval(np.where(found.low >= 0, np.maximum(turned.low, 0.0), turned.low), turned.high)


def _monotone(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    return lambda argument: _out(np.asarray(function(argument.low)), np.asarray(function(argument.high)))


def _row(function: Callable[..., Interval]) -> Callable[[sp.Basic, Memo], Interval]:
    return lambda node, memo: function(*(_enclosure(part, memo) for part in node.args))


def _falling(function: Callable[[Array], Array]) -> Callable[[Interval], Interval]:
    rising = _monotone(lambda t: -function(t))
    return lambda argument: _negative(rising(argument))


def _negative(found: Interval) -> Interval:
    return Interval(-found.high, -found.low)


def _absolute(found: Interval) -> Interval:
    inside = (found.low < 0) & (found.high > 0)
    low, high = np.abs(found.low), np.abs(found.high)
    return Interval(np.where(inside, 0.0, np.minimum(low, high)), np.maximum(low, high))


def _within(function: Callable[[Array], Array], low: float, high: float) -> Callable[[Interval], Interval]:
    """A rising function that is real between two numbers only."""
    return lambda found: _monotone(function)(
        Interval(np.clip(found.low, low, high), np.clip(found.high, low, high))
    )


def _cosine(found: Interval) -> Interval:
    """Where a multiple of 2 pi lies in the interval the maximum is 1; half a turn further, the minimum -1.

    Beyond 1e8 the reduction of the argument is not trusted.
    """
    slack = 1e-7
    turn = 2 * math.pi
    ends = _out(
        np.minimum(np.cos(found.low), np.cos(found.high)), np.maximum(np.cos(found.low), np.cos(found.high))
    )
    top = np.floor((found.high + slack) / turn) >= np.ceil((found.low - slack) / turn)
    bottom = np.floor((found.high - math.pi + slack) / turn) >= np.ceil((found.low - math.pi - slack) / turn)
    far = ~(np.maximum(np.abs(found.low), np.abs(found.high)) < 1e8)
    return Interval(
        np.where(bottom | far, -1.0, np.maximum(ends.low, -1.0)),
        np.where(top | far, 1.0, np.minimum(ends.high, 1.0)),
    )


def _sine(found: Interval) -> Interval:
    return _cosine(found + _out(*[np.asarray(-math.pi / 2)] * 2))


def _quotient(above: Callable[[Interval], Interval], below: Callable[[Interval], Interval]) -> Any:
    return lambda found: above(found) * _reciprocal(below(found))


def _cosh(found: Interval) -> Interval:
    return _monotone(np.cosh)(_absolute(found))


def _extremum(of: Callable[[Array, Array], Array]) -> Callable[..., Interval]:
    def row(*found: Interval) -> Interval:
        low, high = found[0].low, found[0].high
        for part in found[1:]:
            low, high = of(low, part.low), of(high, part.high)
        return Interval(low, high)

    return row


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
            return Truth(fold.reduce([p.may for p in parts]), fold.reduce([p.must for p in parts]))
        case sp.StrictLessThan() | sp.LessThan() | sp.StrictGreaterThan() | sp.GreaterThan():
            a, b = _enclosure(condition.lts, memo), _enclosure(condition.gts, memo)
            return Truth(np.asarray(a.low <= b.high), np.asarray(a.high < b.low))
    return Truth(yes, no)


_erf = np.frompyfunc(math.erf, 1, 1)

_ROWS: dict[type, Callable[[Any, Memo], Interval]] = {
    sp.Add: _sum,
    sp.Mul: _times,
    sp.Pow: _power,
    sp.exp: _row(lambda t: _positive(_monotone(np.exp)(t))),
    sp.log: _row(_within(np.log, 0.0, np.inf)),
    sp.sin: _row(_sine),
    sp.cos: _row(_cosine),
    sp.tan: _row(_quotient(_sine, _cosine)),
    sp.cot: _row(_quotient(_cosine, _sine)),
    sp.asin: _row(_within(np.arcsin, -1.0, 1.0)),
    sp.acos: _row(_falling(lambda t: np.arccos(np.clip(t, -1.0, 1.0)))),
    sp.atan: _row(_monotone(np.arctan)),
    sp.sinh: _row(_monotone(np.sinh)),
    sp.cosh: _row(_cosh),
    sp.tanh: _row(_monotone(np.tanh)),
    sp.coth: _row(lambda t: _reciprocal(_monotone(np.tanh)(t))),
    sp.asinh: _row(_monotone(np.arcsinh)),
    sp.acosh: _row(_within(np.arccosh, 1.0, np.inf)),
    sp.atanh: _row(_within(np.arctanh, -1.0, 1.0)),
    sp.erf: _row(_monotone(lambda t: np.asarray(_erf(t), dtype=np.float64))),
    sp.Abs: _row(_absolute),
    sp.sign: _row(_monotone(np.sign)),
    sp.Heaviside: _row(lambda t, _: _monotone(lambda end: np.heaviside(end, 0.5))(t)),
    sp.Max: _row(_extremum(np.maximum)),
    sp.Min: _row(_extremum(np.minimum)),
    sp.Piecewise: _piecewise,
    Pi: lambda _node, _memo: _out(np.asarray(math.pi), np.asarray(math.pi)),
    Exp1: lambda _node, _memo: _out(np.asarray(math.e), np.asarray(math.e)),
}
