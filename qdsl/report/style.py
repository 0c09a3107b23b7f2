"""Colours, line styles and small texts that all pictures share."""

from __future__ import annotations

import re
import textwrap
from typing import Literal, TypeAlias

import matplotlib as mpl
import numpy as np
import sympy as sp

from qdsl.report.notation import latex, printable

Style: TypeAlias = Literal["-", ":"] | tuple[float, tuple[float, ...]]
"""A line style as matplotlib takes it: a name, or an offset and the lengths of dashes and gaps."""

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, told apart by colour-blind readers too."""

DASHES: tuple[Style, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)))
"""Line styles within a group of nearly degenerate levels, whose curves lie on top of each other."""

SHADE, WALL, INK = "#E8E8E8", "#9A9A9A", "#222222"

EDGE: Style = (0, (6, 2, 1.5, 2))
JUMP: Style = (0, (1, 2))
"""Line styles of the edge of the continuum, and of the places where the mass jumps."""

TITLE = 64
"""Characters of a title on one line."""


_LETTER = re.compile(r"(\\[a-zA-Z]+|[a-zA-Z])(_\{[a-zA-Z0-9]+\})?")


def colours(count: int) -> list[str]:
    if count <= len(PALETTE):
        return list(PALETTE[:count])
    shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.85, count))
    return [mpl.colors.to_hex(shade) for shade in shades]


def titled(title: str) -> str:
    """A title that a picture has room for, on several lines where it is long."""
    return textwrap.fill(printable(title), TITLE)


def unit(name: str) -> str:
    return " (dimensionless)" if name == "1" else f" ({name})"


def symbol(name: str) -> str:
    r"""A name as formulas write it, $V_{0}$ for V0 and $\omega$ for omega.

    Longer names stay as they are, for mathtext would run their letters together.
    """
    formula = latex(sp.Symbol(name))
    return f"${formula}$" if _LETTER.fullmatch(formula) else name
