"""What the commands do: read, solve, show.  Each returns an exit status; mistakes are raised.

What is heavy is imported where it is used: `check` and `explain` never load torch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from qdsl.cli import output
from qdsl.cli.limit import time_limit
from qdsl.cli.progress import Meter
from qdsl.errors import Diagnostic, QdslError, UsageError
from qdsl.physics.problem import Problem, StatesBelow
from qdsl.reading import Reading, override, read
from qdsl.report.files import check_plot_target

SOLVED, FELL_SHORT, MISTAKE = 0, 1, 2


def solve(arguments: argparse.Namespace) -> int:
    """Solve one file, and show the result as a table or as JSON, and as a picture if wanted."""
    target = check_plot_target(arguments.plot) if arguments.plot else None
    start = time.perf_counter()
    reading = _read(arguments.file, arguments.set)
    parsing = time.perf_counter() - start
    talkative = not (arguments.quiet or arguments.json)
    if not arguments.quiet:
        output.print_diagnostics(reading.problem.warnings)
    if reading.problem.sweeps:
        from qdsl.cli.sweeps import solve_sweep

        return solve_sweep(reading, arguments, target)
    with Meter(wanted=talkative) as progress, time_limit(arguments.time_limit):
        from qdsl.solving import solve as solve_problem

        solution = solve_problem(
            reading.problem,
            method=arguments.method,
            seed=arguments.seed,
            device=arguments.device,
            progress=progress,
        )
    solution = replace(solution, seconds={"parse": parsing, **solution.seconds})
    if arguments.json:
        from qdsl.report.document import solution_document

        output.print_json(solution_document(solution, reading))
    elif not arguments.quiet:
        from qdsl.report.table import solution_table

        output.print_table(solution_table(solution, unicode=output.marks_are_unicode()))
        if arguments.explain_certificate:
            output.print_text(f"\n{solution.explain_certificate()}\n")
    if target is not None and not output.succeeds(lambda: solution.plot(target)):
        return MISTAKE
    good = solution.status == "certified" and solution.converged
    return SOLVED if good and all(outcome.passed for outcome in solution.expect) else FELL_SHORT


def check(arguments: argparse.Namespace) -> int:
    """Read and check every file; one line for each that is in order, diagnostics for the others."""
    found: list[Diagnostic] = []
    fine: list[str] = []
    for file in arguments.files:
        try:
            reading = _read(file, ())
        except QdslError as error:
            found += error.diagnostics
        else:
            found += reading.problem.warnings
            fine.append(f"{reading.source.name}: ok, {_summary(reading.problem)}\n")
    if arguments.json or arguments.format == "json":
        from qdsl.report.document import diagnostics_document

        output.print_json(diagnostics_document(found))
    else:
        output.print_text("".join(fine))
        output.print_diagnostics(found)
    return MISTAKE if any(diagnostic.severity == "error" for diagnostic in found) else SOLVED


def explain(arguments: argparse.Namespace) -> int:
    """Print what would be solved, and how, as text or as LaTeX."""
    from qdsl.report.explain import explain as explanation
    from qdsl.report.writer import LatexWriter, PlainWriter

    problem = _read(arguments.file, arguments.set).problem
    writer = LatexWriter() if arguments.latex else PlainWriter()
    output.print_text(explanation(problem, writer))
    return SOLVED


def _read(file: str, assignments: Sequence[tuple[str, str]]) -> Reading:
    """The problem in a file, with the values from `--set` in place."""
    reading = read(file)
    for name, _ in assignments:
        if any(sweep.parameter.name == name for sweep in reading.problem.sweeps):
            raise UsageError(
                f"the file sweeps '{name}', so --set cannot fix it",
                hint=f"remove 'sweep {name} = …' from the file, or set another parameter",
            )
    return override(reading, *assignments) if assignments else reading


def _summary(problem: Problem) -> str:
    """What a file asks for, in a few words."""
    from qdsl.report.notation import plain

    low, high = map(plain, problem.interval)
    states = problem.states
    if isinstance(problem.search, StatesBelow):
        wanted = f"states below {plain(problem.search.energy)}"
    elif problem.search is not None:
        wanted = "bound states"
    else:
        wanted = f"states {states[0]} to {states[-1]}" if len(states) > 1 else f"state {states[0]}"
    return f"{wanted} for {low} < {plain(problem.coordinate)} < {high}"
