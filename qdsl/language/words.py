"""The words and signs of the language, by the names that the grammar gives them."""

from __future__ import annotations

import unicodedata

STATEMENTS = {
    "title": 'title "Finite well"',
    "units": "units meV, nm",
    "include": 'include "other.qw"',
    "source": 'source "L. D. Landau and E. M. Lifshitz, Quantum Mechanics, par. 23"',
    "param": "param V0 = 20",
    "define": "define f(x, a) = a*x^2",
    "domain": "domain x in [0, 1]",
    "mass": "mass = 1",
    "potential": "potential V(x) = x^2",
    "equation": "equation -psi'' + x^2*psi = E*psi",
    "boundary": "boundary psi(0) = 0, psi(1) = 0",
    "find": "find states 0..4",
    "train": "train { method = ritz }",
    "report": "report E[1] - E[0]",
    "expect": "expect E[0] = 1 within 1e-9",
    "sweep": "sweep a = 0 .. 1 in 11 points",
}
"""The keywords that begin a statement, each with an example of its use."""

RESERVED = ("in", "if", "otherwise", "within", "step", "points", "then", "and", "or", "not")
"""The words that can never be names."""

TEXTS = {"TITLE": "the title", "INCLUDE": "the name of the file", "SOURCE": "the source"}
"""The statements that consist of a text, and what that text is."""

STATEMENT_TYPES = frozenset(map(str.upper, STATEMENTS))
RESERVED_TYPES = frozenset(map(str.upper, RESERVED))

FIND_TYPES = {
    "STATE": frozenset({"FIND"}),
    "STATES": frozenset({"FIND", "BOUND"}),
    "BOUND": frozenset({"FIND"}),
    "BELOW": frozenset({"STATES"}),
}
"""The words that mean something in a `find` statement only, and what stands before them there."""

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}

OPERAND_START = frozenset(
    {"NAME", "INTEGER", "DECIMAL", "LPAR", "LSQB", "LBRACE", "_OPEN_BAR", "STRING", "UNCLOSED"}
)
OPERAND_END = frozenset(
    {"NAME", "INTEGER", "DECIMAL", "RPAR", "RSQB", "RBRACE", "_CLOSE_BAR", "STRING", "SUPERSCRIPT", "PRIME"}
)

_SPELT = {"ψ": "psi", "π": "pi", "∞": "inf", "ħ": "hbar", "ℏ": "hbar"}


def canonical_name(text: str) -> str:
    """The one spelling of a name: NFC, and `ψ`, `π`, `∞`, `ħ` as `psi`, `pi`, `inf`, `hbar`; one mu."""
    normal = unicodedata.normalize("NFC", str(text)).replace("\u00b5", "\u03bc")
    return _SPELT.get(normal, normal)
