"""Calls of potentials that are written in Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, QdslError, Span
from qdsl.language import tree
from qdsl.meaning.scope import Scope
from qdsl.meaning.shapes import bind
from qdsl.potentials import places
from qdsl.potentials.plugins import FaultyPluginError, Formal, Plugin, spoken


def found_plugin(name: tree.Name, scope: Scope) -> Plugin | None:
    """The plug-in that a name means, None where there is none or the name is taken here.

    Raises ProblemError, at the name, when the plug-in cannot be used.
    """
    if name.name in scope.names or name.name in scope.absent:
        return None
    try:
        return scope.plugins.find(name.name)
    except QdslError as error:
        raise ProblemError(_placed(error.diagnostics, name.span)) from error


def plugged_in(plugin: Plugin, node: tree.Call, translator: Any) -> sp.Expr:
    """What a plug-in gives for a call; the translator (an `expressions.Translator`) reads its arguments.

    Raises ProblemError, which names the plug-in where that is to blame.
    """
    try:
        formals = plugin.formals
        given = bind(plugin.name, [(f.name, f.default is None) for f in formals], node)
        arguments = {f.name: _argument(f, given.get(f.name), node, plugin, translator) for f in formals}
        return plugin.expression(arguments)
    except QdslError as error:
        note = (f"in this use of '{plugin.name}'", node.span)
        raise ProblemError(
            d if d.span and d.span.source is node.span.source else replace(d, notes=(*d.notes, note))
            for d in _placed(error.diagnostics, node.span)
        ) from error
    except FaultyPluginError as error:
        raise ProblemError(f"the plug-in {_named(plugin)} is faulty: {error}", node.span) from error
    except Exception as error:  # foreign code may raise anything
        raise ProblemError(f"the plug-in {_named(plugin)} failed: {spoken(error)}", node.span) from error


def _placed(diagnostics: Iterable[Diagnostic], span: Span) -> list[Diagnostic]:
    return [replace(found, span=found.span or span) for found in diagnostics]


def _named(plugin: Plugin) -> str:
    return f"'{plugin.name}'" + (f" of {plugin.origin}" if plugin.origin else "")


def _argument(
    formal: Formal, value: tree.Expression | None, node: tree.Call, plugin: Plugin, translator: Any
) -> sp.Expr | str | Path:
    """One argument: a number, a text, or a file that may be read."""
    if value is None:
        assert formal.default is not None
        if formal.kind != "file":
            return formal.default
        value = tree.Text(str(formal.default), span=node.span)
    if formal.kind == "number":
        number: sp.Expr = translator.number(value)
        return number
    if not isinstance(value, tree.Text):
        what = "the name of a file" if formal.kind == "file" else "a text"
        message = f"the argument '{formal.name}' of '{plugin.name}' is {what}, in double quotes"
        raise ProblemError(message, value.span)
    return value.value if formal.kind == "text" else places.find(value, places.TABLES).path
