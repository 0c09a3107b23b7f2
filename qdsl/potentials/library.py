"""The library: potentials in files of their own, written in the language, each named like its file.

The function `morse` is defined in `morse.qw`, so that nothing has to be read before it is called.  Folders
of QDSL_PATH are part of the library, and come before the packaged one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from qdsl import language
from qdsl.language import read_source, tree
from qdsl.potentials import places


@dataclass(frozen=True)
class Library:
    """Functions by name, read when they are asked for; each file is read once."""

    _read: dict[str, tree.File] = field(default_factory=dict)

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Where the function of each name is defined."""
        found: dict[str, Path] = {}
        for folder in places.library_folders():
            try:
                entries = sorted(folder.iterdir())
            except OSError:
                continue
            for entry in entries:
                if entry.suffix == ".qw" and entry.is_file():
                    found.setdefault(entry.stem, entry)
        return found

    def file(self, name: str) -> tree.File:
        """The tree of the file of a function.

        Raises QdslError when it cannot be read, KeyError where there is none.
        """
        if name not in self._read:
            path = self.files[name]
            packaged = path.parent == places.library_folder()
            shown = f"qdsl/library/{path.name}" if packaged else str(path)
            self._read[name] = language.parse(read_source(path, shown))
        return self._read[name]

    def define(self, name: str) -> tree.Define | None:
        """The definition of a function, None where the library has none.

        Raises QdslError when its file is wrong.
        """
        if name not in self.files:
            return None
        for statement in self.file(name).statements:
            if isinstance(statement, tree.Define) and statement.name.name == name:
                return statement
        return None
