"""Expressions of the syntax tree -> sympy, by constructors only: no text is ever evaluated.

Files are data, and may be hostile: every constant is checked as soon as it is there, and the size and
depth of what grows out of nested functions are limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass

import sympy as sp

from qdsl.errors import Diagnostic, NotSupportedError, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import deltas, exact
from qdsl.meaning.called import library_function, told_of_the_call
from qdsl.meaning.comparisons import comparison
from qdsl.meaning.misread import no_quantity
from qdsl.meaning.plugged import found_plugin, plugged_in
from qdsl.meaning.scope import Definition, Kind, Scope
from qdsl.meaning.shapes import bind, is_infinity, root_name, spine
from qdsl.meaning.work import Work, WorkLimitError
from qdsl.physics.functions import FUNCTIONS, POINT


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
        value = self._condition(node)
        if not value.free_symbols and not self._mentions(node, ("coordinate", "parameter", "argument")):
            raise ProblemError(
                "this condition depends neither on the coordinate nor on a parameter", node.span
            )
        self.work.places.setdefault(value, node.span)
        return value

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
                return self._call(node)
            case tree.Cases():
                return self._cases(node)
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
            self._coordinates,
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

    # Functions ---------------------------------------------------------------------------------------

    def _call(self, node: tree.Call | tree.Index) -> sp.Expr:
        root = root_name(node)
        if root is not None and root.name in self.scope.forms:
            return self.scope.forms[root.name].read(node, self)
        name = node.function if isinstance(node, tree.Call) else node.base
        if isinstance(node, tree.Index) or not isinstance(name, tree.Name):
            if root is not None and root.name in self.scope.absent:
                raise self.scope.unknown(root)
            if isinstance(node, tree.Index) and isinstance(name, tree.Name):
                raise self.scope.in_brackets(name, node)
            raise ProblemError("this cannot be called like a function", node.span)
        definition = self.scope.functions.get(name.name)
        if definition is not None:
            return self._inline(definition, node)
        if name.name in FUNCTIONS:
            return self._built_in(name.name, node)
        if name.name == POINT and name.name not in self.scope.absent:
            return self._point(node)
        definition = library_function(name.name, self.scope)
        if definition is not None:
            try:
                return self._inline(definition, node)
            except ProblemError as error:
                raise told_of_the_call(error, name.name, node) from None
        plugin = found_plugin(name, self.scope)
        if plugin is not None:
            return self.work.tabulated(plugged_in(plugin, node, self), node.span)
        raise self.scope.unknown_function(name)

    def _built_in(self, name: str, node: tree.Call) -> sp.Expr:
        row = FUNCTIONS[name]
        for argument in node.arguments:
            if argument.name is not None:
                raise ProblemError(f"the arguments of '{name}' have no names", argument.name.span)
        count = len(node.arguments)
        if count < row.least or (row.most is not None and count > row.most):
            raise ProblemError(f"'{name}' takes {row.arity}, not {count}", node.span)
        values = self.numbers(argument.value for argument in node.arguments)
        deltas.refuse(values, "inside of a function", node.span)
        return row.symbolic(*values)

    def _point(self, node: tree.Call) -> sp.Expr:
        if len(node.arguments) != 1 or node.arguments[0].name is not None:
            raise ProblemError("'delta' takes 1 argument", node.span, "such as delta(x - 1)")
        argument = self.number(node.arguments[0].value)
        deltas.refuse([argument], "inside of a function", node.span)
        value = deltas.point(argument, self._coordinates, node.span)
        self.work.places.setdefault(value, node.span)
        return value

    @property
    def _coordinates(self) -> list[sp.Expr]:
        return [self.work.coordinate] if self.work.coordinate is not None else []

    def _inline(self, definition: Definition, node: tree.Call) -> sp.Expr:
        """The body of a function of the file, with the arguments in place of the formal ones."""
        formals = [(formal.name.name, formal.default is None) for formal in definition.formals]
        given = bind(definition.name, formals, node)
        values = dict(zip(given, self.numbers(given.values()), strict=True))
        inner = definition.scope.having("argument", values)
        try:
            for formal in definition.formals:
                if formal.name.name not in values and formal.default is not None:
                    # A default may use the arguments before it.
                    value = Translator(inner, self.work, self.depth).number(formal.default)
                    inner = inner.having("argument", {formal.name.name: value})
            return Translator(inner, self.work, self.depth).number(definition.body)
        except WorkLimitError as error:
            raise WorkLimitError(error.diagnostics[0].message, node.span) from None
        except ProblemError as error:
            note = (f"in this use of '{definition.name}'", node.span)
            raise type(error)([_noted(diagnostic, note) for diagnostic in error.diagnostics]) from None

    # Cases and conditions ----------------------------------------------------------------------------

    def _cases(self, node: tree.Cases) -> sp.Expr:
        """Cases keep their order; those that can never hold are left out, with a warning."""
        branches: list[tuple[sp.Expr, sp.Basic, tree.Case]] = []
        errors = []
        for case in node.cases:
            try:
                value = self.number(case.value)
                deltas.refuse([value], "in cases", case.value.span)
            except ProblemError as error:
                errors.append(error)
            try:
                condition = sp.true if case.condition is None else self.condition(case.condition)
            except ProblemError as error:
                errors.append(error)
            if not errors:
                branches.append((value, condition, case))
        if errors:
            raise joined(errors)
        return self._piecewise(branches, node.span)

    def _piecewise(self, branches: Sequence[tuple[sp.Expr, sp.Basic, tree.Case]], span: Span) -> sp.Expr:
        kept: list[tuple[sp.Expr, sp.Basic, Span]] = []
        decided = False
        for value, condition, case in branches:
            if decided or condition is sp.false:
                # A function of the file, used at a number, may well have cases that do not count there.
                if case.condition is None or self._mentions(case.condition, ("coordinate", "parameter")):
                    self.work.findings.warning("this case can never be reached", case.span)
                continue
            kept.append((value, condition, case.span))
            decided = condition is sp.true
        if not kept:
            raise ProblemError("none of these cases can hold here", span)
        result = sp.Piecewise(*((value, condition) for value, condition, _ in kept), evaluate=False)
        self.work.places.setdefault(result, span)
        for index, (_, _, place) in enumerate(kept):
            self.work.places.setdefault(sp.Tuple(result, sp.Integer(index)), place)
        return result

    def _condition(self, node: tree.Expression) -> sp.Basic:
        match node:
            case tree.Comparison():
                values = self.numbers(node.operands)
                deltas.refuse(values, "in a condition", node.span)
                pairs = zip(values[:-1], node.operators, values[1:], strict=True)
                relations = [comparison(a, sign, b, node.span) for a, sign, b in pairs]
                return relations[0] if len(relations) == 1 else sp.And(*relations)
            case tree.Binary(operator="and" | "or"):
                both = (self._condition(node.left), self._condition(node.right))
                return sp.And(*both) if node.operator == "and" else sp.Or(*both)
            case tree.Unary(operator="not"):
                return sp.Not(self._condition(node.operand))
            case _:
                raise ProblemError(
                    "a condition is needed here, and this is a number", node.span, "compare it, as in x > 0"
                )

    def _mentions(self, node: object, kinds: tuple[Kind, ...]) -> bool:
        """Whether a name of one of these kinds, or a form such as E[0], stands in a part of the tree."""
        if isinstance(node, tree.Name):
            named = self.scope.names.get(node.name)
            return node.name in self.scope.forms if named is None else named.kind in kinds
        if isinstance(node, tuple):
            return any(self._mentions(part, kinds) for part in node)
        return is_dataclass(node) and any(
            self._mentions(getattr(node, part.name), kinds) for part in fields(node) if part.name != "span"
        )


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _noted(diagnostic: Diagnostic, note: tuple[str, Span]) -> Diagnostic:
    notes = (*diagnostic.notes, note)
    return Diagnostic(
        diagnostic.message, diagnostic.span, diagnostic.hint, diagnostic.severity, notes[:MOST_NOTES]
    )


MOST_NOTES = 3
"""Calls that an error inside nested functions names, from the inside out."""


def joined(errors: Sequence[ProblemError]) -> ProblemError:
    """One error of several; what was found twice, in a function used twice, is said once."""
    distinct: dict[tuple[str, Span | None], Diagnostic] = {}
    for error in errors:
        for diagnostic in error.diagnostics:
            distinct.setdefault((diagnostic.message, diagnostic.span), diagnostic)
    valid = all(isinstance(error, NotSupportedError) for error in errors if error.diagnostics)
    return (NotSupportedError if valid and distinct else ProblemError)(distinct.values())
