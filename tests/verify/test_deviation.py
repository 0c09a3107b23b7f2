"""Bounds of reported quantities against closed forms: true for all, and not absurdly wide."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

import qdsl
from qdsl.states import States
from qdsl.verify import certify, reference
from qdsl.verify.deviation import distances
from qdsl.verify.observables import bound_of, value_of

BOX = "domain x in [0, 1]\npotential V(x) = 0\nfind states 0..2\n"
LINE = "domain x in (-inf, inf)\npotential V(x) = x^2\nfind states 0..3\n"
WELL = "domain x in [-4, 4]\npotential V(x) = { 0 if |x| < 1; 20 otherwise }\nfind states 0..2\n"
HYDROGEN = "units atomic\ndomain r in [0, inf)\npotential V(r) = -1/r\nfind states 0..1\n"
MORSE = "domain x in (-inf, inf)\npotential V(x) = 25*(exp(-2*x) - 2*exp(-x))\nfind states 0..1\n"


def closed_forms() -> list[tuple[str, str, float]]:
    pi = math.pi

    def morse(f: Callable[[float], float]) -> float:
        """psi_0 ~ z^(9/2) exp(-z/2) with z = 10 exp(-x), for 25 = 5^2."""

        def density(x: float) -> float:
            z = 10 * math.exp(-x)
            return z**9 * math.exp(-z)

        above, below = (
            integrate.quad(lambda x, g=g: density(x) * g(x), -3, 9, epsabs=0, epsrel=1e-13, limit=500)[0]
            for g in (f, lambda x: 1.0)
        )
        return above / below

    k = math.sqrt(1.6394801475411)
    decay = math.sqrt(20 - k**2)
    # the well of the examples: walls at 4 change less than exp(-25)
    inside = 1 + math.sin(2 * k) / (2 * k)
    outside = math.cos(k) ** 2 / decay
    return [
        (BOX, "E[1] - E[0]", 3 * pi**2),
        (BOX, "E[2]/E[0]", 9.0),
        (BOX, "mean(x, 0)", 0.5),
        (BOX, "mean(x^2, 1)", 1 / 3 - 1 / (8 * pi**2)),
        (BOX, "mean(x^2, 0) - mean(x, 0)^2", 1 / 12 - 1 / (2 * pi**2)),
        (BOX, "element(0, x, 1)", -16 / (9 * pi**2)),
        (BOX, "element(0, 1000 + x, 1)", -16 / (9 * pi**2)),
        (BOX, "probability(1, 0, 1/3)", 1 / 3 + math.sqrt(3) / (8 * pi)),
        (BOX, "mean({0 if x < 1/4; 1 otherwise}, 0)", 3 / 4 + 1 / (2 * pi)),
        (BOX, "psi[0](1/2)", math.sqrt(2)),
        (BOX, "psi[2](1/3)", 0.0),
        (LINE, "mean(exp(-x^2), 0)", math.sqrt(0.5)),
        (LINE, "mean(exp(-x^2), 1)", 0.5**1.5),
        (LINE, "mean(cos(x), 0)", math.exp(-0.25)),
        (LINE, "mean(x, 2)", 0.0),
        (LINE, "mean(x^2, 3)", 3.5),
        (LINE, "element(0, x, 1)", -math.sqrt(0.5)),
        (LINE, "element(0, x, 2)", 0.0),
        (LINE, "probability(0, -1, 1)", math.erf(1)),
        (LINE, "psi[0](0)", math.pi**-0.25),
        (LINE, "psi[0](12)", 0.0),
        (WELL, "probability(0, -1, 1)", inside / (inside + outside)),
        (HYDROGEN, "mean(exp(-r), 0)", 8 / 27),
        (HYDROGEN, "probability(0, 0, 1)", 1 - 5 * math.exp(-2)),
        (HYDROGEN, "mean(1/(1 + r), 0)", _inverse()),
        (MORSE, "mean(tanh(x), 0)", morse(math.tanh)),
        (MORSE, "probability(0, 0, inf)", float(special.gammainc(9, 10))),
    ]


def _inverse() -> float:
    """int 4 r^2 exp(-2 r)/(1 + r) dr."""
    return float(4 * (-0.25 + math.e**2 * special.exp1(2)))


@pytest.fixture(scope="module")
def solved() -> Callable[[str], qdsl.Solution]:
    """Each problem once, with all its quantities."""
    cases = closed_forms()
    kept: dict[str, qdsl.Solution] = {}

    def solve(text: str) -> qdsl.Solution:
        if text not in kept:
            asked = ", ".join(quantity for problem, quantity, _ in cases if problem == text)
            kept[text] = qdsl.solve(qdsl.parse(f"{text}report {asked}\n"))
        return kept[text]

    return solve


@pytest.mark.parametrize(("text", "quantity", "exact"), closed_forms())
def test_closed_forms(solved: Callable[[str], qdsl.Solution], text: str, quantity: str, exact: float) -> None:
    solution = solved(text)
    value, bound = solution.report[quantity], solution.report_bounds[quantity]
    assert value is not None
    assert bound is not None
    sign = math.copysign(1.0, value * exact) if quantity.startswith("element") else 1.0
    assert abs(value - sign * exact) <= bound < 1e-4
    assert bound >= np.spacing(abs(value))


@pytest.mark.parametrize("method", ["ritz(features = 4)", "ritz(features = 6)", "ritz(features = 10)"])
def test_coarse_states_have_wide_bounds(method: str) -> None:
    """The true error is no more than the bound, and the bound no more than some hundred times that."""
    text = f"{LINE}train {{ method = {method} }}\nreport mean(x^2, 0), mean(exp(-x^2), 1), psi[0](0)\n"
    solution = qdsl.solve(qdsl.parse(text))
    exact = 0.5, 0.5**1.5, math.pi**-0.25
    for (label, value), true in zip(solution.report.items(), exact, strict=True):
        bound = solution.report_bounds[label]
        assert value is not None
        assert bound is None or abs(value - true) <= bound


@given(
    at=st.floats(-2.0, 2.0),
    width=st.floats(0.1, 3.0),
    state=st.integers(0, 3),
    other=st.integers(0, 3),
)
def test_any_gaussian_on_the_line(
    oscillator: tuple[qdsl.Problem, qdsl.Solution], at: float, width: float, state: int, other: int
) -> None:
    problem, solution = oscillator
    text = f"element({state}, exp(-(x - {at!r})^2/{width!r}), {other})"
    quantity = qdsl.parse(f"{LINE}report {text}\n").report[0].expression
    value = value_of(problem, solution.states, quantity)
    bound = bound_of(problem, solution.states, solution.certificate, quantity, value)
    nodes, weights = np.polynomial.hermite.hermgauss(120)
    hermite = [np.polynomial.hermite.hermval(nodes, [0] * n + [1]) for n in (state, other)]
    norms = [2.0**n * math.factorial(n) * math.sqrt(math.pi) for n in (state, other)]
    kernel = np.exp(-((nodes - at) ** 2) / width)
    # a narrow kernel is more than 120 points resolve
    if width < 0.5:
        x = np.linspace(-9, 9, 20001)
        hermite = [np.polynomial.hermite.hermval(x, [0] * n + [1]) for n in (state, other)]
        kernel, weights = np.exp(-((x - at) ** 2) / width - x**2), np.full(x.shape, x[1] - x[0])
    exact = float(weights @ (kernel * hermite[0] * hermite[1])) / math.sqrt(norms[0] * norms[1])
    assert value is not None
    assert bound is not None
    assert min(abs(value - exact), abs(value + exact) if state != other else math.inf) <= bound + 1e-12
    assert bound < 1e-4


@pytest.fixture(scope="module")
def oscillator() -> tuple[qdsl.Problem, qdsl.Solution]:
    problem = qdsl.parse(LINE)
    return problem, qdsl.solve(problem)


def _spoilt(states: States, share: float) -> States:
    """psi of state 0 with a share of that of state 2 in it, normalised, and the energy that belongs to it."""

    def mixed(f: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
        def apply(x: np.ndarray) -> np.ndarray:
            rows = f(x).copy()
            rows[0] = (rows[0] + share * rows[2]) / math.hypot(1, share)
            return rows

        return apply

    energies = states.energies.copy()
    energies[0] = (energies[0] + share**2 * energies[2]) / (1 + share**2)
    return dataclasses.replace(
        states,
        energies=energies,
        psi=mixed(states.psi),
        slope=mixed(states.slope),
        curvature=mixed(states.curvature),
    )


@pytest.mark.parametrize("share", [1e-7, 1e-5, 1e-3, 0.03, 0.3, 1.0])
@pytest.mark.parametrize(
    ("quantity", "exact"),
    [
        ("mean(x^2, 0)", 0.5),
        ("mean(exp(-x^2), 0)", math.sqrt(0.5)),
        ("probability(0, -1, 1)", math.erf(1)),
        ("element(0, x^2, 2)", math.sqrt(0.5)),
        ("psi[0](0)", math.pi**-0.25),
    ],
)
def test_a_spoilt_psi(
    oscillator: tuple[qdsl.Problem, qdsl.Solution], share: float, quantity: str, exact: float
) -> None:
    """The true error stays within the bound, which is of its size, or there is no bound."""
    problem, solution = oscillator
    states = _spoilt(solution.states, share)
    box = float(states.edges[0]), float(states.edges[-1])
    certificate = certify(problem, states, reference(problem, states.numbers, box), 1e-9)
    expression = qdsl.parse(f"{LINE}report {quantity}\n").report[0].expression
    value = value_of(problem, states, expression)
    bound = bound_of(problem, states, certificate, expression, value)
    assert value is not None
    if share == 1.0:
        assert bound is None
    if bound is not None:
        assert abs(abs(value) - exact) <= bound
        assert bound < 40 * share + 1e-5
    sine = distances(states, certificate).sine[0]
    assert sine >= share / math.hypot(1, share) - 1e-6


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        (LINE, "mean(x^4, 0)"),  # grows faster than the potential
        (LINE, "nodes(1)"),
        (LINE, "E[0] + nodes(1)"),
        (LINE, "1/(mean(x, 0))"),  # the mean may be 0
        (HYDROGEN, "mean(r, 0)"),
        (HYDROGEN, "mean(1/r, 0)"),
        ("domain x in [0, 1]\npotential V(x) = 0\nboundary periodic\nfind states 0..2\n", "mean(x, 1)"),
    ],
)
def test_no_bound_is_claimed(text: str, quantity: str) -> None:
    solution = qdsl.solve(qdsl.parse(f"{text}report {quantity}\n"))
    assert list(solution.report_bounds.values()) == [None]


def test_a_degenerate_pair_has_energies() -> None:
    ring = "domain x in [0, 1]\npotential V(x) = 0\nboundary periodic\nfind states 0..2\n"
    solution = qdsl.solve(qdsl.parse(f"{ring}report E[2] - E[0], mean(cos(2*pi*x), 0)\n"))
    gap, mean = solution.report.values()
    known, other = solution.report_bounds.values()
    assert abs(gap - 4 * math.pi**2) <= known < 1e-7
    assert abs(mean) <= other < 1e-5


def test_bloch_states_have_means() -> None:
    """V = 0: |psi|^2 = 1, and <0|exp(2 pi i x)|1> has the modulus 1, so that of its real part is 1/2."""
    free = "domain x in [0, 1]\npotential V(x) = 0\nboundary bloch(1)\nfind states 0..1\n"
    asked = "mean(x^2, 0), probability(1, 0, 1/4), element(0, cos(2*pi*x), 1), psi[0](1/3)"
    solution = qdsl.solve(qdsl.parse(f"{free}report {asked}\n"))
    for value, bound, exact in zip(
        solution.report.values(), solution.report_bounds.values(), (1 / 3, 1 / 4, 1 / 2, 1.0), strict=True
    ):
        assert abs(value - exact) <= bound < 1e-5


def test_a_weight() -> None:
    """-psi'' = E x^-2 psi on [1, e]: psi_n ~ sqrt(x) sin((n + 1) pi log x), of weight 1/x in log x."""
    text = "domain x in [1, exp(1)]\nequation -psi'' = E/x^2*psi\nfind states 0..1\n"
    solution = qdsl.solve(qdsl.parse(f"{text}report mean(log(x), 0), element(0, log(x), 1), psi[0](2)\n"))
    exact = 0.5, 16 / (9 * math.pi**2), math.sqrt(4) * math.sin(math.pi * math.log(2))
    for value, bound, true in zip(
        solution.report.values(), solution.report_bounds.values(), exact, strict=True
    ):
        assert abs(abs(value) - true) <= bound < 1e-4


def test_close_levels() -> None:
    """A gap that is far narrower than the distance to all other levels does not spoil the bound."""
    pair = "domain x in (-inf, inf)\npotential V(x) = (x^2 - 6)^2\nfind states 0..3\n"
    solution = qdsl.solve(qdsl.parse(f"{pair}report E[1] - E[0], mean(x, 0), probability(0, 0, inf)\n"))
    gap, mean, half = solution.report.values()
    bounds = list(solution.report_bounds.values())
    assert gap < 1e-3
    assert bounds[0] is not None
    assert bounds[0] < 1e-3 * gap
    for value, bound, exact in ((mean, bounds[1], 0.0), (half, bounds[2], 0.5)):
        assert bound is None or abs(value - exact) <= bound


def test_attractive_points_bound_nothing_by_the_potential() -> None:
    """With a pull at a point <u|V|u> may be more than <u|H|u>: neither x^2 nor psi(x0) has a bound then."""
    text = "domain x in (-inf, inf)\npotential V(x) = x^2 - delta(x)\nfind states 0..1\n"
    solution = qdsl.solve(qdsl.parse(f"{text}report mean(x^2, 0), psi[0](1), mean(cos(x), 0)\n"))
    square, point, cosine = solution.report_bounds.values()
    assert square is None
    assert point is None
    assert cosine is not None


def test_a_pull_outside_of_the_box_counts() -> None:
    """Nor when the states have died out before they come to it."""
    text = (
        "domain x in (-inf, inf)\npotential V(x) = x^2 - delta(x - 40)\nfind state 0\nreport mean(x^2, 0)\n"
    )
    assert list(qdsl.solve(qdsl.parse(text)).report_bounds.values()) == [None]


def test_a_narrow_function() -> None:
    """A spike between the points of a quadrature is no reason to claim 0 with a small bound."""
    shapes = {
        "exp(-(x - 1/3)^2/1e-10)": math.sqrt(math.pi * 1e-10) * 2 * math.sin(math.pi / 3) ** 2,
        "1e5*exp(-(x - 0.4321)^2*1e18)": 1e-4 * math.sqrt(math.pi) * 2 * math.sin(0.4321 * math.pi) ** 2,
        "exp(-(x - 0.2)^2/1e-20)": 1e-10 * math.sqrt(math.pi) * 2 * math.sin(0.2 * math.pi) ** 2,
    }
    asked = ", ".join(f"mean({f}, 0)" for f in shapes)
    solution = qdsl.solve(qdsl.parse(f"{BOX}report {asked}\n"))
    for (label, value), exact in zip(solution.report.items(), shapes.values(), strict=True):
        bound = solution.report_bounds[label]
        assert value is not None
        assert bound is None or abs(value - exact) <= bound
