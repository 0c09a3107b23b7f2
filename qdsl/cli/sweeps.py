"""`qdsl solve` on a file with sweeps: point after point; Ctrl-C keeps what is done."""

from __future__ import annotations

import argparse
from pathlib import Path

from qdsl.cli import output
from qdsl.cli.limit import TimeUp, time_limit
from qdsl.cli.progress import Meter
from qdsl.reading import Reading

DONE, FELL_SHORT, MISTAKE, TIME_IS_UP, INTERRUPTED = 0, 1, 2, 124, 130


def solve_sweep(reading: Reading, arguments: argparse.Namespace, target: Path | None) -> int:
    """Solve at every point and show the results; the exit status is that of the worst point."""
    points = []
    end: KeyboardInterrupt | None = None
    quiet = arguments.quiet or arguments.json
    with Meter(wanted=not quiet) as progress:
        try:
            from qdsl.sweeping import SweepResult, sweep_points

            with time_limit(arguments.time_limit):
                for point in sweep_points(
                    reading.problem,
                    method=arguments.method,
                    seed=arguments.seed,
                    device=arguments.device,
                    progress=progress,
                ):
                    points.append(point)  # noqa: PERF402 - one by one, so that Ctrl-C leaves those that are done
        except KeyboardInterrupt as interrupt:
            if not points:
                raise
            end = interrupt
    result = SweepResult(reading.problem, tuple(points), complete=end is None)
    if arguments.json:
        from qdsl.report.document import sweep_document

        output.print_json(sweep_document(result, reading))
    elif not arguments.quiet:
        from qdsl.report.sweep_table import sweep_table

        output.print_table(sweep_table(result))
        for point in points if arguments.explain_certificate else ():
            if point.solution is not None:
                at = ", ".join(f"{name} = {value:.6g}" for name, value in point.values.items())
                output.print_text(f"\n{at}\n{point.solution.explain_certificate()}\n")
    drawn = target is None or output.succeeds(lambda: result.plot(target))
    if isinstance(end, TimeUp):
        output.print_line(f"qdsl: {end}")
        return TIME_IS_UP
    if end is not None:
        output.print_line("qdsl: interrupted")
        return INTERRUPTED
    if not drawn:
        return MISTAKE
    return DONE if result.holds else FELL_SHORT
