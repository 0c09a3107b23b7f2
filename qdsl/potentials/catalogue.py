"""What potentials there are, and what they say about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from qdsl.errors import QdslError, UsageError
from qdsl.language import to_text, tree
from qdsl.potentials.library import Library
from qdsl.potentials.plugins import FaultyPluginError, Formal, Plugin, Plugins
from qdsl.spelling import did_you_mean


@dataclass(frozen=True)
class Entry:
    """A potential for readers: its call, one line about it, where its formula comes from, where it is.

    `text` is the file that defines it, which is a problem of its own, or what a plug-in says at length.
    """

    name: str
    signature: str
    doc: str
    sources: tuple[str, ...]
    where: str
    text: str
    is_file: bool


@dataclass(frozen=True)
class Catalogue:
    """The potentials of the library and of plug-ins."""

    library: Library
    plugins: Plugins

    @classmethod
    def present(cls) -> Catalogue:
        """Those that a file can call here and now."""
        return cls(Library(), Plugins())

    @cached_property
    def names(self) -> list[str]:
        """In alphabetical order."""
        return sorted({*self.library.files, *self.plugins.names})

    def entries(self) -> list[Entry]:
        """All potentials; one whose file or plug-in is broken has that for its line."""
        found = []
        for name in self.names:
            try:
                found.append(self.entry(name))
            except QdslError as error:
                what = f"cannot be used: {error.diagnostics[0].message}"
                found.append(Entry(name, f"{name}(…)", what, (), "", "", False))
        return found

    def entry(self, name: str) -> Entry:
        """One potential.  Raises UsageError for an unknown name, QdslError when it is broken."""
        if name in self.library.files:
            return _of_file(name, self.library)
        plugin = self.plugins.find(name)
        if plugin is None:
            guess = did_you_mean(name, self.names)
            hint = f"did you mean '{guess}'?" if guess else "'qdsl potentials' lists them"
            raise UsageError(f"there is no potential '{name}'", hint=hint)
        try:
            return _of_plugin(plugin)
        except FaultyPluginError as error:
            raise UsageError(f"the plug-in '{name}' is faulty: {error}") from error


def _of_file(name: str, library: Library) -> Entry:
    define = library.define(name)
    path = library.files[name]
    if define is None:
        raise UsageError(f"{path} does not define a function '{name}'")
    file = library.file(name)
    sources = tuple(s.text.value for s in file.statements if isinstance(s, tree.Citation))
    return Entry(
        name,
        to_text(tree.Call(define.name, tuple(map(_argument, define.formals)), span=define.span)),
        define.doc.value if define.doc else "",
        sources,
        str(path),
        file.span.source.text,
        True,
    )


def _argument(formal: tree.Formal) -> tree.Argument:
    """A formal argument, to be printed like one of a call."""
    if formal.default is None:
        return tree.Argument(None, formal.name, span=formal.span)
    return tree.Argument(formal.name, formal.default, span=formal.span)


def _of_plugin(plugin: Plugin) -> Entry:
    arguments = ", ".join(map(_spelt, plugin.formals))
    sources = (plugin.source,) if plugin.source else ()
    origin = f"the plug-in of {plugin.origin}" if plugin.origin else "qdsl"
    return Entry(
        plugin.name, f"{plugin.name}({arguments})", plugin.doc, sources, origin, plugin.description, False
    )


_EXAMPLES: Mapping[str, str] = {"number": "", "text": ' = "…"', "file": ' = "….csv"'}


def _spelt(formal: Formal) -> str:
    if formal.default is None:
        return formal.name + _EXAMPLES[formal.kind]
    if isinstance(formal.default, sp.Expr):
        return f"{formal.name} = {formal.default}"
    return f'{formal.name} = "{formal.default}"'
