"""From the place where the parser stopped to a sentence that a student learns from."""

from __future__ import annotations

from qdsl.errors import Diagnostic, Source
from qdsl.language.formula_mistakes import FORMULA_MISTAKES
from qdsl.language.habits import HABITS
from qdsl.language.misspelt import misspelt_word
from qdsl.language.notations import NOTATIONS
from qdsl.language.statement_mistakes import FRAME_MISTAKES, STATEMENT_MISTAKES
from qdsl.language.stuck import Stuck, describe

_SMALLEST = """a smallest problem takes two lines:
        domain x in [0, 1]
        potential V(x) = 0"""

_NAMED = {
    "EQUAL": "'='",
    "IN": "'in'",
    "WITHIN": "'within'",
    "DOTS": "'..'",
    "STEP": "'step'",
    "POINTS": "'points'",
    "IF": "'if'",
    "OTHERWISE": "'otherwise'",
    "COMMA": "','",
    "COLON": "':'",
    "LPAR": "'('",
    "RPAR": "')'",
    "LSQB": "'['",
    "RSQB": "']'",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "STATE": "'state'",
    "STATES": "'states'",
    "BELOW": "'below'",
    "STRING": "a text in double quotes",
}


RECOGNISED = (
    *HABITS,
    *NOTATIONS,
    misspelt_word,
    *STATEMENT_MISTAKES,
    *FORMULA_MISTAKES,
    *FRAME_MISTAKES,
)
"""In the order in which they are asked; the first that recognises its mistake explains it."""


def explain(stuck: Stuck) -> Diagnostic:
    """What is wrong where the parser stopped, and how to mend it."""
    for recognise in (
        *HABITS,
        *NOTATIONS,
        misspelt_word,
        *STATEMENT_MISTAKES,
        *FORMULA_MISTAKES,
        *FRAME_MISTAKES,
    ):
        mistake = recognise(stuck)
        if mistake is not None:
            return mistake
    if "_NEWLINE" in stuck.expected and not stuck.bracket:
        return stuck.says(
            f"{describe(stuck.found)} does not belong here", "the statement is complete without it"
        )
    if stuck.at_end:
        return stuck.says("the statement breaks off here", f"expected {_expected(stuck)}")
    return stuck.says(f"{describe(stuck.found)} does not belong here", f"expected {_expected(stuck)}")


def empty_file(source: Source) -> Diagnostic:
    return Diagnostic("the file has no statements", source.span(0, 0), _SMALLEST)


def empty_expression(source: Source) -> Diagnostic:
    return Diagnostic("there is no value", source.span(0, 0), "write a number or a formula: 3, 2*pi, 6 nm")


def _expected(stuck: Stuck) -> str:
    words = [word for terminal, word in _NAMED.items() if terminal in stuck.expected]
    if stuck.wants_value:
        words.append("a value")
    elif stuck.wants_name:
        words.append("a name")
    if stuck.wants_operator:
        words.append("an operator")
    if "_NEWLINE" in stuck.expected:
        words.append("';' or a new line")
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
