"""Expressions with their dimensions, and how errors speak of them."""

from __future__ import annotations

from dataclasses import dataclass

from qdsl.errors import Span
from qdsl.language import tree
from qdsl.meaning.dimensions import Dimension, described, named, unit_text
from qdsl.meaning.scope import Measure, Scope


@dataclass(frozen=True)
class Operand:
    """An expression with its dimension, and the scope that gives its names their meaning."""

    node: tree.Expression
    measure: Measure
    scope: Scope

    @property
    def text(self) -> str:
        return _shown(self.node.span)

    @property
    def quoted(self) -> str:
        """With its dimension: `'V0' (an energy, meV)`."""
        assert self.measure.dimension is not None
        return f"'{self.text}' ({described(self.measure.dimension, self.scope.units.labels)})"

    @property
    def told(self) -> str:
        """With its dimension, in a sentence: `'V0' is an energy (meV)`."""
        return f"'{self.text}' is {in_words(self.measure.dimension, self.scope)}"

    @property
    def notes(self) -> tuple[tuple[str, Span], ...]:
        """Where a name got its dimension."""
        known = self.scope.names.get(self.node.name) if isinstance(self.node, tree.Name) else None
        if known is None or known.place is None or known.measure.dimension is None:
            return ()
        kind = named(known.measure.dimension, self.scope.units.labels)
        return ((f"'{self.text}' becomes {kind} here", known.place),)


def in_words(dimension: Dimension | None, scope: Scope) -> str:
    """`an energy (meV)`, `a pure number`."""
    assert dimension is not None
    word, unit = named(dimension, scope.units.labels), unit_text(dimension, scope.units.labels)
    return word if not unit or unit in word else f"{word} ({unit})"


def unit_of(measure: Measure, scope: Scope) -> str:
    """The unit in which the value of an expression is counted; empty for pure numbers and unknown ones."""
    dimension = measure.dimension
    return "" if dimension is None else unit_text(dimension, scope.units.labels)


def _shown(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 40 else f"{text[:36]} …"
