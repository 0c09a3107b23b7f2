"""Where the command line writes: standard output, standard error, and files (whole or not at all)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from qdsl.errors import Diagnostic, UsageError
from qdsl.report import PLOT_FORMATS

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PIPE_WIDTH = 160
"""Columns when nobody watches: tables keep their natural width, and no line is folded."""


def prepare_streams() -> None:
    """A character that the terminal's encoding lacks is shown as `?`; it is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def print_text(text: str) -> None:
    """Text to standard output.  Raises UsageError when it cannot be written (a full disk)."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write to standard output: {_reason(error)}") from None


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


def print_line(text: str) -> None:
    """A line to standard error."""
    _complain(text)


def check_plot_target(path: str) -> Path:
    """The file that a picture will go to, found writable before the solve.

    Raises UsageError for an unknown kind of file, a missing folder, or one that may not be written to.
    """
    target = Path(path)
    suffix = target.suffix.lower().removeprefix(".")
    if suffix not in PLOT_FORMATS:
        kinds = ", ".join(f".{kind}" for kind in PLOT_FORMATS)
        raise UsageError(
            f"--plot does not know the kind of picture '{path}'", hint=f"the name ends in one of {kinds}"
        )
    if target.is_dir():
        raise UsageError(f"--plot cannot write '{path}': it is a directory")
    if not target.parent.is_dir():
        raise UsageError(f"--plot cannot write '{path}': there is no directory '{target.parent}'")
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".qdsl-")
    except OSError as error:
        raise UsageError(f"--plot cannot write '{path}': {_reason(error)}") from None
    os.close(handle)
    Path(temporary).unlink()
    return target


def write_file(target: Path, data: bytes) -> None:
    """Put data into a file in one step: readers see the old file or the new one, never a half.

    Raises UsageError when that is not possible; nothing is left behind then.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".qdsl-", suffix=target.suffix)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes private files; a picture gets the rights that any new file would have.
        os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())  # noqa: PTH101
        os.replace(temporary, target)  # noqa: PTH105
    except OSError as error:
        raise UsageError(f"cannot write '{target}': {_reason(error)}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        width=None if stream.isatty() else PIPE_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _complain(text: str) -> None:
    """To standard error; when even that is closed, the exit status has to do."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _is_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
