"""Real zeros of a function of the coordinate: as formulas where it can be solved, else as numbers.

Linear and quadratic functions, and chains of invertible ones around them (exp, log, powers, sin, …), give
formulas in the parameters; the rest is bracketed numerically at the parameters' values.  Zeros may be
reported that are none, never the reverse as far as the sampling can see; the caller looks at both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from qdsl.errors import ProblemError
from qdsl.physics import numeric
from qdsl.physics.interpolant import Interpolant
from qdsl.physics.numeric import Array
from qdsl.physics.polynomials import quadratic
from qdsl.physics.resolve import branches

MOST = 1_000
"""Zeros of one switch; a potential with more pieces is beyond what anybody solves."""

MOST_BRANCHES = 64


MOST_WORK = 50_000_000
"""Points times rows of tables; each point takes a sum over all rows."""


@dataclass(frozen=True)
class Range:
    """Where zeros are wanted: left <= x <= right, at the parameters' values."""

    x: sp.Symbol
    left: float
    right: float
    values: Mapping[sp.Symbol, float]

    def number(self, expression: sp.Expr) -> float:
        return numeric.number(expression, self.values)

    def sample(self, expression: sp.Expr, points: Array) -> Array:
        return numeric.evaluate(expression, {**self.values, self.x: points})

    def points(self, count: int) -> Array:
        """Points across the range, increasing; an infinite one is covered on a logarithmic scale."""
        if math.isfinite(self.left) and math.isfinite(self.right):
            return np.linspace(self.left, self.right, count)
        outward = np.concatenate([[0.0], np.geomspace(1e-6, 1e9, count)])
        if math.isfinite(self.left):
            return self.left + outward
        if math.isfinite(self.right):
            return self.right - outward[::-1]
        return np.concatenate([-outward[:0:-1], outward])


def zeros(function: sp.Expr, where: Range) -> list[sp.Expr]:
    """The places where a function is zero.

    Raises ProblemError when there are too many.
    """
    smooth = branches(function, where.x, MOST_BRANCHES)
    if smooth is None:
        return _bracketed(function, where)
    found: dict[sp.Expr, None] = {}
    for branch in smooth:
        found |= dict.fromkeys(_zeros(branch, where))
    return list(found)


def _zeros(f: sp.Expr, where: Range) -> list[sp.Expr]:
    if where.x not in f.free_symbols:
        return []
    if isinstance(f, sp.Mul):
        return [zero for factor in f.args for zero in _zeros(factor, where)]
    if isinstance(f, sp.Pow) and where.x not in f.exp.free_symbols:
        return _zeros(f.base, where)
    coefficients = quadratic(f, where.x)
    if coefficients is not None:
        return _polynomial_zeros(coefficients, where)
    solved = _unwrapped(f, where)
    return _bracketed(f, where) if solved is None else solved


# Polynomials of low degree -----------------------------------------------------------------------------


def _polynomial_zeros(coefficients: list[sp.Expr], where: Range) -> list[sp.Expr]:
    """Formulas for the zeros; which of them there are is decided by the parameters' values."""
    numbers = [where.number(c) for c in coefficients]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    if len(numbers) < 2:
        return []
    if len(numbers) == 2:
        return [-coefficients[0] / coefficients[1]]
    c, b, a = coefficients[:3]
    discriminant = b**2 - 4 * a * c
    size = numbers[1] ** 2 + abs(4 * numbers[2] * numbers[0])
    number = where.number(discriminant)
    if number < -1e-14 * size:
        return []
    if number <= 1e-14 * size:
        return [-b / (2 * a)]
    root = sp.sqrt(discriminant) if b != 0 else sp.sqrt(-c / a)
    return [root, -root] if b == 0 else [(-b + root) / (2 * a), (-b - root) / (2 * a)]


# Chains of invertible functions --------------------------------------------------------------------------


def _unwrapped(f: sp.Expr, where: Range) -> list[sp.Expr] | None:
    """Zeros of c0 + c1 * g(u) by inverting g; None when f has no such form, or g no inverse here."""
    constant, varying = f.as_independent(where.x, as_Add=True)
    factor, varying = varying.as_independent(where.x, as_Add=False)
    if isinstance(varying, sp.Add | sp.Mul) or varying == where.x:
        return None
    target = -constant / factor
    value = where.number(target)
    if not math.isfinite(value):
        return None
    inner = _inner(varying, where.x)
    if inner is None:
        return None
    preimages = _preimages(varying, target, value, inner, where)
    if preimages is None:
        return None
    found = []
    for preimage in preimages:
        found += _zeros(inner - preimage, where)
        if len(found) > MOST:
            raise _too_many(where.x)
    return found


def _inner(g: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    """The one argument of g that contains x."""
    varying = [argument for argument in g.args if x in argument.free_symbols]
    return varying[0] if len(varying) == 1 else None


def _preimages(g: sp.Expr, y: sp.Expr, value: float, inner: sp.Expr, where: Range) -> list[sp.Expr] | None:
    """All u with g(u) = y, where `value` is the number that y is."""
    match g:
        case sp.exp():
            return [sp.log(y)] if value > 0 else []
        case sp.log():
            return [sp.exp(y)]
        case sp.Pow():
            return _power_preimages(g, y, value, where)
        case sp.sinh():
            return [sp.asinh(y)]
        case sp.cosh():
            return [sp.acosh(y), -sp.acosh(y)] if value >= 1 else []
        case sp.tanh():
            return [sp.atanh(y)] if abs(value) < 1 else []
        case sp.asin():
            return [sp.sin(y)]
        case sp.acos():
            return [sp.cos(y)]
        case sp.atan():
            return [sp.tan(y)]
        case sp.sin():
            first = [sp.asin(y), sp.pi - sp.asin(y)] if abs(value) <= 1 else []
            return _periodic(first, 2 * sp.pi, inner, where)
        case sp.cos():
            first = [sp.acos(y), -sp.acos(y)] if abs(value) <= 1 else []
            return _periodic(first, 2 * sp.pi, inner, where)
        case sp.tan():
            return _periodic([sp.atan(y)], sp.pi, inner, where)
    return None


def _power_preimages(g: sp.Pow, y: sp.Expr, value: float, where: Range) -> list[sp.Expr] | None:
    if where.x in g.exp.free_symbols:
        base = where.number(g.base)
        if not base > 0 or base == 1:
            return None
        return [sp.log(y) / sp.log(g.base)] if value > 0 else []
    exponent = where.number(g.exp)
    if exponent == 0 or not math.isfinite(exponent):
        return None
    if value == 0:
        return [sp.Integer(0)] if exponent > 0 else []
    even = exponent == int(exponent) and int(exponent) % 2 == 0
    odd = exponent == int(exponent) and int(exponent) % 2 == 1
    if value > 0:
        root = y ** (1 / g.exp)
        return [root, -root] if even else [root]
    return [-((-y) ** (1 / g.exp))] if odd else []


def _periodic(first: list[sp.Expr], period: sp.Expr, inner: sp.Expr, where: Range) -> list[sp.Expr] | None:
    """first + n * period for every n that the range of the inner function reaches."""
    if not first:
        return []
    coarse, reached = (_finite(where.sample(inner, where.points(count))) for count in (514, 8194))
    if not coarse.size:
        return []
    if np.ptp(reached) > 1.5 * np.ptp(coarse):  # a pole of the inner function: no end of oscillations
        raise _too_many(where.x)
    step = where.number(period)
    margin = 0.1 * float(np.ptp(reached))
    low, high = float(reached.min()) - margin, float(reached.max()) + margin
    if (high - low) / step > MOST:
        raise _too_many(where.x)
    return [
        start + n * period
        for start in first
        for n in range(
            math.ceil((low - where.number(start)) / step), math.floor((high - where.number(start)) / step) + 1
        )
    ]


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


# Anything else -------------------------------------------------------------------------------------------


def _bracketed(f: sp.Expr, where: Range) -> list[sp.Expr]:
    """Sign changes and touching zeros, sampled ever finer until no new ones appear."""
    known = -1
    rows = sum(len(table.args[1].nodes) for table in f.atoms(Interpolant))
    for count in (2**10, 2**12, 2**14, 2**16):
        if count * rows > MOST_WORK:
            break
        found = sorted(_sampled(f, where, where.points(count + 1)))
        if len(found) > MOST:
            raise _too_many(where.x)
        if len(found) == known:
            return [sp.Float(zero) for zero in found]
        known = len(found)
    raise ProblemError(
        f"the points {where.x} at which the potential is not smooth lie too close together to be found"
    )


def _sampled(f: sp.Expr, where: Range, x: Array) -> Iterator[float]:
    y = where.sample(f, x)
    zero = np.concatenate([[False], y == 0, [False]])
    # Of a whole stretch of zeros, where a function underflows, only the two ends can matter.
    edge = zero[1:-1] & ~(zero[:-2] & zero[2:])
    yield from map(float, x[edge])
    change = np.sign(y[:-1]) * np.sign(y[1:]) < 0
    yield from _bisected(f, where, x[:-1][change], x[1:][change])
    size = np.abs(y)
    lowest = (size[1:-1] < size[:-2]) & (size[1:-1] <= size[2:]) & (np.sign(y[:-2]) == np.sign(y[2:]))
    lowest &= size[1:-1] > 0
    yield from _touching(f, where, x[:-2][lowest], x[2:][lowest], size[1:-1][lowest])


def _bisected(f: sp.Expr, where: Range, low: Array, high: Array) -> Iterator[float]:
    if not low.size:
        return
    sign = np.sign(where.sample(f, low))
    for _ in range(200):
        middle = low + (high - low) / 2
        if bool(np.all((middle == low) | (middle == high))):
            break
        same = np.sign(where.sample(f, middle)) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    yield from map(float, high)


def _touching(f: sp.Expr, where: Range, low: Array, high: Array, size: Array) -> Iterator[float]:
    """Minima of |f| that are zeros: |f| falls by many orders of magnitude inside of the bracket."""
    if not low.size:
        return
    for step in range(100):
        if step == 12:  # most of them are minima and no zeros: |f| stays what it is
            falls = np.abs(where.sample(f, low + (high - low) / 2)) < 0.9 * size
            low, high, size = low[falls], high[falls], size[falls]
            if not low.size:
                return
        left, right = low + (high - low) / 3, high - (high - low) / 3
        closer = np.abs(where.sample(f, left)) < np.abs(where.sample(f, right))
        low, high = np.where(closer, low, left), np.where(closer, right, high)
    middle = low + (high - low) / 2
    zero = np.abs(where.sample(f, middle)) < 1e-9 * size
    yield from map(float, middle[zero])


def _too_many(x: sp.Symbol) -> ProblemError:
    return ProblemError(
        f"there are too many points {x} at which the potential is not smooth",
        hint=f"at most {MOST} can be treated",
    )
