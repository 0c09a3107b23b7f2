"""The values of calls: functions of sympy, of the file and of the library, written out at each use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from qdsl.errors import ProblemError
from qdsl.language import tree
from qdsl.meaning import deltas
from qdsl.meaning.called import library_function, told_of_the_call, told_of_the_use
from qdsl.meaning.plugged import found_plugin, plugged_in
from qdsl.meaning.scope import Definition
from qdsl.meaning.shapes import bind, root_name
from qdsl.meaning.work import WorkLimitError
from qdsl.physics.functions import FUNCTIONS, POINT

if TYPE_CHECKING:
    from qdsl.meaning.expressions import Translator


def call(node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
    """The value of a call: of a form, a function, a point interaction or a potential of the library."""
    scope = translator.scope
    root = root_name(node)
    if root is not None and root.name in scope.forms:
        return scope.forms[root.name].read(node, translator)
    name = node.function if isinstance(node, tree.Call) else node.base
    if isinstance(node, tree.Index) or not isinstance(name, tree.Name):
        if root is not None and root.name in scope.absent:
            raise scope.unknown(root)
        if isinstance(node, tree.Index) and isinstance(name, tree.Name):
            raise scope.in_brackets(name, node)
        raise ProblemError("this cannot be called like a function", node.span)
    definition = scope.functions.get(name.name)
    if definition is not None:
        return _inline(definition, node, translator)
    if name.name in FUNCTIONS:
        return _built_in(name.name, node, translator)
    if name.name == POINT and name.name not in scope.absent:
        return _point(node, translator)
    definition = library_function(name.name, scope)
    if definition is not None:
        try:
            return _inline(definition, node, translator)
        except ProblemError as error:
            raise told_of_the_call(error, name.name, node) from None
    plugin = found_plugin(name, scope)
    if plugin is not None:
        return translator.work.tabulated(plugged_in(plugin, node, translator), node.span)
    raise scope.unknown_function(name)


def _built_in(name: str, node: tree.Call, translator: Translator) -> sp.Expr:
    row = FUNCTIONS[name]
    for argument in node.arguments:
        if argument.name is not None:
            raise ProblemError(f"the arguments of '{name}' have no names", argument.name.span)
    count = len(node.arguments)
    if count < row.least or (row.most is not None and count > row.most):
        raise ProblemError(f"'{name}' takes {row.arity}, not {count}", node.span)
    values = translator.numbers(argument.value for argument in node.arguments)
    deltas.refuse(values, "inside of a function", node.span)
    return row.symbolic(*values)


def _point(node: tree.Call, translator: Translator) -> sp.Expr:
    if len(node.arguments) != 1 or node.arguments[0].name is not None:
        raise ProblemError("'delta' takes 1 argument", node.span, "such as delta(x - 1)")
    argument = translator.number(node.arguments[0].value)
    deltas.refuse([argument], "inside of a function", node.span)
    value = deltas.point(argument, translator.coordinates, node.span)
    translator.work.places.setdefault(value, node.span)
    return value


def _inline(definition: Definition, node: tree.Call, translator: Translator) -> sp.Expr:
    """The body of a function of the file, with the arguments in place of the formal ones."""
    formals = [(formal.name.name, formal.default is None) for formal in definition.formals]
    given = bind(definition.name, formals, node)
    values = dict(zip(given, translator.numbers(given.values()), strict=True))
    inner = definition.scope.having("argument", values)
    try:
        for formal in definition.formals:
            if formal.name.name not in values and formal.default is not None:
                # A default may use the arguments before it.
                value = translator.within(inner).number(formal.default)
                inner = inner.having("argument", {formal.name.name: value})
        return translator.within(inner).number(definition.body)
    except WorkLimitError as error:
        raise WorkLimitError(error.diagnostics[0].message, node.span) from None
    except ProblemError as error:
        raise told_of_the_use(error, definition.name, node) from None
