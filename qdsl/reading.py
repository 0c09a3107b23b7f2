"""Text -> a checked Problem: the stages of reading joined, for files, for standard input and for Python."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from qdsl import language
from qdsl.errors import (
    MOST_SHOWN,
    Diagnostic,
    LanguageError,
    ProblemError,
    QdslError,
    Source,
    Span,
    UsageError,
    first_ones,
    joined,
)
from qdsl.language import read_source, source_from_text, tree
from qdsl.meaning.build import build
from qdsl.meaning.dimension_checks import require
from qdsl.meaning.expressions import Translator
from qdsl.meaning.library import library_mistakes
from qdsl.meaning.scope import Scope
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.checks import check
from qdsl.physics.problem import Problem
from qdsl.potentials.includes import expand
from qdsl.potentials.plugins import Plugin, Plugins
from qdsl.spelling import did_you_mean

_LIBRARY = (tree.Title, tree.Citation, tree.Include, tree.Param, tree.Define)
"""The statements of a file that is there to be included, and states no problem of its own."""

STDIN_LIMIT = 2_000_000
"""Bytes; enough for `read_source` to see that it is too much."""


@dataclass(frozen=True)
class Reading:
    """A problem, the text that states it, and the names of that text."""

    problem: Problem
    source: Source
    scope: Scope

    @property
    def sha256(self) -> str:
        """Digest of the text, in UTF-8 with Unix line ends."""
        return hashlib.sha256(self.source.text.encode()).hexdigest()


def load(path: str | os.PathLike[str], *, potentials: Iterable[Plugin] = ()) -> Problem:
    """The checked problem in a `.qw` file.

    `potentials` are functions made with `qdsl.potential` that the file may call by their names.
    Raises QdslError with everything that is wrong: UsageError when the file cannot be read, LanguageError
    when its text does not follow the grammar, ProblemError when it states no problem that qdsl can pose.
    """
    return read(path, potentials=potentials).problem


def parse(text: str, name: str = "<text>", *, potentials: Iterable[Plugin] = ()) -> Problem:
    """The checked problem that a text states; `name` is what messages call it.

    A text is in no folder: what it includes is looked for in the folders of QDSL_PATH and in the library.
    Raises QdslError like `load`.
    """
    return _read(source_from_text(text, name), potentials).problem


def read(where: str | os.PathLike[str], *, potentials: Iterable[Plugin] = ()) -> Reading:
    """The checked problem in a file, with its text; `-` is standard input.  Raises QdslError like `load`."""
    if where == "-":
        return _read(read_source(sys.stdin.buffer.read(STDIN_LIMIT)), potentials)
    return _read(read_source(where), potentials)


def is_library(file: tree.File) -> bool:
    """Whether a file holds parameters and functions only, and no problem."""
    return all(isinstance(statement, _LIBRARY) for statement in file.statements)


def check_library(file: tree.File) -> None:
    """Raises QdslError with what is wrong in a file of parameters and functions."""
    expanded = expand(file)
    mistakes = library_mistakes(expanded.file)
    if mistakes:
        raise expanded.explained(joined(mistakes))


def _read(source: Source, potentials: Iterable[Plugin] = ()) -> Reading:
    try:
        return _read_all(source, potentials)
    except QdslError as error:
        if len(error.diagnostics) <= MOST_SHOWN:
            raise
        raise type(error)(first_ones(error.diagnostics)) from None


def _read_all(source: Source, potentials: Iterable[Plugin]) -> Reading:
    plugins = Plugins({plugin.name: plugin for plugin in potentials})
    parsed = language.parse_with_mistakes(source)
    if parsed.mistakes:
        found = [*parsed.mistakes, *_further_mistakes(parsed.file, plugins)]
        raise LanguageError(sorted(found, key=_place_in(source)))
    expanded = expand(parsed.file)
    try:
        built = build(expanded.file, plugins)
        return Reading(_checked(built.problem), source, built.scope)
    except QdslError as error:
        raise expanded.explained(error) from None


def _checked(problem: Problem) -> Problem:
    """The problem with its warnings.  What is swept need not make sense at the value that the sweep replaces.

    Raises ProblemError when neither that nor the first point of the sweep makes sense.
    """
    try:
        return check(problem)
    except ProblemError as error:
        if not problem.sweeps:
            raise
        first = {sweep.parameter.name: sweep.values[0] for sweep in problem.sweeps}
        try:
            changed = problem.with_values(**first)
        except UsageError:
            raise error from None
    return replace(problem, warnings=check(changed).warnings)


def _further_mistakes(file: tree.File, plugins: Plugins) -> tuple[Diagnostic, ...]:
    """What is wrong with the statements that could be read, where it does not depend on the others.

    Units and included files give a meaning to all statements, and so does the name of the coordinate.
    """
    if any(statement.keyword in ("", "units", "include") for statement in file.unread):
        return ()
    if any(isinstance(statement, tree.Equation) for statement in file.statements) and any(
        statement.keyword in ("potential", "mass") for statement in file.unread
    ):
        return ()  # which function the equation lacks cannot be told
    if not any(isinstance(statement, tree.Domain | tree.Potential) for statement in file.statements):
        return ()
    try:
        expanded = expand(file)
    except QdslError as error:
        return error.diagnostics
    try:
        build(expanded.file, plugins)
    except QdslError as error:
        return expanded.explained(error).diagnostics
    return ()


def _place_in(source: Source) -> Callable[[Diagnostic], tuple[bool, int]]:
    """Sorts diagnostics by their place; those in other files come last."""
    return lambda found: (
        (True, 0) if found.span is None else (found.span.source is not source, found.span.start)
    )


@dataclass(frozen=True)
class _Assigned:
    """A parameter, the value that a `--set` gives it, and where that is written."""

    name: str
    value: sp.Expr
    span: Span


def override(reading: Reading, *assignments: tuple[str, str]) -> Reading:
    """The same reading with other values for parameters, as in `--set NAME=EXPR`, a pair for each of these.

    An expression may use the parameters (at the values that the file and the pairs before give them),
    constants and functions of the file.  The values have to make sense together, not one after the other.
    Raises QdslError: with spans in an expression when that is wrong or its value not allowed, and with
    those of the file when the problem is no longer a sound one.
    """
    problem = reading.problem
    assigned: list[_Assigned] = []
    for name, text in assignments:
        assigned.append(_assigned(reading, name, text, _values(problem, assigned)))
    try:
        changed = problem.with_values(**{one.name: one.value for one in assigned})
    except UsageError as error:
        raise _pointing_at(error, _culprit(problem, assigned), problem) from None
    except ProblemError as error:
        notes = [("with this value", one.span) for one in assigned]
        raise ProblemError(replace(d, notes=(*d.notes, *notes)) for d in error.diagnostics) from None
    return replace(reading, problem=check(changed))


def _assigned(reading: Reading, name: str, text: str, values: Mapping[sp.Symbol, float]) -> _Assigned:
    """One pair, understood.  Raises QdslError."""
    source = source_from_text(text, f"--set {name}")
    known = [parameter.symbol.name for parameter in reading.problem.parameters]
    if name not in known:
        guess = did_you_mean(name, known)
        names = f"the parameters are {', '.join(known)}" if known else "the file has no parameters"
        hint = f"did you mean '{guess}'?" if guess else names
        raise UsageError(f"the file has no parameter '{name}'", hint=hint)
    node = language.parse_expression(source)
    value = Translator(reading.scope, Work()).constant(node)
    measure = reading.scope.names[name].measure
    if measure.firm and measure.dimension is not None:
        require(node, measure.dimension, f"the parameter '{name}'", reading.scope, Work())
    if value.free_symbols:
        value = sp.Float(numeric.number(value, values))
    return _Assigned(name, value, Span(source, 0, len(source.text)))


def _values(problem: Problem, assigned: Sequence[_Assigned]) -> dict[sp.Symbol, float]:
    """The parameters' numbers after some assignments, whether they are allowed or not."""
    given = {one.name: one.value for one in assigned}
    changed = (replace(p, value=given.get(p.symbol.name, p.value)) for p in problem.parameters)
    return replace(problem, parameters=tuple(changed)).values


def _culprit(problem: Problem, assigned: Sequence[_Assigned]) -> _Assigned:
    """The first assignment that is not allowed after those before it, or else the last one."""
    for count, one in enumerate(assigned, 1):
        try:
            replace(problem, rereadings=()).with_values(**{a.name: a.value for a in assigned[:count]})
        except UsageError:
            return one
    return assigned[-1]


def _pointing_at(error: UsageError, assigned: _Assigned, problem: Problem) -> UsageError:
    """An error of `with_values`, told of the text of a `--set`."""
    place = problem.places.get(f"param {assigned.name}")
    notes = () if place is None else (("the parameter in the file", place),)
    return UsageError(Diagnostic(d.message, assigned.span, d.hint, notes=notes) for d in error.diagnostics)
