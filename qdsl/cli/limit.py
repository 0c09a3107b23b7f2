"""A limit on the time that solving may take."""

from __future__ import annotations

import _thread
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

    A second thread waits, and then does what Ctrl-C does, which every system knows.  It is seen between two
    steps of Python: a matrix that is being decomposed is finished first, and so is a module that is being
    imported.  Raises UsageError outside of the main thread, which alone hears Ctrl-C.
    """
    if seconds is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        raise UsageError("there is a time limit in the main thread only", hint="leave the limit out")
    before = signal.getsignal(signal.SIGINT)
    clock = _Clock(seconds, before)
    try:
        signal.signal(signal.SIGINT, clock.heed)
        clock.start()
        yield
    finally:
        try:
            clock.stop()
        finally:  # an alarm that rang just now is heeded before
            signal.signal(signal.SIGINT, before)


class _Clock:
    """An alarm clock, and what is done when it rings; `before`: what Ctrl-C does without it."""

    def __init__(self, seconds: float, before: object) -> None:
        self.seconds = seconds
        self.before = before
        self.rung = threading.Event()
        self.stopped = False
        self.timer = self._timer(seconds)

    def _timer(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._ring)
        timer.daemon = True
        return timer

    def start(self) -> None:
        self.timer.start()

    def snooze(self) -> None:
        """Ring again soon."""
        self.timer = self._timer(SNOOZE)
        self.timer.start()

    def stop(self) -> None:
        """No `TimeUp` from here on."""
        self.stopped = True
        self.timer.cancel()
        if self.timer.ident is not None:
            self.timer.join()

    def _ring(self) -> None:
        self.rung.set()
        _thread.interrupt_main()

    def heed(self, number: int, frame: FrameType | None) -> None:
        """Called in the main thread, by the clock and by Ctrl-C."""
        if not self.rung.is_set():
            if callable(self.before):
                self.before(number, frame)
            return
        if self.stopped:
            return
        if _imports(frame):
            self.snooze()
            return
        raise TimeUp(f"the time limit of {self.seconds:g} s is over")


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being imported: half of numpy or torch is worse than none."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
