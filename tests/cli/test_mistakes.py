"""What the command line says, and which status it ends with, when something is wrong."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qdsl.cli import main

WELL = """\
param a = 1 in [0.1, 3]
domain x in [-4, 4]
potential V(x) = { 0 if |x| < a; 20 otherwise }
"""


@pytest.fixture
def well(tmp_path: Path) -> Path:
    file = tmp_path / "well.qw"
    file.write_text(WELL, encoding="utf-8")
    return file


@pytest.fixture
def no_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong must be found before the solve begins."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the solve began")

    monkeypatch.setattr(importlib.import_module("qdsl.solving"), "solve", refuse)


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run; the status must be 2, standard output empty, and standard error without a traceback."""
    assert main([*map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def diagnostics(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[dict[str, object]]:
    """Run with --json; the status must be 2, and standard output one document of diagnostics."""
    assert main([*map(str, arguments), "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert list(document) == ["diagnostics"]
    for entry in document["diagnostics"]:
        place = ["file", "line", "column", "end_line", "end_column", "start", "end"]
        keys = [*place, "severity", "message", "hint", "notes"]
        assert list(entry) == keys
    return document["diagnostics"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            (),
            "error: a command is missing: solve, check, explain, potentials, verify, fmt, new, completion\n"
            "  hint: see 'qdsl --help'\n",
        ),
        (("slove", "x.qw"), "error: unknown command 'slove'\n  hint: did you mean 'solve'?\n"),
        (("well.qw",), "error: unknown command 'well.qw'\n  hint: did you mean 'qdsl solve well.qw'?\n"),
        (("solve", "x.qw", "--sed", "3"), "error: unknown option '--sed'\n  hint: did you mean '--seed'?\n"),
        (("solve", "x.qw", "--plt=a.png"), "error: unknown option '--plt'\n  hint: did you mean '--plot'?\n"),
        (("solve", "a.qw", "b.qw"), "error: 'qdsl solve' takes one file, and 'b.qw' is one more\n"),
        (("--verson",), "error: unknown option '--verson'\n  hint: did you mean '--version'?\n"),
        (
            ("--quiet", "solve", "a.qw"),
            "error: '--quiet' stands before the command\n  hint: options follow it: qdsl solve … --quiet\n",
        ),
        (("completion", "bash", "zsh"), "error: 'qdsl completion' takes one shell, and 'zsh' is one more\n"),
        (
            ("new", "well", "a.qw", "b.qw"),
            "error: 'qdsl new' takes one template and one file, and 'b.qw' is one more\n",
        ),
    ],
)
def test_mistyped_commands_are_understood(capsys, arguments, expected):
    assert complaint(capsys, *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("solve",), "FILE"),
        (("check",), "FILE"),
        (("solve", "x.qw", "--seed", "-1"), "expected a whole number from 0, not '-1'"),
        (("solve", "x.qw", "--seed", "1.5"), "expected a whole number from 0, not '1.5'"),
        (("solve", "x.qw", "--plot"), "--plot"),
        (("solve", "x.qw", "--set", "V0"), "expected NAME=EXPR, as in --set V0=30, not 'V0'"),
    ],
)
def test_wrong_arguments_are_named(capsys, arguments, part):
    assert part in complaint(capsys, *arguments)
    (entry,) = diagnostics(capsys, *arguments)
    assert part in str(entry["message"])


@pytest.mark.parametrize("command", ["solve", "check", "explain"])
@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda file: None, "there is no file"),
        (lambda file: file.mkdir(), "is a directory"),
        (lambda file: file.write_bytes(b""), ""),
        (lambda file: file.write_bytes(b"\x7fELF\x00\x01\x02\xff"), "is not a text file"),
        (lambda file: file.write_bytes(b"title \xff\xfe\n"), "is not UTF-8"),
        (lambda file: file.write_bytes(b"# comment\n" * 1_000_000), "is bigger than"),
    ],
    ids=["missing", "directory", "empty", "binary", "latin", "10MB"],
)
def test_files_that_are_no_problems(capsys, tmp_path, command, make, part):
    file = tmp_path / "strange.qw"
    make(file)
    text = complaint(capsys, command, file)
    assert part in text
    assert "strange.qw" in text
    assert text.count("error:") == 1


def test_mistakes_in_a_file_have_their_place(capsys, tmp_path):
    file = tmp_path / "well.qw"
    file.write_text("domain x in [0, 1]\npotential V(x) = V_0\n", encoding="utf-8")
    assert f"{file}:2:18: error: " in complaint(capsys, "solve", file)
    (entry,) = diagnostics(capsys, "solve", file)
    assert entry["file"] == str(file)
    assert (entry["line"], entry["column"], entry["end_line"], entry["end_column"]) == (2, 18, 2, 21)


def test_check_reports_every_file(capsys, well, tmp_path):
    missing = tmp_path / "missing.qw"
    assert main(["check", str(well), str(missing)]) == 2
    out, err = capsys.readouterr()
    assert f"{well}: ok" in out
    assert "missing.qw" in err
    assert len(diagnostics(capsys, "check", missing, well, missing)) == 2
    assert main(["check", "--json", str(well)]) == 0
    assert json.loads(capsys.readouterr().out) == {"diagnostics": []}


@pytest.mark.parametrize(
    ("assignment", "parts"),
    [
        ("b=2", ("'b'",)),
        ("a=7", ("a = 7", "0.1", "3")),
        ("a=0", ("a = 0", "0.1", "3")),
        ("a=1+", ("1+",)),
        ("a=c", ("'c'",)),
        ("a=1/0", ("a",)),
    ],
)
@pytest.mark.usefixtures("no_solve")
def test_wrong_parameter_values(capsys, well, assignment, parts):
    text = complaint(capsys, "solve", well, "--set", assignment)
    assert all(part in text for part in parts), text
    assert diagnostics(capsys, "solve", well, "--set", assignment)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("picture.jpg", "cannot tell what kind of picture"),
        ("picture", "cannot tell what kind of picture"),
        ("nowhere/picture.png", "there is no directory"),
        ("folder.png", "it is a directory"),
    ],
)
@pytest.mark.usefixtures("no_solve")
def test_pictures_that_cannot_be_written(capsys, well, tmp_path, name, part):
    (tmp_path / "folder.png").mkdir()
    text = complaint(capsys, "solve", well, "--plot", tmp_path / name)
    assert part in text
    assert name.rpartition("/")[2] in text
    diagnostics(capsys, "solve", well, "--plot", tmp_path / name)


def test_unknown_methods_and_devices(capsys, well):
    assert "gradinet" in complaint(capsys, "solve", well, "--method", "gradinet")
    assert "tpu9" in complaint(capsys, "solve", well, "--device", "tpu9")


def broken(error: BaseException):
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_bug_is_called_a_bug(capsys, well, monkeypatch):
    solving = importlib.import_module("qdsl.solving")
    monkeypatch.setattr(solving, "solve", broken(ZeroDivisionError("oh dear")))
    assert main(["solve", str(well)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "bug in qdsl (ZeroDivisionError: oh dear)" in err
    assert "report" in err
    assert main(["solve", str(well), "--debug"]) == 3
    assert "Traceback" in capsys.readouterr().err
    assert main(["solve", str(well), "--json"]) == 3
    (entry,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert "bug in qdsl" in entry["message"]


def test_ctrl_c_during_a_solve(capsys, well, monkeypatch):
    monkeypatch.setattr(importlib.import_module("qdsl.solving"), "solve", broken(KeyboardInterrupt()))
    assert main(["solve", str(well)]) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "qdsl: interrupted\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are different there")
def test_ctrl_c_from_outside():
    command = [sys.executable, "-m", "qdsl", "check", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.skipif(os.name == "nt", reason="pipes are different there")
def test_a_reader_that_leaves(well):
    command = [sys.executable, "-m", "qdsl", "explain", str(well)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 2
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk(well):
    command = [sys.executable, "-m", "qdsl", "explain", str(well)]
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert run.returncode == 2
    assert run.stderr.startswith("error: cannot write to standard output: ")
    assert len(run.stderr.splitlines()) == 1
