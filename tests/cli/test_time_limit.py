"""`--time-limit`: what takes longer is given up, what is done is kept, and the exit status is 124."""

from __future__ import annotations

import importlib
import json
import signal
import sys
import threading
import time

import pytest

from qdsl.cli import main
from qdsl.cli.limit import TimeUp, time_limit
from qdsl.errors import UsageError

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


def run_for_ever() -> None:
    while True:
        pass


def test_a_block_is_left_and_the_alarm_is_off_again():
    with pytest.raises(TimeUp, match=r"the time limit of 0.05 s is over"), time_limit(0.05):
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


def test_the_interrupt_key_is_not_the_clock():
    """Ctrl-C does what it did, within a limit and after it."""
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt) as caught, time_limit(60):
            signal.raise_signal(signal.SIGINT)
        assert not isinstance(caught.value, TimeUp)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_import_is_finished_first(tmp_path, monkeypatch):
    (tmp_path / "slow_module_of_a_test.py").write_text(
        "import time\nfor _ in range(30): time.sleep(0.01)\ndone = 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    began = time.perf_counter()
    with pytest.raises(TimeUp), time_limit(0.05):  # noqa: PT012 - the alarm rings in the first of them
        importlib.import_module("slow_module_of_a_test")
        run_for_ever()
    assert sys.modules["slow_module_of_a_test"].done == 1
    assert time.perf_counter() - began >= 0.3


def test_another_thread_has_no_limit():
    raised = []

    def run() -> None:
        try:
            with time_limit(1):
                pass
        except UsageError as error:
            raised.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert raised == ["error: there is a time limit in the main thread only\n  hint: leave the limit out"]


def test_alarms_that_ring_at_the_end_of_the_block():
    for _ in range(300):
        try:
            with time_limit(1e-4):
                pass
        except TimeUp:
            pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
