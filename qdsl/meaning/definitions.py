"""`param` and `define`: the names of a file, each of which sees those above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning.dimension_checks import agree, measure_of
from qdsl.meaning.dimension_walk import Dimensions
from qdsl.meaning.dimensions import LENGTH, PURE
from qdsl.meaning.expressions import Translator
from qdsl.meaning.operands import unit_of
from qdsl.meaning.scope import FREE, Absent, Definition, Measure, Named, Scope
from qdsl.meaning.work import Work, WorkLimitError
from qdsl.physics import numeric
from qdsl.physics.functions import BUILT_IN
from qdsl.physics.problem import Parameter

MOST_NAMES = 500
"""Parameters and functions of a file; each is looked at together with all before it."""

SOLVED_FOR = {"E": "the energy", "psi": "the wavefunction"}


@dataclass(frozen=True)
class Definitions:
    """The parameters with their numbers, the scope of all that follows, and what went wrong.

    `first` tells where each name got its meaning.
    """

    parameters: tuple[Parameter, ...]
    values: Mapping[sp.Symbol, float]
    scope: Scope
    first: Mapping[str, Span]
    errors: tuple[ProblemError, ...]


def refuse_taken(name: tree.Name, first: Mapping[str, Span]) -> None:
    """Raises ProblemError when a name already means something; `first` says where it got its meaning."""
    if name.name in SOLVED_FOR:
        raise ProblemError(
            f"the name '{name.name}' is taken: it is {SOLVED_FOR[name.name]}",
            name.span,
            "choose another name",
        )
    if name.name in BUILT_IN:
        kind = "constant" if name.name in ("pi", "inf") else "function"
        raise ProblemError(
            f"'{name.name}' is the name of a built-in {kind}", name.span, "choose another name"
        )
    if name.name in first:
        note = ("it has its meaning here", first[name.name])
        raise ProblemError(
            [Diagnostic(f"the name '{name.name}' is taken", name.span, "choose another name", notes=(note,))]
        )


def unsolved(statement: str) -> dict[str, Absent]:
    """E and psi, which no statement but `boundary`, `report` and `expect` can speak of."""
    return {
        "E": Absent(f"{statement} cannot depend on the energy E: it is what is solved for"),
        "psi": Absent(f"{statement} cannot depend on psi: the equation is linear"),
    }


def read_definitions(
    statements: Sequence[tree.Param | tree.Define],
    coordinate: tree.Name,
    scope: Scope,
    work: Work,
) -> Definitions:
    """All parameters and functions in the order of the file, and what is wrong with some of them.

    A name with a mistake stays known as such, so that its uses are not reported as well.
    """
    if len(statements) > MOST_NAMES:
        raise WorkLimitError(
            f"the file gives names to more than {MOST_NAMES} things", statements[MOST_NAMES].name.span
        )
    errors: list[ProblemError] = []
    first: dict[str, Span] = {coordinate.name: coordinate.span}
    names = {statement.name.name for statement in statements} - {coordinate.name, *SOLVED_FOR} - BUILT_IN
    scope = scope.without({name: _further_down(name) for name in names})
    parameters: list[Parameter] = []
    values: dict[sp.Symbol, float] = {}
    sizes = Work()
    for statement in statements:
        name = statement.name.name
        try:
            refuse_taken(statement.name, first)
        except ProblemError as error:
            errors.append(error)
            continue
        first[name] = statement.name.span
        visible = scope
        scope = scope.without({name: Absent()})
        try:
            if isinstance(statement, tree.Param):
                parameter = _parameter(statement, visible, coordinate, work, values)
                values[parameter.symbol] = numeric.number(parameter.value, values)
                measure = _dimension(statement, visible, sizes)
                parameters.append(replace(parameter, unit=unit_of(measure, visible)))
                named = Named(parameter.symbol, "parameter", measure, statement.value.span)
                scope = scope.naming({name: named})
            else:
                scope = scope.defining(_definition(statement, visible, coordinate, work, sizes))
        except ProblemError as error:
            errors.append(error.with_traceback(None))  # whose frames would keep every scope alive
    return Definitions(tuple(parameters), values, scope, first, tuple(errors))


def _further_down(name: str) -> Absent:
    return Absent(f"'{name}' is defined further down", "move its line up")


def coordinate_in(scope: Scope, name: str) -> Named:
    """What the coordinate is: a length, as far as the units of the file are strict."""
    return Named(sp.Symbol(name, real=True), "coordinate", Dimensions(scope, Work()).typical(LENGTH))


def _dimension(statement: tree.Param, scope: Scope, work: Work) -> Measure:
    """The dimension of a parameter, which is that of its interval too.

    A bare number says nothing about it: it has none before the parameter is used.
    """
    nodes = [statement.value]
    if statement.interval is not None:
        nodes += [statement.interval.left, statement.interval.right]
    measure = agree(nodes, f"the parameter '{statement.name.name}' does not fit its interval", scope, work)
    return FREE if not measure.firm and measure.dimension == PURE else measure


def _parameter(
    statement: tree.Param,
    scope: Scope,
    coordinate: tree.Name,
    work: Work,
    values: Mapping[sp.Symbol, float],
) -> Parameter:
    name = statement.name.name
    absent = unsolved("a parameter") | {
        name: Absent(f"the parameter '{name}' is defined by itself"),
        coordinate.name: Absent(
            f"a parameter cannot depend on the coordinate {coordinate.name}",
            f"write define {name}({coordinate.name}) = …",
        ),
    }
    translator = Translator(scope.without(absent), work)
    value = translator.number(statement.value)
    work.places[f"param {name}"] = statement.value.span
    symbol = sp.Symbol(name, real=True)
    doc = statement.doc.value if statement.doc else ""
    if statement.interval is None:
        parameter = Parameter(symbol, value, doc=doc)
    else:
        interval = statement.interval
        work.places[f"interval {name}"] = interval.span
        low, high = translator.end(interval.left), translator.end(interval.right)
        if not numeric.number(low, values) <= numeric.number(high, values):
            raise ProblemError("this interval is empty: its left end is the larger one", interval.span)
        parameter = Parameter(symbol, value, (low, high), doc, (interval.left_closed, interval.right_closed))
    complaint = parameter.complaint(numeric.number(value, values), values)
    if complaint:
        notes = () if statement.interval is None else (("the interval", statement.interval.span),)
        raise ProblemError([Diagnostic(complaint, statement.value.span, notes=notes)])
    return parameter


def _definition(
    statement: tree.Define, scope: Scope, coordinate: tree.Name, work: Work, sizes: Work
) -> Definition:
    """A function; its body is read once with symbols for the arguments, to find what is wrong with it."""
    name = statement.name.name
    formals: dict[str, sp.Expr] = {}
    for formal in statement.formals:
        if formal.name.name in formals:
            raise ProblemError(f"the argument '{formal.name.name}' stands there twice", formal.span)
        refuse_taken(formal.name, {})
        formals[formal.name.name] = sp.Dummy(formal.name.name, real=True)
    recursion = Absent(
        f"the function '{name}' uses itself", "recursion is not possible; write the formula out"
    )
    scope = scope.without(unsolved("a function") | {name: recursion})
    scope = scope.naming({coordinate.name: coordinate_in(scope, coordinate.name)})
    for position, formal in enumerate(statement.formals):
        if formal.default is None and any(before.default for before in statement.formals[:position]):
            raise ProblemError("an argument without a default comes after one with", formal.span)
    for formal in statement.formals:
        if formal.default is not None:
            Translator(scope.having("argument", formals), work).number(formal.default)
    Translator(scope.having("argument", formals), work).number(statement.body)
    measure_of(statement.body, scope.having("argument", formals), sizes)
    return Definition(name, statement.formals, statement.body, scope)
