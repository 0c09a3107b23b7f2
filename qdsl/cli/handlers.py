"""Which function carries out which command; its module is loaded when the command is given."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import cast

Handler = Callable[[argparse.Namespace], int]

_HOMES = {
    "solve": "qdsl.cli.commands",
    "check": "qdsl.cli.commands",
    "explain": "qdsl.cli.commands",
    "potentials": "qdsl.cli.cataloguing",
    "verify": "qdsl.cli.verifying",
    "fmt": "qdsl.cli.formatting",
    "new": "qdsl.cli.starting",
    "completion": "qdsl.cli.completing",
}


def handler(command: str) -> Handler:
    """The function for a command; it returns the exit status, and raises QdslError for mistakes."""
    return cast(Handler, getattr(importlib.import_module(_HOMES[command]), command))
