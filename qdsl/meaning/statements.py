"""The statements of a file, sorted by kind: which are there, which stand there twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from qdsl.errors import Diagnostic, ProblemError, Span
from qdsl.language import tree

Find = tree.FindStates | tree.FindBound | tree.FindBelow

S = TypeVar("S")


@dataclass(frozen=True)
class Statements:
    """What a file says, by subject; the first one counts where a statement stands there twice."""

    definitions: tuple[tree.Param | tree.Define, ...]
    title: tree.Title | None
    units: tree.Units | None
    domain: tree.Domain | None
    mass: tree.Mass | None
    potential: tree.Potential | None
    equation: tree.Equation | None
    boundary: tree.Boundary | None
    find: Find | None
    train: tree.Train | None
    report: tuple[tree.Report, ...]
    expect: tuple[tree.Expect, ...]
    sweeps: tuple[tree.Sweep, ...]
    span: Span


_ONCE = {
    tree.Title: "title",
    tree.Units: "units",
    tree.Domain: "domain",
    tree.Mass: "mass",
    tree.Potential: "potential",
    tree.Equation: "equation",
    tree.Boundary: "boundary",
    tree.FindStates: "find",
    tree.FindBound: "find",
    tree.FindBelow: "find",
    tree.Train: "train",
}


_TOGETHER = {
    "boundary": "one statement holds all conditions: boundary psi(0) = 0, psi(1) = 0",
    "train": "one statement holds all settings, separated by ';' or new lines",
    "potential": "add the potentials up in one formula, or write its regions as cases",
}


def sort_statements(file: tree.File) -> tuple[Statements, list[ProblemError]]:
    """The statements by subject, and what is wrong with their number."""
    statements = file.statements
    found = Statements(
        definitions=tuple(s for s in statements if isinstance(s, tree.Param | tree.Define)),
        title=_first(statements, tree.Title),
        units=_first(statements, tree.Units),
        domain=_first(statements, tree.Domain),
        mass=_first(statements, tree.Mass),
        potential=_first(statements, tree.Potential),
        equation=_first(statements, tree.Equation),
        boundary=_first(statements, tree.Boundary),
        find=next((s for s in statements if isinstance(s, Find)), None),
        train=_first(statements, tree.Train),
        report=tuple(s for s in statements if isinstance(s, tree.Report)),
        expect=tuple(s for s in statements if isinstance(s, tree.Expect)),
        sweeps=tuple(s for s in statements if isinstance(s, tree.Sweep)),
        span=file.span,
    )
    missing = [] if file.unread else _missing(file, found)
    return found, [*_repeated(statements), *missing]


def _first(statements: Sequence[tree.Statement], kind: type[S]) -> S | None:
    return next((s for s in statements if isinstance(s, kind)), None)


def _repeated(statements: Sequence[tree.Statement]) -> list[ProblemError]:
    errors = []
    first: dict[str, tree.Statement] = {}
    for statement in statements:
        word = _ONCE.get(type(statement))
        if word is None:
            continue
        if word in first:
            note = ("the first one", first[word].span)
            message = f"there is a second '{word}' statement"
            hint = _TOGETHER.get(word, "keep one of them")
            errors.append(ProblemError([Diagnostic(message, statement.span, hint, notes=(note,))]))
        first.setdefault(word, statement)
    return errors


def _missing(file: tree.File, found: Statements) -> list[ProblemError]:
    errors = []
    if found.domain is None:
        near = found.potential or file.statements[0]
        x = found.potential.coordinate.name if found.potential else "x"
        errors.append(
            ProblemError("the file has no 'domain'", near.span, f"add a line: domain {x} in [0, 1]")
        )
    if found.potential is None and found.equation is None:
        near = found.domain or file.statements[0]
        x = found.domain.coordinate.name if found.domain else "x"
        errors.append(
            ProblemError("the file has no 'potential'", near.span, f"add a line: potential V({x}) = 0")
        )
    return errors
