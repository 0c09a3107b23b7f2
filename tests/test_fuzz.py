"""Whatever the file: a problem, or an error that points into its source; tests/bench/fuzz.py goes further."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest

if not hasattr(signal, "setitimer"):
    pytest.skip("interrupting a reading needs POSIX signals", allow_module_level=True)


def _fuzzing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("qdsl_fuzzing", Path(__file__).with_name("fuzzing.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


fuzzing = _fuzzing()
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_reading_random_files_ends_in_a_problem_or_in_an_error_that_points_into_them(
    part: int, tmp_path: Path, root: Path
) -> None:
    shutil.copytree(root / "tests/errors/parts", tmp_path / "parts")
    bad = {}
    for number in range(part, 2000, PARTS):
        found = fuzzing.outcome(fuzzing.generated(number), tmp_path / "input.qw", limit=20)
        if found.bad:
            bad[number] = found.kind
    assert not bad
