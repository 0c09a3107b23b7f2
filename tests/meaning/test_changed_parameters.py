"""Another value of a parameter gives the problem of a file in which that value is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import qdsl
from qdsl.errors import ProblemError, QdslError
from qdsl.language import source_from_text
from qdsl.reading import Reading, _read, override
from qdsl.sweeping import grid_of

SMALLEST = "domain x in [0, 10]\npotential V(x) = x\n"

# n is 2 in the file and becomes 3.
STATEMENTS = [
    "domain x in [-n, n^2]\npotential V(x) = x^2\nboundary psi'(-n) = 0",
    "domain x in [n, inf)\npotential V(x) = x^2",
    "domain x in [0, 1]\npotential V(x) = n*x + { 0 if x < n/6; 1 otherwise }",
    "domain x in [0, 10]\npotential V(x) = delta(n*x - 3) - n*delta(x - n) + 1/n",
    "domain x in [0, 10]\nmass m(x) = { n if x < n; 1 otherwise }\npotential V(x) = x",
    SMALLEST + "boundary psi'(0) = n*psi(0), n*psi'(10) + psi(10) = 0",
    SMALLEST + "boundary bloch(pi/n)",
    SMALLEST + "find state n",
    SMALLEST + "find states n - 2..2*n",
    SMALLEST + "find states below 7*n",
    SMALLEST + "train { seed = n }",
    SMALLEST + "train { method = lm(steps = 10*n); tolerance = 1e-3/n }",
    SMALLEST + "train { method = gradient; network = mlp(hidden = [8*n, 8], activation = tanh) }",
    SMALLEST + "train { method = gradient; energy = fixed(pi^2/n^2); points = gauss(16*n) }",
    SMALLEST + "train { method = gradient; energy = trainable(start = n); loss = {residual: n, norm: 1} }",
    SMALLEST
    + "train { method = gradient; optimizer = adam(rate = 1e-3*n, steps = 5) then lbfgs(steps = n) }",
    SMALLEST + "find states 0..6\nreport E[n], E[n + 1] - E[n], psi[n](n), nodes(n)",
    SMALLEST + "find states 0..4\nreport mean(n*x, n), element(0, V(x)/n, n), probability(n, 0, n)",
    SMALLEST + "find states 0..n\nreport E[2], mean(V(x), 0)",
    SMALLEST + "find states 0..4\nexpect E[n] = n^2 within 1e-9*n",
    SMALLEST + "param k = 1\nsweep k = 0 .. 1 in n points",
    SMALLEST + "param k = 1\nsweep k = 0 .. n step 1/2",
    SMALLEST + "param k = 1\nsweep k = 12 .. 0 step -n",
    SMALLEST + "param k = 1\nsweep k = [n, n^2, 1]",
    SMALLEST + "param k = 2 in [n - 2, 5]\nparam j = n*k in (0, 9]\nfind states 0..j",
    SMALLEST + "define f(t, m = n) = t*m\nfind states 0..f(2)\nreport E[f(1)]",
    "domain x in [1, 2]\nequation (n - 2.5)*(x*psi'' + psi') = (n - 2.5)*(x - E)*psi",
    "domain x in [n, n + 1/4]\nequation -(4*x - 10)*psi'' - n*psi' + x*psi = E*(4*x - 10)*psi",
    "domain x in [1, 2]\nequation -psi'' + x^(1 - n)*psi' + psi = E*psi",
    "domain x in [1, 9]\npotential V(x) = n*x\nmass m(x) = n + x\n"
    "equation -(psi'/m(x))' + (V(x) + delta(x - n - 1/2))*psi = E*psi\nfind states 0..n",
]


def reading(statements: str, n: str) -> Reading:
    lines = statements.split("\n")
    first = [line for line in lines if line.startswith(("param", "define"))]
    others = [line for line in lines if line not in first]
    return _read(source_from_text("\n".join([f"param n = {n}", *first, *others, ""]), "file.qw"))


def wanted(statements: str, n: str) -> qdsl.Problem:
    return reading(statements, n).problem


def numbers_agree(found: qdsl.Problem, written: qdsl.Problem) -> None:
    """The same problem; coefficients may be written in another way."""
    at = np.linspace(*(max(-5.0, min(5.0, written.number(end))) for end in written.interval), 13)[1:-1]
    for name in ("p", "q", "w"):
        one, two = (
            qdsl.physics.numeric.evaluate(getattr(each, name), {**each.values, each.coordinate: at})
            for each in (found, written)
        )
        np.testing.assert_allclose(one, two, rtol=1e-12)
    plain = {"p": 1, "q": 0, "w": 1}
    assert replace(found, **plain) == replace(written, **plain)


@pytest.mark.parametrize("statements", STATEMENTS)
def test_an_override_is_as_good_as_writing_the_value(statements):
    numbers_agree(override(reading(statements, "2"), ("n", "3")).problem, wanted(statements, "3"))


@pytest.mark.parametrize("statements", STATEMENTS)
def test_and_so_is_a_value_from_python(statements):
    numbers_agree(wanted(statements, "2").with_values(n=3).with_values(n=2), wanted(statements, "2"))


@pytest.mark.parametrize("statements", [s for s in STATEMENTS if "sweep" not in s])
def test_and_so_is_every_point_of_a_sweep(statements):
    """Here n is 2 in the file, and runs through 3 and 4."""
    swept = wanted(f"{statements}\nsweep n = 3 .. 4 in 2 points", "2")
    grid = list(grid_of(swept))
    assert [values["n"] for values, _ in grid] == [3, 4]
    for values, found in grid:
        assert isinstance(found, qdsl.Problem)
        numbers_agree(found, wanted(statements, f"{values['n']:.0f}"))


def test_values_have_to_make_sense_together_only():
    lines = "param m = 1 in [0, n]\n" + SMALLEST.replace("[0, 10]", "[m, n]") + "find states m..2*m"
    changed = override(reading(lines, "2"), ("m", "5"), ("n", "2*m")).problem
    assert changed == wanted(lines.replace("m = 1", "m = 5"), "10.0")
    with pytest.raises(QdslError, match="m = 5 lies outside of"):
        override(reading(lines, "2"), ("n", "3"), ("m", "5"))


def test_the_number_of_points_follows_a_value_from_python():
    problem = wanted(SMALLEST + "param k = 1\nsweep k = 0 .. 1 in n points", "2")
    assert [values["k"] for values, _ in grid_of(problem, n=5)] == [0, 0.25, 0.5, 0.75, 1]


def test_what_was_chosen_after_reading_is_kept():
    problem = wanted(SMALLEST + "train { seed = n; tolerance = 1e-3/n }", "2")
    chosen = replace(problem, training=replace(problem.training, seed=7), states=(0, 5))
    changed = chosen.with_values(n=10)
    assert (changed.training.seed, changed.states) == (7, (0, 5))
    assert changed.training.tolerance == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("statements", "value", "message", "at"),
    [
        ("find states 0..n", "5/2", "the number of a state is a whole number, not n = 2.5", "n"),
        ("find states 0..n", "-1", "states are numbered from 0, the ground state", "n"),
        ("find states 2..n", "1", "the range 2..1 runs backwards", "2..n"),
        (
            "find states 0..n\nreport E[2]",
            "1",
            "state 2 is not wanted: the file asks for the states 0 to 1",
            "2",
        ),
        ("find states below 1/(n - 4)", "4", "this is not a finite number", "1/(n - 4)"),
        ("report psi[0](5*n)", "3", "5*n lies outside of the domain", "5*n"),
        ("expect E[0] = 1 within n - 2.5", "1", "a tolerance is larger than 0", "n - 2.5"),
        ("train { seed = n }", "3.5", "seed must be a whole number from 0", "n"),
        (
            "param k = 0\nsweep k = 0 .. 1 in n points",
            "1",
            "the number of points is a whole number from 2",
            "n",
        ),
        ("param k = 0\nsweep k = 0 .. 1 step n", "0", "a step of 0 leads nowhere", "n"),
    ],
)
def test_a_value_that_makes_no_sense_is_marked_where_it_does_not(statements, value, message, at):
    read = reading(SMALLEST + statements.replace("n - 2.5", "n - 1.5"), "2")
    value = {"train { seed = n }": "7/2"}.get(statements, value)
    with pytest.raises(ProblemError) as caught:
        override(read, ("n", value))
    first = caught.value.diagnostics[0]
    assert first.message.startswith(message)
    assert first.span is not None
    assert first.span.text == at.replace("n - 2.5", "n - 1.5")
    assert first.notes[-1][1].text == value


def test_a_point_of_a_sweep_that_makes_no_sense_costs_this_point_only():
    problem = wanted(SMALLEST + "find states 0..n\nsweep n = [0, 1/2, 1]", "2")
    found = [point for _, point in grid_of(problem)]
    assert [getattr(point, "states", None) for point in found] == [(0,), None, (0, 1)]
    assert isinstance(found[1], QdslError)


def test_states_of_a_sweep_have_rows_of_their_own_length():
    result = qdsl.sweep(
        wanted("domain x in [0, pi]\npotential V(x) = 0\nfind states 0..n\nsweep n = [0, 2]", "1")
    )
    squares = np.array([[1, np.nan, np.nan], [1, 4, 9]])
    np.testing.assert_allclose(result.energies, squares, rtol=1e-9)
    assert result.holds
