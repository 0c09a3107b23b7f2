"""`qdsl potentials`: the potentials that a file can call, listed, described and drawn."""

from __future__ import annotations

import argparse

from qdsl.cli import output
from qdsl.cli.progress import Meter
from qdsl.errors import UsageError
from qdsl.potentials.catalogue import Catalogue, Entry
from qdsl.report.catalogue import description, listing
from qdsl.report.files import check_plot_target


def potentials(arguments: argparse.Namespace) -> int:
    """List all potentials, or show one of them; a picture of it shows the example in its file, solved."""
    catalogue = Catalogue.present()
    if arguments.name is None:
        if arguments.plot:
            raise UsageError("say which potential to draw", hint="qdsl potentials morse --plot morse.png")
        output.print_text(listing(catalogue.entries()))
        return 0
    entry = catalogue.entry(arguments.name)
    if arguments.plot:
        _draw(entry, arguments.plot)
    output.print_text(description(entry))
    return 0


def _draw(entry: Entry, target: str) -> None:
    if not entry.is_file:
        raise UsageError(f"'{entry.name}' comes from a plug-in, which has no example to draw")
    path = check_plot_target(target)
    from qdsl.reading import read

    problem = read(entry.where).problem
    with Meter(wanted=True) as progress:
        from qdsl.solving import solve

        solution = solve(problem, progress=progress)
    from qdsl.report.plot import draw

    draw(solution, path)
