"""Habits from the blackboard and from other languages: the way people write it elsewhere, and how here.

Every function looks at one habit and returns None when it is not that one.
"""

from __future__ import annotations

from itertools import pairwise

from lark import Token

from qdsl.errors import Diagnostic
from qdsl.language.ranges import grid_of_points, range_with_colons, sweep_in_words
from qdsl.language.stuck import Stuck, quoted, short
from qdsl.language.words import OPERAND_END

_JOINED = ("to", "until", "till", "bis")


def decimal_comma(stuck: Stuck) -> Diagnostic | None:
    """`param a = 0,5`, `domain x in [0, 0,5]`, `domain x in [0,5, 1]`"""
    if stuck.found.type != "COMMA" or stuck.keyword == "find":  # states are whole numbers
        return None
    for first in (stuck.index - 1, stuck.index - 3):
        number = stuck.tokens[max(first, 0) : first + 3]
        kinds = [token.type for token in number]
        if kinds[:1] not in (["INTEGER"], ["DECIMAL"]) or kinds[1:] != ["COMMA", "INTEGER"]:
            continue
        if all(one.end_pos == other.start_pos for one, other in pairwise(number)):
            hint = f"write: {short(number[0].replace('.', ''))}.{short(number[2])}"
            if len(number[2]) == 3 and number[0] != "0":
                hint += f", or {short(number[0])}{number[2]} where thousands are meant"
            return stuck.says(
                "decimals are written with a point, not with a comma",
                hint,
                at=stuck.span(number[0]).to(stuck.span(number[2])),
            )
    return None


def conditional(stuck: Stuck) -> Diagnostic | None:
    """`V(x) = if x < 1 then 0 else 5`, `V(x) = 0 if x < 1 else 5`, `V(x) = 0 if x < 1`"""
    if stuck.found.type != "IF" or stuck.bracket == "{" or stuck.wants_name:
        return None
    end = len(stuck.tokens) - 1
    words = [token.lower() if token.type in ("NAME", "THEN") else "" for token in stuck.tokens]
    rest = words.index("else", stuck.index) if "else" in words[stuck.index :] else end
    other = stuck.text(rest + 1, end - 1) or "…"
    if stuck.wants_value:
        then = words.index("then", stuck.index) if "then" in words[stuck.index :] else rest
        condition = stuck.text(stuck.index + 1, then - 1)
        value = stuck.text(then + 1, rest - 1) if then < rest else "…"
    else:
        condition = stuck.text(stuck.index + 1, rest - 1)
        value = stuck.text(stuck.after_equals(), stuck.index - 1)
    begin = stuck.after_equals()
    if begin and begin < stuck.index and stuck.tokens[begin] in ("(", "[") and stuck.bracket:
        opening = stuck.tokens[begin]
        return stuck.says("cases stand in braces", "write '{' and '}'", at=opening)
    if begin and "OTHERWISE" in [token.type for token in stuck.tokens[stuck.index :]]:
        cases = stuck.text(begin, end - 1, limit=60).replace(",", ";")
        return stuck.says("cases stand in braces", f"write: {{ {cases or '0 if |x| < 1; 20 otherwise'} }}")
    if not (condition and value and begin):
        return stuck.says("cases stand in braces", "write: { 0 if |x| < 1; 20 otherwise }")
    return stuck.says("cases stand in braces", f"write: {{ {value} if {condition}; {other} otherwise }}")


def equal_conditions(stuck: Stuck) -> Diagnostic | None:
    """`boundary psi(0) = psi(1) = 0`"""
    if stuck.keyword != "boundary" or stuck.found.type != "EQUAL" or stuck.bracket:
        return None
    sides: list[list[Token]] = [[]]
    for token in stuck.tokens[1:-1]:
        if token.type == "EQUAL":
            sides.append([])
        else:
            sides[-1].append(token)
    apart = any(token.type in ("COMMA", "AND") for side in sides for token in side)
    if len(sides) < 3 or not all(sides) or apart:
        return None
    *left, value = (stuck.span(side[0]).to(stuck.span(side[-1])).text for side in sides)
    return stuck.says(
        "every condition has its own '='", "write: " + ", ".join(f"{one} = {value}" for one in left)
    )


def unbracketed_domain(stuck: Stuck) -> Diagnostic | None:
    """`domain x from 0 to 1`, `domain x in 0..1`, `domain x = 0 .. 1`, `domain 0 < x < 1`"""
    if stuck.keyword != "domain":
        return None
    words = stuck.tokens[1:-1]
    kinds = [token.type for token in words]
    if kinds.count("COMPARE") == 2 and "COMPARE" in (kinds[1:2] or kinds[2:3] or [""])[0]:
        first, second = (index for index, kind in enumerate(kinds) if kind == "COMPARE")
        if second == first + 2 and kinds[first + 1] == "NAME":
            left, right = stuck.text(1, first), stuck.text(second + 2, len(words))
            return _domain(stuck, words[first + 1], left, right)
    if stuck.index > 3 or kinds[:1] != ["NAME"] or len(words) < 2 or words[1] in ("(", "["):
        return None
    begin = 3 if words[1] in ("in", "=", "from", "von", ":") else 2
    between = [i for i, word in enumerate(stuck.tokens) if word.type == "DOTS" or word in _JOINED]
    if len(between) != 1:
        return None
    left, right = stuck.text(begin, between[0] - 1), stuck.text(between[0] + 1, len(words))
    return _domain(stuck, words[0], left, right)


def _domain(stuck: Stuck, coordinate: Token, left: str, right: str) -> Diagnostic | None:
    if not (left and right):
        return None
    whole = stuck.span(stuck.tokens[1]).to(stuck.span(stuck.tokens[-2]))
    return stuck.says(
        "a domain is written with 'in' and brackets",
        f"write: domain {short(coordinate)} in [{left}, {right}]",
        at=whole,
    )


def double_quote(stuck: Stuck) -> Diagnostic | None:
    """`equation -psi" + V(x)*psi = E*psi`, where the second derivative needs two single quotes."""
    found, before = stuck.found, stuck.back()
    if found.type != "STRING" or before.type not in OPERAND_END or before.end_pos != found.start_pos:
        return None
    at = stuck.span(found)
    return stuck.says(
        "a second derivative is written with two single quotes",
        f"write: {short(before)}''",
        at=at.source.span(at.start, at.start + 1),
    )


def units_apart(stuck: Stuck) -> Diagnostic | None:
    """`units eV nm`, `units = eV, nm`, `units "eV, nm"`"""
    if stuck.keyword != "units" or stuck.at_end:
        return None
    names = [token.strip('"') for token in stuck.tokens[1:-1] if token.type in ("NAME", "STRING")]
    if not 0 < len(names) < 3 or any(len(name) > 20 for name in names):
        return None
    return stuck.says(
        "energy and length stand behind 'units', with a comma", f"write: units {', '.join(names)}"
    )


def conditions_apart(stuck: Stuck) -> Diagnostic | None:
    """`boundary psi(0) = 0 psi(1) = 0`"""
    if stuck.keyword != "boundary" or stuck.bracket or stuck.back() not in ("psi", "ψ"):
        return None
    if stuck.found == "(" and stuck.back(2).type == "INTEGER":
        return stuck.says(
            "conditions are separated by commas",
            f"write: {short(stuck.back(2))}, {stuck.back()}(…",
            at=stuck.span(stuck.back(2)).to(stuck.span(stuck.back())),
        )
    return None


def element_of(stuck: Stuck) -> Diagnostic | None:
    """`{ 0 if x in [0, 1]; 5 otherwise }`"""
    if stuck.found.type != "IN" or stuck.bracket != "{" or stuck.keyword == "train":
        return None
    x = short(stuck.back())
    interval = stuck.tokens[stuck.index + 1 : stuck.index + 6]
    simple = [token.type for token in interval] == ["LSQB", "INTEGER", "COMMA", "INTEGER", "RSQB"]
    low, high = (short(interval[1]), short(interval[3])) if simple else ("0", "1")
    return stuck.says(
        "'in' does not compare", f"{'write' if simple else 'for example'}: {low} <= {x} <= {high}"
    )


def half_comparison(stuck: Stuck) -> Diagnostic | None:
    """`0 < x and < 1`"""
    if stuck.found.type == "COMPARE" and stuck.back().type in ("AND", "OR"):
        return stuck.says(
            f"behind {quoted(stuck.back())} stands a whole comparison",
            "for example: 0 < x and x < 1, or: 0 < x < 1",
        )
    return None


def like_a_call(stuck: Stuck) -> Diagnostic | None:
    """`find(states 0..4)`, `boundary: psi(0) = 0`, `potential: V(x) = 0`"""
    if stuck.index == 1 and stuck.found.type == "COLON" and stuck.keyword:
        return stuck.says(f"no colon stands after {quoted(stuck.keyword)}", "take the ':' out")
    return None


HABITS = (
    decimal_comma,
    conditional,
    equal_conditions,
    conditions_apart,
    grid_of_points,
    range_with_colons,
    sweep_in_words,
    unbracketed_domain,
    units_apart,
    element_of,
    half_comparison,
    double_quote,
    like_a_call,
)
"""Asked before all else: they are narrow, and show the whole corrected text."""
