"""What goes to the terminal: JSON in its encoding, a progress bar that keeps out of the way."""

from __future__ import annotations

import json
import sys
import time

import pytest

from qdsl.cli import output
from qdsl.cli.progress import Meter


def test_json_escapes_only_where_the_encoding_needs_it(capsys, monkeypatch):
    output.print_json({"title": "ψ"})
    assert "ψ" in capsys.readouterr().out
    monkeypatch.setattr(output, "_is_unicode", lambda stream: False)
    output.print_json({"title": "ψ"})
    text = capsys.readouterr().out
    assert text.isascii()
    assert json.loads(text) == {"title": "ψ"}


class Terminal:
    """A standard error that claims to be a terminal, and remembers."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.shown = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.shown += text
        return len(text)

    def flush(self) -> None:
        pass


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in place of standard error; not in a fixture, for pytest would put its own back."""
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_no_bar_for_what_is_quick(monkeypatch):
    terminal = watched(monkeypatch)
    with Meter(wanted=True) as progress:
        progress("solving", 0.5)
    assert terminal.shown == ""


def test_a_bar_for_what_takes_long(monkeypatch):
    terminal = watched(monkeypatch)
    with Meter(wanted=True) as progress:
        progress("solving", 0.5)
        time.sleep(1.0)
        progress("verifying", 0.9)
    assert "solving" in terminal.shown


def test_no_bar_when_it_is_not_wanted_or_nobody_watches(monkeypatch):
    terminal = watched(monkeypatch)
    with Meter(wanted=False):
        time.sleep(0.7)
    assert terminal.shown == ""
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    with Meter(wanted=True):
        time.sleep(0.7)
    assert terminal.shown == ""
