"""The syntax tree: what the grammar saw, as frozen dataclasses with spans, and no meaning yet.

Two trees are equal when they say the same thing, wherever it stands in the file: spans do not compare.
Names are NFC-normalised and `ψ`, `π`, `∞` are spelt `psi`, `pi`, `inf`; operators are spelt in ASCII
(`−` is `-`, `·` is `*`, `**` is `^`, `x²` is `x^2`).
"""

from __future__ import annotations

from dataclasses import dataclass

from qdsl.language.expression_tree import (
    Absolute,
    Argument,
    Binary,
    Call,
    Case,
    Cases,
    Comparison,
    Expression,
    Index,
    Interval,
    List,
    Name,
    Node,
    Number,
    Prime,
    Quantity,
    Text,
    Unary,
)

__all__ = [
    "Absolute",
    "Argument",
    "Binary",
    "Boundary",
    "Call",
    "Case",
    "Cases",
    "Citation",
    "Comparison",
    "Condition",
    "Define",
    "Domain",
    "Equation",
    "Expect",
    "Expression",
    "File",
    "FindBelow",
    "FindBound",
    "FindStates",
    "Formal",
    "Include",
    "Index",
    "Interval",
    "List",
    "Mass",
    "Name",
    "Node",
    "Number",
    "Param",
    "Potential",
    "Prime",
    "Quantity",
    "Report",
    "Setting",
    "Statement",
    "Sweep",
    "SweepRange",
    "Text",
    "Title",
    "Train",
    "Unary",
    "Units",
    "Unread",
    "Weight",
]


@dataclass(frozen=True)
class Title(Node):
    text: Text


@dataclass(frozen=True)
class Units(Node):
    """`units dimensionless`, `units atomic`, `units meV, nm`: the names as written."""

    names: tuple[Expression, ...]


@dataclass(frozen=True)
class Include(Node):
    path: Text


@dataclass(frozen=True)
class Citation(Node):
    """`source "…"`: where the formulas of the file come from."""

    text: Text


@dataclass(frozen=True)
class Param(Node):
    name: Name
    value: Expression
    interval: Interval | None
    doc: Text | None


@dataclass(frozen=True)
class Formal(Node):
    """A formal argument of `define`, with its default if it has one."""

    name: Name
    default: Expression | None


@dataclass(frozen=True)
class Define(Node):
    name: Name
    formals: tuple[Formal, ...]
    body: Expression
    doc: Text | None = None


@dataclass(frozen=True)
class Domain(Node):
    coordinate: Name
    interval: Interval


@dataclass(frozen=True)
class Mass(Node):
    """`mass = expr` (name and coordinate are None) or `mass m(x) = expr`."""

    name: Name | None
    coordinate: Name | None
    value: Expression


@dataclass(frozen=True)
class Potential(Node):
    name: Name
    coordinate: Name
    value: Expression


@dataclass(frozen=True)
class Equation(Node):
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Condition(Node):
    """One boundary condition: an equation (`psi(0) = 0`), or a name or call with `right` None
    (`periodic`, `bloch(k)`)."""

    left: Expression
    right: Expression | None


@dataclass(frozen=True)
class Boundary(Node):
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class FindStates(Node):
    """`find states 0..4` and `find state 3` (first = last)."""

    first: Expression
    last: Expression


@dataclass(frozen=True)
class FindBound(Node):
    """`find bound states`."""


@dataclass(frozen=True)
class FindBelow(Node):
    """`find states below 12`."""

    energy: Expression


@dataclass(frozen=True)
class Weight(Node):
    """`residual: 1` inside `{ }`."""

    name: Name
    value: Expression


@dataclass(frozen=True)
class Setting(Node):
    """One line of `train { }`: `key = value then value …`, or `key = {residual: 1, norm: 1}`.

    Exactly one of `values` and `weights` is non-empty.
    """

    key: Name
    values: tuple[Expression, ...]
    weights: tuple[Weight, ...]


@dataclass(frozen=True)
class Train(Node):
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Report(Node):
    quantities: tuple[Expression, ...]


@dataclass(frozen=True)
class Expect(Node):
    quantity: Expression
    value: Expression
    tolerance: Expression


@dataclass(frozen=True)
class SweepRange(Node):
    """`a .. b step s` (points is None) or `a .. b in n points` (step is None)."""

    first: Expression
    last: Expression
    step: Expression | None
    points: Expression | None


@dataclass(frozen=True)
class Sweep(Node):
    name: Name
    values: SweepRange | List


Statement = (
    Title
    | Units
    | Include
    | Citation
    | Param
    | Define
    | Domain
    | Mass
    | Potential
    | Equation
    | Boundary
    | FindStates
    | FindBound
    | FindBelow
    | Train
    | Report
    | Expect
    | Sweep
)


@dataclass(frozen=True)
class Unread(Node):
    """A statement that does not follow the grammar: its keyword, and all names that stand in it, some of
    which it would perhaps have defined.  The keyword is "" where it is not clear, or where a definition
    has lost its name."""

    keyword: str
    names: frozenset[str]


@dataclass(frozen=True)
class File(Node):
    """A whole file: its statements in the order in which they stand, and what could not be read of it."""

    statements: tuple[Statement, ...]
    unread: tuple[Unread, ...] = ()
