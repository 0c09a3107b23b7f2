"""Characters that mean something elsewhere, in LaTeX, Matlab, C or Fortran, and what stands for them here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from lark import Token

from qdsl.language.words import OPERAND_END

_COMMENT = "a comment begins with '#'"
_RANGE = "a range is written 0..4"
_QUOTE = 'write a straight quote: "'
_PRIME = "a derivative is written with a straight quote: psi'"
_MEAN = "an expectation value is written mean(f, n)"
_TOLERANCE = "write '=', and the tolerance behind the value: within 1e-9"

_INSTEAD = {
    "…": _RANGE,
    "&": "write 'and'",
    "∧": "write 'and'",
    "∨": "write 'or'",
    "¬": "write 'not'",
    "∈": "write 'in'",
    "√": "write sqrt(…)",
    "∛": "write cbrt(…)",
    "±": "there is one value to a formula: write '+' or '-'",
    "∂": "a derivative is written with a prime: psi'",
    "∇": "a derivative is written with a prime: psi'",
    "∫": "integrals of states are written mean(f, n) and element(m, f, n)",
    "⟨": _MEAN,
    "⟩": _MEAN,
    "°": "angles are in radians: 30 degrees are pi/6",
    "—": "write '-'",
    "”": _QUOTE,
    "»": _QUOTE,
    "‘": _PRIME,
    "`": _PRIME,
    "\\": "a formula goes on in the next line when it stands in ( )",
    "$": "formulas stand without '$': 2*x^2",
    "~": "a value is set with '='",
    "≈": "a value is set with '='",
    "→": "write the place alone: psi(inf)",
    "@": "a name begins with a letter or '_'",
    "½": "write (1/2)",
    "⅓": "write (1/3)",
    "¼": "write (1/4)",
    "¾": "write (3/4)",
}
INVISIBLE = "delete this character, which cannot be seen"

_LATEX = {
    **dict.fromkeys(("infty",), "inf"),
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **dict.fromkeys(("le", "leq"), "<="),
    **dict.fromkeys(("ge", "geq"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("lt",), "<"),
    **dict.fromkeys(("gt",), ">"),
    **dict.fromkeys(("land", "wedge"), "and"),
    **dict.fromkeys(("lor", "vee"), "or"),
    "in": "in",
    "div": "/",
    "mathrm": "the word alone",
    "text": "the word alone",
    "left": "the bracket alone",
    "right": "the bracket alone",
    "begin": "cases in braces: { 0 if |x| < 1; 20 otherwise }",
    "sqrt": "sqrt(…)",
    "ln": "log(…)",
    "quad": "a space",
}
_FUNCTIONS = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "min", "max")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}\n]{1,30})\}\s*\{([^{}\n]{1,30})\}")
_TERNARY = re.compile(
    r"=\s*([^=?;{}\n]{1,40}?)\s*\?\s*([^?:;\n]{1,40}?)\s*:\s*([^?:;#\n]{1,40}?)\s*(?:#.*)?$"
)
_FILES = ("qw", "csv", "txt", "dat", "tsv")
_MODULES = ("math", "np", "numpy", "sp", "sympy", "cmath", "torch", "scipy", "Math", "Base", "std")


def elsewhere(text: str, start: int, before: Sequence[Token]) -> tuple[int, int, str]:
    """What a stray character of the text belongs to (from where to where), and what to write instead.

    `before` are the tokens of the statement so far.
    """
    char, end = text[start], start + 1
    last = before[-1] if before else None
    operand = last is not None and last.type in OPERAND_END
    glued = operand and last is not None and last.end_pos == start
    if text.startswith(char * 2, start):
        end += 1
    if char == "\\" and (command := re.compile(r"\\([A-Za-z]{1,30})").match(text, start)):
        return start, command.end(), _latex(text, start, command[1])
    if char == ".":
        return _point(text, start, last if glued else None)
    if char == "!":
        factorial = "there is no factorial: write the number that it is"
        comment = f"{_COMMENT}" if operand or not before else "write 'not', or '!=' for unequal"
        return start, end, factorial if glued else comment
    if char == "%":
        number = glued and last is not None and last.type in ("INTEGER", "DECIMAL")
        return start, end, f"write {last}/100" if number else _COMMENT
    if char == "`" and not before:
        return start, end, "take this line out: a file holds statements and comments only"
    if char == "@" and text.startswith("@(", start):
        return start, end, "a function is written: define f(x, a) = a*x^2"
    if before and before[0].type == "EXPECT" and char in "≈~±":
        return start, end, _TOLERANCE if char != "±" else "write 'within' and the tolerance"
    if before and before[0].type == "BOUNDARY" and char in "&∧":
        return start, end, "conditions are separated by commas: write ','"
    if char == "?":
        return start, end, _ternary(text, start)
    return start, end, _instead(char)


def _latex(text: str, start: int, command: str) -> str:
    fraction = _FRACTION.match(text, start)
    if fraction:
        above, below = (part if part.isalnum() else f"({part})" for part in fraction.groups())
        return f"there is no LaTeX here, write: {above}/{below}"
    instead = f"{command}(…)" if command in _FUNCTIONS else _LATEX.get(command, command)
    return f"there is no LaTeX here, write: {'(…)/(…)' if command.endswith('frac') else instead}"


def _point(text: str, start: int, glued: Token | None) -> tuple[int, int, str]:
    """A point: of a number without a digit on one side, of Matlab's operators, of a module, of a file."""
    rest = text[start + 1 : start + 40]
    if text[start - 1 : start] == ".":
        return start, start + 1, f"{_RANGE}, with two points"
    if glued is None:
        return start, start + 1, f"{_RANGE}, a number needs a digit on both sides of its point: 1.0"
    if rest[:1] in ("*", "/", "^"):
        return start, start + 2, f"write '{rest[0]}': a formula holds at every place by itself"
    if glued.type == "INTEGER":
        fortran = re.match(r"[dDeE]([+-]?[0-9]{1,4})", rest)
        written = f"{glued}e{fortran[1]}" if fortran else f"{glued}.0"
        end = start + 1 + (fortran.end() if fortran else 0)
        return start - len(glued), end, f"write {written}" if len(glued) < 20 else "a digit follows the point"
    word = re.match(r"\w{1,30}", rest)
    begin, end = start - len(glued), start + 1 + (word.end() if word else 0)
    if glued.type == "NAME" and word and word[0] in _FILES:
        return begin, end, f'the name of a file stands between double quotes: "{glued}.{word[0]}"'
    if glued.type == "NAME" and word and glued in _MODULES:
        return begin, end, f"functions stand without a module: write {word[0]}"
    return start, start + 1, "there are no points in names; a range is written 0..4, a number 1.0"


def _ternary(text: str, start: int) -> str:
    first = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    found = _TERNARY.search(text[first : end if end >= 0 else len(text)][:200])
    condition, value, other = found.groups() if found else ("|x| < 1", "0", "20")
    return f"cases stand in braces: {{ {value} if {condition}; {other} otherwise }}"


def _instead(char: str) -> str:
    """What to write in the place of a character, or nothing."""
    if char in _INSTEAD:
        return _INSTEAD[char]
    if not char.isprintable() or unicodedata.category(char) == "Cf":
        return INVISIBLE
    wide = unicodedata.normalize("NFKC", char)
    return f"write '{wide}'" if wide != char and wide.isascii() and wide.isprintable() else ""
