"""`table(x, "bulk.csv")`: a potential through the points of a file, smooth between them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import sympy as sp

from qdsl.errors import ProblemError, Source, Span, UsageError
from qdsl.physics.interpolant import Interpolant, Samples
from qdsl.potentials.plugins import potential

SIZE = 1_000_000
"""Bytes of a table."""

ROWS = 2_000
"""Every value takes a sum over all rows."""

LEAST_ROWS = 4

HIGHEST_DEGREE = 8


@potential
def table(x: sp.Expr, file: Path, degree: sp.Expr = 3) -> sp.Expr:
    """A smooth curve through the points of a file with two columns, position and energy.

    Positions increase from row to row, separated from the energies by a comma, a semicolon, a tab or
    spaces; both are in the units of the problem.  Lines that begin with # are comments, and the first line
    may hold the names of the columns.  The domain must not reach beyond the table.

    Source: M. S. Floater and K. Hormann, Numer. Math. 107 (2007) 315
    """
    if not (degree.is_Integer and 0 <= degree <= HIGHEST_DEGREE):
        raise ProblemError(f"the degree of a table is a whole number from 0 to {HIGHEST_DEGREE}")
    nodes, values = read_table(file)
    samples = Samples(nodes, values, min(int(degree), len(nodes) - 1), f"table_{_word(file.stem)}")
    return Interpolant(x, samples, sp.Integer(0))


def read_table(path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The positions and energies of a table.

    Raises QdslError, with the place in the file where there is one, when it is missing, too large, no
    text, empty, ragged, not numeric or not increasing.
    """
    source = _source(path)
    rows = list(_rows(source))
    if not rows:
        raise ProblemError("this table is empty", source.span(0, 0), "it has two columns of numbers")
    if len(rows) < LEAST_ROWS:
        counted = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        raise ProblemError(f"this table has {counted}, and needs at least {LEAST_ROWS}", rows[-1][2])
    for (before, _, _), (position, _, line) in pairwise(rows):
        if not position > before:
            what = "stands there twice" if position == before else "is smaller than the one before"
            raise ProblemError(f"the position {position:.15g} {what}", line, "sort the rows by position")
    return tuple(row[0] for row in rows), tuple(row[1] for row in rows)


def _source(path: Path) -> Source:
    """The text of a table; its name is the path from the folder in which the work is done."""
    name = _shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(SIZE + 1)
    except OSError as error:
        raise UsageError(f"cannot read '{name}': {(error.strerror or str(error)).lower()}") from None
    if len(data) > SIZE:
        raise UsageError(f"'{name}' is bigger than {SIZE:,} bytes", hint="take fewer points")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"'{name}' is no text: byte {error.start} is not UTF-8") from None
    if "\0" in text:
        raise UsageError(f"'{name}' is no text: byte {text.index(chr(0))} is zero")
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"), str(path))


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _rows(source: Source) -> Iterator[tuple[float, float, Span]]:
    """Position, energy and line of every row."""
    start, first, count = 0, True, 0
    for line in source.text.split("\n"):
        span = source.span(start, start + len(line))
        start += len(line) + 1
        entries = _entries(line)
        if not entries:
            continue
        numbers = [_number(entry) for entry in entries]
        if first and all(number is None for number in numbers):
            first = False
            continue  # the names of the columns
        first = False
        count += 1
        if count > ROWS:
            raise ProblemError(f"this table has more than {ROWS:,} rows", span, "take fewer points")
        yield _row(entries, numbers, span)


def _row(entries: list[str], numbers: list[float | None], span: Span) -> tuple[float, float, Span]:
    if len(entries) != 2:
        columns = "1 column" if len(entries) == 1 else f"{len(entries)} columns"
        hint = "a decimal point is a '.'" if len(entries) == 4 and "," in span.text else ""
        raise ProblemError(f"this row has {columns}, not 2", span, hint)
    for entry, number in zip(entries, numbers, strict=True):
        if number is None:
            hint = f"write {entry.replace(',', '.')}" if "," in entry else ""
            raise ProblemError(f"'{entry[:40]}' is not a number", span, hint)
        if not math.isfinite(number):
            raise ProblemError(f"'{entry[:40]}' is not a finite number", span)
    position, energy = (number or 0.0 for number in numbers)
    return position, energy, span


def _entries(line: str) -> list[str]:
    """What stands between the separators of a line, without its comment."""
    content = line.partition("#")[0].strip()
    if not content:
        return []
    for separator in (";", "\t", ","):
        if separator in content:
            return [entry.strip() for entry in content.split(separator)]
    return content.split()


_NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eEdD][+-]?[0-9]+)?|[+-]?(nan|inf(inity)?)", re.IGNORECASE
)


def _number(entry: str) -> float | None:
    entry = entry.replace("\N{MINUS SIGN}", "-")
    return float(re.sub("[dD]", "e", entry)) if _is_number(entry) else None


def _is_number(entry: str) -> bool:
    return _NUMBER.fullmatch(entry) is not None


def _word(stem: str) -> str:
    return re.sub(r"\W", "_", stem)
