"""The nodes of expressions: see `qdsl.language.tree`, under whose name they are used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qdsl.errors import Span


@dataclass(frozen=True, kw_only=True)
class Node:
    span: Span = field(compare=False, repr=False)


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
