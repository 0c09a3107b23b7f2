"""Finds the files that a text may name, and no others.

`include "…"` and `table(x, "…")` take relative paths with forward slashes, that do not lead out of the
folder in which they are looked for: the folder of the file that names them, then those of the environment
variable QDSL_PATH, then the packaged library.  A text that is in no file has no folder of its own.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.spelling import did_you_mean

VARIABLE = "QDSL_PATH"

LONGEST = 255
"""Characters of a path, as in most file systems for each of its parts."""

PROBLEMS = (".qw",)
TABLES = (".csv", ".txt", ".dat", ".tsv")
"""Endings of the files that may be read."""


def library_folder() -> Path:
    """The folder of the packaged library."""
    return Path(str(files("qdsl").joinpath("library")))


def library_folders() -> list[Path]:
    """The folders of QDSL_PATH and the packaged library, in the order in which they are searched."""
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [*(Path(name) for name in named if name), library_folder()]


@dataclass(frozen=True)
class Place:
    """A file that may be read: its real path, for comparison, and what messages call it."""

    path: Path
    name: str


def find(text: tree.Text, suffixes: tuple[str, ...]) -> Place:
    """The file that a text names.

    Raises ProblemError, at the text, when it is no relative path inside its folder, when there is no such
    file, or when it is none that can be read.
    """
    path = _relative(text, suffixes)
    for folder in _folders(text.span):
        place = _inside(folder, path, text)
        if place is not None:
            return place
    raise ProblemError(f"there is no file '{text.value}'", text.span, _hint(text.span, path, suffixes))


def _relative(text: tree.Text, suffixes: tuple[str, ...]) -> PurePosixPath:
    name = text.value
    if not name.strip():
        raise ProblemError("the name of the file is empty", text.span)
    if len(name) > LONGEST:
        raise ProblemError(f"the name of the file has more than {LONGEST} characters", text.span)
    if not name.isprintable():
        raise ProblemError("the name of the file holds a character that cannot be printed", text.span)
    if "\\" in name:
        raise ProblemError(
            "folders are separated by '/', on every system",
            text.span,
            f'write "{name.replace(chr(92), "/")}"',
        )
    if name.startswith(("/", "~")) or name[1:2] == ":":
        hint = f"set {VARIABLE} to the folders of files that are used from everywhere"
        raise ProblemError("the path of a file is relative to the folder of this one", text.span, hint)
    path = PurePosixPath(name)
    if ".." in path.parts:
        raise ProblemError(
            "a path cannot lead out of the folder of this file",
            text.span,
            f"put the file into this folder, or its folder into {VARIABLE}",
        )
    if path.suffix not in suffixes:
        raise ProblemError(f"'{name}' does not end in {_either(suffixes)}", text.span)
    return path


def _either(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _folders(span: Span) -> Iterator[Path]:
    own = span.source.path
    if own:
        yield Path(own).parent
    yield from library_folders()


def _inside(folder: Path, path: PurePosixPath, text: tree.Text) -> Place | None:
    """The file at a path inside of a folder, or None where there is none."""
    place = folder / path
    try:
        real = place.resolve()
        mode = real.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RuntimeError) as error:
        raise ProblemError(f"cannot read '{text.value}': {_reason(error)}", text.span) from None
    if not real.is_relative_to(folder.resolve()):
        raise ProblemError(f"'{text.value}' is a link that leads out of its folder", text.span)
    if stat.S_ISDIR(mode):
        raise ProblemError(f"'{text.value}' is a directory, not a file", text.span)
    if not stat.S_ISREG(mode):
        raise ProblemError(f"'{text.value}' is no regular file", text.span)
    return Place(real, str(place))


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason.lower()


def _hint(span: Span, path: PurePosixPath, suffixes: tuple[str, ...]) -> str:
    """The file that was perhaps meant, or where this one was looked for."""
    folders = list(_folders(span))
    for folder in folders:
        names = {name.rpartition(".")[0]: name for name in _names(folder / path.parent, suffixes)}
        meant = did_you_mean(path.stem, names)
        if meant:
            return f"did you mean '{path.with_name(names[meant])}'?"
    beside = "next to this file, " if span.source.path else ""
    return f"it is looked for {beside}in the folders of {VARIABLE}, and in the library of qdsl"


def _names(folder: Path, suffixes: Iterable[str]) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.suffix in suffixes)
    except (OSError, ValueError):
        return []
