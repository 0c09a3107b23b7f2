"""Cases and their conditions: `{ 0 if |x| < a; V0 otherwise }`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy as sp

from qdsl.errors import ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning import deltas
from qdsl.meaning.comparisons import comparison
from qdsl.meaning.scope import Kind
from qdsl.meaning.shapes import names_in

if TYPE_CHECKING:
    from qdsl.meaning.expressions import Translator


def cases(node: tree.Cases, translator: Translator) -> sp.Expr:
    """Cases keep their order; those that can never hold are left out, with a warning."""
    branches: list[tuple[sp.Expr, sp.Basic, tree.Case]] = []
    errors = []
    for case in node.cases:
        try:
            value = translator.number(case.value)
            deltas.refuse([value], "in cases", case.value.span)
        except ProblemError as error:
            errors.append(error)
        try:
            condition = sp.true if case.condition is None else translator.condition(case.condition)
        except ProblemError as error:
            errors.append(error)
        if not errors:
            branches.append((value, condition, case))
    if errors:
        raise joined(errors)
    return _piecewise(branches, node.span, translator)


def _piecewise(
    branches: Sequence[tuple[sp.Expr, sp.Basic, tree.Case]], span: Span, translator: Translator
) -> sp.Expr:
    kept: list[tuple[sp.Expr, sp.Basic, Span]] = []
    decided = False
    for value, condition, case in branches:
        if decided or condition is sp.false:
            # A function of the file, used at a number, may well have cases that do not count there.
            if case.condition is None or _speaks_of(case.condition, ("coordinate", "parameter"), translator):
                translator.work.findings.warning("this case can never be reached", case.span)
            continue
        kept.append((value, condition, case.span))
        decided = condition is sp.true
    if not kept:
        raise ProblemError("none of these cases can hold here", span)
    result = sp.Piecewise(*((value, condition) for value, condition, _ in kept), evaluate=False)
    translator.work.places.setdefault(result, span)
    for index, (_, _, place) in enumerate(kept):
        translator.work.places.setdefault(sp.Tuple(result, sp.Integer(index)), place)
    return result


def checked_condition(node: tree.Expression, translator: Translator) -> sp.Basic:
    """A condition that depends on the coordinate, on a parameter or on an argument."""
    value = _condition(node, translator)
    if not value.free_symbols and not _speaks_of(node, ("coordinate", "parameter", "argument"), translator):
        raise ProblemError("this condition depends neither on the coordinate nor on a parameter", node.span)
    translator.work.places.setdefault(value, node.span)
    return value


def _condition(node: tree.Expression, translator: Translator) -> sp.Basic:
    match node:
        case tree.Comparison():
            values = translator.numbers(node.operands)
            deltas.refuse(values, "in a condition", node.span)
            pairs = zip(values[:-1], node.operators, values[1:], strict=True)
            relations = [comparison(a, sign, b, node.span) for a, sign, b in pairs]
            return relations[0] if len(relations) == 1 else sp.And(*relations)
        case tree.Binary(operator="and" | "or"):
            both = (_condition(node.left, translator), _condition(node.right, translator))
            return sp.And(*both) if node.operator == "and" else sp.Or(*both)
        case tree.Unary(operator="not"):
            return sp.Not(_condition(node.operand, translator))
        case _:
            raise ProblemError(
                "a condition is needed here, and this is a number", node.span, "compare it, as in x > 0"
            )


def _speaks_of(node: tree.Expression, kinds: tuple[Kind, ...], translator: Translator) -> bool:
    """Whether a name of one of these kinds, or a form such as E[0], stands in a part of the tree."""
    scope = translator.scope
    return any(
        scope.names[name].kind in kinds if name in scope.names else name in scope.forms
        for name in names_in(node)
    )
