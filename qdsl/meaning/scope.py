"""What names mean at one place of a file, and what to say about those that mean nothing there."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import foreign
from qdsl.meaning.constants import NAMES
from qdsl.meaning.dimensions import PURE, Dimension
from qdsl.meaning.unit_names import COMMON
from qdsl.meaning.units import DIMENSIONLESS, Scaled, UnitSystem
from qdsl.physics.functions import FUNCTIONS, POINT
from qdsl.potentials.library import Library
from qdsl.potentials.plugins import Plugins
from qdsl.spelling import did_you_mean, same_name

Kind = Literal["parameter", "coordinate", "argument", "constant"]


@dataclass(frozen=True)
class Measure:
    """The dimension of an expression, as far as it is known.

    A `firm` dimension is what the expression has by itself.  One that is not firm is presumed: a bare
    number takes whatever dimension its place needs.  None where nothing can be presumed.
    """

    dimension: Dimension | None = None
    firm: bool = False


FREE = Measure()


@dataclass(frozen=True)
class Named:
    """What a name stands for, its dimension, and where it got that."""

    value: sp.Expr
    kind: Kind
    measure: Measure = FREE
    place: Span | None = None


@dataclass(frozen=True)
class Form:
    """A form such as `E[n]` or `psi(0)` that means something in one kind of statement only.

    `read` is given the node and the translator that met it; `example` shows users how it is written;
    `measure` is given the node and the `dimension_walk.Dimensions` that met it.
    """

    read: Callable[[tree.Call | tree.Index, Any], sp.Expr]
    example: str
    measure: Callable[[tree.Call | tree.Index, Any], Measure] = lambda _node, _walk: FREE


@dataclass(frozen=True)
class Definition:
    """A function of the file; its body is read in the scope in which it was defined.

    `measure` is what its values are known to be; FREE where the body has to be asked.
    """

    name: str
    formals: tuple[tree.Formal, ...]
    body: tree.Expression
    scope: Scope
    measure: Measure = FREE


@dataclass(frozen=True)
class Absent:
    """A name that exists, but not at this place; `message` is empty where that was reported already."""

    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Scope:
    """What the names of an expression stand for.

    `names`: parameters, constants, arguments and the coordinate; `functions`: those that the file
    defines; `forms`: what is written with brackets of its own; `absent`: names to explain rather than to
    call unknown; `units`: "dimensionless" or "atomic"; `literal`: what a bare number
    is, a pure one unless its place needs something else; `library` and `plugins`: the potentials
    that need no definition.
    """

    names: Mapping[str, Named] = field(default_factory=dict)
    functions: Mapping[str, Definition] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    absent: Mapping[str, Absent] = field(default_factory=dict)
    units: UnitSystem = DIMENSIONLESS
    literal: Measure = Measure(PURE)
    library: Library = field(default_factory=Library)
    plugins: Plugins = field(default_factory=Plugins)

    def having(self, kind: Kind, names: Mapping[str, sp.Expr]) -> Scope:
        """With more names of free dimension; they hide what had the same name before."""
        return self.naming({name: Named(value, kind) for name, value in names.items()})

    def naming(self, named: Mapping[str, Named]) -> Scope:
        """With more names; they hide what had the same name before."""
        kept = self._hiding(named)
        return replace(kept, names={**kept.names, **named})

    def defining(self, definition: Definition) -> Scope:
        kept = self._hiding((definition.name,))
        return replace(kept, functions={**kept.functions, definition.name: definition})

    def with_forms(self, forms: Mapping[str, Form]) -> Scope:
        """With forms; a parameter of the same name stays what it is where it is not called."""
        absent = {name: why for name, why in self.absent.items() if name not in forms}
        return replace(self, forms={**self.forms, **forms}, absent=absent)

    def without(self, absent: Mapping[str, Absent]) -> Scope:
        """With names that are explained instead of found."""
        kept = self._hiding(absent)
        return replace(kept, absent={**kept.absent, **absent})

    def outermost(self) -> Scope:
        """What a function of the library sees: constants and the library.

        Its bare numbers are pure: its formulas hold in every unit system.
        """
        constants = {name: named for name, named in self.names.items() if named.kind == "constant"}
        literal = Measure(PURE, self.units.strict)
        return Scope(constants, units=self.units, literal=literal, library=self.library, plugins=self.plugins)

    def unit(self, name: str) -> Scaled | None:
        """The unit that a name stands for where it stands alone, as `cm` does in 0 kV/cm."""
        taken = name in self.names or name in self.functions or name in self.forms or name in self.absent
        return None if taken or name in FUNCTIONS else self.units.named(name)

    def _hiding(self, hidden: Mapping[str, object] | tuple[str, ...]) -> Scope:
        return replace(
            self,
            names={name: what for name, what in self.names.items() if name not in hidden},
            functions={name: what for name, what in self.functions.items() if name not in hidden},
            forms={name: what for name, what in self.forms.items() if name not in hidden},
            absent={name: why for name, why in self.absent.items() if name not in hidden},
        )

    def unknown(self, name: tree.Name) -> ProblemError:
        """The error for a name that stands for no number here, with the closest one that does."""
        if name.name in self.absent:
            return _explained(self.absent[name.name], name.span)
        if name.name in self.forms:
            return ProblemError(
                f"'{name.name}' is not a number by itself",
                name.span,
                f"write {self.forms[name.name].example}",
            )
        if name.name in FUNCTIONS or name.name in self.functions or name.name == POINT:
            return ProblemError(
                f"the function '{name.name}' stands here without its argument",
                name.span,
                f"write {name.name}(…)",
            )
        kinds = {**self._kinds_of_units(), **self._kinds_of_functions(), **self._kinds_of_names()}
        constants = foreign.CONSTANTS_WITH_UNITS if self.units.present else foreign.CONSTANTS_OF_NATURE
        known = foreign.NAMES | constants
        if "E" in self.forms and (hint := foreign.answer(name.name)):
            return ProblemError(f"unknown name '{name.name}'", name.span, hint)
        hint = _closest(name.name, kinds, known) or f"set it above: param {name.name} = 1"
        return ProblemError(f"unknown name '{name.name}'", name.span, hint)

    def unknown_function(self, name: tree.Name) -> ProblemError:
        """The error for a name that is called and is no function here."""
        if name.name in self.absent:
            return _explained(self.absent[name.name], name.span)
        if name.name in self.names:
            kind = self.names[name.name].kind
            article = "an" if kind == "argument" else "the" if kind == "coordinate" else "a"
            return ProblemError(
                f"'{name.name}' is {article} {kind}, not a function",
                name.span,
                f"to multiply, write {name.name}*(…)",
            )
        if "E" in self.forms and (hint := foreign.answer(name.name)):
            return ProblemError(f"unknown function '{name.name}'", name.span, hint)
        hint = _closest(name.name, self._kinds_of_functions(), foreign.FUNCTIONS)
        word = "potential" if name.name in ("V", "U") and "psi" not in self.absent else "define"
        set_above = f"set it above: {word} {name.name}(x) = x^2"
        return ProblemError(f"unknown function '{name.name}'", name.span, hint or set_above)

    def in_brackets(self, name: tree.Name, node: tree.Index) -> ProblemError:
        """The error for `f[x]`, which elsewhere is a call or an element of a list."""
        inside = node.index.span.text
        kinds = self._kinds_of_functions()
        function = name.name if name.name in kinds else same_name(name.name, kinds)
        if function is None and name.name in self.names:
            hint = "there are no lists of numbers; cases give a number for each region"
            return ProblemError(f"'{name.name}' is a number, and has no elements", node.span, hint)
        if function is None and "E" in self.forms:
            hint = "the state of an energy or of a wavefunction does so: E[0], psi[0](1/2)"
            return ProblemError(f"{name.name!r} takes no number in square brackets", node.span, hint)
        called = f"write {function or name.name}({inside if len(inside) <= 30 else '…'})"
        return ProblemError("the argument of a function stands in round brackets", node.span, called)

    def _kinds_of_names(self) -> dict[str, str]:
        return {name: named.kind for name, named in self.names.items()}

    def _kinds_of_units(self) -> dict[str, str]:
        if not self.units.present:
            return {}
        longer = (name for name in COMMON if len(name) > 1)  # k is more likely a forgotten parameter than K
        return dict.fromkeys(longer, "unit") | dict.fromkeys(NAMES, "constant")

    def _kinds_of_functions(self) -> dict[str, str]:
        library = dict.fromkeys((*self.library.files, *self.plugins.names), "potential")
        return library | dict.fromkeys((*FUNCTIONS, POINT, *self.functions, *self.forms), "function")


def _closest(name: str, kinds: Mapping[str, str], known_elsewhere: Mapping[str, str]) -> str:
    """What to write instead of a name that means nothing, or nothing where that is not clear."""
    same = same_name(name, kinds)
    if same is None and name in known_elsewhere:
        return known_elsewhere[name]
    guess = same or did_you_mean(name, kinds)
    if guess is None:
        return ""
    hint = f"did you mean the {kinds[guess]} '{guess}'?"
    for written, told in ((name, "here stands"), (guess, "its name is written with")):
        letters = [letter for letter in written if not letter.isascii()]
        if same and letters and (guess if written is name else name).isascii():
            hint += f" {told} {unicodedata.name(letters[0], 'another letter').lower()}"
    return hint


def _explained(why: Absent, span: Span) -> ProblemError:
    return ProblemError([Diagnostic(why.message, span, why.hint)] if why.message else [])
