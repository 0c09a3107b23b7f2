"""Files on disk: one appears whole or not at all, and what stands in its way is found beforehand."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from qdsl.errors import UsageError

PLOT_FORMATS = ("png", "svg", "pdf")


def check_plot_target(path: str | os.PathLike[str]) -> Path:
    """The file that a picture will go to, found writable before the solve.

    Raises UsageError for an unknown kind of file, a missing folder, or one that may not be written to.
    """
    target = Path(path)
    suffix = target.suffix.lower().removeprefix(".")
    if suffix not in PLOT_FORMATS:
        kinds = ", ".join(f".{kind}" for kind in PLOT_FORMATS)
        raise UsageError(
            f"cannot tell what kind of picture '{path}' is", hint=f"the name ends in one of {kinds}"
        )
    if target.is_dir():
        raise UsageError(f"cannot draw to '{path}': it is a directory")
    if not target.parent.is_dir():
        raise UsageError(f"cannot draw to '{path}': there is no directory '{target.parent}'")
    try:
        # Only trying tells: rights, quotas and read-only disks look alike from outside.
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise UsageError(f"cannot draw to '{path}': {_reason(error)}") from None
    return target


def write_file(target: Path, data: bytes) -> None:
    """Put data into a file in one step: readers see the old file or the new one, never a half.

    Raises UsageError when that is not possible; nothing is left behind then.
    """
    final = target.resolve()  # a link stays a link
    temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if final.exists():
            shutil.copymode(final, temporary)
        temporary.replace(final)
    except OSError as error:
        raise UsageError(f"cannot write '{target}': {_reason(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
