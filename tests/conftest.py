"""Settings for every test: one thread for each numerical library, reproducible property tests.

pytest-xdist already keeps both cores busy; BLAS and torch threads on top of that only get in the way.
The variables are set before anything imports numpy or torch, and subprocesses inherit them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# The same examples on every machine, so that a red test means a change; set HYPOTHESIS_PROFILE=explore
# to draw new ones.
settings.register_profile("reproducible", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """What a shell starts in the background is deaf to Ctrl-C, and so is all that it starts: not so here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout (or of the unpacked sdist)."""
    return ROOT


@pytest.fixture(scope="session")
def examples(root: Path) -> Path:
    """The folder with the example problems."""
    return root / "examples"


@pytest.fixture(scope="session")
def qdsl_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `qdsl` in a process of its own; returns its exit status, standard output and standard error."""

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        options = {"encoding": "utf-8", "timeout": 120, "stdin": subprocess.DEVNULL} | options
        if "input" in options:
            del options["stdin"]
        environment = os.environ | {"PYTHONIOENCODING": "utf-8"} | options.pop("env", {})  # type: ignore[operator]
        command = [sys.executable, "-m", "qdsl", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, check=False, env=environment, **options)  # type: ignore[call-overload]

    return run
