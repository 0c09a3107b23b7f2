"""Pieces at a singular end: there psi = phi v, phi = y^s, and v is what the trial function represents.

v solves -(P v')' + Q v = E W v with P = p phi^2, Q = (q - (p phi')'/phi) phi^2, W = w phi^2 (see
`qdsl.physics.endpoints`), so the piece is one like any other, with these coefficients and a Gauss-Jacobi
rule.  (P v')' and the rest are phi times what they are for psi, and so the residual of v, squared and
divided by W, is that of psi, squared and divided by w.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
import torch
from torch import Tensor

from qdsl.physics.endpoints import Frobenius, singular_ends
from qdsl.physics.piecewise import slope
from qdsl.physics.problem import Problem
from qdsl.pinn.compile import Program, compile_expressions
from qdsl.pinn.jets import Jet


@dataclass(frozen=True)
class Gauge:
    """The factor phi at one end; `program` gives P, P', Q, W at points of the piece, and of nothing else."""

    end: Frobenius
    coordinate: sp.Symbol
    program: Program

    @property
    def side(self) -> int:
        """0 at the left end of the domain, 1 at the right one."""
        return 0 if self.end.direction > 0 else 1

    def coefficients(self, x: Tensor) -> tuple[Tensor, ...]:
        """P, P', Q, W at points x, each of the shape of x."""
        return tuple(value.expand(x.shape) for value in self.program({self.coordinate: x}, x))

    def factor(self, x: Tensor) -> Tensor:
        """phi at points x."""
        return self._distance(x) ** self.end.exponent

    def rate(self, x: Tensor) -> Tensor:
        """phi'/phi at points x."""
        return self.end.direction * self.end.exponent / self._distance(x)

    def psi(self, x: Tensor, v: Jet) -> Jet:
        """The jet of psi = phi v at x (points,), from that of v (1, points, states); derivatives in x."""
        s, direction, y = self.end.exponent, self.end.direction, self._distance(x)[:, None]
        phi, slope, curvature = (
            y**s,
            direction * s * y ** (s - 1) if s else torch.zeros_like(y),
            s * (s - 1) * y ** (s - 2) if s not in (0.0, 1.0) else torch.zeros_like(y),
        )
        return Jet(
            phi * v.value,
            phi * v.slope + slope * v.value,
            phi * v.curvature + 2 * slope * v.slope + curvature * v.value,
        )

    def rule(self, count: int) -> tuple[Tensor, Tensor]:
        """Gauss-Jacobi points t on [-1, 1], increasing, and plain weights for what contains phi^2."""
        return _jacobi(count, self.end.weight, self.side)

    def _distance(self, x: Tensor) -> Tensor:
        tiny = torch.finfo(x.dtype).tiny
        return (self.end.direction * (x - self.end.at)).clamp(min=tiny)


@lru_cache(maxsize=64)
def _jacobi(count: int, exponent: float, side: int) -> tuple[Tensor, Tensor]:
    """The rule of weight (1 +- t)^exponent, zero at the singular end, with that weight divided out."""
    from scipy.special import roots_jacobi

    t, weight = (torch.from_numpy(part) for part in roots_jacobi(count, 0.0, exponent))
    weight = weight / (1 + t) ** exponent
    return (t, weight) if side == 0 else (-t.flip(0), weight.flip(0))


def compile_gauges(problem: Problem) -> tuple[Gauge | None, Gauge | None]:
    """The gauges of the two ends; None at ends that need none.

    Raises ProblemError when the potential has no ground state at an end.
    """
    left, right = (
        _gauge(problem, end) if isinstance(end, Frobenius) else None for end in singular_ends(problem)
    )
    return left, right


def _gauge(problem: Problem, end: Frobenius) -> Gauge:
    x, square = problem.coordinate, end.factor**2
    stiffness = problem.p * square
    expressions = (
        stiffness,
        slope(stiffness, x),
        sp.Mul(*(end.potential, square)) if not end.potential.is_Add else _distributed(end.potential, square),
        problem.w * square,
    )
    return Gauge(end, x, compile_expressions(expressions).bound(problem.values))


def _distributed(potential: sp.Expr, square: sp.Expr) -> sp.Expr:
    """potential * phi^2 term by term, so that y^-1 y^(2 s) is one power."""
    return sp.Add(*(term * square for term in potential.args))
