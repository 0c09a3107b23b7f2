"""Between the terminals and the rules: newlines, keywords, bars and brackets.

The lexer knows nothing of context.  This pass turns its tokens into statements, one list of tokens
each, and does what a context-free grammar cannot: newlines inside ( ) and [ ] vanish, the word that
opens a statement is a keyword and the same word elsewhere is a name, `|` is an opening or a closing bar.

It also finds the mistakes that would make the parser stumble far behind the true place: brackets that
do not match, a text without its closing quote, characters that mean nothing.  A statement with such a
mistake is reported and left out; the next line that looks like the beginning of a statement begins one,
so that a bracket left open does not swallow the rest of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lark import Token

from qdsl.errors import MOST_SHOWN, Diagnostic, Findings, Source
from qdsl.language import slips
from qdsl.language.words import (
    CLOSING,
    FIND_TYPES,
    OPENING,
    OPERAND_END,
    OPERAND_START,
    STATEMENT_TYPES,
)

DEPTH_LIMIT = 100
DIGITS_LIMIT = 400
NAME_LIMIT = 200


@dataclass(frozen=True)
class Statements:
    """The statements of a file, each ended by a `_NEWLINE` token, and the tokens of those that are broken."""

    whole: list[list[Token]]
    broken: list[list[Token]]


def statements(source: Source, tokens: Sequence[Token], findings: Findings) -> Statements:
    """The statements of a file; broken ones are reported."""
    return _Layout(source, tokens, findings, statement_keywords=True).run()


def expression(source: Source, tokens: Sequence[Token], findings: Findings) -> list[Token]:
    """The tokens of a text that is one expression: no word is a statement's keyword."""
    lines = _Layout(source, tokens, findings, statement_keywords=False).run()
    return [token for line in lines.whole for token in line]


class _Layout:
    """One run over the tokens of a source."""

    def __init__(
        self, source: Source, tokens: Sequence[Token], findings: Findings, statement_keywords: bool
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.findings = findings
        self.statement_keywords = statement_keywords
        self.done = Statements([], [])
        self.current: list[Token] = []
        self.open: list[int] = []  # indices of the brackets and bars that wait for their partner
        self.broken = False
        self.ended_by_semicolon = False  # who ends one line like this ends all of them: it is said once

    def run(self) -> Statements:
        index = 0
        while index < len(self.tokens) and len(self.findings.diagnostics) <= MOST_SHOWN:
            if self.open and self._begins_statement(index):
                self._unclosed(self.open[-1])
                self._end_statement()
            index = self._take(index)
            if index == len(self.tokens) and self.open:
                index = self._give_up(self.open[-1])
        self._end_statement()
        return self.done

    def _take(self, index: int) -> int:
        """Adds one token to the statement; the index at which to go on."""
        token = self.tokens[index]
        kind = token.type
        if kind == "_NEWLINE":
            self._newline(index)
        elif kind == "_OPEN_BAR":
            self._bar(index)
        elif kind in OPENING:
            self._opening(index)
        elif kind in CLOSING:
            self._closing(index)
        elif kind in ("STRAY", "UNCLOSED"):
            self._mistake(slips.stray(self.source, token, self.current))
        else:
            if kind in ("INTEGER", "DECIMAL") and len(token) > DIGITS_LIMIT:
                self._mistake(slips.long_number(self.source, token, DIGITS_LIMIT))
            elif kind == "NAME" and len(token) > NAME_LIMIT:
                self._mistake(slips.long_name(self.source, token, NAME_LIMIT))
            self.current.append(self._word(token))
        if len(self.open) > DEPTH_LIMIT:
            self._mistake(slips.deep(self.source, token, DEPTH_LIMIT))
            return self._give_up(self.open[0])
        return index + 1

    # Words ---------------------------------------------------------------------------------------------

    def _word(self, token: Token) -> Token:
        """The token, as a plain name where its word is no keyword."""
        if token.type in STATEMENT_TYPES:
            keyword = self.statement_keywords and not self.current
        elif token.type in FIND_TYPES:
            keyword = bool(self.current) and self.current[-1].type in FIND_TYPES[token.type]
        else:
            return token
        return token if keyword else token.update(type="NAME")

    def _begins_line(self, index: int) -> bool:
        return index == 0 or self.tokens[index - 1] == "\n"

    def _begins_statement(self, index: int) -> bool:
        """Whether a keyword at the beginning of a line is followed by what never follows a name."""
        if not (self._statement_word(index) and index + 1 < len(self.tokens)):
            return False
        if self.broken:  # nothing is lost: what stands here is the better guess
            return True
        follower = self.tokens[index + 1].type
        return (
            follower in OPERAND_START - {"LPAR", "LSQB", "_OPEN_BAR"}
            or follower in STATEMENT_TYPES
            or follower in FIND_TYPES
        )

    def _statement_word(self, index: int) -> bool:
        return (
            self.statement_keywords
            and self.tokens[index].type in STATEMENT_TYPES
            and self._begins_line(index)
        )

    # Newlines ------------------------------------------------------------------------------------------

    def _newline(self, index: int) -> None:
        token = self.tokens[index]
        around = next((self.tokens[i].type for i in reversed(self.open) if self.tokens[i] != "|"), None)
        if around in ("LPAR", "LSQB"):
            if token == ";":
                self.current.append(token)
            return
        while self.open and self.tokens[self.open[-1]] == "|":
            self._unclosed(self.open.pop())
        if around == "LBRACE":
            # Behind an opening brace, a comma or another newline, a newline separates nothing.
            if self.current[-1].type not in ("LBRACE", "COMMA", "_NEWLINE"):
                self.current.append(token)
        else:
            if index and self.tokens[index - 1] == "\\":
                return  # a line that goes on, elsewhere; reported already
            if token == ";" and not self.broken:  # the statement itself is whole
                following = self.tokens[index + 1 : index + 2]
                mistake, is_comma = slips.semicolon(self.source, token, self.current, following)
                if is_comma or following not in ([], ["\n"]) or not self.ended_by_semicolon:
                    self.findings.diagnostics.append(mistake)
                self.ended_by_semicolon = self.ended_by_semicolon or not is_comma
                if is_comma:
                    self.current.append(token.update(type="COMMA"))
                    return
            self._end_statement()

    def _end_statement(self) -> None:
        if self.current and self.broken:
            self.done.broken.append(self.current)
        elif self.current:
            last = self.current[-1]
            end = Token("_NEWLINE", "", last.end_pos, end_pos=last.end_pos)
            self.done.whole.append([*self.current, end])
        self.current = []
        self.open = []
        self.broken = False

    # Brackets ------------------------------------------------------------------------------------------

    def _bar(self, index: int) -> None:
        token = self.tokens[index]
        operand_before = bool(self.current) and self.current[-1].type in OPERAND_END
        if operand_before and self.open and self.tokens[self.open[-1]].type == "_OPEN_BAR":
            self.open.pop()
            self.current.append(token.update(type="_CLOSE_BAR"))
        else:
            if operand_before and self.tokens[index + 1 : index + 2] == ["|"]:
                self._mistake(slips.double_bar(self.source, token))
            self.open.append(index)
            self.current.append(token)

    def _opening(self, index: int) -> None:
        self.open.append(index)
        self.current.append(self.tokens[index])

    def _closing(self, index: int) -> None:
        token = self.tokens[index]
        if token == "}" and self.current and self.current[-1].type == "_NEWLINE":
            self.current.pop()
        self.current.append(token)
        if any(self._partners(opening, token) for opening in self.open):
            while not self._partners(self.open[-1], token):
                self._unclosed(self.open.pop())
            self.open.pop()
        else:
            opening = self.tokens[self.open[-1]] if self.open else None
            self._mistake(slips.unopened(self.source, token, opening))

    def _partners(self, index: int, closing: Token) -> bool:
        opening = self.tokens[index]
        # The brackets of an interval need not match: `in [0, inf)`.
        interval = index > 0 and self.tokens[index - 1].type == "IN" and opening in "[(" and closing in "])"
        return interval or opening.type == CLOSING[closing.type]

    # Mistakes ------------------------------------------------------------------------------------------

    def _mistake(self, mistake: Diagnostic) -> None:
        """Reports a mistake, unless one was already found in this statement."""
        if not self.broken:
            self.findings.diagnostics.append(mistake)
        self.broken = True

    def _unclosed(self, index: int) -> None:
        self._mistake(slips.unclosed(self.source, self.tokens[index]))

    def _give_up(self, index: int) -> int:
        """Leaves the statement whose bracket `index` finds no end; where the next one may begin."""
        self._unclosed(index)
        self._end_statement()
        while index < len(self.tokens) and not self._statement_word(index):
            index += 1
        return index
