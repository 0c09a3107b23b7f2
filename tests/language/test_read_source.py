"""From bytes to text, and everything that is not a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.errors import LanguageError, UsageError
from qdsl.language import parse, read_source, source_from_text


def test_a_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "well.qw"
    path.write_bytes(b"find state 0\n")
    assert read_source(path).name == str(path)
    assert read_source(str(path)).text == "find state 0\n"
    assert read_source(path, name="well.qw").name == "well.qw"
    assert read_source(b"find state 0").name == "<stdin>"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark(end: str) -> None:
    text = f"param a = 1{end}param b = 2{end}"
    source = read_source(text.encode("utf-8-sig"))
    assert source.text == source_from_text("\ufeff" + text).text == "param a = 1\nparam b = 2\n"
    assert parse(source).statements[1].span.line == 2


def test_a_byte_that_is_not_utf8_is_shown_where_it_stands() -> None:
    with pytest.raises(LanguageError) as caught:
        read_source("title 'a'\r\ntitle 'ö'".encode("latin-1"), name="old.qw")
    assert (
        str(caught.value).splitlines()[0] == "old.qw:2:8: error: byte 18 of the file (0xf6) is not UTF-8 text"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x7fELF\x00\x01", "'<stdin>' is not a text file: byte 4 is zero"),
        ("find".encode("utf-16"), "'<stdin>' is UTF-16 text, not UTF-8 (bytes 0 and 1)"),
        (b" " * 1_000_001, "'<stdin>' is bigger than 1,000,000 bytes: this is no .qw file"),
    ],
)
def test_what_is_no_text(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_source(data)
    assert caught.value.diagnostics[0].message == message


def test_a_big_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "big.qw"
    path.write_bytes(b"#" * 10_000_000)
    with pytest.raises(UsageError, match="bigger than"):
        read_source(path)


def test_the_limit_itself_is_allowed() -> None:
    assert len(read_source(b"#" * 1_000_000).text) == 1_000_000


def test_text_in_memory_obeys_the_same_limits() -> None:
    with pytest.raises(UsageError, match="zero"):
        source_from_text("a\0b")
    with pytest.raises(UsageError, match="bigger"):
        source_from_text(" " * 1_000_001)


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "finite_well.qw").touch()
    with pytest.raises(UsageError, match="there is no file") as caught:
        read_source(tmp_path / "finite_wel.qw")
    assert caught.value.diagnostics[0].hint == f"did you mean '{tmp_path / 'finite_well.qw'}'?"
    with pytest.raises(UsageError, match="there is no file"):
        read_source(tmp_path / "nowhere" / "x.qw")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a directory, not a \.qw file"):
        read_source(tmp_path)


@pytest.mark.parametrize("name", ["a\0b.qw", "x" * 5000 + ".qw"])
def test_impossible_names(name: str) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_source(name)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"cannot read 'locked\.qw': permission denied"):
        read_source("locked.qw")
