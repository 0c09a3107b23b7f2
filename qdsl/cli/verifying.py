"""`qdsl verify`: every file is solved, and everything that it claims must hold."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdsl import language
from qdsl.cli import output
from qdsl.cli.files import problem_files
from qdsl.cli.limit import TimeUp, time_limit
from qdsl.cli.progress import Meter
from qdsl.errors import Diagnostic, QdslError
from qdsl.language import tree
from qdsl.physics.problem import Problem
from qdsl.reading import Reading, check_library, is_library, read

if TYPE_CHECKING:
    from qdsl.sweeping import SweepPoint

HOLDS, FAILS, MISTAKE = 0, 1, 2


@dataclass(frozen=True)
class Verdict:
    """What became of one file: `holds`, `fails`, `mistake`, or `definitions` where nothing is to solve."""

    file: str
    status: str
    summary: str
    seconds: float
    mistakes: tuple[Diagnostic, ...] = ()


def verify(arguments: argparse.Namespace) -> int:
    """One line for each file as soon as it is done, and a summary."""
    files = problem_files(arguments.files)
    width = max(map(len, files))
    verdicts = []
    for number, file in enumerate(files):
        with Meter(wanted=not arguments.json) as progress:
            progress(f"{file} ({number + 1}/{len(files)})", 0.0)
            verdict = _verdict(file, arguments.time_limit)
        verdicts.append(verdict)
        if not arguments.json:
            mark = "ok" if verdict.status in ("holds", "definitions") else "FAILED"
            output.print_text(f"{file:<{width}}  {mark:<6}  {verdict.summary}\n")
            output.print_diagnostics(verdict.mistakes)
    if arguments.json:
        output.print_json(_document(verdicts))
    else:
        output.print_text(_summary(verdicts))
    statuses = {verdict.status for verdict in verdicts}
    return MISTAKE if "mistake" in statuses else FAILS if "fails" in statuses else HOLDS


def _verdict(file: str, limit: float | None) -> Verdict:
    start = time.perf_counter()
    mistakes: Sequence[Diagnostic] = ()
    try:
        parsed = None if file == "-" else language.parse(language.read_source(file))
        if parsed is not None and is_library(parsed):
            check_library(parsed)
            status, summary = "definitions", "definitions only, nothing to solve"
        else:
            with time_limit(limit):
                status, summary, mistakes = _judged(read(file))
    except TimeUp as up:
        status, summary = "fails", str(up)
    except QdslError as error:
        status, mistakes = "mistake", error.diagnostics
        summary = _counted(sum(diagnostic.severity == "error" for diagnostic in mistakes), "mistake")
    return Verdict(file, status, summary, time.perf_counter() - start, tuple(mistakes))


def _judged(reading: Reading) -> tuple[str, str, list[Diagnostic]]:
    """Status and summary of a problem that could be read, and the expectations that it does not meet."""
    points = _solved(reading.problem)
    expectations = _counted(len(reading.problem.expect), "expectation")
    failures = list(_failures(reading, points))
    wrong = [f"{len(failures)} of {expectations} failed"] if failures else []
    doubtful = [point for point in points if not point.trusted]
    if doubtful:
        wrong.append(f"{_at(doubtful)}{_doubt(doubtful[0])}")
    if wrong:
        return "fails", "; ".join(wrong), failures
    solution = points[0].solution
    if reading.problem.sweeps or solution is None:
        what = _counted(len(points), "point")
    else:
        what = _counted(len(solution.states.numbers), "state")
    met = f"{expectations} met" if reading.problem.expect else "no expectations"
    return "holds", f"{what} certified and converged, {met}", []


def _solved(problem: Problem) -> Sequence[SweepPoint]:
    """The points of a sweep; a problem without sweeps is one point of none."""
    from qdsl.solving import solve
    from qdsl.sweeping import SweepPoint, sweep

    return sweep(problem).points if problem.sweeps else (SweepPoint({}, solve(problem)),)


def _failures(reading: Reading, points: Sequence[SweepPoint]) -> Iterator[Diagnostic]:
    """A diagnostic for each `expect` that does not hold, with what was found where it first does not."""
    statements = language.parse(reading.source).statements
    places = [statement.span for statement in statements if isinstance(statement, tree.Expect)]
    for index, place in enumerate(places):
        outcomes = [(point, point.solution.expect[index]) for point in points if point.solution]
        failing = [(point, outcome) for point, outcome in outcomes if not outcome.passed]
        if failing:
            outcome = failing[0][1]
            found = "there is no such state" if outcome.value is None else f"found {outcome.value:.12g}"
            at = _at([point for point, _ in failing])
            yield Diagnostic(f"this does not hold: {at}{found}, expected {outcome.expected:.12g}", place)


def _at(points: Sequence[SweepPoint]) -> str:
    """`at V0 = 5 and 3 other points: `, for what is so at these points of a sweep."""
    if not points[0].values:
        return ""
    others = len(points) - 1
    return f"at {points[0].place}" + (f" and {_counted(others, 'other point')}" if others else "") + ": "


def _doubt(point: SweepPoint) -> str:
    """Why a point is not to be trusted."""
    if point.error is not None:
        return point.error.diagnostics[0].message
    message = point.solution.message if point.solution else ""
    return message or "not certified or not converged"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _summary(verdicts: Sequence[Verdict]) -> str:
    good = sum(verdict.status in ("holds", "definitions") for verdict in verdicts)
    seconds = sum(verdict.seconds for verdict in verdicts)
    if good == len(verdicts):
        return (
            f"All {good} files hold ({seconds:.1f} s).\n"
            if good != 1
            else f"The file holds ({seconds:.1f} s).\n"
        )
    return f"{len(verdicts) - good} of {len(verdicts)} files fail ({seconds:.1f} s).\n"


def _document(verdicts: Sequence[Verdict]) -> dict[str, object]:
    from qdsl.report.document import diagnostics_document

    return {
        "holds": all(verdict.status in ("holds", "definitions") for verdict in verdicts),
        "files": [
            {
                "file": verdict.file,
                "status": verdict.status,
                "summary": verdict.summary,
                "seconds": verdict.seconds,
                **diagnostics_document(verdict.mistakes),
            }
            for verdict in verdicts
        ],
    }
