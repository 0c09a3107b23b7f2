"""SweepResult -> what `qdsl solve` prints for it: one row a point, and a verdict on all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qdsl.report import numbers
from qdsl.report.fitting import Fitted
from qdsl.report.notation import printable
from qdsl.report.table import BAD, GOOD, QUIET, uncertainties

if TYPE_CHECKING:
    from qdsl.sweeping import SweepPoint, SweepResult

MOST = 8
"""Columns of energies in the widest table."""

LONG = 28
"""Letters of a reported quantity above which it heads its column by a number, and is named below."""


def sweep_table(result: SweepResult) -> RenderableType:
    """Title, one row a point, and what may be believed of all; as many levels as there is room for."""
    most = min(MOST, len(result.numbers))
    choices = [partial(_body, result, shown, LONG) for shown in range(most, -1, -1)]
    return Group(_heading(result), Fitted([*choices, partial(_body, result, 0, 0)]))


def _body(result: SweepResult, levels: int, long: int) -> list[RenderableType]:
    """The table, and what is said below it; quantities that need more than `long` letters have a number."""
    texts = [printable(quantity.text) for quantity in result.problem.report]
    labels = [text if len(text) <= long else f"({i})" for i, text in enumerate(texts, 1)]
    notes = [Text(f"{label} is {text}") for label, text in zip(labels, texts, strict=True) if label != text]
    return [points_table(result, levels, labels), Text(), *notes, verdict(result, levels)]


def points_table(result: SweepResult, levels: int, labels: Sequence[str]) -> Table:
    """A row for each point: swept values, the lowest energies, reported quantities, verdict."""
    problem = result.problem
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    units = {parameter.symbol.name: parameter.unit for parameter in problem.parameters}
    for name in result.names:
        table.add_column(f"{name}{_in(units[name])}", justify="right", no_wrap=True)
    if problem.search is not None:
        table.add_column("states", justify="right", no_wrap=True)
    unit = "" if problem.units.energy == "1" else problem.units.energy
    shown = result.numbers[:levels]
    for n in shown:
        table.add_column(f"E[{n}]{_in(unit)}", no_wrap=True)
    for label, quantity in zip(labels, problem.report, strict=True):
        table.add_column(Text(f"{label}{_in(printable(quantity.unit))}"), no_wrap=True)
    table.add_column("", overflow="fold")
    columns = [_energies(result, column) for column in range(len(shown))]
    for row, point in enumerate(result.points):
        report = {} if point.solution is None else point.solution.report
        bounds = {} if point.solution is None else point.solution.report_bounds
        table.add_row(
            *(numbers.significant(value) for value in point.values.values()),
            *([_found(point)] if problem.search is not None else []),
            *(column[row] for column in columns),
            *(numbers.bounded(report.get(q.text), bounds.get(q.text)) for q in problem.report),
            point_verdict(point),
        )
    return table


def _in(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _found(point: SweepPoint) -> str:
    """How many states the search found; with a question mark where there may be others."""
    count = None if point.solution is None else point.solution.count
    return "-" if count is None else f"{count.number}{'' if count.certified else '?'}"


def point_verdict(point: SweepPoint) -> Text:
    """What is to be said about one point, in a few words."""
    if point.error is not None:
        return Text(printable(point.error.diagnostics[0].message), BAD)
    assert point.solution is not None
    failed = sum(not outcome.passed for outcome in point.solution.expect)
    wrong = [
        word
        for word, is_so in (
            ("not certified", point.solution.status != "certified"),
            ("not converged", not point.solution.converged),
            (f"{failed} expectation{'s' * (failed > 1)} failed", failed > 0),
        )
        if is_so
    ]
    if wrong:
        return Text(", ".join(wrong), BAD)
    return Text("certified" if point.solution.states.numbers else "no state", GOOD)


def verdict(result: SweepResult, levels: int = MOST) -> Text:
    """How many points hold, what is wrong with the others, and how many levels are not shown."""
    total = math.prod(len(sweep.values) for sweep in result.problem.sweeps)
    good = sum(point.trusted for point in result.points)
    text = Text()
    text.append("Certified and converged", GOOD if good == total else BAD)
    where = f"all {total}" if good == total else f"{good} of {total}"
    text.append(f" at {where} points, to the tolerance {_goal(result)}.")
    failed = sum(not point.expected for point in result.points)
    if failed:
        text.append("\nExpectations fail", BAD)
        text.append(f" at {failed} of {total} points.")
    if not result.complete:
        text.append(f"\nInterrupted after {len(result.points)} points.", BAD)
    more = len(result.numbers) - levels
    if more > 0:
        text.append(f"\n{more} more level{'s are' if more > 1 else ' is'} in --json.")
    for message in _messages(result):
        text.append(f"\n{message}")
    return text


def _messages(result: SweepResult) -> Sequence[str]:
    """Each complaint once, with the first point at which it was made."""
    first: dict[str, SweepPoint] = {}
    for point in result.points:
        if point.solution is not None and point.solution.message:
            first.setdefault(point.solution.message, point)
    return [f"{point.place}: {message}" for message, point in first.items()]


def _energies(result: SweepResult, column: int) -> list[str]:
    """The texts of one level, decimal points aligned."""
    n = result.numbers[column]
    known = []
    for point in result.points:
        solution = point.solution
        place = solution.states.numbers.index(n) if solution and n in solution.states.numbers else None
        known.append(math.nan if solution is None or place is None else uncertainties(solution)[place])
    return numbers.energies([float(e) for e in result.energies[:, column]], known)


def _goal(result: SweepResult) -> str:
    return numbers.magnitude(result.problem.training.goal)


def _heading(result: SweepResult) -> Text:
    problem = result.problem
    moving = {sweep.parameter for sweep in problem.sweeps}
    for parameter in problem.parameters:
        if parameter.value.free_symbols & moving:
            moving.add(parameter.symbol)
    fixed = [
        f"{p.symbol} = {numbers.significant(problem.values[p.symbol], 6)} {p.unit}".rstrip()
        for p in problem.parameters
        if p.symbol not in moving
    ]
    size = " by ".join(str(len(sweep.values)) for sweep in problem.sweeps)
    text = Text()
    if problem.title:
        text.append(f"{printable(problem.title)}\n", "bold")
    text.append(" · ".join([f"sweep of {', '.join(result.names)} ({size} points)", *fixed]) + "\n", QUIET)
    return text
