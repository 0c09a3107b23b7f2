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

import numpy as np
import sympy as sp

from qdsl.physics.enclosure import enclose
from qdsl.physics.endpoints import Frobenius, singular_ends
from qdsl.physics.intervals import Interval
from qdsl.physics.piecewise import put
from qdsl.physics.problem import Problem
from qdsl.states import Array
from qdsl.verify.cells import enclosed
from qdsl.verify.coefficients import Coefficients

# Where a singular end is cut off, relative to the piece at that end.
NEAR = 1e-3
PANELS = 40
"""Panels of the outside, each twice as wide as the one before it, and the rest, to infinity or the end."""
SAMPLES = 64


def outside_floor(problem: Problem, c: Coefficients, box: tuple[float, float], side: int) -> float:
    """No q/w beyond an end of the box lies below it; inf if nothing is beyond, -inf if nothing is known."""
    at, end = box[side], c.domain[side]
    outward = 1.0 if side == 1 else -1.0
    if at == end:
        return math.inf
    if any(strength < 0 and outward * (place - at) >= 0 for place, strength in c.deltas):
        return -math.inf  # a level may be bound out there
    steps = np.append(0.5 * (box[1] - box[0]) * (2.0 ** np.arange(PANELS) - 1), math.inf)
    beyond = np.unique(np.minimum(steps, outward * (end - at)))
    edges = at + beyond if side == 1 else (at - beyond)[::-1]
    q, w = enclosed(problem, problem.q, edges), enclosed(problem, problem.w, edges)
    least = _least(q, w)
    if not np.isfinite(least).all():
        nested = _nested(problem.q, problem.coordinate)
        least = np.fmax(least, _least(enclosed(problem, nested, edges), w))
    return float(least.min())


def _nested(q: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The same with its polynomial terms in Horner's form.

    On infinite intervals it tells what a sum does not: x^4 - 8 x^2 + x = x (x (x^2 - 8) + 1) rises for ever.
    """
    terms = sp.Add.make_args(q)
    powers = [term for term in terms if term.is_polynomial(x)]
    return sp.Add(sp.horner(sp.Add(*powers), x), *(term for term in terms if term not in powers))


def _least(q: Interval, w: Interval) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        least = np.where(q.low >= 0, q.low / w.high, q.low / w.low)
    return np.where((w.low > 0) & ~np.isnan(least), least, -np.inf)


@dataclass(frozen=True)
class _EndPiece:
    """What the estimates need of the piece between a singular end and the cut: h, a, b, s, A and p1.

    `enclosed`: whether A is.  Where r hides a difference of poles that interval arithmetic cannot take
    (1/sinh(y)^2 - 1/y^2), twice the largest of 64 samples stands in for it.
    """

    length: float
    order: float
    weight: float
    exponent: float
    pull: float
    kinetic: float
    enclosed: bool


def singular_term(
    problem: Problem, c: Coefficients, side: int, cut: float, energy: float, sign: float
) -> float | None:
    """A bound of the form between a singular end and the cut, per |psi|^2 at the cut; None if unknown.

    `sign` +1 asks for the one from above, -1 for the one from below.
    """
    end = _end_piece(problem, c, side, cut, energy)
    if end is None or not (math.isfinite(end.pull) and end.kinetic > 0):
        return None
    p = enclosed(problem, problem.p, np.array([cut, cut]))
    slack = end.pull * end.length**end.order / (end.weight + 1)
    if sign > 0:
        return float(p.high[0]) * end.exponent / end.length + slack
    if 4 * end.length * end.pull > end.kinetic * (end.weight + 1) ** 2:
        return None
    return float(p.low[0]) * end.exponent / end.length - 2 * slack


def is_enclosed(problem: Problem, c: Coefficients, side: int, cut: float) -> bool:
    """Whether no samples stand in for an enclosure between a singular end and the cut."""
    end = _end_piece(problem, c, side, cut, 0.0)
    return end is None or end.enclosed


def _end_piece(problem: Problem, c: Coefficients, side: int, cut: float, energy: float) -> _EndPiece | None:
    end = singular_ends(problem)[side]
    if not isinstance(end, Frobenius):
        return None
    length = abs(cut - end.at)
    order = end.weight - 2 * end.exponent + 1  # a
    y = sp.Dummy("y", positive=True)
    exact = sp.Integer(round(order)) if abs(order - round(order)) < 1e-12 else sp.Float(order)
    place = problem.interval[side] + end.direction * y

    def near(expression: sp.Expr, power: sp.Expr) -> tuple[float, float]:
        scaled = sp.expand(put(expression, problem.coordinate, place) * y**power)
        found = enclose(scaled, problem.values, y, np.zeros(1), np.array([length]))
        return float(found.low[0]), float(found.high[0])

    kinetic, _ = near(problem.p, -exact)
    pull = max(abs(bound) for bound in near(end.potential - energy * problem.w, 1 - exact))
    proven, rest = math.isfinite(pull), c.remainders[side]
    if not proven and rest is not None:
        distance = length * (np.arange(SAMPLES) + 0.5) / SAMPLES
        x = end.at + end.direction * distance
        pull = 2 * float(np.abs((rest(x) - energy * c.w(x)) * distance ** (1 - order)).max())
    return _EndPiece(length, order, end.weight, end.exponent, pull, kinetic, proven)
