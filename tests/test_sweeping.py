"""Sweeps: the levels at every point of the grid are those of the textbook; a point that fails is one row."""

from __future__ import annotations

import numpy as np
import pytest

import qdsl
from qdsl.errors import ProblemError, UsageError

BOX = """
param a = 1  "width"
param c = 1
param depth = 2*a
domain x in [0, a]
potential V(x) = c
find states 0..2
report E[1] - E[0]
"""


def swept(text: str, **options: object) -> qdsl.SweepResult:
    return qdsl.sweep(qdsl.parse(text), **options)  # type: ignore[arg-type]


def test_levels_of_the_box_over_its_width():
    result = swept(f"{BOX}\nsweep a = 0.5 .. 3 step 0.5")
    a = result.values("a")
    np.testing.assert_allclose(a, [0.5, 1, 1.5, 2, 2.5, 3], rtol=1e-15)
    exact = (np.arange(1, 4) * np.pi / a[:, None]) ** 2 + 1
    np.testing.assert_allclose(result.energies, exact, rtol=1e-9)
    reported = [point.solution.report["E[1] - E[0]"] for point in result.points]
    np.testing.assert_allclose(reported, 3 * (np.pi / a) ** 2, rtol=1e-8)
    assert result.holds
    assert result.complete
    assert result.numbers == (0, 1, 2)


def test_the_last_parameter_of_a_grid_runs_fastest():
    result = swept(f"{BOX}\nsweep c = [0, 100]\nsweep a = 1 .. 2 in 3 points")
    assert result.names == ("c", "a")
    np.testing.assert_array_equal(result.values("c"), [0, 0, 0, 100, 100, 100])
    np.testing.assert_array_equal(result.values("a"), [1, 1.5, 2, 1, 1.5, 2])
    exact = (np.arange(1, 4) * np.pi / result.values("a")[:, None]) ** 2 + result.values("c")[:, None]
    np.testing.assert_allclose(result.energies, exact, rtol=1e-9)


def test_the_free_bands_over_the_zone():
    """E = (k + 2 pi m)^2, m an integer: at the edges of the zone the levels are pairs."""
    result = swept(
        "param k = 1\ndomain x in [0, 1]\npotential V(x) = 0\nboundary bloch(k)\nfind states 0..3\n"
        "sweep k = -pi .. pi in 5 points"
    )
    k = result.values("k")[:, None]
    exact = np.sort((k + 2 * np.pi * np.arange(-3, 4)) ** 2, axis=1)[:, :4]
    np.testing.assert_allclose(result.energies, exact, rtol=1e-9, atol=1e-7)
    assert result.holds


def test_a_level_that_is_not_there_is_nan():
    """-l (l + 1)/cosh^2 x binds l states, -(l - n)^2."""
    result = swept(
        "param l = 1\ndomain x in (-inf, inf)\npotential V(x) = -l*(l + 1)/cosh(x)^2\n"
        "find bound states\nreport E[1]\nsweep l = [2, 1, 3]"
    )
    assert result.numbers == (0, 1, 2)
    nan = np.nan
    np.testing.assert_allclose(result.energies, [[-4, -1, nan], [-1, nan, nan], [-9, -4, -1]], rtol=1e-9)
    assert result.points[1].solution.report["E[1]"] is None
    assert result.holds, "what does not exist is no failure"


def test_values_follow_the_parameters_above_them():
    """`sweep` may use earlier parameters, also at other values than the file's, and swept ones."""
    text = "param a = 1\nparam b = 1\ndomain x in [0, b]\npotential V(x) = 0\nsweep b = [a, 2*a]"
    assert list(swept(text).values("b")) == [1, 2]
    result = swept(text, a=3)
    assert list(result.values("b")) == [3, 6]
    np.testing.assert_allclose(result.energies[:, 0], (np.pi / np.array([3, 6])) ** 2, rtol=1e-9)
    result = swept(f"{text}\nsweep a = [1, 2]")
    assert [tuple(point.values.values()) for point in result.points] == [(1, 1), (2, 2), (2, 1), (4, 2)]


def test_a_point_that_cannot_be_solved_is_a_point_with_an_error():
    result = swept("param g = 1\ndomain x in [0, 1]\npotential V(x) = 1/(1 + g*x)\nsweep g = [1, -2, 2]")
    assert [point.error is None for point in result.points] == [True, False, True]
    (diagnostic,) = result.points[1].error.diagnostics
    assert diagnostic.message == "the potential is infinite at x = 0.5, inside of the domain"
    assert result.points[1].place == "g = -2"
    assert np.isnan(result.energies[1]).all()
    assert np.isfinite(result.energies[[0, 2]]).all()
    assert not result.holds


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("param a = 1\nparam b = 1/(a - 2)", "the value of 'b' is not a finite number"),
        ("param a = 1\nparam b = 1 - a in [-0.5, 0]\n", "b = -1 lies outside of [-0.5, 0]"),
    ],
)
def test_a_value_that_is_not_allowed_at_one_point_costs_this_point_only(parameters, message):
    result = swept(f"{parameters}\ndomain x in [0, 1]\npotential V(x) = a + 0*b\nsweep a = [1, 2, 1.5]")
    assert [point.error is None for point in result.points] == [True, False, True]
    assert str(result.points[1].error) == f"error: {message}"
    assert result.points[1].values == {"a": 2}
    np.testing.assert_allclose(result.energies[[0, 2], 0], np.pi**2 + np.array([1, 1.5]), rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"z": 1}, "unknown parameter 'z'"),
        ({"a": 2}, "'a' is swept, so it cannot have a single value as well"),
        ({"c": float("nan")}, "the value of 'c' is not a finite number"),
        ({"method": "rits"}, "unknown method 'rits'"),
    ],
)
def test_what_is_wrong_at_every_point_is_wrong_with_the_call(options, message):
    with pytest.raises(UsageError, match=message):
        swept(f"{BOX}\nsweep a = [1, 2]", **options)


def test_problems_without_sweeps_and_names_that_are_not_swept():
    with pytest.raises(UsageError, match="the problem has no sweep"):
        swept(BOX)
    with pytest.raises(UsageError, match="'c' is not swept"):
        swept(f"{BOX}\nsweep a = [1]").values("c")


def test_progress_runs_once_from_start_to_end():
    told: list[tuple[str, float]] = []
    train = "train { method = gradient; optimizer = adam(rate = 1e-3, steps = 3) }"
    text = f"{BOX.replace('states 0..2', 'state 0').replace('E[1] - ', '')}\n{train}\nsweep a = [1, 2, 3]"
    swept(text, progress=lambda stage, done: told.append((stage, done)))
    done = [fraction for _, fraction in told]
    assert done == sorted(done)
    assert done[0] == 0
    assert 2 / 3 < done[-1] <= 1
    seen = [f"a = {n} ({n}/3): " for n in (1, 2, 3)]
    assert list(dict.fromkeys(stage[: len(seen[0])] for stage, _ in told)) == seen


def test_the_value_that_a_sweep_replaces_need_not_make_sense():
    """At c = 0 the potential 1/c has no value, and the sweep does not go there."""
    text = "param c = 0\ndomain x in [0, 1]\npotential V(x) = 1/c\nsweep c = [1, 2]\n"
    assert swept(text).energies[:, 0] == pytest.approx([np.pi**2 + 1, np.pi**2 + 1 / 2], rel=1e-9)
    with pytest.raises(ProblemError):
        swept(text.replace("[1, 2]", "[0, 1]"))


def test_gradient_training_goes_on_from_the_point_before():
    """Few steps at each of many neighbouring points do what many steps at one point do."""
    text = (
        "param a = 1\ndomain x in [0, a]\npotential V(x) = 0\n"
        "train { method = gradient; network = mlp(hidden = [8], activation = tanh);"
        " energy = trainable(start = 9); optimizer = adam(rate = 3e-3, steps = 150) }\n"
        "sweep a = 1 .. 1.0007 in 8 points\n"
    )
    errors = swept(text).energies[:, 0] * swept(text).values("a") ** 2 / np.pi**2 - 1
    alone = qdsl.solve(qdsl.parse(text.partition("sweep")[0]), a=1.0007)
    from_scratch = alone.energies[0] * 1.0007**2 / np.pi**2 - 1
    assert errors[0] > 0
    assert errors[-1] < 0.2 * min(errors[0], from_scratch)
