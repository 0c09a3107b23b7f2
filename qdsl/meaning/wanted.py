"""`find`: which states are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import sympy as sp

from qdsl.errors import ProblemError
from qdsl.language import tree
from qdsl.meaning.dimension_checks import require
from qdsl.meaning.dimensions import ENERGY
from qdsl.meaning.expressions import Translator
from qdsl.meaning.scope import Scope
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.notation import short
from qdsl.physics.problem import BoundStates, Search, StatesBelow

MOST_STATES = 1000
"""States of one file; each costs memory for its wavefunction."""

Values = Mapping[sp.Symbol, float]


@dataclass(frozen=True)
class Wanted:
    """What a file asks for: states by their numbers, or those that a search will find.

    `states` is None where the numbers are not known, or a mistake.
    """

    states: tuple[int, ...] | None = None
    search: Search | None = None


def read_wanted(
    statement: tree.FindStates | tree.FindBound | tree.FindBelow, scope: Scope, work: Work, values: Values
) -> Wanted:
    """What `find` asks for.  Raises ProblemError."""
    if isinstance(statement, tree.FindBound):
        return Wanted(search=BoundStates())
    if isinstance(statement, tree.FindBelow):
        energy = Translator(scope, work).constant(statement.energy)
        require(statement.energy, ENERGY, "this", scope, Work())
        if not isfinite(numeric.number(energy, values)):
            raise ProblemError("this is not a finite number", statement.energy.span)
        return Wanted(search=StatesBelow(energy))
    return Wanted(_numbers(statement, scope, work, values))


def _numbers(statement: tree.FindStates, scope: Scope, work: Work, values: Values) -> tuple[int, ...]:
    """The wanted quantum numbers."""
    translator = Translator(scope, work)
    first = state_number(statement.first, translator, values)
    last = state_number(statement.last, translator, values)
    if first > last:
        raise ProblemError(
            f"the range {first}..{last} runs backwards",
            statement.first.span.to(statement.last.span),
            f"write {last}..{first}",
        )
    if last >= MOST_STATES:
        raise ProblemError(f"at most {MOST_STATES} states can be found", statement.last.span)
    return tuple(range(first, last + 1))


def state_number(node: tree.Expression, translator: Translator, values: Values) -> int:
    """The number of a state: a whole number from 0."""
    if isinstance(node, tree.Comparison) or (
        isinstance(node, tree.Binary) and node.operator in ("and", "or")
    ):
        raise ProblemError(
            "the number of a state is a whole number, not a condition",
            node.span,
            "for example: find state 3, or a range: find states 0..3",
        )
    if isinstance(node, tree.Quantity) and node.unit.name not in translator.scope.names:
        raise ProblemError(
            "the number of a state stands alone",
            node.span,
            f"write {node.number.text}; energies are shown of every state, other quantities by 'report'",
        )
    value = translator.constant(node)
    number = numeric.number(value, values)
    if not isfinite(number) or number != int(number):
        shown = f"{node.span.text} = {short(number)}" if value.free_symbols else node.span.text
        raise ProblemError(f"the number of a state is a whole number, not {shown}", node.span)
    if number < 0:
        raise ProblemError("states are numbered from 0, the ground state", node.span)
    return int(number)
