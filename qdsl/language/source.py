"""Reading text: bytes from a file or standard input become a `Source` with Unix line ends."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from qdsl.errors import LanguageError, Source, UsageError
from qdsl.spelling import did_you_mean

SIZE_LIMIT = 1_000_000
"""Bytes.  Problems of 1-D quantum mechanics take a few hundred; a bigger file is some other file."""


_LINE_ENDS = dict.fromkeys(map(ord, "\r\x85\u2028\u2029"), "\n")


def read_source(where: str | os.PathLike[str] | bytes, name: str | None = None) -> Source:
    """The text of a file (a path) or of standard input (its bytes), ready for `parse`.

    UTF-8 is expected; a byte-order mark is dropped, CRLF and CR become LF.  `name` is what messages
    call the source; the default is the path as given, or `<stdin>` for bytes.

    Raises UsageError when there is no readable text (missing, a directory, not permitted, binary, too
    big), and LanguageError, pointing at the place, when a byte is not UTF-8.
    """
    if isinstance(where, bytes):
        return _decode(where, name or "<stdin>")
    name = name or str(where)
    return replace(_decode(read_bytes(where, name), name), path=str(where))


def source_from_text(text: str, name: str = "<text>") -> Source:
    """A `Source` of text that is already in memory, with its line ends brought to LF.

    Raises UsageError when the text is too big or holds a zero character.
    """
    if len(text) > SIZE_LIMIT:
        raise _too_big(name)
    if "\0" in text:
        raise _binary(name, text.index("\0"))
    return Source(name, _unix(text.removeprefix("\ufeff")))


def read_bytes(where: str | os.PathLike[str], name: str | None = None) -> bytes:
    """The bytes of a file, and no more of a bigger one than shows that it is too big.

    Raises UsageError when it cannot be read.
    """
    path = Path(where)
    name = name or str(where)
    try:
        with path.open("rb") as file:
            # One byte more than allowed tells a big file from a full one, and /dev/zero from both.
            return file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file '{name}'", hint=_neighbour(path)) from None
    except IsADirectoryError:
        raise UsageError(f"'{name}' is a directory, not a .qw file") from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises for impossible names; Windows ends here
            raise UsageError(f"'{name}' is a directory, not a .qw file") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"cannot read '{name}': {reason.lower()}") from None


def _neighbour(path: Path) -> str:
    """A hint that names the file in the same folder that was perhaps meant."""
    try:
        names = [entry.stem for entry in path.parent.iterdir() if entry.suffix == ".qw"]
    except (OSError, ValueError):
        return ""
    meant = did_you_mean(path.stem, names)
    return f"did you mean '{path.with_name(f'{meant}.qw')}'?" if meant else ""


def _decode(data: bytes, name: str) -> Source:
    if len(data) > SIZE_LIMIT:
        raise _too_big(name)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"'{name}' is UTF-16 text, not UTF-8 (bytes 0 and 1)", hint="save it as UTF-8")
    if b"\0" in data:
        raise _binary(name, data.index(b"\0"))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = Source(name, _unix(data.decode("utf-8", "replace").removeprefix("\ufeff")))
        place = len(_unix(data[: error.start].decode("utf-8").removeprefix("\ufeff")))
        raise LanguageError(
            f"byte {error.start} of the file (0x{data[error.start]:02x}) is not UTF-8 text",
            shown.span(place, min(place + 1, len(shown.text))),
            "save the file as UTF-8",
        ) from None
    return Source(name, _unix(text.removeprefix("\ufeff")))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_LINE_ENDS)


def _too_big(name: str) -> UsageError:
    return UsageError(f"'{name}' is bigger than {SIZE_LIMIT:,} bytes: this is no .qw file")


def _binary(name: str, position: int) -> UsageError:
    return UsageError(f"'{name}' is not a text file: byte {position} is zero")
