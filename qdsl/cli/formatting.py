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
from qdsl.language.source import SIZE_LIMIT, read_bytes, read_source
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
    piped = name == "-"
    before = sys.stdin.buffer.read(SIZE_LIMIT + 1) if piped else read_bytes(name)
    source = read_source(before, "<stdin>" if piped else name)
    after = _laid_out(source, before)
    changed = after != before
    if arguments.diff:
        output.print_text(_difference(source.name, before, after))
    elif arguments.check:
        if changed:
            output.print_text(f"{source.name}: would change\n")
    elif piped:
        output.print_bytes(after)
    elif changed:
        write_file(Path(name), after)
        output.print_text(f"{source.name}: formatted\n")
    return changed


def _laid_out(source: Source, data: bytes) -> bytes:
    """The formatted file: UTF-8 without a byte-order mark, with the line ends of its first line."""
    text = format_text(source)
    if b"\r\n" in data[: data.find(b"\n") + 1]:  # an editor or git on Windows wants them so
        text = text.replace("\n", "\r\n")
    return text.encode()


def _difference(name: str, before: bytes, after: bytes) -> str:
    old, new = (data.decode().splitlines(keepends=True) for data in (before, after))
    lines = difflib.unified_diff(old, new, name, f"{name} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
