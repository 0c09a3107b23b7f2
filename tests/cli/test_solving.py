"""`qdsl solve` from the outside: results, formats, and exit statuses of the examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import qdsl
from qdsl.cli import main


def solved(capsys: pytest.CaptureFixture[str], *arguments: str | Path, status: int = 0) -> str:
    """Standard output of a run that ends with the given status and says nothing on standard error."""
    assert main(["solve", *map(str, arguments)]) == status
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_json_is_one_document_and_nothing_else(qdsl_command, examples):
    run = qdsl_command("solve", examples / "finite_well.qw", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    document = json.loads(run.stdout)
    assert document["source"]["file"].endswith("finite_well.qw")
    assert document["parameters"] == {"V0": 20.0, "a": 1.0}
    assert document["status"] == "certified"
    energies = [state["energy"] for state in document["states"]]
    assert energies == pytest.approx([1.639480147541, 6.441879958128, 13.89153475647], rel=1e-9)
    assert all(state["bound"] > 0 for state in document["states"])
    assert all(entry["passed"] for entry in document["expect"])
    assert document["seconds"]["solve"] > 0


def test_table_shows_energies_and_verdict(capsys, examples):
    out = solved(capsys, examples / "infinite_well.qw")
    assert "Infinite square well" in out
    assert "9.86960440" in out
    assert "Certified: " in out
    assert out.count("✓") == 6


def test_failed_expectations_are_status_1(capsys, examples):
    out = solved(capsys, examples / "finite_well.qw", "--set", "V0 = 10 + 10", "--set", "a=3/2", status=1)
    assert "3 of 3 expectations failed" in out
    assert "Certified: " in out


def test_quiet_only_sets_the_status(capsys, examples):
    assert solved(capsys, examples / "infinite_well.qw", "--quiet") == ""
    assert solved(capsys, examples / "finite_well.qw", "--quiet", "--set", "a=2", status=1) == ""


def test_standard_input(qdsl_command, examples):
    text = (examples / "infinite_well.qw").read_text(encoding="utf-8")
    run = qdsl_command("solve", "-", "--json", input=text)
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["title"] == "Infinite square well"


def test_seed_and_method_take_precedence(capsys, examples):
    document = json.loads(
        solved(capsys, examples / "finite_barrier.qw", "--json", "--seed=7", "--method=ritz")
    )
    assert document["seed"] == 7
    assert document["method"] == "ritz"


@pytest.mark.parametrize("kind", ["png", "svg", "pdf", "PNG"])
def test_pictures(capsys, examples, tmp_path, kind):
    target = tmp_path / f"well.{kind}"
    target.write_bytes(b"old")
    solved(capsys, examples / "infinite_well.qw", "--quiet", "--plot", target)
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind.lower()]
    assert target.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [target.name], "no temporary file is left"


def test_the_same_run_twice_says_the_same(capsys, examples):
    first, second = (json.loads(solved(capsys, examples / "double_well.qw", "--json")) for _ in range(2))
    del first["seconds"], second["seconds"]
    assert first == second


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"qdsl {qdsl.__version__}\n"
    assert main(["--help"]) == 0
    assert "exit status" in capsys.readouterr().out
    assert main(["solve", "--help"]) == 0
    out = capsys.readouterr().out
    for option in ("--json", "--plot", "--set", "--method", "--seed", "--device", "--quiet", "--debug"):
        assert option in out


def test_check_accepts_all_examples(capsys, examples):
    files = sorted(map(str, examples.glob("*.qw")))
    assert len(files) >= 15
    assert main(["check", *files]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count(": ok") == len(files)


def test_check_and_explain_do_without_torch(examples):
    for command in ("check", "explain"):
        script = (
            "import sys\n"
            "from qdsl.cli import main\n"
            f"assert main(['{command}', {str(examples / 'finite_well.qw')!r}]) == 0\n"
            "assert not {'torch', 'matplotlib', 'scipy', 'rich'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_only_where_it_is_wanted(examples, variables, coloured):
    import pty

    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "120"} | variables
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "qdsl", "solve", str(examples / "infinite_well.qw")]
    with subprocess.Popen(command, stdout=follower, stderr=subprocess.DEVNULL, env=environment) as process:
        os.close(follower)
        shown = b""
        try:
            while chunk := os.read(leader, 65536):
                shown += chunk
        except OSError:  # how Linux says that the other side has closed
            pass
        assert process.wait(timeout=60) == 0
    os.close(leader)
    assert b"Infinite square well" in shown
    assert (b"\x1b[32m" in shown) == coloured


def test_no_colour_in_a_pipe(capsys, examples):
    assert "\x1b" not in solved(capsys, examples / "infinite_well.qw")


def test_searches_are_checked_and_explained(capsys, tmp_path):
    for find, said in (("bound states", "bound states"), ("states below -2", "states below -2")):
        file = tmp_path / "well.qw"
        file.write_text(f"domain x in (-inf, inf)\npotential V(x) = -6/cosh(x)^2\nfind {find}\n")
        assert main(["check", str(file)]) == 0
        assert said in capsys.readouterr().out
        assert main(["explain", str(file)]) == 0
        assert "Wanted: all states below" in capsys.readouterr().out
