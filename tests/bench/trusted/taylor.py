"""Way two: Taylor series of the solution from step to step, in 100 digits, and shooting.

The solutions that obey the conditions at the two ends are continued to a point between them.  Their zeros
and their directions there count the levels below E (Prüfer), which finds the level n and nothing else; the
last digits come from regula falsi.  With coupled ends the trace of the transfer matrix takes their place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
from flint import arb, arb_series, ctx

from trusted.equation import Equation, Piece, ball
from trusted.laurent import Laurent

BITS, ORDER, DIGITS = 330, 80, 44
SHORTEN = 10.0 ** (-DIGITS / ORDER)


@dataclass
class Solution:
    """u, p u' and the zeros passed."""

    u: arb
    v: arb
    zeros: int = 0


def _logarithm(c: arb) -> float:
    return float(abs(c).log().mid()) if c != 0 else -math.inf


def _reach(*series: list[arb]) -> float:
    """How far a step may go: the radius of convergence, shortened for the truncation."""
    radius = math.inf
    for coefficients in series:
        top = max(_logarithm(c) for c in coefficients[:3])
        for k in range(ORDER - 4, ORDER + 1):
            last = _logarithm(coefficients[k])
            if last > -math.inf:
                radius = min(radius, math.exp(min((top - last) / k, 300)))
    return radius * SHORTEN


def _value(coefficients: list[arb], h: arb) -> arb:
    total = arb(0)
    for c in reversed(coefficients):
        total = (total * h + c).mid()
    return total


def _zeros(coefficients: list[arb], h: arb) -> int:
    """Sign changes of the polynomial over (0, h]."""
    power, terms = arb(1), []
    for c in coefficients:
        terms.append((c * power).mid())
        power = (power * h).mid()
    size = max(abs(term) for term in terms)
    scaled = [float((term / size).mid()) for term in terms]
    x = np.linspace(0, 1, 65)
    signs = np.sign(np.polynomial.polynomial.polyval(x, scaled))
    signs = signs[1:] if abs(scaled[0]) < 1e-25 else signs  # a zero where the step begins was counted before
    signs = signs[signs != 0]
    return int(np.count_nonzero(signs[1:] != signs[:-1]))


def _regular(piece: Piece, x: arb, energy: arb, at: Solution) -> tuple[list[arb], list[arb]]:
    """Coefficients of u and p u' around x."""
    t = arb_series([x, 1])
    inverse = list((1 / (piece.p(t) + 0 * t)).coeffs())
    pull = list((piece.q(t) - energy * piece.w(t)).coeffs())
    inverse, pull = ([c.mid() for c in (s + [arb(0)] * (ORDER + 1))[: ORDER + 1]] for s in (inverse, pull))
    u, v = [at.u], [at.v]
    flat = all(c == 0 for c in inverse[1:])
    lengths = len(pull)
    while lengths > 1 and pull[lengths - 1] == 0:
        lengths -= 1
    for k in range(ORDER):
        slope = inverse[0] * v[k] if flat else sum((inverse[j] * v[k - j] for j in range(k + 1)), arb(0))
        push = sum((pull[j] * u[k - j] for j in range(min(k + 1, lengths))), arb(0))
        u.append((slope / (k + 1)).mid())
        v.append((push / (k + 1)).mid())
    return u, v


def _frobenius(piece: Piece, energy: arb, stop: float) -> tuple[arb, Solution]:
    """A step away from a singular left end: its length, and the solution with the larger exponent there."""
    t = Laurent(Fraction(0), arb_series([ball(piece.left), 1])).leading()
    p = Laurent.of(piece.p(t)).leading()
    alpha = p.valuation
    lead = p.coefficients(alpha, ORDER + 1)
    pull = Laurent.of(piece.q(t)) - energy * Laurent.of(piece.w(t))
    b = pull.coefficients(alpha - 2, ORDER + 1)
    half = (1 - ball(mpmath.mpf(alpha.numerator) / alpha.denominator)) / 2
    s = (half + (half**2 + b[0] / lead[0]).sqrt()).mid() if b[0] != 0 else half + abs(half)
    flux = s - 2 * half
    u, v = [arb(1)], [lead[0] * s]
    for k in range(1, ORDER + 1):
        known = sum((b[j] * u[k - j] for j in range(1, k + 1)), arb(0)) - (flux + k) * sum(
            (lead[j] * (s + k - j) * u[k - j] for j in range(1, k + 1)), arb(0)
        )
        u.append((known / (lead[0] * (s + k) * (flux + k) - b[0])).mid())
        v.append(sum((lead[j] * (s + k - j) * u[k - j] for j in range(k + 1)), arb(0)).mid())
    h = arb(min(_reach(u, v), (stop - float(piece.left)) / 2))
    # Divided by h^s: only the direction matters.
    return h, Solution(_value(u, h), _value(v, h) / h ** (2 * half), _zeros(u, h))


def march(equation: Equation, energy: arb, stop: float, start: Solution | None = None) -> Solution:
    """The solution that obeys the left condition, up to `stop`."""
    first = equation.pieces[0]
    x = ball(first.left)
    if start is not None:
        at = start
    elif "left" in equation.singular:
        h, at = _frobenius(first, energy, float(min(stop, first.right)))
        x = (x + h).mid()
    elif equation.left is None:
        at = Solution(arb(0), arb(1))
    else:
        slope = first.p(arb_series([x]))
        at = Solution(arb(1), (slope.coeffs()[0] if slope.coeffs() else arb(0)) * ball(equation.left))
    end = ball(stop)
    for piece in equation.pieces:
        last = ball(piece.right)
        last = last if last < end else end
        while x < last:
            u, v = _regular(piece, x, energy, at)
            h = min(_reach(u, v), float(last - x) * 2)
            target = x + h
            target = last if target > last else target.mid()
            step = (target - x).mid()
            at = Solution(_value(u, step), _value(v, step), at.zeros + _zeros(u, step))
            x = target
        for place, strength in equation.jumps.items():
            if place == piece.right and place < stop:
                at = Solution(at.u, at.v + ball(strength) * at.u, at.zeros)
    return at


def mirrored(equation: Equation) -> Equation:
    """The same problem with x -> -x."""

    def turned(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: f(-x)

    pieces = tuple(
        Piece(-c.right, -c.left, turned(c.q), turned(c.p), turned(c.w)) for c in reversed(equation.pieces)
    )
    return replace(
        equation,
        pieces=pieces,
        left=None if equation.right is None else -equation.right,
        right=None if equation.left is None else -equation.left,
        singular=" ".join({"left": "right", "right": "left"}[s] for s in equation.singular.split()),
        jumps={-place: strength for place, strength in equation.jumps.items()},
    )


def _pointing_up(s: Solution) -> Solution:
    """The same direction with 0 <= angle < pi, the angle being 0 where u = 0 and growing with E."""
    turn = -1 if s.u < 0 or (s.u == 0 and s.v < 0) else 1
    return Solution(s.u * turn, s.v * turn, s.zeros)


def _meeting_point(equation: Equation) -> float:
    """The deepest place, away from everything that symmetry makes special."""
    best, place = math.inf, 0.0
    for piece in equation.pieces:
        x = (
            np.linspace(float(piece.left), float(piece.right), 203)[1:-1]
            + 0.00137 * float(piece.right - piece.left) / 203
        )
        low = (piece.q(x) + 0 * x) / piece.w(x)
        low = low + 1e-9 * np.abs(x - x[len(x) // 3]) * (1 + abs(np.min(low)))
        if np.min(low) < best:
            best, place = float(np.min(low)), float(x[np.argmin(low)])
    return place


def level(equation: Equation, n: int, guess: mpmath.mpf, size: float) -> mpmath.mpf:
    """Energy n; `guess` is only where the search begins, `size` the scale of its last digit."""
    ctx.prec, ctx.cap = BITS, ORDER + 1
    if equation.phase is not None:
        return _from_trace(equation, guess, size)
    stop = _meeting_point(equation)
    other = mirrored(equation)

    @cache
    def look(energy: mpmath.mpf) -> tuple[int, arb]:
        e = ball(energy)
        a = _pointing_up(march(equation, e, stop))
        b = _pointing_up(march(other, e, -stop))
        sine = (a.u * b.v + a.v * b.u).mid()  # of the sum of the angles; negative beyond pi
        levels = a.zeros + b.zeros + int(sine < 0)
        return levels, sine * (-1) ** (a.zeros + b.zeros)

    low, high, width = guess, guess, mpmath.mpf(size)
    below, above = look(low), look(high)
    while below[0] > n:
        low, width = low - width, 8 * width
        below = look(low)
    width = mpmath.mpf(size)
    while above[0] <= n:
        high, width = high + width, 8 * width
        above = look(high)
    while below[0] < n or above[0] > n + 1 or (below[1] > 0) == (above[1] > 0):
        middle = (low + high) / 2
        here = look(middle)
        if here[0] > n:
            high, above = middle, here
        else:
            low, below = middle, here
        if high - low < mpmath.mpf(10) ** -38 * max(abs(high), mpmath.mpf(size)):
            return (low + high) / 2
    return _root(lambda energy: look(energy)[1], low, high, below[1], above[1])


def _root(
    f: Callable[[mpmath.mpf], arb], low: mpmath.mpf, high: mpmath.mpf, at_low: arb, at_high: arb
) -> mpmath.mpf:
    """Regula falsi (Illinois)."""
    scale = abs(high - low)
    for _ in range(60):
        middle = low - (high - low) * _mpf(at_low) / (_mpf(at_high) - _mpf(at_low))
        here = f(middle)
        if (here > 0) == (at_low > 0):
            low, at_low, at_high = middle, here, at_high / 2
        else:
            high, at_high, at_low = middle, here, at_low / 2
        if here == 0 or abs(high - low) < mpmath.mpf(10) ** -27 * max(abs(high), scale):
            return middle
    return (low + high) / 2


def _mpf(value: arb) -> mpmath.mpf:
    return mpmath.mpf(value.mid().str(60, radius=False))


def _from_trace(equation: Equation, guess: mpmath.mpf, size: float) -> mpmath.mpf:
    goal = ball(2 * mpmath.cos(mpmath.mpf(equation.phase)))
    end = equation.pieces[-1].right

    def mismatch(energy: mpmath.mpf) -> arb:
        a = march(equation, ball(energy), end, Solution(arb(1), arb(0)))
        b = march(equation, ball(energy), end, Solution(arb(0), arb(1)))
        return (a.u + b.v - goal).mid()

    width = mpmath.mpf(size)
    for _ in range(12):
        low, high = guess - width, guess + width
        at_low, at_high = mismatch(low), mismatch(high)
        if (at_low > 0) != (at_high > 0):
            return _root(mismatch, low, high, at_low, at_high)
        width *= 4
    raise ArithmeticError("no sign change of the trace near the guess")
