"""Formulas as people write them: one line of Unicode, or LaTeX, from sympy expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(expression: sp.Basic) -> str:
    """An expression on one line: `(x² - 4)²`, `{ 0 if |x| < a; V0 otherwise }`."""
    text = _Plain({"full_prec": False}).doprint(expression)
    text = re.sub(r"\*\*(\d+)(?![\d.])", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    return text.replace("**", "^").replace("*", "·")


def latex(expression: sp.Basic) -> str:
    """An expression in LaTeX, with `amsmath` cases."""
    return _Latex({"mul_symbol": None, "full_prec": False}).doprint(expression)


def printable(text: str) -> str:
    """A text from a file, with nothing in it that could drive a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def cases(expression: sp.Basic) -> list[tuple[str, str]]:
    """The rows (value, condition) of a Piecewise, in plain notation."""
    return [
        (plain(value), "otherwise" if condition == sp.true else f"if {plain(condition)}")
        for value, condition in expression.args
    ]


def typeset(text: str) -> str:
    """A sentence with formulas as `.qw` files write them, `x^2 + pi*a`, in the notation of `plain`."""
    text = re.sub(r"\^(\d+)(?![\d.])", lambda match: match[1].translate(_SUPERSCRIPTS), printable(text))
    return re.sub(r"\bpi\b", "π", text).replace("*", "·")


class _Plain(StrPrinter):
    def _print_Add(self, expression: sp.Add, order: str | None = None) -> str:
        terms = list(self._as_ordered_terms(expression, order=order))
        # `x - a` rather than `-a + x`, if there is a term to begin with.
        first = next((i for i, term in enumerate(terms) if not _is_negative(term)), 0)
        text = ""
        for term in [terms[first], *terms[:first], *terms[first + 1 :]]:
            part = self.parenthesize(term, PRECEDENCE["Add"], strict=True)
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return f"-{text[3:]}" if text.startswith(" - ") else text[3:]

    def _print_Pow(self, expression: sp.Pow, rational: bool = False) -> str:
        power = expression.exp
        if power.is_Integer and power < -1:  # 1/x**2, not x**(-2)
            base = self.parenthesize(expression.base, PRECEDENCE["Pow"])
            return f"1/{base}**{-power}"
        return super()._print_Pow(expression, rational=rational)

    def _print_DiracDelta(self, expression: sp.DiracDelta) -> str:
        return f"δ({self._print(expression.args[0])})"

    def _print_Abs(self, expression: sp.Abs) -> str:
        return f"|{self._print(expression.args[0])}|"

    def _print_Pi(self, _: sp.Basic) -> str:
        return "π"

    def _print_Infinity(self, _: sp.Basic) -> str:
        return "∞"

    def _print_NegativeInfinity(self, _: sp.Basic) -> str:
        return "-∞"

    def _print_Exp1(self, _: sp.Basic) -> str:
        return "e"

    def _print_Piecewise(self, expression: sp.Piecewise) -> str:
        rows = [
            self._print(value) + (" otherwise" if condition == sp.true else f" if {self._print(condition)}")
            for value, condition in expression.args
        ]
        return "{ " + "; ".join(rows) + " }"

    def _print_And(self, expression: sp.And) -> str:
        chain = _chain(expression.args)
        if chain is not None:
            low, below, middle, above, high = chain
            first, second, third = map(self._print, (low, middle, high))
            return f"{first} {_SIGNS[below]} {second} {_SIGNS[above]} {third}"
        return " and ".join(self._operand(arg) for arg in expression.args)

    def _print_Or(self, expression: sp.Or) -> str:
        return " or ".join(self._operand(arg) for arg in expression.args)

    def _print_Not(self, expression: sp.Not) -> str:
        return f"not {self._operand(expression.args[0])}"

    def _print_Relational(self, expression: sp.Rel) -> str:
        tidy = _tidy(expression)
        return f"{self._print(tidy.lhs)} {_SIGNS[tidy.rel_op]} {self._print(tidy.rhs)}"

    def _operand(self, expression: sp.Basic) -> str:
        text = self._print(expression)
        return f"({text})" if isinstance(expression, sp.And | sp.Or) else text


def _is_negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


class _Latex(LatexPrinter):
    def _print_And(self, expression: sp.And) -> str:
        chain = _chain(expression.args)
        if chain is not None:
            low, below, middle, above, high = chain
            signs = {"<": "<", "<=": r"\leq"}
            return (
                f"{self._print(low)} {signs[below]} {self._print(middle)} {signs[above]} {self._print(high)}"
            )
        return super()._print_And(expression)

    def _print_Relational(self, expression: sp.Rel) -> str:
        return super()._print_Relational(_tidy(expression))


_SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}


def _tidy(relation: sp.Rel) -> sp.Rel:
    """The way round that people write: `|x| < a`, not sympy's canonical `a > |x|`."""
    left, right = relation.lhs, relation.rhs
    if (right.has(sp.Abs) and not left.has(sp.Abs)) or (left.is_number and not right.is_number):
        return relation.reversed
    return relation


def _chain(parts: Sequence[sp.Basic]) -> tuple[sp.Basic, str, sp.Basic, str, sp.Basic] | None:
    """`a < x` and `x < b` as (a, <, x, <, b); None when two conditions do not make a chain."""
    inequalities = (sp.StrictLessThan, sp.LessThan, sp.StrictGreaterThan, sp.GreaterThan)
    if len(parts) != 2 or not all(isinstance(part, inequalities) for part in parts):
        return None
    for one, other in (parts, reversed(parts)):
        first, second = _ascending(one), _ascending(other)
        if first[2] == second[0]:
            return first[0], first[1], first[2], second[1], second[2]
    return None


def _ascending(relation: sp.Basic) -> tuple[sp.Basic, str, sp.Basic]:
    """(smaller, sign, larger) of an inequality."""
    sign = relation.rel_op.replace(">", "<")
    if ">" in relation.rel_op:
        return relation.rhs, sign, relation.lhs
    return relation.lhs, sign, relation.rhs
