"""`qdsl fmt`: files on disk come into the standard layout, or are left alone to the last byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qdsl.cli import main

LOOSE = "domain x in [0,1]   # a box\npotential V(x)=x²\n"
TIDY = "domain x in [0, 1]  # a box\npotential V(x) = x²\n"
BROKEN = "domain x in [0,1\npotential V(x)=x\n"


def fmt(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["fmt", *map(str, arguments)])
    return status, *capsys.readouterr()


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    file = tmp_path / "loose.qw"
    file.write_text(LOOSE, encoding="utf-8")
    return file


def test_a_file_is_formatted_in_place_and_only_once(capsys, loose):
    assert fmt(capsys, loose) == (0, f"{loose}: formatted\n", "")
    assert loose.read_text(encoding="utf-8") == TIDY
    before = loose.stat()
    assert fmt(capsys, loose) == (0, "", "")
    assert loose.stat() == before, "a file in the standard layout is not written again"


def test_check_and_diff_write_nothing(capsys, loose):
    before = loose.stat()
    assert fmt(capsys, "--check", loose) == (1, f"{loose}: would change\n", "")
    status, out, err = fmt(capsys, "--diff", loose)
    assert (status, err) == (0, "")
    changes = [line for line in out.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    old, new = LOOSE.splitlines(), TIDY.splitlines()
    assert changes == [f"-{old[0]}", f"-{old[1]}", f"+{new[0]}", f"+{new[1]}"]
    assert fmt(capsys, "--check", "--diff", loose)[0] == 1
    assert loose.stat() == before
    assert loose.read_text(encoding="utf-8") == LOOSE
    fmt(capsys, loose)
    assert fmt(capsys, "--check", loose) == (0, "", "")
    assert fmt(capsys, "--check", "--diff", loose) == (0, "", "")


def test_a_broken_file_is_left_alone_and_stops_no_other(capsys, loose, tmp_path):
    broken = tmp_path / "broken.qw"
    broken.write_text(BROKEN)
    status, out, err = fmt(capsys, broken, tmp_path / "missing.qw", loose)
    assert status == 2
    assert out == f"{loose}: formatted\n"
    assert f"{broken}:1:13: error: this '[' is never closed" in err
    assert f"there is no file '{tmp_path / 'missing.qw'}'" in err
    assert broken.read_text() == BROKEN
    assert loose.read_text(encoding="utf-8") == TIDY
    assert fmt(capsys, "--check", broken)[0] == 2


def test_what_parses_is_formatted_even_where_it_makes_no_sense(capsys, tmp_path):
    """Layout is a matter of the grammar: unknown names and missing statements are for `qdsl check`."""
    file = tmp_path / "part.qw"
    file.write_text("param a=unknown")
    assert fmt(capsys, file)[0] == 0
    assert file.read_text() == "param a = unknown\n"


def test_folders_are_walked(capsys, tmp_path):
    for name in ("b.qw", "deep/er/a.qw", "notes.txt", ".hidden/c.qw"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(LOOSE, encoding="utf-8")
    status, out, _ = fmt(capsys, tmp_path, tmp_path / "b.qw")
    assert status == 0
    assert out == f"{tmp_path / 'b.qw'}: formatted\n{tmp_path / 'deep/er/a.qw'}: formatted\n"
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == LOOSE
    assert (tmp_path / ".hidden/c.qw").read_text(encoding="utf-8") == LOOSE
    (tmp_path / "empty").mkdir()
    status, out, err = fmt(capsys, tmp_path / "empty")
    assert (status, out) == (2, "")
    assert "there is no .qw file in the folder" in err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LOOSE.replace("\n", "\r\n"), TIDY.replace("\n", "\r\n")),
        (LOOSE.replace("\n", "\r"), TIDY),
        (f"\ufeff{TIDY}", TIDY),
        (TIDY.removesuffix("\n"), TIDY),
        (f"\n\n{TIDY}\n\n\n", TIDY),
    ],
    ids=["crlf", "cr", "byte-order mark", "no last line end", "blank lines"],
)
def test_line_ends_and_marks(capsys, loose, before, after):
    loose.write_bytes(before.encode())
    assert fmt(capsys, "--check", loose)[0] == 1
    assert len(fmt(capsys, "--diff", loose)[1].splitlines()) > 3, "what would change is to be seen"
    assert fmt(capsys, loose)[0] == 0
    assert loose.read_bytes() == after.encode()
    assert fmt(capsys, "--check", loose)[0] == 0


def test_a_tidy_file_from_windows_is_tidy(capsys, loose):
    loose.write_bytes(TIDY.replace("\n", "\r\n").encode())
    assert fmt(capsys, "--check", loose) == (0, "", "")


def test_standard_input_goes_to_standard_output_byte_for_byte():
    """Also where the terminal cannot show it: the output is a file, not a message."""
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for text, status, expected in ((LOOSE, 0, TIDY), (TIDY, 0, TIDY), (BROKEN, 2, "")):
        run = subprocess.run(
            [sys.executable, "-m", "qdsl", "fmt", "-"],
            input=text.encode(),
            capture_output=True,
            check=False,
            timeout=60,
            env=environment,
        )
        assert run.returncode == status
        assert run.stdout == expected.encode()
        assert (b"<stdin>:1:13: error: " in run.stderr) == (status == 2)


@pytest.mark.skipif(os.name == "nt", reason="rights and links are different there")
def test_rights_and_links_stay(capsys, loose, tmp_path):
    loose.chmod(0o640)
    link = tmp_path / "link.qw"
    link.symlink_to(loose)
    assert fmt(capsys, link)[0] == 0
    assert link.is_symlink()
    assert loose.read_text(encoding="utf-8") == TIDY
    assert loose.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_written_whole_stays_whole(capsys, loose, tmp_path, full_disk):
    text = LOOSE + "# why\n" * 1000
    loose.write_text(text, encoding="utf-8")
    with full_disk():
        assert fmt(capsys, loose) == (2, "", f"error: cannot write '{loose}': file too large\n")
    assert loose.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["loose.qw"], "nothing is left behind"
