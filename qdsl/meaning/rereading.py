"""What a file fixes by numbers, such as the wanted states: read again when the parameters change.

Most of a problem holds its parameters as symbols, and follows them by itself.  The numbers of states, the
settings of `train`, the points of a sweep and the factor that makes an equation self-adjoint do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import sympy as sp

from qdsl.errors import joined
from qdsl.language import tree
from qdsl.meaning import deltas
from qdsl.meaning.answers import Answers
from qdsl.meaning.definitions import Definitions
from qdsl.meaning.equation import read_equation
from qdsl.meaning.scope import Scope
from qdsl.meaning.settings import read_training
from qdsl.meaning.shapes import names_in
from qdsl.meaning.statements import Statements
from qdsl.meaning.sweeps import read_sweeps
from qdsl.meaning.wanted import Wanted, read_wanted
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.problem import Boundary, Problem
from qdsl.physics.training import Training

Values = Mapping[sp.Symbol, float]
Fields = dict[str, Any]
"""Fields of a problem by their names."""


@dataclass(frozen=True)
class Rereading:
    """Reads some fields of a problem at other values of the parameters; `symbols` are those that matter."""

    symbols: frozenset[sp.Symbol]
    read: Callable[[Values], Fields]

    def __call__(self, before: Problem, after: Problem) -> Problem:
        """`after` with those fields as they are at its own values, as far as they differ.

        What was changed since the file was read, say the method of training, is kept.
        Raises ProblemError where the file makes no sense at these values.
        """
        if all(before.values[symbol] == after.values[symbol] for symbol in self.symbols):
            return after
        old, new = self.read(before.values), self.read(after.values)
        return replace(after, **{name: _follow(getattr(after, name), old[name], new[name]) for name in new})


def _follow(current: Any, old: Any, new: Any) -> Any:
    """The new value of a field that was the old one; of settings, each by itself."""
    if isinstance(new, Training):
        names = [setting.name for setting in fields(new)]
        return replace(new, **{n: _follow(*(getattr(v, n) for v in (current, old, new))) for n in names})
    return new if current == old else current


@dataclass(frozen=True)
class Rereader:
    """Finds what of a file has to be read again.

    `constants` is the scope of numbers, `functions` the one of equations and quantities.
    """

    statements: Statements
    definitions: Definitions
    constants: Scope
    functions: Scope
    x: sp.Symbol
    interval: tuple[sp.Expr, sp.Expr]
    boundary: Boundary | None

    def all(self) -> tuple[Rereading, ...]:
        """Those readings in which a parameter has a say."""
        file = self.statements
        answers = (file.find, *file.report, *file.expect)
        found = (
            Rereading(self._symbols(file.equation, file.domain), self._coefficients),
            Rereading(self._symbols(*answers, file.domain if any(answers) else None), self._answers),
            Rereading(self._symbols(file.train), self._training),
            Rereading(self._symbols(*(sweep.values for sweep in file.sweeps)), self._sweeps),
        )
        return tuple(reading for reading in found if reading.symbols)

    def _symbols(self, *nodes: tree.Node | None) -> frozenset[sp.Symbol]:
        """The parameters that parts of the tree speak of, also through functions of the file."""
        names = _closure(names_in(tuple(node for node in nodes if node is not None)), self.functions)
        return frozenset(symbol for symbol in self.definitions.values if symbol.name in names)

    @property
    def _work(self) -> Work:
        return Work(coordinate=self.x)

    def _answers(self, values: Values) -> Fields:
        left, right = (numeric.number(end, values) for end in self.interval)
        if not left < right:
            return {}  # there is nothing to be wanted; the checks say so
        wanted = Wanted((0,))
        if self.statements.find is not None:
            wanted = read_wanted(self.statements.find, self.constants, self._work, values)
        answers = Answers(wanted.states, self.interval, self.boundary, self.functions, self._work, values)
        report, expect, errors = answers.read(self.statements.report, self.statements.expect)
        if errors:
            raise joined(errors)
        states = wanted.states or ()
        return {"states": states, "search": wanted.search, "report": report, "expect": expect}

    def _training(self, values: Values) -> Fields:
        assert self.statements.train is not None
        return {"training": read_training(self.statements.train, self.constants, self._work, values)}

    def _sweeps(self, values: Values) -> Fields:
        definitions = replace(self.definitions, values=values)
        sweeps, errors = read_sweeps(self.statements.sweeps, definitions, self.constants, self._work)
        if errors:
            raise joined(errors)
        return {"sweeps": sweeps}

    def _coefficients(self, values: Values) -> Fields:
        equation = self.statements.equation
        if equation is None:
            return {}
        found = read_equation(equation, self.functions, self.x, self.interval, self._work, values)
        potential = deltas.split(found.q, self.x)
        return {"p": found.p, "q": potential.regular, "w": found.w, "deltas": potential.points}


def _closure(names: Iterable[str], scope: Scope) -> set[str]:
    """The names, and those in the functions that they call."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            definition = scope.functions.get(name)
            if definition is not None:
                waiting += names_in((definition.body, definition.formals))
    return found
