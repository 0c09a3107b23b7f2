"""Places in a file, and the errors that point at them.

Every mistake of a user ends up as a `QdslError` that holds one or more `Diagnostic`s.  A diagnostic
says where (a `Span`), what is wrong in the user's words, and how to mend it (the hint).  Nothing here
depends on anything but the standard library, so that every other module may use it.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, eq=False)
class Source:
    """A named text: a file, standard input, or the value of one `--set`.

    `text` has Unix line ends and no byte-order mark (see `language.read_source`), so that offsets,
    lines and columns mean the same on every system.  `path` is the file that the text was read from,
    empty where it is in none.
    """

    name: str
    text: str
    path: str = ""

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0] + [i + 1 for i, char in enumerate(self.text) if char == "\n"]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of one line (counted from 1), without its line end."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)


@dataclass(frozen=True)
class Span:
    """Characters `start` (included) to `end` (excluded) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column just behind the last character."""
        return self.source.position(self.end)[1]

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one in the same source."""
        return Span(self.source, self.start, other.end)


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is wrong (or odd, as a warning), where, and how to mend it.

    `notes` point at other places that matter, such as where a name was first set.
    """

    message: str
    span: Span | None = None
    hint: str = ""
    severity: Severity = "error"
    notes: tuple[tuple[str, Span], ...] = ()

    def __str__(self) -> str:
        lines = "\n".join(self._lines()).split("\n")  # a hint may show several lines
        return "\n".join(map(_printable, lines))

    def _lines(self) -> Iterator[str]:
        if self.span is None:
            yield f"{self.severity}: {self.message}"
            if self.hint:
                yield f"  hint: {self.hint}"
            return
        where = f"{self.span.source.name}:{self.span.line}:{self.span.column}"
        yield f"{where}: {self.severity}: {self.message}"
        yield from _frame(self.span, self.hint)
        for message, span in self.notes:
            yield f"{span.source.name}:{span.line}:{span.column}: note: {message}"
            yield from _frame(span, "")


def _frame(span: Span, hint: str, width: int = 100) -> Iterator[str]:
    """The source line with carets under the span, as far as it lies on its first line.

    Long lines are cut to a window around the span; tabs and control characters become spaces, so that
    the carets stay under the characters they mean.
    """
    line = span.source.line(span.line)
    first = span.column - 1
    last = span.end_column - 1 if span.end_line == span.line else len(line)
    window = 0 if len(line) <= width or first < width * 3 // 4 else first - width // 2
    shown = line[window : window + width]
    cut = window + width < len(line)
    printable = _printable(shown).rstrip()
    prefix = "…" if window else ""
    number = str(span.line)
    before = " " * len(prefix) + _blank(printable[: max(0, first - window)])
    before += " " * max(0, (first - window) - len(printable))
    length = max(1, min(last, window + width) - first)
    marked = shown[first - window : first - window + length]
    carets = "^" * max(1, _cells(marked))
    yield f"  {number} | {prefix}{printable}{'…' if cut else ''}"
    yield f"  {' ' * len(number)} | {before}{carets}{' ' + hint if hint else ''}"


def _printable(text: str) -> str:
    """Without control characters: nothing in a file can drive a terminal, not by way of an error either."""
    return "".join(c if c.isprintable() else " " for c in text)


def _cells(text: str) -> int:
    """How many terminal cells a text takes: combining marks none, East Asian wide characters two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _blank(text: str) -> str:
    return " " * _cells(text)


class QdslError(Exception):
    """A mistake that the user can mend; `diagnostics` says what and where, worst first.

    `str(error)` is the text that the command line prints.
    """

    diagnostics: tuple[Diagnostic, ...]

    def __init__(
        self,
        problem: str | Iterable[Diagnostic],
        span: Span | None = None,
        hint: str = "",
    ) -> None:
        if isinstance(problem, str):
            self.diagnostics = (Diagnostic(problem, span, hint),)
        else:
            self.diagnostics = tuple(problem)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))


class LanguageError(QdslError):
    """The text does not follow the grammar."""


class ProblemError(QdslError):
    """The text is well formed, but what it says is not a quantum problem that qdsl can pose."""


class UsageError(QdslError):
    """A wrong argument: on the command line, in a Python call, or a file that cannot be read or written."""


def joined(errors: Iterable[ProblemError]) -> ProblemError:
    """One error of several; what was found twice, in a function used twice, is said once."""
    distinct: dict[tuple[str, Span | None], Diagnostic] = {}
    for error in errors:
        for diagnostic in error.diagnostics:
            distinct.setdefault((diagnostic.message, diagnostic.span), diagnostic)
    return ProblemError(distinct.values())


@dataclass
class Findings:
    """Collects what a pass finds wrong, so that one run reports every mistake."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(
        self, message: str, span: Span | None = None, hint: str = "", notes: Iterable[tuple[str, Span]] = ()
    ) -> None:
        self.diagnostics.append(Diagnostic(message, span, hint, "error", tuple(notes)))

    def warning(self, message: str, span: Span | None = None, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(message, span, hint, "warning"))

    def extend(self, error: QdslError) -> None:
        self.diagnostics.extend(error.diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "warning")


MOST_SHOWN = 20
"""Mistakes that one error tells of: the first ones are what a user mends, and often make the others."""


def first_ones(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """No more diagnostics than a reader wants to see at once, and a last one that says so."""
    shown = list(diagnostics)
    if len(shown) > MOST_SHOWN:
        more = Diagnostic(
            "there are more mistakes from here on; mend those above first", shown[MOST_SHOWN].span
        )
        return [*shown[:MOST_SHOWN], more]
    return shown
