"""The analysis of singular points: planted points are found, of the right kind, and nothing else."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import qdsl
from qdsl.errors import ProblemError
from qdsl.meaning.build import build
from qdsl.physics import numeric
from qdsl.physics.analysis import singular_points, smooth_pieces
from qdsl.physics.problem import Problem

x = sp.Symbol("x", real=True)


def potential(text: str, domain: str = "[-3, 3]", head: str = "") -> Problem:
    """Not checked, so that poles and gaps can be analysed too."""
    from qdsl.language import parse, source_from_text

    source = source_from_text(f"{head}\ndomain x in {domain}\npotential V(x) = {text}\n")
    return build(parse(source)).problem


def found(problem: Problem) -> list[tuple[float, str]]:
    return [(round(point.at, 9), point.kind) for point in singular_points(problem)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x^2", []),
        ("|x|", [(0, "kink")]),
        ("|x|*|x| + |x|^2 + |x|^4", []),
        ("|x|^3", [(0, "curvature")]),
        ("x*|x|", [(0, "curvature")]),
        ("|x| - x*sign(x)", []),
        ("cbrt(x)^3", []),
        ("cbrt(x - 1)", [(1, "singular")]),
        ("||x| - 1|", [(-1, "kink"), (0, "kink"), (1, "kink")]),
        ("||x| + 1|", [(0, "kink")]),
        ("{1 if |x| < 1; 0 otherwise}", [(-1, "jump"), (1, "jump")]),
        ("{|x| if |x| > 1; 1 otherwise}", [(-1, "kink"), (1, "kink")]),
        ("{x^2 if |x| < 2; 4*|x| - 4 otherwise}", [(-2, "curvature"), (2, "curvature")]),
        ("{5 if |x| < 1; 5 otherwise}", []),
        ("{x if x < 1; sin(x) if x < 2; x^2 otherwise}", [(1, "jump"), (2, "jump")]),
        ("{x if x < 0; sin(x) otherwise}", [(0, "curvature")]),
        ("{1 if -1 < x < 1/2 or x > 2; 0 otherwise}", [(-1, "jump"), (0.5, "jump"), (2, "jump")]),
        ("{1 if not (x > 1 and x < 2); 0 otherwise}", [(1, "jump"), (2, "jump")]),
        ("{1 if x^2 < 2; 0 otherwise}", [(-1.414213562, "jump"), (1.414213562, "jump")]),
        ("{1 if (x - 1)^2 + x < 3; 0 otherwise}", [(-1, "jump"), (2, "jump")]),
        ("sign(x - 1) + heaviside(x + 1)", [(-1, "jump"), (1, "jump")]),
        ("x*heaviside(x)", [(0, "kink")]),
        ("max(x, 1 - x)", [(0.5, "kink")]),
        ("min(x^2, 1, 2 - x)", [(-1, "kink"), (1, "kink")]),
        ("min(exp(-x), 1/2)", [(0.693147181, "kink")]),
        ("max(cosh(x), 2)", [(-1.316957897, "kink"), (1.316957897, "kink")]),
        ("sqrt(|x|)", [(0, "singular")]),
        ("sqrt(x + 3)", [(-3, "singular")]),
        ("(x^2)^1.5", [(0, "curvature")]),
        ("1/x", [(0, "pole")]),
        ("1/|x - 1|", [(1, "pole")]),
        ("1/(x^2 - 2*x + 1)", [(1, "pole")]),
        ("log(|x|)", [(0, "pole")]),
        ("x*log(|x|)", [(0, "singular")]),
        ("1/(1 - sin(x))", [(1.570796327, "pole")]),
        ("tan(x)", [(-1.570796327, "pole"), (1.570796327, "pole")]),
        ("sin(x)/x", [(0, "removable")]),
        ("1/(x^2 + 1e-9)", []),
        ("1/(|x| + 1)", [(0, "kink")]),
        ("sqrt(x^2 + 1) + log(x^2 + 1) + asin(x/4)", []),
        ("|x^3 - x - 1|", [(1.324717957, "kink")]),
        ("{1 if exp(x)*x > 1; 0 otherwise}", [(0.56714329, "jump")]),
        ("|x^2 + 1|", []),
        ("|(x - 1)^2|", []),
        ("|x^5 - x^4|", [(1, "kink")]),
        ("erf(x) + atan(x) + tanh(x)", []),
    ],
)
def test_points_and_their_kinds(text, wanted):
    assert found(potential(text)) == [(pytest.approx(at, abs=1e-8), kind) for at, kind in wanted]


def test_many_switches_of_a_fast_oscillation_are_all_found():
    points = [at for at, _ in found(potential("{1 if sin(400*x) > 0; 0 otherwise}", "[0, 1]"))]
    wanted = [n * math.pi / 400 for n in range(1, 128)]
    assert points == pytest.approx(wanted, abs=1e-9)


def test_numerical_roots_of_a_sum_of_oscillations():
    problem = potential("|sin(30*x) + x/2 + cos(7*x)|", "[0, 3]")
    points = np.array([point.at for point in singular_points(problem)])
    grid = np.linspace(0, 3, 2_000_001)
    values = np.sin(30 * grid) + grid / 2 + np.cos(7 * grid)
    assert len(points) == np.count_nonzero(np.diff(np.sign(values)))
    assert np.abs(np.sin(30 * points) + points / 2 + np.cos(7 * points)).max() < 1e-12


@pytest.mark.parametrize(
    ("text", "head", "wanted"),
    [
        ("{1 if |x| < a; 0 otherwise}", "param a = 1", ["-a", "a"]),
        ("{1 if |x - 1/2| < w/2; 0 otherwise}", "param w = 0.2", ["1/2 - w/2", "w/2 + 1/2"]),
        ("{1 if x^2 < a; 0 otherwise}", "param a = 2", ["-sqrt(a)", "sqrt(a)"]),
        ("{1 if exp(-x/b) < c; 0 otherwise}", "param b = 2\nparam c = 1/2", ["-b*log(c)"]),
        ("max(a*x, b)", "param a = 2\nparam b = 3", ["b/a"]),
    ],
)
def test_locations_are_formulas_in_the_parameters(text, head, wanted):
    problem = potential(text, head=head)
    assert [str(point.location) for point in singular_points(problem)] == wanted
    for point in singular_points(problem):
        assert problem.number(point.location) == pytest.approx(point.at, abs=1e-14)


@given(st.floats(0.2, 2.5), st.floats(0.2, 2.5))
def test_moving_a_parameter_moves_the_points(first, second):
    problem = potential("{0 if |x| < a; 7 otherwise} + |x - a/2|", head="param a = 1")
    for value in (first, second):
        points = [point.at for point in singular_points(problem.with_values(a=value))]
        assert points == pytest.approx([-value, value / 2, value])


def test_a_leading_coefficient_that_is_zero_by_its_parameter():
    problem = potential("|s*x^2 + x - 1|", head="param s = 0")
    assert found(problem) == [(1, "kink")]
    assert len(found(problem.with_values(s=0.25))) == 1  # the other zero is at -4.8
    assert len(found(problem.with_values(s=1))) == 2


def test_an_exponent_that_is_a_parameter_counts_by_its_value():
    assert found(potential("x^n", head="param n = 2")) == []
    assert found(potential("|x|^n", head="param n = 3/2")) == [(0, "singular")]


def test_points_outside_of_the_domain_do_not_count_and_thin_barriers_do():
    assert found(potential("|x - 5|")) == []
    assert len(found(potential("{1 if |x - 1/2| < 1e-9; 0 otherwise}", "[0, 1]"))) == 2


def test_a_candidate_far_away_does_not_swallow_the_others():
    assert found(potential("min(|x|, {1e25 if x > 5; 2*x otherwise})")) == [(0, "kink")]
    assert found(potential("max(|x - 1|, x - 1e25)", "[0, inf)")) == [(1, "kink")]


def test_what_is_not_real_is_no_branch():
    """sign(log(x)) has no value for x < 0, so no piece may give it one."""
    for text in ("sign(log(x))", "heaviside(sqrt(x))", "max(sqrt(x), 2)", "min(1, log(x), 3)"):
        assert smooth_pieces(potential(text))[0].q is sp.nan


def test_points_that_differ_by_rounding_are_one():
    problem = potential("{1 if x < 0.3; 0 otherwise} + {1 if x < 0.1 + 0.2; 0 otherwise}", "[0, 1]")
    assert found(problem) == [(0.3, "jump")]


def test_infinite_domains():
    assert found(potential("{0 if |x| < 1e-3; 1 if |x| < 1e4; 2 otherwise}", "(-inf, inf)")) == [
        (-1e4, "jump"),
        (-1e-3, "jump"),
        (1e-3, "jump"),
        (1e4, "jump"),
    ]
    with pytest.raises(ProblemError, match="too many points"):
        singular_points(potential("|sin(x)|", "(-inf, inf)"))


@pytest.mark.parametrize("text", ["|sin(1/x)|", "{1 if cos(3/(x - 1)) > 1/2; 0 otherwise}", "|sin(1e5*x)|"])
def test_infinitely_many_points_are_refused(text):
    with pytest.raises(ProblemError, match="too many points"):
        singular_points(potential(text))


breaks = st.lists(st.integers(-29, 29), min_size=1, max_size=5, unique=True).map(sorted)


@given(breaks, st.lists(st.integers(-9, 9), min_size=6, max_size=6, unique=True))
def test_planted_steps_are_found_exactly(places, heights):
    cases = "; ".join(f"{h} if x < {p}/10" for p, h in zip(places, heights, strict=False))
    problem = potential(f"{{ {cases}; {heights[len(places)]} otherwise }}")
    assert found(problem) == [(p / 10, "jump") for p in places]


@given(breaks, st.integers(1, 4))
def test_planted_corners_are_found_exactly(places, power):
    text = " + ".join(f"{i + 1}*|x - {p}/10|^{power}" for i, p in enumerate(places))
    kinds = {1: "kink", 3: "curvature"}
    wanted = [(p / 10, kinds[power]) for p in places] if power in kinds else []
    assert found(potential(text)) == wanted


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=5, unique=True))
def test_corners_of_a_maximum_of_lines_are_those_of_its_hull(lines):
    text = ", ".join(f"{slope}*x + {offset}" for slope, offset in lines)
    points = [at for at, _ in found(potential(f"max({text})"))]
    crossings = {
        round((d - b) / (a - c), 9)
        for a, b in lines
        for c, d in lines
        if a != c and abs((d - b) / (a - c)) < 3
    }

    def top(at: float) -> float:
        return max(a * at + b for a, b in lines)

    h = 1e-4
    wanted = sorted(c for c in crossings if top(c + h) + top(c - h) - 2 * top(c) > 1e-6)
    assert points == pytest.approx(wanted, abs=1e-8)


POTENTIALS = [
    "{0 if |x| < a; V0 if |x| < 2*a; x^2 otherwise}",
    "max(|x| - a, min(x^2, exp(-x/a)), 1/3)",
    "|x - a|*sign(x) + heaviside(x + a)*cbrt(x)",
    "{|x - 1| if sin(5*x) > 0 and x > -1; min(x, a*x^2) otherwise}",
    "||x| - a|^3 + abs(sin(3*x))",
]


@pytest.mark.parametrize("text", POTENTIALS)
@pytest.mark.parametrize("a", [0.5, 1.0, 1.3])
def test_the_pieces_are_the_potential(text, a):
    problem = potential(text, head=f"param a = {a}\nparam V0 = 20")
    pieces = smooth_pieces(problem)
    assert pieces[0].left == -3
    assert pieces[-1].right == 3
    for piece in pieces:
        inside = piece.left + (piece.right - piece.left) * np.linspace(1e-6, 1 - 1e-6, 101)
        values = {**problem.values, problem.coordinate: inside}
        whole = numeric.evaluate(problem.q, values)
        np.testing.assert_allclose(numeric.evaluate(piece.q, values), whole, rtol=1e-12, atol=1e-12)
        assert not piece.q.has(sp.Piecewise, sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min)
    assert [p.right for p in pieces[:-1]] == [p.left for p in pieces[1:]]


def test_a_narrow_piece_does_not_lend_its_formula_to_a_wide_one():
    """sin(x) and x agree to rounding on the narrow piece, and nowhere else."""
    problem = potential("{x if 0 < x < 1e-6; sin(x) otherwise}")
    pieces = smooth_pieces(problem)
    assert numeric.number(pieces[0].q, {x: -3.0}) == pytest.approx(math.sin(-3))
    assert numeric.number(pieces[-1].q, {x: 3.0}) == pytest.approx(math.sin(3))


def test_a_python_problem_with_weight_and_kinetic_coefficient():
    problem = qdsl.Problem(
        coordinate=x,
        interval=(0, 2),
        q=sp.Abs(x - 1),
        p=1 + sp.Abs(x - sp.Rational(1, 2)),
        w=sp.Piecewise((1, x < sp.Rational(3, 2)), (2, True)),
    )
    assert [(point.at, point.kind) for point in singular_points(problem)] == [
        (0.5, "kink"),
        (1.0, "kink"),
        (1.5, "jump"),
    ]
    assert [piece.w for piece in smooth_pieces(problem)] == [1, 1, 1, 2]


def test_reasons_are_in_the_words_of_the_file():
    (point,) = singular_points(potential("|x^2 + x|", "[-0.5, 3]"))
    assert point.reason == "|x^2 + x| has its corner where x^2 + x = 0"
    first, _ = singular_points(potential("{1 if |x| < 1; 0 otherwise}"))
    assert first.reason == "the cases change where |x| = 1"


@pytest.mark.parametrize(
    "text", ["2*exp(-|x - 0.4|/1e-5)", "exp(-1e5*|x - 0.4|)", "20205.5*exp(-|(x - 0.4)/2.07e-6|)"]
)
def test_the_corner_of_a_narrow_cusp(text: str) -> None:
    """On either side the other exponential is infinite, and a factor exp(-40000) of it is 0."""
    problem = qdsl.parse(f"domain x in [0, 1]\npotential V(x) = {text}\nfind states 0..1")
    assert [point.at for point in singular_points(problem)] == [pytest.approx(0.4, abs=1e-12)]
    for piece in smooth_pieces(problem):
        points = 0.4 + np.array([-1e-6, 1e-6])
        inside = points[(points > piece.left) & (points < piece.right)]
        seen = numeric.evaluate(piece.q, {problem.coordinate: inside})
        assert seen == pytest.approx(numeric.evaluate(problem.q, {problem.coordinate: inside}), rel=1e-9)
        assert seen.min() > 0
