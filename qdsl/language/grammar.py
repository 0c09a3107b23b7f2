"""Finds `qw.lark` and builds the parser from it, once and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from lark import Lark, Token
from lark.lark import PostLex


def grammar_text() -> str:
    """The text of the grammar: from the installed package, or from the source tree around it."""
    packaged = files("qdsl").joinpath("grammar", "qw.lark")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return Path(__file__).parents[2].joinpath("grammar", "qw.lark").read_text(encoding="utf-8")


@cache
def lark_parser() -> Lark:
    """The LALR(1) parser for whole files (`file`) and for the values of parameters (`expression`)."""
    return build()


def build(strict: bool = False) -> Lark:
    """A new parser; `strict` also proves that no two terminals match the same text (a test does)."""
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=["file", "expression"],
        postlex=_KeepMistakes(),
        propagate_positions=True,
        strict=strict,
    )


class _KeepMistakes(PostLex):
    """Keeps the terminals that no rule uses; the layout pass wants them and runs on its own."""

    always_accept = ("UNCLOSED", "STRAY")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream
