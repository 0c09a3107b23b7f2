"""Enclosures: between which two numbers does an expression lie on an interval?  By interval arithmetic.

R. E. Moore, R. B. Kearfott and M. J. Cloud, Introduction to Interval Analysis (SIAM, 2009), chapters 2 and 5:
every operation is replaced by one on intervals that encloses all its values, and ends are rounded
outwards.  The enclosure of a function over an interval of length h is too wide by O(h).

This is one more column of the function table, for many intervals at once; an expression with a part that
has no row is enclosed by the whole real line, which is true and proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial, reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.numbers import Exp1, Pi
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from qdsl.physics import numeric
from qdsl.physics.interpolant import Interpolant
from qdsl.physics.interpolant_bounds import interpolant_bounds
from qdsl.physics.intervals import (
    Interval,
    absolute,
    between,
    cosh,
    cosine,
    everything,
    exponential,
    extremum,
    falling,
    monotone,
    outwards,
    point,
    power,
    quotient,
    reciprocal,
    scaled,
    sine,
    to_the,
    within,
)
from qdsl.physics.numeric import Array
from qdsl.physics.squares import completed
from qdsl.physics.tape import Fold, Recipe, Tape, record


@dataclass(frozen=True)
class Truth:
    """A condition on intervals: where it `may` hold at some point, and where it `must` at all of them."""

    may: NDArray[np.bool]
    must: NDArray[np.bool]


Value = Any
"""An interval or, for a condition, a truth."""


def function(
    expression: sp.Expr, coordinate: sp.Symbol, values: Mapping[sp.Symbol, float]
) -> Callable[[Array, Array], Interval]:
    """Enclosures of an expression for the coordinate in each of the intervals [low, high], all of one shape.

    `values` are the numbers of the other symbols; nothing is known of those that have none.  What is not real
    at some points of an interval (a square root across 0) is enclosed where it is real.
    """
    tape = _tape(expression, frozenset())
    others = [symbol for symbol in tape.inputs if symbol != coordinate]
    known = {symbol: point(values[symbol]) if symbol in values else everything() for symbol in others}
    with np.errstate(all="ignore"):
        tape = tape.bound(known, _adapted)
    if not tape.inputs:
        number: Interval = tape(())
        return lambda low, _: Interval(np.full(low.shape, number.low), np.full(low.shape, number.high))

    def apply(low: Array, high: Array) -> Interval:
        with np.errstate(all="ignore"):
            found: Interval = tape([Interval(low, high)] * len(tape.inputs))
        low, high = (
            end if end.shape == low.shape else np.full(low.shape, end) for end in (found.low, found.high)
        )
        return Interval(low, high)

    return apply


def enclose(
    expression: sp.Expr, values: Mapping[sp.Symbol, float], x: sp.Symbol, low: Array, high: Array
) -> Interval:
    """The same for intervals at hand."""
    return function(expression, x, values)(low, high)


def enclose_parts(expression: sp.Expr, parts: Mapping[sp.Basic, Interval]) -> Interval:
    """An enclosure of an expression from those, each 0-d, of its parts: symbols or whole expressions."""
    tape = _tape(expression, frozenset(parts))
    with np.errstate(all="ignore"):
        known = {part: between(found.low, found.high) for part, found in parts.items()}
        found = tape([known.get(part, everything()) for part in tape.inputs])
    return outwards(found.low, found.high)


@lru_cache(maxsize=256)
def _tape(expression: sp.Expr, known: frozenset[sp.Basic]) -> Tape[Value]:
    return record(expression, _constant, _recipe, known)


def _adapted(
    operation: Callable[..., Value], arguments: Sequence[Value | None]
) -> Callable[..., Value] | None:
    """Products with a number, and powers of which the exponent is known."""
    if operation is Interval.__mul__:
        return scaled(next(one for one in arguments if one is not None))
    if operation is power and arguments[1] is not None and arguments[1].low == arguments[1].high:
        return to_the(float(arguments[1].low))
    return None


def _constant(node: sp.Expr) -> Interval:
    value = numeric.number(node)
    return point(value) if _is_exact(node, value) else outwards(*[np.asarray(value)] * 2)


def _is_exact(node: sp.Basic, value: float) -> bool:
    """Whether a number is a float, as 1/2 is; 1/3 and 10^23 are not."""
    return (
        isinstance(node, sp.Rational) and math.isfinite(value) and Fraction(value) == Fraction(node.p, node.q)
    )


# Rows ------------------------------------------------------------------------------------------------------


def _recipe(node: sp.Basic) -> Recipe[Value]:
    match node:
        case sp.Add() if (square := completed(node)) is not None:
            return _sum_or, (*node.args, square)
        case Interpolant(args=(argument, samples, sp.S.Zero)):  # the derivatives of a table are not enclosed
            return partial(interpolant_bounds, samples), (argument,)
        case sp.Piecewise():
            return _piecewise, [part for case in node.args for part in case.args]
        case sp.StrictLessThan() | sp.LessThan() | sp.StrictGreaterThan() | sp.GreaterThan():
            return _comparison(node)
    row = _ROWS.get(type(node))
    if row is None:
        return (_unsettled if isinstance(node, Boolean) else everything), ()
    return row, node.args


def _sum_or(*parts: Interval) -> Interval:
    """What a sum and another form of it, the last part, have in common; that may have the larger rounding."""
    total, other = reduce(Interval.__add__, parts[:-1]), parts[-1]
    return Interval(np.maximum(total.low, other.low), np.minimum(total.high, other.high))


def _piecewise(*cases: Value) -> Interval:
    """Values and conditions in turn: the hull of all cases that may hold, the first having the first word."""
    result: Interval = cases[-2]
    for value, truth in zip(cases[-4::-2], cases[-3::-2], strict=True):
        both = value.hull(result)
        result = Interval(
            np.where(truth.must, value.low, np.where(truth.may, both.low, result.low)),
            np.where(truth.must, value.high, np.where(truth.may, both.high, result.high)),
        )
    return result


# Conditions ------------------------------------------------------------------------------------------------


YES, NO = np.asarray(True), np.asarray(False)


def _unsettled() -> Truth:
    return Truth(YES, NO)


def _conjunction(*parts: Truth) -> Truth:
    return Truth(
        reduce(np.logical_and, [part.may for part in parts]),
        reduce(np.logical_and, [part.must for part in parts]),
    )


def _disjunction(*parts: Truth) -> Truth:
    return Truth(
        reduce(np.logical_or, [part.may for part in parts]),
        reduce(np.logical_or, [part.must for part in parts]),
    )


def _comparison(relation: sp.Rel) -> Recipe[Value]:
    """What is not real is never smaller or larger: what both sides need to be real is a part as well."""
    somewhere = [node for node in sp.preorder_traversal(relation) if isinstance(node, _SOMEWHERE)]
    arguments = [part for node in somewhere for part in (node.args[0], node.args[-1])]

    def row(a: Interval, b: Interval, *found: Interval) -> Truth:
        real = reduce(np.logical_and, map(_is_real, somewhere, found[::2], found[1::2]), YES)
        return Truth(np.asarray(a.low <= b.high), np.asarray(a.high < b.low) & real)

    return row, [relation.lts, relation.gts, *arguments]


def _is_real(node: sp.Basic, argument: Interval, exponent: Interval) -> NDArray[np.bool]:
    """Whether a node that is not real everywhere is real on all of an interval."""
    if isinstance(node, sp.Pow):
        whole = exponent.low.ndim == 0 and exponent.low == exponent.high and exponent.low % 1 == 0
        least, most = -np.inf if whole else 0.0, np.inf
    elif isinstance(node, Interpolant):
        least, most = node.args[1].interval
    else:
        least, most = _REAL[type(node)]
    return np.asarray((argument.low >= least) & (argument.high <= most))


_REAL: dict[type, tuple[float, float]] = {
    sp.log: (0.0, math.inf),
    sp.asin: (-1.0, 1.0),
    sp.acos: (-1.0, 1.0),
    sp.atanh: (-1.0, 1.0),
    sp.acosh: (1.0, math.inf),
}
"""Where functions are real, if not everywhere."""

_SOMEWHERE = (sp.Pow, Interpolant, *_REAL)
"""What may be real at some arguments only."""


_erf = np.frompyfunc(math.erf, 1, 1)

_ROWS: dict[type, Callable[..., Value]] = {
    sp.Add: Fold(Interval.__add__),
    sp.Mul: Fold(Interval.__mul__),
    sp.Pow: power,
    sp.exp: exponential,
    sp.log: within(np.log, 0.0, np.inf),
    sp.sin: sine,
    sp.cos: cosine,
    sp.tan: quotient(sine, cosine),
    sp.cot: quotient(cosine, sine),
    sp.asin: within(np.arcsin, -1.0, 1.0),
    sp.acos: falling(lambda t: np.arccos(np.clip(t, -1.0, 1.0))),
    sp.atan: monotone(np.arctan),
    sp.sinh: monotone(np.sinh),
    sp.cosh: cosh,
    sp.tanh: monotone(np.tanh),
    sp.coth: lambda t: reciprocal(monotone(np.tanh)(t)),
    sp.asinh: monotone(np.arcsinh),
    sp.acosh: within(np.arccosh, 1.0, np.inf),
    sp.atanh: within(np.arctanh, -1.0, 1.0),
    sp.erf: monotone(lambda t: np.asarray(_erf(t), dtype=np.float64)),
    sp.Abs: absolute,
    sp.sign: monotone(np.sign),
    sp.Heaviside: lambda t, _: monotone(lambda end: np.heaviside(end, 0.5))(t),
    sp.Max: extremum(np.maximum),
    sp.Min: extremum(np.minimum),
    sp.And: _conjunction,
    sp.Or: _disjunction,
    sp.Not: lambda truth: Truth(~truth.must, ~truth.may),
    BooleanTrue: lambda: Truth(YES, YES),
    BooleanFalse: lambda: Truth(NO, NO),
    Pi: lambda: outwards(np.asarray(math.pi), np.asarray(math.pi)),
    Exp1: lambda: outwards(np.asarray(math.e), np.asarray(math.e)),
}
