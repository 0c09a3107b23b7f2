"""Sentences about a solution: how many states there are, what cutting the line costs, why n is n.

They hold for a terminal and for JSON alike: plain ASCII, numbers in the problem's units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdsl.physics.problem import BoundStates, Problem
from qdsl.report.interfaces import has_weight
from qdsl.report.numbers import magnitude
from qdsl.verify import Index
from qdsl.verify.spectrum import RESOLUTION

if TYPE_CHECKING:
    from qdsl.solution import Solution

_REASONS = {
    Index.PROVEN: "n levels proven to lie below",
    Index.COUNTED: "n levels lie below, counted by the reference solver",
    Index.CLUSTER: "close levels, enclosed together",
    Index.OSCILLATION: "psi has n nodes",
    Index.SPECTRUM: "no other level is within reach; nodes are too faint to count",
    Index.HILL: "n levels lie below, counted by Hill's discriminant",
    Index.PAIR: "degenerate pairs, counted together by Hill's discriminant",
}


def count_text(solution: Solution) -> str:
    """How many states the search found, and how sure that is; empty where states were asked for by number."""
    count, problem = solution.count, solution.problem
    if count is None:
        return ""
    if isinstance(problem.search, BoundStates):
        kind, name = "bound state", "E" if has_weight(problem) else problem.potential_name
        place = f"below the continuum at {name} = {_energy(problem, count.limit)}"
    else:
        kind, place = "state", f"below E = {_energy(problem, count.limit)}"
    number = f"{count.number or 'No'} {kind}{'s' * (count.number > 1)}"
    more = (
        f"{count.possible}{' more' * (count.number > 0)} may lie within {_size(problem, count.within)} of it"
    )
    if not count.possible:
        text = f"{number} {place}, counted"
    elif count.within <= RESOLUTION * count.depth:
        text = f"{number} {place}, counted ({more})"
    else:
        text = f"{number} {place} {'are' if count.number > 1 else 'is'} certain; {more}: not certified"
    solved = len(solution.energies)
    binding = f"bound by about {_size(problem, count.binding)}"
    if count.number == 1 and not solved:
        text += f", but {binding} only, too weakly to be computed: not certified"
    elif solved < count.number:
        text += f"; only {solved} of them could be computed, the highest is {binding}: not certified"
    return text


def cut_text(solution: Solution) -> tuple[str, ...]:
    """Where an infinite domain was cut, and what that changes, in sentences; none where nothing was cut."""
    problem = solution.problem
    ends = [
        cut
        for end, cut in zip(map(problem.number, problem.interval), solution.box, strict=True)
        if not np.isclose(end, cut, rtol=1e-12, atol=0)
    ]
    if not ends or not len(solution.energies):
        return ()
    length = "" if problem.units.length == "1" else f" {problem.units.length}"
    where = " and ".join(f"{end:.6g}" for end in ends)
    place = (
        f"psi is 0 beyond {problem.coordinate} = {where}{length}, where the states have died out; "
        "the bounds hold without the cut."
    )
    widths = np.abs(np.diff(solution.reference.bracket, axis=1))
    infinite = any(end.is_infinite for end in problem.interval)
    if not infinite or not np.isfinite(widths).all():  # a steep wall at a finite end is cut, not compared
        return (place,)
    cost = float(widths.max())
    tiny = cost <= 1e-13 * float(np.abs(solution.energies).max())
    change = "no more than rounding" if tiny else f"{_size(problem, cost)} at most"
    return (
        place,
        "Walls and free ends (psi' = 0) at the cuts of the reference enclose each level: "
        f"they differ by {change}.",
    )


def index_text(solution: Solution) -> str:
    """Why each state is the one that its number says; one reason, or a line with one for each group."""
    groups: dict[Index, list[int]] = {}
    for n, index in zip(solution.states.numbers, solution.certificate.index, strict=True):
        groups.setdefault(index, []).append(n)
    known = {index: numbers for index, numbers in groups.items() if index in _REASONS}
    if len(groups) == 1:
        return next((_REASONS[index] for index in known), "")
    return "\n" + "; ".join(f"n = {_numbers(numbers)}: {_REASONS[index]}" for index, numbers in known.items())


def _numbers(numbers: list[int]) -> str:
    """`0, 1` or `2 to 7`."""
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))


def _energy(problem: Problem, value: float) -> str:
    return with_unit(problem, f"{value:.6g}")


def _size(problem: Problem, value: float) -> str:
    return with_unit(problem, magnitude(value))


def with_unit(problem: Problem, text: str) -> str:
    return text if problem.units.energy == "1" else f"{text} {problem.units.energy}"
