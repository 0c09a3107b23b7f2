"""`qdsl potentials`: the list, one potential, pictures, and wrong names."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.cli import main
from qdsl.potentials.places import library_folder
from qdsl.spelling import did_you_mean


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path, status: int = 0) -> tuple[str, str]:
    assert main(["potentials", *map(str, arguments)]) == status
    return capsys.readouterr()


def test_all_are_listed_with_signature_and_doc(capsys):
    out, err = said(capsys)
    assert err == ""
    lines = out.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    names = [head.partition("(")[0] for head in heads]
    assert names == sorted({*(path.stem for path in library_folder().glob("*.qw")), "table"})
    assert "morse(x, depth, width, centre = 0)" in heads
    assert 'table(x, file = "….csv", degree = 3)' in heads
    assert (
        lines[lines.index("morse(x, depth, width, centre = 0)") + 1]
        == "    0 at the minimum, depth at infinity"
    )
    assert all(lines[lines.index(head) + 1].startswith("    ") for head in heads)
    assert max(map(len, lines)) <= 100


def test_one_is_shown_with_its_source_and_its_file(capsys):
    out, _ = said(capsys, "kratzer")
    path = library_folder() / "kratzer.qw"
    assert out.startswith("kratzer(r, depth, radius)\n    -depth at the radius, 0 at infinity\n")
    assert "\nsource  A. Kratzer, Z. Phys. 3, 289 (1920)\n" in out
    assert f"\nfile    {path}\n" in out
    for line in path.read_text(encoding="utf-8").splitlines():
        assert f"    {line}".rstrip() in out


def test_a_plug_in_is_shown_with_its_docstring(capsys):
    out, _ = said(capsys, "table")
    assert "\nsource  M. S. Floater and K. Hormann, Numer. Math. 107 (2007) 315\n" in out
    assert "The domain must not reach beyond the table." in out


def test_pictures(capsys, tmp_path):
    picture = tmp_path / "morse.svg"
    said(capsys, "morse", "--plot", picture)
    assert "<svg" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["mores"], "there is no potential 'mores'", "did you mean 'morse'?"),
        (["zzz"], "there is no potential 'zzz'", "'qdsl potentials' lists them"),
        (["--plot", "all.png"], "say which potential to draw", "morse.png"),
        (["table", "--plot", "table.png"], "'table' comes from a plug-in", ""),
        (["morse", "--plot", "morse.gif"], "cannot tell what kind of picture", "the name ends in one of"),
    ],
)
def test_mistakes(capsys, tmp_path, monkeypatch, arguments, message, hint):
    monkeypatch.chdir(tmp_path)
    out, err = said(capsys, *arguments, status=2)
    assert out == ""
    assert message in err
    assert hint in err
    assert list(tmp_path.iterdir()) == []


def test_the_library_of_the_user_is_listed_too_even_where_it_is_broken(capsys, tmp_path, monkeypatch):
    (tmp_path / "ramp.qw").write_text('define ramp(x, slope = 2*pi) = slope*x "a ramp"\n')
    (tmp_path / "broken.qw").write_text("define broken(x = x\n")
    (tmp_path / "other.qw").write_text("define something(x) = x\n")
    monkeypatch.setenv("QDSL_PATH", str(tmp_path))
    out, _ = said(capsys)
    assert "ramp(x, slope = 2*pi)\n    a ramp\n" in out
    assert "broken(…)\n    cannot be used: this '(' is never closed\n" in out
    assert "other.qw does not define a function 'other'" in " ".join(out.split())
    _, err = said(capsys, "broken", status=2)
    assert "broken.qw:1:14: error: this '(' is never closed" in err


def test_names_differ_enough_to_be_told_apart():
    names = [path.stem for path in library_folder().glob("*.qw")]
    assert all(did_you_mean(name, names) == name for name in names)
