"""The table: right numbers with as many digits as are known, and a verdict in words."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from rich.console import Console

from qdsl.physics.problem import Quantity
from qdsl.report import numbers
from qdsl.report.table import solution_table
from qdsl.solution import Outcome, Solution


def shown(solution: Solution, *, unicode: bool = True) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160).print(solution_table(solution, unicode=unicode))
    return stream.getvalue()


def test_one_row_a_state_with_the_numbers_that_matter(infinite_well):
    text = shown(infinite_well())
    assert "A box" in text
    rows = [line.split() for line in text.splitlines() if line.strip()[:1].isdigit()]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    assert [float(row[1]) for row in rows] == pytest.approx([(n * np.pi) ** 2 for n in (1, 2, 3)], rel=1e-8)
    assert [row[2] for row in rows] == ["3e-5"] * 3  # bound
    assert [row[3] for row in rows] == ["0", "1", "2"]  # nodes
    assert [row[4] for row in rows] == ["+1e-12"] * 3  # difference to the reference
    assert [row[5] for row in rows] == ["2e-5"] * 3  # residual
    assert all("certified" in " ".join(row[6:]) for row in rows)


def test_good_news_in_words(infinite_well):
    text = shown(infinite_well())
    assert "Certified: " in text
    assert "Converged: " in text


def test_bad_news_in_words(infinite_well):
    text = shown(infinite_well(certified=False, converged=False, message="state 1 has 2 nodes"))
    assert "Not certified" in text
    assert "Not converged to the tolerance 1e-9" in text
    assert "state 1 has 2 nodes" in text


def test_report_and_expectations(infinite_well):
    outcomes = (
        Outcome("E[0] = pi^2 within 1e-9", np.pi**2 * (1 + 2e-12), np.pi**2, 1e-9, True),
        Outcome("E[1] = 40 within 1e-3", 39.47841760436, 40.0, 1e-3, False),
        Outcome("E[9] = 1 within 1e-3", None, 1.0, 1e-3, False),
    )
    solution = infinite_well(report={"E[1] - E[0]": 29.608813203, "E[9]": None}, expect=outcomes)
    text = shown(solution)
    assert "29.6088132" in text
    assert "no such state" in text
    assert "✓ E[0] = pi^2 within 1e-9   off by 2e-12" in text
    assert "✗ E[1] = 40 within 1e-3   found 39.4784176044, expected 40" in text
    assert "✗ E[9] = 1 within 1e-3   there is no such state" in text
    assert "2 of 3 expectations failed" in text
    plain = shown(solution, unicode=False)
    assert "ok E[0]" in plain
    assert "FAILED E[1]" in plain


def test_no_bound_is_shown_as_none(infinite_well):
    solution = infinite_well()
    certificate = replace(solution.certificate, bounds=np.full(3, np.inf), differences=np.full(3, np.nan))
    text = shown(replace(solution, certificate=certificate))
    assert "inf" not in text
    assert "nan" not in text


def test_titles_cannot_drive_the_terminal(infinite_well):
    solution = infinite_well()
    nasty = replace(solution.problem, title="\x1b[2J[bold]x[/bold]")
    text = shown(replace(solution, problem=nasty))
    assert "\x1b" not in text
    assert "[bold]x[/bold]" in text, "rich markup in a title is just text"


@pytest.mark.parametrize(
    ("values", "uncertainties", "expected"),
    [
        ([1.639480147541, 106.0174389], [1e-8, 1e-6], ["  1.63948015", "106.017439  "]),
        ([1.0], [0.3], ["1.0"]),
        ([12345.678], [20.0], ["12346"]),
        ([1.602176634e-21], [1e-27], ["1.602177e-21"]),
        ([2.5e12], [1e9], ["2.500e+12"]),
        ([-9.8048640722e-5], [1e-14], ["-9.804864072e-5"]),
        ([0.0], [0.0], ["0.000000000000000"]),
        ([1.0, 2.0], [float("nan"), float("inf")], ["1.000", "2.000"]),
    ],
)
def test_digits_are_those_that_are_known(values, uncertainties, expected):
    assert numbers.energies(values, uncertainties) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.14e-5, "3.1e-5"), (0, "0"), (float("inf"), "-"), (0.5, "0.5"), (123.4, "123"), (2e7, "2e7")],
)
def test_sizes_of_errors_are_short(value, text):
    assert numbers.magnitude(value) == text


@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (0.20381559619, 1.546e-6, "0.2038156"),
        (0.5, 3e-5, "0.500000"),
        (0.5, 0.96e-5, "0.5000000"),
        (-1.3e-17, 3e-6, "0"),
        (0.0, 3e-6, "0"),
        (4.8023998105866, 7e-15, "4.802399811"),  # ten digits, as without a bound
        (123456.789, 20.0, "123457"),
        (3.2e-20, 1e-24, "3.20000e-20"),
        (0.25, None, "0.25"),
        (None, None, "-"),
    ],
)
def test_values_show_the_digits_that_their_bounds_leave(value, bound, text):
    assert numbers.bounded(value, bound) == text


def test_bounds_stand_below_each_other_and_before_the_unit(infinite_well):
    solution = infinite_well(
        report={"E[1] - E[0]": 29.608813203, "mean(x, 0)": 0.5, "nodes(1)": 1.0, "E[9]": None}
    )
    units = (Quantity(sp.S.One, "E[1] - E[0]", "meV"), Quantity(sp.S.One, "mean(x, 0)", "nm"))
    problem = replace(solution.problem, report=units)
    bounds = {"E[1] - E[0]": 3.1e-11, "mean(x, 0)": 2e-7}
    lines = shown(replace(solution, problem=problem, report_bounds=bounds)).splitlines()
    assert [line.strip() for line in lines if line.startswith(("E[", "mean", "nodes"))] == [
        "E[1] - E[0]  29.60881320  ± 3.1e-11 meV",
        "mean(x, 0)   0.50000000   ± 2e-7 nm",
        "nodes(1)     1",
        "E[9]         no such state",
    ]
