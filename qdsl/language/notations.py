"""Formulas, conditions and lists in the notation of textbooks and of other languages."""

from __future__ import annotations

import re
from itertools import pairwise

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck, quoted, short
from qdsl.language.words import OPERAND_END

_CASES = ("Piecewise", "piecewise", "cases", "Which", "Switch", "where", "ifelse", "iif")
_NUMBERS = ("INTEGER", "DECIMAL")
_LONG_UNITS = ("hartree", "rydberg", "angstrom", "Angstrom", "meter", "kelvin", "electronvolt")


def cases_as_function(stuck: Stuck) -> Diagnostic | None:
    """`Piecewise[{{0, Abs[x] < 1}}, V0]`, `where(x < 1 ? …)`"""
    called = [
        name
        for name, bracket in pairwise(stuck.tokens[: stuck.index])
        if name.type == "NAME" and name in _CASES and bracket in ("[", "(")
    ]
    if not called:
        return None
    return stuck.says(
        f"cases are written in braces, not with '{called[0]}'",
        "write: { 0 if |x| < 1; 20 otherwise }",
        at=called[0],
    )


def unit_in_brackets(stuck: Stuck) -> Diagnostic | None:
    """`param L = 10 [nm]`"""
    inside = [token.type for token in stuck.tokens[stuck.index + 1 : stuck.index + 3]]
    if stuck.found != "[" or stuck.back().type not in _NUMBERS or inside != ["NAME", "RSQB"]:
        return None
    unit = stuck.tokens[stuck.index + 1]
    return stuck.says(
        "a unit stands without brackets",
        f"write: {short(stuck.back())} {short(unit)}",
        at=stuck.span(stuck.found).to(stuck.span(stuck.tokens[stuck.index + 2])),
    )


def braces_that_group(stuck: Stuck) -> Diagnostic | None:
    """`x^{2}`, `2*{a + b}`"""
    if stuck.found != "}" or stuck.bracket != "{" or "IF" not in stuck.expected:
        return None
    opening = stuck.open_brackets[-1]
    before = stuck.tokens[opening - 1]
    following = stuck.tokens[stuck.index + 1].type
    grouping = before.type in ("POWER", "TIMES", "SIGN") or before.type in OPERAND_END
    if not (grouping or following in ("TIMES", "POWER")) or len(stuck.entry()) < stuck.index - opening - 1:
        return None
    inside = stuck.text(opening + 1, stuck.index - 1) or "…"
    meant = inside if before.type == "POWER" and inside.isalnum() else f"({inside})"
    return stuck.says(
        "braces hold cases; what belongs together stands in round brackets",
        f"write: {before if before.type == 'POWER' else ''}{meant}",
        at=stuck.span(stuck.tokens[opening]).to(stuck.span(stuck.found)),
    )


def arrow(stuck: Stuck) -> Diagnostic | None:
    """`boundary psi(x -> inf) = 0`, `Piecewise` of Julia and lambda functions `x -> x^2`"""
    before = stuck.back()
    if stuck.found != ">" or before.type != "SIGN" or before.end_pos != stuck.found.start_pos:
        return None
    place = short(stuck.tokens[stuck.index + 1])
    sign = stuck.tokens[stuck.index + 1].type == "SIGN"
    place += short(stuck.tokens[stuck.index + 2]) if sign else ""
    psi = stuck.keyword == "boundary" and stuck.bracket == "("
    hint = f"write the place alone: psi({place})" if psi else "a function is written: define f(x) = x^2"
    return stuck.says("'->' has no meaning here", hint, at=stuck.span(before).to(stuck.span(stuck.found)))


def place_of_psi(stuck: Stuck) -> Diagnostic | None:
    """`boundary psi 0 = 0`, `boundary psi = 0 at 0`"""
    if stuck.keyword != "boundary" or stuck.bracket or stuck.found.type not in ("NAME", *_NUMBERS, "SIGN"):
        return None
    before, found = stuck.back(), stuck.found
    psi = next((t for t in reversed(stuck.tokens[: stuck.index]) if t in ("psi", "ψ")), None)
    if psi is None:
        return None
    prime = "'" if any(t.type == "PRIME" for t in stuck.tokens[: stuck.index]) else ""
    message = "the place stands in brackets behind psi"
    if before == "at":
        value = stuck.back(2) if stuck.back(2).type in _NUMBERS else "0"
        return stuck.says(message, f"write: psi{prime}({short(found)}) = {value}", at=before)
    if (before == psi or before.type == "PRIME") and found.type != "SIGN":
        return stuck.says(message, f"write: psi{prime}({short(found)})", at=found)
    return None


def times_ten(stuck: Stuck) -> Diagnostic | None:
    """`1.6x10^-19 J`"""
    words = stuck.tokens[: stuck.index]
    for number, ten in pairwise(words):
        if number.type in _NUMBERS and ten.type == "NAME" and re.fullmatch("[xX]10", ten):
            exponent = "".join(t for t in stuck.tokens[words.index(ten) + 2 : stuck.index] if t not in "()")
            return stuck.says(
                "a power of ten is part of the number",
                f"write: {short(number)}e{exponent[:10]}",
                at=stuck.span(number).to(stuck.span(stuck.back())),
            )
    return None


def words_behind_a_value(stuck: Stuck) -> Diagnostic | None:
    """`param k = 1 spring constant`, `param k = 1 'spring constant'`"""
    if stuck.keyword not in ("param", "define") or stuck.bracket or not stuck.wants_operator:
        return None
    begin, before = stuck.index, stuck.back()
    unit = before.type == "NAME" and stuck.back(2).type in _NUMBERS
    if stuck.found.type == "NAME" and unit:
        begin -= len(before) > 4 and before not in _LONG_UNITS
    elif stuck.found.type != "PRIME" or not (unit or before.type in _NUMBERS):
        return None
    words = stuck.tokens[begin:-1]
    if any(word.type not in ("NAME", "PRIME", "OF", "IN", "COMMA", "AND") for word in words):
        return None
    said = stuck.text(begin, len(stuck.tokens) - 2).strip("'’") or "…"
    return stuck.says(
        "a description stands between double quotes",
        f'write: "{said}"',
        at=stuck.span(words[0]).to(stuck.span(words[-1])),
    )


def name_with_hyphen(stuck: Stuck) -> Diagnostic | None:
    """`param well-width = 3`"""
    if stuck.keyword not in ("param", "define", "sweep") or stuck.index != 2 or stuck.found.type != "SIGN":
        return None
    name, rest = stuck.back(), stuck.tokens[3]
    if rest.type not in ("NAME", "INTEGER") or stuck.tokens[4] not in ("=", "(", "-"):
        return None
    return stuck.says(
        "a name holds letters, digits and '_'",
        f"write: {short(name)}_{short(rest)}",
        at=stuck.span(name).to(stuck.span(rest)),
    )


def several_parameters(stuck: Stuck) -> Diagnostic | None:
    """`param a = 1, b = 2`"""
    if stuck.keyword != "param" or stuck.found != "," or stuck.bracket:
        return None
    rest = stuck.text(stuck.index + 1, len(stuck.tokens) - 2)
    hint = f"write on a line of its own: param {rest}" if "=" in rest else "begin a new line with 'param'"
    return stuck.says("every parameter has its own statement", hint)


def bra_and_ket(stuck: Stuck) -> Diagnostic | None:
    """`report <x^2>`, `report <0|x|1>`"""
    if stuck.found != "<" or stuck.keyword not in ("report", "expect") or not stuck.wants_value:
        return None
    end = next((i for i, t in enumerate(stuck.tokens) if t == ">" and i > stuck.index), stuck.index)
    parts = [part.strip() for part in stuck.text(stuck.index + 1, end - 1).split("|")]
    whole = stuck.span(stuck.found).to(stuck.span(stuck.tokens[end]))
    if len(parts) == 3 and all(parts):
        return stuck.says(
            "the element of an operator is written element(m, f, n)",
            f"write: element({', '.join(parts)})",
            at=whole,
        )
    return stuck.says(
        "an expectation value is written mean(f, n)", f"write: mean({parts[0] or 'x'}, 0)", at=whole
    )


def text_as_value(stuck: Stuck) -> Diagnostic | None:
    """`train { method = "gradient" }`, `potential V(x) = "x^2"`"""
    if stuck.found.type != "STRING" or not stuck.wants_value:
        return None
    if stuck.keyword == "report" and not stuck.bracket and stuck.index < len(stuck.tokens) - 2:
        return None  # a label in front of a quantity
    said = short(stuck.found.strip('"“”„«»')) or "…"
    what = "a setting" if stuck.keyword == "train" else "a formula"
    return stuck.says(f"{what} stands without quotes", f"write: {said}")


def colon_equals(stuck: Stuck) -> Diagnostic | None:
    """`define k(x) := x^2`"""
    following = stuck.tokens[stuck.index + 1 : stuck.index + 2]
    if stuck.found.type != "COLON" or "EQUAL" not in stuck.expected or following != ["="]:
        return None
    return stuck.says(
        "':=' is no sign of this language",
        "write '='",
        at=stuck.span(stuck.found).to(stuck.span(following[0])),
    )


def arguments_apart(stuck: Stuck) -> Diagnostic | None:
    """`define f(x a) = a*x`"""
    if stuck.keyword != "define" or stuck.bracket != "(" or len(stuck.open_brackets) > 1:
        return None
    if stuck.found.type == "NAME" and stuck.back().type == "NAME" and "COMMA" in stuck.expected:
        return stuck.says(
            f"a ',' is missing between {quoted(stuck.back())} and {quoted(stuck.found)}",
            f"write: {short(stuck.back())}, {short(stuck.found)}",
        )
    return None


NOTATIONS = (
    cases_as_function,
    unit_in_brackets,
    braces_that_group,
    arrow,
    place_of_psi,
    times_ten,
    words_behind_a_value,
    name_with_hyphen,
    several_parameters,
    bra_and_ket,
    text_as_value,
    colon_equals,
    arguments_apart,
)
"""Asked after the habits: each is one notation, and what is written here in its place."""
