"""exp(int f dx) for the kinds of f that equations of mathematical physics lead to.

sympy's own `integrate` is not used: on a user's formula it may take for ever, or answer in functions that
nothing else here knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from qdsl.physics import numeric
from qdsl.physics.expanding import is_short
from qdsl.physics.polynomials import quadratic

SIZE = 150
"""Operations of the largest integrand that is looked at."""

DEGREE = 8
"""Highest power of the coordinate in a fraction that is taken apart."""

TRIED = 12
"""Inner functions that are tried as a new variable."""

_QUOTIENTS = ((sp.tan, sp.sin, sp.cos), (sp.tanh, sp.sinh, sp.cosh))
_INTEGRALS = {
    sp.exp: sp.exp,
    sp.sin: lambda t: -sp.cos(t),
    sp.cos: sp.sin,
    sp.sinh: sp.cosh,
    sp.cosh: sp.sinh,
    sp.sign: sp.Abs,
    sp.Heaviside: lambda t: sp.Max(t, 0),
    sp.Abs: lambda t: t * sp.Abs(t) / 2,
}

Point = Mapping[sp.Symbol, float]


@dataclass(frozen=True)
class _Exponential:
    """factor * exp(exponent)."""

    factor: sp.Expr = sp.S.One
    exponent: sp.Expr = sp.S.Zero

    def times(self, other: _Exponential) -> _Exponential:
        return _Exponential(self.factor * other.factor, self.exponent + other.exponent)


def exponential_of_integral(rate: sp.Expr, x: sp.Symbol, point: Point) -> sp.Expr | None:
    """exp(int rate dx), positive at the point, up to a constant factor; None where it has no simple form.

    Known are rational functions, and sums of g(u) u' where g is a power, an exponential, a sine, a cosine,
    a sign, a step or a modulus: with g = 1/u, every multiple of a logarithmic derivative u'/u.
    """
    if rate.count_ops() > SIZE or not is_short(rate) or rate.has(sp.Piecewise, sp.Max, sp.Min):
        return None
    rate = sp.nsimplify(rate, rational=True)  # fractions of polynomials are taken apart exactly
    for quotient, above, below in _QUOTIENTS:
        rate = rate.replace(quotient, lambda u, f=above, g=below: f(u) / g(u))
    try:
        found = _whole(rate, x, point)
        if found is None:
            rate = sp.cancel(rate)
            found = _whole(rate, x, point) or _in_parts(rate, x, point)
    except sp.PolynomialError:
        return None
    if found is None:
        return None
    return found.factor if found.exponent == 0 else found.factor * sp.exp(found.exponent)


def _in_parts(rate: sp.Expr, x: sp.Symbol, point: Point) -> _Exponential | None:
    total = _Exponential()
    for part in _parts(rate, x):
        found = _whole(part, x, point) or _arctangent(part, x, point)
        if found is None:
            return None
        total = total.times(found)
    return total


def _parts(rate: sp.Expr, x: sp.Symbol) -> Iterator[sp.Expr]:
    """A sum taken apart: its rational part into partial fractions, the rest by denominators."""
    rational: sp.Expr = sp.S.Zero
    others: dict[sp.Expr, sp.Expr] = {}
    for term in (rate,) if rate.is_rational_function(x) else sp.Add.make_args(sp.expand(rate)):
        if term.is_rational_function(x):
            rational += term
        else:
            _, denominator = sp.fraction(term)
            others[denominator] = others.get(denominator, sp.S.Zero) + term
    yield from (sp.factor_terms(term) for term in others.values())
    numerator, denominator = sp.fraction(sp.cancel(sp.together(rational)))
    if max(sp.degree(numerator, x), sp.degree(denominator, x)) > DEGREE:
        yield rational
    else:
        yield from sp.Add.make_args(sp.apart(numerator / denominator, x))


def _whole(term: sp.Expr, x: sp.Symbol, point: Point) -> _Exponential | None:
    """By a new variable u: the integral of g(u) u' is that of g."""
    t = sp.Dummy("t", real=True)
    for u in _inner(term, x):
        g = term.xreplace({u: t}) / sp.diff(u, x)
        if x in g.free_symbols:
            g = sp.cancel(g)
        if x in g.free_symbols:
            continue
        found = _in_table(g, t, point)
        if found is not None:
            positive = u if numeric.number(u, point) > 0 else -u
            factor = found.factor.xreplace({t: positive})
            return _Exponential(factor, found.exponent.xreplace({t: u}))
    return None


def _inner(term: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    """What may serve as a new variable, the simplest first."""
    found = {x}
    for node in sp.preorder_traversal(term):
        if isinstance(node, sp.Pow):
            found.add(node.base)
        elif isinstance(node, sp.Function):
            found |= {node, node.args[0]}
    varying = [u for u in found if x in u.free_symbols]
    return sorted(varying, key=lambda u: (u.count_ops(), sp.default_sort_key(u)))[:TRIED]


def _in_table(g: sp.Expr, t: sp.Symbol, point: Point) -> _Exponential | None:
    """exp(int g dt) for sums of powers, exponentials, sines and cosines of t itself."""
    total = _Exponential()
    common, g = g.as_independent(t, as_Add=False)
    for term in sp.Add.make_args(sp.expand(g)):
        constant, varying = (common * term).as_independent(t, as_Add=False)
        base, power = varying.as_base_exp()
        if varying == 1:
            found = _Exponential(exponent=constant * t)
        elif type(varying) in _INTEGRALS and varying.args[0] == t:
            found = _Exponential(exponent=constant * _INTEGRALS[type(varying)](t))
        elif base != t or t in power.free_symbols:
            return None
        elif numeric.number(power, point) == -1:  # where it is a parameter, this is read again if it changes
            found = _Exponential(factor=t**constant)
        else:
            found = _Exponential(exponent=constant * t ** (power + 1) / (power + 1))
        total = total.times(found)
    return total


def _arctangent(term: sp.Expr, x: sp.Symbol, point: Point) -> _Exponential | None:
    """(a x + b)/(quadratic without real zeros), which gives a logarithm and an arctangent."""
    numerator, denominator = sp.fraction(sp.together(term))
    above, below = quadratic(numerator, x), quadratic(denominator, x)
    if above is None or below is None or len(below) != 3 or len(above) > 2:
        return None
    b, a = (*above, sp.S.Zero)[:2]
    c0, c1, c2 = below
    discriminant = sp.expand(4 * c0 * c2 - c1**2)
    if not numeric.number(discriminant, point) > 0:
        return None
    root = sp.sqrt(discriminant)
    slope = 2 * c2 * x + c1
    positive = denominator if numeric.number(denominator, point) > 0 else -denominator
    arctangent = (2 * b - a * c1 / c2) / root * sp.atan(slope / root)
    return _Exponential(positive ** (a / (2 * c2)), arctangent)
