"""`qdsl verify`: every file is solved, and everything that it claims must hold."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

from qdsl import language
from qdsl.cli import output
from qdsl.cli.files import problem_files
from qdsl.cli.progress import Meter
from qdsl.errors import Diagnostic, QdslError
from qdsl.language import tree
from qdsl.reading import Reading, read
from qdsl.solution import Solution

HOLDS, FAILS, MISTAKE = 0, 1, 2

_PARTS = (tree.Title, tree.Citation, tree.Include, tree.Param, tree.Define)
"""The statements of a file that is there to be included, and states no problem of its own."""


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
            verdict = _verdict(file)
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


def _verdict(file: str) -> Verdict:
    start = time.perf_counter()
    mistakes: tuple[Diagnostic, ...] = ()
    try:
        if file != "-" and _states_no_problem(file):
            status, summary = "definitions", "definitions only, nothing to solve"
        else:
            wrong, summary = _outcome(read(file))
            status = "fails" if wrong else "holds"
    except QdslError as error:
        mistakes = error.diagnostics
        count = sum(diagnostic.severity == "error" for diagnostic in mistakes)
        status, summary = "mistake", f"{count} mistake{'s' * (count != 1)}"
    return Verdict(file, status, summary, time.perf_counter() - start, mistakes)


def _states_no_problem(file: str) -> bool:
    statements = language.parse(language.read_source(file)).statements
    return all(isinstance(statement, _PARTS) for statement in statements)


def _outcome(reading: Reading) -> tuple[bool, str]:
    """Whether something is wrong with the solution of a problem, and what there is to say about it."""
    if reading.problem.sweeps:
        from qdsl.sweeping import sweep

        result = sweep(reading.problem)
        wrong = [
            f"{', '.join(f'{name} = {value:.6g}' for name, value in point.values.items())}: "
            + (str(point.error.diagnostics[0].message) if point.error else _complaint(point.solution))
            for point in result.points
            if not point.holds
        ]
        return bool(wrong), wrong[0] if wrong else f"{len(result.points)} points certified and converged"
    from qdsl.solving import solve

    solution = solve(reading.problem)
    complaint = _complaint(solution)
    return bool(complaint), complaint or _praise(solution)


def _complaint(solution: Solution | None) -> str:
    """What does not hold, in a sentence; empty when everything does."""
    if solution is None:
        return ""
    wrong = [
        f"expect {outcome.text}: {_found(outcome.value)}" for outcome in solution.expect if not outcome.passed
    ]
    if solution.status != "certified" or not solution.converged:
        wrong.append(solution.message or "not certified or not converged")
    return "; ".join(wrong)


def _found(value: float | None) -> str:
    return "there is no such state" if value is None else f"found {value:.12g}"


def _praise(solution: Solution) -> str:
    states, expectations = len(solution.states.numbers), len(solution.expect)
    text = f"{states} state{'s' * (states != 1)} certified and converged"
    if expectations:
        text += f", {expectations} expectation{'s' * (expectations != 1)} met"
    return text


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
