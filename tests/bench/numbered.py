"""The options of scripts that try one numbered input after the other."""

from __future__ import annotations

import argparse
from pathlib import Path


def options(description: str, count: int, keep: str) -> argparse.ArgumentParser:
    """A parser of --start, --count, --seconds, --keep and --show."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--keep", type=Path, default=Path(keep), help="folder for what has failed")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write one input to standard output")
    return parser
