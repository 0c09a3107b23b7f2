"""What to say about slips of the pen: stray characters, quotes and brackets without a partner, limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from lark import Token

from qdsl.errors import Diagnostic, Source, Span
from qdsl.language.words import TEXTS

_CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|"}
_INSTEAD = {
    ".": "a range is written 0..4, a number needs a digit on both sides of its point: 1.0",
    "&": "write 'and'",
    "!": "write 'not', or '!=' for unequal",
    "×": "write '*'",
    "÷": "write '/'",
    "√": "write sqrt(…)",
    "–": "write '-'",
    "—": "write '-'",
    "“": 'write a straight quote: "',
    "”": 'write a straight quote: "',
    "„": 'write a straight quote: "',
    "«": 'write a straight quote: "',
    "’": "a derivative is written with a straight quote: psi'",
    "‘": "a derivative is written with a straight quote: psi'",
    "`": "a derivative is written with a straight quote: psi'",
    "\\": "a formula goes on in the next line when it stands in ( )",
    "%": "a comment begins with '#'",
    "½": "write 1/2",
    "¼": "write 1/4",
    "¾": "write 3/4",
}


def token_span(source: Source, token: Token) -> Span:
    """Where a token stands; lark's own tokens always know, but its types say that they may not."""
    start = token.start_pos or 0
    return source.span(start, token.end_pos if token.end_pos is not None else start + len(token))


def stray(source: Source, token: Token, before: Sequence[Token]) -> Diagnostic:
    """A character that belongs to nothing, or a quote that nothing closes; `before` it in the statement."""
    span = token_span(source, token)
    if token.type == "UNCLOSED":
        text = token.rstrip()
        return Diagnostic(
            "this text has no closing quote",
            source.span(span.start, span.start + len(text)),
            'a text stands between two double quotes on one line: "…"',
        )
    hint = _INSTEAD.get(token, "")
    if before and before[0].type in TEXTS and "quote" not in hint:
        what = TEXTS[before[0].type]
        first = token_span(source, before[1]) if len(before) > 1 else span
        return Diagnostic(f"{what} stands between double quotes", first.to(span), f'write: {before[0]} "…"')
    return Diagnostic(f"{_character(token)} has no meaning here", span, hint)


def _character(char: str) -> str:
    if char.isprintable() and not unicodedata.combining(char):
        return f"'{char}'"
    name = unicodedata.name(char, "")
    return f"the character U+{ord(char):04X}" + (f" ({name.lower()})" if name else "")


def long_number(source: Source, token: Token, limit: int) -> Diagnostic:
    return Diagnostic(
        f"this number has {len(token)} characters, more than the {limit} that are allowed",
        token_span(source, token),
        "write it with an exponent: 1e400",
    )


def deep(source: Source, token: Token, limit: int) -> Diagnostic:
    return Diagnostic(
        f"brackets are nested more than {limit} deep",
        token_span(source, token),
        "name a part of the formula with 'define'",
    )


def semicolon(source: Source, token: Token) -> Diagnostic:
    return Diagnostic(
        "';' separates entries inside { } only",
        token_span(source, token),
        "begin a new line for a new statement",
    )


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
