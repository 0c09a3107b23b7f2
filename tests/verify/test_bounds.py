"""Rayleigh-Ritz and Lehmann bounds against exact eigenvalues: matrices stand in for the operator."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.verify.bounds import Side, lehmann_bounds, ritz_upper_bounds
from qdsl.verify.gram import Gram
from qdsl.verify.levels import _without_near_poles

SIZE = 12


def _gram(levels: np.ndarray, chosen: list[int], error: float, seed: int, complex_: bool = False) -> Gram:
    """Products of the eigenvectors `chosen` of diag(levels), each with an error of that size."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(len(chosen), SIZE))
    if complex_:
        noise = noise + 1j * rng.normal(size=noise.shape)
    phi = np.eye(SIZE)[chosen] + error * noise / math.sqrt(SIZE)
    phi /= np.linalg.norm(phi, axis=1)[:, None]
    energies = (np.abs(phi) ** 2 * levels).sum(axis=1)
    off = (levels - energies[:, None]) * phi
    none = np.zeros((len(chosen), len(chosen)))
    left = phi.conj()
    return Gram(energies, left @ phi.T, left @ off.T, off.conj() @ off.T, none, none, none)


def _levels(steps: list[float]) -> np.ndarray:
    """Increasing, some of them equal, with gaps below and above numbers 4 to 7."""
    return np.cumsum(steps) + 0.1 * (np.arange(SIZE) >= 4) + 0.1 * (np.arange(SIZE) >= 8) - 5


LEVELS = st.lists(st.floats(0, 3), min_size=SIZE, max_size=SIZE).map(_levels)


@given(LEVELS, st.floats(1e-9, 0.05), st.integers(0, 10**6), st.booleans())
@settings(max_examples=200, deadline=None)
def test_levels_lie_in_their_intervals(levels: np.ndarray, error: float, seed: int, complex_: bool) -> None:
    """The lowest four, degenerate ones included, with a pole before the fifth; and four from the middle."""
    slack = 64 * np.finfo(float).eps * (np.ptp(levels) + 1)
    low = _gram(levels, [0, 1, 2, 3], error, seed, complex_)
    above = 0.5 * (levels[3] + levels[4])
    assert np.all(lehmann_bounds(low, above, Side.ABOVE) <= levels[:4] + slack)
    assert np.all(ritz_upper_bounds(low) >= levels[:4] - slack)
    middle = _gram(levels, [4, 5, 6, 7], error, seed, complex_)
    assert np.all(lehmann_bounds(middle, 0.5 * (levels[7] + levels[8]), Side.ABOVE) <= levels[4:8] + slack)
    assert np.all(lehmann_bounds(middle, 0.5 * (levels[3] + levels[4]), Side.BELOW) >= levels[4:8] - slack)


def test_one_state_is_the_bound_of_temple() -> None:
    gram = _gram(np.arange(SIZE) ** 2.0, [0], 0.1, 3)
    energy = gram.energies[0]
    r2 = gram.square[0, 0]  # E is the Rayleigh quotient: coupling is 0
    assert gram.coupling[0, 0] == pytest.approx(0, abs=1e-14)
    assert lehmann_bounds(gram, 0.9, Side.ABOVE)[0] == pytest.approx(energy - r2 / (0.9 - energy), rel=1e-12)


def test_quadratic_in_the_error_of_psi_for_close_pairs_too() -> None:
    """Two levels 1e-7 apart: a hundredth of the error makes the interval 10^4 times narrower."""
    levels = np.arange(SIZE) * 1.0
    levels[1] = 1e-7
    widths = []
    for error in (1e-3, 1e-5):
        gram = _gram(levels, [0, 1], error, 5)
        widths.append(ritz_upper_bounds(gram) - lehmann_bounds(gram, 1.5, Side.ABOVE))
    assert widths[0] / widths[1] == pytest.approx([1e4, 1e4], rel=0.05)


def test_far_levels_do_not_spoil_near_ones() -> None:
    """Each state pays for its own residual: a bad state 3 leaves the bound of state 0 alone."""
    levels = np.arange(SIZE) ** 2.0
    good, bad = _gram(levels, [0, 1, 2, 3], 1e-5, 1), _gram(levels, [3], 1e-2, 2)
    square = good.square.copy()
    square[3, 3] = bad.square[0, 0]
    mixed = dataclasses.replace(good, square=square)
    assert lehmann_bounds(mixed, 12.5, Side.ABOVE)[0] == pytest.approx(
        lehmann_bounds(good, 12.5, Side.ABOVE)[0], abs=1e-11
    )
    assert lehmann_bounds(mixed, 12.5, Side.ABOVE)[3] < lehmann_bounds(good, 12.5, Side.ABOVE)[3] - 1e-5


@pytest.mark.parametrize("part", ["overlap_error", "coupling_error", "square_error"])
def test_errors_of_the_products_widen_the_intervals(part: str) -> None:
    gram = _gram(np.arange(SIZE) ** 2.0, [0, 1, 2], 1e-3, 7)
    wider: Any = {part: np.full((3, 3), 1e-6)}
    worse = dataclasses.replace(gram, **wider)
    assert np.all(lehmann_bounds(worse, 6.0, Side.ABOVE) < lehmann_bounds(gram, 6.0, Side.ABOVE))
    assert np.all(ritz_upper_bounds(worse) >= ritz_upper_bounds(gram))


def test_nothing_is_bounded_where_a_state_lies_beyond_the_pole() -> None:
    gram = _gram(np.arange(SIZE) ** 2.0, [0, 1, 2], 1e-3, 7)
    assert np.all(lehmann_bounds(gram, 2.0, Side.ABOVE) == -math.inf)
    assert np.all(
        lehmann_bounds(dataclasses.replace(gram, energies=-gram.energies), -2.0, Side.BELOW) == math.inf
    )


def test_a_metric_that_is_not_known_well_takes_nothing_off_upper_bounds() -> None:
    """Energies above their Rayleigh quotients make the form negative, and a smaller metric more so."""
    levels = np.arange(SIZE) ** 2.0
    exact = _gram(levels, [0, 1], 0.0, 1)
    energies = exact.energies + 5
    coupling = np.diag(levels[:2] - energies)
    shifted = dataclasses.replace(
        exact,
        energies=energies,
        coupling=coupling,
        square=coupling**2,
        overlap_error=np.full((2, 2), 0.1),
    )
    assert np.all(ritz_upper_bounds(shifted) >= levels[:2])
    assert np.all(lehmann_bounds(shifted, 20.0, Side.ABOVE) <= levels[:2])


@pytest.mark.parametrize("complex_", [False, True])
def test_what_lapack_cannot_solve_bounds_nothing(complex_: bool) -> None:
    twice = _gram(np.arange(SIZE) ** 2.0, [0, 0], 0.0, 1, complex_)
    unknown = _gram(np.arange(SIZE) ** 2.0, [0, 1], 0.1, 1, complex_)
    unknown.coupling[0, 1] = math.nan
    for gram in (twice, unknown):
        assert (ritz_upper_bounds(gram) == math.inf).all()
        assert (lehmann_bounds(gram, 2.5, Side.ABOVE) == -math.inf).all()


def test_states_that_are_nearly_one_are_charged_for_the_solver() -> None:
    """Two states within 1e-7 of each other span the levels 0 and 1: Ritz values have lost 14 digits."""
    levels, close = np.arange(SIZE) ** 2.0, 1e-7
    phi = np.array([[1, close], [math.sqrt(1 - close**2), -close]])
    phi[0] /= np.linalg.norm(phi[0])
    energies = (phi**2 * levels[:2]).sum(axis=1)
    off = (levels[:2] - energies[:, None]) * phi
    none = np.zeros((2, 2))
    gram = Gram(energies, phi @ phi.T, phi @ off.T, off @ off.T, none, none, none)
    upper = ritz_upper_bounds(gram)
    assert upper[1] >= 1
    assert np.all(lehmann_bounds(gram, 2.5, Side.ABOVE) <= levels[:2])


@pytest.mark.parametrize(
    ("numbers", "gaps", "parts"),
    [
        ([0, 1, 2], [10, 10, 1], [[0, 1, 2]]),
        ([0, 1, 2], [10, 10, 1e-6], [[0, 1], [2]]),  # level 3 is as good as level 2
        ([0, 1, 2], [10, 1e-6, 1e-6], [[0], [1, 2]]),
        ([1, 2, 3], [1e-6, 10, 10, 10], [[0], [1, 2]]),
        ([1, 2, 3], [1e-6, 10, 10, 1e-6], [[0], [1], [2]]),
        ([0, 1], [10], [[0, 1]]),
        ([0], [1e-6, 10], [[0]]),
    ],
)
def test_runs_end_at_good_places_for_poles(
    numbers: list[int], gaps: list[float], parts: list[list[int]]
) -> None:
    found = _without_near_poles(numbers, np.arange(len(numbers)), np.array(gaps))
    assert [list(part) for part in found] == parts


def test_states_beyond_a_pole_bound_nothing() -> None:
    """All of them above what should be a pole above them: nothing is known of the levels below it."""
    gram = _gram(np.arange(SIZE) ** 2.0, [2, 3], 1e-3, 7)
    assert np.all(lehmann_bounds(gram, 2.0, Side.ABOVE) == -math.inf)
    assert np.all(lehmann_bounds(gram, 12.0, Side.BELOW) == math.inf)
