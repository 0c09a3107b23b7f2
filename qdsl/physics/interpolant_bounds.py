"""Between which numbers does the interpolant of a table lie on an interval?

With the nearest node k taken out (see `interpolant`) r = f_k + t A/D, D = w_k + t B, t = x - x_k, and

    r' = (w_k (A + t A') + t^2 (A' B - A B'))/D^2.

On every part of a table (some equal ones between two nodes) r' is enclosed once by interval arithmetic: all
x - x_j but that of the nearest node keep away from 0 there, and those far away hardly change.  An interval
then gets the mean value form r(m) + (x - m) r', of order one in its width, and what it has in common with the
hull of its parts.

r itself is summed in floating-point numbers, with the usual bound of their rounding (Higham, Accuracy and
Stability of Numerical Algorithms, 2002, section 3.1): (n + 8) eps times the sum of the absolute values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qdsl.physics.interpolant import CHUNK, SLACK, Samples, nearest_node
from qdsl.physics.intervals import EPS, Interval, everything, negative, outwards, reciprocal
from qdsl.physics.numeric import Array

MOST_PARTS, FEWEST_PARTS = 32, 4
"""Parts between two nodes: the more, the tighter the enclosure of r' is."""

WORK = 1_000_000
"""Terms summed for the parts of one table, unless these would become too few."""

CLOSE = 16
"""Nodes on each side of the nearest one whose terms are enclosed one by one."""

MOST_NODES = 4000
"""A table with more nodes is not enclosed: it would take seconds."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Edges of the parts (parts + 1,), enclosures of r' and r on each (levels, parts): see `_over_runs`."""

    edges: Array
    slope: Interval
    value: Interval


def interpolant_bounds(samples: Samples, argument: Interval) -> Interval:
    """Enclosures of the interpolant where the argument lies inside of its table; elsewhere it is not real."""
    if len(samples.nodes) > MOST_NODES:
        return everything()
    low, high = samples.interval
    slack = 2 * SLACK * (high - low)
    shape = np.broadcast_shapes(argument.low.shape, argument.high.shape)
    left = np.broadcast_to(np.clip(argument.low, low - slack, high + slack), shape).ravel()
    right = np.broadcast_to(np.clip(argument.high, low - slack, high + slack), shape).ravel()
    bounds = _bounds(samples)
    first = np.clip(np.searchsorted(bounds.edges, left, side="right") - 1, 0, len(bounds.edges) - 2)
    last = np.clip(np.searchsorted(bounds.edges, right, side="left") - 1, first, len(bounds.edges) - 2)
    middle = 0.5 * (left + right)
    away = Interval(np.minimum(left - middle, 0.0), np.maximum(right - middle, 0.0))
    near = values(samples, middle) + outwards(away.low, away.high) * _hull(bounds.slope, first, last)
    whole = _hull(bounds.value, first, last)
    lower, upper = np.fmax(near.low, whole.low), np.fmin(near.high, whole.high)
    return Interval(lower.reshape(shape), upper.reshape(shape))


def values(samples: Samples, x: Array) -> Interval:
    """Enclosures of the interpolant at points (points,)."""
    nodes, heights, weights = samples.arrays
    low, high = np.empty(x.shape), np.empty(x.shape)
    rows = max(1, CHUNK // len(nodes))
    gamma = 2 * (len(nodes) + 8) * EPS
    for start in range(0, x.size, rows):
        some = slice(start, start + rows)
        at = x[some]
        nearest = nearest_node(nodes, at)
        here = np.arange(len(at))
        distance = at[:, None] - nodes
        t = distance[here, nearest].copy()
        distance[here, nearest] = np.inf
        terms = weights / distance
        rise = terms * (heights - heights[nearest][:, None])
        below = weights[nearest] + t * terms.sum(axis=1)
        above = t * rise.sum(axis=1)
        noise_above = gamma * np.abs(t) * np.abs(rise).sum(axis=1)
        noise_below = gamma * (np.abs(weights[nearest]) + np.abs(t) * np.abs(terms).sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = above / below
            noise = (noise_above + np.abs(quotient) * noise_below) / (np.abs(below) - noise_below)
        noise = np.where(np.abs(below) > noise_below, noise, np.inf)
        found = heights[nearest] + quotient
        noise = noise + 4 * EPS * (np.abs(heights[nearest]) + np.abs(quotient))
        low[some], high[some] = found - noise, found + noise
    return outwards(low, high)


@lru_cache(maxsize=16)
def _bounds(samples: Samples) -> Bounds:
    nodes, *_ = samples.arrays
    count = len(nodes)
    each = int(np.clip(2 * (WORK // (2 * count**2)), FEWEST_PARTS, MOST_PARTS))
    shares = np.arange(each) / each
    edges = np.append((nodes[:-1, None] + np.diff(nodes)[:, None] * shares).ravel(), nodes[-1])
    slack = 2 * SLACK * (nodes[-1] - nodes[0])
    edges[0] -= slack
    edges[-1] += slack
    # which node is the nearest of a part is a matter of choice: any end of its interval will do
    nearest = np.repeat(np.arange(count - 1), each) + np.tile(np.arange(each) >= each // 2, count - 1)
    slope = _slopes(samples, edges, nearest)
    middle = 0.5 * (edges[:-1] + edges[1:])
    away = outwards(edges[:-1] - middle, edges[1:] - middle)
    value = values(samples, middle) + away * slope
    return Bounds(edges, _over_runs(slope), _over_runs(value))


def _slopes(samples: Samples, edges: Array, nearest: NDArray[np.intp]) -> Interval:
    """Enclosures of r' on every part."""
    nodes, heights, weights = samples.arrays
    rows = max(1, CHUNK // len(nodes))
    low, high = np.empty(len(nearest)), np.empty(len(nearest))
    for start in range(0, len(nearest), rows):
        some = slice(start, min(start + rows, len(nearest)))
        k = nearest[some]
        left, right = edges[some], edges[some.start + 1 : some.stop + 1]
        close = k[:, None] + np.arange(-CLOSE, CLOSE + 1)
        there = (close >= 0) & (close < len(nodes)) & (close != k[:, None])
        close = np.clip(close, 0, len(nodes) - 1)
        away = _far_sums(samples, left, right, k, close)
        inverse = reciprocal(outwards(left[:, None] - nodes[close], right[:, None] - nodes[close]))
        inverse = Interval(np.where(there, inverse.low, 0.0), np.where(there, inverse.high, 0.0))
        rise = outwards(*[heights[close] - heights[k][:, None]] * 2)
        first = inverse * Interval(weights[close], weights[close])
        second = inverse * first
        a, b = _sum(first * rise) + away[0], _sum(first) + away[1]
        da, db = negative(_sum(second * rise)) + away[2], negative(_sum(second)) + away[3]
        t = outwards(left - nodes[k], right - nodes[k])
        w = Interval(weights[k], weights[k])
        below = w + t * b
        numerator = w * (a + t * da) + t * t * (da * b + negative(a * db))
        found = numerator * reciprocal(below * below)
        bad = (below.low <= 0) & (below.high >= 0)
        low[some] = np.where(bad | np.isnan(found.low), -np.inf, found.low)
        high[some] = np.where(bad | np.isnan(found.high), np.inf, found.high)
    return Interval(low, high)


def _far_sums(
    samples: Samples, left: Array, right: Array, k: NDArray[np.intp], close: NDArray[np.intp]
) -> tuple[Interval, Interval, Interval, Interval]:
    """What the nodes that are not `close` (parts, some) add to A, B, A' and B' on each part.

    At the middle m of a part they are summed in floating-point numbers, as in `values`, and on all of it,
    |x - m| <= h, A' is off by 2 h sum |w_j (f_j - f_k)|/(|m - x_j| - h)^3 at most, and A by h times |A'|.
    """
    nodes, heights, weights = samples.arrays
    middle = 0.5 * (left + right)
    reach = np.maximum(middle - left, right - middle) * (1 + 8 * EPS) + 8 * EPS * np.abs(middle)
    distance = middle[:, None] - nodes
    np.put_along_axis(distance, close, np.inf, axis=1)
    first = weights / distance
    second = first / distance
    with np.errstate(invalid="ignore"):
        third = np.abs(weights) / (np.abs(distance) - reach[:, None]) ** 3
    third = np.where(third >= 0, third, np.inf)
    rise = heights - heights[k][:, None]
    noise = 2 * (len(nodes) + 8) * EPS
    found = []
    for factor in (rise, np.ones(1)):
        terms, slopes = first * factor, second * factor
        slope, off = -slopes.sum(axis=1), 2 * reach * (third * np.abs(factor)).sum(axis=1) * (1 + noise)
        off = off + noise * np.abs(slopes).sum(axis=1)
        value, doubt = terms.sum(axis=1), noise * np.abs(terms).sum(axis=1) + reach * (np.abs(slope) + off)
        found += [outwards(value - doubt, value + doubt), outwards(slope - off, slope + off)]
    a, da, b, db = found
    return a, b, da, db


def _sum(terms: Interval) -> Interval:
    """The sum over the last axis, the rounding of the sum itself included."""
    size = np.maximum(np.abs(terms.low), np.abs(terms.high)).sum(axis=-1)
    noise = 2 * terms.low.shape[-1] * EPS * size
    return outwards(terms.low.sum(axis=-1) - noise, terms.high.sum(axis=-1) + noise)


def _over_runs(parts: Interval) -> Interval:
    """Hulls of 1, 2, 4, ... neighbouring parts, from every part on: (levels, parts)."""
    low, high = [parts.low], [parts.high]
    step = 1
    while 2 * step <= len(parts.low):
        low.append(_folded(np.minimum, low[-1], step))
        high.append(_folded(np.maximum, high[-1], step))
        step *= 2
    return Interval(np.stack(low), np.stack(high))


def _folded(extremum: np.ufunc, level: Array, step: int) -> Array:
    folded = level.copy()
    folded[:-step] = extremum(level[:-step], level[step:])
    return folded


def _hull(runs: Interval, first: NDArray[np.intp], last: NDArray[np.intp]) -> Interval:
    """The hull of the parts first .. last, by two runs of a power of two that overlap."""
    level = np.floor(np.log2(last - first + 1)).astype(np.intp)
    second = last + 1 - (1 << level)
    return Interval(
        np.minimum(runs.low[level, first], runs.low[level, second]),
        np.maximum(runs.high[level, first], runs.high[level, second]),
    )
