"""Tables lose nothing on narrow terminals: fewer levels, long names below, words folded, numbers whole."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console, RenderableType

import qdsl
from qdsl.report.sweep_table import sweep_table
from qdsl.report.table import solution_table

SWEEP = (
    "param a = 1\ndomain x in [0, a]\npotential V(x) = 0\nfind states 0..11\n"
    "report mean((x - a/2)^2, 0) + mean((x - a/2)^2, 1), E[1]\nsweep a = [1, 2]"
)


def shown(table: RenderableType, width: int) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(("width", "levels"), [(200, 8), (160, 8), (100, 4), (80, 2), (60, 1)])
def test_a_sweep_shows_as_many_levels_as_fit(width: int, levels: int):
    lines = shown(sweep_table(qdsl.sweep(qdsl.parse(SWEEP))), width)
    (header,) = [line.split() for line in lines if line.startswith(("a ", "  a"))]
    assert [name for name in header if name.startswith("E[") and name != "E[1]"] == [
        f"E[{n}]" for n in range(levels) if n != 1
    ]
    assert "…" not in "".join(lines)
    rows = [line.split() for line in lines if re.match(r" *[12] +\d", line)]
    assert [len(row) for row in rows] == 2 * [levels + 4]
    assert all(row[-1] == "certified" for row in rows)
    assert f"{12 - levels} more levels are in --json." in lines
    assert "(1) is mean((x - a/2)^2, 0) + mean((x - a/2)^2, 1)" in " ".join(lines)


def test_long_quantities_are_folded_and_their_values_are_whole():
    text = " + ".join(f"mean(x^{k}, 0)" for k in range(2, 30))
    solution = qdsl.solve(qdsl.parse(f"domain x in [0, 1]\npotential V(x) = 0\nreport {text}, E[0]"))
    lines = shown(solution_table(solution), 80)
    assert "…" not in "".join(lines)
    (energy,) = [line for line in lines if line.startswith("E[0]")]
    assert "9.869604401  ± " in energy
