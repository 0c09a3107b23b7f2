"""Two ways to set an explanation: text for a terminal, and a LaTeX article.

`qdsl.report.explain` says what to write, once; a writer decides how formulas, headings and lists look.
"""

from __future__ import annotations

import re
import textwrap
from typing import Protocol

import sympy as sp

from qdsl.report import notation

PSI = r"\psi"
"""The wavefunction in LaTeX."""


class Writer(Protocol):
    """Collects headings, paragraphs, formulas and list items; `text()` is the whole."""

    def title(self, text: str) -> None: ...

    def section(self, title: str) -> None: ...

    def paragraph(self, text: str) -> None:
        """Prose; formulas in it come from `math` and `expression`, foreign text from `words`."""

    def item(self, text: str) -> None: ...

    def formula(self, plain: str, latex: str) -> None:
        """A formula on its own line; `plain` may have several lines."""

    def definition(self, head: sp.Basic, expression: sp.Basic) -> None:
        """`head = expression` on its own line, cases one below the other."""

    def math(self, plain: str, latex: str) -> str:
        """A formula inside prose."""

    def expression(self, expression: sp.Basic) -> str:
        """A sympy expression inside prose."""

    def relation(self, *parts: sp.Basic | str) -> str:
        """Expressions and the signs between them, `a < x < b`, inside prose."""

    def words(self, text: str) -> str:
        """Text from a file, made safe."""

    def typeset(self, text: str) -> str:
        """A sentence with formulas in the notation of files, as prose."""

    def text(self) -> str: ...


class PlainWriter:
    """Unicode text, wrapped to a width that reads well."""

    def __init__(self, width: int = 88) -> None:
        self._width = width
        self._lines: list[str] = []
        self._sections = 0

    def title(self, text: str) -> None:
        self._lines += [self.words(text), "═" * len(text)]

    def section(self, title: str) -> None:
        self._sections += 1
        heading = f"{self._sections}. {title}"
        self._lines += ["", heading, "─" * len(heading)]

    def paragraph(self, text: str) -> None:
        if self._lines and self._lines[-1].strip("─═"):
            self._lines.append("")
        self._lines += textwrap.wrap(text, self._width, break_long_words=False, break_on_hyphens=False)

    def item(self, text: str) -> None:
        self._lines += textwrap.wrap(
            text,
            self._width,
            initial_indent="  • ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )

    def formula(self, plain: str, latex: str) -> None:
        self._lines += ["", *(f"    {line}" for line in plain.splitlines()), ""]

    def definition(self, head: sp.Basic, expression: sp.Basic) -> None:
        name = notation.plain(head)
        if not isinstance(expression, sp.Piecewise):
            self.formula(f"{name} = {notation.plain(expression)}", "")
            return
        rows = notation.cases(expression)
        width = max(len(value) for value, _ in rows)
        middle = (len(rows) - 1) // 2
        lines = []
        for i, (value, condition) in enumerate(rows):
            brace = "{" if len(rows) == 1 else "⎧" if i == 0 else "⎩" if i == len(rows) - 1 else "⎨"
            head = f"{name} = " if i == middle else " " * (len(name) + 3)
            lines.append(f"{head}{brace} {value.ljust(width)}   {condition}")
        self.formula("\n".join(lines), "")

    def math(self, plain: str, latex: str) -> str:
        return plain

    def expression(self, expression: sp.Basic) -> str:
        return notation.plain(expression)

    def relation(self, *parts: sp.Basic | str) -> str:
        return " ".join(part if isinstance(part, str) else notation.plain(part) for part in parts)

    def words(self, text: str) -> str:
        return notation.printable(text)

    def typeset(self, text: str) -> str:
        return notation.typeset(text)

    def text(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines).strip("\n")) + "\n"


class LatexWriter:
    """A complete article that `pdflatex` takes as it is."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._in_list = False

    def title(self, text: str) -> None:
        self._add(rf"\title{{{self.words(text)}}}", r"\author{}", r"\date{}", r"\maketitle")

    def section(self, title: str) -> None:
        self._add("", rf"\section{{{title}}}")

    def paragraph(self, text: str) -> None:
        self._add("", text)

    def item(self, text: str) -> None:
        if not self._in_list:
            self._lines.append(r"\begin{itemize}")
            self._in_list = True
        self._lines.append(rf"  \item {text}")

    def formula(self, plain: str, latex: str) -> None:
        self._add(r"\begin{equation*}", f"  {latex}", r"\end{equation*}")

    def definition(self, head: sp.Basic, expression: sp.Basic) -> None:
        self.formula("", f"{notation.latex(head)} = {notation.latex(expression)}")

    def math(self, plain: str, latex: str) -> str:
        return f"${latex}$"

    def expression(self, expression: sp.Basic) -> str:
        return f"${notation.latex(expression)}$"

    def relation(self, *parts: sp.Basic | str) -> str:
        sides = (part if isinstance(part, str) else notation.latex(part) for part in parts)
        return f"${' '.join(sides)}$"

    def words(self, text: str) -> str:
        return "".join(_ESCAPES.get(character, character) for character in notation.printable(text))

    def typeset(self, text: str) -> str:
        return self.words(text)

    def text(self) -> str:
        self._add(r"\end{document}")
        return "\n".join([*_PREAMBLE, *self._lines]) + "\n"

    def _add(self, *lines: str) -> None:
        if self._in_list:
            self._lines.append(r"\end{itemize}")
            self._in_list = False
        self._lines += lines


_PREAMBLE = (
    r"\documentclass{article}",
    r"\usepackage[T1]{fontenc}",
    r"\usepackage[utf8]{inputenc}",
    r"\usepackage{amsmath}",
    r"\begin{document}",
)

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
