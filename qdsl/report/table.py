"""Solution -> what `qdsl solve` prints: the states, the report, the expectations, and the verdict.

The functions return rich renderables; the console that prints them decides about colour and width.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from qdsl.physics.problem import Problem
from qdsl.report import numbers
from qdsl.report.document import method_text
from qdsl.report.notation import printable
from qdsl.report.words import count_text, cut_text, index_text

if TYPE_CHECKING:
    from qdsl.solution import Outcome, Solution

GOOD, BAD, QUIET = "green", "bold red", "dim"


def solution_table(solution: Solution, *, unicode: bool = True) -> RenderableType:
    """Everything worth knowing about a solution, for a terminal; `unicode=False` keeps to ASCII marks."""
    parts: list[RenderableType] = [_heading(solution)]
    if solution.count is not None:
        parts.append(Text(count_text(solution), GOOD if solution.count.certified else BAD))
    if solution.states.numbers:
        parts += [*([Text()] if solution.count else []), states_table(solution)]
    if solution.report:
        parts += [Text(), _report(solution)]
    if solution.expect:
        parts += [Text(), *(_outcome(outcome, unicode) for outcome in solution.expect)]
    parts += [Text(), verdict(solution)]
    return Group(*parts)


def states_table(solution: Solution) -> Table:
    """One row a state: n, energy, bound, nodes, difference to the reference, residual, verdict."""
    states, certificate = solution.states, solution.certificate
    unit = "" if solution.problem.units.energy == "1" else f" ({solution.problem.units.energy})"
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("n", justify="right")
    table.add_column(f"energy{unit}", no_wrap=True)
    table.add_column("± bound", justify="right", no_wrap=True)
    table.add_column("nodes", justify="right")
    table.add_column("E − reference", justify="right", no_wrap=True)
    table.add_column("residual", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    energies = numbers.energies([float(e) for e in states.energies], uncertainties(solution))
    for i, n in enumerate(states.numbers):
        nodes = int(certificate.nodes[i])
        table.add_row(
            str(n),
            energies[i],
            numbers.magnitude(float(certificate.bounds[i])),
            str(nodes) if nodes >= 0 else "–",
            _signed(float(certificate.differences[i])),
            numbers.magnitude(float(certificate.residuals[i])),
            _state_verdict(bool(certificate.certified[i]), bool(certificate.converged[i])),
        )
    return table


def verdict(solution: Solution) -> Text:
    """The last line: what may be believed, in plain words."""
    tolerance = numbers.magnitude(solution.problem.training.goal)
    certified, converged = solution.status == "certified", solution.converged
    text = Text()
    if certified and not solution.states.numbers:
        text.append("Certified", GOOD)
        text.append(": there is no such state.")
    elif certified:
        reason = index_text(solution)
        text.append("Certified", GOOD)
        text.append(": each energy lies within its bound of a true level, and is the level that n says")
        text.append(f":{reason}." if reason.startswith("\n") else f" ({reason})." if reason else ".")
    else:
        text.append("Not certified", BAD)
        text.append(_shortfall(solution))
    if solution.states.numbers:
        text.append("\n")
        if converged:
            text.append("Converged", GOOD)
            text.append(f": bounds, or differences to the reference, are within the tolerance {tolerance}.")
        else:
            text.append("Not converged", BAD)
            text.append(f" to the tolerance {tolerance}.")
    for number, sentence in enumerate(cut_text(solution)):
        text.append(f"\n{'     ' if number else 'Cut: '}{sentence}")
    messages = (solution.states.message, solution.certificate.message)  # on the count, see the top
    if any(messages):
        text.append("\n" + "; ".join(filter(None, messages)))
    failed = sum(not outcome.passed for outcome in solution.expect)
    if failed:
        text.append("\n")
        text.append(f"{failed} of {len(solution.expect)} expectations failed", BAD)
        text.append(".")
    return text


def _shortfall(solution: Solution) -> str:
    """What is wrong with the number of states, if it is that."""
    if solution.count is None or solution.count.certified:
        return "."
    if len(solution.energies) < solution.count.number:
        return ": not all states that were counted could be computed."
    return ": it is not certain how many states there are."


def _heading(solution: Solution) -> Text:
    """Title, and in one line how it was solved."""
    problem = solution.problem
    length = "" if problem.units.length == "1" else f" {problem.units.length}"
    facts = [
        method_text(solution),
        f"{problem.coordinate} in {_domain(problem)}{length}",
        *(
            f"{parameter.symbol} = {numbers.significant(problem.values[parameter.symbol], 6)} "
            f"{parameter.unit}".rstrip()
            for parameter in problem.parameters
        ),
    ]
    text = Text()
    if problem.title:
        text.append(f"{printable(problem.title)}\n", "bold")
    text.append(" · ".join(facts) + "\n", QUIET)
    return text


def _domain(problem: Problem) -> str:
    """`[0, inf)`: the domain as it was stated; where an infinite one is cut stands below the table."""
    low, high = map(problem.number, problem.interval)
    left, right = "(" if math.isinf(low) else "[", ")" if math.isinf(high) else "]"
    return f"{left}{low:.6g}, {high:.6g}{right}"


def _report(solution: Solution) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    units = {quantity.text: quantity.unit for quantity in solution.problem.report}
    bounds = solution.report_bounds
    values = {label: numbers.bounded(value, bounds.get(label)) for label, value in solution.report.items()}
    width = max((len(text) for label, text in values.items() if bounds.get(label) is not None), default=0)
    for label, text in values.items():
        bound = bounds.get(label)
        known = text if bound is None else f"{text.ljust(width)}  ± {numbers.magnitude(bound)}"
        exists = solution.report[label] is not None
        table.add_row(
            Text(printable(label)), f"{known} {units.get(label, '')}".rstrip() if exists else "no such state"
        )
    return table


def _outcome(outcome: Outcome, unicode: bool) -> Text:
    """One expectation: a mark, the statement, and the value found where it failed or is worth seeing."""
    mark = ("✓" if outcome.passed else "✗") if unicode else ("ok" if outcome.passed else "FAILED")
    text = Text()
    text.append(f"{mark} ", GOOD if outcome.passed else BAD)
    text.append(printable(outcome.text))
    if outcome.value is None:
        text.append("   there is no such state", BAD)
    elif not outcome.passed:
        text.append(f"   found {numbers.significant(outcome.value, 12)}", BAD)
        text.append(f", expected {numbers.significant(outcome.expected, 12)}")
    else:
        error = abs(outcome.value - outcome.expected) / (abs(outcome.expected) or 1.0)
        text.append(f"   off by {numbers.magnitude(error)}", QUIET)
    return text


def _state_verdict(certified: bool, converged: bool) -> Text:
    wrong = [
        word for word, holds in (("not certified", certified), ("not converged", converged)) if not holds
    ]
    return Text(", ".join(wrong), BAD) if wrong else Text("certified", GOOD)


def _signed(value: float) -> str:
    text = numbers.magnitude(value)
    return text if text in ("-", "0") or value < 0 else f"+{text}"


def uncertainties(solution: Solution) -> list[float]:
    """How well each energy is known: its distance from the reference, and no better than the tolerance.

    The tolerance is a share of the energy; of one that may be zero, a share of the distance to its neighbour.
    """
    goal = solution.problem.training.goal
    energies = [float(energy) for energy in solution.energies]
    known = []
    for i, (energy, difference, bound) in enumerate(
        zip(energies, solution.certificate.differences, solution.certificate.bounds, strict=True)
    ):
        distance = abs(float(difference)) if math.isfinite(difference) else float(bound)
        size = abs(energy)
        if size <= bound:
            size = min((abs(other - energy) for other in energies[:i] + energies[i + 1 :]), default=size)
        known.append(max(distance, 0.1 * goal * size))
    return known
