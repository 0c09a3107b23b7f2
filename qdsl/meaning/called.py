"""Functions where a file calls them: those of the library, and errors inside of any."""

from __future__ import annotations

from dataclasses import replace

from qdsl.errors import Diagnostic, ProblemError
from qdsl.language import tree
from qdsl.meaning.scope import Definition, Scope


def library_function(name: str, scope: Scope) -> Definition | None:
    """The function of the library that a name means, None where it has none or the name is taken here.

    Raises QdslError when its file is wrong.
    """
    if name in scope.names or name in scope.absent:
        return None
    define = scope.library.define(name)
    return None if define is None else Definition(name, define.formals, define.body, scope.outermost())


MOST_NOTES = 3
"""Uses that an error inside nested functions names, from the inside out."""


def told_of_the_use(error: ProblemError, name: str, call: tree.Call) -> ProblemError:
    """An error inside of a function of the file, told of the place where that is used."""
    note = (f"in this use of '{name}'", call.span)
    return ProblemError(replace(d, notes=(*d.notes, note)[:MOST_NOTES]) for d in error.diagnostics)


def told_of_the_call(error: ProblemError, name: str, call: tree.Call) -> ProblemError:
    """An error inside of a library function, told of the call, which is what the user can mend."""
    return ProblemError(_lifted(found, name, call) for found in error.diagnostics)


def _lifted(found: Diagnostic, name: str, call: tree.Call) -> Diagnostic:
    if found.span is None or found.span.source is call.span.source:
        return found
    others = tuple(note for note in found.notes if note[1] != call.span)
    return replace(found, span=call.span, notes=((f"in '{name}' of the library", found.span), *others))
