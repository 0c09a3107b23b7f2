"""Powers and elementary functions of Taylor models, by their Taylor series with Lagrange's remainder.

    f(u_0 + d) = sum_(k < n) f^(k)(u_0)/k! d^k + f^(n)(z)/n! d^n,    z between u_0 and u_0 + d,

u_0 being the value of the argument at the end, and d, which vanishes there, the rest of it: all values of
f^(n)/n! are enclosed by interval arithmetic on the range of the argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from qdsl.physics.intervals import (
    EPS,
    Interval,
    cosh,
    cosine,
    monotone,
    negative,
    outwards,
    point,
    power,
    reciprocal,
    sine,
)
from qdsl.physics.numeric import Array
from qdsl.physics.taylor_models import (
    ORDER,
    SAFETY,
    NoModelError,
    TaylorModel,
    balls,
    bounded,
    constant,
)

FACTORIALS = np.array([math.factorial(k) for k in range(ORDER + 1)], dtype=np.float64)
MOST_FACTORS = 16
"""A power with a whole exponent up to which it is multiplied out, where it cannot be had otherwise."""

ONE, ZERO = point(1.0), point(0.0)


def exponential(u: TaylorModel) -> TaylorModel:
    start, rest = _split(u)
    middle, radius = 1 / FACTORIALS, EPS / FACTORIALS * (FACTORIALS > 1)
    middle[-1], radius[-1] = balls(monotone(np.exp)(rest.range()) * outwards(middle[-1], middle[-1]))
    series = _composed(middle, radius, rest)
    return series if _is(start, 0.0) else constant(monotone(np.exp)(start)) * series


def logarithm(u: TaylorModel) -> TaylorModel:
    if u.valuation:
        raise NoModelError
    start, rest = _relative(u)
    if not start.low > 0:
        raise NoModelError
    k = np.arange(1.0, ORDER + 1)
    middle = np.append(0.0, (-1.0) ** (k - 1) / k)
    radius = EPS * np.abs(middle)
    last = power(_one_and(rest), point(-float(ORDER)))
    middle[-1], radius[-1] = balls(last * outwards(middle[-1], middle[-1]))
    series = _composed(middle, radius, rest)
    return series if _is(start, 1.0) else constant(monotone(np.log)(start)) + series


def raised(u: TaylorModel, exponent: Interval) -> TaylorModel:
    """u^e = (t^v c)^e (1 + d)^e, by the binomial series, where v e is a whole number."""
    e = float(exponent.low)
    known = exponent.low == exponent.high
    if u.may_vanish():
        if known and e in range(1, MOST_FACTORS):
            product = u
            for _ in range(int(e) - 1):
                product = product * u
            return product
        raise NoModelError
    if u.valuation and not (known and (u.valuation * e).is_integer()):
        raise NoModelError
    valuation = round(u.valuation * e) if u.valuation else 0
    lead = u.coefficient(0)
    if lead.low < 0 and not (known and e.is_integer()):
        raise NoModelError
    if not u.order:
        return bounded(power(lead, exponent)).shifted(valuation)
    lead, rest = _relative(u)
    if rest.is_zero():
        return constant(power(lead, exponent)).shifted(valuation)
    k = np.arange(float(ORDER))
    steps = (exponent + Interval(-k, -k)) * outwards(1 / (k + 1), 1 / (k + 1))
    factor, doubt = balls(steps)
    most = np.cumprod(np.abs(factor) + doubt)
    middle = np.append(1.0, np.cumprod(factor))
    radius = np.append(0.0, most - np.abs(middle[1:]) + 4 * ORDER * EPS * most)
    last = power(_one_and(rest), exponent + point(-float(ORDER)))
    middle[-1], radius[-1] = balls(last * outwards(middle[-1] - radius[-1], middle[-1] + radius[-1]))
    return (constant(power(lead, exponent)) * _composed(middle, radius, rest)).shifted(valuation)


def quotient(
    above: Callable[[TaylorModel], TaylorModel], below: Callable[[TaylorModel], TaylorModel]
) -> Callable[[TaylorModel], TaylorModel]:
    return lambda u: above(u) * raised(below(u), point(-1.0))


def _periodic(
    derivatives: list[Callable[[Interval], Interval]], at_zero: list[float]
) -> Callable[[TaylorModel], TaylorModel]:
    """A function by itself and its derivatives, which repeat; `at_zero`: what they are there, exactly."""

    def of(u: TaylorModel) -> TaylorModel:
        start, rest = _split(u)
        count = len(derivatives)
        if _is(start, 0.0):
            found = [balls(point(value)) for value in at_zero]
        else:
            found = [balls(derivative(start)) for derivative in derivatives]
        of_k = [found[k % count] for k in range(ORDER)] + [balls(derivatives[ORDER % count](u.range()))]
        middle = np.array([ball[0] for ball in of_k]) / FACTORIALS
        radius = np.array([ball[1] for ball in of_k]) / FACTORIALS
        return _composed(middle, SAFETY * radius + EPS * np.abs(middle) * (FACTORIALS > 1), rest)

    return of


def _negative(function: Callable[[Interval], Interval]) -> Callable[[Interval], Interval]:
    return lambda argument: negative(function(argument))


_sinh = monotone(np.sinh)
sine_of = _periodic([sine, cosine, _negative(sine), _negative(cosine)], [0.0, 1.0, 0.0, -1.0])
cosine_of = _periodic([cosine, _negative(sine), _negative(cosine), sine], [1.0, 0.0, -1.0, 0.0])
sinh_of = _periodic([_sinh, cosh], [0.0, 1.0])
cosh_of = _periodic([cosh, _sinh], [1.0, 0.0])


def _split(u: TaylorModel) -> tuple[Interval, TaylorModel]:
    """The value at the end, and the rest."""
    if u.valuation > 0:
        return ZERO, u
    if u.valuation < 0 or not u.order:
        raise NoModelError
    return u.coefficient(0), u.without_leading()


def _relative(u: TaylorModel) -> tuple[Interval, TaylorModel]:
    """c and d of u = t^v c (1 + d)."""
    if u.may_vanish() or not u.order:
        raise NoModelError
    lead, rest = u.coefficient(0), u.without_leading().shifted(-u.valuation)
    return lead, rest if _is(lead, 1.0) else rest * constant(reciprocal(lead))


def _one_and(rest: TaylorModel) -> Interval:
    """1 + d.  Raises NoModelError where that is not known to be positive."""
    found = rest.range() + ONE
    if not found.low > 0:
        raise NoModelError
    return found


def _composed(middle: Array, radius: Array, rest: TaylorModel) -> TaylorModel:
    """sum_k c_k d^k by Horner's scheme; the last c_k is a function."""
    total = TaylorModel(0, middle[-1:], radius[-1:])
    for m, r in zip(middle[-2::-1], radius[-2::-1], strict=True):
        here = TaylorModel(0, np.append(m, np.zeros(ORDER)), np.append(r, np.zeros(ORDER)))
        total = total * rest + here
    return total


def _is(found: Interval, value: float) -> bool:
    return bool(found.low == value == found.high)
