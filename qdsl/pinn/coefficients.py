"""The compiled coefficients p, p', q, w of -(p psi')' + q psi = E w psi, as torch callables."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
import torch
from torch import Tensor

from qdsl.physics.problem import Problem
from qdsl.pinn.compile import Program, compile_expressions


@dataclass(frozen=True)
class Values:
    """p, p', q and w at some points, each of the points' shape."""

    p: Tensor
    dp: Tensor
    q: Tensor
    w: Tensor


@dataclass(frozen=True)
class Coefficients:
    """p, p', q, w as functions of a tensor of points, at one setting of the parameters."""

    coordinate: sp.Symbol
    parameters: tuple[tuple[sp.Symbol, float], ...]
    program: Program
    p_alone: Program

    def __call__(self, x: Tensor) -> Values:
        """Evaluate at points x (any shape, dtype and device kept).

        Points must lie inside the pieces: at a step of q the value is that of the case that claims
        the point.
        """
        return Values(*(value.expand(x.shape) for value in self.program(self._inputs(x), x)))

    def p(self, x: Tensor) -> Tensor:
        """p alone, at points x."""
        return self.p_alone(self._inputs(x), x)[0].expand(x.shape)

    def _inputs(self, x: Tensor) -> dict[sp.Symbol, Tensor | float]:
        return {self.coordinate: x, **dict(self.parameters)}


def compile_coefficients(problem: Problem) -> Coefficients:
    """Compile a problem's p, p', q and w; programs are shared by problems of the same shape."""
    derivative = sp.diff(problem.p, problem.coordinate)
    if derivative.has(sp.DiracDelta):  # at a step of p; between the edges of the pieces there is none
        derivative = derivative.replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    program = compile_expressions((problem.p, derivative, problem.q, problem.w))
    p_alone = compile_expressions((problem.p,))
    return Coefficients(problem.coordinate, tuple(problem.values.items()), program, p_alone)


def double(values: object) -> Tensor:
    """A float64 tensor on the CPU of anything array-like."""
    return torch.as_tensor(values, dtype=torch.float64)
