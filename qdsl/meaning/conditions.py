"""`boundary`: one condition for each end of the domain."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from qdsl.errors import Diagnostic, NotSupportedError, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning.dimension_walk import SIDES, agree, psi_at, require
from qdsl.meaning.dimensions import LENGTH
from qdsl.meaning.expressions import Translator, joined
from qdsl.meaning.scope import Absent, Form, Scope
from qdsl.meaning.work import Work
from qdsl.physics.notation import text
from qdsl.physics.problem import Decay, Dirichlet, EndCondition

Interval = tuple[sp.Expr, sp.Expr]

_COUPLED = ("periodic", "bloch")
_NAMES = ("the left end", "the right end")


@dataclass(frozen=True)
class _Value:
    """`psi(place)`, or a derivative of it, inside a condition."""

    symbol: sp.Symbol
    end: int
    order: int


def usual_conditions(interval: Interval) -> tuple[EndCondition, EndCondition]:
    """What holds where a file says nothing: psi = 0 at finite ends, decay at infinite ones."""
    left, right = (Decay() if end.is_infinite else Dirichlet() for end in interval)
    return left, right


def read_conditions(
    statement: tree.Boundary, interval: Interval, scope: Scope, work: Work
) -> tuple[EndCondition, EndCondition]:
    """The conditions at both ends; an end that is not mentioned gets the usual one.

    Raises ProblemError with everything that is wrong.
    """
    errors: list[ProblemError] = []
    first: dict[int, Span] = {}
    for condition in statement.conditions:
        try:
            end = _read(condition, interval, scope, work)
        except ProblemError as error:
            errors.append(error)
            continue
        if end in first:
            errors.append(
                ProblemError(
                    [
                        Diagnostic(
                            f"there are two conditions at {_NAMES[end]} of the domain",
                            condition.span,
                            "each end has one",
                            notes=(("the first one", first[end]),),
                        )
                    ]
                )
            )
        first.setdefault(end, condition.span)
    if errors:
        raise joined(errors)
    # Only psi = 0 is supported: at a finite end it is Dirichlet, at an infinite one decay.
    return usual_conditions(interval)


def _read(condition: tree.Condition, interval: Interval, scope: Scope, work: Work) -> int:
    """The end (0 or 1) at which the condition says psi = 0."""
    if condition.right is None:
        raise _without_sides(condition)
    seen: list[_Value] = []
    translator = Translator(_inside(scope, interval, seen), work)
    left, right = translator.numbers((condition.left, condition.right))
    agree((condition.left, condition.right), SIDES, translator.scope, Work())
    # Subtracting 0 would be the first sum of many files, and loads 20 ms of sympy.
    return _end_of(left if right == 0 else left - right, seen, condition.span)


def _without_sides(condition: tree.Condition) -> ProblemError:
    node = condition.left
    name = node.function if isinstance(node, tree.Call) else node
    if isinstance(name, tree.Name) and name.name in _COUPLED:
        return NotSupportedError(f"'{name.name}' conditions are not supported yet", condition.span)
    return ProblemError("a boundary condition is an equation", condition.span, "such as psi(0) = 0")


def _inside(scope: Scope, interval: Interval, seen: list[_Value]) -> Scope:
    """The scope of a condition, in which psi(a) and psi'(a) are unknowns noted in `seen`."""

    def read(node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        order = 0
        callee = node.function if isinstance(node, tree.Call) else node
        if isinstance(callee, tree.Prime):
            order, callee = callee.order, callee.operand
        if not isinstance(node, tree.Call) or not isinstance(callee, tree.Name):
            raise ProblemError("a condition speaks of psi at an end", node.span, "such as psi(0) = 0")
        if len(node.arguments) != 1 or node.arguments[0].name is not None:
            raise ProblemError("psi takes one place, an end of the domain", node.span, "such as psi(0)")
        place = node.arguments[0].value
        require(place, LENGTH, "a place", translator.scope, Work())
        end = _which_end(translator.end(place), interval, place.span)
        symbol = sp.Symbol(f"psi{order}_{end}", real=True)
        seen.append(_Value(symbol, end, order))
        return symbol

    coordinates = {
        name: Absent(
            f"a boundary condition does not depend on {name}", "it speaks of an end, as in psi(0) = 0"
        )
        for name, named in scope.names.items()
        if named.kind == "coordinate"
    }
    energy = {"E": Absent("conditions that contain E are not supported")}
    return scope.without(coordinates | energy).with_forms({"psi": Form(read, "psi(0) = 0", psi_at)})


def _which_end(place: sp.Expr, interval: Interval, span: Span) -> int:
    for index, end in enumerate(interval):
        if place == end or (place.is_finite and end.is_finite and sp.expand(place - end) == 0):
            return index
    left, right = interval
    raise ProblemError(
        f"{span.text} is not an end of the domain", span, f"the ends are {text(left)} and {text(right)}"
    )


def _end_of(expression: sp.Expr, seen: list[_Value], span: Span) -> int:
    """The end at which `expression = 0` says psi = 0; the errors name what it says instead."""
    if len(seen) == 1 and seen[0].order == 0 and expression == seen[0].symbol:
        return seen[0].end
    symbols = list(dict.fromkeys(value.symbol for value in seen))
    if not symbols:
        raise ProblemError("this condition does not contain psi", span, "write psi(0) = 0")
    if sp.expand(expression).is_zero:
        raise ProblemError("this condition always holds", span)
    constant = expression.xreplace(dict.fromkeys(symbols, sp.Integer(0)))
    linear = sp.Add(*(s * _coefficient(expression - constant, s, symbols) for s in symbols))
    if sp.expand(expression - constant - linear) != 0:
        raise ProblemError("this condition is not linear in psi", span, "such as psi(0) = 0")
    if sp.expand(constant) != 0:
        raise ProblemError(
            "this condition is inhomogeneous: a term without psi is left", span, "the right side must be 0"
        )
    if len({value.end for value in seen}) > 1:
        raise NotSupportedError("conditions that tie the two ends are not supported yet", span)
    highest = max(value.order for value in seen)
    if highest > 1:
        raise ProblemError("a condition contains psi and its first derivative only", span)
    if highest == 1:
        kind = "Neumann" if len(symbols) == 1 else "Robin"
        raise NotSupportedError(
            f"{kind} conditions (with psi') are not supported yet", span, "write psi(…) = 0"
        )
    return seen[0].end


def _coefficient(expression: sp.Expr, symbol: sp.Symbol, symbols: list[sp.Symbol]) -> sp.Expr:
    return expression.xreplace({other: sp.Integer(int(other is symbol)) for other in symbols})
