"""Syntax tree -> Problem: what a file says, as mathematics.

`build` shows the passes in their order.  Each reads one group of statements; what one of them finds wrong
does not stop the next, so that one run reports every mistake of a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning import deltas, exact
from qdsl.meaning.answers import Answers
from qdsl.meaning.conditions import read_conditions, usual_conditions
from qdsl.meaning.definitions import coordinate_in, read_definitions, refuse_taken, unsolved
from qdsl.meaning.dimension_checks import require
from qdsl.meaning.dimensions import ENERGY, LENGTH, MASS, PURE, Dimension
from qdsl.meaning.equation import Coefficients, read_equation, unused
from qdsl.meaning.expressions import Translator
from qdsl.meaning.rereading import Rereader
from qdsl.meaning.scope import Absent, Definition, Measure, Named, Scope
from qdsl.meaning.settings import read_training
from qdsl.meaning.statements import Statements, sort_statements
from qdsl.meaning.sweeps import read_sweeps
from qdsl.meaning.units import DIMENSIONLESS, read_units
from qdsl.meaning.wanted import Wanted, read_wanted
from qdsl.meaning.work import Work
from qdsl.physics.problem import Problem
from qdsl.physics.training import Training
from qdsl.potentials.plugins import Plugins


@dataclass(frozen=True)
class Built:
    """A problem, and the scope of its file, in which the value of a `--set` is read."""

    problem: Problem
    scope: Scope


@dataclass
class _Mistakes:
    """Collects what the passes find wrong."""

    errors: list[ProblemError] = field(default_factory=list)

    @contextmanager
    def caught(self) -> Iterator[None]:
        try:
            yield
        except ProblemError as error:
            self.errors.append(error)

    def stop_if_any(self) -> None:
        """Raises all of them as one error, in the order of the file."""
        if self.errors:
            found = joined(self.errors).diagnostics
            raise ProblemError(sorted(found, key=lambda d: d.span.start if d.span else 0))


def build(file: tree.File, plugins: Plugins | None = None) -> Built:
    """The problem that a file states, with the defaults filled in; `checks.check` looks at it next.

    `plugins` are the potentials that need code; by default those that are installed.
    Raises ProblemError with everything that is wrong in the file, WorkLimitError when its functions explode.
    """
    statements, errors = sort_statements(file)
    mistakes = _Mistakes(errors)

    units = DIMENSIONLESS
    if statements.units is not None:
        try:
            units = read_units(statements.units)
        except ProblemError as error:
            mistakes.errors.append(error)
            mistakes.stop_if_any()  # without its units, every quantity of the file would be reported too

    # Names come before all that may use them, wherever in the file they stand.
    coordinate = _coordinate(statements, mistakes)
    work = Work(coordinate=sp.Symbol(coordinate.name, real=True))
    given = Scope(units=units, plugins=plugins or Plugins()).without(_names_of(file.unread))
    given = given.naming({"pi": Named(sp.pi, "constant", Measure(PURE, units.strict))})
    names = read_definitions(statements.definitions, coordinate, given, work)
    mistakes.errors += names.errors
    x = sp.Symbol(coordinate.name, real=True)
    scope = names.scope.naming({coordinate.name: coordinate_in(names.scope, coordinate.name)})

    functions = scope  # in which the potential and the mass can be used like functions: mean(V(x), 0)
    mass: sp.Expr = sp.Integer(1)
    if statements.mass is not None:
        functions = _hidden(statements.mass, functions)
        with mistakes.caught():
            mass = _mass(statements.mass, coordinate, names.first, scope, work)
            functions = _callable(statements.mass, MASS, functions, scope)
    potential = deltas.Split(sp.Integer(0), ())
    if statements.potential is not None:
        functions = _hidden(statements.potential, functions)
        with mistakes.caught():
            potential = _potential(statements.potential, coordinate, names.first, scope, work)
            functions = _callable(statements.potential, ENERGY, functions, scope)

    wanted = Wanted(None if file.unread else (0,))
    if statements.find is not None:
        wanted = Wanted()
        with mistakes.caught():
            wanted = read_wanted(statements.find, _constants(scope, x), work, names.values)
    training = Training()
    if statements.train is not None:
        with mistakes.caught():
            training = read_training(statements.train, _constants(scope, x), work, names.values)

    interval: tuple[sp.Expr, sp.Expr] | None = None
    if statements.domain is not None:
        with mistakes.caught():
            interval = _interval(statements.domain.interval, _constants(scope, x), work)
    boundary = None
    if interval is not None and statements.boundary is not None:
        with mistakes.caught():
            boundary = read_conditions(statements.boundary, interval, scope, work)
    equation: Coefficients | None = None
    if statements.equation is not None and interval is not None:
        with mistakes.caught():
            equation = _equation(statements, statements.equation, interval, functions, work, names.values)
    sweeps, errors = read_sweeps(statements.sweeps, names, _constants(scope, x), work)
    mistakes.errors += errors
    answers = Answers(wanted.states, interval, boundary, functions, work, names.values)
    report, expect, errors = answers.read(statements.report, statements.expect)
    mistakes.errors += errors

    mistakes.stop_if_any()
    if file.unread:
        raise ProblemError([])  # what is wrong with those statements was reported when they were parsed
    assert interval is not None
    assert statements.domain is not None
    if equation is None:
        kinetic = units.kinetic * exact.power(mass, sp.Integer(-1), file.span)
        equation = Coefficients(kinetic, potential.regular, sp.S.One)
    else:
        potential = deltas.split(equation.q, x)
        equation = replace(equation, q=potential.regular)
    problem = Problem(
        coordinate=x,
        interval=interval,
        q=equation.q,
        p=equation.p,
        w=equation.w,
        deltas=potential.points,
        boundary=boundary or usual_conditions(interval),
        states=wanted.states or (),
        search=wanted.search,
        parameters=names.parameters,
        training=training,
        report=report,
        expect=expect,
        sweeps=sweeps,
        units=units.labels,
        title=statements.title.text.value if statements.title else _file_name(file.span),
        potential_name="q" if statements.potential is None else statements.potential.name.name,
        closed=(statements.domain.interval.left_closed, statements.domain.interval.right_closed),
        places=work.places | {"domain": statements.domain.interval.span},
        warnings=_distinct(work.findings.warnings),
        rereadings=Rereader(statements, names, _constants(scope, x), functions, x, interval, boundary).all(),
    )
    return Built(problem, scope)


def _equation(
    statements: Statements,
    equation: tree.Equation,
    interval: tuple[sp.Expr, sp.Expr],
    scope: Scope,
    work: Work,
    values: Mapping[sp.Symbol, float],
) -> Coefficients:
    """The coefficients of an `equation`, in which the potential and the mass are functions like others."""
    unused_ones = []
    for word, statement in (("potential", statements.potential), ("mass", statements.mass)):
        if statement is None:
            continue
        name = statement.name.name if statement.name is not None else None
        if name is None or unused(equation, name):
            note = ("the equation", equation.span)
            message = f"the equation does not use this {word}"
            use = f"write {name}({work.coordinate}) in it" if name else "write its value there"
            hint = f"{use}, or leave the {word} out"
            unused_ones.append(Diagnostic(message, statement.span, hint, notes=(note,)))
    if unused_ones:
        raise ProblemError(unused_ones)
    x = work.coordinate
    work.places["equation"] = equation.span
    work.places.setdefault("potential", equation.span)
    return read_equation(equation, scope, x, interval, work, values)


def _names_of(unread: tuple[tree.Unread, ...]) -> dict[str, Absent]:
    """Names that a statement with a mistake would perhaps have defined: their uses are no second mistake."""
    return {name: Absent() for statement in unread for name in statement.names}


def _coordinate(statements: Statements, mistakes: _Mistakes) -> tree.Name:
    """The name of the coordinate; without a `domain`, which is reported, the one that the potential uses."""
    for statement in (statements.domain, statements.potential):
        if statement is not None:
            with mistakes.caught():
                refuse_taken(statement.coordinate, {})
            return statement.coordinate
    return tree.Name("x", span=statements.span)


def _constants(scope: Scope, x: sp.Symbol) -> Scope:
    """The scope of numbers that belong to the whole problem."""
    return scope.without({x.name: Absent(f"this must not depend on the coordinate {x}")}).without(
        unsolved("this number")
    )


def _interval(interval: tree.Interval, scope: Scope, work: Work) -> tuple[sp.Expr, sp.Expr]:
    translator = Translator(scope, work)
    ends = translator.end(interval.left), translator.end(interval.right)
    for end in (interval.left, interval.right):
        require(end, LENGTH, "an end of the domain", scope, Work())
    return ends


def _mass(
    statement: tree.Mass, coordinate: tree.Name, first: Mapping[str, Span], scope: Scope, work: Work
) -> sp.Expr:
    """The mass, a constant or a function of the coordinate."""
    if statement.name is not None and statement.coordinate is not None:
        refuse_taken(statement.name, first)
        _same_coordinate(statement.coordinate, coordinate)
    scope = scope.without(unsolved("the mass"))
    value = Translator(scope, work).number(statement.value)
    require(statement.value, MASS, "the effective mass", scope, Work())
    work.places["mass"] = statement.value.span
    if value == 0:
        raise ProblemError("the mass must be larger than 0", statement.value.span)
    if statement.name is None and value.has(sp.Symbol(coordinate.name, real=True)):
        hint = f"write mass m({coordinate.name}) = …"
        raise ProblemError(f"this mass depends on {coordinate.name}", statement.value.span, hint)
    deltas.refuse([value], "in a mass", statement.value.span)
    return value


def _potential(
    statement: tree.Potential, coordinate: tree.Name, first: Mapping[str, Span], scope: Scope, work: Work
) -> deltas.Split:
    refuse_taken(statement.name, first)
    _same_coordinate(statement.coordinate, coordinate)
    name = statement.name.name
    itself = {name: Absent(f"the potential '{name}' uses itself", "write the formula out")}
    work.places["potential"] = statement.value.span
    scope = scope.without(unsolved("the potential") | itself)
    value = Translator(scope, work).number(statement.value)
    require(statement.value, ENERGY, "the potential", scope, Work())
    x = sp.Symbol(coordinate.name, real=True)
    work.places.update(deltas.places_of(value, x, work.places))
    return deltas.split(value, x)


def _same_coordinate(name: tree.Name, coordinate: tree.Name) -> None:
    if name.name != coordinate.name:
        note = ("the coordinate gets its name here", coordinate.span)
        message = f"the coordinate is called {coordinate.name}, not {name.name}"
        raise ProblemError([Diagnostic(message, name.span, f"write ({coordinate.name})", notes=(note,))])


def _hidden(statement: tree.Potential | tree.Mass, scope: Scope) -> Scope:
    """With the name of a potential or of a mass that may be wrong: its uses are no second mistake."""
    return scope if statement.name is None else scope.without({statement.name.name: Absent()})


def _callable(
    statement: tree.Potential | tree.Mass, dimension: Dimension, scope: Scope, inside: Scope
) -> Scope:
    """With a potential or a mass as a function, whose body is read `inside` of another scope."""
    if statement.name is None or statement.coordinate is None:
        return scope
    formal = tree.Formal(statement.coordinate, None, span=statement.coordinate.span)
    measure = Measure(dimension, scope.units.strict)
    return scope.defining(Definition(statement.name.name, (formal,), statement.value, inside, measure))


def _file_name(span: Span) -> str:
    name = span.source.name.replace("\\", "/").rpartition("/")[2]
    return "" if name.startswith("<") else name


def _distinct(warnings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """A function that is used twice warns once."""
    return tuple({(warning.message, warning.span): warning for warning in warnings}.values())
