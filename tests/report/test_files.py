"""Files appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from qdsl.errors import UsageError
from qdsl.report import files


def test_files_are_replaced_in_one_step(tmp_path, monkeypatch):
    target = tmp_path / "out.svg"
    target.write_bytes(b"old")
    files.write_file(target, b"new")
    assert target.read_bytes() == b"new"

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UsageError, match=r"cannot write '.*out.svg': no space left on device"):
        files.write_file(target, b"half")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["out.svg"]


@pytest.mark.skipif(os.name == "nt", reason="rights are different there")
def test_new_files_have_ordinary_rights(tmp_path):
    ordinary, target = tmp_path / "ordinary", tmp_path / "out.png"
    ordinary.write_bytes(b"")
    files.write_file(target, b"")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
