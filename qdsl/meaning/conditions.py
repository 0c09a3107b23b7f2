"""`boundary`: one condition for each end of the domain, or one that ties both."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning import foreign
from qdsl.meaning.dimension_checks import SIDES, agree, require
from qdsl.meaning.dimensions import LENGTH
from qdsl.meaning.expressions import Translator
from qdsl.meaning.function_dimensions import psi_at
from qdsl.meaning.scope import Absent, Form, Scope
from qdsl.meaning.shapes import bind
from qdsl.meaning.work import Work
from qdsl.physics.expanding import expanded, is_short
from qdsl.physics.notation import text
from qdsl.physics.problem import Bloch, Boundary, Decay, Dirichlet, EndCondition, Neumann, Robin
from qdsl.spelling import did_you_mean

Interval = tuple[sp.Expr, sp.Expr]

_NAMES = ("the left end", "the right end")

_SPELT_OUT = {
    "dirichlet": "write psi(a) = 0",
    "neumann": "write psi'(a) = 0",
    "robin": "write psi'(a) = 2*psi(a)",
    "decay": "write psi(inf) = 0",
    "antiperiodic": "write bloch(pi/L), where L is the width of the domain",
}


@dataclass(frozen=True)
class _Value:
    """`psi(place)`, or a derivative of it, inside a condition."""

    symbol: sp.Symbol
    end: int
    order: int


@dataclass(frozen=True)
class _AtEnd:
    """A condition at one end (0 or 1)."""

    end: int
    condition: EndCondition


@dataclass(frozen=True)
class _Tied:
    """An equation between the two ends; alone it is half of a condition."""

    hint: str


def usual_conditions(interval: Interval) -> tuple[EndCondition, EndCondition]:
    """What holds where a file says nothing: psi = 0 at finite ends, decay at infinite ones."""
    left, right = (Decay() if end.is_infinite else Dirichlet() for end in interval)
    return left, right


def read_conditions(statement: tree.Boundary, interval: Interval, scope: Scope, work: Work) -> Boundary:
    """The conditions at both ends, or the one that ties them; an end not mentioned gets the usual one.

    Raises ProblemError with everything that is wrong.
    """
    work.places["boundary"] = statement.span
    errors: list[ProblemError] = []
    ends: dict[int, tuple[EndCondition, Span]] = {}
    tied: list[tuple[Bloch | _Tied, Span]] = []
    for condition in statement.conditions:
        try:
            found = _read(condition, interval, scope, work)
        except ProblemError as error:
            errors.append(error)
            continue
        if not isinstance(found, _AtEnd):
            tied.append((found, condition.span))
        elif found.end in ends:
            message = f"there are two conditions at {_NAMES[found.end]} of the domain"
            note = ("the first one", ends[found.end][1])
            errors.append(
                ProblemError([Diagnostic(message, condition.span, "each end has one", notes=(note,))])
            )
        else:
            ends[found.end] = found.condition, condition.span
    try:
        bloch = _tie(tied, [span for _, span in ends.values()])
    except ProblemError as error:
        errors.append(error)
    if errors:
        raise joined(errors)
    if bloch is not None:
        return bloch
    left, right = usual_conditions(interval)
    return ends.get(0, (left,))[0], ends.get(1, (right,))[0]


def _tie(tied: list[tuple[Bloch | _Tied, Span]], others: list[Span]) -> Bloch | None:
    """The one condition that ties both ends, where there is any."""
    if not tied:
        return None
    halves = [(half, span) for half, span in tied if isinstance(half, _Tied)]
    if halves:
        message = "this ties the two ends of the domain together"
        if len(halves) == 1:
            message += ", and half of what that takes is missing"
        raise ProblemError(message, halves[0][1].to(halves[-1][1]), halves[0][0].hint)
    first, span = tied[0]
    assert isinstance(first, Bloch)
    for other in sorted([*(place for _, place in tied[1:]), *others], key=lambda place: place.start):
        earlier, later = sorted((span, other), key=lambda place: place.start)
        message = f"'{_shown(span)}' is the condition at both ends: there is no place for another one"
        note = ("the other one", earlier)
        raise ProblemError([Diagnostic(message, later, "keep one of them", notes=(note,))])
    return first


def _read(condition: tree.Condition, interval: Interval, scope: Scope, work: Work) -> _AtEnd | Bloch | _Tied:
    quotient = foreign.derivative(condition.span.text, scope.names)
    if quotient is not None:
        at = condition.span.source.span(*(condition.span.start + place for place in quotient))
        raise ProblemError("a derivative is written with a prime", at, "write psi'")
    if condition.right is None:
        return _word(condition, interval, scope, work)
    seen: list[_Value] = []
    inside = _inside(scope, interval, seen)
    left, right = Translator(inside, work).numbers((condition.left, condition.right))
    agree((condition.left, condition.right), SIDES, inside, Work())
    # Subtracting 0 would be the first sum of many files, and loads 20 ms of sympy.
    return _meaning(left if right == 0 else left - right, seen, interval, condition.span)


def _word(condition: tree.Condition, interval: Interval, scope: Scope, work: Work) -> Bloch:
    """`periodic` or `bloch(k)`."""
    node = condition.left
    match node:
        case tree.Name(name="periodic"):
            return Bloch()
        case tree.Call(function=tree.Name(name="periodic")):
            raise ProblemError("'periodic' has no arguments", node.span, "bloch(k) has one")
        case tree.Name(name="bloch"):
            raise ProblemError("'bloch' needs its wavenumber", node.span, "such as bloch(0.3)")
        case tree.Call(function=tree.Name(name="bloch")):
            wavenumber = bind("bloch", [("k", True)], node)["k"]
            inside = _inside(scope, interval, [])
            constants = inside.without({"psi": Absent("a wavenumber cannot contain psi")})
            value = Translator(constants, work).constant(wavenumber)
            require(wavenumber, LENGTH**-1, "the wavenumber", constants, Work())
            return Bloch(value * (interval[1] - interval[0]))
    name = node.function if isinstance(node, tree.Call) else node
    if isinstance(name, tree.Name) and name.name.lower() in _SPELT_OUT:
        raise ProblemError(
            f"'{name.name}' is not a word for conditions here", node.span, _SPELT_OUT[name.name.lower()]
        )
    guess = (
        did_you_mean(name.name, ("periodic", "bloch", *_SPELT_OUT)) if isinstance(name, tree.Name) else None
    )
    hint = f"did you mean '{guess}'?" if guess else "such as psi(0) = 0"
    raise ProblemError("a boundary condition is an equation", condition.span, hint)


def _inside(scope: Scope, interval: Interval, seen: list[_Value]) -> Scope:
    """The scope of a condition, in which psi(a) and psi'(a) are unknowns noted in `seen`."""

    def read(node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        order = 0
        callee = node.function if isinstance(node, tree.Call) else node
        if isinstance(callee, tree.Prime):
            order, callee = callee.order, callee.operand
        if not isinstance(node, tree.Call) or not isinstance(callee, tree.Name):
            place = node.index.span.text if isinstance(node, tree.Index) else "0"
            hint = f"write psi({place})" if len(place) <= 20 and order == 0 else "such as psi(0) = 0"
            raise ProblemError("a condition speaks of psi at an end", node.span, hint)
        if len(node.arguments) != 1 or node.arguments[0].name is not None:
            raise ProblemError("psi takes one place, an end of the domain", node.span, "such as psi(0)")
        at = node.arguments[0].value
        require(at, LENGTH, "a place", translator.scope, Work())
        end = _which_end(translator.end(at), interval, at.span)
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
    energy = {"E": Absent("a boundary condition cannot depend on the energy E")}
    return scope.without(coordinates | energy).with_forms({"psi": Form(read, "psi(0) = 0", psi_at)})


def _which_end(place: sp.Expr, interval: Interval, span: Span) -> int:
    for index, end in enumerate(interval):
        if place == end or (place.is_finite and end.is_finite and _expanded(place - end, span) == 0):
            return index
    left, right = interval
    raise ProblemError(
        f"{span.text} is not an end of the domain", span, f"the ends are {text(left)} and {text(right)}"
    )


def _meaning(expression: sp.Expr, seen: list[_Value], interval: Interval, span: Span) -> _AtEnd | _Tied:
    """What `expression = 0` says; the errors name what it says instead of a condition."""
    if len(seen) == 1 and seen[0].order == 0 and expression == seen[0].symbol:
        return _AtEnd(seen[0].end, usual_conditions(interval)[seen[0].end])
    if not seen:
        raise ProblemError("this condition does not contain psi", span, "write psi(0) = 0")
    if _expanded(expression, span) == 0:
        raise ProblemError("this condition always holds", span)
    slopes = {value: sp.diff(expression, value.symbol) for value in dict.fromkeys(seen)}
    if any(slope.has(*(value.symbol for value in seen)) for slope in slopes.values()):
        hint = "such as psi(0) = 0, or psi'(0) = 2*psi(0)"
        raise ProblemError("this condition is not linear in psi", span, hint)
    constant = expression.xreplace({value.symbol: sp.S.Zero for value in seen})
    if expanded(constant) != 0:
        raise ProblemError(
            "this condition is inhomogeneous: a term without psi is left", span, "the right side must be 0"
        )
    terms = {value: factor for value, slope in slopes.items() if (factor := expanded(slope)) != 0}
    if any(value.order > 1 for value in terms):
        raise ProblemError(
            "a condition contains psi and its first derivative only",
            span,
            "psi'' at an end follows from the equation",
        )
    if len({value.end for value in terms}) > 1:
        return _Tied(_in_one_word(terms, interval))
    return _at_end(terms, interval, span)


def _at_end(terms: dict[_Value, sp.Expr], interval: Interval, span: Span) -> _AtEnd:
    """alpha psi + beta psi' = 0 at one end."""
    end = next(iter(terms)).end
    alpha, beta = (
        sp.Add(*(factor for value, factor in terms.items() if value.order == order)) for order in (0, 1)
    )
    if beta == 0:
        return _AtEnd(end, usual_conditions(interval)[end])
    if interval[end].is_infinite:
        raise ProblemError(
            f"at {text(interval[end])} psi can only decay", span, f"write psi({text(interval[end])}) = 0"
        )
    return _AtEnd(end, Neumann() if alpha == 0 else Robin(-alpha / beta))


def _in_one_word(terms: dict[_Value, sp.Expr], interval: Interval) -> str:
    """How to write a condition that ties the ends."""
    width = interval[1] - interval[0]
    if len(terms) == 2 and len({value.order for value in terms}) == 1:
        if expanded(sp.Add(*terms.values())) == 0:
            return "write periodic, which says it of psi and of its flux"
        a, b = terms.values()
        if expanded(a - b) == 0 and width.is_finite:
            return f"write bloch({text(sp.pi / width)}), which says it of psi and of its flux"
    return "known are periodic, and bloch(k) for a phase exp(i k L) between the ends"


def _expanded(expression: sp.Expr, span: Span) -> sp.Expr:
    """The expression multiplied out.  Raises ProblemError where that would take long."""
    if not is_short(expression):
        hint = "give the numbers in it names with 'param'"
        raise ProblemError("this formula has too many products to be compared with 0", span, hint)
    return expanded(expression)


def _shown(span: Span) -> str:
    return " ".join(span.text.split())
