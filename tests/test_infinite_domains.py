"""Boxes on infinite domains, end to end: deep, shallow, far away, and states that do not exist.

Closed forms of V = -L (L + 1) / cosh(x)^2: E_n = -(L - n)^2 for n < L (Pöschl and Teller, 1933).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import qdsl


def solve(potential: str, states: str = "state 0") -> qdsl.Solution:
    return qdsl.solve(qdsl.parse(f"domain x in (-inf, inf)\npotential V(x) = {potential}\nfind {states}\n"))


def trusted(solution: qdsl.Solution) -> bool:
    return solution.status == "certified" and solution.converged


def test_all_states_of_a_smooth_well_up_to_the_barely_bound():
    solution = solve("-20/cosh(x)^2", "states 0..3")
    assert trusted(solution), solution.message
    np.testing.assert_allclose(solution.energies, [-16, -9, -4, -1], rtol=1e-9)


@pytest.mark.parametrize("strength", [0.2, 0.1, 0.05])
def test_a_smooth_well_too_shallow_for_the_phase_integral(strength):
    """The phase integral never reaches pi/2: WKB says that there is no bound state."""
    solution = solve(f"-{strength * (strength + 1)!r}/cosh(x)^2")
    assert trusted(solution), solution.message
    # The energy is much smaller than the potential: its error is relative to the kinetic energy too.
    assert abs(solution.energies[0] + strength**2) <= 1e-9 * strength**2 + 1e-15
    assert solution.box[1] > 20 / strength


@pytest.mark.parametrize("depth", [0.05, 0.1, 1.0])
def test_a_square_well_always_binds(depth):
    """Half width 1: k tan k = sqrt(depth - k^2)."""
    k = brentq(lambda k: k * math.tan(k) - math.sqrt(depth - k * k), 1e-9, min(math.sqrt(depth), 1.57))
    solution = solve(f"{{ 0 if |x| < 1; {depth} otherwise }}")
    assert trusted(solution), solution.message
    assert solution.energies[0] == pytest.approx(k * k, rel=1e-9)


def test_a_well_far_from_the_origin_is_found():
    solution = solve("(x - 1000)^2", "states 0..2")
    assert trusted(solution), solution.message
    np.testing.assert_allclose(solution.energies, [1, 3, 5], rtol=1e-9)


@pytest.mark.parametrize(
    ("potential", "number"), [("-20/cosh(x)^2", 4), ("{ 0 if |x| < 1; 1 otherwise }", 1)]
)
def test_a_state_that_is_not_bound_is_an_error(potential, number):
    with pytest.raises(qdsl.QdslError, match=f"does not hold state {number}"):
        solve(potential, f"states 0..{number}")
