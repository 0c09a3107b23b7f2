"""Whatever the file: a problem, or an error that points into its source; tests/bench/fuzz.py goes further."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest

if not hasattr(signal, "setitimer"):
    pytest.skip("interrupting a reading needs POSIX signals", allow_module_level=True)

import fuzzing
from sound_files import sound_file

PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_reading_random_files_ends_in_a_problem_or_in_an_error_that_points_into_them(
    part: int, tmp_path: Path, root: Path
) -> None:
    shutil.copytree(root / "tests/errors/parts", tmp_path / "parts")
    bad = {}
    for number in range(part, 1600, PARTS):
        found = fuzzing.outcome(fuzzing.generated(number), tmp_path / "input.qw", limit=20)
        if found.bad:
            bad[number] = found.kind
    assert not bad


def test_a_third_of_what_is_written_from_scratch_are_sound_problems(tmp_path: Path) -> None:
    kinds = [fuzzing.outcome(fuzzing.generated(n), tmp_path / "input.qw", 20).kind for n in range(0, 400, 4)]
    assert kinds.count("problem") > len(kinds) / 3


def test_a_number_always_gives_the_same_file() -> None:
    assert sound_file(random.Random(7)) == sound_file(random.Random(7))
    assert len({sound_file(random.Random(n)) for n in range(100)}) == 100
