"""The numpy column of the function table: a sympy expression at many points, without generated code.

The independent check, the plots and the analysis of singular points evaluate expressions here and
nowhere else.  A head without a row is a bug in qdsl, and is loud.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.numbers import ComplexInfinity, Exp1, ImaginaryUnit, Pi
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from qdsl.physics.interpolant import Interpolant
from qdsl.physics.interpolant import value as interpolated

Array = NDArray[np.float64]
Value = NDArray[Any]
"""Float64 for a number, bool for a condition."""


FEW = 20
"""Parameters up to which it costs less to look at all of them than to see which ones a formula uses."""


def evaluate(expression: sp.Basic, values: Mapping[sp.Symbol, float | Array]) -> Array:
    """The value of an expression, float64, in the common shape of `values` (0-d when all are numbers).

    Points where the expression is not real or not defined give nan, poles give inf; there are no
    warnings, and the branch of a case distinction that is not taken has no say.
    Raises KeyError for a symbol without a value, NotImplementedError for a head without a row.
    """
    memo: dict[sp.Basic, Value] = {s: np.asarray(v, dtype=np.float64) for s, v in values.items()}
    shape = np.broadcast_shapes(*(value.shape for value in memo.values()))
    with np.errstate(all="ignore"):
        result = np.asarray(_value(expression, memo), dtype=np.float64)
    return result if result.shape == shape else np.broadcast_to(result, shape).copy()


def holds(condition: sp.Basic, values: Mapping[sp.Symbol, float]) -> bool:
    """Whether a condition is true at one point."""
    return bool(evaluate(condition, values))


def number(expression: sp.Basic, values: Mapping[sp.Symbol, float] | None = None) -> float:
    """The value of an expression at one point, as a float (nan where it is not real)."""
    values = values or {}
    if expression.is_Number:
        return _float(expression)
    if expression in values:
        return float(values[expression])
    if len(values) > FEW:
        values = {symbol: values[symbol] for symbol in expression.free_symbols if symbol in values}
    return float(evaluate(expression, values))


def _value(node: sp.Basic, memo: dict[sp.Basic, Value]) -> Value:
    known = memo.get(node)
    if known is not None:
        return known
    if node.is_Number:
        value: Value = np.asarray(_float(node))
    elif node.is_Symbol:
        raise KeyError(f"no value for '{node}'")
    else:
        row = _ROWS.get(type(node))
        if row is None:
            raise NotImplementedError(f"no numpy form of {type(node).__name__}")
        value = row(node, memo)
    memo[node] = value
    return value


def _float(node: sp.Expr) -> float:
    try:
        return float(node)
    except OverflowError:
        return math.copysign(math.inf, int(sp.sign(node)))


def _arguments(node: sp.Basic, memo: dict[sp.Basic, Value]) -> list[Value]:
    return [_value(argument, memo) for argument in node.args]


def _pointwise(function: Callable[..., Value]) -> Callable[[sp.Basic, dict[sp.Basic, Value]], Value]:
    def row(node: sp.Basic, memo: dict[sp.Basic, Value]) -> Value:
        return function(*_arguments(node, memo))

    return row


def _fold(function: Callable[[Value, Value], Value]) -> Callable[[sp.Basic, dict[sp.Basic, Value]], Value]:
    def row(node: sp.Basic, memo: dict[sp.Basic, Value]) -> Value:
        return reduce(function, _arguments(node, memo))

    return row


def _constant(value: float | bool) -> Callable[[sp.Basic, dict[sp.Basic, Value]], Value]:
    return lambda _node, _memo: np.asarray(value)


def _power(base: Value, exponent: Value) -> Value:
    if exponent.ndim == 0:
        if exponent == 0.5:
            return np.asarray(np.sqrt(base))
        if exponent == -0.5:
            return np.asarray(1 / np.sqrt(base))
        if exponent == 2:
            return base * base
    return np.asarray(np.power(base, exponent))


def _piecewise(node: sp.Piecewise, memo: dict[sp.Basic, Value]) -> Value:
    """From the last case to the first, so that the first that holds has the last word."""
    result: Value = np.asarray(np.nan)
    for value, condition in reversed(node.args):
        result = np.where(_value(condition, memo), _value(value, memo), result)
    return result


def _interpolant(node: Interpolant, memo: dict[sp.Basic, Value]) -> Value:
    point, samples, order = node.args
    return interpolated(samples, int(order), _value(point, memo))


def unknown_head(expression: sp.Basic) -> str:
    """The name of a part of an expression that has no row here; empty when all of it can be computed."""
    stack, seen = [expression], set()
    while stack:
        node = stack.pop()
        if node in seen or node.is_Number or node.is_Symbol:
            continue
        seen.add(node)
        if type(node) not in _ROWS:
            return type(node).__name__
        stack += node.args[:1] if isinstance(node, Interpolant) else _parts(node)
    return ""


def _parts(node: sp.Basic) -> list[sp.Basic]:
    if isinstance(node, sp.Piecewise):
        return [part for case in node.args for part in case.args]
    return list(node.args)


_erf = np.frompyfunc(math.erf, 1, 1)

_ROWS: dict[type, Callable[[Any, dict[sp.Basic, Value]], Value]] = {
    sp.Add: _fold(np.add),
    sp.Mul: _fold(np.multiply),
    sp.Pow: _pointwise(_power),
    sp.sin: _pointwise(np.sin),
    sp.cos: _pointwise(np.cos),
    sp.tan: _pointwise(np.tan),
    sp.cot: _pointwise(lambda x: 1 / np.tan(x)),
    sp.asin: _pointwise(np.arcsin),
    sp.acos: _pointwise(np.arccos),
    sp.atan: _pointwise(np.arctan),
    sp.sinh: _pointwise(np.sinh),
    sp.cosh: _pointwise(np.cosh),
    sp.tanh: _pointwise(np.tanh),
    sp.coth: _pointwise(lambda x: 1 / np.tanh(x)),
    sp.asinh: _pointwise(np.arcsinh),
    sp.acosh: _pointwise(np.arccosh),
    sp.atanh: _pointwise(np.arctanh),
    sp.exp: _pointwise(np.exp),
    sp.log: _pointwise(np.log),
    sp.erf: _pointwise(lambda x: np.asarray(_erf(x), dtype=np.float64)),
    sp.Abs: _pointwise(np.abs),
    sp.sign: _pointwise(np.sign),
    sp.Heaviside: _pointwise(np.heaviside),
    sp.Max: _fold(np.maximum),
    sp.Min: _fold(np.minimum),
    sp.Piecewise: _piecewise,
    Interpolant: _interpolant,
    sp.And: _fold(np.logical_and),
    sp.Or: _fold(np.logical_or),
    sp.Not: _pointwise(np.logical_not),
    sp.ITE: _pointwise(np.where),
    sp.StrictLessThan: _pointwise(np.less),
    sp.LessThan: _pointwise(np.less_equal),
    sp.StrictGreaterThan: _pointwise(np.greater),
    sp.GreaterThan: _pointwise(np.greater_equal),
    sp.Equality: _pointwise(np.equal),
    sp.Unequality: _pointwise(np.not_equal),
    BooleanTrue: _constant(True),
    BooleanFalse: _constant(False),
    Pi: _constant(math.pi),
    Exp1: _constant(math.e),
    ComplexInfinity: _constant(math.inf),
    # What contains an imaginary number is not real; products of two of them are sympy's to simplify.
    ImaginaryUnit: _constant(math.nan),
}
