"""`qdsl check --format json`: every place in it is the place that people are shown, to the character."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from qdsl.cli import main

FRAME = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?:error|warning|note): .*\n"
    r" +\d+ \| (?P<code>.*)\n +\| (?P<before> *)(?P<carets>\^+)",
    re.MULTILINE,
)


def check(capsys: pytest.CaptureFixture[str], *files: str | Path, status: int) -> list[dict[str, Any]]:
    """The diagnostics of one document, and nothing else anywhere."""
    assert main(["check", "--format", "json", *map(str, files)]) == status
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert list(document) == ["diagnostics"]
    return document["diagnostics"]


def places(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the diagnostics and of their notes, in the order in which they are shown."""
    everything = [place for entry in found for place in (entry, *entry["notes"])]
    return [place for place in everything if place["file"] is not None]


def text_of(file: str) -> str:
    """What offsets count in: no byte-order mark, Unix line ends."""
    data = Path(file).read_bytes().decode("utf-8", "replace")
    return data.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def offset(text: str, line: int, column: int) -> int:
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1


def test_places_agree_with_each_other_and_with_the_frames_for_people(capsys, root, monkeypatch):
    monkeypatch.chdir(root / "tests" / "errors")
    files = sorted(path.name for path in Path().glob("*.qw"))[::4]
    found = places(check(capsys, *files, status=2))
    assert main(["check", *files]) == 2
    shown = capsys.readouterr().err
    frames = [match.groupdict() for match in FRAME.finditer(shown)]
    assert len(frames) == len(found) > 50
    for place, frame in zip(found, frames, strict=True):
        assert (place["file"], place["line"], place["column"]) == (
            frame["file"],
            int(frame["line"]),
            int(frame["column"]),
        )
        if not Path(place["file"]).exists():
            continue  # a file of the library, which has another path
        text = text_of(place["file"])
        assert place["start"] == offset(text, place["line"], place["column"])
        assert place["end"] == offset(text, place["end_line"], place["end_column"])
        marked = text[place["start"] : place["end"]].partition("\n")[0]
        code, first = frame["code"], len(frame["before"])
        if code.isascii() and marked.isprintable() and marked:
            assert code[first : first + len(frame["carets"])] == marked.rstrip()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_offsets_count_characters_whatever_the_bytes(capsys, tmp_path, newline, mark):
    lines = ['title "𝜓, ψ̃ and é"', "domain x in [0, 1]  # ∞", "\tpotential V(x) = x²·y + ½z"]
    file = tmp_path / "odd.qw"
    file.write_bytes((mark + newline.join(lines)).encode())
    marked = [text_of(str(file))[place["start"] : place["end"]] for place in check(capsys, file, status=2)]
    assert marked == ["½"]
    lines[2] = "\tpotential V(x) = x²·y_1 + 2 *\tzz(x)"
    file.write_bytes((mark + newline.join(lines)).encode())
    found = check(capsys, file, status=2)
    assert [text_of(str(file))[place["start"] : place["end"]] for place in found] == ["y_1", "zz"]
    assert [(place["line"], place["column"], place["end_column"]) for place in found] == [
        (3, 22, 25),
        (3, 32, 34),
    ]


def test_notes_point_into_their_own_files(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("part.qw").write_text("param a = 1\ndefine f(x) = a*x + missing\n")
    Path("main.qw").write_text(
        'include "part.qw"\nparam b = 5 in [0, 1]\ndomain x in [0, 1]\npotential V(x) = f(x)\n'
    )
    found = check(capsys, "main.qw", status=2)
    texts = {
        (place["file"], text_of(place["file"])[place["start"] : place["end"]]) for place in places(found)
    }
    assert ("main.qw", "5") in texts
    assert ("main.qw", "[0, 1]") in texts
    assert ("part.qw", "missing") in texts


def test_warnings_are_told_and_are_no_mistakes(capsys, tmp_path):
    file = tmp_path / "odd.qw"
    text = "domain x in [0, 1]\npotential V(x) = { 0 if x < 2; 7 otherwise }\n"
    file.write_text(text)
    (warning,) = check(capsys, file, status=0)
    assert warning["severity"] == "warning"
    assert "7" in text[warning["start"] : warning["end"]]
    file.write_text("domain x in [0, 1]\npotential V(x) = 0\n")
    assert check(capsys, file, status=0) == []


def test_mistakes_without_a_place(capsys, tmp_path):
    (error,) = check(capsys, tmp_path / "missing.qw", status=2)
    keys = ("file", "line", "column", "end_line", "end_column", "start", "end")
    assert [error[key] for key in keys] == [None] * 7
    assert error["message"].startswith("there is no file")


def test_the_end_of_a_file_is_a_place(capsys, tmp_path):
    file = tmp_path / "short.qw"
    for text in (
        "domain x in [0,",
        "domain x in [0, 1]\npotential V(x) =",
        "domain x in [0, 1]\npotential V(x) =\n",
    ):
        file.write_text(text)
        for place in check(capsys, file, status=2):
            assert 0 <= place["start"] <= place["end"] <= len(text)
            assert place["line"] <= text.count("\n") + 1


def test_standard_input_has_a_name(capsys, monkeypatch):
    text = "domain x in [0, 1]\npotential V(x) = y\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    (error,) = check(capsys, "-", status=2)
    assert (error["file"], text[error["start"] : error["end"]]) == ("<stdin>", "y")
