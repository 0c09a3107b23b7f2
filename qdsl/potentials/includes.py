"""`include`: a file with the parameters and functions of other files in the place of its includes.

What else an included file says is left out, so that a library file can be a problem of its own, with an
example and its known answers.  A file that is reached twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from qdsl import language
from qdsl.errors import Diagnostic, ProblemError, QdslError, Source, Span
from qdsl.language import read_source, tree
from qdsl.potentials import places

DEPTH = 20
"""Files that include one another."""

FILES = 100
SIZE = 1_000_000
"""Files and characters that one file may include, directly or not."""


@dataclass(frozen=True)
class Expanded:
    """A file with its includes opened up; `included` tells of every other source where it was included."""

    file: tree.File
    included: Mapping[Source, Span]

    def explained(self, error: QdslError) -> QdslError:
        """The error with notes that lead from a mistake in an included file back to this one."""
        order = {source: number for number, source in enumerate((self.file.span.source, *self.included))}

        def rank(found: Diagnostic) -> int:
            return order.get(found.span.source, len(order)) if found.span else -1

        return type(error)(noted(found, self.included) for found in sorted(error.diagnostics, key=rank))


def noted(found: Diagnostic, included: Mapping[Source, Span]) -> Diagnostic:
    """A diagnostic with the chain of includes that leads to its place, or to the use of a table there."""
    notes = list(found.notes)
    places = (found.span, *(span for _, span in reversed(notes)))
    span = next((span for span in places if span and span.source in included), None)
    while span is not None and span.source in included:
        span = included[span.source]
        notes.append(("included here", span))
    return replace(found, notes=tuple(notes))


def expand(file: tree.File) -> Expanded:
    """The file with its includes opened up, each of them followed by what it brings.

    Raises QdslError with everything that is wrong with its includes.
    """
    source = file.span.source
    own = (Path(source.path).resolve(),) if source.path else ()
    reader = _Reader()
    statements = tuple(reader.opened(file.statements, _Trail(own)))
    expanded = Expanded(replace(file, statements=statements), reader.included)
    if reader.errors:
        raise expanded.explained(_joined(reader.errors))
    return expanded


@dataclass(frozen=True)
class _Trail:
    """The files that are open, from the outermost, and the includes that led from one to the next."""

    files: tuple[Path, ...]
    includes: tuple[Span, ...] = ()


@dataclass
class _Reader:
    """Reads included files, and counts what they add up to."""

    included: dict[Source, Span] = field(default_factory=dict)
    errors: list[QdslError] = field(default_factory=list)
    known: set[Path] = field(default_factory=set)
    size: int = 0

    def opened(self, statements: Iterable[tree.Statement], trail: _Trail) -> Iterable[tree.Statement]:
        for statement in statements:
            yield statement
            if isinstance(statement, tree.Include):
                try:
                    found = self._definitions(statement, trail)
                except QdslError as error:
                    self.errors.append(error)
                else:
                    yield from found

    def _definitions(self, include: tree.Include, trail: _Trail) -> list[tree.Statement]:
        """The parameters and functions of an included file, those that it includes itself among them."""
        place = places.find(include.path, places.PROBLEMS)
        if place.path in trail.files:
            raise _circle(include, trail, trail.files.index(place.path))
        if place.path in self.known:
            return []
        if len(trail.includes) >= DEPTH:
            raise ProblemError(f"more than {DEPTH} files include one another", include.span)
        self.known.add(place.path)
        source = self._source(place, include)
        inner = _Trail((*trail.files, place.path), (*trail.includes, include.span))
        opened = self.opened(language.parse(source).statements, inner)
        return [s for s in opened if isinstance(s, tree.Param | tree.Define)]

    def _source(self, place: places.Place, include: tree.Include) -> Source:
        try:
            source = read_source(place.name)
        except QdslError as error:
            raise at(error, include.path.span) from None
        self.included[source] = include.span
        self.size += len(source.text)
        if self.size > SIZE or len(self.included) > FILES:
            raise ProblemError(
                f"the included files are too many: at most {FILES}, of {SIZE:,} characters together",
                include.span,
            )
        return source


def at(error: QdslError, span: Span) -> QdslError:
    """The error, with a place for what has none."""
    return type(error)(replace(found, span=found.span or span) for found in error.diagnostics)


def _circle(include: tree.Include, trail: _Trail, first: int) -> ProblemError:
    longer = len(trail.files) - first > 1
    message = "these files include one another in a circle" if longer else "this file includes itself"
    return ProblemError(message, include.span, "take one of the includes out")


def _joined(errors: Iterable[QdslError]) -> QdslError:
    errors = list(errors)
    kind = type(errors[0]) if len({type(error) for error in errors}) == 1 else QdslError
    return kind(found for error in errors for found in error.diagnostics)
