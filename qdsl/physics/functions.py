"""The functions and constants that a `.qw` file may use: names, how many arguments, and their sympy form.

This is the symbolic column of the function table.  `numeric` holds the numpy column and
`qdsl.pinn.operations` the torch column; tests hold the three against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class FunctionRow:
    """One function of the language.  `most` is None where there may be any number of arguments."""

    name: str
    symbolic: Callable[..., sp.Expr]
    doc: str
    least: int = 1
    most: int | None = 1

    @property
    def arity(self) -> str:
        """How many arguments it takes, in words."""
        if self.most is None:
            return f"{self.least} or more arguments"
        return f"{self.least} argument{'s' if self.least > 1 else ''}"


MILD = 100
"""exp of no larger number is a factor with which doubles can do."""


def exponential(argument: sp.Expr) -> sp.Expr:
    """exp(argument), kept as one.

    sympy makes exp(-40000.0)*exp(1e5*x) of exp(1e5*x - 40000.0), and the first factor is 0 in doubles;
    what is no float it leaves alone.
    """
    # sympy turns exp(10^9*log(2)) into the integer 2^(10^9); constants that large stay as they are,
    # and the caller finds that their value is beyond the range of numbers.
    if argument.is_number and abs(argument.evalf(15)) > 700:
        return sp.exp(argument, evaluate=False)
    terms = sp.Add.make_args(argument)
    return sp.exp(
        sp.Add(*(sp.Rational(t) if isinstance(t, sp.Float) and abs(t) > MILD else t for t in terms))
    )


def _abs(argument: sp.Expr) -> sp.Expr:
    # Evaluation would load sympy.simplify (40 ms) and be exponentially slow on nested bars.
    return sp.Abs(argument, evaluate=bool(argument.is_number))


def _cbrt(argument: sp.Expr) -> sp.Expr:
    return sp.sign(argument) * _abs(argument) ** sp.Rational(1, 3)


def _heaviside(argument: sp.Expr) -> sp.Expr:
    # Evaluation raises where sympy can tell that the argument is not real; the checks say it better.
    return sp.Heaviside(argument, evaluate=bool(argument.is_number))


def _max(*arguments: sp.Expr) -> sp.Expr:
    return _extremum(sp.Max, arguments)


def _min(*arguments: sp.Expr) -> sp.Expr:
    return _extremum(sp.Min, arguments)


def _extremum(head: Callable[..., sp.Expr], arguments: tuple[sp.Expr, ...]) -> sp.Expr:
    distinct = tuple(dict.fromkeys(arguments))
    if len(distinct) == 1:
        return distinct[0]
    # Comparing expressions with symbols is slow in sympy, and rarely decides anything.
    return head(*distinct, evaluate=all(a.is_number for a in distinct))


FUNCTIONS: dict[str, FunctionRow] = {
    row.name: row
    for row in (
        FunctionRow("sin", sp.sin, "sine, argument in radians"),
        FunctionRow("cos", sp.cos, "cosine, argument in radians"),
        FunctionRow("tan", sp.tan, "tangent, argument in radians"),
        FunctionRow("asin", sp.asin, "inverse sine, -1 to 1 -> -pi/2 to pi/2"),
        FunctionRow("acos", sp.acos, "inverse cosine, -1 to 1 -> pi to 0"),
        FunctionRow("atan", sp.atan, "inverse tangent, -> -pi/2 to pi/2"),
        FunctionRow("sinh", sp.sinh, "hyperbolic sine"),
        FunctionRow("cosh", sp.cosh, "hyperbolic cosine"),
        FunctionRow("tanh", sp.tanh, "hyperbolic tangent"),
        FunctionRow("exp", exponential, "exponential function"),
        FunctionRow("log", sp.log, "natural logarithm"),
        FunctionRow("sqrt", sp.sqrt, "square root, of a number >= 0"),
        FunctionRow("cbrt", _cbrt, "real cube root: cbrt(-8) = -2"),
        FunctionRow("sign", sp.sign, "-1, 0 or 1"),
        FunctionRow("abs", _abs, "absolute value, the same as |x|"),
        FunctionRow("min", _min, "the smallest of its arguments", least=2, most=None),
        FunctionRow("max", _max, "the largest of its arguments", least=2, most=None),
        FunctionRow("heaviside", _heaviside, "0 for x < 0, 1/2 at 0, 1 for x > 0"),
        FunctionRow("erf", sp.erf, "error function"),
    )
}

CONSTANTS: dict[str, sp.Expr] = {"pi": sp.pi, "inf": sp.oo}

POINT = "delta"
"""A point interaction: written like a function, and none."""

BUILT_IN: frozenset[str] = frozenset({*FUNCTIONS, *CONSTANTS, POINT})
"""Names that a file cannot give to anything else."""
