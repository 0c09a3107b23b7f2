"""`qdsl fmt`: the standard layout of `.qw` files, on disk, or shown as what would change."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from qdsl.cli import output
from qdsl.cli.files import problem_files
from qdsl.errors import Diagnostic, QdslError, Source
from qdsl.language.formatter import format_text
from qdsl.language.source import SIZE_LIMIT, read_source
from qdsl.report.files import write_file

DONE, WOULD_CHANGE, MISTAKE = 0, 1, 2


def fmt(arguments: argparse.Namespace) -> int:
    """Format every file in place; standard input goes to standard output."""
    found: list[Diagnostic] = []
    changed = 0
    for name in problem_files(arguments.files):
        try:
            changed += _format(name, arguments)
        except QdslError as error:  # the other files are formatted all the same
            found += error.diagnostics
    output.print_diagnostics(found)
    if found:
        return MISTAKE
    return WOULD_CHANGE if arguments.check and changed else DONE


def _format(name: str, arguments: argparse.Namespace) -> bool:
    """Format one file, or say what would change; whether its text is not in the standard layout."""
    data = sys.stdin.buffer.read(SIZE_LIMIT + 1) if name == "-" else None
    source = read_source(name if data is None else data)
    text = format_text(source)
    changed = text.encode() != (Path(name).read_bytes() if data is None else data)
    if arguments.diff:
        output.print_text(_difference(source, text))
    elif arguments.check:
        if changed:
            output.print_text(f"{source.name}: would change\n")
    elif data is not None:
        output.print_text(text)
    elif changed:
        write_file(Path(name), text.encode())
        output.print_text(f"{source.name}: formatted\n")
    return changed


def _difference(source: Source, text: str) -> str:
    before, after = (t.splitlines(keepends=True) for t in (source.text, text))
    lines = difflib.unified_diff(before, after, source.name, f"{source.name} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
