"""A limit on the time that solving may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from qdsl.errors import UsageError

SNOOZE = 0.02
"""Seconds until the alarm rings again when it cannot be heeded."""


class TimeUp(KeyboardInterrupt):
    """The limit is reached; like Ctrl-C, nothing that catches errors catches it."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `TimeUp` in this block after so many seconds; None is no limit.

    The alarm is that of the operating system, and is seen between two steps of Python: a matrix that is
    being decomposed is finished first, and so is a module that is being imported.  Raises UsageError where
    there is no such alarm (Windows).
    """
    if seconds is None:
        yield
        return
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        raise UsageError("this system has no alarm clock for a time limit", hint="leave --time-limit out")

    def ring(_number: int, frame: FrameType | None) -> None:
        if _imports(frame):
            signal.setitimer(signal.ITIMER_REAL, SNOOZE)
            return
        raise TimeUp(f"the time limit of {seconds:g} s is over")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being imported: half of numpy or torch is worse than none."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
