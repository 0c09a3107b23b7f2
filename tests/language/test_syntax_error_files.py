"""The wrong files `tests/errors/syntax_*.qw` and what is said about each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.errors import LanguageError
from qdsl.language import parse, read_source

FILES = sorted(Path(__file__).parent.parent.joinpath("errors").glob("syntax_*.qw"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path: Path) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(read_source(path, name=path.name))
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_there_are_files() -> None:
    assert len(FILES) >= 14
