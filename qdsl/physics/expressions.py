"""Expressions of the syntax tree -> sympy, by constructors only: no text is ever evaluated.

Files are data, and may be hostile: every constant is checked as soon as it is there, and the size and
depth of what grows out of nested functions are limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass

import sympy as sp

from qdsl.errors import Diagnostic, Findings, NotSupportedError, ProblemError, QdslError, Span
from qdsl.language import tree
from qdsl.physics import exact, numeric
from qdsl.physics.functions import FUNCTIONS, NOT_YET
from qdsl.physics.quantities import HEADS
from qdsl.physics.scope import Definition, Scope

DEPTH = 100
"""Operations inside one another, functions of the file opened up."""

DEEPEST = 60
"""The same for the finished expression, where sums and products count once."""

STEPS = 20_000
"""Operations of one file, functions opened up each time they are used."""

SIZE = 5_000
"""Operations of one finished expression."""

_RELATIONS = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
    "==": sp.Equality,
    "!=": sp.Unequality,
}


class WorkLimitError(QdslError):
    """The file is too much work.  No ProblemError, which would be collected, and the work go on."""


@dataclass(frozen=True)
class _Measure:
    """How much an expression holds, written out as a tree."""

    size: int
    depth: int
    constant: bool


@dataclass
class Work:
    """What the translators of one file share: findings, places, and how much has been done.

    `places`: a Piecewise -> its `{ }`, a condition -> itself, Tuple(piecewise, i) -> case i.
    """

    findings: Findings = field(default_factory=Findings)
    places: dict[sp.Basic | str, Span] = field(default_factory=dict)
    steps: int = 0
    measures: dict[sp.Basic, _Measure] = field(default_factory=dict)

    def measure(self, expression: sp.Basic) -> _Measure:
        known = self.measures.get(expression)
        if known is None:
            parts = [self.measure(argument) for argument in expression.args]
            known = _Measure(
                1 + sum(part.size for part in parts),
                1 + max((part.depth for part in parts), default=0),
                all(part.constant for part in parts)
                and not (expression.is_Symbol or isinstance(expression, HEADS)),
            )
            self.measures[expression] = known
        return known


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
        self.work.steps += 1
        if self.work.steps > STEPS:
            raise WorkLimitError(
                f"this needs more than {STEPS} operations when the functions are written out", node.span
            )
        if self.depth >= DEPTH:
            raise ProblemError("this is nested too deeply", node.span, _NAME_PARTS)
        self.depth += 1
        try:
            return self._settled(self._translate(node), node.span)
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
        if isinstance(node, tree.Unary) and _is_infinity(node.operand):
            return sp.oo if node.operator == "+" else -sp.oo
        return sp.oo if _is_infinity(node) else self.constant(node)

    def condition(self, node: tree.Expression) -> sp.Basic:
        """A condition that depends on the coordinate, on a parameter or on an argument."""
        value = self._condition(node)
        if not value.free_symbols and not self._mentions_a_name(node):
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
                return FUNCTIONS["abs"].symbolic(self.number(node.operand))
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
            case tree.List():
                raise ProblemError("this is a list, where a number is needed", node.span)

    def _name(self, node: tree.Name) -> sp.Expr:
        named = self.scope.names.get(node.name)
        if named is not None:
            return named.value
        if _is_infinity(node) and node.name not in self.scope.absent:
            raise ProblemError("'inf' can only be the end of an interval", node.span)
        raise self.scope.unknown(node)

    def _sum(self, node: tree.Binary) -> sp.Expr:
        terms = list(_spine(node, "+-"))
        values = self.numbers(term for _, term in terms)
        return sp.Add(
            *(
                value if operator == "+" else sp.Mul(sp.Integer(-1), value)
                for (operator, _), value in zip(terms, values, strict=True)
            )
        )

    def _product(self, node: tree.Binary) -> sp.Expr:
        factors = list(_spine(node, "*/"))
        values = self.numbers(factor for _, factor in factors)
        return sp.Mul(
            *(
                value if operator == "*" else self._reciprocal(value, factor.span)
                for (operator, factor), value in zip(factors, values, strict=True)
            )
        )

    def _reciprocal(self, value: sp.Expr, span: Span) -> sp.Expr:
        return exact.power(value, sp.Integer(-1), span)

    def _power(self, node: tree.Binary) -> sp.Expr:
        if isinstance(node.left, tree.Name) and node.left.name == "e" and "e" not in self.scope.names:
            raise ProblemError(
                "unknown name 'e'",
                node.left.span,
                f"write exp({_bare(node.right.span.text)}) for the exponential",
            )
        base, exponent = self.numbers((node.left, node.right))
        return exact.power(base, exponent, node.span)

    def _quantity(self, node: tree.Quantity) -> sp.Expr:
        unit = node.unit.name
        if self.scope.units == "atomic" and unit == "m_e":
            return self.number(node.number)
        if unit in self.scope.names or unit in FUNCTIONS or unit in self.scope.functions:
            raise ProblemError(
                f"a '*' is missing between {node.number.text} and {unit}",
                node.span,
                f"write {node.number.text}*{unit}",
            )
        if self.scope.units == "dimensionless":
            raise ProblemError(
                f"'{unit}' is read as a unit, and this file is dimensionless",
                node.span,
                f"write {node.number.text} alone; if {unit} is a name, {node.number.text}*{unit}",
            )
        raise NotSupportedError(
            "units other than m_e are not supported yet",
            node.unit.span,
            "in atomic units write the number alone, in hartree and bohr",
        )

    # Functions ---------------------------------------------------------------------------------------

    def _call(self, node: tree.Call | tree.Index) -> sp.Expr:
        form = self.scope.forms.get(_root(node))
        if form is not None:
            return form.read(node, self)
        name = node.function if isinstance(node, tree.Call) else node.base
        if isinstance(node, tree.Index) or not isinstance(name, tree.Name):
            root = _root_node(node)
            if root is not None and root.name in self.scope.absent:
                raise self.scope.unknown(root)
            raise ProblemError("this cannot be called like a function", node.span)
        definition = self.scope.functions.get(name.name)
        if definition is not None:
            return self._inline(definition, node)
        if name.name in FUNCTIONS:
            return self._built_in(name.name, node)
        if name.name in NOT_YET and name.name not in self.scope.absent:
            raise NotSupportedError(NOT_YET[name.name], node.span)
        raise self.scope.unknown_function(name)

    def _built_in(self, name: str, node: tree.Call) -> sp.Expr:
        row = FUNCTIONS[name]
        for argument in node.arguments:
            if argument.name is not None:
                raise ProblemError(f"the arguments of '{name}' have no names", argument.name.span)
        count = len(node.arguments)
        if count < row.least or (row.most is not None and count > row.most):
            raise ProblemError(f"'{name}' takes {row.arity}, not {count}", node.span)
        return row.symbolic(*self.numbers(argument.value for argument in node.arguments))

    def _inline(self, definition: Definition, node: tree.Call) -> sp.Expr:
        """The body of a function of the file, with the arguments in place of the formal ones."""
        given = bind(definition, node)
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
            # A function of the file used at a number: its conditions are decided, and that is no mistake.
            settled = condition not in (sp.true, sp.false) and self.work.measure(condition).constant
            if settled:
                condition = sp.true if numeric.holds(condition, {}) else sp.false
            if decided or condition is sp.false:
                if not settled:
                    self.work.findings.warning("this case can never be reached", case.span)
                continue
            kept.append((value, condition, case.span))
            decided = condition is sp.true
        if not kept:
            raise ProblemError("none of these cases can hold here", span)
        result = _cases_of([(value, condition) for value, condition, _ in kept])
        self.work.places.setdefault(result, span)
        for index, (_, _, place) in enumerate(kept):
            self.work.places.setdefault(sp.Tuple(result, sp.Integer(index)), place)
        return result

    def _condition(self, node: tree.Expression) -> sp.Basic:
        match node:
            case tree.Comparison():
                values = self.numbers(node.operands)
                pairs = zip(values[:-1], node.operators, values[1:], strict=True)
                # sympy would decide x^2 < 0 by itself; the check for cases that never hold says it better.
                relations = [_RELATIONS[sign](a, b, evaluate=False) for a, sign, b in pairs]
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

    def _mentions_a_name(self, node: object) -> bool:
        """Whether a name of the scope stands in a part of the tree; constants such as pi do not count."""
        if isinstance(node, tree.Name):
            named = self.scope.names.get(node.name)
            return node.name in self.scope.forms if named is None else named.kind != "constant"
        if isinstance(node, tuple):
            return any(map(self._mentions_a_name, node))
        return is_dataclass(node) and any(
            self._mentions_a_name(getattr(node, part.name)) for part in fields(node) if part.name != "span"
        )

    # Limits ------------------------------------------------------------------------------------------

    def _settled(self, value: sp.Expr, span: Span) -> sp.Expr:
        measure = self.work.measure(value)
        if measure.constant:
            return exact.settled(value, span)
        if measure.size > SIZE:
            raise ProblemError(
                f"this has more than {SIZE} operations when the functions are written out", span
            )
        if measure.depth > DEEPEST:
            raise ProblemError("this is nested too deeply", span, _NAME_PARTS)
        if isinstance(value, sp.Mul) and value.args[0].is_Number:
            exact.settled(value.args[0], span)
        return value


def _cases_of(branches: list[tuple[sp.Expr, sp.Basic]]) -> sp.Expr:
    """A Piecewise with its branches in the given order."""
    result = sp.Piecewise(*branches, evaluate=False)
    if not result.has(sp.ITE):
        return result
    # sympy turns a condition that compares cases into ITE(c, a, b); and, or, not are enough for it.
    plain = [
        (value, condition.replace(sp.ITE, lambda c, a, b: sp.Or(sp.And(c, a), sp.And(sp.Not(c), b))))
        for value, condition in result.args
    ]
    return sp.Piecewise(*plain, evaluate=False)


def bind(definition: Definition, node: tree.Call) -> dict[str, tree.Expression]:
    """The arguments of a call by the names of the formal ones; defaults are left out.

    Raises ProblemError when there are too many, too few, unknown or repeated ones.
    """
    formals = [formal.name.name for formal in definition.formals]
    given: dict[str, tree.Expression] = {}
    for position, argument in enumerate(node.arguments):
        if argument.name is not None:
            name = argument.name.name
            if name not in formals:
                raise ProblemError(
                    f"'{definition.name}' has no argument '{name}'",
                    argument.name.span,
                    f"its arguments are {', '.join(formals)}",
                )
        elif any(before.name is not None for before in node.arguments[:position]):
            raise ProblemError("an argument without a name comes before those with one", argument.span)
        elif position >= len(formals):
            raise ProblemError(
                f"'{definition.name}' takes {_counted(len(formals))}, not {len(node.arguments)}", node.span
            )
        else:
            name = formals[position]
        if name in given:
            raise ProblemError(f"the argument '{name}' is given twice", argument.span)
        given[name] = argument.value
    for formal in definition.formals:
        if formal.default is None and formal.name.name not in given:
            raise ProblemError(f"'{definition.name}' needs its argument '{formal.name.name}'", node.span)
    return given


_NAME_PARTS = "give parts of it names with 'define' or 'param'"


def _counted(count: int) -> str:
    return "no arguments" if count == 0 else "1 argument" if count == 1 else f"{count} arguments"


def _spine(node: tree.Expression, operators: str) -> Iterator[tuple[str, tree.Expression]]:
    """The terms of a - b + c, or the factors of a / b * c, each with the operator before it."""
    operands: list[tuple[str, tree.Expression]] = []
    while isinstance(node, tree.Binary) and node.operator in operators:
        operands.append((node.operator, node.right))
        node = node.left
    yield operators[0], node
    yield from reversed(operands)


def _root_node(node: tree.Expression) -> tree.Name | None:
    """The name in front: `psi` of psi'(0) and of psi[0](x)."""
    while not isinstance(node, tree.Name):
        match node:
            case tree.Call():
                node = node.function
            case tree.Index():
                node = node.base
            case tree.Prime():
                node = node.operand
            case _:
                return None
    return node


def _root(node: tree.Expression) -> str:
    name = _root_node(node)
    return name.name if name is not None else ""


def _is_infinity(node: tree.Expression) -> bool:
    return isinstance(node, tree.Name) and node.name == "inf"


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
