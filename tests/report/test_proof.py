"""The paragraph that says why a certificate holds: its numbers are those of the solution."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import qdsl
from qdsl.cli import main
from qdsl.verify.levels import Evidence

OSCILLATOR = "domain x in (-inf, inf)\npotential V(x) = x^2\n"


def solved(text: str) -> qdsl.Solution:
    return qdsl.solve(qdsl.parse(text))


def flat(solution: qdsl.Solution) -> str:
    return solution.explain_certificate().replace("\n", " ")


def test_lowest_states() -> None:
    solution = solved(OSCILLATOR + "find states 0..2\n")
    text = flat(solution)
    assert "No more than 3 levels lie below E = 6, proven by counting in problems with constant" in text
    assert "States 0 to 2: Rayleigh-Ritz values" in text
    told = float(re.search(r"so levels 0 to 2 lie within (\S+) of these energies", text)[1])
    assert told == pytest.approx(solution.bounds.max(), rel=0.06)
    assert np.all(np.abs(solution.energies - [1, 3, 5]) <= told)
    assert "What does not hold" not in text


def test_a_state_alone_has_a_pole_on_either_side() -> None:
    text = flat(solved(OSCILLATOR + "find state 5\n"))
    assert "No more than 6 levels lie below E = 12" in text
    assert "At least 5 levels lie below E = 10" in text
    assert "level 5 lies within" in text


def test_what_counts_is_named() -> None:
    ring = solved("domain x in [0, 1]\npotential V(x) = cos(2*pi*x)\nboundary bloch(1)\nfind states 0..1\n")
    assert "as Hill's discriminant counts" in flat(ring)
    weaker = replace(ring.certificate.runs[0], above=replace(ring.certificate.runs[0].above,
                                                             evidence=Evidence.COUNTED))  # fmt: skip
    said = flat(replace(ring, certificate=replace(ring.certificate, runs=(weaker,))))
    assert "as the reference solver counts, which proves nothing by itself" in said


def test_without_enclosed_levels() -> None:
    solution = solved(OSCILLATOR)
    bare = replace(solution, certificate=replace(solution.certificate, runs=(), message="state 0: nothing"))
    assert "Each bound is that norm: some level lies as close, whichever number it has." in flat(bare)
    assert flat(bare).endswith("What does not hold: state 0: nothing.")


def test_units_and_the_command_line(tmp_path, capsys) -> None:
    file = tmp_path / "well.qw"
    file.write_text(
        "units meV, nm\nparam L = 10 nm\ndomain x in [0, L]\nmass = 0.067 m_e\npotential V(x) = 0\n"
        "sweep L = [8 nm, 10 nm]\n"
    )
    assert main(["solve", str(file), "--explain-certificate"]) == 0
    out = capsys.readouterr().out
    assert out.count("No more than 1 level lies below E = ") == 2
    assert re.search(r"\nL = 8\nNo more than 1 level lies below E = \S+ meV", out)


def test_where_the_bounds_of_quantities_come_from() -> None:
    text = flat(solved(OSCILLATOR + "find states 0..1\nreport E[1] - E[0], mean(exp(-x^2), 0), nodes(1)\n"))
    assert "Bounds of reported quantities rest on the enclosed levels" in text
    told = float(re.search(r"eigenfunction is (\S+) at most", text)[1])
    assert 0 < told < 1e-5
    assert "For 1 of the quantities no bound is known." in text
    energies = flat(solved(OSCILLATOR + "find states 0..1\nreport E[1] - E[0]\n"))
    assert "interval arithmetic" in energies
    assert "Davis and Kahan" not in energies
    assert "reported quantities" not in flat(solved(OSCILLATOR))
