"""A dense Legendre spectral-element solver: the classical yardstick of the speed benchmark.

The elements are the smooth pieces of the potential, each split evenly; on every element psi is expanded
in integrated Legendre polynomials (hats and bubbles), and the dense generalised eigenproblem goes to
scipy.linalg.eigh.  `fastest` searches elements and degree for the quickest setting that reaches an
accuracy, as someone would who tunes such a solver by hand for one problem.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import scipy.linalg
from numpy.polynomial import legendre

Potential = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Setting:
    edges: np.ndarray
    degree: int


@dataclass(frozen=True)
class Element:
    """Gauss points and weights (points,), and the degree + 1 basis functions and their slopes there."""

    t: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    slope: np.ndarray


Tables = Callable[[int], Element]
"""Gives the reference element of a degree: made anew in every solve, or kept from the first one on."""


def made(degree: int) -> Element:
    """The reference element, made from nothing."""
    t, weight = legendre.leggauss(degree + 4)
    polynomial = legendre.legvander(t, degree).T
    k = np.arange(2, degree + 1)[:, None]
    size = np.sqrt((2 * k - 1) / 2)
    values = (polynomial[2:] - polynomial[:-2]) / (2 * k - 1) * size
    hats, flat = np.stack([(1 - t) / 2, (1 + t) / 2]), np.full((1, len(t)), 0.5)
    slopes = np.concatenate([-flat, flat, polynomial[1:-1] * size])
    return Element(t, weight, np.concatenate([hats, values]), slopes)


kept = cache(made)


def solve(potential: Potential, p: float, setting: Setting, states: int, tables: Tables) -> np.ndarray:
    """The lowest energies of -(p psi')' + V psi = E psi with psi = 0 at both ends.

    The states are computed too, and thrown away: `ritz` has them as well.
    """
    element = tables(setting.degree)
    t, weight, value, slope = element.t, element.weight, element.value, element.slope
    half = np.diff(setting.edges) / 2
    x = (setting.edges[:-1] + half)[:, None] + half[:, None] * t
    q = potential(x)
    stiffness = (p / half)[:, None, None] * ((slope * weight) @ slope.T)
    stiffness = stiffness + (value * (half[:, None] * weight * q)[:, None, :]) @ value.T
    mass = half[:, None, None] * ((value * weight) @ value.T)
    elements, inner = len(half), setting.degree - 1
    size = elements + 1 + elements * inner
    k, m = np.zeros((size, size)), np.zeros((size, size))
    for i in range(elements):
        own = elements + 1 + i * inner
        index = np.r_[i, i + 1, own : own + inner]
        k[index[:, None], index] += stiffness[i]
        m[index[:, None], index] += mass[i]
    keep = np.r_[1:elements, elements + 1 : size]
    energies, _ = scipy.linalg.eigh(
        k[keep[:, None], keep],
        m[keep[:, None], keep],
        subset_by_index=(0, states - 1),
        check_finite=False,
    )
    return energies


def settings(pieces: Sequence[float]) -> list[Setting]:
    """Every smooth piece in 1 to 8 even elements, degrees 6 to 40."""
    found = []
    for split in (1, 2, 3, 4, 6, 8):
        parts = [np.linspace(a, b, split + 1)[:-1] for a, b in pairwise(pieces)]
        edges = np.append(np.concatenate(parts), pieces[-1])
        found += [Setting(edges, degree) for degree in range(6, 41, 2)]
    return found


def fastest(
    potential: Potential,
    p: float,
    pieces: Sequence[float],
    exact: np.ndarray,
    accuracy: float,
    tables: Tables,
) -> Setting:
    """The setting with the shortest time whose energies are all within `accuracy`, relative."""
    best, best_time = None, np.inf
    for setting in settings(pieces):
        size = len(setting.edges) * setting.degree
        if size > 400 or size < len(exact) + 4:
            continue
        try:
            energies = solve(potential, p, setting, len(exact), tables)
        except np.linalg.LinAlgError:
            continue
        if np.max(np.abs(energies - exact) / np.abs(exact)) > accuracy:
            continue
        taken = min(_time(lambda s=setting: solve(potential, p, s, len(exact), tables)) for _ in range(5))
        if taken < best_time:
            best, best_time = setting, taken
    if best is None:
        raise RuntimeError("no setting reaches the accuracy")
    return best


def _time(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
