"""Where a space stands between two tokens of a formatted text."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from qdsl.language.words import OPERAND_END

_OPENING = frozenset({"LPAR", "LSQB", "_OPEN_BAR"})
_CLOSING = frozenset({"RPAR", "RSQB", "_CLOSE_BAR"})
_TIGHT = frozenset({"TIMES", "POWER"})
_CALLED = frozenset({"NAME", "RSQB", "PRIME"})
"""What an opening bracket belongs to: `f(x)`, `psi[0](x)`, `psi'(0)`."""


def spaced(tokens: Sequence[Token], weights: frozenset[int] = frozenset()) -> str:
    """The tokens of one line with the spaces of the usual notation between them.

    Sums, comparisons and `=` are spaced, products and powers are not; `weights` holds the positions of the
    braces that are written like `{residual: 1}`, without space inside.
    """
    text = ""
    ranges = bool(tokens) and tokens[0].type == "FIND"
    for index, token in enumerate(tokens):
        if index:
            before = tokens[index - 1]
            signed = before.type == "SIGN" and (index < 2 or tokens[index - 2].type not in OPERAND_END)
            inner = before.start_pos in weights or token.end_pos in weights
            dots = ranges and (token.type == "DOTS" or (before.type == "DOTS" and token[0] != "."))
            if not (signed or inner or dots or _touch(before.type, token.type)):
                text += " "
        text += token
    return text


def _touch(before: str, after: str) -> bool:
    if after in ("COMMA", "COLON", "SEMICOLON", "PRIME", "SUPERSCRIPT") or after in _CLOSING:
        return True
    if before in _OPENING or before in _TIGHT or after in _TIGHT:
        return True
    return after in ("LPAR", "LSQB") and before in _CALLED
