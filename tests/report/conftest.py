"""Solutions written down by hand from textbooks, so that reports are tested without solving anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import sympy as sp
from numpy.polynomial import hermite

from qdsl.physics.problem import Parameter, Problem
from qdsl.solution import Outcome, Solution
from qdsl.states import States
from qdsl.verify import Certificate, Index, Reference

X = sp.Symbol("x", real=True)

Function = Callable[[np.ndarray], np.ndarray]


def solution_of(
    problem: Problem,
    energies: Sequence[float],
    psi: Function,
    edges: Sequence[float],
    *,
    certified: bool = True,
    converged: bool = True,
    message: str = "",
    report: dict[str, float | None] | None = None,
    expect: tuple[Outcome, ...] = (),
) -> Solution:
    """A Solution around known states; bounds 3e-5, differences to the reference 1e-12."""
    count = len(energies)
    exact = np.array(energies, dtype=float)
    states = States(
        numbers=problem.states,
        energies=exact,
        edges=np.array(edges, dtype=float),
        psi=psi,
        slope=lambda x: np.gradient(psi(x), x, axis=1),
        curvature=lambda x: np.zeros((count, len(x))),
        losses=lambda: tuple({"residual": 9e-10, "norm": 0.0, "orthogonality": 0.0} for _ in range(count)),
    )
    reference = Reference(
        energies=exact - 1e-12,
        errors=np.full(count, 1e-13),
        box=(float(edges[0]), float(edges[-1])),
        bracket=np.stack([exact, exact], axis=1),
    )
    certificate = Certificate(
        bounds=np.full(count, 3e-5),
        residuals=np.full(count, 2e-5),
        nodes=np.array(problem.states),
        index=(Index.OSCILLATION,) * count,
        certified=np.full(count, certified),
        converged=np.full(count, converged),
        differences=np.full(count, 1e-12),
        message=message,
    )
    seconds = {"parse": 0.01, "solve": 0.02, "verify": 0.03}
    return Solution(problem, states, reference, certificate, report or {}, expect, seconds)


@pytest.fixture
def infinite_well() -> Callable[..., Solution]:
    """-psi'' = E psi on [0, 1]: E_n = (n + 1)^2 pi^2."""

    def build(states: tuple[int, ...] = (0, 1, 2), **extra: object) -> Solution:
        problem = Problem(X, (sp.Integer(0), sp.Integer(1)), sp.Integer(0), states=states, title="A box")
        n = np.array(states)[:, None] + 1
        return solution_of(
            problem,
            [float((k + 1) ** 2 * np.pi**2) for k in states],
            lambda x: np.sqrt(2) * np.sin(n * np.pi * x),
            [0, 1],
            **extra,  # type: ignore[arg-type]
        )

    return build


@pytest.fixture
def oscillator() -> Solution:
    """-psi'' + k x^2 psi = E psi on the line, k = 1: E_n = 2 n + 1, in a box of [-12, 12]."""
    k = sp.Symbol("k", real=True)

    def psi(x: np.ndarray) -> np.ndarray:
        rows = [hermite.hermval(x, [0] * n + [1]) for n in range(4)]
        norms = [np.sqrt(2.0**n * math.factorial(n) * np.sqrt(np.pi)) for n in range(4)]
        return np.array([row / float(norm) for row, norm in zip(rows, norms, strict=True)]) * np.exp(
            -(x**2) / 2
        )

    problem = Problem(
        X,
        (-sp.oo, sp.oo),
        k * X**2,
        states=(0, 1, 2, 3),
        parameters=(Parameter(k, sp.Integer(1), doc="stiffness"),),
        title="Oscillator",
    )
    return solution_of(problem, [1, 3, 5, 7], psi, [-12, 12])


@pytest.fixture
def high_walls() -> Solution:
    """A well of width 2 between walls of 1e6 that reach to x = 30 on both sides."""
    n = np.array([[1], [2]])

    def psi(x: np.ndarray) -> np.ndarray:
        return np.where(np.abs(x) < 1, np.sin(n * np.pi * (x + 1) / 2), 0.0)

    problem = Problem(
        X,
        (sp.Integer(-30), sp.Integer(30)),
        sp.Piecewise((0, sp.Abs(X) < 1), (1_000_000, True)),
        states=(0, 1),
        title="Walls",
    )
    return solution_of(problem, [(np.pi / 2) ** 2, np.pi**2], psi, [-30, -1, 1, 30])
