"""A problem in numbers: p, q, w as functions of numpy arrays (verify's own column), and the conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from qdsl.physics import numeric
from qdsl.physics.analysis import singular_points
from qdsl.physics.endpoints import Frobenius, singular_ends
from qdsl.physics.features import narrow_features
from qdsl.physics.intervals import EPS
from qdsl.physics.piecewise import slope
from qdsl.physics.problem import Bloch, EndCondition, Neumann, Problem, Robin
from qdsl.states import Array
from qdsl.verify.singular import LARGE, SingularEnd, singular_end

Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Coefficients:
    """-(p psi')' + q psi = E w psi in numbers.

    `p`, `slope` (= p'), `q`, `w` take points of any shape strictly inside the domain and return values
    of the same shape.  `cuts` are the points where one of them is not smooth, as far as the symbolic
    analysis knows, those around narrow features, and the places of the point interactions; nothing in this
    folder takes for granted that the list is complete.
    `ratios`: psi'/psi at each end; None where psi = 0 there or where the domain is infinite.
    `phase`: psi and flux at the right end are exp(i phase) times those at the left; None for separated ends.
    `singular`: what is singular at each end, and `remainders`: q - (p phi')'/phi there; see `singular`.
    `powers`: psi grows at least with this power of the distance to each end where psi = 0.
    `deltas`: places and strengths of the point interactions, those at one place added up.
    """

    domain: tuple[float, float]
    cuts: tuple[float, ...]
    p: Function
    slope: Function
    q: Function
    w: Function
    varies: bool
    ratios: tuple[float | None, float | None] = (None, None)
    phase: float | None = None
    deltas: tuple[tuple[float, float], ...] = ()
    singular: tuple[SingularEnd | None, SingularEnd | None] = (None, None)
    remainders: tuple[Function | None, Function | None] = (None, None)
    powers: tuple[float, float] = (1.0, 1.0)

    def strengths(self, edges: Array) -> Array:
        """What the quadratic form adds to int p |psi'|^2 + q |psi|^2 at each edge, per |psi|^2 there.

        g at a point interaction, p psi'/psi at a left and -p psi'/psi at a right end of the domain.
        """
        result = np.zeros(edges.shape)
        for at, strength in self.deltas:
            if edges[0] < at < edges[-1]:
                result[np.abs(edges - at).argmin()] += strength
        for side, sign in ((0, 1.0), (-1, -1.0)):
            ratio = self.ratios[side]
            if ratio and edges[side] == self.domain[side]:
                inside = edges[side] + sign * 16 * EPS * max(abs(edges[side]), edges[-1] - edges[0])
                result[side] += sign * ratio * float(self.p(np.array([inside]))[0])
        return result

    def at(self, x: Array) -> tuple[Array, Array, Array]:
        """p, q, w at the points x."""
        return self.p(x), self.q(x), self.w(x)


@lru_cache(maxsize=64)
def coefficients(problem: Problem) -> Coefficients:
    """The numpy functions of a problem with its parameters' values.

    The potential is evaluated from the full symbolic expression, case distinctions included, so that
    a piece wrongly chosen by the solver cannot be chosen wrongly here too.
    """
    left, right = (problem.number(end) for end in problem.interval)
    deltas: dict[float, float] = {}
    for delta in problem.deltas:
        at = problem.number(delta.location)
        deltas[at] = deltas.get(at, 0.0) + problem.number(delta.strength)
    special = singular_ends(problem)
    frobenius = [end if isinstance(end, Frobenius) and end.exponent <= LARGE else None for end in special]
    powers = [end.exponent if isinstance(end, Frobenius) else 1.0 for end in special]
    left_end, right_end = (singular_end(end) if end else None for end in frobenius)
    left_rest, right_rest = (function(problem, end.potential) if end else None for end in frobenius)
    cuts = {point.at for point in singular_points(problem) if left < point.at < right}
    cuts.update(narrow_features(problem))
    ratios: tuple[float | None, float | None] = (None, None)
    phase = None
    if isinstance(problem.boundary, Bloch):
        phase = math.remainder(problem.number(problem.boundary.phase), 2 * math.pi)
    elif problem.ends is not None:
        ratios = _ratio(problem, problem.ends[0]), _ratio(problem, problem.ends[1])
    return Coefficients(
        domain=(left, right),
        cuts=tuple(sorted(cuts | deltas.keys())),
        p=function(problem, problem.p),
        slope=function(problem, slope(problem.p, problem.coordinate)),
        q=function(problem, problem.q),
        w=function(problem, problem.w),
        varies=problem.coordinate in (problem.p.free_symbols | problem.w.free_symbols),
        ratios=ratios,
        phase=phase,
        deltas=tuple(deltas.items()),
        singular=(left_end, right_end),
        remainders=(left_rest, right_rest),
        powers=(powers[0], powers[1]),
    )


def _ratio(problem: Problem, end: EndCondition) -> float | None:
    match end:
        case Neumann():
            return 0.0
        case Robin():
            return problem.number(end.ratio)
    return None


def function(problem: Problem, expression: sp.Expr) -> Function:
    """An expression in the coordinate and the parameters as a function of arrays of any shape.

    Values that overflow are cut off at 1e200 (walls like r^-12 or exp), so that sums stay finite.
    """
    coordinate, values = problem.coordinate, problem.values
    if coordinate not in expression.free_symbols:
        constant = problem.number(expression)
        return lambda x: np.full(np.shape(x), constant)

    value = numeric.function(expression, coordinate, values)
    return lambda x: np.minimum(np.maximum(value(x), -1e200), 1e200)
