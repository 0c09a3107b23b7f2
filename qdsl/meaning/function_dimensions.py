"""The dimensions of calls: of built-in functions, and of those of the file and of the library."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.meaning.called import library_function, told_of_the_call, told_of_the_use
from qdsl.meaning.dimensions import LENGTH, PURE, WAVEFUNCTION
from qdsl.meaning.measures import power
from qdsl.meaning.operands import Operand
from qdsl.meaning.scope import FREE, Definition, Measure, Named
from qdsl.meaning.shapes import bind, root_name
from qdsl.physics.functions import FUNCTIONS

if TYPE_CHECKING:
    from qdsl.meaning.dimension_walk import Dimensions


def psi_at(node: tree.Call | tree.Index, walk: Dimensions) -> Measure:
    """The dimension of psi(0), psi'(0), … in a boundary condition."""
    callee = node.function if isinstance(node, tree.Call) else node
    order = callee.order if isinstance(callee, tree.Prime) else 0
    return walk.typical(WAVEFUNCTION / LENGTH**order)


def call(node: tree.Call | tree.Index, walk: Dimensions) -> Measure:
    """The dimension of a call: of a form, a function or a potential of the library."""
    scope = walk.scope
    root = root_name(node)
    if root is not None and root.name in scope.forms:
        return scope.forms[root.name].measure(node, walk)
    if isinstance(node, tree.Index) or not isinstance(node.function, tree.Name):
        return FREE
    name = node.function.name
    definition = scope.functions.get(name)
    if definition is not None:
        return _inline(definition, node, walk)
    if name not in FUNCTIONS and name != "delta":
        definition = library_function(name, scope)
        if definition is not None:
            try:
                return _inline(definition, node, walk)
            except ProblemError as error:
                raise told_of_the_call(error, name, node) from None
    arguments = walk.operands([argument.value for argument in node.arguments])
    return _built_in(name, arguments, walk) if arguments else FREE


def _built_in(name: str, arguments: list[Operand], walk: Dimensions) -> Measure:
    argument = arguments[0]
    match name:
        case "abs":
            return argument.measure
        case "sqrt":
            return power(argument.measure, Fraction(1, 2))
        case "cbrt":
            return power(argument.measure, Fraction(1, 3))
        case "delta":
            return power(argument.measure, -1)
        case "sign" | "heaviside":
            return walk.typical(PURE)
        case "min" | "max":
            return walk.common(
                arguments, lambda a, b: f"the arguments of '{name}' do not agree: {a.told}, and {b.told}"
            )
        case (
            "sin"
            | "cos"
            | "tan"
            | "asin"
            | "acos"
            | "atan"
            | "sinh"
            | "cosh"
            | "tanh"
            | "exp"
            | "log"
            | "erf"
        ):
            walk.pure(argument, f"the argument of '{name}' must be a pure number")
            return walk.typical(PURE)
    return FREE


def _inline(definition: Definition, node: tree.Call, walk: Dimensions) -> Measure:
    """The dimension of a function of the file, used here with arguments of theirs."""
    formals = [(formal.name.name, formal.default is None) for formal in definition.formals]
    given = bind(definition.name, formals, node)
    measures = {name: walk.measure(value) for name, value in given.items()}
    if definition.measure is not FREE:
        return definition.measure
    inner = definition.scope.naming(
        {name: _argument(measures[name], value.span) for name, value in given.items()}
    )
    try:
        for formal in definition.formals:
            if formal.name.name not in given and formal.default is not None:
                measure = walk.within(inner).measure(formal.default)
                inner = inner.naming({formal.name.name: _argument(measure, formal.default.span)})
        return walk.within(inner).measure(definition.body)
    except ProblemError as error:
        raise told_of_the_use(error, definition.name, node) from None


def _argument(measure: Measure, place: Span) -> Named:
    return Named(sp.S.Zero, "argument", measure, place)
