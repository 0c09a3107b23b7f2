"""`qdsl solve` on a file with sweeps: what is printed and written, the exit status, and Ctrl-C."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qdsl.cli import main

BOX = """\
title "A box"
param a = 1  "width"
param c = 1
domain x in [0, a]
potential V(x) = c
find states 0..1
report E[1] - E[0], mean(x, 0)
expect E[0] = (pi/a)^2 + c within 1e-9
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "box.qw"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["solve", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_each_point_is_the_problem_solved_by_itself(capsys, file, tmp_path):
    """To the last bit, although what depends on the formulas alone is worked out once."""
    file.write_text(f"{BOX}sweep c = [0, 5]\nsweep a = [1, 2]\n")
    status, out, err = run(capsys, file, "--json")
    assert (status, err) == (0, "")
    document = json.loads(out)
    assert (document["sweep"], document["complete"], document["holds"]) == (["c", "a"], True, True)
    assert [point["values"] for point in document["points"]] == [
        {"c": c, "a": a} for c in (0, 5) for a in (1, 2)
    ]
    alone = tmp_path / "alone.qw"
    alone.write_text(BOX)
    for point in document["points"]:
        values = [f"--set={name}={value}" for name, value in point.pop("values").items()]
        status, out, _ = run(capsys, alone, "--json", *values)
        expected = json.loads(out)
        assert (point.pop("holds"), point.pop("errors")) == (True, [])
        assert status == 0
        for key in ("seconds", "qdsl", "title", "source", "units"):
            expected.pop(key)
        del point["seconds"]
        assert point == expected


def test_the_table_has_a_row_for_each_point(capsys, file):
    file.write_text(f"{BOX}sweep a = 1 .. 3 in 3 points\n")
    status, out, err = run(capsys, file)
    assert (status, err) == (0, "")
    title, about, _, head, *rows, _, verdict = out.splitlines()
    assert title == "A box"
    assert about == "sweep of a (3 points) · c = 1"
    assert head.split("  ")[0] == "a"
    for a, row in zip((1, 2, 3), rows, strict=True):
        width, low, high, gap, middle, word = row.split()
        assert (float(width), word) == (a, "certified")
        assert float(low) == pytest.approx((math.pi / a) ** 2 + 1, rel=1e-9)
        assert float(high) == pytest.approx((2 * math.pi / a) ** 2 + 1, rel=1e-9)
        assert float(gap) == pytest.approx(3 * (math.pi / a) ** 2, rel=1e-8)
        assert float(middle) == pytest.approx(a / 2, rel=1e-8)
    assert verdict == "Certified and converged at all 3 points, to the tolerance 1e-9."


def test_the_heading_names_what_does_not_vary_with_its_unit(capsys, file):
    file.write_text(
        "units meV, nm\nparam L = 6 nm\nparam V0 = 230 meV\nparam half = L/2\nparam quarter = half/2\n"
        "domain x in [0 nm, L]\npotential V(x) = { V0 if x < quarter; 0 otherwise }\n"
        "report mean(x, 0)\nsweep L = [6 nm, 8 nm]\n"
    )
    _, out, _ = run(capsys, file)
    lines = out.splitlines()
    assert "sweep of L (2 points) · V0 = 230 meV" in lines
    assert re.split("  +", lines[3].strip()) == ["L (nm)", "E[0] (meV)", "mean(x, 0) (nm)"]


@pytest.mark.parametrize(
    ("extra", "status", "rows", "verdict"),
    [
        (
            "expect E[1] = 4*pi^2 + c within 1e-9\nsweep a = [1, 2]\n",
            1,
            ["certified", "1 expectation failed"],
            "Certified and converged at all 2 points, to the tolerance 1e-9.\n"
            "Expectations fail at 1 of 2 points.\n",
        ),
        (
            "param b = 1/(a - 2)\nsweep a = [2, 1]\n",
            1,
            ["the value of 'b' is not a finite number", "certified"],
            "Certified and converged at 1 of 2 points, to the tolerance 1e-9.\n",
        ),
        (
            "param b = 1\nsweep a = [0, 1]\n",
            1,
            ["the domain has no width: it goes from 0 to 0", "certified"],
            "Certified and converged at 1 of 2 points, to the tolerance 1e-9.\n",
        ),
        (
            "train { method = gradient; energy = trainable(start = 9);"
            " optimizer = adam(rate = 1e-3, steps = 1) }\nsweep a = [1]\n",
            1,
            ["not converged, 1 expectation failed"],
            "Certified and converged at 0 of 1 points",
        ),
    ],
    ids=["wrong expectation", "no value", "no problem", "badly trained"],
)
def test_the_status_is_that_of_the_worst_point(capsys, file, extra, status, rows, verdict):
    text = BOX if "gradient" not in extra else BOX.replace("states 0..1", "state 0").replace("E[1] - ", "")
    file.write_text(text + extra)
    found, out, err = run(capsys, file)
    assert (found, err) == (status, "")
    table = out.splitlines()[4:]
    for row, line in zip(rows, table, strict=False):
        assert line.endswith(f"  {row}")
    assert verdict in out
    assert run(capsys, file, "--quiet") == (status, "", "")


def test_errors_of_points_are_in_the_json_document(capsys, file):
    file.write_text("param g = 1\ndomain x in [0, 1]\npotential V(x) = 1/(1 + g*x)\nsweep g = [1, -2]\n")
    status, out, err = run(capsys, file, "--json")
    assert (status, err) == (1, "")
    document = json.loads(out)
    assert document["holds"] is False
    good, bad = document["points"]
    assert (good["holds"], good["errors"], len(good["states"])) == (True, [], 1)
    assert (bad["holds"], bad["values"], "states" in bad) == (False, {"g": -2}, False)
    (error,) = bad["errors"]
    assert error["message"].startswith("the potential is infinite at x = 0.5")
    assert file.read_text()[error["start"] : error["end"]] == "1/(1 + g*x)"


def test_what_is_swept_cannot_be_set(capsys, file):
    file.write_text(f"{BOX}sweep a = [1, 2]\n")
    status, out, err = run(capsys, file, "--set", "a=3")
    assert (status, out) == (2, "")
    assert err.startswith("error: the file sweeps 'a', so --set cannot fix it\n")
    status, out, _ = run(capsys, file, "--json", "--set", "c=7")
    assert status == 0
    assert [point["parameters"]["c"] for point in json.loads(out)["points"]] == [7, 7]


@pytest.mark.parametrize("sweep", ["sweep a = [1, 2]\n", ""])
def test_results_outlive_a_picture_that_cannot_be_written(capsys, file, tmp_path, full_disk, sweep):
    file.write_text(BOX + sweep)
    picture = tmp_path / "box.svg"
    picture.write_text("old")
    with full_disk():
        status, out, err = run(capsys, file, "--json", "--plot", picture)
    assert status == 2
    assert json.loads(out)["title"] == "A box"
    assert err == f"error: cannot write '{picture}': file too large\n"
    assert picture.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"box.qw", "box.svg"}


@pytest.mark.skipif(os.name == "nt", reason="signals are different there")
def test_ctrl_c_keeps_the_points_that_are_done(file, tmp_path):
    """Sent to the process when its progress bar, seen through a terminal, shows that it is in the middle."""
    import pty

    total = 2000
    file.write_text(f"{BOX}sweep a = 1 .. 2 in {total} points\n")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "qdsl", "solve", str(file), "--plot", str(tmp_path / "box.svg")]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, env=environment) as process:
        os.close(follower)
        shown = b""
        while not any(int(k) > 3 for k in re.findall(rb"\((\d+)/2000\)", shown)):
            shown += os.read(leader, 65536)
        process.send_signal(signal.SIGINT)
        out = process.stdout.read().decode()
        assert process.wait(timeout=60) == 130
    os.close(leader)
    assert "Traceback" not in out
    rows = [line.split() for line in out.splitlines() if line.endswith("  certified")]
    done = len(rows)
    assert 3 <= done < total
    for i, (a, low, *_) in enumerate(rows):
        assert float(a) == pytest.approx(1 + i / (total - 1), rel=1e-9)
        assert float(low) == pytest.approx((math.pi / float(a)) ** 2 + 1, rel=1e-8)
    assert f"Certified and converged at {done} of {total} points" in out
    assert f"\nInterrupted after {done} points.\n" in out
    assert (tmp_path / "box.svg").read_text().rstrip().endswith("</svg>")
    assert {path.name for path in tmp_path.iterdir()} == {"box.qw", "box.svg"}


@pytest.mark.skipif(os.name == "nt", reason="signals are different there")
def test_ctrl_c_leaves_a_whole_json_document(file):
    file.write_text(f"{BOX}sweep a = 1 .. 2 in 2000 points\n")
    script = (
        "import os, signal, sys, threading\n"
        "import qdsl.pinn\n"
        "from qdsl.cli import main\n"
        "patience, file = float(sys.argv[1]), sys.argv[2]\n"
        "threading.Timer(patience, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "sys.exit(main(['solve', file, '--json']))\n"
    )
    for patience in (1.5, 4, 12, 30):  # until at least one point is done
        command = [sys.executable, "-c", script, str(patience), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 130
        assert done.stderr == "qdsl: interrupted\n"
        if done.stdout:
            break
    document = json.loads(done.stdout)
    assert (document["complete"], document["holds"]) == (False, False)
    assert 0 < len(document["points"]) < 2000
    for point in document["points"]:
        (energy, _) = (state["energy"] for state in point["states"])
        assert energy == pytest.approx((math.pi / point["values"]["a"]) ** 2 + 1, rel=1e-9)
