"""Ranges, lists and grids as other languages write them: `linspace(0, 1, 11)`, `0:0.1:1`, `from 0 to 1`."""

from __future__ import annotations

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck

_GRIDS = ("linspace", "range", "arange", "logspace", "Range")


def grid_of_points(stuck: Stuck) -> Diagnostic | None:
    """`sweep k = linspace(0, 1, 11)`, `domain x = linspace(-4, 4, 100)`, `sweep k = range(0, 1, 0.1)`"""
    if stuck.keyword not in ("sweep", "domain"):
        return None
    words = stuck.tokens[1:-1]
    names = [word for word in words if word in _GRIDS]
    if not names or "(" not in words:
        return None
    first, last = words.index("(") + 1, len(words)
    parts = _split(stuck, first + 1, last - 1, "COMMA")
    if not 2 <= len(parts) <= 3 or not all(parts):
        return None
    low, high, third = (*parts, "11")[:3]
    if stuck.keyword == "domain":
        hint = f"write: domain {words[0]} in [{low}, {high}]"
    elif names[0] == "linspace":
        hint = f"write: sweep {words[0]} = {low} .. {high} in {third} points"
    else:
        hint = f"write: sweep {words[0]} = {low} .. {high} step {third if len(parts) > 2 else '1'}"
    return stuck.says(f"there is no function '{names[0]}'", hint, at=names[0])


def range_with_colons(stuck: Stuck) -> Diagnostic | None:
    """`sweep k = 0:0.1:1`, `find states 0:4`"""
    if stuck.found.type != "COLON" or stuck.bracket or stuck.keyword not in ("sweep", "find"):
        return None
    begin = stuck.after_equals() or 2
    parts = _split(stuck, begin, len(stuck.tokens) - 2, "COLON")
    if not 2 <= len(parts) <= 3 or not all(parts):
        return None
    start = stuck.text(0, begin - 1)
    if stuck.keyword == "find":
        hint = f"write: {start} {parts[0]}..{parts[-1]}"
    else:
        step = f"step {parts[1]}" if len(parts) == 3 else "step 1"
        hint = f"write: {start} {parts[0]} .. {parts[-1]} {step}"
    return stuck.says("a range is written with two points", hint)


def sweep_in_words(stuck: Stuck) -> Diagnostic | None:
    """`sweep k from 0 to 1 in 11 points`, `sweep k in 0..1 step 0.1`, `sweep k = {0, 0.5, 1}`"""
    if stuck.keyword != "sweep" or stuck.tokens[1].type != "NAME":
        return None
    name, last = stuck.tokens[1], len(stuck.tokens) - 2
    if stuck.index == 2 and stuck.found in ("from", "in", "over", "of", ":"):
        between = next((i for i, word in enumerate(stuck.tokens) if word in ("to", "until", "..")), 0)
        first, rest = stuck.text(3, between - 1), stuck.text(between + 1, last)
        values = f"{first} .. {rest}" if between and first and rest else stuck.text(3, last)
        if values:
            return stuck.says(
                "the values of a sweep stand behind '='",
                f"write: sweep {name} = {values.replace(' by ', ' step ')}",
            )
    if stuck.found == "," and stuck.bracket == "{":
        values = stuck.text(stuck.after_equals() + 1, last).removesuffix("}").strip()
        return stuck.says(
            "a list stands in square brackets",
            f"write: [{values or '0, 0.5, 1'}]",
            at=stuck.tokens[stuck.open_brackets[-1]],
        )
    return None


def _split(stuck: Stuck, first: int, last: int, separator: str) -> list[str]:
    """What stands between separators, from one token to another."""
    parts, begin = [], first
    for index in range(first, last + 1):
        if stuck.tokens[index].type == separator:
            parts.append(stuck.text(begin, index - 1))
            begin = index + 1
    return [*parts, stuck.text(begin, last)]
