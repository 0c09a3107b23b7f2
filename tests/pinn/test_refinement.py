"""Pieces are cut where solved states want it, and the best choice is kept."""

from __future__ import annotations

import math

import numpy as np
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


def test_margins_that_two_spikes_share_are_cut_once():
    """Peaks beside each other name places that differ by rounding; pieces between these had no width."""
    text = (
        "domain x in [0.38, 1.2850000000000001]\n"
        "potential V(x) = (2098.447644595387)/(1 + ((x - (0.57452))/0.00011745016089841472)^2)"
        " + 12.806548967144362*cos(3.559862702836418*x)\n"
        "equation -((1)*psi')' + V(x)*psi"
        " = E*(1 + (-0.6830135897627836)*exp(-((x - (1.283))/0.048212883288191365)^2))*psi\n"
        "boundary bloch(3.471373097889274)\nfind states 0..4\n"
    )
    solution = qdsl.solve(qdsl.parse(text))
    edges = solution.states.edges
    assert np.all(np.diff(edges) > 16 * np.finfo(float).eps * np.abs(edges[1:]))
    off = np.abs(solution.energies - solution.reference.energies)
    assert (off <= solution.bounds + solution.reference.errors)[solution.certificate.certified].all()
