"""Finds `qw.lark` and builds the parser from it, once and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from lark import Lark, Token
from lark.common import LexerConf
from lark.lark import PostLex
from lark.lexer import BasicLexer, Lexer


def grammar_text() -> str:
    """The text of the grammar: from the installed package, or from the source tree around it."""
    packaged = files("qdsl").joinpath("grammar", "qw.lark")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return Path(__file__).parents[2].joinpath("grammar", "qw.lark").read_text(encoding="utf-8")


@cache
def lark_parser() -> Lark:
    """The LALR(1) parser for whole files (`file`) and for the values of parameters (`expression`)."""
    return _build(_ProvenLexer)


def strict_parser() -> Lark:
    """A parser whose building proves that no two rules and no two terminals collide.

    It takes several times as long, and needs the package interegular: a test does it.
    """
    return _build("basic", strict=True)


def _build(lexer: type[Lexer] | Literal["basic"], strict: bool = False) -> Lark:
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer=lexer,
        start=["file", "expression"],
        postlex=_KeepMistakes(),
        propagate_positions=True,
        strict=strict,
    )


class _ProvenLexer(BasicLexer):
    """lark's lexer without the checks of the terminals, which `strict_parser` does better."""

    __future_interface__ = True  # lark's word for a lexer that is handed the parser's state

    def __init__(self, conf: LexerConf) -> None:
        conf.skip_validation = True
        super().__init__(conf)


class _KeepMistakes(PostLex):
    """Keeps the terminals that no rule uses; the layout pass wants them and runs on its own."""

    always_accept = ("UNCLOSED", "STRAY")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream
