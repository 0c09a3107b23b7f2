"""Every wrong file about includes, tables and the library gives exactly the text in its .expected file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.errors import QdslError
from qdsl.reading import read

FOLDER = Path(__file__).resolve().parent.parent / "errors"
FILES = sorted(path for kind in ("include", "table", "library") for path in FOLDER.glob(f"{kind}_*.qw"))


def test_there_are_some():
    assert len(FILES) >= 28


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(FOLDER)
    monkeypatch.delenv("QDSL_PATH", raising=False)
    with pytest.raises(QdslError) as caught:
        read(path.name)
    assert str(caught.value) + "\n" == path.with_suffix(".expected").read_text(encoding="utf-8")
    assert all(d.span is not None for d in caught.value.diagnostics)
