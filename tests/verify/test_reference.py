"""The reference solver against closed forms, and its stated error against the truth."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Problem
from qdsl.verify import reference

X = sp.Symbol("x", real=True)
OO = sp.oo


def _box() -> tuple[Problem, tuple[float, float], list[float]]:
    return Problem(X, (0, 1), sp.Integer(0)), (0, 1), [((n + 1) * math.pi) ** 2 for n in range(50)]


def _harmonic() -> tuple[Problem, tuple[float, float], list[float]]:
    return Problem(X, (-OO, OO), X**2), (-7, 7), [2.0 * n + 1 for n in range(6)]


def _half_harmonic() -> tuple[Problem, tuple[float, float], list[float]]:
    return Problem(X, (0, OO), X**2), (0, 7), [4.0 * n + 3 for n in range(4)]


def _finite_well() -> tuple[Problem, tuple[float, float], list[float]]:
    """V = 20 for |x| > 1 on [-4, 4]: k tan k = kappa coth 3 kappa, k cot k = -kappa coth 3 kappa."""
    mpmath.mp.dps = 30
    problem = Problem(X, (-4, 4), sp.Piecewise((0, sp.Abs(X) < 1), (20, True)))

    def even(e: mpmath.mpf) -> mpmath.mpf:
        k, kappa = mpmath.sqrt(e), mpmath.sqrt(20 - e)
        return k * mpmath.sin(k) - kappa * mpmath.coth(3 * kappa) * mpmath.cos(k)

    def odd(e: mpmath.mpf) -> mpmath.mpf:
        k, kappa = mpmath.sqrt(e), mpmath.sqrt(20 - e)
        return k * mpmath.cos(k) + kappa * mpmath.coth(3 * kappa) * mpmath.sin(k)

    exact = [float(mpmath.findroot(f, e)) for f, e in ((even, 1.6), (odd, 6.4), (even, 13.9))]
    assert exact == pytest.approx([1.63948015, 6.44187996, 13.89153476], abs=1e-8)
    return problem, (-4, 4), exact


def _walls() -> tuple[Problem, tuple[float, float], list[float]]:
    """The same with walls of 1e6: coth(3 kappa) is 1 to all digits."""
    mpmath.mp.dps = 30
    problem = Problem(X, (-4, 4), sp.Piecewise((0, sp.Abs(X) < 1), (10**6, True)))
    exact = []
    for n in range(3):
        # phase at the wall: 2 k = (n + 1) pi - 2 asin(k / sqrt V)
        k = mpmath.findroot(
            lambda k, n=n: 2 * k - (n + 1) * mpmath.pi + 2 * mpmath.asin(k / 1000), 1.57 * (n + 1)
        )
        exact.append(float(k**2))
    return problem, (-4, 4), exact


def _morse() -> tuple[Problem, tuple[float, float], list[float]]:
    mu, depth, alpha, r0 = 918.076, 0.1745, 1.027, 1.4
    q = sp.Float(depth) * (1 - sp.exp(-sp.Float(alpha) * (X - sp.Float(r0)))) ** 2
    omega = alpha * math.sqrt(2 * depth / mu)
    exact = [omega * (n + 0.5) - (omega * (n + 0.5)) ** 2 / (4 * depth) for n in range(10)]
    return Problem(X, (0, OO), q, p=sp.Float(1 / (2 * mu))), (0.3, 3.5), exact


def _poschl_teller() -> tuple[Problem, tuple[float, float], list[float]]:
    return Problem(X, (-OO, OO), -20 / sp.cosh(X) ** 2), (-10, 10), [-16.0, -9.0, -4.0, -1.0]


def _shallow() -> tuple[Problem, tuple[float, float], list[float]]:
    """One barely bound state: kappa = k tan k with k^2 = 0.01 - kappa^2; kappa is about 0.01."""
    kappa = mpmath.findroot(
        lambda s: mpmath.sqrt(0.01 - s**2) * mpmath.tan(mpmath.sqrt(0.01 - s**2)) - s,
        (0.009, 0.011),
        solver="ridder",
    )
    q = sp.Piecewise((-sp.Rational(1, 100), sp.Abs(X) < 1), (0, True))
    return Problem(X, (-OO, OO), q), (-20, 20), [-float(kappa**2)]


def _coulomb() -> tuple[Problem, tuple[float, float], list[float]]:
    """l = 1: a 1/r^2 wall, E = -1/n^2."""
    return Problem(X, (0, OO), -2 / X + 2 / X**2), (0, 30), [-1 / 4, -1 / 9, -1 / 16]


def _linear() -> tuple[Problem, tuple[float, float], list[float]]:
    """|x|: zeros of Ai' and Ai in turn."""
    mpmath.mp.dps = 20
    exact = []
    for n in range(1, 4):
        exact += [-float(mpmath.airyaizero(n, derivative=1)), -float(mpmath.airyaizero(n))]
    return Problem(X, (-OO, OO), sp.Abs(X)), (-8, 8), exact


CASES: dict[str, tuple[Callable[[], tuple[Problem, tuple[float, float], list[float]]], float]] = {
    # what the walls' conditioning and the l = 1 end allow is larger than the rest
    "box": (_box, 1e-11),
    "harmonic": (_harmonic, 1e-12),
    "half harmonic": (_half_harmonic, 1e-12),
    "finite well": (_finite_well, 1e-12),
    "walls of 1e6": (_walls, 1e-10),
    "morse": (_morse, 1e-12),
    "poschl-teller": (_poschl_teller, 1e-11),
    "shallow": (_shallow, 1e-7),
    "coulomb l = 1": (_coulomb, 1e-8),
    "linear": (_linear, 1e-12),
}


@pytest.mark.parametrize("name", CASES)
def test_closed_forms_and_stated_error(name: str) -> None:
    make, accuracy = CASES[name]
    problem, box, exact = make()
    result = reference(problem, range(len(exact)), box)
    scale = np.abs(exact)
    assert result.message == ""
    assert np.all(result.errors <= accuracy * scale), result.errors / scale
    assert np.all(np.abs(result.energies - exact) <= result.errors)


def test_a_single_high_state() -> None:
    problem, box, exact = _box()
    result = reference(problem, (30,), box)
    assert result.energies.shape == (1,)
    assert abs(result.energies[0] - exact[30]) <= result.errors[0] <= 1e-11 * exact[30]


def test_counting_finds_what_dense_algebra_finds() -> None:
    problem, box, exact = _box()
    result = reference(problem, range(10), box)
    between = np.array([0.0, *(0.5 * (a + b) for a, b in itertools.pairwise(exact[:11]))])
    assert list(result.count_below(between)) == list(range(11))


def test_large_problems_are_counted() -> None:
    """A wide box: hundreds of elements, few states, the linear-time path."""
    problem = Problem(X, (0, 60), sp.cos(2 * sp.pi * X) * 100)
    wide = reference(problem, range(60), (0, 60))
    assert wide.elements is not None
    assert wide.elements.unknowns > 1000
    assert np.all(wide.errors < 1e-9 * np.abs(wide.energies))
    # 60 wells make a band of 60 states, then a gap
    gaps = np.diff(wide.levels)
    assert gaps[59] > 20 * gaps[:59].max()


def test_shift_law() -> None:
    """q + s moves every energy by s, to the rounding of s."""
    for shift in (-3.0, 1e3, -1e6):
        problem = Problem(X, (-OO, OO), X**2 + sp.Float(shift))
        result = reference(problem, range(4), (-7, 7))
        exact = np.array([1.0, 3.0, 5.0, 7.0]) + shift
        assert np.all(np.abs(result.energies - exact) <= result.errors)
        assert np.all(result.errors <= 1e-12 + 1e-14 * abs(shift))


def test_energy_zero_is_nothing_special() -> None:
    problem = Problem(X, (0, 1), -(sp.pi**2))
    result = reference(problem, (0,), (0, 1))
    assert abs(result.energies[0]) <= result.errors[0] < 1e-12


def test_scaling_law() -> None:
    """x -> a x turns -psi'' + x^2 psi into energies divided by a^2: SI-like magnitudes work as well."""
    for a in (1e-9, 1e6):
        problem = Problem(X, (-OO, OO), X**2 / sp.Float(a) ** 4)
        result = reference(problem, range(4), (-7 * a, 7 * a))
        exact = np.array([1, 3, 5, 7]) / a**2
        assert np.all(np.abs(result.energies - exact) <= result.errors)
        assert np.all(result.errors <= 1e-12 * exact)


@pytest.mark.parametrize("box", [(-0.5, 0.5), (-3.0, 9.0), (-40.0, 40.0), (-1000.0, 1000.0)])
def test_the_box_of_the_method_does_not_matter(box: tuple[float, float]) -> None:
    result = reference(Problem(X, (-OO, OO), X**2), range(4), box)
    assert np.all(np.abs(result.energies - [1, 3, 5, 7]) <= result.errors)
    assert np.all(result.errors <= 1e-11)
    assert result.box[0] <= box[0]
    assert result.box[1] >= box[1]


def test_near_degenerate_pair() -> None:
    """(x^2 - 9)^2: a splitting of 1e-10 or less; both members are found, in order."""
    result = reference(Problem(X, (-OO, OO), (X**2 - 9) ** 2), range(4), (-5, 5))
    assert np.all(np.diff(result.energies) >= -1e-12)
    assert result.energies[1] - result.energies[0] < 1e-7
    assert result.energies[2] - result.energies[1] > 5
    assert np.all(result.errors < 1e-11)


def test_states_that_do_not_exist_have_no_finite_error() -> None:
    """-6/cosh^2 binds two states; a third must not be taken from the continuum."""
    result = reference(Problem(X, (-OO, OO), -6 / sp.cosh(X) ** 2), range(3), (-10, 10))
    assert np.all(np.abs(result.energies[:2] - [-4, -1]) <= result.errors[:2])
    assert result.errors[:2].max() < 1e-7
    assert math.isinf(result.errors[2])
    assert "2" in result.message


def test_potential_that_is_not_a_number() -> None:
    result = reference(Problem(X, (-1, 1), sp.sqrt(X)), (0,), (-1, 1))
    assert math.isinf(result.errors[0])
    assert "not a number" in result.message


# The last two come to lie between an edge and the outermost point of an element that is cut towards them.
@pytest.mark.parametrize("place", [0.1, 1 / 3, 0.5, -0.3064829103016341, -0.5785706192861306])
def test_a_jump_that_the_analysis_missed(place: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its cut the reference either finds the jump itself or states an error that is true."""
    q = sp.Piecewise((0, sp.Float(place) > X), (40, True))
    problem = Problem(X, (-1, 1), q)
    exact = reference(problem, range(3), (-1, 1))
    monkeypatch.setattr("qdsl.verify.coefficients.singular_points", lambda _problem: ())
    blind = reference(replace(problem, title="blind"), range(3), (-1, 1))  # else what is kept would serve
    assert np.all(np.abs(blind.energies - exact.energies) <= blind.errors + exact.errors)
    assert np.all(blind.errors >= 10 * exact.errors)
    assert np.all(blind.errors <= 1e-4)


def test_a_missed_kink(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, box, exact = _linear()
    problem = Problem(X, problem.interval, sp.Abs(X - sp.Rational(1, 7)))
    monkeypatch.setattr("qdsl.verify.coefficients.singular_points", lambda _problem: ())
    blind = reference(problem, range(4), box)
    assert np.all(np.abs(blind.energies - exact[:4]) <= blind.errors)
    assert np.all(blind.errors <= 1e-8)


def test_it_is_fast() -> None:
    """Each canonical problem in some milliseconds; the limit leaves room for a busy machine."""
    for make in (_box, _finite_well, _harmonic, _morse):
        problem, box, _ = make()
        reference(problem, range(3), box)
        best = math.inf
        for _ in range(5):
            start = time.perf_counter()
            reference(problem, range(3), box)
            best = min(best, time.perf_counter() - start)
        assert best < 0.1
