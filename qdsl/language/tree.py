"""The syntax tree: what the grammar saw, as frozen dataclasses with spans, and no meaning yet.

Two trees are equal when they say the same thing, wherever it stands in the file: spans do not compare.
Names are NFC-normalised and `ψ`, `π`, `∞` are spelt `psi`, `pi`, `inf`; operators are spelt in ASCII
(`−` is `-`, `·` is `*`, `**` is `^`, `x²` is `x^2`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qdsl.errors import Span


@dataclass(frozen=True, kw_only=True)
class Node:
    span: Span = field(compare=False, repr=False)


# Expressions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Node):
    """A literal without a unit, as written: `1`, `2.5`, `.5`, `1e-3`."""

    text: str


@dataclass(frozen=True)
class Quantity(Node):
    """A number directly followed by a unit: `10 nm`, `3 nm^2` (the exponent belongs to the unit)."""

    number: Number
    unit: Name
    exponent: int = 1


@dataclass(frozen=True)
class Name(Node):
    name: str


@dataclass(frozen=True)
class Prime(Node):
    """`psi'`, `psi''`, `(p(x)*psi')'`: the derivative of the operand with respect to the coordinate."""

    operand: Expression
    order: int


@dataclass(frozen=True)
class Text(Node):
    """A quoted string; `value` is without the quotes.

    Among expressions it stands only as an argument of a call: `table(x, "bulk.csv")`.
    """

    value: str


@dataclass(frozen=True)
class Argument(Node):
    """One argument of a call; `name` is None when it is positional."""

    name: Name | None
    value: Expression


@dataclass(frozen=True)
class Call(Node):
    """`f(x, c = 0)`, `psi'(0)`, `psi[0](1/2)`: the callee is a Name, a Prime or an Index."""

    function: Expression
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class Index(Node):
    """`E[1]`, `psi[0]`."""

    base: Expression
    index: Expression


@dataclass(frozen=True)
class Unary(Node):
    operator: Literal["-", "+", "not"]
    operand: Expression


@dataclass(frozen=True)
class Binary(Node):
    operator: Literal["+", "-", "*", "/", "^", "and", "or"]
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison(Node):
    """A chain: `-a < x < a` has three operands and two operators."""

    operands: tuple[Expression, ...]
    operators: tuple[Literal["<", "<=", ">", ">=", "==", "!="], ...]


@dataclass(frozen=True)
class Absolute(Node):
    operand: Expression


@dataclass(frozen=True)
class List(Node):
    """`[32, 32]`, also an interval where one is expected: `in [0.1, 3]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Case(Node):
    """`value if condition`; the condition of `otherwise` is None."""

    value: Expression
    condition: Expression | None


@dataclass(frozen=True)
class Cases(Node):
    cases: tuple[Case, ...]


Expression = (
    Number
    | Quantity
    | Name
    | Text
    | Prime
    | Call
    | Index
    | Unary
    | Binary
    | Comparison
    | Absolute
    | List
    | Cases
)


@dataclass(frozen=True)
class Interval(Node):
    """`[lo, hi]` or `(lo, hi)`; open and closed ends are kept, a half-open interval is both."""

    left: Expression
    right: Expression
    left_closed: bool
    right_closed: bool


# Statements ----------------------------------------------------------------------------------------


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
