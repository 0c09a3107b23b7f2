"""Where the parser stopped and what it could have gone on with: the material of every explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lark import Token

from qdsl.errors import Diagnostic, Source, Span
from qdsl.language.slips import token_span
from qdsl.language.words import CLOSING, OPENING, OPERAND_START, RESERVED_TYPES, STATEMENT_TYPES


@dataclass(frozen=True)
class Stuck:
    """The tokens of one statement, the index of the one that does not fit, and the terminals that would."""

    source: Source
    tokens: Sequence[Token]
    index: int
    expected: frozenset[str]

    @property
    def found(self) -> Token:
        return self.tokens[self.index]

    @property
    def keyword(self) -> str:
        """The word that began the statement, or nothing."""
        first = self.tokens[0]
        return str(first) if first.type in STATEMENT_TYPES else ""

    def back(self, steps: int = 1) -> Token:
        """A token before the one that does not fit; an empty one before the first."""
        return self.tokens[self.index - steps] if steps <= self.index else Token("", "")

    @property
    def at_end(self) -> bool:
        return self.found.type in ("_NEWLINE", "$END") and self.found != ";"

    @property
    def wants_value(self) -> bool:
        """Whether an expression may begin here."""
        return "INTEGER" in self.expected

    @property
    def begins_value(self) -> bool:
        """Whether what stands here could begin an expression."""
        return self.found.type in OPERAND_START or self.found.type == "SIGN"

    @property
    def wants_operator(self) -> bool:
        """Whether an expression may end or go on here."""
        return "TIMES" in self.expected

    @property
    def wants_name(self) -> bool:
        """Whether a name and no other expression belongs here."""
        return "NAME" in self.expected and not (self.wants_value or self.wants_operator)

    @cached_property
    def open_brackets(self) -> tuple[int, ...]:
        """The indices of the brackets that are open where the parser stopped, the innermost last."""
        waiting: list[int] = []
        for index, token in enumerate(self.tokens[: self.index]):
            if token.type in OPENING:
                waiting.append(index)
            elif token.type in CLOSING:
                waiting.pop()
        return tuple(waiting)

    @property
    def bracket(self) -> str:
        """The innermost open bracket, or nothing."""
        return str(self.tokens[self.open_brackets[-1]]) if self.open_brackets else ""

    @property
    def in_interval(self) -> bool:
        return bool(self.open_brackets) and self.tokens[self.open_brackets[-1] - 1].type == "IN"

    def entry(self) -> Sequence[Token]:
        """The tokens of the entry of { } in which the parser stopped, up to that place."""
        begin = self.open_brackets[-1] + 1
        for index in range(begin, self.index):
            if self.tokens[index].type == "_NEWLINE":
                begin = index + 1
        return self.tokens[begin : self.index]

    def after_equals(self) -> int:
        """The index of what stands behind the first '=' outside of brackets, 0 where there is none."""
        depth = 0
        for index, token in enumerate(self.tokens):
            depth += (token.type in OPENING) - (token.type in CLOSING)
            if token.type == "EQUAL" and depth == 0:
                return index + 1
        return 0

    def span(self, token: Token) -> Span:
        return token_span(self.source, token)

    def text(self, first: int, last: int, limit: int = 40) -> str:
        """What the file says from one token to another, or nothing if that is long."""
        text = self.span(self.tokens[first]).to(self.span(self.tokens[last])).text if first <= last else ""
        return text if len(text) <= limit and "\n" not in text else ""

    def says(self, message: str, hint: str = "", at: Token | Span | None = None) -> Diagnostic:
        """A diagnostic, at the token that does not fit unless told otherwise."""
        span = at if isinstance(at, Span) else self.span(self.found if at is None else at)
        return Diagnostic(message, span, hint)


def describe(token: Token) -> str:
    """A token in the user's words."""
    if token.type == "NAME":
        return f"the name {quoted(token)}"
    if token.type in ("INTEGER", "DECIMAL"):
        return f"the number {quoted(token)}"
    if token.type == "STRING":
        return f"the text {short(token)}"
    if token.type in RESERVED_TYPES or token.type in STATEMENT_TYPES:
        return f"the word {quoted(token)}"
    if token.type in ("_NEWLINE", "$END") and token != ";":
        return "the end of the line"
    return quoted(token)


def quoted(token: str) -> str:
    return f"'{short(token)}'"


def short(text: str, limit: int = 30) -> str:
    """At most the beginning of a text, for a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
