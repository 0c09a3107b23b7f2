"""The catalogue of potentials as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from qdsl.potentials.catalogue import Entry

WIDTH = 100


def listing(entries: Iterable[Entry]) -> str:
    """Every potential: how it is called, and a line about it."""
    return "".join(f"{entry.signature}\n{_indented(entry.doc)}" for entry in entries)


def description(entry: Entry) -> str:
    """All that is known about one potential, its file among it."""
    facts = [
        *(("source", source) for source in entry.sources),
        ("file" if entry.is_file else "from", entry.where),
    ]
    lines = [entry.signature, _indented(entry.doc), *(f"{name:<6}  {fact}" for name, fact in facts)]
    body = textwrap.indent(entry.text.strip("\n"), "    ")
    return "\n".join([*lines, "", body, ""])


def _indented(text: str) -> str:
    filled = textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{filled}\n" if filled else ""
