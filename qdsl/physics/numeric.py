"""The numpy column of the function table: a sympy expression at many points, without generated code.

The independent check, the plots and the analysis of singular points evaluate expressions here and
nowhere else.  A head without a row is a bug in qdsl, and is loud.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.numbers import ComplexInfinity, Exp1, ImaginaryUnit, Pi
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from qdsl.physics.interpolant import Interpolant
from qdsl.physics.interpolant import value as interpolated
from qdsl.physics.tape import Fold, Recipe, Tape, record

Array = NDArray[np.float64]
Value = NDArray[Any]
"""Float64 for a number, bool for a condition."""

Operation = Callable[..., Value]
"""Makes a value from those of the parts of a node."""

FEW = 20
"""Parameters up to which it costs less to look at all of them than to see which ones a formula uses."""


def evaluate(expression: sp.Basic, values: Mapping[sp.Symbol, float | Array]) -> Array:
    """The value of an expression, float64, in the common shape of `values` (0-d when all are numbers).

    Points where the expression is not real or not defined give nan, poles give inf; there are no
    warnings, and the branch of a case distinction that is not taken has no say.
    Raises KeyError for a symbol without a value, NotImplementedError for a head without a row.
    """
    tape = _tape(expression)
    missing = [symbol for symbol in tape.inputs if symbol not in values]
    if missing:
        raise KeyError(f"no value for '{missing[0]}'")
    with np.errstate(all="ignore"):
        result = tape([np.asarray(values[symbol], dtype=np.float64) for symbol in tape.inputs])
    result = np.asarray(result, dtype=np.float64)
    shapes = {np.shape(value) for value in values.values()}
    shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    return result if result.shape == shape else np.broadcast_to(result, shape).copy()


def function(
    expression: sp.Basic, coordinate: sp.Symbol, values: Mapping[sp.Symbol, float]
) -> Callable[[Array], Array]:
    """An expression as a function of points of any shape; `values` are those of the other symbols.

    It returns what `evaluate` does, in the shape of the points.  What does not depend on the coordinate is
    worked out here, once, so that this is the faster way to more than a few calls.
    """
    tape = _tape(expression)
    with np.errstate(all="ignore"):
        tape = tape.bound({s: np.asarray(values[s], float) for s in tape.inputs if s != coordinate}, _adapted)
    if not tape.inputs:
        constant = np.asarray(tape(()), dtype=np.float64)
        return lambda points: np.full(np.shape(points), constant)

    def apply(points: Array) -> Array:
        given = np.asarray(points, dtype=np.float64)
        with np.errstate(all="ignore"):
            result = np.asarray(tape([given] * len(tape.inputs)), dtype=np.float64)
        return result if result.shape == given.shape else np.broadcast_to(result, given.shape).copy()

    return apply


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


@lru_cache(maxsize=512)
def _tape(expression: sp.Basic) -> Tape[Value]:
    return record(expression, lambda node: np.asarray(_float(node)), _recipe)


def _recipe(node: sp.Basic) -> Recipe[Value]:
    if isinstance(node, Interpolant):
        point, samples, order = node.args
        return partial(interpolated, samples, int(order)), (point,)
    row = _ROWS.get(type(node))
    if row is None:
        raise NotImplementedError(f"no numpy form of {type(node).__name__}")
    return row, _parts(node)


def _float(node: sp.Expr) -> float:
    try:
        return float(node)
    except OverflowError:
        return math.copysign(math.inf, int(sp.sign(node)))


def _constant(value: float | bool) -> Operation:
    return lambda: np.asarray(value)


def _power(base: Value, exponent: Value) -> Value:
    if exponent.ndim == 0:
        return _to_the(float(exponent))(base)
    return np.asarray(np.power(base, exponent))


def _to_the(exponent: float) -> Operation:
    """The powers with one exponent."""
    if exponent == 0.5:
        return np.sqrt
    if exponent == -0.5:
        return lambda base: 1 / np.sqrt(base)
    if exponent == 2:
        return np.square
    return lambda base: np.power(base, exponent)


def _adapted(operation: Operation, arguments: Sequence[Value | None]) -> Operation | None:
    """Powers of which the exponent is known."""
    if operation is not _power or arguments[1] is None:
        return None
    return _to_the(float(arguments[1]))


def _piecewise(*cases: Value) -> Value:
    """Values and conditions in turn; from the last case to the first, so that the first that holds wins."""
    result: Value = np.asarray(np.nan)
    for value, condition in zip(cases[-2::-2], cases[::-2], strict=True):
        result = np.where(condition, value, result)
    return result


def unknown_head(expression: sp.Basic) -> str:
    """The name of a part of an expression that has no row here; empty when all of it can be computed."""
    stack, seen = [expression], set()
    while stack:
        node = stack.pop()
        if node in seen or node.is_Number or node.is_Symbol:
            continue
        seen.add(node)
        if isinstance(node, Interpolant):
            stack.append(node.args[0])
        elif type(node) not in _ROWS:
            return type(node).__name__
        else:
            stack += _parts(node)
    return ""


def _parts(node: sp.Basic) -> list[sp.Basic]:
    if isinstance(node, sp.Piecewise):
        return [part for case in node.args for part in case.args]
    return list(node.args)


_erf = np.frompyfunc(math.erf, 1, 1)

_ROWS: dict[type, Operation] = {
    sp.Add: Fold(np.add),
    sp.Mul: Fold(np.multiply),
    sp.Pow: _power,
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.tan: np.tan,
    sp.cot: lambda x: 1 / np.tan(x),
    sp.asin: np.arcsin,
    sp.acos: np.arccos,
    sp.atan: np.arctan,
    sp.sinh: np.sinh,
    sp.cosh: np.cosh,
    sp.tanh: np.tanh,
    sp.coth: lambda x: 1 / np.tanh(x),
    sp.asinh: np.arcsinh,
    sp.acosh: np.arccosh,
    sp.atanh: np.arctanh,
    sp.exp: np.exp,
    sp.log: np.log,
    sp.erf: lambda x: np.asarray(_erf(x), dtype=np.float64),
    sp.Abs: np.abs,
    sp.sign: np.sign,
    sp.Heaviside: np.heaviside,
    sp.Max: Fold(np.maximum),
    sp.Min: Fold(np.minimum),
    sp.Piecewise: _piecewise,
    sp.And: Fold(np.logical_and),
    sp.Or: Fold(np.logical_or),
    sp.Not: np.logical_not,
    sp.ITE: np.where,
    sp.StrictLessThan: np.less,
    sp.LessThan: np.less_equal,
    sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal,
    sp.Equality: np.equal,
    sp.Unequality: np.not_equal,
    BooleanTrue: _constant(True),
    BooleanFalse: _constant(False),
    Pi: _constant(math.pi),
    Exp1: _constant(math.e),
    ComplexInfinity: _constant(math.inf),
    # What contains an imaginary number is not real; products of two of them are sympy's to simplify.
    ImaginaryUnit: _constant(math.nan),
}
