"""Potentials that need code: Python functions that give a sympy expression, found by their names.

    import qdsl

    @qdsl.potential
    def ring(x, depth, radius=1):
        \"\"\"A well in the form of a ring.

        Source: where the formula comes from
        \"\"\"
        return -depth * sympy.exp(-(x - radius)**2)

The function is given sympy expressions for its arguments, a `str` where an argument is annotated as one,
and a `pathlib.Path` where it is annotated as that: then the file lets it name a data file, with the rules
of `include`.  A distribution makes a potential known as an entry point of the group `qdsl.potentials`;
a script hands it over: `qdsl.parse(text, potentials=[ring])`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp

from qdsl.errors import UsageError
from qdsl.physics import numeric

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "qdsl.potentials"

SHIPPED = {"table": "qdsl.potentials.tables"}
"""Plug-ins of qdsl itself and the modules that hold them, imported when they are called."""

Kind = Literal["number", "text", "file"]

_KINDS: dict[object, Kind] = {
    str: "text",
    "str": "text",
    Path: "file",
    "Path": "file",
    "pathlib.Path": "file",
}

_NUMBERS = (int, float, sp.Expr)


class FaultyPluginError(Exception):
    """A plug-in that does not do what a potential does; the text says what is wrong with it."""


@dataclass(frozen=True)
class Formal:
    """An argument of a plug-in; `default` is None where it must be given."""

    name: str
    kind: Kind
    default: sp.Expr | str | None


@dataclass(frozen=True)
class Plugin:
    """A potential written in Python; it can be called like the function that it was made from."""

    name: str
    function: Callable[..., Any]
    origin: str = ""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.function(*arguments, **named)

    @property
    def doc(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join(self.description.partition("\n\n")[0].split())

    @property
    def description(self) -> str:
        """The docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def source(self) -> str:
        """What the docstring says behind "Source:"."""
        for paragraph in self.description.split("\n\n"):
            if paragraph.startswith("Source:"):
                return " ".join(paragraph.removeprefix("Source:").split())
        return ""

    @cached_property
    def formals(self) -> tuple[Formal, ...]:
        """The arguments.  Raises FaultyPluginError where a file could not give them."""
        return tuple(map(_formal, inspect.signature(self.function).parameters.values()))

    def expression(self, given: Mapping[str, sp.Expr | str | Path]) -> sp.Expr:
        """The potential at these arguments.

        Raises QdslError when the plug-in does, FaultyPluginError when what it gives is no expression that
        can be computed; whatever else the plug-in raises passes through.
        """
        value = self.function(**given)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = sp.Integer(value) if isinstance(value, int) else sp.Float(value)
        if not isinstance(value, sp.Expr):
            raise FaultyPluginError(f"it returned {type(value).__name__}, not a sympy expression")
        arguments = [argument for argument in given.values() if isinstance(argument, sp.Expr)]
        strangers = value.free_symbols - sp.Tuple(*arguments).free_symbols
        if strangers:
            raise FaultyPluginError(f"its result holds a symbol of its own: {min(map(str, strangers))}")
        head = numeric.unknown_head(value)
        if head:
            raise FaultyPluginError(f"its result holds {head}, which qdsl cannot compute")
        return value


def potential(function: Callable[..., Any]) -> Plugin:
    """Make a potential of a Python function: see `qdsl.potentials.plugins`.

    Raises UsageError when it is no function.
    """
    if not callable(function):
        raise UsageError(f"a potential is a function, not {function!r}")
    return Plugin(getattr(function, "__name__", type(function).__name__), function)


def _formal(parameter: inspect.Parameter) -> Formal:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise FaultyPluginError(f"its argument '{parameter.name}' has no name that a file could use")
    kind = _KINDS.get(parameter.annotation, "number")
    if parameter.default is parameter.empty:
        return Formal(parameter.name, kind, None)
    default = parameter.default
    if kind != "number" and isinstance(default, str):
        return Formal(parameter.name, kind, default)
    if kind == "number" and isinstance(default, _NUMBERS) and not isinstance(default, bool):
        number = default if isinstance(default, sp.Expr) else sp.Float(default)
        return Formal(parameter.name, kind, sp.Integer(default) if isinstance(default, int) else number)
    raise FaultyPluginError(f"the default of its argument '{parameter.name}' is no {kind}")


@dataclass(frozen=True)
class Plugins:
    """All plug-ins by name: those that were handed over, qdsl's own, those that are installed."""

    given: Mapping[str, Plugin] = field(default_factory=dict)

    @cached_property
    def _installed(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        from importlib.metadata import entry_points  # 10 ms that most runs need not spend

        found: dict[str, tuple[EntryPoint, ...]] = {}
        for entry in entry_points(group=GROUP):
            found[entry.name] = (*found.get(entry.name, ()), entry)
        return found

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys([*self.given, *SHIPPED, *self._installed]))

    def find(self, name: str) -> Plugin | None:
        """The plug-in of a name, or None.

        Raises UsageError when there are two of them, or when it cannot be loaded.
        """
        if name in self.given:
            return self.given[name]
        if name in SHIPPED:
            return getattr(import_module(SHIPPED[name]), name)
        entries = self._installed.get(name, ())
        if not entries:
            return None
        if len(entries) > 1:
            whose = " and ".join(sorted(map(_distribution, entries)))
            raise UsageError(f"there are two plug-ins with a potential '{name}': of {whose}")
        return _loaded(entries[0])


def _loaded(entry: EntryPoint) -> Plugin:
    try:
        found = entry.load()
    except Exception as error:  # whatever the import of foreign code raises
        raise UsageError(
            f"the plug-in '{entry.name}' of {_distribution(entry)} cannot be loaded: {spoken(error)}"
        ) from error
    if not callable(found):
        raise UsageError(
            f"the plug-in '{entry.name}' of {_distribution(entry)} is no function: {entry.value}"
        )
    function = found.function if isinstance(found, Plugin) else found
    return Plugin(entry.name, function, _distribution(entry))


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def spoken(error: BaseException) -> str:
    """An exception of foreign code, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
