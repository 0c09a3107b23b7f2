"""Singular ends of the domain: 1/x, 1/x^2, and p that vanishes there, as in radial and Bessel equations.

Let y be the distance to the end, and to leading order p = p0 y^a, q = q0 y^(a - 2), w = w0 y^c.  Solutions of
-(p psi')' + q psi = E w psi behave like y^s with

    p0 s (s + a - 1) = q0        (the indicial equation),

and the larger root belongs to the solution of finite energy: the Friedrichs extension (Zettl,
Sturm-Liouville Theory, 2005, chapter 10; Bender and Orszag, section 3.3).  With phi = y^s and psi = phi v,

    -(P v')' + Q v = E W v,    P = p phi^2,  Q = (q - (p phi')'/phi) phi^2,  W = w phi^2,
    int p psi'^2 + q psi^2 = int P v'^2 + Q v^2 + [p (phi'/phi) psi^2],

the bracket taken at the regular end alone.  v is smooth, P, Q and W are y^(2 s + a - 1) times smooth
functions, and Gauss-Jacobi quadrature with that weight loses nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.physics import numeric
from qdsl.physics.analysis import SmoothPiece, singular_points, smooth_pieces
from qdsl.physics.expanding import is_short
from qdsl.physics.notation import short
from qdsl.physics.numeric import Array
from qdsl.physics.problem import Problem
from qdsl.physics.series import Laurent, NoSeriesError, laurent

ROUNDED = 1e-11
"""Relative accuracy of the numbers that the series gives."""


@dataclass(frozen=True)
class Frobenius:
    """A regular singular end: psi = y^exponent v there, y the distance to the end and v smooth.

    `at`: the end; `direction`: +1 at a left end (y = x - at), -1 at a right one (y = at - x).
    `exponent`, `formula`: s as a number, and as an expression in the parameters where there is one.
    `factor`: phi = y^s as an expression in the coordinate; `rate`: phi'/phi = s/(x - at).
    `potential`: q - (p phi')'/phi on the piece at the end, in which q0 has cancelled.
    `weight`: 2 s + a - 1 >= 0, the exponent of the Gauss-Jacobi weight.
    `slope`: v'/v at the end, d/dx, which the equation fixes; None where it depends on E and v' is free
    (1 + c - a = 0, as for Legendre's equation).
    """

    at: float
    direction: int
    exponent: float
    formula: sp.Expr
    factor: sp.Expr
    rate: sp.Expr
    potential: sp.Expr
    weight: float
    slope: float | None


@dataclass(frozen=True)
class Wall:
    """An end towards which q rises faster than 1/y^2: psi dies out faster than any power, as at infinity."""

    at: float
    direction: int


SingularEnd = Frobenius | Wall


class NoGroundStateError(ProblemError):
    """The potential at an end pulls so strongly that the energies have no lower bound."""


class NoPowerSeriesError(ProblemError):
    """An end that is singular in a way that qdsl does not know."""


@lru_cache(maxsize=64)
def singular_ends(problem: Problem) -> tuple[SingularEnd | None, SingularEnd | None]:
    """What is special about the left and the right end; None for an ordinary or an infinite end.

    Raises NoGroundStateError when a particle would fall into an end, NoPowerSeriesError where the
    coefficients behave in no way that is known here, both with the place of the potential.
    """
    left, right = (problem.number(end) for end in problem.interval)
    pieces = smooth_pieces(problem)
    suspects = {point.at for point in singular_points(problem) if point.kind in ("pole", "singular")}
    return (
        _end(problem, pieces[0], left, 1, left in suspects),
        _end(problem, pieces[-1], right, -1, right in suspects),
    )


def _end(
    problem: Problem, piece: SmoothPiece, at: float, direction: int, suspect: bool
) -> SingularEnd | None:
    if math.isinf(at):
        return None
    x, values = problem.coordinate, problem.values
    middle = at + direction * _reach(piece) / 2
    if not suspect and all(_is_positive(problem, part, at, middle) for part in (piece.p, piece.w)):
        return None
    try:
        p, q, w = (laurent(part, x, at, direction, values) for part in (piece.p, piece.q, piece.w))
    except NoSeriesError:
        return _without_series(problem, piece, at, direction)
    order = p.valuation
    if q.valuation >= 0 and order == 0 and w.valuation == 0:
        return None
    if order < 0 or order >= 2 or w.valuation < order - 1:
        message = f"the equation is singular at the end {x} = {short(at)} in a way that is not supported"
        raise NoPowerSeriesError(
            message, _span(problem), "p may vanish like (x - end), w not grow faster than p/x"
        )
    if not q.is_zero and q.valuation < order - 2:
        if q.coefficients[0] > 0:
            return Wall(at, direction)
        raise NoGroundStateError(
            f"the potential falls faster than 1/{x}^2 towards {x} = {short(at)}",
            _span(problem),
            "there is no ground state: the particle falls into that point",
        )
    return _frobenius(problem, piece, at, direction, p, q, w)


def _frobenius(
    problem: Problem, piece: SmoothPiece, at: float, direction: int, p: Laurent, q: Laurent, w: Laurent
) -> Frobenius:
    x, a = problem.coordinate, p.valuation
    p0, q0 = p.coefficient(a), q.coefficient(a - 2)
    discriminant = ((a - 1) / 2) ** 2 + q0 / p0
    if discriminant < -ROUNDED:
        raise NoGroundStateError(
            f"the potential falls like {short(q0)}/{x}^2 towards {x} = {short(at)}, and the particle with it",
            _span(problem),
            f"below {short(-p0 / 4)}/{x}^2 there is no ground state",
        )
    exponent = (1 - a) / 2 + math.sqrt(max(discriminant, 0.0))
    if abs(exponent - round(exponent)) < ROUNDED:
        exponent = float(round(exponent))
    if not all(is_short(part, powers=False) for part in (piece.q, piece.p)):
        message = f"the equation is singular at the end {x} = {short(at)}, and too long to be treated there"
        raise ProblemError(message, _span(problem), "give the numbers in it names with 'param'")
    y = direction * (x - _exact(problem, direction))
    strength = _strength(problem, piece.q, y, a - 2, q0)
    formula = _formula(problem, piece, a, y, strength, exponent)
    s = formula if not formula.is_Float else sp.Float(exponent)
    rate = s / (direction * y)  # phi'/phi = s/(x - end)
    potential = _without_pole(piece, x, y, s, a, strength)
    weight = 2 * exponent + a - 1
    slope = _slope(direction, exponent, p, q, w)
    return Frobenius(at, direction, exponent, formula, y**s, rate, potential, weight, slope)


def _slope(direction: int, s: float, p: Laurent, q: Laurent, w: Laurent) -> float | None:
    """v'/v at the end from the next order of the equation, y^(s + a - 1).

    With p = y^a (p0 + p1 y), q = y^(a - 2) (q0 + q1 y) it says

        (p0 (s + 1) (s + a) - q0) v1 = (q1 - p1 s (s + a)) v0,   the bracket being p0 (2 s + a).
    """
    a = p.valuation
    if w.valuation < a:
        return None
    p0, p1 = p.coefficient(a), p.coefficient(a + 1)
    q1 = q.coefficient(a - 1)
    return direction * (q1 - p1 * s * (s + a)) / (p0 * (2 * s + a))


def _exact(problem: Problem, direction: int) -> sp.Expr:
    """The end as the problem writes it, so that formulas cancel."""
    return problem.interval[0 if direction > 0 else 1]


def _strength(problem: Problem, q: sp.Expr, y: sp.Expr, power: int, q0: float) -> sp.Expr:
    """q0 as an expression in the parameters, if the formula shows it as a term; else as a number."""
    total: sp.Expr = sp.S.Zero
    for term in sp.Add.make_args(_multiplied(q, problem.coordinate)):
        factor = term / y**power
        if problem.coordinate not in factor.free_symbols:
            total += factor
    close = abs(problem.number(total) - q0) <= ROUNDED * abs(q0)
    return total if close else sp.Float(q0)


def _multiplied(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """Multiplied out, so that poles cancel: squares such as (y - 1/y)^2 as well, where that stays short.

    What is not a pole stays together: 1 - 2 x + x^2 has more rounding than (1 - x)^2.
    """
    product = sp.expand_mul(expression)
    if not is_short(product):
        return product
    terms = [sp.Mul(*(_power(f, x) for f in sp.Mul.make_args(term))) for term in sp.Add.make_args(product)]
    return sp.expand_mul(sp.Add(*terms))


def _power(factor: sp.Expr, x: sp.Symbol) -> sp.Expr:
    base, exponent = factor.as_base_exp()
    if not (base.is_Add and exponent.is_Integer and exponent > 1):
        return factor
    has_pole = any(x in sp.fraction(part)[1].free_symbols for part in base.args)
    return sp.expand_multinomial(factor) if has_pole else factor


def _formula(
    problem: Problem, piece: SmoothPiece, a: int, y: sp.Expr, strength: sp.Expr, exponent: float
) -> sp.Expr:
    """s as an expression in the parameters."""
    front = piece.p / y**a
    if problem.coordinate in front.free_symbols or strength.is_Float:
        return sp.Integer(int(exponent)) if exponent.is_integer() else sp.Float(exponent)
    root = sp.Rational(1 - a, 2) + sp.sqrt(sp.Rational((a - 1) ** 2, 4) + strength / front)
    if exponent.is_integer() and not root.free_symbols:
        return sp.Integer(int(exponent))
    return root


def _without_pole(
    piece: SmoothPiece, x: sp.Symbol, y: sp.Expr, s: sp.Expr, a: int, strength: sp.Expr
) -> sp.Expr:
    """q - (p phi')'/phi.

    (p phi')'/phi = p s (s - 1)/y^2 + (dp/dy) s/y, and for p = p0 y^a this is q0 y^(a - 2) exactly.
    """
    slope = sp.diff(piece.p, x) * sp.diff(y, x)  # dp/dy, because dx/dy = dy/dx = +-1
    regular = _multiplied(piece.q, x) - strength * y ** (a - 2)
    if x not in (piece.p / y**a).free_symbols:
        return sp.expand_mul(regular)
    return sp.expand_mul(regular + strength * y ** (a - 2) - piece.p * s * (s - 1) / y**2 - slope * s / y)


def _without_series(problem: Problem, piece: SmoothPiece, at: float, direction: int) -> SingularEnd | None:
    """An end without a Laurent series, judged by numbers: a wall, bounded (sqrt(x)), or not known."""
    x = problem.coordinate
    y = _reach(piece) * 2.0 ** -np.arange(4.0, 40.0)
    point: dict[sp.Symbol, float | Array] = {**problem.values, x: at + direction * y}
    p, q, w = (numeric.evaluate(part, point) for part in (piece.p, piece.q, piece.w))
    if np.isfinite(q).all() and (np.abs(q) * y**1.5 <= np.abs(q[0]) * y[0] ** 1.5 + 1).all():
        flat = [np.isfinite(part).all() and part.min() > 1e-3 * part.max() for part in (p, w)]
        if all(flat):
            return None  # weaker than 1/y: an ordinary end as far as conditions go
    strong = q * y**2 / p
    if np.nanmax(np.diff(strong[np.isfinite(strong)]), initial=-1.0) > 0 and strong[-1] > 1e3:
        return Wall(at, direction)
    raise NoPowerSeriesError(
        f"the potential is singular at {x} = {short(at)} in a way that is not supported",
        _span(problem),
        "supported are 1/x and 1/x^2 at an end, and repulsive walls such as 1/x^12",
    )


def _reach(piece: SmoothPiece) -> float:
    width = piece.right - piece.left
    return width if math.isfinite(width) else 1.0


def _is_positive(problem: Problem, part: sp.Expr, at: float, middle: float) -> bool:
    """Whether a coefficient is larger than 0 at an end, by more than rounding, as for sin(pi)."""
    value, inside = (problem.number(part.xreplace({problem.coordinate: sp.Float(x)})) for x in (at, middle))
    return math.isfinite(value) and value > ROUNDED * min(abs(inside), 1.0)


def _span(problem: Problem) -> Span | None:
    return problem.places.get("potential")
