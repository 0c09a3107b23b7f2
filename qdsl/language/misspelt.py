"""Small words with a wrong letter: `{ 0 fi x < 1 }`, `within` as `withing`, `in 11 pionts`.

The parser takes them for names or units, and stumbles over what follows.
"""

from __future__ import annotations

from lark import Token

from qdsl.errors import Diagnostic
from qdsl.language.formula_mistakes import FOREIGN
from qdsl.language.stuck import Stuck, quoted, short
from qdsl.spelling import did_you_mean

_WORDS = {"expect": ("within",), "sweep": ("step", "in", "points"), "param": ("in",), "train": ("then",)}
_IN_CASES = ("if", "otherwise", "and", "or", "not")


def misspelt_word(stuck: Stuck) -> Diagnostic | None:
    """The word before the place where the parser stopped, or at it."""
    if not stuck.wants_operator:
        return None
    for token in (stuck.back(), stuck.found):
        meant = _meant(stuck, token)
        if meant:
            hint = f"did you mean '{meant}'?"
            simple = token is not stuck.found and stuck.found.type in ("NAME", "INTEGER", "DECIMAL")
            if simple and not stuck.at_end:
                hint += f" a product is written with '*': {short(token)}*{short(stuck.found)}"
            return stuck.says(f"{quoted(token)} is no word that belongs here", hint, at=token)
    return None


def _meant(stuck: Stuck, token: Token) -> str | None:
    """The small word that is meant by a name at its place, or nothing."""
    if token.type != "NAME" or token.lower() in FOREIGN:
        return None
    train = stuck.keyword == "train"
    words = _WORDS.get(stuck.keyword, ()) if train or not stuck.bracket else ()
    if stuck.bracket == "{" and not train:
        words = _IN_CASES
    if "in" in words and len(token) == 2 and (token[0] == "i" or token[1] == "n"):
        return "in"
    return did_you_mean(token, words) if words and len(token) > 1 else None
