"""The dimension of every expression of a file with units, by walking its tree.

Two known dimensions that differ are a mistake; the errors show both sides with their units.  A bare number
or a parameter without units fits everywhere, and so does what is multiplied with one, because 3*x may well
be a potential.  The numbers themselves are the business of `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from qdsl.errors import Diagnostic, ProblemError
from qdsl.language import tree
from qdsl.meaning.dimensions import LENGTH, PURE, Dimension, unit_text
from qdsl.meaning.function_dimensions import call
from qdsl.meaning.measures import exact_exponent, power, presumed, product
from qdsl.meaning.operands import Operand
from qdsl.meaning.scope import FREE, Measure, Scope
from qdsl.meaning.shapes import spine
from qdsl.meaning.work import Work


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
            return presumed([operand.measure for operand in operands])
        for other in operands:
            if other.measure.firm and other.measure.dimension != leader.measure.dimension:
                notes = (*leader.notes, *other.notes)
                span = leader.node.span.to(other.node.span)
                raise ProblemError([Diagnostic(message(leader, other), span, notes=notes)])
        return leader.measure

    def within(self, scope: Scope) -> Dimensions:
        """A walk that goes on in another scope, such as inside of a function."""
        return Dimensions(scope, self.work, self.depth)

    def pure(self, operand: Operand, what: str) -> None:
        """Check that something is a pure number; `what` begins the error."""
        measure = operand.measure
        if measure.firm and measure.dimension != PURE:
            unit = unit_text(measure.dimension or PURE, self.scope.units.labels)
            hint = f"divide it by a quantity of the same kind, such as (1 {unit})" if _plain(unit) else ""
            message = f"{what}, but {operand.told}"
            raise ProblemError([Diagnostic(message, operand.node.span, hint, notes=operand.notes)])

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
                return call(node, self)
            case tree.Cases():
                return self._cases(node)
            case tree.Prime():
                return product(self.measure(node.operand), self.typical(LENGTH**-node.order))
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
            result = product(result, measure if operator == "*" else power(measure, -1))
        return result

    def _power(self, node: tree.Binary) -> Measure:
        base = self.measure(node.left)
        self.pure(self.operand(node.right), "an exponent must be a pure number")
        if base.dimension == PURE:
            return base
        exponent = exact_exponent(node.right)
        return FREE if exponent is None else power(base, exponent)

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


def _plain(unit: str) -> bool:
    return bool(unit) and not any(sign in unit for sign in "/*(")
