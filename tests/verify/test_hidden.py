"""What hides between the points of the quadrature is noticed, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import qdsl
from qdsl import adapting
from qdsl.physics.problem import Problem
from qdsl.verify import coefficients
from qdsl.verify.hidden import hidden

X = sp.Symbol("x", real=True)
POINTS = (np.arange(80) + 0.37) / 80


@pytest.mark.parametrize("at", [1e-3, 0.3123, 0.998])
@pytest.mark.parametrize("width", [1e-9, 1e-5])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_spike_between_the_points(at: float, width: float, sign: int) -> None:
    spike = sign * sp.Float(1e-3 / width) / sp.cosh((X - sp.Float(at)) / width) ** 2
    place = hidden(Problem(X, (0, 1), 50 * X**2 + spike), POINTS, (0.0, 1.0))
    assert place == pytest.approx(at, abs=20 * width)


@pytest.mark.parametrize(
    "potential", [50 * X**2, sp.cos(60 * X), (X**3 - X) ** 2 * 1000, sp.exp(9 * X), sp.Abs(X - 0.4), 1 / X]
)
def test_nothing_hides_in_what_the_points_show(potential: sp.Expr) -> None:
    assert hidden(Problem(X, (0, 1), potential), POINTS, (0.0, 1.0)) is None


@pytest.mark.parametrize(
    "needle", ["1e4*exp(-(x/1e-4)^2)", "1e9*exp(-(x/1e-4)^2)", "1e3/cosh((x - 2)/1e-6)^2"]
)
def test_no_certificate_for_what_was_not_seen(needle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solver, reference and quadrature agree about a line without the needle when none looks for it."""
    for module in (coefficients, pytest.importorskip("qdsl.pinn.box")):
        monkeypatch.setattr(module, "narrow_features", lambda _: ())
    monkeypatch.setattr(adapting, "ROUNDS", 0)  # the smaller pieces of a second look may come upon it
    solution = qdsl.solve(
        qdsl.parse(f"domain x in [-10, 10]\npotential V(x) = |x| - {needle}\nfind states 0..2")
    )
    assert solution.status == "not certified"
    assert "a narrow feature of the equation at x = " in solution.message
