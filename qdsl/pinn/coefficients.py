"""The compiled coefficients p, p', q, w of -(p psi')' + q psi = E w psi: torch callables, and numpy ones.

Collocation, and all that is differentiated, is torch's.  Where few points are looked at, to lay out pieces,
numpy's column of the function table costs a fraction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp
import torch
from torch import Tensor

from qdsl.physics import numeric
from qdsl.physics.piecewise import slope
from qdsl.physics.problem import Problem, Robin
from qdsl.pinn.compile import Program, compile_expressions
from qdsl.pinn.singular import Gauge, compile_gauges
from qdsl.states import Array


@dataclass(frozen=True)
class Values:
    """p, p', q and w at some points, each of the points' shape."""

    p: Tensor
    dp: Tensor
    q: Tensor
    w: Tensor

    @property
    def all(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.p, self.dp, self.q, self.w


@dataclass(frozen=True)
class Attraction:
    """A place where a state may sit although q does not hold it, and its rate of decay from there."""

    at: float
    rate: float


@dataclass(frozen=True)
class Coefficients:
    """p, p', q, w as functions of points, at one setting of the parameters.

    `expressions` are p, q and w; `program` gives all four.  `gauges` belong to the singular ends of the
    domain; `attractive` are the point interactions and the ends that pull.
    """

    coordinate: sp.Symbol
    parameters: tuple[tuple[sp.Symbol, float], ...]
    expressions: tuple[sp.Expr, sp.Expr, sp.Expr]
    program: Program
    gauges: tuple[Gauge | None, Gauge | None] = (None, None)
    attractive: tuple[Attraction, ...] = ()

    def __call__(self, x: Tensor) -> Values:
        """Evaluate at points x (any shape, dtype and device kept).

        Points must lie inside the pieces: at a step of q the value is that of the case that claims
        the point.
        """
        return Values(*(value.expand(x.shape) for value in self._bound({self.coordinate: x}, x)))

    def p(self, x: Array) -> Array:
        """p alone, at points x of any shape, in numpy."""
        return self._functions[0](x)

    def sampled(self, x: Array) -> tuple[Array, Array, Array]:
        """p, q and w at points x of any shape, in numpy; those of a singular end as everywhere else."""
        p, q, w = (function(x) for function in self._functions)
        return p, q, w

    def on_pieces(self, points: Tensor) -> Values:
        """Evaluate at points (pieces, points) of all pieces; those of a singular end in its gauge."""
        values = self(points)
        for gauge in self.gauges:
            if gauge is not None:
                row = -gauge.side
                parts = gauge.coefficients(points[row])
                values = Values(*(_with_row(v, row, part) for v, part in zip(values.all, parts, strict=True)))
        return values

    @cached_property
    def _bound(self) -> Program:
        return self.program.bound(dict(self.parameters))

    @cached_property
    def _functions(self) -> tuple[Callable[[Array], Array], ...]:
        values = dict(self.parameters)
        return tuple(numeric.function(part, self.coordinate, values) for part in self.expressions)


@lru_cache(maxsize=64)
def compile_coefficients(problem: Problem) -> Coefficients:
    """Compile a problem's p, p', q and w; programs are shared by problems of the same shape."""
    program = compile_expressions((problem.p, slope(problem.p, problem.coordinate), problem.q, problem.w))
    return Coefficients(
        problem.coordinate,
        tuple(problem.values.items()),
        (problem.p, problem.q, problem.w),
        program,
        compile_gauges(problem),
        _attractive(problem),
    )


def _with_row(values: Tensor, row: int, replacement: Tensor) -> Tensor:
    changed = values.clone()
    changed[row] = replacement
    return changed


def _attractive(problem: Problem) -> tuple[Attraction, ...]:
    """Point interactions that pull, psi ~ exp(g |x - c|/(2 p)), and Robin ends that do, psi'/psi = ratio."""
    found = []
    for delta in problem.deltas:
        at, strength = problem.number(delta.location), problem.number(delta.strength)
        if strength < 0:
            p = numeric.number(problem.p, {**problem.values, problem.coordinate: at})
            found.append(Attraction(at, -strength / (2 * p)))
    for end, condition, sign in zip(problem.interval, problem.ends or (), (1, -1), strict=False):
        if isinstance(condition, Robin) and sign * problem.number(condition.ratio) < 0:
            found.append(Attraction(problem.number(end), abs(problem.number(condition.ratio))))
    return tuple(found)


def double(values: object) -> Tensor:
    """A float64 tensor on the CPU of anything array-like."""
    return torch.as_tensor(values, dtype=torch.float64)
