"""Every file tests/errors/meaning_*.qw gives exactly the text in its .expected file."""

from pathlib import Path

import pytest

from qdsl.errors import QdslError
from qdsl.language import read_source
from qdsl.reading import read

FOLDER = Path(__file__).resolve().parent.parent / "errors"
FILES = sorted(FOLDER.glob("meaning_*.qw"))


def test_there_are_some():
    assert len(FILES) >= 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path, monkeypatch):
    monkeypatch.chdir(FOLDER)
    with pytest.raises(QdslError) as caught:
        read(path.name)
    assert str(caught.value) == path.with_suffix(".expected").read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_speak_to_users(path):
    """No name of sympy, Python or the parser, and every mistake has a place."""
    text = path.with_suffix(".expected").read_text(encoding="utf-8")
    for word in ("Piecewise", "Abs(", "**", "StrictLess", "Traceback", "None", "Token", "Float", "zoo"):
        assert word not in text
    with pytest.raises(QdslError) as caught:
        read(path)
    assert all(d.span is not None for d in caught.value.diagnostics)
    assert read_source(path).text == caught.value.diagnostics[0].span.source.text
