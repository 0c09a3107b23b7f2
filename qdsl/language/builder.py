"""lark's parse tree -> the dataclasses of `tree`.

One method for each rule of the grammar, with the rule's name; the children arrive already built.
Nothing here can fail: whatever the grammar lets through has a tree (lark would wrap an exception).
"""

from __future__ import annotations

from typing import Any, cast

from lark import Token, v_args
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from qdsl.errors import Source, Span
from qdsl.language import tree
from qdsl.language.words import canonical_name

_COMPARE = {"≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "≠": "!="}
_OPERATORS = dict.fromkeys("−–‐‑", "-") | dict.fromkeys("·⋅×∙∗", "*") | dict.fromkeys("÷∕", "/") | {"**": "^"}
_PRIMES = {"″": 2, "‴": 3}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


@v_args(meta=True)
class Builder(Transformer_NonRecursive[Token, Any]):
    """Builds the tree of one source."""

    def __init__(self, source: Source) -> None:
        super().__init__(visit_tokens=False)
        self.source = source

    def _at(self, meta: Meta | Token) -> Span:
        return self.source.span(cast(int, meta.start_pos), cast(int, meta.end_pos))

    # Statements ----------------------------------------------------------------------------------------

    def file(self, _meta: Meta, statements: list[tree.Statement]) -> tree.File:
        return tree.File(tuple(statements), span=self.source.span(0, len(self.source.text)))

    def title(self, meta: Meta, children: list[Any]) -> tree.Title:
        return tree.Title(*children, span=self._at(meta))

    def units(self, meta: Meta, names: list[tree.Expression]) -> tree.Units:
        return tree.Units(tuple(names), span=self._at(meta))

    def include(self, meta: Meta, children: list[Any]) -> tree.Include:
        return tree.Include(*children, span=self._at(meta))

    def citation(self, meta: Meta, children: list[Any]) -> tree.Citation:
        return tree.Citation(*children, span=self._at(meta))

    def param(self, meta: Meta, children: list[Any]) -> tree.Param:
        return tree.Param(*children, span=self._at(meta))

    def define(self, meta: Meta, children: list[Any]) -> tree.Define:
        name, *formals, body, doc = children
        return tree.Define(name, tuple(formals), body, doc, span=self._at(meta))

    def formal(self, meta: Meta, children: list[Any]) -> tree.Formal:
        name, default = _padded(children)
        return tree.Formal(name, default, span=self._at(meta))

    def domain(self, meta: Meta, children: list[Any]) -> tree.Domain:
        return tree.Domain(*children, span=self._at(meta))

    def interval(self, meta: Meta, children: list[Any]) -> tree.Interval:
        left_closed, left, right, right_closed = children
        return tree.Interval(left, right, left_closed, right_closed, span=self._at(meta))

    def included(self, _meta: Meta, _children: list[Any]) -> bool:
        return True

    def excluded(self, _meta: Meta, _children: list[Any]) -> bool:
        return False

    def mass(self, meta: Meta, children: list[Any]) -> tree.Mass:
        return tree.Mass(*children, span=self._at(meta))

    def potential(self, meta: Meta, children: list[Any]) -> tree.Potential:
        return tree.Potential(*children, span=self._at(meta))

    def equation(self, meta: Meta, children: list[Any]) -> tree.Equation:
        return tree.Equation(*children, span=self._at(meta))

    def boundary(self, meta: Meta, conditions: list[tree.Condition]) -> tree.Boundary:
        return tree.Boundary(tuple(conditions), span=self._at(meta))

    def condition(self, meta: Meta, children: list[Any]) -> tree.Condition:
        left, right = _padded(children)
        return tree.Condition(left, right, span=self._at(meta))

    def find_range(self, meta: Meta, children: list[Any]) -> tree.FindStates:
        return tree.FindStates(*children, span=self._at(meta))

    def find_one(self, meta: Meta, children: list[Any]) -> tree.FindStates:
        (state,) = children
        return tree.FindStates(state, state, span=self._at(meta))

    def find_bound(self, meta: Meta, _children: list[Any]) -> tree.FindBound:
        return tree.FindBound(span=self._at(meta))

    def find_below(self, meta: Meta, children: list[Any]) -> tree.FindBelow:
        return tree.FindBelow(*children, span=self._at(meta))

    def train(self, meta: Meta, settings: list[tree.Setting]) -> tree.Train:
        return tree.Train(tuple(settings), span=self._at(meta))

    def setting(self, meta: Meta, children: list[Any]) -> tree.Setting:
        key, *values = children
        return tree.Setting(key, tuple(values), (), span=self._at(meta))

    def weighted(self, meta: Meta, children: list[Any]) -> tree.Setting:
        key, *weights = children
        return tree.Setting(key, (), tuple(weights), span=self._at(meta))

    def weight(self, meta: Meta, children: list[Any]) -> tree.Weight:
        return tree.Weight(*children, span=self._at(meta))

    def report(self, meta: Meta, quantities: list[tree.Expression]) -> tree.Report:
        return tree.Report(tuple(quantities), span=self._at(meta))

    def expect(self, meta: Meta, children: list[Any]) -> tree.Expect:
        return tree.Expect(*children, span=self._at(meta))

    def sweep(self, meta: Meta, children: list[Any]) -> tree.Sweep:
        return tree.Sweep(*children, span=self._at(meta))

    def steps(self, meta: Meta, children: list[Any]) -> tree.SweepRange:
        first, last, step = children
        return tree.SweepRange(first, last, step, None, span=self._at(meta))

    def points(self, meta: Meta, children: list[Any]) -> tree.SweepRange:
        first, last, points = children
        return tree.SweepRange(first, last, None, points, span=self._at(meta))

    # Expressions ---------------------------------------------------------------------------------------

    def binary(self, meta: Meta, children: list[Any]) -> tree.Binary:
        left, operator, right = children
        return tree.Binary(_operator(operator), left, right, span=self._at(meta))

    def unary(self, meta: Meta, children: list[Any]) -> tree.Unary:
        operator, operand = children
        return tree.Unary(_operator(operator), operand, span=self._at(meta))

    def comparison(self, meta: Meta, children: list[Any]) -> tree.Comparison:
        operators = tuple(_COMPARE.get(sign, str(sign)) for sign in children[1::2])
        return tree.Comparison(tuple(children[::2]), cast(Any, operators), span=self._at(meta))

    def superscript(self, meta: Meta, children: list[Any]) -> tree.Binary:
        base, raised = children
        return tree.Binary("^", base, self._raised(raised), span=self._at(meta))

    def _raised(self, token: Token) -> tree.Expression:
        """The exponent that a superscript spells."""
        span = self._at(token)
        text = token.translate(_SUPERSCRIPTS)
        number = tree.Number(text.lstrip("+-"), span=span)
        return tree.Unary(cast(Any, text[0]), number, span=span) if text[0] in "+-" else number

    def quantity(self, meta: Meta, children: list[Any]) -> tree.Quantity:
        number, unit, *rest = children
        exponent = 1
        if rest:
            raised = rest[-1]
            exponent = int(raised.translate(_SUPERSCRIPTS)) if isinstance(raised, Token) else raised
        return tree.Quantity(number, unit, exponent, span=self._at(meta))

    def exponent(self, _meta: Meta, children: list[Any]) -> int:
        sign, digits = children
        return int(digits) if sign in ("+", None) else -int(digits)

    def prime(self, meta: Meta, children: list[Any]) -> tree.Prime:
        operand, primes = children
        order = sum(_PRIMES.get(prime, 1) for prime in primes)
        return tree.Prime(operand, order, span=self._at(meta))

    def call(self, meta: Meta, children: list[Any]) -> tree.Call:
        function, *arguments = children
        return tree.Call(function, tuple(arguments), span=self._at(meta))

    def argument(self, meta: Meta, children: list[Any]) -> tree.Argument:
        name = children[0] if len(children) == 2 else None
        return tree.Argument(name, children[-1], span=self._at(meta))

    def index(self, meta: Meta, children: list[Any]) -> tree.Index:
        return tree.Index(*children, span=self._at(meta))

    def parentheses(self, _meta: Meta, children: list[Any]) -> tree.Expression:
        return cast(tree.Expression, children[0])

    def absolute(self, meta: Meta, children: list[Any]) -> tree.Absolute:
        return tree.Absolute(*children, span=self._at(meta))

    def sequence(self, meta: Meta, items: list[tree.Expression]) -> tree.List:
        return tree.List(tuple(items), span=self._at(meta))

    def cases(self, meta: Meta, cases: list[tree.Case]) -> tree.Cases:
        return tree.Cases(tuple(cases), span=self._at(meta))

    def case(self, meta: Meta, children: list[Any]) -> tree.Case:
        value, condition = _padded(children)
        return tree.Case(value, condition, span=self._at(meta))

    def number(self, meta: Meta, children: list[Any]) -> tree.Number:
        return tree.Number(str(children[0]), span=self._at(meta))

    def name(self, meta: Meta, children: list[Any]) -> tree.Name:
        return tree.Name(canonical_name(children[0]), span=self._at(meta))

    word = name

    def text(self, meta: Meta, children: list[Any]) -> tree.Text:
        return tree.Text(str(children[0][1:-1]), span=self._at(meta))


def _operator(token: Token) -> Any:
    return _OPERATORS.get(token, str(token))


def _padded(children: list[Any]) -> tuple[Any, Any]:
    """Two children, of which the second may be missing."""
    return (children[0], children[1]) if len(children) == 2 else (children[0], None)
