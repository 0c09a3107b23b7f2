"""What to say about slips of the pen: stray characters, quotes and brackets without a partner, limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lark import Token

from qdsl.errors import Diagnostic, Source, Span
from qdsl.language.signs import INVISIBLE, elsewhere
from qdsl.language.words import OPERAND_END, STATEMENT_TYPES, TEXTS

_CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|"}


def token_span(source: Source, token: Token) -> Span:
    """Where a token stands; lark's own tokens always know, but its types say that they may not."""
    start = token.start_pos or 0
    return source.span(start, token.end_pos if token.end_pos is not None else start + len(token))


def stray(source: Source, token: Token, before: Sequence[Token]) -> Diagnostic:
    """A character that belongs to nothing, or a quote that nothing closes; `before` it in the statement."""
    span = token_span(source, token)
    if token.type == "UNCLOSED":
        text = token.rstrip()
        driving = next((i for i, char in enumerate(text) if _drives(char)), None)
        if driving is not None:
            at = source.span(span.start + driving, span.start + driving + 1)
            return Diagnostic(f"a text cannot hold {_character(at.text)}", at, INVISIBLE)
        previous = before[-1] if before else None
        if previous is not None and previous.type in OPERAND_END and previous.end_pos == token.start_pos:
            return Diagnostic(
                "a second derivative is written with two single quotes",
                source.span(span.start, span.start + 1),
                f"write: {previous}''",
            )
        return Diagnostic(
            "this text has no closing quote",
            source.span(span.start, span.start + len(text)),
            'a text stands between two double quotes on one line: "…"',
        )
    if before and before[0].type in TEXTS:
        what = TEXTS[before[0].type]
        first = token_span(source, before[1]) if len(before) > 1 else span
        said = source.line(first.line)[first.column - 1 :].partition(" #")[0].strip()
        whole = source.span(first.start, first.start + len(said)) if said else first.to(span)
        said = said.strip("'‘’`<>“”„«» ").rstrip(";")
        meant = said if 0 < len(said) <= 60 and '"' not in said and said.isprintable() else "…"
        return Diagnostic(f"{what} stands between double quotes", whole, f'write: {before[0]} "{meant}"')
    start, end, hint = elsewhere(source.text, span.start, before)
    span = source.span(start, end)
    return Diagnostic(f"{_character(span.text)} has no meaning here", span, hint)


def _drives(char: str) -> bool:
    """Whether a character could drive a terminal."""
    return unicodedata.category(char) == "Cc" and char != "\t"


def _character(text: str) -> str:
    char = text[0]
    if char.isprintable() and not unicodedata.combining(char):
        return f"'{text if len(text) <= 30 else text[:29] + '…'}'"
    name = unicodedata.name(char, "")
    return f"the character U+{ord(char):04X}" + (f" ({name.lower()})" if name else "")


def long_number(source: Source, token: Token, limit: int) -> Diagnostic:
    return Diagnostic(
        f"this number has {len(token)} characters, more than the {limit} that are allowed",
        token_span(source, token),
        "write it with an exponent: 1e300",
    )


def long_name(source: Source, token: Token, limit: int) -> Diagnostic:
    return Diagnostic(
        f"this name has {len(token)} characters, more than the {limit} that are allowed",
        token_span(source, token),
        "a shorter one is easier to read",
    )


def deep(source: Source, token: Token, limit: int) -> Diagnostic:
    return Diagnostic(
        f"brackets are nested more than {limit} deep",
        token_span(source, token),
        "name a part of the formula with 'define'",
    )


LISTS = {"BOUNDARY": "conditions", "REPORT": "quantities", "UNITS": "units"}
"""Statements that are lists, with commas between what they list."""


def semicolon(
    source: Source, token: Token, before: Sequence[Token], following: Sequence[Token]
) -> tuple[Diagnostic, bool]:
    """A ';' outside of braces, between tokens of its line, and whether a comma is meant."""
    span = token_span(source, token)
    if not following or following[0] == "\n":
        hint = "take it out, here and at the end of other lines: a new line ends a statement"
    elif before and before[0].type in LISTS and following[0].type not in STATEMENT_TYPES:
        return Diagnostic(f"{LISTS[before[0].type]} are separated by commas", span, "write ','"), True
    else:
        hint = "begin a new line for a new statement"
    return Diagnostic("';' separates entries inside { } only", span, hint), False


def double_bar(source: Source, bar: Token) -> Diagnostic:
    span = token_span(source, bar)
    return Diagnostic("'||' is not an operator", source.span(span.start, span.end + 1), "write 'or'")


def unclosed(source: Source, opening: Token) -> Diagnostic:
    return Diagnostic(
        f"this '{opening}' is never closed",
        token_span(source, opening),
        f"add the matching '{_CLOSING[opening]}'",
    )


def unopened(source: Source, closing: Token, opening: Token | None) -> Diagnostic:
    """A closing bracket without its partner; `opening` is the bracket that waits to be closed instead."""
    if opening is not None:
        return Diagnostic(
            f"'{closing}' does not close '{opening}'",
            token_span(source, closing),
            f"write '{_CLOSING[opening]}'",
            notes=((f"this '{opening}' waits to be closed", token_span(source, opening)),),
        )
    partner = {")": "(", "]": "[", "}": "{"}[closing]
    return Diagnostic(
        f"this '{closing}' closes nothing",
        token_span(source, closing),
        f"remove it, or add the '{partner}' that it belongs to",
    )
