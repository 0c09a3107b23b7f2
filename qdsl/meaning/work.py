"""What the reading of one file adds up to: warnings, places, and how much work it was.

Files are data, and may be hostile, so all of it has limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from qdsl.errors import Findings, ProblemError, QdslError, Span
from qdsl.meaning import exact
from qdsl.physics.interpolant import Interpolant
from qdsl.physics.quantities import HEADS

DEPTH = 100
"""Operations inside one another, functions of the file opened up."""

DEEPEST = 60
"""The same for the finished expression, where sums and products count once."""

STEPS = 20_000
"""Operations of one file, functions opened up each time they are used."""

ROWS = 20_000
"""Rows of the tables of one file, counted at each use: every value takes a sum over all of them."""

SIZE = 5_000
"""Operations of one finished expression."""


class WorkLimitError(QdslError):
    """The file is too much work.  No ProblemError, which would be collected, and the work go on."""


@dataclass(frozen=True)
class Measure:
    """How much an expression holds, written out as a tree."""

    size: int
    depth: int
    constant: bool


@dataclass
class Work:
    """What the translators of one file share: findings, places, and how much has been done.

    `coordinate` is that of the file, which point interactions speak of.
    `places`: a Piecewise -> its `{ }`, a condition -> itself, Tuple(piecewise, i) -> case i.
    """

    findings: Findings = field(default_factory=Findings)
    places: dict[sp.Basic | str, Span] = field(default_factory=dict)
    coordinate: sp.Symbol | None = None
    steps: int = 0
    rows: int = 0
    measures: dict[sp.Basic, Measure] = field(default_factory=dict)

    def measure(self, expression: sp.Basic) -> Measure:
        known = self.measures.get(expression)
        if known is None:
            parts = [self.measure(argument) for argument in expression.args]
            known = Measure(
                1 + sum(part.size for part in parts),
                1 + max((part.depth for part in parts), default=0),
                all(part.constant for part in parts)
                and not (expression.is_Symbol or isinstance(expression, HEADS)),
            )
            self.measures[expression] = known
        return known

    def step(self, span: Span, depth: int) -> None:
        """One operation more, at some depth.  Raises WorkLimitError or ProblemError at the limits."""
        self.steps += 1
        if self.steps > STEPS:
            raise WorkLimitError(
                f"this needs more than {STEPS} operations when the functions are written out", span
            )
        if depth >= DEPTH:
            raise ProblemError("this is nested too deeply", span, _NAME_PARTS)

    def tabulated(self, value: sp.Expr, span: Span) -> sp.Expr:
        """What a plug-in gave, if its tables are not too many.  Raises WorkLimitError."""
        self.rows += sum(len(table.args[1].nodes) for table in value.atoms(Interpolant))
        if self.rows > ROWS:
            raise WorkLimitError(f"the tables of this file have more than {ROWS:,} rows together", span)
        return value

    def settled(self, value: sp.Expr, span: Span) -> sp.Expr:
        """An expression that has just been made, if it is not too large, and if a constant, finite.

        Raises ProblemError.
        """
        measure = self.measure(value)
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


_NAME_PARTS = "give parts of it names with 'define' or 'param'"
