"""Files that are named in a file: only regular files in its folder are read, and not too much of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from qdsl.errors import QdslError
from qdsl.reading import read

BOX = "domain x in [0, 1]\npotential V(x) = 0\n"
posix = pytest.mark.skipif(os.name != "posix", reason="devices, pipes and permissions of POSIX")


@pytest.fixture(autouse=True)
def no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QDSL_PATH", raising=False)


def message(folder: Path, text: str) -> str:
    place = folder / "input.qw"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(QdslError) as caught:
        read(place)
    found = caught.value.diagnostics[0]
    assert found.span is not None
    return found.message


def including(folder: Path, name: str) -> str:
    return message(folder, f'include "{name}"\n{BOX}')


def tabulated(folder: Path, name: str) -> str:
    return message(folder, BOX.replace("= 0", f'= table(x, "{name}")'))


@posix
@pytest.mark.parametrize("ending", ["qw", "csv"])
def test_only_regular_files_of_the_folder(ending: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / f"secret.{ending}").write_text("param a = 1\n", encoding="utf-8")
    (inner / f"link.{ending}").symlink_to(tmp_path / f"secret.{ending}")
    (inner / f"device.{ending}").symlink_to("/dev/zero")
    (inner / f"loop.{ending}").symlink_to(f"loop.{ending}")
    (inner / f"folder.{ending}").mkdir()
    os.mkfifo(inner / f"pipe.{ending}")
    ask = including if ending == "qw" else tabulated
    assert "is a link that leads out of its folder" in ask(inner, f"link.{ending}")
    assert "is a link that leads out of its folder" in ask(inner, f"device.{ending}")
    assert "cannot read" in ask(inner, f"loop.{ending}")
    assert "is a directory, not a file" in ask(inner, f"folder.{ending}")
    assert "is no regular file" in ask(inner, f"pipe.{ending}")
    assert "a path cannot lead out of the folder" in ask(inner, f"../secret.{ending}")
    assert "is relative to the folder of this one" in ask(inner, f"/etc/secret.{ending}")
    assert "has more than 255 characters" in ask(inner, "a/" * 3_000 + f"a.{ending}")
    assert "cannot be printed" in ask(inner, f"\u202e.{ending}")


@posix
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.qw").write_text("param a = 1\n", encoding="utf-8")
    (tmp_path / "secret.qw").chmod(0)
    assert "cannot read" in including(tmp_path, "secret.qw")


def test_included_files_that_are_no_text_or_too_long(tmp_path: Path) -> None:
    (tmp_path / "binary.qw").write_bytes(bytes(range(256)))
    (tmp_path / "latin.qw").write_bytes(b"# \xe4\n")
    (tmp_path / "long.qw").write_text("# " + "x" * 1_000_000, encoding="utf-8")
    assert "is not a text file: byte 0 is zero" in including(tmp_path, "binary.qw")
    assert "is not UTF-8 text" in including(tmp_path, "latin.qw")
    assert "is bigger than 1,000,000 bytes" in including(tmp_path, "long.qw")


def test_includes_that_have_no_end(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"chain{number}.qw").write_text(f'include "chain{number + 1}.qw"\n', encoding="utf-8")
    (tmp_path / "here.qw").write_text('include "there.qw"\n', encoding="utf-8")
    (tmp_path / "there.qw").write_text('include "here.qw"\n', encoding="utf-8")
    assert "this file includes itself" in including(tmp_path, "input.qw")
    assert "include one another in a circle" in including(tmp_path, "here.qw")
    assert "more than 20 files include one another" in including(tmp_path, "chain0.qw")


def test_many_includes(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"part{number}.qw").write_text(f"param a{number} = 1\n", encoding="utf-8")
    for number in range(3):
        (tmp_path / f"long{number}.qw").write_text("# " + "x" * 400_000 + "\n", encoding="utf-8")
    many = "".join(f'include "part{number}.qw"\n' for number in range(120))
    long = "".join(f'include "long{number}.qw"\n' for number in range(3))
    assert "the included files are too many: at most 100" in message(tmp_path, many + BOX)
    assert "of 1,000,000 characters together" in message(tmp_path, long + BOX)
    (tmp_path / "input.qw").write_text('include "part0.qw"\n' * 300 + BOX, encoding="utf-8")
    assert len(read(tmp_path / "input.qw").problem.parameters) == 1


TABLES = {
    "giant": (b"0,1\n" * 300_000, "is bigger than 1,000,000 bytes"),
    "rows": ("".join(f"{n},0\n" for n in range(2_100)).encode(), "more than 2,000 rows"),
    "columns": (b"1," * 40_000, "this row has 40001 columns, not 2"),
    "zero": (b"0,1\n1,2\n\0", "is no text: byte 8 is zero"),
    "Latin-1": (b"0,1\n1,2\n\xe9\n", "is no text: byte 8 is not UTF-8"),
    "one long number": (b"0," + b"9" * 900_000 + b"\n", "is not a finite number"),
    "nothing": (b"", "this table is empty"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, tmp_path: Path) -> None:
    data, expected = TABLES[name]
    (tmp_path / "data.csv").write_bytes(data)
    assert expected in tabulated(tmp_path, "data.csv")


def test_tables_that_are_long_together(tmp_path: Path) -> None:
    rows = "".join(f"{n / 1000 - 0.5},{n % 7}\n" for n in range(2_000))
    (tmp_path / "data.csv").write_text(rows, encoding="utf-8")
    tables = " + ".join(f'table(x*{n}/100, "data.csv")' for n in range(11))
    assert "have more than 20,000 rows together" in message(tmp_path, BOX.replace("= 0", f"= {tables}"))
