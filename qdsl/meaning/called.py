"""Functions of the library where a file calls them."""

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


def told_of_the_call(error: ProblemError, name: str, call: tree.Call) -> ProblemError:
    """An error inside of a library function, told of the call, which is what the user can mend."""
    return type(error)(_lifted(found, name, call) for found in error.diagnostics)


def _lifted(found: Diagnostic, name: str, call: tree.Call) -> Diagnostic:
    if found.span is None or found.span.source is call.span.source:
        return found
    others = tuple(note for note in found.notes if note[1] != call.span)
    return replace(found, span=call.span, notes=((f"in '{name}' of the library", found.span), *others))
