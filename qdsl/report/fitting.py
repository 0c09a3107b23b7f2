"""Tables that fit: as many columns as a terminal has room for, chosen when they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement

UNLIMITED = 10_000
"""Columns of a console that cuts nothing off, for measuring."""


@dataclass(frozen=True)
class Fitted:
    """The first choice whose table, its first part, is no wider than the console; the last if none is.

    A table that is too wide would lose the ends of its numbers, and nobody could see it.
    """

    choices: Sequence[Callable[[], Sequence[RenderableType]]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        wide = options.update(width=UNLIMITED)
        parts: Sequence[RenderableType] = ()
        for choice in self.choices:
            parts = choice()
            if Measurement.get(console, wide, parts[0]).maximum <= options.max_width:
                break
        yield from parts
