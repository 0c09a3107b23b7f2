"""Laurent series of an expression at a point, in numbers: how it behaves at a pole, however it is written.

Truncated power series are added, multiplied and composed as in Knuth, The Art of Computer Programming 2,
section 4.7.  sympy's own `series` and `limit` are not used: on a user's formula they may take for ever.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import mpmath
import numpy as np
import sympy as sp

from qdsl.physics import numeric
from qdsl.physics.intervals import EPS
from qdsl.physics.numeric import Array

TERMS = 16
"""Coefficients that are carried; differences such as 1/sin(x)^2 - 1/x^2 use up a few of them."""

HUGE = 1e8
"""A tangent larger than this is one at its pole, but for the rounding of the point."""


CANCELLED = 1e-12
"""A sum smaller than this part of its summands is 0 but for rounding."""


class NoSeriesError(Exception):
    """The expression has no Laurent series at the point: a branch point, or an essential singularity."""


@dataclass(frozen=True)
class Laurent:
    """sum_k coefficients[k] t^(valuation + k), k = 0 .. TERMS - 1; the first coefficient is not 0.

    The series of 0 has no coefficient but zeros.
    """

    valuation: int
    coefficients: Array

    def coefficient(self, power: int) -> float:
        """The coefficient of t^power; 0 below the valuation.  Raises NoSeriesError beyond the truncation."""
        index = power - self.valuation
        if index >= len(self.coefficients):
            raise NoSeriesError
        return float(self.coefficients[index]) if index >= 0 else 0.0

    @property
    def is_zero(self) -> bool:
        return not self.coefficients.any()


def laurent(
    expression: sp.Expr, x: sp.Symbol, at: float, direction: int, values: Mapping[sp.Symbol, float]
) -> Laurent:
    """The series in t >= 0, x = at + direction * t, of an expression that is smooth on that side.

    `values` are those of the other symbols.  Raises NoSeriesError where there is none.
    """
    start = _normal(0, np.array([at, float(direction)] + [0.0] * (TERMS - 2)))
    memo: dict[sp.Basic, Laurent] = {x: start}
    with np.errstate(all="ignore"):
        found = _series(expression, x, values, memo)
    if not np.isfinite(found.coefficients).all():
        raise NoSeriesError
    return found


def _normal(valuation: int, coefficients: Array) -> Laurent:
    """With leading zeros removed; what is lost at the end of the truncation is set to 0."""
    nonzero = np.flatnonzero(coefficients)
    if not nonzero.size:
        return Laurent(0, np.zeros(TERMS))
    first = int(nonzero[0])
    kept = coefficients[first : first + TERMS]
    return Laurent(valuation + first, np.pad(kept, (0, TERMS - len(kept))))


def _series(
    node: sp.Basic, x: sp.Symbol, values: Mapping[sp.Symbol, float], memo: dict[sp.Basic, Laurent]
) -> Laurent:
    known = memo.get(node)
    if known is None:
        known = memo[node] = _made(node, x, values, memo)
    return known


def _made(
    node: sp.Basic, x: sp.Symbol, values: Mapping[sp.Symbol, float], memo: dict[sp.Basic, Laurent]
) -> Laurent:
    if x not in node.free_symbols:
        return _normal(0, np.array([numeric.number(node, values)]))
    parts = [_series(argument, x, values, memo) for argument in node.args]
    match node:
        case sp.Add():
            return _added(parts)
        case sp.Mul():
            return reduce(_multiplied, parts)
        case sp.Pow() if x not in node.exp.free_symbols:
            return _raised(parts[0], numeric.number(node.exp, values))
        case sp.Pow():
            return _composed(mpmath.exp, _multiplied(parts[1], _composed(mpmath.log, parts[0])))
    function = _FUNCTIONS.get(type(node))
    if function is None or len(parts) != 1:
        raise NoSeriesError
    return _composed(function, parts[0])


def _added(parts: list[Laurent]) -> Laurent:
    parts = [part for part in parts if not part.is_zero]
    if not parts:
        return Laurent(0, np.zeros(TERMS))
    lowest = min(part.valuation for part in parts)
    total, size = np.zeros(TERMS), np.zeros(TERMS)
    for part in parts:
        shift = part.valuation - lowest
        if shift < TERMS:
            total[shift:] += part.coefficients[: TERMS - shift]
            size[shift:] += np.abs(part.coefficients[: TERMS - shift])
    return _normal(lowest, np.where(np.abs(total) <= CANCELLED * size, 0.0, total))


def _multiplied(a: Laurent, b: Laurent) -> Laurent:
    product = np.convolve(a.coefficients, b.coefficients)[:TERMS]
    return _normal(a.valuation + b.valuation, product)


def _raised(base: Laurent, exponent: float) -> Laurent:
    """base^exponent = c^e t^(v e) (1 + h)^e, by the recurrence of J. C. P. Miller for (1 + h)^e."""
    power = base.valuation * exponent
    if base.is_zero or abs(power - round(power)) > 1e-12:
        raise NoSeriesError
    lead = float(base.coefficients[0])
    inner = base.coefficients / lead
    result = np.zeros(TERMS)
    result[0] = np.power(lead, exponent)
    for k in range(1, TERMS):
        j = np.arange(1, k + 1)
        result[k] = (((exponent + 1) * j / k - 1) * inner[1 : k + 1] * result[k - 1 :: -1][:k]).sum()
    return _normal(round(power), result)


def _composed(function: Callable[[mpmath.mpf], mpmath.mpf], inner: Laurent) -> Laurent:
    """f(u0 + h) by Horner's scheme in h, with the Taylor coefficients of f at u0."""
    if not inner.is_zero and inner.valuation < 0:
        raise NoSeriesError
    here = inner.coefficient(0)
    change = _added([inner, Laurent(0, np.append(-here, np.zeros(TERMS - 1)))])
    reciprocal = _RECIPROCALS.get(function)
    try:
        if reciprocal is not None and not abs(function(mpmath.mpf(here))) < HUGE:
            return _raised(_composed(reciprocal, inner), -1.0)
        taylor = [complex(c) for c in mpmath.taylor(function, here, TERMS - 1)]
    except ZeroDivisionError:  # a pole at the very point
        if reciprocal is None:
            raise NoSeriesError from None
        return _raised(_composed(reciprocal, inner), -1.0)
    except (ValueError, OverflowError):
        raise NoSeriesError from None
    if abs(taylor[0]) <= 4 * EPS * abs(here * taylor[1]):
        taylor[0] = 0j  # sin(pi), where pi is a rounded number
    if any(abs(c.imag) > 1e-9 * abs(c) or not math.isfinite(abs(c)) for c in taylor):
        raise NoSeriesError
    total = Laurent(0, np.zeros(TERMS))
    for c in reversed(taylor):
        total = _added([_multiplied(total, change), _normal(0, np.array([c.real]))])
    return total


_FUNCTIONS: dict[type[sp.Basic], Callable[[mpmath.mpf], mpmath.mpf]] = {
    sp.exp: mpmath.exp,
    sp.log: mpmath.log,
    sp.sin: mpmath.sin,
    sp.cos: mpmath.cos,
    sp.tan: mpmath.tan,
    sp.cot: mpmath.cot,
    sp.asin: mpmath.asin,
    sp.acos: mpmath.acos,
    sp.atan: mpmath.atan,
    sp.sinh: mpmath.sinh,
    sp.cosh: mpmath.cosh,
    sp.tanh: mpmath.tanh,
    sp.coth: mpmath.coth,
    sp.asinh: mpmath.asinh,
    sp.acosh: mpmath.acosh,
    sp.atanh: mpmath.atanh,
    sp.erf: mpmath.erf,
}

_RECIPROCALS = {mpmath.cot: mpmath.tan, mpmath.coth: mpmath.tanh, mpmath.tan: mpmath.cot}
