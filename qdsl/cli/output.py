"""Where the command line writes: standard output and standard error."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

from qdsl.errors import Diagnostic, QdslError, UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PIPE_WIDTH = 160
"""Columns when nobody watches: tables keep their natural width, and no line is folded."""

LEAST_WIDTH = 80
"""Columns that a table gets on the narrowest terminal; a folded line is better than a cut number."""


def prepare_streams() -> None:
    """A character that the terminal's encoding lacks is shown as `?`; it is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def print_text(text: str) -> None:
    """Text to standard output.  Raises UsageError when it cannot be written (a full disk)."""
    _print(lambda: sys.stdout.write(text))


def print_bytes(data: bytes) -> None:
    """The content of a file to standard output, whatever the encoding of the terminal.  Raises UsageError."""
    _print(lambda: sys.stdout.buffer.write(data))


def _print(write: Callable[[], object]) -> None:
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"cannot write to standard output: {(error.strerror or str(error)).lower()}"
        ) from None


def print_json(document: dict[str, Any]) -> None:
    """One JSON document, and nothing else, to standard output."""
    print_text(
        json.dumps(document, indent=2, ensure_ascii=not _is_unicode(sys.stdout), allow_nan=False) + "\n"
    )


def print_table(renderable: RenderableType) -> None:
    """A rich renderable to standard output; no colour unless it is a terminal that wants it."""
    console = _console(sys.stdout)
    with console.capture() as capture:
        console.print(renderable)
    print_text(re.sub(r" +$", "", capture.get(), flags=re.MULTILINE))


def marks_are_unicode() -> bool:
    """Whether standard output can show ✓ and ✗."""
    return _is_unicode(sys.stdout)


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Mistakes and warnings to standard error, with their caret frames."""
    texts = [str(diagnostic) for diagnostic in diagnostics]
    if not texts:
        return
    if not sys.stderr.isatty():
        _complain("\n".join(texts))
        return
    from rich.text import Text

    for text in texts:
        styled = Text(text)
        styled.highlight_regex(r"(?m)^(\S+: )?error:", "bold red")
        styled.highlight_regex(r"(?m)^(\S+: )?warning:", "bold yellow")
        styled.highlight_regex(r"(?m)^ +\| +(\^+)", "red")
        _console(sys.stderr).print(styled, soft_wrap=True)


def succeeds(action: Callable[[], object]) -> bool:
    """Whether an action went well; if not, standard error says why.

    For what comes after the results: standard output holds a whole document then.
    """
    try:
        action()
    except QdslError as error:
        print_diagnostics(error.diagnostics)
        return False
    return True


def print_line(text: str) -> None:
    """A line to standard error."""
    _complain(text)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    width = max(shutil.get_terminal_size().columns, LEAST_WIDTH) if stream.isatty() else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _complain(text: str) -> None:
    """To standard error; when even that is closed, the exit status has to do."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _is_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")
