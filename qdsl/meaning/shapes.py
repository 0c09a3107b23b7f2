"""Shapes of the syntax tree that several readers look for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qdsl.errors import ProblemError
from qdsl.language import tree
from qdsl.spelling import did_you_mean


def spine(node: tree.Expression, operators: str) -> Iterator[tuple[str, tree.Expression]]:
    """The terms of a - b + c, or the factors of a / b * c, each with the operator before it."""
    operands: list[tuple[str, tree.Expression]] = []
    while isinstance(node, tree.Binary) and node.operator in operators:
        operands.append((node.operator, node.right))
        node = node.left
    yield operators[0], node
    yield from reversed(operands)


def root_name(node: tree.Expression) -> tree.Name | None:
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


def parts(node: object) -> Iterator[tree.Node]:
    """A part of the tree and all that it consists of, in the order in which they stand."""
    if isinstance(node, tuple):
        for part in node:
            yield from parts(part)
    elif isinstance(node, tree.Node):
        yield node
        for key, value in vars(node).items():
            if key != "span":
                yield from parts(value)


def all_names(node: object) -> Iterator[tree.Name]:
    """Every name that stands in a part of the tree, once for each time."""
    return (part for part in parts(node) if isinstance(part, tree.Name))


def names_in(node: object) -> Iterator[str]:
    """What all_names finds, as texts."""
    return (name.name for name in all_names(node))


def primed_names(node: object) -> Iterator[tree.Name]:
    """The names that have a prime: `y` in -y'' = E*y."""
    for part in parts(node):
        if isinstance(part, tree.Prime) and (name := root_name(part)) is not None:
            yield name


def mentions(node: object, name: str) -> bool:
    """Whether a name stands in a part of the tree."""
    return name in names_in(node)


def is_infinity(node: tree.Expression) -> bool:
    """Whether the node is the name `inf`."""
    return isinstance(node, tree.Name) and node.name == "inf"


def bind(function: str, expected: Sequence[tuple[str, bool]], node: tree.Call) -> dict[str, tree.Expression]:
    """The arguments of a call by the names of the formal ones; defaults are left out.

    `expected` are the names of the formal arguments, and whether each must be given.
    Raises ProblemError when there are too many, too few, unknown or repeated ones.
    """
    formals = [name for name, _ in expected]
    given: dict[str, tree.Expression] = {}
    for position, argument in enumerate(node.arguments):
        if argument.name is not None:
            name = argument.name.name
            if name not in formals:
                guess = did_you_mean(name, formals)
                raise ProblemError(
                    f"'{function}' has no argument '{name}'",
                    argument.name.span,
                    f"did you mean '{guess}'?" if guess else f"its arguments are {', '.join(formals)}",
                )
        elif any(before.name is not None for before in node.arguments[:position]):
            raise ProblemError("an argument without a name comes before those with one", argument.span)
        elif position >= len(formals):
            raise ProblemError(
                f"'{function}' takes {_counted(len(formals))}, not {len(node.arguments)}", node.span
            )
        else:
            name = formals[position]
        if name in given:
            raise ProblemError(f"the argument '{name}' is given twice", argument.span)
        given[name] = argument.value
    for name, needed in expected:
        if needed and name not in given:
            listed = ", ".join(formal if must else f"{formal} = …" for formal, must in expected)
            hint = f"it is called {function}({listed})" if len(listed) <= 60 else ""
            raise ProblemError(f"'{function}' needs its argument '{name}'", node.span, hint)
    return given


def _counted(count: int) -> str:
    return "no arguments" if count == 0 else "1 argument" if count == 1 else f"{count} arguments"
