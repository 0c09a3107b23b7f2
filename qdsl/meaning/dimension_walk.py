"""The dimension of every expression of a file with units, by walking its tree.

Two known dimensions that differ are a mistake; the errors show both sides with their units.  A bare number
or a parameter without units fits everywhere, and so does what is multiplied with one, because 3*x may well
be a potential.  The numbers themselves are the business of `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning.called import library_function, told_of_the_call
from qdsl.meaning.dimensions import (
    ENERGY,
    LENGTH,
    PURE,
    WAVEFUNCTION,
    Dimension,
    described,
    named,
    unit_text,
)
from qdsl.meaning.scope import FREE, Definition, Measure, Named, Scope
from qdsl.meaning.shapes import bind, is_infinity, root_name, spine
from qdsl.meaning.work import Work
from qdsl.physics.functions import FUNCTIONS

MOST_NOTES = 3

DEGREE = 100
"""Largest exponent whose dimension is worked out."""


@dataclass(frozen=True)
class Operand:
    """An expression with its dimension, and the scope that gives its names their meaning."""

    node: tree.Expression
    measure: Measure
    scope: Scope

    @property
    def text(self) -> str:
        return _shown(self.node.span)

    @property
    def quoted(self) -> str:
        """With its dimension: `'V0' (an energy, meV)`."""
        assert self.measure.dimension is not None
        return f"'{self.text}' ({described(self.measure.dimension, self.scope.units.labels)})"

    @property
    def told(self) -> str:
        """With its dimension, in a sentence: `'V0' is an energy (meV)`."""
        return f"'{self.text}' is {in_words(self.measure.dimension, self.scope)}"

    @property
    def notes(self) -> tuple[tuple[str, Span], ...]:
        """Where a name got its dimension."""
        known = self.scope.names.get(self.node.name) if isinstance(self.node, tree.Name) else None
        if known is None or known.place is None or known.measure.dimension is None:
            return ()
        kind = named(known.measure.dimension, self.scope.units.labels)
        return ((f"'{self.text}' becomes {kind} here", known.place),)


def in_words(dimension: Dimension | None, scope: Scope) -> str:
    """`an energy (meV)`, `a pure number`."""
    assert dimension is not None
    word, unit = named(dimension, scope.units.labels), unit_text(dimension, scope.units.labels)
    return word if not unit or unit in word else f"{word} ({unit})"


def require(node: tree.Expression, wanted: Dimension, what: str, scope: Scope, work: Work) -> None:
    """Check that an expression may stand where a quantity of some dimension is needed.

    `what` names the place, as in "the potential".  Nothing is checked in files without units, nor at
    `inf`.  Raises ProblemError.
    """
    if not scope.units.present or is_infinity(node.operand if isinstance(node, tree.Unary) else node):
        return
    if isinstance(node, tree.Cases):  # the case that is wrong is a better place than all of them
        measure_of(node, scope, work)
        for case in node.cases:
            require(case.value, wanted, what, scope, work)
        return
    measure = measure_of(node, scope, work)
    if measure.firm and measure.dimension != wanted:
        operand = Operand(node, measure, scope)
        message = f"{what} must be {in_words(wanted, scope)}, but {operand.told}"
        hint = _bridge(node, measure.dimension, wanted, scope)
        raise ProblemError([Diagnostic(message, node.span, hint, notes=operand.notes)])


def agree(nodes: Sequence[tree.Expression], message: str, scope: Scope, work: Work) -> Measure:
    """The common dimension of several expressions, such as a value and the interval for it.

    `message` begins the error of those that do not agree.  Raises ProblemError.
    """
    if not scope.units.present:
        return FREE
    finite = [
        node for node in nodes if not is_infinity(node.operand if isinstance(node, tree.Unary) else node)
    ]
    walk = Dimensions(scope, work)
    return walk.common(walk.operands(finite), lambda a, b: f"{message}: {a.told}, and {b.told}")


SIDES = "the two sides do not agree"
"""How the error of an equation or of a condition begins, for `agree`."""


def measure_of(node: tree.Expression, scope: Scope, work: Work) -> Measure:
    """The dimension of an expression.  Raises ProblemError where dimensions inside of it conflict."""
    return Dimensions(scope, work).measure(node) if scope.units.present else FREE


def unit_of(measure: Measure, scope: Scope) -> str:
    """The unit in which the value of an expression is counted; empty for pure numbers and unknown ones."""
    dimension = measure.dimension
    return "" if dimension is None else unit_text(dimension, scope.units.labels)


def psi_at(node: tree.Call | tree.Index, walk: Dimensions) -> Measure:
    """The dimension of psi(0), psi'(0), … in a boundary condition."""
    callee = node.function if isinstance(node, tree.Call) else node
    order = callee.order if isinstance(callee, tree.Prime) else 0
    return walk.typical(WAVEFUNCTION / LENGTH**order)


class Dimensions:
    """Walks expressions in one scope.  Every method raises ProblemError where dimensions conflict."""

    def __init__(self, scope: Scope, work: Work, depth: int = 0) -> None:
        self.scope = scope
        self.work = work
        self.depth = depth

    def measure(self, node: tree.Expression) -> Measure:
        self.work.step(node.span, self.depth)
        self.depth += 1
        try:
            return self._measure(node)
        finally:
            self.depth -= 1

    def operand(self, node: tree.Expression) -> Operand:
        return Operand(node, self.measure(node), self.scope)

    def operands(self, nodes: Sequence[tree.Expression]) -> list[Operand]:
        return [self.operand(node) for node in nodes]

    def typical(self, dimension: Dimension) -> Measure:
        """What the coordinate or a function has by itself: firm, except in atomic units."""
        return Measure(dimension, firm=self.scope.units.strict)

    def common(self, operands: Sequence[Operand], message: Callable[[Operand, Operand], str]) -> Measure:
        """The dimension of things that must have the same; `message` is given two that have not."""
        leader = next((operand for operand in operands if operand.measure.firm), None)
        if leader is None:
            return _presumed([operand.measure for operand in operands])
        for other in operands:
            if other.measure.firm and other.measure.dimension != leader.measure.dimension:
                notes = (*leader.notes, *other.notes)
                span = leader.node.span.to(other.node.span)
                raise ProblemError([Diagnostic(message(leader, other), span, notes=notes)])
        return leader.measure

    # One kind of node after the other ----------------------------------------------------------------

    def _measure(self, node: tree.Expression) -> Measure:
        match node:
            case tree.Number():
                return self.scope.literal if float(node.text) else Measure(PURE)
            case tree.Quantity():
                return Measure(self.scope.units.quantity(node).dimension, firm=True)
            case tree.Name():
                return self._name(node)
            case tree.Binary(operator="+" | "-"):
                return self._sum(node)
            case tree.Binary(operator="*" | "/"):
                return self._product(node)
            case tree.Binary(operator="^"):
                return self._power(node)
            case tree.Unary(operator="+" | "-") | tree.Absolute():
                return self.measure(node.operand)
            case tree.Call() | tree.Index():
                return self._call(node)
            case tree.Cases():
                return self._cases(node)
            case tree.Prime():
                return _product(self.measure(node.operand), self.typical(LENGTH**-node.order))
            case tree.Comparison() | tree.Binary() | tree.Unary():
                self.condition(node)
        return FREE

    def _name(self, node: tree.Name) -> Measure:
        known = self.scope.names.get(node.name)
        if known is not None:
            return known.measure
        unit = self.scope.unit(node.name)
        return FREE if unit is None else Measure(unit.dimension, firm=True)

    def _sum(self, node: tree.Binary) -> Measure:
        terms = list(spine(node, "+-"))
        signs = {id(term): sign for sign, term in terms}

        def message(first: Operand, second: Operand) -> str:
            if signs[id(second.node)] == "+":
                return f"cannot add {first.quoted} and {second.quoted}"
            return f"cannot subtract {second.quoted} from {first.quoted}"

        return self.common(self.operands([term for _, term in terms]), message)

    def _product(self, node: tree.Binary) -> Measure:
        result = Measure(PURE, firm=True)
        for operator, factor in spine(node, "*/"):
            measure = self.measure(factor)
            result = _product(result, measure if operator == "*" else _power(measure, -1))
        return result

    def _power(self, node: tree.Binary) -> Measure:
        base = self.measure(node.left)
        self._pure(self.operand(node.right), "an exponent must be a pure number")
        if base.dimension == PURE:
            return base
        exponent = exact_exponent(node.right)
        return FREE if exponent is None else _power(base, exponent)

    def _cases(self, node: tree.Cases) -> Measure:
        for case in node.cases:
            if case.condition is not None:
                self.condition(case.condition)
        values = self.operands([case.value for case in node.cases])
        return self.common(values, lambda a, b: f"the cases do not agree: {a.told}, and {b.told}")

    def condition(self, node: tree.Expression) -> None:
        """Check the comparisons of a condition."""
        match node:
            case tree.Comparison():
                operands = self.operands(node.operands)
                for pair in pairwise(operands):
                    self.common(pair, lambda a, b: f"cannot compare {a.quoted} with {b.quoted}")
            case tree.Binary(operator="and" | "or"):
                self.condition(node.left)
                self.condition(node.right)
            case tree.Unary(operator="not"):
                self.condition(node.operand)

    # Functions ---------------------------------------------------------------------------------------

    def _call(self, node: tree.Call | tree.Index) -> Measure:
        root = root_name(node)
        if root is not None and root.name in self.scope.forms:
            return self.scope.forms[root.name].measure(node, self)
        if isinstance(node, tree.Index) or not isinstance(node.function, tree.Name):
            return FREE
        name = node.function.name
        definition = self.scope.functions.get(name)
        if definition is not None:
            return self._inline(definition, node)
        if name not in FUNCTIONS and name != "delta":
            definition = library_function(name, self.scope)
            if definition is not None:
                try:
                    return self._inline(definition, node)
                except ProblemError as error:
                    raise told_of_the_call(error, name, node) from None
        arguments = self.operands([argument.value for argument in node.arguments])
        return self._built_in(name, arguments) if arguments else FREE

    def _built_in(self, name: str, arguments: list[Operand]) -> Measure:
        argument = arguments[0]
        match name:
            case "abs":
                return argument.measure
            case "sqrt":
                return _power(argument.measure, Fraction(1, 2))
            case "cbrt":
                return _power(argument.measure, Fraction(1, 3))
            case "delta":
                return _power(argument.measure, -1)
            case "sign" | "heaviside":
                return self.typical(PURE)
            case "min" | "max":
                return self.common(
                    arguments, lambda a, b: f"the arguments of '{name}' do not agree: {a.told}, and {b.told}"
                )
            case (
                "sin"
                | "cos"
                | "tan"
                | "asin"
                | "acos"
                | "atan"
                | "sinh"
                | "cosh"
                | "tanh"
                | "exp"
                | "log"
                | "erf"
            ):
                self._pure(argument, f"the argument of '{name}' must be a pure number")
                return self.typical(PURE)
        return FREE

    def _pure(self, operand: Operand, what: str) -> None:
        measure = operand.measure
        if measure.firm and measure.dimension != PURE:
            unit = unit_text(measure.dimension or PURE, self.scope.units.labels)
            hint = f"divide it by a quantity of the same kind, such as (1 {unit})" if _plain(unit) else ""
            message = f"{what}, but {operand.told}"
            raise ProblemError([Diagnostic(message, operand.node.span, hint, notes=operand.notes)])

    def _inline(self, definition: Definition, node: tree.Call) -> Measure:
        """The dimension of a function of the file, used here with arguments of theirs."""
        formals = [(formal.name.name, formal.default is None) for formal in definition.formals]
        given = bind(definition.name, formals, node)
        measures = {name: self.measure(value) for name, value in given.items()}
        if definition.measure is not FREE:
            return definition.measure
        inner = definition.scope.naming(
            {name: _argument(measures[name], value.span) for name, value in given.items()}
        )
        note = (f"in this use of '{definition.name}'", node.span)
        try:
            for formal in definition.formals:
                if formal.name.name not in given and formal.default is not None:
                    measure = Dimensions(inner, self.work, self.depth).measure(formal.default)
                    inner = inner.naming({formal.name.name: _argument(measure, formal.default.span)})
            return Dimensions(inner, self.work, self.depth).measure(definition.body)
        except ProblemError as error:
            noted = [replace(d, notes=(*d.notes, note)[-MOST_NOTES:]) for d in error.diagnostics]
            raise ProblemError(noted) from None


def _argument(measure: Measure, place: Span) -> Named:
    return Named(sp.S.Zero, "argument", measure, place)


def exact_exponent(node: tree.Expression) -> Fraction | None:
    """The value of an exponent that is written with numbers alone; None for any other, and huge ones."""
    match node:
        case tree.Number() if len(node.text) < 20 and "e" not in node.text.lower():
            value: Fraction | None = Fraction(node.text)
        case tree.Unary(operator="-" | "+"):
            inner = exact_exponent(node.operand)
            value = -inner if inner is not None and node.operator == "-" else inner
        case tree.Binary(operator="/"):
            top, bottom = exact_exponent(node.left), exact_exponent(node.right)
            value = None if top is None or not bottom else top / bottom
        case _:
            value = None
    return value if value is not None and abs(value) <= DEGREE else None


# Rules of reckoning -----------------------------------------------------------------------------------


def _product(first: Measure, second: Measure) -> Measure:
    if first.dimension is None or second.dimension is None:
        return FREE
    return Measure(first.dimension * second.dimension, first.firm and second.firm)


def _power(measure: Measure, exponent: int | Fraction) -> Measure:
    return measure if measure.dimension is None else replace(measure, dimension=measure.dimension**exponent)


def _presumed(measures: Sequence[Measure]) -> Measure:
    """What a sum is presumed to be when no term is sure: a bare number follows the other terms."""
    dimensions = {measure.dimension for measure in measures}
    if len(dimensions) > 1:
        dimensions.discard(PURE)
    return Measure(dimensions.pop()) if len(dimensions) == 1 else FREE


# Words ------------------------------------------------------------------------------------------------


def _bridge(node: tree.Expression, found: Dimension | None, wanted: Dimension, scope: Scope) -> str:
    """How to get from one dimension to another, where it is likely that a factor was forgotten."""
    assert found is not None
    if found == LENGTH**-1 and wanted == ENERGY:
        return "the energy of a wavenumber is 2*pi*hbar*c_0 times it"
    factor = unit_text(wanted / found, scope.units.labels)
    if factor in ("q_e", "m_e"):
        return f"multiply it by {factor}"
    if found == PURE:
        return f"multiply it by {named(wanted, scope.units.labels)}, such as 1 {factor}"
    return f"a factor in {factor} is missing" if isinstance(node, tree.Binary | tree.Unary) else ""


def _plain(unit: str) -> bool:
    return bool(unit) and not any(sign in unit for sign in "/*(")


def _shown(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 40 else f"{text[:36]} …"
