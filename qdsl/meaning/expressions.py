"""Expressions of the syntax tree -> sympy, by constructors only: no text is ever evaluated.

Files are data, and may be hostile: every constant is checked as soon as it is there, and the size and
depth of what grows out of nested functions are limited.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from qdsl.errors import ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning import deltas, exact
from qdsl.meaning.case_values import cases, checked_condition
from qdsl.meaning.function_values import call
from qdsl.meaning.misread import no_quantity
from qdsl.meaning.scope import Scope
from qdsl.meaning.shapes import is_infinity, spine
from qdsl.meaning.work import Work
from qdsl.physics.functions import FUNCTIONS


class Translator:
    """Reads expressions in one scope.

    Every method raises ProblemError with all that it found wrong, and WorkLimitError when there is no end.
    """

    def __init__(self, scope: Scope, work: Work, depth: int = 0) -> None:
        self.scope = scope
        self.work = work
        self.depth = depth

    def number(self, node: tree.Expression) -> sp.Expr:
        """The value of an expression that is a number, such as a potential."""
        self.work.step(node.span, self.depth)
        self.depth += 1
        try:
            return self.work.settled(self._translate(node), node.span)
        finally:
            self.depth -= 1

    def numbers(self, nodes: Iterable[tree.Expression]) -> list[sp.Expr]:
        """The values of several expressions; what is wrong with each of them is reported."""
        values = []
        errors = []
        for node in nodes:
            try:
                values.append(self.number(node))
            except ProblemError as error:
                errors.append(error)
        if errors:
            raise joined(errors)
        return values

    def constant(self, node: tree.Expression) -> sp.Expr:
        """The value of an expression that may only use numbers and parameters."""
        value = self.number(node)
        for name, named in self.scope.names.items():
            if named.kind == "coordinate" and value.has(named.value):
                raise ProblemError(f"this must not depend on {name}", node.span)
        return value

    def end(self, node: tree.Expression) -> sp.Expr:
        """A constant that may also be `inf`, `-inf` or `+inf`."""
        if isinstance(node, tree.Unary) and is_infinity(node.operand):
            return sp.oo if node.operator == "+" else -sp.oo
        return sp.oo if is_infinity(node) else self.constant(node)

    def condition(self, node: tree.Expression) -> sp.Basic:
        """A condition that depends on the coordinate, on a parameter or on an argument."""
        return checked_condition(node, self)

    def within(self, scope: Scope) -> Translator:
        """A translator that goes on in another scope, such as inside of a function."""
        return Translator(scope, self.work, self.depth)

    @property
    def coordinates(self) -> list[sp.Expr]:
        """The coordinate, where it is known."""
        return [self.work.coordinate] if self.work.coordinate is not None else []

    # Numbers -----------------------------------------------------------------------------------------

    def _translate(self, node: tree.Expression) -> sp.Expr:
        match node:
            case tree.Number():
                return exact.literal(node)
            case tree.Name():
                return self._name(node)
            case tree.Binary(operator="+" | "-"):
                return self._sum(node)
            case tree.Binary(operator="*" | "/"):
                return self._product(node)
            case tree.Binary(operator="^"):
                return self._power(node)
            case tree.Unary(operator="-"):
                return sp.Mul(sp.Integer(-1), self.number(node.operand))
            case tree.Unary(operator="+"):
                return self.number(node.operand)
            case tree.Absolute():
                inside = self.number(node.operand)
                deltas.refuse([inside], "between bars", node.span)
                return FUNCTIONS["abs"].symbolic(inside)
            case tree.Call() | tree.Index():
                return call(node, self)
            case tree.Cases():
                return cases(node, self)
            case tree.Quantity():
                return self._quantity(node)
            case tree.Comparison() | tree.Binary() | tree.Unary():
                raise ProblemError(
                    "this is a condition, where a number is needed",
                    node.span,
                    "a condition stands in cases: { 1 if x > 0; 0 otherwise }",
                )
            case tree.Prime():
                raise ProblemError(
                    "a derivative stands only in 'boundary' and 'equation'",
                    node.span,
                    "write the formula out",
                )
            case tree.Text():
                raise ProblemError("this is a text, where a number is needed", node.span)
            case tree.List():
                raise ProblemError("this is a list, where a number is needed", node.span)

    def _name(self, node: tree.Name) -> sp.Expr:
        named = self.scope.names.get(node.name)
        if named is not None:
            return named.value
        if is_infinity(node) and node.name not in self.scope.absent:
            raise ProblemError("'inf' can only be the end of an interval", node.span)
        unit = self.scope.unit(node.name)
        if unit is not None:
            return unit.number
        raise self.scope.unknown(node)

    def _sum(self, node: tree.Binary) -> sp.Expr:
        terms = list(spine(node, "+-"))
        values = self.numbers(term for _, term in terms)
        return sp.Add(
            *(
                value if operator == "+" else sp.Mul(sp.Integer(-1), value)
                for (operator, _), value in zip(terms, values, strict=True)
            )
        )

    def _product(self, node: tree.Binary) -> sp.Expr:
        factors = list(spine(node, "*/"))
        values = self.numbers(factor for _, factor in factors)
        for (operator, factor), value in zip(factors, values, strict=True):
            if operator == "/":
                deltas.refuse([value], "in a denominator", factor.span)
        deltas.scaled(
            [(value, factor.span) for value, (_, factor) in zip(values, factors, strict=True)],
            self.coordinates,
        )
        return sp.Mul(
            *(
                value if operator == "*" else self.reciprocal(value, factor.span)
                for (operator, factor), value in zip(factors, values, strict=True)
            )
        )

    def reciprocal(self, value: sp.Expr, span: Span) -> sp.Expr:
        return exact.power(value, sp.Integer(-1), span)

    def _power(self, node: tree.Binary) -> sp.Expr:
        if isinstance(node.left, tree.Name) and node.left.name == "e" and "e" not in self.scope.names:
            raise ProblemError(
                "unknown name 'e'",
                node.left.span,
                f"write exp({_bare(node.right.span.text)}) for the exponential",
            )
        if isinstance(node.left, tree.Name) and node.left.name in FUNCTIONS:
            raise ProblemError(
                f"the function '{node.left.name}' stands here without its argument",
                node.span,
                f"write {node.left.name}({_bare(node.right.span.text)})",
            )
        raised = node.right.operand if isinstance(node.right, tree.Unary) else node.right
        if isinstance(raised, tree.Quantity) and self.scope.units.present:
            sign = node.right.operator if isinstance(node.right, tree.Unary) else ""
            unit, digits = raised.unit.name, raised.number.text
            ten = isinstance(node.left, tree.Number) and node.left.text == "10"
            meant = (
                f"1e{sign}{digits} {unit}" if ten else f"({_bare(node.left.span.text)}^{digits})*(1 {unit})"
            )
            raise ProblemError("the unit belongs to the exponent here", node.span, f"write {meant}")
        base, exponent = self.numbers((node.left, node.right))
        deltas.refuse((base, exponent), "in a power", node.span)
        return exact.power(base, exponent, node.span)

    def _quantity(self, node: tree.Quantity) -> sp.Expr:
        unit, units = node.unit.name, self.scope.units
        if units.present and units.named(unit) is not None:
            return units.value(node)
        raise no_quantity(node, self.scope)


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text
