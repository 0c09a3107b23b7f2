"""Syntax tree -> text, in one canonical spelling: `parse` of what `to_text` gives is the same tree.

Brackets stand where the grammar needs them and nowhere else; comments are not part of a tree, so they
are gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from qdsl.language import tree

# How tightly the forms bind, loosest first: the rules of the grammar from `expression` to `primable`.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _POSTFIX, _PRIMABLE = range(10)

# For every operator: its own level, and the levels that its operands need to do without brackets.
_BINARY = {
    "or": (_OR, _OR, _AND),
    "and": (_AND, _AND, _NOT),
    "+": (_SUM, _SUM, _PRODUCT),
    "-": (_SUM, _SUM, _PRODUCT),
    "*": (_PRODUCT, _PRODUCT, _SIGN),
    "/": (_PRODUCT, _PRODUCT, _SIGN),
    "^": (_POWER, _POSTFIX, _SIGN),
}
_TIGHT = "*/^"


def to_text(node: tree.File | tree.Statement | tree.Expression) -> str:
    """The canonical text of a file (one statement a line), of a statement, or of an expression."""
    if isinstance(node, tree.File):
        return "".join(f"{_statement(statement)}\n" for statement in node.statements)
    if isinstance(node, tree.Expression):
        return _expression(node)
    return _statement(node)


# Statements ----------------------------------------------------------------------------------------


def _statement(node: tree.Statement) -> str:
    match node:
        case tree.Title(text):
            return f"title {_text(text)}"
        case tree.Units(names):
            return f"units {_list(names)}"
        case tree.Include(path):
            return f"include {_text(path)}"
        case tree.Citation(text):
            return f"source {_text(text)}"
        case tree.Param(name, value, interval, doc):
            within = f" in {_interval(interval)}" if interval else ""
            return f"param {name.name} = {_value(value)}{within}{f' {_text(doc)}' if doc else ''}"
        case tree.Define(name, formals, body, doc):
            head = f"define {name.name}({', '.join(map(_formal, formals))})"
            return f"{head} = {_value(body)}{f' {_text(doc)}' if doc else ''}"
        case tree.Domain(coordinate, interval):
            return f"domain {coordinate.name} in {_interval(interval)}"
        case tree.Mass(name, coordinate, value):
            function = f" {name.name}({coordinate.name})" if name and coordinate else ""
            return f"mass{function} = {_value(value)}"
        case tree.Potential(name, coordinate, value):
            return f"potential {name.name}({coordinate.name}) = {_value(value)}"
        case tree.Equation(left, right):
            return f"equation {_expression(left)} = {_value(right)}"
        case tree.Boundary(conditions):
            return f"boundary {', '.join(map(_condition, conditions))}"
        case tree.FindStates() | tree.FindBound() | tree.FindBelow():
            return f"find {_wanted(node)}"
        case tree.Train(settings):
            return f"train {_settings(settings)}"
        case tree.Report(quantities):
            return f"report {_list(quantities)}"
        case tree.Expect(quantity, value, tolerance):
            known, error = _expression(value), _expression(tolerance)
            return f"expect {_expression(quantity)} = {known} within {error}"
        case tree.Sweep(name, values):
            points = _range(values) if isinstance(values, tree.SweepRange) else _expression(values)
            return f"sweep {name.name} = {points}"


def _value(node: tree.Expression) -> str:
    """What stands behind the `=` of a statement: there, cases take a line each."""
    if not isinstance(node, tree.Cases):
        return _expression(node)
    values = [_expression(case.value) for case in node.cases]
    width = max(map(len, values))
    lines = [
        f"  {value:<{width}}  {_condition_of(case)}\n" for value, case in zip(values, node.cases, strict=True)
    ]
    return "{\n" + "".join(lines) + "}"


def _wanted(node: tree.FindStates | tree.FindBound | tree.FindBelow) -> str:
    if isinstance(node, tree.FindBound):
        return "bound states"
    if isinstance(node, tree.FindBelow):
        return f"states below {_expression(node.energy)}"
    if node.first == node.last:
        return f"state {_expression(node.first)}"
    first = _expression(node.first)
    if first.startswith("below"):  # the name, which must not look like the word that may stand here
        first = f"({first})"
    last = _expression(node.last)
    return f"states {first}..{' ' if last.startswith('.') else ''}{last}"  # 0...5 has one dot too many


def _settings(settings: tuple[tree.Setting, ...]) -> str:
    if not settings:
        return "{ }"
    width = max(len(setting.key.name) for setting in settings)
    return "{\n" + "".join(f"  {s.key.name:<{width}} = {_setting(s)}\n" for s in settings) + "}"


def _setting(setting: tree.Setting) -> str:
    if setting.weights:
        weights = (f"{weight.name.name}: {_expression(weight.value)}" for weight in setting.weights)
        return "{" + ", ".join(weights) + "}"
    return " then ".join(map(_expression, setting.values))


def _formal(node: tree.Formal) -> str:
    return f"{node.name.name} = {_expression(node.default)}" if node.default else node.name.name


def _condition(node: tree.Condition) -> str:
    return f"{_expression(node.left)} = {_expression(node.right)}" if node.right else _expression(node.left)


def _range(node: tree.SweepRange) -> str:
    ends = f"{_expression(node.first)} .. {_expression(node.last)}"
    if node.step:
        return f"{ends} step {_expression(node.step)}"
    return f"{ends} in {_expression(node.points)} points" if node.points else ends


def _interval(node: tree.Interval) -> str:
    left, right = "[" if node.left_closed else "(", "]" if node.right_closed else ")"
    return f"{left}{_expression(node.left)}, {_expression(node.right)}{right}"


def _text(node: tree.Text) -> str:
    return f'"{node.value}"'


# Expressions ---------------------------------------------------------------------------------------


def _list(nodes: Iterable[tree.Expression]) -> str:
    return ", ".join(map(_expression, nodes))


def _expression(node: tree.Expression, level: int = _OR) -> str:
    """An expression for a place that takes what binds at least as tightly as `level`."""
    text, own = _spelt(node)
    return text if own >= level else f"({text})"


def _spelt(node: tree.Expression) -> tuple[str, int]:
    """The text of an expression, and how tightly it binds."""
    match node:
        case tree.Number(text):
            return text, _POSTFIX
        case tree.Quantity(number, unit, exponent):
            return f"{number.text} {unit.name}{f'^{exponent}' if exponent != 1 else ''}", _POWER
        case tree.Name(name):
            return name, _PRIMABLE
        case tree.Text():
            return _text(node), _POSTFIX
        case tree.Prime(operand, order):
            return _expression(operand, _PRIMABLE) + "'" * order, _POSTFIX
        case tree.Call(function, arguments):
            return f"{_expression(function)}({', '.join(map(_argument, arguments))})", _PRIMABLE
        case tree.Index(base, index):
            return f"{_expression(base)}[{_expression(index)}]", _PRIMABLE
        case tree.Unary("not", operand):
            return f"not {_expression(operand, _NOT)}", _NOT
        case tree.Unary(operator, operand):
            return f"{operator}{_expression(operand, _SIGN)}", _SIGN
        case tree.Binary(operator, left, right):
            own, left_level, right_level = _BINARY[operator]
            sign = operator if operator in _TIGHT else f" {operator} "
            return f"{_expression(left, left_level)}{sign}{_expression(right, right_level)}", own
        case tree.Comparison(operands, operators):
            first, *rest = (_expression(operand, _SUM) for operand in operands)
            chain = (f" {sign} {operand}" for sign, operand in zip(operators, rest, strict=True))
            return first + "".join(chain), _COMPARISON
        case tree.Absolute(operand):
            return f"|{_expression(operand)}|", _PRIMABLE
        case tree.List(items):
            return f"[{_list(items)}]", _POSTFIX
        case tree.Cases(cases):
            entries = (f"{_expression(case.value)} {_condition_of(case)}" for case in cases)
            return "{ " + "; ".join(entries) + " }", _POSTFIX


def _argument(node: tree.Argument) -> str:
    return f"{node.name.name} = {_expression(node.value)}" if node.name else _expression(node.value)


def _condition_of(case: tree.Case) -> str:
    return f"if {_expression(case.condition)}" if case.condition else "otherwise"
