"""Files that only hold parameters and functions, to be included elsewhere: what is wrong with them.

Where such a file is included decides in which units it is read and what the coordinate is called.  It is
in order if it is for one of the usual answers.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from qdsl.errors import ProblemError
from qdsl.language import tree
from qdsl.meaning.definitions import read_definitions
from qdsl.meaning.dimensions import PURE
from qdsl.meaning.scope import Measure, Named, Scope
from qdsl.meaning.units import ATOMIC, DIMENSIONLESS, UnitSystem
from qdsl.meaning.work import Work
from qdsl.potentials.plugins import Plugins

COORDINATES = ("x", "r")
"""Names that a function may use for the coordinate without having it as an argument."""


def library_mistakes(file: tree.File, plugins: Plugins | None = None) -> tuple[ProblemError, ...]:
    """What is wrong with the parameters and functions of a file whose includes have been opened up."""
    first: tuple[ProblemError, ...] | None = None
    for units, coordinate in product((DIMENSIONLESS, ATOMIC), COORDINATES):
        found = _mistakes(file, plugins or Plugins(), units, coordinate)
        if not found:
            return ()
        first = first or found
    return first or ()


def _mistakes(
    file: tree.File, plugins: Plugins, units: UnitSystem, coordinate: str
) -> tuple[ProblemError, ...]:
    definitions = [s for s in file.statements if isinstance(s, tree.Param | tree.Define)]
    scope = Scope(units=units, plugins=plugins)
    scope = scope.naming({"pi": Named(sp.pi, "constant", Measure(PURE, units.strict))})
    work = Work(coordinate=sp.Symbol(coordinate, real=True))
    return read_definitions(definitions, tree.Name(coordinate, span=file.span), scope, work).errors
