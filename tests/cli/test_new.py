"""`qdsl new`: starter files that are right as they are, and that replace nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qdsl.cli import main
from qdsl.cli.starting import template_names


def new(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["new", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_every_template_is_listed_with_what_it_is_for(capsys, root):
    status, out, err = new(capsys)
    assert (status, err) == (0, "")
    head, *lines = out.splitlines()
    assert head == "Templates, for 'qdsl new TEMPLATE [FILE]':"
    listed = dict(line.split(maxsplit=1) for line in lines)
    files = {path.stem: path for path in (root / "qdsl" / "templates").iterdir()}
    assert list(listed) == sorted(files) == template_names()
    for name, path in files.items():
        assert path.read_text(encoding="utf-8").splitlines()[0] == f"# {listed[name]}"
    assert max(map(len, lines)) <= 120


def test_every_template_is_written_checked_and_in_the_standard_layout(capsys, tmp_path, root):
    for name in template_names():
        file = tmp_path / f"my {name}.qw"
        assert new(capsys, name, file) == (0, f"{file}: written; try: qdsl solve '{file}'\n", "")
        assert file.read_bytes() == (root / "qdsl" / "templates" / f"{name}.qw").read_bytes()
        assert new(capsys, name) == new(capsys, f"{name}.qw") == (0, file.read_text(encoding="utf-8"), "")
        assert main(["check", str(file)]) == 0
        assert capsys.readouterr().err == "", "not even a warning"
    assert main(["fmt", "--check", str(tmp_path)]) == 0


def test_every_template_holds(capsys, root):
    """All but the one that trains for seconds are solved; `qdsl verify` takes that one, too."""
    files = [root / "qdsl" / "templates" / f"{name}.qw" for name in template_names() if name != "paper"]
    assert main(["verify", *map(str, files)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("  ok  ") == len(files) > 10


def test_nothing_is_replaced(capsys, tmp_path):
    file, link = tmp_path / "well.qw", tmp_path / "link.qw"
    file.write_text("mine")
    for target in (file, tmp_path):
        status, out, err = new(capsys, "well", target)
        assert (status, out) == (2, "")
        assert err == f"error: '{target}' is there already\n  hint: choose another name\n"
    assert file.read_text() == "mine"
    if os.name != "nt":
        link.symlink_to(tmp_path / "nowhere.qw")
        assert new(capsys, "well", link)[0] == 2
        assert not (tmp_path / "nowhere.qw").exists()


def test_files_that_cannot_be_written(capsys, tmp_path):
    target = tmp_path / "missing" / "well.qw"
    status, out, err = new(capsys, "well", target)
    assert (status, out) == (2, "")
    assert err == f"error: cannot write '{target}': no such file or directory\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("quantumwell", "did you mean 'quantum-well'?"),
        ("Harmonic", "did you mean 'harmonic'?"),
        ("doublewell.qw", "did you mean 'double-well'?"),
        ("barier", "did you mean 'barrier'?"),
        ("zzz", "'qdsl new' lists them"),
        ("../../examples/hydrogen", "'qdsl new' lists them"),
    ],
)
def test_unknown_templates(capsys, tmp_path, monkeypatch, name, hint):
    monkeypatch.chdir(tmp_path)
    status, out, err = new(capsys, name, "out.qw")
    assert (status, out) == (2, "")
    assert err == f"error: there is no template '{name.removesuffix('.qw')}'\n  hint: {hint}\n"
    assert list(tmp_path.iterdir()) == []


def test_standard_output_is_the_file_byte_for_byte(root):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "qdsl", "new", "library"]
    run = subprocess.run(command, capture_output=True, check=True, env=environment, timeout=60)
    assert run.stdout == (root / "qdsl" / "templates" / "library.qw").read_bytes()
