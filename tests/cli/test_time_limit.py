"""`--time-limit`: what takes longer is given up, what is done is kept, and the exit status is 124."""

from __future__ import annotations

import json

import pytest

from qdsl.cli import main
from qdsl.cli.limit import TimeUp, time_limit

SLOW = """domain x in [0, 1]
potential V(x) = 0
train {
  method    = gradient
  optimizer = adam(rate = 1e-3, steps = 100000)
}
"""


@pytest.fixture
def slow(tmp_path):
    file = tmp_path / "slow.qw"
    file.write_text(SLOW)
    return file


def test_a_block_is_left_and_the_alarm_is_off_again():
    def run_for_ever() -> None:
        with time_limit(0.05):
            while True:
                pass

    with pytest.raises(TimeUp, match=r"the time limit of 0.05 s is over"):
        run_for_ever()
    with time_limit(0.05):
        pass
    end = sum(range(3_000_000))  # longer than the limit that has been left
    assert end > 0


def test_solve(slow, capsys):
    assert main(["solve", str(slow), "--time-limit", "0.5"]) == 124
    assert capsys.readouterr().err == "error: the time limit of 0.5 s is over\n"


def test_solve_as_json(slow, capsys):
    assert main(["solve", str(slow), "--time-limit", "0.5", "--json"]) == 124
    document = json.loads(capsys.readouterr().out)
    assert document["diagnostics"][0]["message"] == "the time limit of 0.5 s is over"


def test_verify_goes_on_with_the_next_file(slow, tmp_path, capsys):
    (tmp_path / "well.qw").write_text("domain x in [0, 1]\npotential V(x) = 0\n")
    assert main(["verify", str(tmp_path), "--time-limit", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("FAILED  the time limit of 1 s is over")
    assert " ok " in lines[1]


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "soon"])
def test_limits_that_are_none(limit, slow, capsys):
    assert main(["solve", str(slow), f"--time-limit={limit}"]) == 2
    assert "expected a number of seconds above 0" in capsys.readouterr().err
