"""Pieces are cut where solved states want it, and the best choice is kept."""

from __future__ import annotations

import math

import pytest
from scipy.optimize import brentq

import qdsl


def test_a_state_that_wkb_does_not_see_gets_its_layers() -> None:
    """A well 1e-3 wide and 1e6 deep beside a wide one: at k h = 1 WKB sees no level in it.

    k tan(k h/2) = kappa in the narrow well; the shallow one, 3 away, does not reach into it (exp(-435*2.5)).
    """
    problem = qdsl.parse(
        "domain x in (-inf, inf)\n"
        "potential V(x) = { -1e6 if |x| < 5e-4; -3 if |x - 3| < 1/2; 0 otherwise }\nfind states 0..1\n"
    )
    deep = brentq(
        lambda e: math.sqrt(e + 1e6) * math.tan(math.sqrt(e + 1e6) * 5e-4) - math.sqrt(-e), -1e6, -1
    )
    solution = qdsl.solve(problem)
    assert solution.energies[0] == pytest.approx(deep, rel=1e-9)
    # rounding of the deep level in the bound of the shallow one
    assert (solution.bounds < 3e-9 * solution.certificate.scale).all()
    assert abs(solution.energies[0] - deep) <= solution.bounds[0]
