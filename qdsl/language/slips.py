"""What to say about slips of the pen: stray characters, quotes and brackets without a partner, limits."""

from __future__ import annotations

import unicodedata

from lark import Token

from qdsl.errors import Diagnostic, Source, Span

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


def stray(source: Source, token: Token) -> Diagnostic:
    """A character that belongs to nothing, or a quote that nothing closes."""
    span = token_span(source, token)
    if token.type == "UNCLOSED":
        text = token.rstrip()
        return Diagnostic(
            "this text has no closing quote",
            source.span(span.start, span.start + len(text)),
            'a text stands between two double quotes on one line: "…"',
        )
    hint = _INSTEAD.get(token, "")
    return Diagnostic(f"{_character(token)} has no meaning here", span, hint)


def _character(char: str) -> str:
    if char.isprintable():
        return f"'{char}'"
    name = unicodedata.name(char, "")
    return f"the invisible character U+{ord(char):04X}" + (f" ({name.lower()})" if name else "")


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


def unclosed(source: Source, opening: Token) -> Diagnostic:
    partner = {"(": ")", "[": "]", "{": "}", "|": "|"}[opening]
    return Diagnostic(
        f"this '{opening}' is never closed", token_span(source, opening), f"add the matching '{partner}'"
    )


def unopened(source: Source, closing: Token) -> Diagnostic:
    partner = {")": "(", "]": "[", "}": "{"}[closing]
    return Diagnostic(
        f"this '{closing}' closes nothing",
        token_span(source, closing),
        f"remove it, or add the '{partner}' that it belongs to",
    )
