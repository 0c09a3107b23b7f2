"""Which files a command is about: those that are named, and the `.qw` files in folders that are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qdsl.errors import UsageError


def problem_files(names: Sequence[str]) -> list[str]:
    """The files, each once, in the order of the arguments; folders give theirs sorted, with subfolders.

    `-` (standard input) stays what it is.  Raises UsageError for a folder without a `.qw` file.
    """
    return list(dict.fromkeys(file for name in names for file in _files(name)))


def _files(name: str) -> Iterator[str]:
    folder = Path(name)
    if name == "-" or not folder.is_dir():
        yield name
        return
    found = sorted(path for path in folder.rglob("*.qw") if path.is_file() and not _hidden(path, folder))
    if not found:
        raise UsageError(f"there is no .qw file in the folder '{name}'")
    yield from map(str, found)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
