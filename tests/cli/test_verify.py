"""`qdsl verify`: which files hold, where they do not, and the exit status of all together."""

from __future__ import annotations

import io
import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qdsl.cli import main

BOX = "param c = 0\ndomain x in [0, 1]\npotential V(x) = c\nfind states 0..1\n"
RIGHT = f"{BOX}expect E[0] = pi^2 + c within 1e-9\n"
WRONG = f"{RIGHT}expect E[1] - E[0] = 28 within 1e-9\n"
BROKEN = "domain x in [0, 1]\npotential V(x) = y\n"
DEFINITIONS = 'title "Mine"\nparam a = 1\ndefine f(x) = a*x\n'


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes files into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(**texts: str) -> None:
        for name, text in texts.items():
            Path(f"{name}.qw").write_text(text)

    return write


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, standard output without the seconds, standard error."""
    status = main(["verify", *arguments])
    out, err = capsys.readouterr()
    return status, re.sub(r"\d+\.\d s", "… s", out), err


def test_files_that_hold(capsys, write):
    write(right=RIGHT, plain=BOX, defs=DEFINITIONS)
    assert verify(capsys, "right.qw", "plain.qw", "defs.qw") == (
        0,
        "right.qw  ok      2 states certified and converged, 1 expectation met\n"
        "plain.qw  ok      2 states certified and converged, no expectations\n"
        "defs.qw   ok      definitions only, nothing to solve\n"
        "All 3 files hold (… s).\n",
        "",
    )
    assert verify(capsys, "right.qw")[1].endswith("\nThe file holds (… s).\n")


def test_a_wrong_expectation_is_shown_in_its_place(capsys, write):
    write(wrong=WRONG)
    status, out, err = verify(capsys, "wrong.qw")
    assert status == 1
    assert out == "wrong.qw  FAILED  1 of 2 expectations failed\n1 of 1 files fail (… s).\n"
    first, *frame = err.splitlines()
    place, found = first.split(": found ")
    assert place == "wrong.qw:6:1: error: this does not hold"
    assert float(found.split(",")[0]) == pytest.approx(3 * math.pi**2, rel=1e-9)
    assert found.endswith(", expected 28")
    assert frame == ["  6 | expect E[1] - E[0] = 28 within 1e-9", f"    | {'^' * 35}"]


def test_a_state_that_does_not_exist_is_no_answer(capsys, write):
    write(
        shallow="domain x in (-inf, inf)\npotential V(x) = -2/cosh(x)^2\nfind bound states\n"
        "expect E[0] = -1 within 1e-9\nexpect E[1] = 0 within 1e-9\n"
    )
    status, _, err = verify(capsys, "shallow.qw")
    assert status == 1
    assert err.startswith("shallow.qw:5:1: error: this does not hold: there is no such state, expected 0\n")


def test_what_is_not_certified_fails(capsys, write):
    write(
        rough="domain x in [0, 1]\npotential V(x) = 0\n"
        "train { method = gradient; tolerance = 1e-9; optimizer = adam(rate = 1e-3, steps = 1) }\n"
    )
    status, out, err = verify(capsys, "rough.qw")
    assert (status, err) == (1, "")
    assert re.match(
        r"rough.qw  FAILED  state 0: energy differs from the reference by .*, tolerance 1e-0?9\n", out
    )


def test_a_broken_file_stops_no_other(capsys, write):
    write(broken=BROKEN, wrong=WRONG, right=RIGHT)
    status, out, err = verify(capsys, "broken.qw", "missing.qw", "wrong.qw", "right.qw")
    assert status == 2, "a mistake counts for more than an expectation that fails"
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["broken.qw", "FAILED"],
        ["missing.qw", "FAILED"],
        ["wrong.qw", "FAILED"],
        ["right.qw", "ok"],
        ["3", "of"],
    ]
    assert "broken.qw  FAILED  1 mistake\n" in out.replace("   ", "  ")
    assert "broken.qw:2:18: error: unknown name 'y'" in err
    assert "error: there is no file 'missing.qw'\n" in err
    assert "wrong.qw:6:1: error: this does not hold" in err


def test_folders_are_walked(capsys, write):
    Path("problems/more").mkdir(parents=True)
    Path("problems/.git").mkdir()
    write(**{"problems/b": RIGHT, "problems/more/a": BOX, "problems/.git/c": BROKEN, "own": BOX})
    Path("problems/notes.txt").write_text("domain")
    status, out, _ = verify(capsys, "own.qw", "problems", "problems/b.qw")
    assert status == 0
    assert [Path(line.split()[0]).as_posix() for line in out.splitlines()[:-1]] == [
        "own.qw",
        "problems/b.qw",
        "problems/more/a.qw",
    ]
    Path("empty").mkdir()
    status, out, err = verify(capsys, "empty")
    assert (status, out, err) == (2, "", "error: there is no .qw file in the folder 'empty'\n")


def test_sweeps_hold_or_fail_with_the_points_named(capsys, write):
    sweep = "sweep c = [0, 1, 2]\n"
    write(
        right=RIGHT + sweep,
        wrong=f"{BOX}expect E[0] = pi^2 within 1e-9\n{sweep}",
        broken=f"param d = 1\n{BOX.replace('= c', '= 1/(d - x)')}sweep d = [0.5, 2, 3]\n",
    )
    status, out, err = verify(capsys, "right.qw", "wrong.qw", "broken.qw")
    assert status == 1
    assert out.splitlines()[:3] == [
        "right.qw   ok      3 points certified and converged, 1 expectation met",
        "wrong.qw   FAILED  1 of 1 expectation failed",
        "broken.qw  FAILED  at d = 0.5: the potential is infinite at x = 0.5, inside of the domain",
    ]
    assert err.startswith(
        "wrong.qw:5:1: error: this does not hold: at c = 1 and 1 other point: found 10.869604"
    )


def test_json_holds_all_of_it(capsys, write):
    write(right=RIGHT, wrong=WRONG, broken=BROKEN)
    status, out, err = verify(capsys, "--json", "right.qw", "wrong.qw", "broken.qw")
    assert (status, err) == (2, "")
    document = json.loads(out)
    assert document["holds"] is False
    assert [entry["status"] for entry in document["files"]] == ["holds", "fails", "mistake"]
    texts = {"right.qw": RIGHT, "wrong.qw": WRONG, "broken.qw": BROKEN}
    marked = [
        texts[entry["file"]][found["start"] : found["end"]]
        for entry in document["files"]
        for found in entry["diagnostics"]
    ]
    assert marked == ["expect E[1] - E[0] = 28 within 1e-9", "y"]
    status, out, _ = verify(capsys, "--json", "right.qw")
    assert (status, json.loads(out)["holds"]) == (0, True)


def test_standard_input(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    status, out, err = verify(capsys, "-")
    assert status == 1
    assert out.startswith("-  FAILED  1 of 2 expectations failed\n")
    assert err.startswith("<stdin>:6:1: error: this does not hold: found 29.6088")


def test_a_file_of_definitions_is_read_too(capsys, write):
    """Functions that nothing calls, in whatever units and for whatever coordinate they are meant."""
    write(defs="param a = 1\ndefine f(x) = x^2 + bb\n", fine="param V = 6 nm\ndefine f(u) = r/V + u\n")
    status, out, err = verify(capsys, "defs.qw", "fine.qw")
    assert status == 2
    assert out.splitlines()[:2] == [
        "defs.qw  FAILED  1 mistake",
        "fine.qw  ok      definitions only, nothing to solve",
    ]
    assert err == (
        "defs.qw:2:21: error: unknown name 'bb'\n"
        "  2 | define f(x) = x^2 + bb\n"
        "    |                     ^^ set it above: param bb = 1\n"
    )
