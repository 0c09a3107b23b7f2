"""Enclosures of tables hold the values of the interpolant, and shrink with the interval."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.physics.enclosure import enclose
from qdsl.physics.interpolant import Interpolant, Samples, value
from qdsl.physics.interpolant_bounds import interpolant_bounds, values
from qdsl.physics.intervals import Interval

X = sp.Symbol("x", real=True)


def table(count: int, seed: int, uneven: float = 0.3, degree: int = 3) -> Samples:
    """Points about equally far apart, with noise on a parabola."""
    draw = np.random.default_rng(seed)
    nodes = (np.arange(count) + draw.uniform(-uneven, uneven, count)) * 10 / count - 5
    heights = nodes**2 + draw.normal(size=count)
    return Samples(tuple(nodes.tolist()), tuple(heights.tolist()), min(degree, count - 1), "data")


def sound(found: Interval, samples: Samples, low: np.ndarray, high: np.ndarray) -> bool:
    """Whether dense values inside the intervals lie in their enclosures."""
    points = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 65)
    dense = value(samples, 0, points)
    return bool(((dense >= found.low[:, None]) & (dense <= found.high[:, None])).all())


@given(
    st.integers(2, 60),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.3, 0.499]),
    st.integers(0, 4),
    st.lists(st.tuples(st.floats(0, 1), st.floats(-12, 0)), min_size=1, max_size=20),
)
@settings(max_examples=150, deadline=None)
def test_dense_values_lie_inside(
    count: int, seed: int, uneven: float, degree: int, cells: list[tuple[float, float]]
) -> None:
    samples = table(count, seed, uneven, degree)
    left, right = samples.interval
    begin, width = np.array([at for at, _ in cells]), 10.0 ** np.array([log for _, log in cells])
    low = left + begin * (right - left)
    high = np.minimum(low + width * (right - left), right)
    found = interpolant_bounds(samples, Interval(low, high))
    assert sound(found, samples, low, high)


@pytest.mark.parametrize("count", [2, 10, 100, 300])
def test_the_width_is_of_first_order_and_not_far_from_the_least(count: int) -> None:
    samples = table(count, 1)
    means = []
    for cells in (1000, 10_000, 100_000):
        edges = np.linspace(*samples.interval, cells + 1)
        found = interpolant_bounds(samples, Interval(edges[:-1], edges[1:]))
        ends = value(samples, 0, edges)
        means.append(float((found.high - found.low).mean()))
        assert means[-1] < 4 * float(np.abs(np.diff(ends)).mean())
    assert means[1] < 0.2 * means[0]
    assert means[2] < 0.12 * means[1]


def test_a_shifted_enclosure_is_noticed() -> None:
    """The test above sees what is wrong by a hundredth of the width."""
    samples = table(40, 2)
    edges = np.linspace(*samples.interval, 5001)
    found = interpolant_bounds(samples, Interval(edges[:-1], edges[1:]))
    assert sound(found, samples, edges[:-1], edges[1:])
    shift = float((found.high - found.low).max())
    assert not sound(Interval(found.low + shift, found.high + shift), samples, edges[:-1], edges[1:])


@pytest.mark.parametrize("uneven", [0.0, 0.4])
def test_long_tables(uneven: float) -> None:
    """Most nodes are far from any part, and are summed once; widths are those of short tables."""
    samples = table(2000, 6, uneven)
    edges = np.linspace(*samples.interval, 20_001)
    found = interpolant_bounds(samples, Interval(edges[:-1], edges[1:]))
    some = np.random.default_rng(7).choice(20_000, 400, replace=False)
    assert sound(Interval(found.low[some], found.high[some]), samples, edges[some], edges[some + 1])
    if not uneven:
        assert (found.high - found.low).mean() < 6 * np.abs(np.diff(value(samples, 0, edges))).mean()


def test_points_are_enclosed_to_rounding() -> None:
    samples = table(200, 3)
    x = np.linspace(*samples.interval, 777)
    found = values(samples, x)
    assert ((found.low <= value(samples, 0, x)) & (value(samples, 0, x) <= found.high)).all()
    assert (found.high - found.low).max() < 1e-9


def test_tables_too_large_or_too_uneven_prove_nothing() -> None:
    """But are enclosed: by the whole line."""
    large = table(4001, 0, 0.0)
    found = interpolant_bounds(large, Interval(np.zeros(3), np.ones(3)))
    assert np.isneginf(found.low).all()
    draw = np.random.default_rng(5)
    wild = Samples(
        tuple(np.sort(draw.uniform(-5, 5, 40)).tolist()), tuple(draw.normal(size=40).tolist()), 3, "data"
    )
    edges = np.linspace(*wild.interval, 1001)
    assert sound(interpolant_bounds(wild, Interval(edges[:-1], edges[1:])), wild, edges[:-1], edges[1:])


def test_in_expressions() -> None:
    """Of the table's argument, beyond its ends, and of its derivatives, which are not enclosed."""
    samples = table(30, 4)
    curve = Interpolant(2 * X + 1, samples, sp.Integer(0))
    low, high = np.array([-1.0, 0.5, 1.4]), np.array([-0.9, 0.6, 9.0])
    found = enclose(3 * curve + X, {}, X, low, high)
    points = low[:, None] + (np.minimum(high, 1.8) - low)[:, None] * np.linspace(0, 1, 33)
    dense = 3 * value(samples, 0, 2 * points + 1) + points
    assert ((dense >= found.low[:, None]) & (dense <= found.high[:, None])).all()
    assert np.isneginf(enclose(Interpolant(X, samples, sp.Integer(1)), {}, X, low, high).low).all()
    # where it is not real a comparison fails, and is not taken for granted
    cases = sp.Piecewise((1, curve < 1000), (2, True))
    assert enclose(cases, {}, X, low, high).high.tolist()[2] == 2
