"""Mistakes in `report` and `expect`: quantities with labels, ranges, units and errors."""

from __future__ import annotations

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck, quoted, short

_MOST = 6
"""Energies that a hint writes out at most."""

_TAKE = {"mean": "mean({}, 0)", "nodes": "nodes({})", "probability": "probability({}, -1, 1)"}


def wrong_report(stuck: Stuck) -> Diagnostic | None:
    """`report gap = E[1] - E[0]`, `report E[0] in eV`, `report "gap" E[1] - E[0]`, `report mean x`"""
    if stuck.keyword not in ("report", "expect"):
        return None
    if stuck.found.type == "DOTS":
        return _range(stuck)
    if stuck.bracket or stuck.keyword != "report":
        return None
    last = len(stuck.tokens) - 2
    rest = stuck.text(stuck.index + 1, last)
    if stuck.found == "=" and rest:
        if stuck.index == 2 and stuck.tokens[1].type == "NAME":
            return stuck.says("a quantity is shown as it is written, without a name", f"write: report {rest}")
        quantity = stuck.text(1, stuck.index - 1)
        return stuck.says(
            "a value to compare with belongs to 'expect'", f"write: expect {quantity} = {rest} within 1e-9"
        )
    if stuck.found.type == "IN" and stuck.wants_operator:
        unit = f" {rest}, nm" if rest.isalpha() else " eV, nm"
        return stuck.says("the units are those of the file", f"set them at its top, such as: units{unit}")
    if stuck.found.type == "STRING" and stuck.index == 1 and rest:
        return stuck.says("a quantity is shown as it is written, without a name", f"write: report {rest}")
    simple = stuck.found.type in ("NAME", "INTEGER") and stuck.index == last
    if stuck.wants_operator and stuck.back() in _TAKE and simple:
        call = _TAKE[stuck.back()].format(short(stuck.found))
        return stuck.says(
            f"the arguments of {quoted(stuck.back())} stand in brackets",
            f"write: {call}",
            at=stuck.span(stuck.back()).to(stuck.span(stuck.found)),
        )
    return None


def _range(stuck: Stuck) -> Diagnostic | None:
    """`report E[0..3]`, `report probability(0, 0..1)`"""
    first, last = stuck.back(), stuck.tokens[stuck.index + 1]
    if stuck.bracket == "[" and stuck.back(3) == "E" and {first.type, last.type} == {"INTEGER"}:
        numbers = range(int(first), int(last) + 1) if max(len(first), len(last)) < 4 else range(0)
        listed = ", ".join(f"E[{n}]" for n in numbers[:_MOST])
        hint = f"write: {listed}{', …' if len(numbers) > _MOST else ''}" if listed else "such as E[0], E[1]"
        return stuck.says("every quantity stands by itself", hint)
    if stuck.bracket == "(":
        return stuck.says("the ends of an interval are two arguments", "write ',' instead of '..'")
    return None


def tolerance_with_signs(stuck: Stuck) -> Diagnostic | None:
    """`expect E[0] = 9.87 +- 0.1`"""
    if stuck.keyword != "expect" or "WITHIN" not in stuck.expected or not stuck.at_end:
        return None
    for index in range(2, stuck.index - 1):
        plus, minus = stuck.tokens[index : index + 2]
        if (plus, minus) == ("+", "-") and plus.end_pos == minus.start_pos:
            value = stuck.text(stuck.after_equals(), index - 1)
            error = stuck.text(index + 2, stuck.index - 1)
            if value and error:
                return stuck.says(
                    "the tolerance stands behind 'within', relative to the value",
                    f"write: = {value} within {error}/{value}",
                    at=stuck.span(plus).to(stuck.span(stuck.tokens[stuck.index - 1])),
                )
    return None
