"""The grammar itself: no collisions, and the same words in it as in `words`."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.language import grammar
from qdsl.language.words import FIND_TYPES, RESERVED_TYPES, STATEMENT_TYPES


def test_strict_lalr_build_has_no_collisions() -> None:
    pytest.importorskip("interegular")
    assert grammar.compute_parser(strict=True).rules


def test_words_are_the_words_of_the_grammar() -> None:
    words = {
        terminal.name
        for terminal in grammar.lark_parser().terminals
        if terminal.pattern.type == "str" and terminal.pattern.value.isidentifier()
    }
    assert words == STATEMENT_TYPES | RESERVED_TYPES | set(FIND_TYPES)


def test_the_text_is_the_file_at_the_top_of_the_repository(root: Path) -> None:
    assert grammar.grammar_text() == (root / "grammar" / "qw.lark").read_text(encoding="utf-8")


def test_the_parser_is_built_once() -> None:
    assert grammar.lark_parser() is grammar.lark_parser()
