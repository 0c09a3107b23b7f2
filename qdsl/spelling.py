"""Names that are nearly right: which one was meant?"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХаеорсухіΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxiABEZHIKMNOPTYXo")
"""Cyrillic and Greek letters that nobody can tell from Latin ones."""

_MOST_COMPARED = 200
"""Known names that a misspelt one is held against, so that hostile files cost no time."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None when nothing is close."""
    candidates = list(known)
    same = same_name(name, candidates)
    if same is not None or len(name) > 80:
        return same
    if len(name) == 1:  # of two letters, every second name is half right
        candidates = [candidate for candidate in candidates if candidate[:1] == name]
    candidates = candidates[-_MOST_COMPARED:]
    least = 1 if len(name) > 2 else 3
    if slips := [candidate for candidate in candidates if _slip(name, candidate) >= least]:
        return max(slips, key=lambda one: (_slip(name, one), _closeness(name, one)))
    close = difflib.get_close_matches(name, candidates, n=5, cutoff=0.6)
    # Of equally close ones, people mean that which begins the same way: psi for psi_n, rather than sin.
    return max(close, key=lambda one: _closeness(name, one)) if close else None


def _slip(name: str, meant: str) -> int:
    """3 for letters exchanged or doubled, 2 for one wrong or missing, 1 for one too much, else 0."""
    if abs(len(name) - len(meant)) > 1:
        return 0
    start = _same_start(name, meant)
    rest, other = name[start:], meant[start:]
    if rest[:2] == other[1::-1] and rest[2:] == other[2:]:
        return 3
    if len(name) == len(meant):
        return 2 if rest[1:] == other[1:] else 0
    if rest[1:] == other:
        return 3 if rest[:1] == name[start - 1 : start] else 1
    return 2 if rest == other[1:] else 0


def _same_start(a: str, b: str) -> int:
    """How many letters two names share from the beginning."""
    pairs = zip(a, b, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(a), len(b)))


def same_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that is the same but for capitals, `_`, subscripts and letters that look alike."""
    plain = {_plain(candidate): candidate for candidate in known}
    return plain.get(_plain(name))


def _plain(name: str) -> str:
    alike = unicodedata.normalize("NFKC", name).translate(_LOOK_ALIKE)
    return alike.casefold().replace("_", "").replace("-", "") or name


def _closeness(name: str, candidate: str) -> tuple[float, int]:
    ratio = difflib.SequenceMatcher(a=candidate, b=name).ratio()
    return round(ratio, 2), _same_start(name, candidate)
