"""The coefficients p, q, w of a problem as functions of numpy arrays, through verify's own column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp

from qdsl.physics.analysis import singular_points
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Problem
from qdsl.states import Array

Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Coefficients:
    """-(p psi')' + q psi = E w psi in numbers.

    `p`, `slope` (= p'), `q`, `w` take points of any shape strictly inside the domain and return values
    of the same shape.  `cuts` are the points where one of them is not smooth, as far as the symbolic
    analysis knows; nothing in this folder takes for granted that the list is complete.
    """

    domain: tuple[float, float]
    cuts: tuple[float, ...]
    p: Function
    slope: Function
    q: Function
    w: Function
    varies: bool

    def at(self, x: Array) -> tuple[Array, Array, Array]:
        """p, q, w at the points x."""
        return self.p(x), self.q(x), self.w(x)


def coefficients(problem: Problem) -> Coefficients:
    """The numpy functions of a problem with its parameters' values.

    The potential is evaluated from the full symbolic expression, case distinctions included, so that
    a piece wrongly chosen by the solver cannot be chosen wrongly here too.
    """
    left, right = (problem.number(end) for end in problem.interval)
    cuts = tuple(point.at for point in singular_points(problem) if left < point.at < right)
    slope = sp.diff(problem.p, problem.coordinate)
    return Coefficients(
        domain=(left, right),
        cuts=cuts,
        p=function(problem, problem.p),
        slope=function(problem, slope),
        q=function(problem, problem.q),
        w=function(problem, problem.w),
        varies=problem.coordinate in (problem.p.free_symbols | problem.w.free_symbols),
    )


def function(problem: Problem, expression: sp.Expr) -> Function:
    """An expression in the coordinate and the parameters as a function of arrays of any shape.

    Values that overflow are cut off at 1e200 (walls like r^-12 or exp), so that sums stay finite.
    """
    coordinate, values = problem.coordinate, problem.values
    if coordinate not in expression.free_symbols:
        constant = problem.number(expression)
        return lambda x: np.full(np.shape(x), constant)

    def apply(x: Array) -> Array:
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            flat = evaluate(expression, {**values, coordinate: x.ravel()})
        return np.clip(np.broadcast_to(flat, (x.size,)).reshape(x.shape), -1e200, 1e200)

    return apply
