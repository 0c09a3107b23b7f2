"""`sweep`: the values that parameters run through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, isfinite, prod

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning.definitions import SOLVED_FOR, Definitions, unsolved
from qdsl.meaning.dimension_checks import require
from qdsl.meaning.dimensions import PURE
from qdsl.meaning.expressions import Translator
from qdsl.meaning.scope import Absent, Scope
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.functions import BUILT_IN
from qdsl.physics.problem import Parameter, Sweep
from qdsl.spelling import did_you_mean

MOST_POINTS = 10_000
"""Points of all sweeps of a file together; each is a problem to solve."""

MOST_SWEEPS = 10
"""Axes of the grid; more than that, of two points each, are too many points anyway."""

ROUNDED = 1e-9
"""Part of a step by which the end of a range may be missed and still count."""


def read_sweeps(
    statements: Sequence[tree.Sweep], names: Definitions, scope: Scope, work: Work
) -> tuple[tuple[Sweep, ...], list[ProblemError]]:
    """The sweeps of a file in their order, and what is wrong with some of them."""
    sweeps: list[Sweep] = []
    errors: list[ProblemError] = []
    first: dict[str, Span] = {}
    if len(statements) > MOST_SWEEPS:
        message = f"a file has at most {MOST_SWEEPS} sweeps"
        errors.append(ProblemError(message, statements[MOST_SWEEPS].span, "together they make a grid"))
        return (), errors
    swept = {statement.name.name for statement in statements}
    for statement in statements:
        name = statement.name
        try:
            if name.name in first:
                note = ("the first one", first[name.name])
                message = f"'{name.name}' is swept twice"
                raise ProblemError([Diagnostic(message, name.span, "keep one of them", notes=(note,))])
            first[name.name] = name.span
            parameter = _parameter(name, names)
            moving = _following(swept, names)
            values = _values(statement, parameter, names, moving, scope, work)
            _inside(statement, parameter, values, names, moving, work)
            sweeps.append(Sweep(parameter.symbol, values))
        except ProblemError as error:
            errors.append(error)
    points = prod(len(sweep.values) for sweep in sweeps)
    if points > MOST_POINTS:
        counts = " times ".join(str(len(sweep.values)) for sweep in sweeps)
        message = f"these sweeps make a grid of {points:.6g} points, {counts}"
        span = statements[0].span.to(statements[-1].span)
        errors.append(ProblemError(message, span, f"at most {MOST_POINTS} can be solved in one run"))
    return tuple(sweeps), errors


def _parameter(name: tree.Name, names: Definitions) -> Parameter:
    parameters = {parameter.symbol.name: parameter for parameter in names.parameters}
    if name.name in parameters:
        return parameters[name.name]
    if name.name in names.scope.absent:
        raise ProblemError([])  # its own mistake was reported
    if name.name in BUILT_IN or name.name in SOLVED_FOR or name.name in names.first:
        raise ProblemError(f"'{name.name}' is no parameter", name.span, "only a 'param' can be swept")
    guess = did_you_mean(name.name, parameters)
    hint = f"did you mean '{guess}'?" if guess else f"set it above: param {name.name} = 1"
    raise ProblemError(f"unknown parameter '{name.name}'", name.span, hint)


def _following(swept: set[str], names: Definitions) -> set[sp.Symbol]:
    """The swept parameters, and those whose values depend on them."""
    moving: set[sp.Symbol] = set()
    for parameter in names.parameters:
        if parameter.symbol.name in swept or parameter.value.free_symbols & moving:
            moving.add(parameter.symbol)
    return moving


def _values(
    statement: tree.Sweep,
    parameter: Parameter,
    names: Definitions,
    moving: set[sp.Symbol],
    scope: Scope,
    work: Work,
) -> tuple[sp.Expr, ...]:
    """The values, expressions in the parameters before this one."""
    symbols = [other.symbol.name for other in names.parameters]
    later = symbols[symbols.index(parameter.symbol.name) :]
    name = parameter.symbol.name
    hidden = {
        other: Absent(f"the values of '{name}' cannot depend on '{other}'", "use parameters above it")
        for other in later
    }
    inner = scope.without(unsolved("a sweep") | hidden)
    translator = Translator(inner, work)
    wanted = statement.values
    parts = wanted.items if isinstance(wanted, tree.List) else (wanted.first, wanted.last, wanted.step)
    nodes = [node for node in parts if node is not None]
    numbers = translator.numbers(nodes)
    dimension = names.scope.names[name].measure
    for node, value in zip(nodes, numbers, strict=True):
        if dimension.firm and dimension.dimension is not None:
            require(node, dimension.dimension, f"'{name}'", inner, Work())
        if not isfinite(numeric.number(value, names.values)):
            raise ProblemError("this is not a finite number", node.span)
    if isinstance(wanted, tree.List):
        if not numbers:
            raise ProblemError("this list is empty", wanted.span, "write its values, as in [1, 2, 5]")
        return tuple(numbers)
    if wanted.points is not None:
        return _spread(wanted, wanted.points, numbers, moving, translator, names.values)
    return _stepped(wanted, numbers, moving, names.values)


def _refuse_moving(count: sp.Expr, moving: set[sp.Symbol], span: Span, hint: str) -> None:
    """A grid has the same number of points in every row."""
    for symbol in sorted(count.free_symbols & moving, key=str):
        message = f"the number of these values depends on '{symbol}', which changes in a sweep itself"
        raise ProblemError(message, span, hint)


def _spread(
    wanted: tree.SweepRange,
    points: tree.Expression,
    numbers: Sequence[sp.Expr],
    moving: set[sp.Symbol],
    translator: Translator,
    values: Mapping[sp.Symbol, float],
) -> tuple[sp.Expr, ...]:
    """`a .. b in n points`."""
    first, last = numbers
    wanted_count = translator.constant(points)
    _refuse_moving(wanted_count, moving, points.span, "write a number, as in 5 points")
    count = numeric.number(wanted_count, values)
    require(points, PURE, "the number of points", translator.scope, Work())
    if not (isfinite(count) and count == int(count) and count >= 2):
        hint = "such as in 5 points; a single value is a list: [1]"
        raise ProblemError("the number of points is a whole number from 2", points.span, hint)
    _few_enough(count, points.span)
    if numeric.number(first - last, values) == 0:
        place = wanted.first.span.to(wanted.last.span)
        hint = f"a single value is a list: [{wanted.first.span.text}]"
        raise ProblemError("this range has no width", place, hint)
    steps = int(count) - 1
    inner = (first + (last - first) * sp.Rational(i, steps) for i in range(1, steps))
    return first, *inner, last


def _stepped(
    wanted: tree.SweepRange,
    numbers: Sequence[sp.Expr],
    moving: set[sp.Symbol],
    values: Mapping[sp.Symbol, float],
) -> tuple[sp.Expr, ...]:
    """`a .. b step s`; b belongs to the values when it is reached but for rounding."""
    first, last, step = numbers
    assert wanted.step is not None
    hint = "give their number instead: a .. b in 5 points"
    _refuse_moving((last - first) / step, moving, wanted.span, hint)
    width, size = numeric.number(last - first, values), numeric.number(step, values)
    if size == 0:
        hint = "write how far it is from one value to the next, or their number: a .. b in 5 points"
        raise ProblemError("a step of 0 leads nowhere", wanted.step.span, hint)
    if width * size < 0:
        word = "up" if width > 0 else "down"
        hint = "turn the sign of the step, or exchange the two ends"
        raise ProblemError(f"the range goes {word}, and its step does not", wanted.step.span, hint)
    reached = width / size
    _few_enough(reached + 1, wanted.span)
    count = floor(reached + ROUNDED)
    found = [first + i * step for i in range(count + 1)]
    if abs(reached - count) <= ROUNDED:
        found[-1] = last
    return tuple(found)


def _few_enough(count: float, span: Span) -> None:
    if count > MOST_POINTS:
        raise ProblemError(
            f"this sweep has {count:.6g} points", span, f"at most {MOST_POINTS} can be solved in one run"
        )


def _inside(
    statement: tree.Sweep,
    parameter: Parameter,
    values: Sequence[sp.Expr],
    names: Definitions,
    moving: set[sp.Symbol],
    work: Work,
) -> None:
    """Raises ProblemError when a value lies outside of the parameter's interval.

    What depends on parameters that are swept as well is looked at when these have their values.
    """
    limits = parameter.interval or ()
    if any(limit.free_symbols & moving for limit in limits):
        return
    for index, value in enumerate(values):
        if value.free_symbols & moving:
            continue
        complaint = parameter.complaint(numeric.number(value, names.values), names.values)
        if complaint:
            wanted = statement.values
            span = wanted.items[index].span if isinstance(wanted, tree.List) else wanted.span
            interval = work.places.get(f"interval {parameter.symbol.name}")
            notes = () if interval is None else (("its interval", interval),)
            raise ProblemError(
                [Diagnostic(complaint, span, "every value of a sweep must be allowed", notes=notes)]
            )
