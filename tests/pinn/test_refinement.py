"""Pieces are cut where solved states want it, and the best choice is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import qdsl
from qdsl.pinn.coefficients import compile_coefficients
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import collocate_by
from qdsl.pinn.joints import join
from qdsl.pinn.loss import residual_squared
from qdsl.pinn.measures import measured
from qdsl.pinn.pieces import cut_around
from qdsl.pinn.trial import FOURIER, Trial, random_bubbles


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


def test_margins_that_are_found_twice_are_cut_once() -> None:
    """Intervals of several sizes name places that differ by 1e-14; pieces between these spoilt the states."""
    text = (
        "domain x in [0.38, 1.2850000000000001]\n"
        "potential V(x) = (2098.447644595387)/(1 + ((x - (0.57452))/0.00011745016089841472)^2)"
        " + 12.806548967144362*cos(3.559862702836418*x)\n"
        "equation -((1)*psi')' + V(x)*psi"
        " = E*(1 + (-0.6830135897627836)*exp(-((x - (1.283))/0.048212883288191365)^2))*psi\n"
        "boundary bloch(3.471373097889274)\nfind states 0..4\n"
    )
    solution = qdsl.solve(qdsl.parse(text))
    assert np.diff(solution.states.edges).min() > 1e-5
    assert solution.status == "certified"
    assert (np.abs(solution.certificate.differences) <= solution.bounds + solution.reference.errors).all()


def test_residuals_of_rounding_alone_are_not_refined() -> None:
    """Half a wave in pieces that get 1e-7 short: psi'' has no digits left there, and psi all of them."""
    problem = qdsl.parse("domain x in [0, 1]\npotential V(x) = 0\nfind states 0..0")
    coefficients = compile_coefficients(problem)
    edges = np.array([0.0, 0.3, *(0.3 + 1e-7 * 4.0 ** np.arange(11)), 1.0])
    cuts = torch.from_numpy(edges)
    trial = Trial(cuts, join(problem, coefficients, cuts), random_bubbles(FOURIER, 0))
    at, finer = collocate_by(trial, coefficients, (48, 72))
    energies, unknowns = assemble(trial, trial.gauss_basis(48), at).lowest(1)
    jet = trial.combine(trial.gauss_basis(72), trial.local(torch.from_numpy(unknowns)))
    raw = residual_squared(jet, torch.from_numpy(energies), finer).numpy()
    short = np.diff(edges) < 1e-3
    assert raw[short].max() > 1e-9
    assert (measured(trial, 72, unknowns, energies, finer).squared[short] == 0).all()


@given(
    st.lists(st.floats(0.01, 1), min_size=1, max_size=6),
    st.lists(st.floats(0, 1), min_size=1, max_size=3),
    st.floats(1e-9, 0.3),
)
def test_what_is_hidden_gets_pieces_of_its_size(
    widths: list[float], shares: list[float], near: float
) -> None:
    """Old edges stay; the piece of a place near an end is no wider than four times its distance."""
    edges = np.cumsum([0.0, *widths])
    places = np.array([edges[-1] * share for share in shares] + [edges[0] + near * widths[0]])
    cut = cut_around(edges, places)
    assert np.isin(edges, cut).all()
    assert [cut[0], cut[-1]] == [edges[0], edges[-1]]
    assert (np.diff(cut) > 0).all()
    after = int(np.searchsorted(cut, places[-1]))
    assert cut[after] - cut[after - 1] <= 4 * near * widths[0] * (1 + 1e-9)
