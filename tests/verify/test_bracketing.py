"""Counts in enclosing problems: what is true gets proven, and nothing false does."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

import qdsl
from qdsl.physics.endpoints import singular_ends
from qdsl.physics.intervals import EPS
from qdsl.physics.problem import Dirichlet, Neumann, PointInteraction, Problem, Robin
from qdsl.states import Array
from qdsl.verify import Index, endings
from qdsl.verify.bracketing import Counter
from qdsl.verify.cells import cells_between, refined
from qdsl.verify.coefficients import coefficients
from qdsl.verify.density import Density
from qdsl.verify.endings import outside_floor, singular_term
from qdsl.verify.reference import reference
from qdsl.verify.stiffness import negative, stiffness

X = sp.Symbol("x", real=True)
OO = sp.oo


@dataclasses.dataclass(frozen=True)
class Counted:
    """A counter, and where the states live."""

    counter: Counter
    alive: Density

    def at_most(self, number: int, energy: float, spacing: float) -> bool:
        return self.counter.at_most(number, energy, spacing, self.alive)

    def at_least(self, number: int, energy: float, spacing: float) -> bool:
        return self.counter.at_least(number, energy, spacing, self.alive)


def counter(problem: Problem, pieces: list[float]) -> Counted:
    """With states that fill the pieces, and vanish linearly where these begin."""
    c = coefficients(problem)
    edges = np.unique([*map(float, pieces), *(at for at in c.cuts if pieces[0] < at < pieces[-1])])
    points, length = np.linspace(edges[0], edges[-1], 500), edges[-1] - edges[0]
    where = (
        np.minimum(1.0, (points - points[0]) ** 2)
        if c.singular[0] and c.singular[0].exponent
        else np.ones(500)
    )
    return Counted(Counter(problem, c, edges), Density(points, 2 / length * where))


def judged(problem: Problem, pieces: list[float], below: list[float]) -> None:
    """Between all neighbouring levels: the number is proven, one less and one more are not."""
    judged_by(counter(problem, pieces), below)


def judged_by(count: Counted, below: list[float]) -> None:
    levels = np.array(below)
    for n, (low, high) in enumerate(itertools.pairwise(levels)):
        energy, spacing = 0.5 * (low + high), 0.5 * (high - low)
        assert count.at_most(n + 1, energy, spacing)
        assert count.at_least(n + 1, energy, spacing)
        assert not count.at_most(n, energy, spacing)
        assert not count.at_least(n + 2, energy, spacing)


ENDS = st.sampled_from([Dirichlet(), Neumann(), Robin(sp.Rational(-3, 2)), Robin(sp.Integer(4))])
NUMBERS = st.integers(-30, 30).map(sp.Integer)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """On [0, 1]: waves, steps and kinks in V, steps and slopes in p and w, point interactions, all ends."""
    a, b, d = (draw(NUMBERS) for _ in range(3))
    step = sp.Piecewise((a, sp.Rational(3, 10) > X), (b, True))
    q = draw(st.sampled_from([step, a * sp.cos(7 * X) + b * X, a * sp.Abs(X - sp.Rational(2, 5)) + b]))
    p = draw(st.sampled_from([sp.S.One, 1 + X, sp.Piecewise((1, sp.Rational(1, 2) > X), (3, True))]))
    w = draw(st.sampled_from([sp.S.One, 2 - X, 1 + X**2]))
    deltas = draw(st.sampled_from([(), (PointInteraction(sp.Rational(3, 5), d),)]))
    return Problem(X, (0, 1), q, p=p, w=w, deltas=deltas, boundary=(draw(ENDS), draw(ENDS)))


@given(problems())
@settings(max_examples=40, deadline=None)
def test_nothing_false_is_proven(problem: Problem) -> None:
    judged(problem, [0, 0.5, 1], list(reference(problem, range(4), (0, 1)).levels))


@pytest.mark.parametrize(
    ("potential", "left", "levels"),
    [
        (X**2, -6, [2 * n + 1 for n in range(6)]),
        (sp.Integer(6) * (1 - sp.exp(-X)) ** 2, -2, [6 - (math.sqrt(6) - n - 0.5) ** 2 for n in range(2)]),
        (-12 / sp.cosh(X) ** 2, -8, [-9, -4, -1]),
        (sp.Abs(X), -12, list(np.sort(-np.concatenate(special.ai_zeros(4)[:2])))),
    ],
)
def test_levels_on_the_line(potential: sp.Expr, left: float, levels: list[float]) -> None:
    problem = Problem(X, (-OO, OO), potential)
    judged(problem, [left, 0, 3, 12], levels)


@pytest.mark.parametrize("l", [0, 1, 2])
def test_hydrogen(l: int) -> None:  # noqa: E741
    """-psi'' + (l (l + 1)/r^2 - 2/r) psi = E psi: E = -1/(n + l + 1)^2."""
    problem = Problem(X, (0, OO), sp.Integer(l * (l + 1)) / X**2 - 2 / X)
    judged(problem, [0, 1, 3, 10, 30, 80], [-1 / (n + l + 1) ** 2 for n in range(4)])


@pytest.mark.parametrize("s", [0.55, 0.7, 1.3, 2.5])
def test_fractional_exponents(s: float) -> None:
    """-psi'' + (s (s - 1)/r^2 + r^2) psi = E psi: E = 4 n + 2 s + 1."""
    strength = sp.Float(s) * (sp.Float(s) - 1)
    problem = Problem(X, (0, OO), strength / X**2 + X**2)
    judged(problem, [0, 1, 3, 8], [4 * n + 2 * s + 1 for n in range(4)])


@pytest.mark.parametrize("s", [5, 12, 15])
def test_strong_poles(s: int) -> None:
    """The cells next to the pole make no wells of their own: E = -(c/(2 (n + s)))^2 with -c/r."""
    strength, pull = s * (s - 1), 2 * s * (s - 1)
    problem = Problem(X, (0, OO), strength / X**2 - pull / X)
    levels = [-((pull / (2 * (n + s))) ** 2) for n in range(3)]
    points = np.linspace(0, 8, 4000)
    states = points ** (2 * s) * np.exp(-points * 2 * (s - 1) * s / (s + 2))
    states = np.maximum.accumulate(states[::-1])[::-1] * (points > 0.3) + states * (points <= 0.3)
    density = Density(points, states / np.trapezoid(states, points))
    count = Counter(problem, coefficients(problem), np.array([0, 1, 2, 4, 8.0]))
    judged_by(Counted(count, density), levels)


def test_euler() -> None:
    """-(x^2 psi')' = E psi on [1, 8], where q is 0 and p rises from 1 to 64: E = 1/4 + (n pi/log 8)^2."""
    problem = Problem(X, (1, 8), 0, p=X**2)
    judged(problem, [1, 4, 8], [0.25 + (n * math.pi / math.log(8)) ** 2 for n in range(1, 6)])


def test_oscillator_in_the_plane() -> None:
    """-(r psi')' + (m^2/r + r^3) psi = E r psi: E = 4 n + 2 m + 2.  q, w and q/w rise for ever."""
    problem = Problem(X, (0, OO), 4 / X + X**3, p=X, w=X)
    judged(problem, [0, 1, 3, 8], [4 * n + 6 for n in range(4)])


def test_bessel() -> None:
    """-(x psi')' = E x psi on [0, 1], psi(1) = 0: E = j_{0,n}^2."""
    problem = Problem(X, (0, 1), 0, p=X, w=X)
    judged(problem, [0, 0.5, 1], list(special.jn_zeros(0, 5) ** 2))


def test_legendre() -> None:
    """-((1 - x^2) psi')' = E psi on [-1, 1]: E = n (n + 1), both ends singular."""
    problem = Problem(X, (-1, 1), 0, p=1 - X**2)
    judged(problem, [-1, -0.5, 0.5, 1], [n * (n + 1) for n in range(5)])


def test_nothing_is_proven_above_the_continuum() -> None:
    """A free end at the cut proves nothing where waves run off to infinity."""
    count = counter(Problem(X, (-OO, OO), -2 / sp.cosh(X) ** 2), [-20, 0, 20])
    assert count.counter.floor == pytest.approx(0.0, abs=1e-16)
    assert not count.at_most(10, 0.01, 0.01)
    assert count.at_least(1, 0.01, 0.01)


def test_nothing_is_proven_of_what_is_not_enclosed() -> None:
    unknown = Problem(X, (0, 1), sp.Function("f")(X))
    c = coefficients(Problem(X, (0, 1), 0))
    count = Counted(Counter(unknown, c, np.array([0.0, 1.0])), Density(np.array([0.0, 1.0]), np.ones(2)))
    assert not count.at_most(50, 20.0, 5.0)
    assert not count.at_least(1, 20.0, 5.0)


@given(
    st.lists(st.tuples(st.floats(0.01, 2), st.floats(0.1, 5), st.floats(-400, 400)), min_size=1, max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_stiffness_counts_like_many_small_cells(cells: list[tuple[float, float, float]]) -> None:
    """Cells cut in 64 have the same constants, and no integer below theta/pi: the pivots alone count."""
    length, p, g = (np.array(part) for part in zip(*cells, strict=True))

    def count(parts: int) -> tuple[int, int]:
        diagonal, off, inside = stiffness(
            np.repeat(length / parts, parts), np.repeat(p, parts), np.repeat(g, parts)
        )
        nodes = (diagonal[:-1] + diagonal[1:], off[1:-1])
        return int(inside.sum()), negative(*nodes) if len(nodes[0]) else 0

    whole, fine = count(1), count(64)
    assert sum(whole) == sum(fine)


def test_what_lies_beyond_the_box_counts() -> None:
    """A pit beyond the end of a box that does not fill a finite domain, and a point interaction out there."""
    pit = Problem(X, (0, 1), sp.Piecewise((-5000, sp.Rational(1, 10) > X), (0, True)))
    assert not counter(pit, [0.2, 0.5, 1]).at_most(0, 1.0, 1.0)
    assert counter(pit, [0.0, 0.5, 1]).at_least(1, 1.0, 1.0)
    hill = Problem(X, (0, 1), sp.Piecewise((50, sp.Rational(1, 5) > X), (0, True)))
    assert counter(hill, [0.1, 0.5, 1]).at_most(1, 15.0, 1.0)  # a free end at 0.1, and then 27 at least
    far = PointInteraction(sp.Integer(6), sp.Integer(-40))
    line = Problem(X, (-OO, OO), X**2, deltas=(far,))  # a level near 36 - 400
    assert not counter(line, [-5, 5]).at_most(1, 2.0, 1.0)
    assert counter(line, [-8, 8]).at_least(2, 2.0, 1.0)


@given(st.lists(st.floats(-50, 50), min_size=4, max_size=4), st.floats(0.01, 5), st.sampled_from([0, 30]))
@settings(max_examples=60, deadline=None)
def test_a_polynomial_that_rises_has_a_floor(lower: list[float], leading: float, spike: float) -> None:
    """Of sums of powers with both signs interval arithmetic sees no floor on an infinite interval."""
    powers = sum((sp.Float(a) * X**k for k, a in enumerate(lower)), sp.Float(leading) * X**4)
    problem = Problem(X, (-sp.oo, sp.oo), powers + spike * sp.exp(-((X / sp.Float(0.02)) ** 2)))
    far = 2 * max(1.0, sum(map(abs, lower)) / leading)
    x = np.geomspace(far, 1e6 * far, 2000)
    for side, sign in ((0, -1.0), (1, 1.0)):
        floor = outside_floor(problem, coefficients(problem), (-far, far), side)
        least = np.polyval([leading, *reversed(lower)], sign * x).min()
        assert 0.99 * least < floor <= least * (1 + 1e-14)


@given(st.floats(0.3, 30), st.floats(-30, 30), st.floats(-30, 30), st.floats(0.05, 0.3))
@settings(max_examples=60, deadline=None)
def test_the_leading_term_of_a_wall_has_a_floor(a: float, b: float, c: float, share: float) -> None:
    """Beside a wall like 1/x^12, and towards that of exp(-2 x), whatever the other terms are."""
    a, b, c = (float(np.round(part, 3)) for part in (a, b, c))
    strengths = [sp.Float(part) for part in (a, b, c)]
    near = share * min(1.0, (a / (abs(b) + abs(c) + 0.1)) ** (1 / 6))
    wall = Problem(X, (0, OO), sum(k * X**power for k, power in zip(strengths, (-12, -6, -1), strict=True)))
    x = near * np.linspace(1e-3, 1, 500)
    floor = outside_floor(wall, coefficients(wall), (near, 50.0), 0)
    assert 0 < floor <= (a * x**-12 + b * x**-6 + c / x).min() * (1 + 1e-14)
    far = math.log((abs(b) + abs(c) + 0.1) / a) + 1 / share
    morse = Problem(X, (-OO, OO), sum(k * sp.exp(-m * X) for k, m in zip(strengths, (2, 1, 0), strict=True)))
    x = far + np.linspace(0, 20, 500)
    floor = outside_floor(morse, coefficients(morse), (-far, 50.0), 0)
    assert 0 < floor <= (a * np.exp(2 * x) + b * np.exp(x) + c).min() * (1 + 1e-14)


def test_a_tail_of_quotients_has_a_floor() -> None:
    """Marletta's 3 (x - 31)/(4 (1 + x) (4 + x)^2) is positive from 31 on, and falls to 0."""
    problem = Problem(X, (0, OO), 3 * (X - 31) / (4 * (1 + X) * (4 + X) ** 2))
    c = coefficients(problem)
    assert outside_floor(problem, c, (0.0, 40.0), 1) == pytest.approx(0.0, abs=1e-300)
    assert outside_floor(problem, c, (0.0, 20.0), 1) < -1e-4


def test_a_well_of_terms_that_cancel_is_counted_with_proof() -> None:
    """Beside a minimum of -245,500 both terms are ten times as large; levels 56 apart lie in it."""
    problem = qdsl.parse("domain x in (-inf, inf)\npotential V(x) = 13187*x + 0.2164*x^4\nfind states 0..2")
    solution = qdsl.solve(problem)
    assert solution.certificate.certified.all()
    assert set(solution.certificate.index) == {Index.PROVEN}


def test_the_next_level_lives_in_another_well() -> None:
    """A delta splits the well in which it lives, where no wanted state is: cells are cut there, too."""
    potential = "2.7142*cos(0.47759*x) - 2.609*exp(-|x - 3.058|/0.26) + 4.78*delta(x - 6.513)"
    text = f"domain x in (-inf, inf)\npotential V(x) = {potential} + 7.753e-6*(x + 2.984)^4\nfind states 0..1"
    solution = qdsl.solve(qdsl.parse(text))
    assert set(solution.certificate.index) == {Index.PROVEN}


def test_cells_are_graded_towards_a_pole() -> None:
    """The fewest cells with sum (spread of q) width = c are (int sqrt q' dx)^2/c = log(1000)^2/c many."""
    problem = Problem(X, (0, 1), -1 / X)
    cells = cells_between(problem, np.array([1e-3, 1.0]))
    finer = refined(problem, cells, Density(np.array([0.0, 1.0]), np.ones(2)), -1.0, 0.05)
    assert finer is not None
    cost = (finer.q.high - finer.q.low) * np.diff(finer.edges)
    assert cost.sum() <= 0.06
    assert len(cost) < 2 * math.log(1000) ** 2 / 0.05


def test_cells_that_rounding_leaves_without_a_length_prove_nothing() -> None:
    problem = Problem(X, (0, 1), 0)
    count = counter(problem, [0, 1])
    cells = cells_between(problem, np.array([0.0, 0.5, 0.5, 1.0]))
    assert count.counter._count(cells, 1.0, -1.0, (math.inf, math.inf)) is None


TRANSCENDENTAL = {
    "eckart": (
        Problem(X, (0, OO), 2 / sp.sinh(X) ** 2 - 80 / sp.tanh(X)),
        [0, 0.1, 0.3, 1, 4],
        [-((2 + n) ** 2) - (40 / (2 + n)) ** 2 for n in range(4)],
    ),
    "hulthen": (
        Problem(X, (0, OO), -30 / (sp.exp(X) - 1)),
        [0, 0.2, 0.6, 2, 6, 20],
        [-((30 / n - n) ** 2) / 4 for n in range(1, 5)],
    ),
    "manning-rosen": (
        Problem(X, (0, OO), sp.Rational(3, 4) / (sp.exp(X) - 1) ** 2 - 60 / (sp.exp(X) - 1)),
        [0, 0.1, 0.3, 1, 4],
        [-((60.75 / (n + 1.5) - (n + 1.5)) ** 2) / 4 for n in range(3)],
    ),
    "poschl-teller": (
        Problem(X, (0, sp.pi / 2), 2 / sp.sin(X) ** 2 + 6 / sp.cos(X) ** 2),
        [0, 0.5, 1, math.pi / 2],
        [(5 + 2 * n) ** 2 for n in range(4)],
    ),
    "scarf": (
        Problem(X, (-sp.pi / 2, sp.pi / 2), (4 - 2 * sp.sin(X)) / sp.cos(X) ** 2),
        [-math.pi / 2, -1, 0, 1, math.pi / 2],
        [(n + 2.5) ** 2 for n in range(4)],
    ),
    "legendre, m = 2": (
        Problem(X, (-1, 1), 4 / (1 - X**2), p=1 - X**2),
        [-1, -0.5, 0.5, 1],
        [(n + 2) * (n + 3) for n in range(4)],
    ),
    "p and w that vanish like a sine": (  # Legendre's equation once more, with x = cos(theta)
        Problem(X, (0, sp.pi), 1 / sp.sin(X), p=sp.sin(X), w=sp.sin(X)),
        [0, 1, 2, math.pi],
        [(n + 1) * (n + 2) for n in range(4)],
    ),
}


@pytest.mark.parametrize("name", TRANSCENDENTAL)
def test_differences_of_poles(name: str) -> None:
    """What is left of q at the ends, as of 2/sinh(x)^2 - 2/x^2, is enclosed by Taylor models."""
    problem, pieces, levels = TRANSCENDENTAL[name]
    points, ends = np.linspace(pieces[0], pieces[-1], 2000), singular_ends(problem)
    first = pieces[1] - pieces[0]
    away = [np.minimum(1.0, (points - end.at) ** 2 / first**2) for end in ends if end is not None]
    count = Counter(problem, coefficients(problem), np.array(pieces))
    judged_by(Counted(count, Density(points, np.prod(away, axis=0) / first)), levels)


@pytest.mark.parametrize("wrong", [1e-9, -1e-9])
def test_an_exponent_that_does_not_fit_proves_nothing(monkeypatch: pytest.MonkeyPatch, wrong: float) -> None:
    """Beside the pole that s takes out no other is let pass, however weak."""
    problem = Problem(X, (0, OO), 2 / sp.sinh(X) ** 2 - 80 / sp.tanh(X))
    end, other = singular_ends(problem)
    assert singular_term(problem, 0, 0.01, -100.0, -1.0) is not None
    false = dataclasses.replace(end, exponent=end.exponent + wrong)
    monkeypatch.setattr(endings, "singular_ends", lambda _: (false, other))
    assert singular_term(problem, 0, 0.01 * (1 + EPS), -100.0, -1.0) is None


@pytest.mark.parametrize("name", ["eckart", "hulthen", "manning-rosen"])
def test_the_form_of_an_end_piece_is_bounded(name: str) -> None:
    """By its value for a solution of the equation, as the flux at the cut tells: p psi'/psi there."""
    problem, _, levels = TRANSCENDENTAL[name]
    end = singular_ends(problem)[0]
    energy, cut = float(levels[1]), 1e-3
    at = end.at + cut
    low, high = (singular_term(problem, 0, at, energy, sign) for sign in (-1.0, 1.0))
    flux = _flux(problem, end.at, end.exponent, energy, cut)
    assert low is not None
    assert high is not None
    assert low < flux < high
    assert high - low < 0.1 * abs(flux)


def _flux(problem: Problem, end: float, s: float, energy: float, cut: float) -> float:
    """psi'/psi of the solution like y^s at y = cut, by Riccati's equation for f = psi'/psi - s/y.

    f' = q - e - s (s - 1)/y^2 - 2 s f/y - f^2, and f is bounded at y = 0: begun at 0 far inside, it is drawn
    to that solution.
    """
    q = coefficients(problem).q

    def right(y: float, f: Array) -> Array:
        rest = float(q(np.array([end + y]))[0]) - energy - s * (s - 1) / y**2
        return np.asarray(rest - 2 * s * f / y - f**2)

    found = integrate.solve_ivp(right, (cut * 1e-3, cut), [0.0], rtol=1e-9, atol=1e-9, method="LSODA")
    return s / cut + float(found.y[0, -1])
