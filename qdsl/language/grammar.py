"""Finds `qw.lark`, and makes the parser from it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lark import Lark, Token
from lark.lark import PostLex

from qdsl.language import tables

STARTS = ["file", "expression"]
"""What a text may be: a whole file, or the value of a parameter."""


def grammar_text() -> str:
    """The text of the grammar: from the installed package, or from the source tree around it."""
    return _beside("qw.lark").read_text(encoding="utf-8")


def _beside(name: str) -> Traversable:
    packaged = files("qdsl").joinpath("grammar", name)
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "grammar" / name


@cache
def lark_parser() -> Lark:
    """The LALR(1) parser: from the shipped tables, or computed where those are not of this grammar."""
    shipped, grammar = _beside(tables.NAME), grammar_text()
    loaded = None
    if shipped.is_file():
        loaded = tables.load(shipped.read_text(encoding="utf-8"), grammar, _KeepMistakes())
    return loaded or compute_parser()


def compute_parser(strict: bool = False) -> Lark:
    """The parser computed from the grammar.

    `strict` also proves that no two rules and no two terminals collide, which takes several times as
    long and needs the package interegular: a test does it.
    """
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=STARTS,
        postlex=_KeepMistakes(),
        propagate_positions=True,
        strict=strict,
    )


class _KeepMistakes(PostLex):
    """Keeps the terminals that no rule uses; the layout pass wants them and runs on its own."""

    always_accept = ("UNCLOSED", "STRAY")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream
