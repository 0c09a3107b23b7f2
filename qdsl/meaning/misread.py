"""What is read as a number with a unit, and was meant otherwise: `1 e-3`, `2.0d0`, `3i`, `2 Pi`, `1_000`."""

from __future__ import annotations

import re

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import foreign
from qdsl.meaning.constants import NAMES
from qdsl.meaning.scope import Scope
from qdsl.meaning.unit_names import COMMON
from qdsl.meaning.units import unknown_unit
from qdsl.physics.functions import FUNCTIONS
from qdsl.spelling import same_name

_EXPONENT = re.compile(r"\s?([+-]?[0-9]{1,4})\b")


def no_quantity(node: tree.Quantity, scope: Scope) -> ProblemError:
    """The error for a quantity whose unit is none in this file."""
    unit, number = node.unit.name, node.number.text
    meant = _number_meant(node)
    if meant is not None:
        return meant
    known = (*scope.names, *scope.functions, *FUNCTIONS)
    name = unit if unit in known else None if scope.units.present else same_name(unit, known)
    if name is not None:
        return ProblemError(
            f"a '*' is missing between {number} and {name}", node.span, f"write {number}*{name}"
        )
    if unit in ("i", "j", "I"):
        return ProblemError(f"'{unit}' is no unit", node.span, foreign.NAMES[unit])
    if scope.units.present:
        return unknown_unit(node.unit)
    if unit in COMMON or unit in NAMES:
        return ProblemError(
            f"'{unit}' is a unit, and this file is dimensionless",
            node.span,
            f"begin the file with 'units meV, nm', or write {number} alone",
        )
    return ProblemError(
        f"'{unit}' is read as a unit, and this file is dimensionless",
        node.span,
        f"write {number} alone; if {unit} is a name, {number}*{unit}",
    )


def _number_meant(node: tree.Quantity) -> ProblemError | None:
    """Numbers as other languages write them."""
    unit, number, span = node.unit.name, node.number.text, node.span
    exponent = _EXPONENT.match(span.source.text, span.end, span.end + 10)
    if re.fullmatch("[xX]10", unit):
        return ProblemError("a power of ten is part of the number", span, f"write {number}e{node.exponent}")
    if re.fullmatch("_[0-9_]+", unit):
        return ProblemError("digits stand together", span, f"write {number}{unit.replace('_', '')}")
    if re.fullmatch("[dD][0-9]{1,4}", unit):
        return ProblemError("the exponent of a number begins with e", span, f"write {number}e{unit[1:]}")
    if unit in ("e", "E", "d", "D") and exponent:
        whole = Span(span.source, span.start, exponent.end())
        message = "a number and its exponent stand together, with an e between"
        return ProblemError(message, whole, f"write {number}e{exponent[1]}")
    return None
