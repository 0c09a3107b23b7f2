"""What a potential does far out: where the continuum begins, and whether states crowd below it.

Along points at doubled distances the local energy q/w settles to a limit, grows for ever, or does neither.
On its way to a limit t a tail that attracts, q/w = t - C/x^a, binds infinitely many states if a < 2, or if
a = 2 and C w > p/4 (Reed and Simon IV, theorem XIII.6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qdsl.physics.intervals import EPS
from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients

# Distances are doubled this often: 24 orders of magnitude.
DOUBLINGS = 80
# How well an exponent is known from two neighbouring distances.
EXPONENT = 0.02
# Squares of phases: from here on a length matters; above this lies a wall.
SEEN, WALL = 1e-2, 1e4


@dataclass(frozen=True)
class Tail:
    """One infinite end: the limit of q/w there (+-inf where there is none, nan where it swings on).

    `crowded`: the tail attracts so slowly that infinitely many states lie below the limit.
    """

    limit: float
    crowded: bool = False


def scale(c: Coefficients) -> tuple[float, float, float]:
    """The first and the last point that the problem names, and a length below which nothing much happens.

    Named are the cuts and the finite ends, else 0.  A distance s from them matters once s^2 w (q/w - t)/p,
    the square of a phase, differs from what it is at 0 (t the value far out): 1/x^2 has no length of its
    own, -2/x has 1, and what lies behind a wall does not count.  Point interactions have the length p/g.
    """
    named = [*c.cuts, *(end for end in c.domain if math.isfinite(end))] or [0.0]
    first, last = min(named), max(named)
    lengths = [last - first]
    lengths += [_distance(c, edge, sign) for edge, sign in ((first, -1), (last, 1)) if _open(c, sign)]
    lengths += [float(c.p(np.array([at]))[0]) / abs(strength) for at, strength in c.deltas if strength]
    lengths += [1 / abs(ratio) for ratio in c.ratios if ratio]
    return first, last, min((length for length in lengths if 0 < length < math.inf), default=1.0)


def _distance(c: Coefficients, edge: float, sign: int) -> float:
    """The smallest distance that matters on one side of a named point; infinite if none does."""
    s = 10.0 ** np.arange(-40, 41, 0.125)
    s = s[s > 1e-6 * abs(edge)]
    p, q, w = c.at(edge + sign * s)
    local = q / w
    settled = abs(local[-1] - local[-9]) <= 1e-3 * float(np.ptp(local)) and abs(local[-1]) < 1e199
    with np.errstate(over="ignore", invalid="ignore"):
        phase = s**2 * w / p * (local - (local[-1] if settled else 0.0))
    inside = np.flatnonzero((phase < WALL) & (np.abs(local) < 1e199))  # beyond, values are cut off
    if not inside.size:
        return math.inf
    phase, s = phase[inside[0] :], s[inside[0] :]
    change = np.abs(phase - phase[0])
    seen = np.flatnonzero(change > min(SEEN, 0.1 * float(np.nanmax(change))))
    return float(s[seen[0]]) if seen.size else math.inf


def tail(c: Coefficients, sign: int, start: float, length: float) -> Tail:
    """The infinite end in the direction of `sign`, seen from `start` on in doublings of `length`."""
    x = np.asarray(start + sign * length * 2.0 ** np.arange(DOUBLINGS), dtype=np.float64)
    v = _local(c, x)
    undefined = np.flatnonzero(np.isnan(v))
    if undefined.size:  # walls such as exp(-2 x) - exp(-x) overflow to inf - inf
        wall = v[undefined[0] - 1] if undefined[0] else math.nan
        return Tail(math.copysign(math.inf, wall) if abs(wall) > 1e100 else math.nan)
    steps = np.diff(v)
    noise = 64 * EPS * np.maximum(np.abs(v[1:]), np.abs(v[:-1]))
    late = steps[-12:]
    steady = (np.abs(late) > noise[-12:]).all() and (np.abs(late[1:]) >= 0.99 * np.abs(late[:-1])).all()
    if steady and ((late > 0).all() or (late < 0).all()):
        return Tail(math.copysign(math.inf, late[0]))
    if np.abs(v[-12:]).min() >= 1e199:
        return Tail(math.copysign(math.inf, v[-1]))
    if (np.abs(late) > noise[-12:]).any() and not _one_way(late):
        return Tail(math.nan)
    limit = float(v[-1])
    if abs(late[-1]) > noise[-1]:  # a power of x: the rest of a geometric series
        ratio = float(late[-1] / late[-2])
        limit += float(late[-1]) * ratio / (1 - ratio)
    return Tail(limit + 0.0, _crowded(c, x, v, limit))


def _one_way(steps: Array) -> bool:
    return bool((steps >= 0).all() or (steps <= 0).all())


def _crowded(c: Coefficients, x: Array, v: Array, limit: float) -> bool:
    """Whether the approach to the limit is attractive and slower than p/(4 w x^2)."""
    depth = limit - v
    clear = np.flatnonzero(depth > 1e4 * EPS * max(abs(limit), float(np.abs(v[-1]))) + 1e-290)
    if clear.size < 3 or clear[-1] < 20 or clear[-1] - clear[-2] != 1:
        return False
    k = int(clear[-1])
    exponent = math.log2(depth[k - 1] / depth[k])
    if exponent > 2 + EXPONENT:
        return False
    p, _, w = (float(part[0]) for part in c.at(x[k : k + 1]))
    distance = abs(x[k] - x[0])
    return bool(exponent < 2 - EXPONENT or depth[k] * w * distance**2 > 0.25 * (1 + 1e-6) * p)


def _open(c: Coefficients, sign: int) -> bool:
    return math.isinf(c.domain[0 if sign < 0 else 1])


def _local(c: Coefficients, x: Array) -> Array:
    _, q, w = c.at(x)
    return q / w
