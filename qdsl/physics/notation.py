"""sympy -> the notation of `.qw` files, for messages: `x^2`, `|x - a|`, `inf`, `x < a and x > 0`."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from qdsl.physics.interpolant import Interpolant


def text(expression: sp.Basic) -> str:
    """An expression as a user would write it; what `parse_expression` reads back as the same."""
    return str(_Notation({"full_prec": False}).doprint(expression))


class _Notation(StrPrinter):
    def _print_Pow(self, expression: sp.Pow, rational: bool = False) -> str:
        return str(super()._print_Pow(expression, rational)).replace("**", "^")

    def _print_Abs(self, expression: sp.Abs) -> str:
        return f"|{self._print(expression.args[0])}|"

    def _print_Interpolant(self, expression: Interpolant) -> str:
        return expression._sympystr(self)

    def _print_Infinity(self, _: Any) -> str:
        return "inf"

    def _print_NegativeInfinity(self, _: Any) -> str:
        return "-inf"

    def _print_Exp1(self, _: Any) -> str:
        return "exp(1)"

    def _print_Heaviside(self, expression: sp.Heaviside) -> str:
        return f"heaviside({self._print(expression.args[0])})"

    def _print_Max(self, expression: sp.Max) -> str:
        return f"max({self.stringify(expression.args, ', ')})"

    def _print_Min(self, expression: sp.Min) -> str:
        return f"min({self.stringify(expression.args, ', ')})"

    def _print_And(self, expression: sp.And) -> str:
        return self.stringify(expression.args, " and ", PRECEDENCE["And"])

    def _print_Or(self, expression: sp.Or) -> str:
        return self.stringify(expression.args, " or ", PRECEDENCE["Or"])

    def _print_Not(self, expression: sp.Not) -> str:
        return f"not {self.parenthesize(expression.args[0], PRECEDENCE['Not'])}"

    def _print_Relational(self, expression: sp.core.relational.Relational) -> str:
        sides = (self.parenthesize(side, PRECEDENCE["Relational"]) for side in expression.args)
        return f" {expression.rel_op} ".join(sides)

    def _print_Piecewise(self, expression: sp.Piecewise) -> str:
        cases = (
            f"{self._print(value)} "
            + ("otherwise" if condition is sp.true else f"if {self._print(condition)}")
            for value, condition in expression.args
        )
        return f"{{ {'; '.join(cases)} }}"


def short(number: float) -> str:
    """A number for a message: `2`, `-0.25`, `1.32472`, `-inf`."""
    return f"{number + 0.0:.6g}"
