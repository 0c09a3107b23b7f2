"""More than a hundred problems with trusted levels: every energy, every bound, every number.

`collection/references.json` holds the levels, made by `bench/references.py` in two ways that share nothing
with qdsl.  For each file of the collection

- every energy is within `TOLERANCE` of its own level, relative to max(|E|, int p |psi'|^2 dx),
- every finite bound holds for that level: |E - exact| <= bound,
- every state is certified and converged,

but for what `KNOWN` says.  That is a list of outcomes as they are, each with its reason and held to as
strictly as the rest, so that whatever gets better or worse shows up here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import qdsl

COLLECTION = Path(__file__).resolve().parent / "collection"
REFERENCES = json.loads((COLLECTION / "references.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-9
ENOUGH = 12
"""Digits that a reference must have."""
SHARP = 1e4
"""The median of bound / error is below this, where a process has seen more than `FEW` problems."""
FEW = 20


@dataclass(frozen=True)
class Known:
    """What qdsl does not do.

    `open`       states that it does not certify
    `error`      what it raises, in part
    `false`      states whose bound does not hold: the worst that there is
    `missed`     how many states are not found, though the search is said to be complete
    `unsettled`  certified and good, but not proven to be as good as the tolerance
    """

    reason: str
    open: frozenset[int] = frozenset()
    error: str = ""
    false: frozenset[int] = frozenset()
    missed: int = 0
    unsettled: bool = False


def states(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


KNOWN = {
    "chebyshev": Known(
        "p vanishes like a square root: not among the singular ends", error="singular at x = -1"
    ),
    "narrow_well": Known(
        "E = -190000 beside E = 1: the reference is too coarse for the latter", unsettled=True
    ),
}

SLOW = {"absolute_cube", "lennard_jones_shallow", "spherical_bessel"}


def problems() -> list[object]:
    names = sorted(REFERENCES)
    return [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in names]


PUBLISHED = {
    ("coffey_evans_20", 4): 151.46366898835165,  # Pryce (1993)
    ("coffey_evans_50", 3): 391.80819148905,
    ("truncated_hydrogen", 17): -2.5757359232e-4,
    ("marletta", 0): -1.185214105,
    ("paine_exponential", 0): 4.8966693800,  # Paine, de Hoog and Anderssen (1981)
    ("paine_inverse_square", 0): 1.5198658211,
    ("woods_saxon", 0): -49.457788728,  # Ixaru, De Meyer and Vanden Berghe (1998)
    ("quartic", 0): 1.060362090484183,  # Hioe and Montroll (1975)
    ("bender_wu", 0): 1.065285509543718,
}
"""Figures from the literature, to their last digit or so."""


@pytest.mark.parametrize(("name", "n"), PUBLISHED)
def test_references_are_the_published_levels(name, n):
    energy = float(REFERENCES[name]["states"][str(n)]["energy"])
    assert energy == pytest.approx(PUBLISHED[name, n], rel=1e-9)


def levels(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The trusted energies, and what errors are relative to."""
    listed = REFERENCES[name]["states"].values()
    return np.array([float(s["energy"]) for s in listed]), np.array([s["scale"] for s in listed])


@pytest.fixture(scope="module")
def sharpness():
    """Bounds over errors, of all states of this process; their median is printed at the end."""
    ratios: list[np.ndarray] = []
    yield ratios
    if len(ratios) > FEW:
        median = float(np.median(np.concatenate(ratios)))
        print(f"\nmedian of bound / error: {median:.1e}")
        assert median < SHARP


def test_every_problem_has_its_references():
    assert {path.stem for path in COLLECTION.glob("*.qw")} == set(REFERENCES)
    assert len(REFERENCES) >= 65
    assert set(REFERENCES) >= {*KNOWN, *SLOW}


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_references_are_known_to_enough_digits(name):
    assert REFERENCES[name]["digits"] >= ENOUGH


@pytest.mark.parametrize("name", problems())
def test_levels(name, sharpness):
    known = KNOWN.get(name, Known(""))
    if known.error:
        with pytest.raises(qdsl.QdslError, match=known.error):
            qdsl.solve(qdsl.load(COLLECTION / f"{name}.qw"))
        return
    solution = qdsl.solve(qdsl.load(COLLECTION / f"{name}.qw"))
    exact, scale = levels(name)
    found = len(solution.energies)
    assert len(exact) == found + known.missed
    assert [str(n) for n in solution.states.numbers] == list(REFERENCES[name]["states"])[:found]
    exact, scale = exact[:found], scale[:found]
    errors = np.abs(solution.energies - exact)
    # Neither the reference nor an energy is better than a double.
    rounding = np.maximum(10.0 ** -REFERENCES[name]["digits"], np.finfo(float).eps) * scale
    certificate = solution.certificate
    numbers = np.array(solution.states.numbers)

    wrong = np.isfinite(certificate.bounds) & (errors > certificate.bounds + rounding)
    assert set(numbers[wrong]) == known.false, "bounds that do not hold"
    assert set(numbers[~certificate.certified]) == known.open, solution.message
    assert certificate.converged.all() != known.unsettled, solution.message
    if not known.false:
        np.testing.assert_array_less(errors / scale, TOLERANCE)
        sharpness.append(certificate.bounds / np.maximum(errors, rounding))
