"""Text -> the same text, laid out: the tokens and comments stay, spaces, line ends and columns are set.

It works on tokens, not on the tree, so that spelling (`ψ`, `x²`), brackets and comments stay as they were
written, and whatever the grammar comes to hold is laid out too.  The rules:

- a line break stays where it was; the entries of `{ }` take a line each as soon as one of them does;
- what stands inside brackets is indented by two; blank lines stay, one at a time;
- in consecutive lines, the columns of `param` statements (value, interval, doc string), the `=` of a
  `train` block, the conditions of cases, and comments stand below each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from lark import Token

from qdsl.errors import Source
from qdsl.language.parser import parse, words_of
from qdsl.language.spacing import spaced
from qdsl.language.words import CLOSING, OPENING

LONG = 40
"""Cells longer than this do not move what stands beside them in other lines."""

WIDTH = 110
"""Comments that would reach further than this are not aligned."""

CUTS = {
    "param": ("EQUAL", "IN", "STRING"),
    "define": ("STRING",),
    "setting": ("EQUAL",),
    "case": ("IF", "OTHERWISE"),
}
"""The tokens with which the second, third … column of a line begins, by the kind of the line."""

GAPS = {"param": (" ", "  ", "  "), "define": ("  ",), "setting": (" ",), "case": ("  ",)}
"""What stands in front of these columns."""

_STATEMENTS = {"PARAM": "param", "DEFINE": "define"}


def format_text(source: Source) -> str:
    """The text of a file in its standard layout; formatting that again changes nothing.

    Raises LanguageError when the text does not parse: its layout may then be all that shows what is meant.
    """
    meant = parse(source)
    tokens = words_of(source)
    lines = _Lines(source, tokens).run()
    text = "".join(f"{line}\n" for line in _aligned(lines))
    if parse(Source(source.name, text)) != meant:
        raise RuntimeError("formatting would change the meaning of the file")
    return text


@dataclass
class _Line:
    """A line to be: its tokens, the comment behind them, and where it stands."""

    tokens: list[Token] = field(default_factory=list)
    comment: str = ""
    blank_before: bool = False
    depth: int = 0
    kind: str = ""  # of a complete entry, one of CUTS; else ""
    group: int = -1  # start of the brace that holds the line
    columns: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "  " * self.depth + "".join(self.columns)


@dataclass(frozen=True)
class _Open:
    """A bracket that waits for its partner."""

    token: Token
    line: int
    opener: str  # type of the token in front of it


class _Lines:
    """One run over the tokens of a source: which of them share a line, and how far it is indented."""

    def __init__(self, source: Source, tokens: Sequence[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.spread, self.weights = _braces(tokens)
        self.lines: list[_Line] = []
        self.line = _Line()
        self.open: list[_Open] = []
        self.outside: list[_Open] = []  # what is open where the line begins
        self.newlines = 0
        self.separator: Token | None = None

    def run(self) -> list[_Line]:
        end = 0
        for token in self.tokens:
            self._comment(end, token.start_pos or 0)
            end = token.end_pos or 0
            if token == "\n":
                self._break()
                self.newlines += 1
            elif token.type == "_NEWLINE":
                self._semicolon(token)
            else:
                self._take(token)
        self._comment(end, len(self.source.text))
        self._break()
        return self.lines

    def _comment(self, start: int, end: int) -> None:
        comment = self.source.text[start:end].strip()
        if comment:
            self.line.comment = comment
            self._note_blank()

    def _take(self, token: Token) -> None:
        inner = self.open[-1].token if self.open else None
        if token.type == "RBRACE" and inner is not None and inner.start_pos in self.spread:
            self._break()
        if self.separator is not None and token.type != "RBRACE":
            self.line.tokens.append(self.separator)
        self.separator = None
        self._note_blank(closing=token.type in CLOSING)
        if token.type in CLOSING:
            self.open.pop()
        self.line.tokens.append(token)
        if token.type in OPENING:
            opener = self.line.tokens[-2].type if len(self.line.tokens) > 1 else ""
            self.open.append(_Open(token, len(self.lines), opener))
            if token.start_pos in self.spread:
                self._break()

    def _note_blank(self, closing: bool = False) -> None:
        """A line that begins remembers an empty line in front of it."""
        if self.newlines > 1 and self.lines and not closing:
            after_opening = bool(self.open) and self.open[-1].line == len(self.lines) - 1
            inside = bool(self.open) and self.open[-1].token.type != "LBRACE"
            self.line.blank_before = not (after_opening or inside)
        self.newlines = 0

    def _semicolon(self, token: Token) -> None:
        """Between entries: a line end where they take lines, a `;` where they share one."""
        if self.open[-1].token.start_pos in self.spread:
            self._break()
        elif self.line.tokens and self.line.tokens[-1].type not in ("LBRACE", "COMMA"):
            self.separator = token.update(type="SEMICOLON")

    def _break(self) -> None:
        line = self.line
        if not (line.tokens or line.comment):
            return
        remaining = list(self.outside)
        for token in line.tokens:
            if token.type not in CLOSING:
                break
            remaining.pop()
        line.depth = len({opening.line for opening in remaining})
        holder = self.outside[-1] if self.outside else None
        line.group = -1 if holder is None else holder.token.start_pos or 0
        line.kind = self._kind(holder)
        line.columns = tuple(self._columns(line))
        self.lines.append(line)
        self.line = _Line()
        self.outside = list(self.open)

    def _kind(self, holder: _Open | None) -> str:
        tokens = self.line.tokens
        if not tokens or self.open != self.outside:
            return ""
        if holder is None:
            return _STATEMENTS.get(tokens[0].type, "")
        if holder.token.type != "LBRACE" or holder.token.start_pos in self.weights:
            return ""
        return "setting" if holder.opener == "TRAIN" else "case"

    def _columns(self, line: _Line) -> Iterator[str]:
        """The texts of the columns of a line, cut where the kind of the line wants it."""
        cuts = CUTS.get(line.kind, ())
        places = _places(line.tokens, cuts)
        wanted = [places.get(cut) for cut in cuts]
        if line.kind == "case":  # `if` or `otherwise`
            wanted = [min(places.values())]
        starts = [0, *wanted]
        for column, start in enumerate(starts):
            following = (stop for stop in starts[column + 1 :] if stop is not None)
            tokens = [] if start is None else line.tokens[start : next(following, len(line.tokens))]
            yield spaced(tokens, self.weights)


def _places(tokens: Sequence[Token], types: Sequence[str]) -> dict[str, int]:
    """Where the first token of each type stands outside of all brackets."""
    places: dict[str, int] = {}
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.type in OPENING) - (token.type in CLOSING)
        if depth == 0 and token.type in types:
            places.setdefault(token.type, index)
    return places


def _braces(tokens: Sequence[Token]) -> tuple[set[int], frozenset[int]]:
    """Starts of the braces whose entries take a line each; both sides of those that hold weights."""
    spread: set[int] = set()
    weights: set[int] = set()
    open_: list[Token] = []
    for index, token in enumerate(tokens):
        if token == "\n" and open_ and open_[-1].type == "LBRACE":
            spread.add(open_[-1].start_pos or 0)
        elif token.type in OPENING:
            open_.append(token)
            following = [t.type for t in tokens[index + 1 : index + 12] if t.type != "_NEWLINE"]
            if token.type == "LBRACE" and following[1:2] == ["COLON"]:
                weights.add(token.start_pos or 0)
        elif token.type in CLOSING:
            opening = open_.pop()
            if opening.start_pos in weights:
                weights.add(token.end_pos or 0)
    return spread, frozenset(weights)


# Columns ---------------------------------------------------------------------------------------------


def _aligned(lines: Sequence[_Line]) -> Iterator[str]:
    """The texts of the lines, with blank lines, columns and comments in their places."""
    for run in _runs(lines, lambda line: (line.kind, line.group) if line.kind else None):
        _align_columns(run)
    for run in _runs(lines, lambda line: True if line.comment and line.tokens else None):
        column = max(len(line.text) for line in run)
        if column + max(len(line.comment) for line in run) > WIDTH:
            column = 0
        for line in run:
            line.columns = (line.text.strip().ljust(column - 2 * line.depth), "  ")
    for line in lines:
        if line.blank_before:
            yield ""
        yield (line.text + line.comment).rstrip()


def _runs(lines: Sequence[_Line], key: Callable[[_Line], object]) -> Iterator[list[_Line]]:
    """Consecutive lines with the same key; None is no key, and a blank line ends a run."""
    number = 0
    numbered = []
    for line in lines:
        number += line.blank_before
        numbered.append((number, key(line), line))
    for (_, found), group in groupby(numbered, lambda item: item[:2]):
        if found is not None:
            yield [line for _, _, line in group]


def _align_columns(run: Sequence[_Line]) -> None:
    """Joins the columns of the lines, those of one kind below each other."""
    gaps = ("", *GAPS[run[0].kind])
    widths = [
        max((len(cell) for cell in cells if len(cell) <= LONG), default=0)
        for cells in zip(*(line.columns for line in run), strict=True)
    ]
    for line in run:
        text, column = "", 0
        for gap, cell, width in zip(gaps, line.columns, widths, strict=True):
            if cell:
                text = text.ljust(column + len(gap)) if len(text) <= column else text + gap
                text += cell
            column += len(gap) + width if width else 0
        line.columns = (text,)
