"""What lies beyond a mesh of cells: the outside of a box on an infinite domain, and singular ends.

A singular end is cut at the small distance h.  There psi = y^s v, and the form of the end piece is (see
`qdsl.physics.endpoints`)

    int y^(2s) (p |v'|^2 + (r - e w) |v|^2) dy + p(h) s/h |psi(h)|^2.

Let |r - e w| <= A y^(a - 1) and p >= p1 y^a.  With b = 2 s + a - 1, integration by parts and Schwarz'
inequality give

    int y^b |v|^2 <= 2/(b+1) h^(b+1) |v(h)|^2 + 4 h/(b+1)^2 int y^(b+1) |v'|^2,

which bounds the form from below by (p(h) s/h - 2 A h^a/(b+1)) |psi(h)|^2 as soon as 4 h A <= p1 (b+1)^2.
A constant v bounds it from above, by (p(h) s/h + A h^a/(b+1)) |psi(h)|^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.end_models import NextToEnd, model_at_end
from qdsl.physics.endpoints import Frobenius, singular_ends
from qdsl.physics.expanding import multiplied_out
from qdsl.physics.intervals import EPS, Interval, absolute, outwards, point
from qdsl.physics.problem import Problem
from qdsl.physics.taylor_models import NoModelError, constant
from qdsl.states import Array
from qdsl.verify.cells import enclosed
from qdsl.verify.coefficients import Coefficients

# Where a singular end is cut off, relative to the piece at that end.
NEAR = 1e-3
PANELS = 40
"""Panels of the outside, each twice as wide as the one before it, and the rest, to infinity or the end."""
DOUBLED = 2.0 ** np.arange(PANELS) - 1
ROUNDS, PARTS = 10, 8
"""Panels are cut in so many parts, again and again, where sums are enclosed too widely: 3 x^4 - 2 x^3."""
CLOSE = 1e-3
"""Relative distance to the values that are seen from which on an enclosure is close enough."""
MOST_TERMS = 12
"""Terms of q/w that are tried as the leading one."""


def outside_floor(problem: Problem, c: Coefficients, box: tuple[float, float], side: int) -> float:
    """No q/w beyond an end of the box lies below it; inf if nothing is beyond, -inf if nothing is known."""
    at, end = box[side], c.domain[side]
    outward = 1.0 if side == 1 else -1.0
    if at == end:
        return math.inf
    if any(strength < 0 and outward * (place - at) >= 0 for place, strength in c.deltas):
        return -math.inf  # a level may be bound out there
    steps, reach = 0.5 * (box[1] - box[0]) * DOUBLED, outward * (end - at)
    beyond = np.append(steps[steps < reach], reach)
    edges = at + beyond if side == 1 else (at - beyond)[::-1]
    piece = smooth_pieces(problem)[-side]
    q, w = (piece.q, piece.w) if piece.left <= at <= piece.right else (problem.q, problem.w)
    least = _least_on(problem, q, w, edges)
    before = edges[:-1] if side == 1 else edges[1:]  # the end of the domain may be singular
    known = float(np.fmin.reduce(c.q(before) / c.w(before)))  # the floor is no higher than that
    for _ in range(ROUNDS):
        loose = np.flatnonzero(
            (least < known - CLOSE * abs(known)) & np.isfinite(edges[:-1]) & np.isfinite(edges[1:])
        )
        if not 0 < loose.size <= PANELS:
            break
        inner = edges[loose, None] + np.diff(edges)[loose, None] * (np.arange(1, PARTS) / PARTS)
        edges = np.sort(np.concatenate([edges, inner.ravel()]))
        least = _least_on(problem, q, w, edges)
    return float(least.min())


def _least_on(problem: Problem, q: sp.Expr, w: sp.Expr, edges: Array) -> Array:
    """Lower bounds of q/w between neighbouring edges."""
    least = _least(enclosed(problem, q, edges), enclosed(problem, w, edges))
    if not np.isfinite(least).all() or problem.coordinate in w.free_symbols:
        least = np.fmax(least, _by_leading_term(problem, q, w, edges))
    return least


def _least(q: Interval, w: Interval) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        least = np.where(q.low >= 0, q.low / w.high, q.low / w.low)
        least = np.nextafter(least, -np.inf)  # the quotient is rounded
    return np.where((w.low > 0) & ~np.isnan(least), least, -np.inf)


def _by_leading_term(problem: Problem, q: sp.Expr, w: sp.Expr, edges: Array) -> Array:
    """Lower bounds of q/w between neighbouring edges, each of its terms t being tried as the leading one.

    q/w = t (1 + rest/t).  Towards infinity, or a wall, intervals tell of this what they do not of a sum: that
    x^4 - 8 x^2 rises for ever, and exp(-2 x) - exp(-x) towards the left.
    """
    local = multiplied_out(q / w)
    terms = sp.Add.make_args(local)
    least = np.full(len(edges) - 1, -np.inf)
    for leading in terms if len(terms) <= MOST_TERMS else ():
        rest = sp.Add(*(term / leading for term in terms))
        with np.errstate(all="ignore"):
            found = enclosed(problem, leading, edges) * enclosed(problem, rest, edges)
        least = np.fmax(least, found.low)
    return least


@dataclass(frozen=True)
class _EndPiece:
    """What the estimates need of the piece between a singular end and the cut: h, a, b, s and p1.

    `rest` and `mass` enclose r y^(1 - a) and w y^(1 - a), 0-d.
    """

    length: float
    order: int
    weight: float
    exponent: float
    kinetic: float
    rest: Interval
    mass: Interval

    def pull(self, energy: float) -> float:
        """A."""
        found = absolute(self.rest + self.mass * point(-energy))
        return float(found.high)


def singular_term(problem: Problem, side: int, cut: float, energy: float, sign: float) -> float | None:
    """A bound of the form between a singular end and the cut, per |psi|^2 at the cut; None if unknown.

    `sign` +1 asks for the one from above, -1 for the one from below.
    """
    end = _end_piece(problem, side, cut)
    if end is None or not end.kinetic > 0:
        return None
    p, pull = enclosed(problem, problem.p, np.array([cut, cut])), end.pull(energy)
    slack = pull * end.length**end.order / (end.weight + 1)
    if sign > 0:
        return float(p.high[0]) * end.exponent / end.length + slack
    if 4 * end.length * pull > end.kinetic * (end.weight + 1) ** 2:
        return None
    return float(p.low[0]) * end.exponent / end.length - 2 * slack


@lru_cache(maxsize=64)
def _end_piece(problem: Problem, side: int, cut: float) -> _EndPiece | None:
    """None where something is not enclosed."""
    end, piece = singular_ends(problem)[side], smooth_pieces(problem)[-side]
    length = abs(cut - end.at) if isinstance(end, Frobenius) else math.inf
    if not isinstance(end, Frobenius) or length > piece.right - piece.left:
        return None
    order = round(end.weight - 2 * end.exponent + 1)  # a
    reach = length + 8 * EPS * (length + abs(end.at))  # the end may be rounded
    place = NextToEnd(problem.coordinate, problem.interval[side], end.direction, reach, problem.values)
    scale = _rounded(reach ** (1 - order))
    try:
        p, rise, q, w = (
            model_at_end(part, place)
            for part in (piece.p, end.direction * sp.diff(piece.p, problem.coordinate), piece.q, piece.w)
        )
        # r = q - (p phi')'/phi, phi = y^s, and y^(a - 2) is no part of it: s solves the indicial equation
        s = _rounded(end.exponent)
        first, second = (
            constant(s * (s + point(-1.0)) * _rounded(reach**-2)),
            constant(s * _rounded(1 / reach)),
        )
        r = q + -(first * p.shifted(-2) + second * rise.shifted(-1))
        if r.valuation == order - 2 and r.may_vanish():
            r = r.without_leading()
        kinetic = p.shifted(-order).range().low * reach**-order
        rest, mass = (part.shifted(1 - order).range() * scale for part in (r, w))
    except NoModelError:
        return None
    return _EndPiece(length, order, end.weight, end.exponent, float(kinetic) * (1 - 4 * EPS), rest, mass)


def _rounded(value: float) -> Interval:
    """What a rounded number stands for."""
    return outwards(*[np.asarray(value)] * 2)
