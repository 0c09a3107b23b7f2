"""Wavefunctions in closed form, as a method would hand them over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Problem
from qdsl.states import Array, States

X = sp.Symbol("x", real=True)
Function = Callable[[Array], Array]


def states_of(
    numbers: Sequence[int],
    energies: Sequence[float],
    edges: Sequence[float],
    functions: Sequence[tuple[Function, Function, Function]],
) -> States:
    """States from one (psi, psi', psi'') per state."""

    def stacked(order: int) -> Function:
        return lambda x: np.stack([np.broadcast_to(f[order](x), x.shape) for f in functions])

    return States(
        numbers=tuple(numbers),
        energies=np.array(energies, dtype=float),
        edges=np.array(edges, dtype=float),
        psi=stacked(0),
        slope=stacked(1),
        curvature=stacked(2),
        losses=lambda: tuple({} for _ in numbers),
    )


def sines(coefficients: Sequence[float], left: float, right: float) -> tuple[Function, Function, Function]:
    """sum_k c_k sqrt(2/L) sin(k pi (x - left)/L), k = 1, 2, …, with its derivatives."""
    c = np.array(coefficients, dtype=float)[:, None]
    k = np.arange(1, len(c) + 1)[:, None] * math.pi / (right - left)
    a = math.sqrt(2 / (right - left))
    return (
        lambda x: (a * c * np.sin(k * (x - left))).sum(axis=0),
        lambda x: (a * c * k * np.cos(k * (x - left))).sum(axis=0),
        lambda x: (-a * c * k**2 * np.sin(k * (x - left))).sum(axis=0),
    )


def box_problem() -> Problem:
    """-psi'' = E psi on [0, 1]: E_n = (n + 1)^2 pi^2."""
    return Problem(X, (0, 1), sp.Integer(0))


def box_states(numbers: Sequence[int]) -> States:
    functions = [sines(np.eye(n + 1)[n], 0, 1) for n in numbers]
    return states_of(numbers, [((n + 1) * math.pi) ** 2 for n in numbers], (0, 0.5, 1), functions)


def cosine_problem(height: float) -> Problem:
    """-psi'' + height cos(2 pi x) psi = E psi on [0, 1] (Mathieu)."""
    return Problem(X, (0, 1), sp.Float(height) * sp.cos(2 * sp.pi * X))


def cosine_states(height: float, count: int) -> States:
    """Its states: in the sine basis the matrix is exact and nearly tridiagonal, and converges at once.

    LAPACK's eigenvalues carry the rounding of the largest one, (60 pi)^2; Rayleigh quotients do not.
    """
    size = 60
    k = np.arange(1, size + 1)
    matrix = np.diag((k * math.pi) ** 2) + height / 2 * (np.eye(size, k=2) + np.eye(size, k=-2))
    matrix[0, 0] -= height / 2
    vectors = np.linalg.eigh(matrix)[1][:, :count]
    energies = np.einsum("in,ij,jn->n", vectors, matrix, vectors) / (vectors**2).sum(axis=0)
    functions = [sines(vector, 0, 1) for vector in vectors.T]
    return states_of(range(count), energies, (0, 0.5, 1), functions)


def harmonic_states(numbers: Sequence[int], end: float) -> States:
    """Hermite functions on [-end, end] for q = x^2, E_n = 2 n + 1."""

    def hermite(n: int) -> tuple[Function, Function, Function]:
        scale = 1 / math.sqrt(2.0**n * math.factorial(n) * math.sqrt(math.pi))
        h = np.polynomial.Hermite.basis(n)
        return (
            lambda x: scale * h(x) * np.exp(-(x**2) / 2),
            lambda x: scale * (h.deriv()(x) - x * h(x)) * np.exp(-(x**2) / 2),
            lambda x: scale * (x**2 - (2 * n + 1)) * h(x) * np.exp(-(x**2) / 2),
        )

    edges = np.linspace(-end, end, 7)
    return states_of(numbers, [2 * n + 1 for n in numbers], edges, [hermite(n) for n in numbers])


def _namespace() -> dict[str, object]:
    return {k: v for k, v in globals().items() if callable(v) or k == "X"}


@pytest.fixture(scope="session")
def analytic() -> type:
    """The functions of this file under one name."""
    return type("Analytic", (), {k: staticmethod(v) if callable(v) else v for k, v in _namespace().items()})
