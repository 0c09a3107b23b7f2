"""Problems that several tests of the solver share, each with what is known of its levels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import brentq

from qdsl.physics.problem import Problem

X = sp.Symbol("x", real=True)


def cases(inside: float, condition: sp.Basic, outside: float) -> sp.Expr:
    return sp.Piecewise((inside, condition), (outside, True), evaluate=False)


def square_well_levels(depth: float, wall: float) -> list[float]:
    """Levels of V = 0 for |x| < 1, `depth` elsewhere, psi(+-wall) = 0, below `depth`."""

    def outside(k: float) -> float:
        kappa = math.sqrt(depth - k * k)
        return kappa / math.tanh(kappa * (wall - 1))

    levels, top, n = [], math.sqrt(depth), 0
    while n * math.pi / 2 < top:
        low, high = n * math.pi / 2 + 1e-9, min((n + 1) * math.pi / 2 - 1e-9, top - 1e-9)
        even = (lambda k: k * math.sin(k) - outside(k) * math.cos(k)) if n % 2 == 0 else None
        match_at = even or (lambda k: k * math.cos(k) + outside(k) * math.sin(k))
        if match_at(low) * match_at(high) < 0:
            levels.append(brentq(match_at, low, high, xtol=1e-15) ** 2)
        n += 1
    return levels


BOX = Problem(X, (0, 1), 0, states=tuple(range(5)), title="box")
OSCILLATOR = Problem(X, (-sp.oo, sp.oo), X**2, states=tuple(range(5)), title="oscillator")
WELL = Problem(X, (-4, 4), cases(0, sp.Abs(X) < 1, 20), states=(0, 1, 2), title="well")
BARRIER = Problem(
    X, (0, 1), cases(50, sp.Abs(X - sp.Rational(1, 2)) < sp.Rational(1, 10), 0), states=(0, 1, 2, 3)
)
MORSE = Problem(
    X,
    (0, sp.oo),
    0.1745 * (1 - sp.exp(-1.027 * (X - 1.4))) ** 2,
    p=sp.Float(1 / (2 * 918.076)),
    states=tuple(range(5)),
    title="morse",
)
COFFEY_EVANS = Problem(
    X, (-sp.pi / 2, sp.pi / 2), -40 * sp.cos(2 * X) + 400 * sp.sin(2 * X) ** 2, states=tuple(range(5))
)


def morse_levels() -> np.ndarray:
    omega = 1.027 * math.sqrt(2 * 0.1745 / 918.076)
    n = np.arange(5) + 0.5
    return omega * n - (omega * n) ** 2 / (4 * 0.1745)


KNOWN = {
    "box": (BOX, (np.arange(5) + 1) ** 2 * math.pi**2),
    "box, 50 states": (replace(BOX, states=tuple(range(50))), (np.arange(50) + 1) ** 2 * math.pi**2),
    "oscillator": (OSCILLATOR, 2 * np.arange(5) + 1.0),
    "well": (WELL, np.array(square_well_levels(20, 4)[:3])),
    # Reference values of the problem's description, to the digits given there.
    "barrier": (BARRIER, np.array([25.05968629, 41.63353143, 106.01743891, 165.04011642])),
    "morse": (MORSE, morse_levels()),
    # Beta = 20, from Pryce, Numerical Solution of Sturm-Liouville Problems (1993), problem 7.
    "coffey-evans": (
        COFFEY_EVANS,
        np.array([0, 77.91619567714, 151.46277834646, 151.46322365766, 151.46366898835]),
    ),
}


@pytest.fixture(params=KNOWN)
def known(request: pytest.FixtureRequest) -> tuple[Problem, np.ndarray]:
    return KNOWN[request.param]
