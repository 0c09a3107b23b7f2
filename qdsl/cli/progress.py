"""A progress bar on standard error, for what takes longer than half a second."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 0.5
"""Seconds before a bar appears."""


class Meter:
    """Shows how far a solve has come; call it with the name of the stage and the fraction done.

    A timer puts the bar up, so that it also appears while the solver is busy elsewhere (loading torch).
    It vanishes at the end.  Where standard error is not a terminal there is none.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._stage, self._fraction = "loading", 0.0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._over = False
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Meter:
        if self._wanted:
            self._timer.start()
        return self

    def __call__(self, stage: str, fraction: float) -> None:
        with self._lock:
            self._stage, self._fraction = stage, fraction
            self._update()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._over:
                return
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(self._stage, total=None)
            self._bar.start()
            self._update()

    def _update(self) -> None:
        if self._bar is None or self._task is None:
            return
        # Before the first report there is no fraction to show, only that something goes on.
        total = 1.0 if self._fraction > 0 else None
        self._bar.update(self._task, description=self._stage, total=total, completed=self._fraction)
