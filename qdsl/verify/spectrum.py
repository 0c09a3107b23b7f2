"""How many states are wanted: `find bound states` and `find states below E`, counted from two sides.

Let e be the energy below which states are counted, at most the threshold of the continuum.  In a box,

- with psi = 0 at the cuts every eigenvalue is at least as high as that of the infinite domain, so that no
  fewer states lie below e there than are counted;
- with -r_b |psi(b)|^2 added to the form at the cut b, no more than are counted, if the form of the outside
  with +r_b |psi(b)|^2 is positive.  For any r > 0 on the outside that falls to 0

      int p |psi'|^2 >= -r_b |psi(b)|^2 - int (r' + r^2/p) |psi|^2,

  so it suffices that -r' >= r^2/p + (e w - q)+ there (a Riccati inequality; with q > e w outside, r = 0
  will do, which is Neumann bracketing, Reed and Simon IV, section XIII.15).

The box grows until both counts agree.  A state that is bound so weakly that they never do is announced:
the number that may exist, and how close to e it would lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from qdsl.errors import ProblemError
from qdsl.physics.intervals import EPS
from qdsl.physics.problem import BoundStates, Problem, StatesBelow
from qdsl.verify.coefficients import Coefficients, coefficients
from qdsl.verify.counting import condense, count_below, counted_energies
from qdsl.verify.decay import DEAD_DECAY, calmed, end_decay
from qdsl.verify.elements import element_matrices
from qdsl.verify.mesh import Span, build
from qdsl.verify.quadrature import composite, merged
from qdsl.verify.tails import Tail, scale, tail
from qdsl.verify.wkb import Samples, energy_of_phase

ACTION, DEGREE, POINTS = 8.0, 20, 28
# The box is doubled this often at most; beyond, rounding hides what distance would show.
DOUBLINGS = 34
# Panels of the outside, each wider than the one before by so much: 20 orders of magnitude in all.
PANELS, WIDER = 950, 1.05
# A state nearer to the limit than this share of the depth is none that energies could show.
RESOLUTION = 1e-10
# The binding energy that a box shows well, in half waves of the box: psi falls by exp(-5) on each side.  And
# how often a box is tripled for it.
ROOM, ROOMIER = 10, 6
# More states than this are not solved for.
MOST_STATES = 1000
# What rounding may move an eigenvalue by, in units of eps times the depth.
ROUNDING = 64.0


@dataclass(frozen=True)
class Count:
    """How many states were found to be wanted.

    `number`: the states that certainly lie below `limit`, 0 .. number - 1; the highest of them by about
    `binding`, the lowest by about `depth`.
    `possible`: further ones that cannot be excluded, each within `within` of the limit.
    `box`: an interval that holds what was counted.
    `certified`: the number is complete, up to states within `RESOLUTION` of the depth of the potential.
    `message`: all that in a sentence.
    """

    number: int
    possible: int
    limit: float
    within: float
    box: tuple[float, float]
    certified: bool
    message: str
    binding: float = math.inf
    depth: float = math.inf


def wanted_states(problem: Problem) -> Count:
    """Count the states that `problem.search` asks for.

    Raises ProblemError where there is no such number: bound states without a continuum, or infinitely
    many of them, or an energy that lies in the continuum.
    """
    c = coefficients(problem)
    first, last, length = scale(c)
    tails = _tail(c, -1, first, length), _tail(c, 1, last, length)
    limit = _limit(problem, tails)
    low, high, box = _counts(c, limit, (first, last, length), tails)
    if low > MOST_STATES:
        raise _error(
            problem, f"{low} states lie below {_energy(problem, limit)}: too many to solve for", _FEWER
        )
    within = _within(c, limit, box, low) if high > low else 0.0
    depth, binding = limit - box.samples.bottom, math.inf
    if low:
        depth, binding = _bindings(c, box, limit, low)
    certified = high == low or within <= RESOLUTION * depth
    message = _message(problem, limit, low, high - low, within)
    return Count(low, high - low, limit, within, box.ends, certified, message, binding, depth)


# The energy up to which is counted ------------------------------------------------------------------------


def _tail(c: Coefficients, sign: int, start: float, length: float) -> Tail:
    """What an infinite end does; a finite one is a wall."""
    infinite = math.isinf(c.domain[0 if sign < 0 else 1])
    return tail(c, sign, start, length) if infinite else Tail(math.inf)


def _limit(problem: Problem, tails: tuple[Tail, Tail]) -> float:
    threshold = min(t.limit for t in tails)
    if any(math.isnan(t.limit) for t in tails) or threshold == -math.inf:
        what = "falls without end" if threshold == -math.inf else "does not settle"
        raise _error(problem, f"there is no continuum to count below: the potential {what} far out", _ASK)
    if isinstance(problem.search, StatesBelow):
        energy = problem.number(problem.search.energy)
        if energy > threshold:
            raise _error(
                problem,
                f"the continuum begins at {_energy(problem, threshold)}, below {_energy(problem, energy)}",
                "`find bound states` asks for all states below the continuum",
            )
        if energy < threshold:
            return energy
    if all(problem.number(end) not in (math.inf, -math.inf) for end in problem.interval):
        raise _error(problem, "in a finite domain every state is bound: there are infinitely many", _ASK)
    if threshold == math.inf:
        raise _error(problem, "this potential confines at every energy: all its states are bound", _ASK)
    if any(t.crowded and t.limit == threshold for t in tails):
        raise _error(
            problem,
            f"infinitely many bound states crowd below the continuum at {_energy(problem, threshold)}: "
            "the potential attracts like 1/x far out, or nearly so",
            _ASK,
        )
    return threshold


_FEWER = "ask for a lower energy, or for the states one by one"
_ASK = "ask for `find states 0..4`, or for `find states below` an energy"


def _error(problem: Problem, message: str, hint: str) -> ProblemError:
    return ProblemError(message, problem.places.get("find"), hint)


# Counting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Box:
    """A mesh between two cuts that resolves all states up to an energy; `marks` are edges of its own."""

    ends: tuple[float, float]
    samples: Samples
    marks: tuple[float, ...]

    @property
    def half_wave(self) -> float:
        """The kinetic energy of a half wave in the box: what its size lets one tell apart."""
        wave = self.samples.weights * np.sqrt(self.samples.w / self.samples.p)
        return (math.pi / float(wave.sum())) ** 2

    def noise(self, energy: float) -> float:
        """What rounding may move an eigenvalue near `energy` by."""
        return ROUNDING * EPS * (abs(energy) + energy - min(self.samples.floor, energy))


def _counts(
    c: Coefficients, limit: float, where: tuple[float, float, float], tails: tuple[Tail, Tail]
) -> tuple[int, int, _Box]:
    """The largest lower and the smallest upper count of all boxes, and the last box."""
    first, last, reach = where
    at_threshold = any(t.limit <= limit for t in tails)
    low, high = 0, math.inf
    box = _box(c, (first - reach, last + reach), (), limit)
    for _ in range(DOUBLINGS):
        noise = box.noise(limit)
        low = max(low, _below(box.samples, limit - noise))
        high = min(high, _upper(c, box, limit if at_threshold else limit + noise))
        small = box.half_wave < 10 * noise
        # behind a wall there is nothing to gain, and potentials overflow
        thin = [d < DEAD_DECAY for d in end_decay(box.samples, limit)]
        flat = [t.limit <= limit for t in tails]
        grows = [
            math.isinf(end) and (high == math.inf or flat[side] or thin[side])
            for side, end in enumerate(c.domain)
        ]
        if high <= low or not any(grows) or (small and high < math.inf):
            break
        reach *= 2
        ends = first - reach if grows[0] else box.ends[0], last + reach if grows[1] else box.ends[1]
        box = _box(c, ends, (*box.marks, *box.ends), limit)
    if high == math.inf:
        raise ProblemError("the states cannot be counted: the potential keeps changing however far one looks")
    return low, max(low, int(high)), box


def _bindings(c: Coefficients, box: _Box, limit: float, number: int) -> tuple[float, float]:
    """How far below the limit the lowest and the highest counted state lie.

    States are counted in boxes in which the highest may have hardly room, where its energy is far too high.
    """
    for _ in range(ROOMIER):
        lowest, highest = _energies(box, limit, number)
        tight = limit - highest < ROOM * box.half_wave and box.half_wave > 10 * box.noise(limit)
        if not (tight and any(map(math.isinf, c.domain))):
            break
        reach = box.ends[1] - box.ends[0]
        box = _box(c, (box.ends[0] - reach, box.ends[1] + reach), (*box.marks, *box.ends), limit)
    return limit - lowest, limit - highest


def _box(c: Coefficients, ends: tuple[float, float], passed: tuple[float, ...], energy: float) -> _Box:
    """A mesh with the ends of earlier boxes as edges: a narrow well must not get lost in a wide box."""
    ends = (
        c.domain[0] if math.isfinite(c.domain[0]) else ends[0],
        c.domain[1] if math.isfinite(c.domain[1]) else ends[1],
    )

    def span(samples: Samples) -> Span:
        return Span(min(energy_of_phase(samples, 0.5 * math.pi), energy), energy)

    return _Box(ends, build(c, merged(c.cuts, passed, within=ends), span, ACTION, POINTS).samples, passed)


def _below(samples: Samples, energy: float) -> int:
    elements = element_matrices(calmed(samples, energy), DEGREE)
    return int(count_below(condense(elements), np.array([energy]))[0])


def _upper(c: Coefficients, box: _Box, energy: float) -> float:
    """No more states lie below the energy; infinite when this box cannot tell."""
    strengths, fixed = box.samples.strengths.copy(), list(box.samples.fixed)
    for side, sign in ((0, -1), (-1, 1)):
        if math.isinf(c.domain[side]):
            rate = _rate(c, box.ends[side], sign, box.ends[1] - box.ends[0], energy)
            if rate == math.inf:
                return math.inf
            strengths[side] -= rate
            fixed[side] = False
    return _below(replace(box.samples, strengths=strengths, fixed=(fixed[0], fixed[1])), energy)


def _rate(c: Coefficients, cut: float, sign: int, width: float, energy: float) -> float:
    """The r at a cut, from panels outside: in each the integral of (e w - q)+ is added at its far end, and

    -r' = r^2/p carries the sum to the near one, r -> r / (1 - r h/p); both only make r larger.
    """
    edges = np.concatenate([[0.0], np.cumsum(width / 64 * WIDER ** np.arange(PANELS))])
    rule = composite(edges, 6)
    p, q, w = c.at(cut + sign * rule.x)
    pull = energy * w - q
    pull = np.where(pull > 8 * EPS * np.abs(q), pull, 0.0)  # the difference of two rounded numbers
    added, least = (rule.weights * pull).sum(axis=1), p.min(axis=1)
    rate = 0.0
    for k in reversed(range(PANELS)):
        rate += float(added[k])
        left = 1 - rate * float(edges[k + 1] - edges[k]) / float(least[k])
        if left <= 0:
            return math.inf
        rate /= left
    return rate


def _within(c: Coefficients, limit: float, box: _Box, low: int) -> float:
    """How near to the limit the states must lie that may exist beyond the `low` certain ones."""
    distance = 2 * box.noise(limit)
    while _upper(c, box, limit - distance) > low and distance < limit - box.samples.floor:
        distance *= 2
    return distance


def _energies(box: _Box, limit: float, number: int) -> tuple[float, float]:
    """The lowest and the highest of the counted eigenvalues in the box."""
    condensed = condense(element_matrices(calmed(box.samples, limit), DEGREE))
    first, last = (float(counted_energies(condensed, n, n, limit)[0]) for n in (0, number - 1))
    return first, min(last, limit)


# Words --------------------------------------------------------------------------------------------------


def _message(problem: Problem, limit: float, count: int, possible: int, within: float) -> str:
    bound = isinstance(problem.search, BoundStates)
    at = f"the continuum at {_energy(problem, limit)}" if bound else _energy(problem, limit)
    states = "bound state" if bound else "state"
    if possible:
        near = f"may lie within {_energy(problem, within)} of {at}"
        if not count:
            return f"no {states} is certain, {possible} {near}"
        more = f"{possible} more {near}"
        return f"{count} {states}{'s' * (count != 1)} below {at}; {more}"
    if not count:
        return f"no {states} below {at}"
    return f"{count} {states}{'s, all of them' if count > 1 else ''} below {at}"


def _energy(problem: Problem, value: float) -> str:
    unit = problem.units.energy
    return f"{value:.6g}" + (f" {unit}" if unit != "1" else "")
