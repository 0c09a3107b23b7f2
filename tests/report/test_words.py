"""What is said about the number of states, about cuts, and about the reason why n is n."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import qdsl
from qdsl.report.document import solution_document
from qdsl.report.sweep_table import sweep_table
from qdsl.report.table import solution_table
from qdsl.report.words import count_text, cut_text, index_text
from qdsl.solution import Solution
from qdsl.verify import Index


def solved(text: str) -> Solution:
    return qdsl.solve(qdsl.parse(text))


def shown(solution: Solution) -> str:
    stream = io.StringIO()
    Console(file=stream, width=160).print(solution_table(solution))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


WELL = "domain x in (-inf, inf)\npotential V(x) = 1 - 6/cosh(x)^2\nfind "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WELL + "bound states", "2 bound states below the continuum at V = 1, counted"),
        (WELL + "states below -2", "1 state below E = -2, counted"),
        (WELL + "states below -4", "No state below E = -4, counted"),
        (WELL + "states 0..1", ""),
        (
            "units meV, nm\nmass = 0.067 m_e\ndomain x in (-inf, inf)\n"
            "potential U(x) = { 0 meV if |x| < 3 nm; 230 meV otherwise }\nfind bound states",
            "2 bound states below the continuum at U = 230 meV, counted",
        ),
        (
            "domain x in [0, inf)\npotential V(x) = -exp(-x)\nfind bound states",
            "No bound state below the continuum at V = 0, counted",
        ),
    ],
)
def test_the_number_of_states_in_words(text: str, words: str):
    solution = solved(text)
    assert count_text(solution) == words
    document = solution_document(solution)["count"]
    assert (document["text"] if document else "") == words


def test_doubts_about_the_number_are_told():
    solution = solved(WELL + "bound states")
    assert solution.count is not None
    doubt = replace(solution.count, possible=1, within=3e-4, certified=False, message="1 more may exist")
    text = shown(replace(solution, count=doubt))
    assert (
        "2 bound states below the continuum at V = 1 are certain; 1 more may lie within 3e-4 of it: "
        "not certified" in text
    )
    assert "Not certified: it is not certain how many states there are." in text
    none = replace(doubt, number=0)
    words = count_text(replace(solution, count=none))
    assert words == (
        "No bound state below the continuum at V = 1 is certain; 1 may lie within 3e-4 of it: not certified"
    )


def test_a_level_at_the_limit_is_mentioned():
    solution = solved("domain x in (-inf, inf)\npotential V(x) = x^2\nfind states below 3")
    words = count_text(solution)
    assert words.startswith("1 state below E = 3, counted (1 more may lie within ")
    assert solution.status == "certified"


def test_a_state_too_faint_to_compute_is_told():
    solution = solved("domain x in (-inf, inf)\npotential V(x) = -6/cosh(x)^2\nfind bound states")
    text = shown(replace(solution, count=replace(solution.count, number=3, certified=False)))
    assert "3 bound states below the continuum at V = 0, counted; only 2 of them could be computed" in text
    assert "Not certified: not all states that were counted could be computed." in text


def test_no_state_reads_as_an_answer():
    assert shown(solved('title "Too shallow"\n' + WELL + "states below -4")) == "\n".join(
        [
            "Too shallow",
            "ritz · x in (-inf, inf)",
            "",
            "No state below E = -4, counted",
            "",
            "Certified: there is no such state.",
        ]
    )


def test_cuts_are_named_with_what_they_change():
    solution = solved(WELL + "state 0")
    left, right = solution.box
    first, second = cut_text(solution)
    assert first == (
        f"psi is 0 beyond x = {left:.6g} and {right:.6g}, where the states have died out; "
        "the bounds hold without the cut."
    )
    assert second.endswith("they differ by no more than rounding.")
    wide = replace(solution.reference, bracket=np.array([[-3.0 - 2e-7, -3.0]]))
    assert cut_text(replace(solution, reference=wide))[1].endswith("they differ by 2e-7 at most.")
    assert first in shown(solution)
    assert solution_document(solution)["cut"] == f"{first} {second}"


def test_only_infinite_ends_are_cut():
    assert cut_text(solved("domain x in [0, 1]\npotential V(x) = 0")) == ()
    half = solved("units atomic\ndomain r in [0, inf)\npotential V(r) = -1/r")
    assert cut_text(half)[0].startswith(f"psi is 0 beyond r = {half.box[1]:.6g} bohr, where")


def test_reasons_for_the_numbers():
    assert index_text(solved("domain x in [0, 1]\npotential V(x) = 0")) == "n levels proven to lie below"
    ring = solved("domain x in [0, 1]\npotential V(x) = 0\nboundary periodic\nfind states 0..4")
    assert index_text(ring) == (
        "\nn = 0: n levels lie below, counted by Hill's discriminant; "
        "n = 1 to 4: degenerate pairs, counted together by Hill's discriminant"
    )
    bloch = solved("domain x in [0, 1]\npotential V(x) = 0\nboundary bloch(1)")
    assert index_text(bloch) == "n levels lie below, counted by Hill's discriminant"
    unknown = replace(bloch.certificate, index=(Index.NONE,))
    assert index_text(replace(bloch, certificate=unknown)) == ""


def test_sweeps_tell_numbers_and_units():
    result = qdsl.sweep(
        qdsl.parse(
            "units meV, nm\nparam L = 6 nm\nparam V0 = 230 meV\nmass = 0.067 m_e\ndomain x in (-inf, inf)\n"
            "potential V(x) = { 0 meV if |x| < L/2; V0 otherwise }\nfind bound states\nreport E[0]/V0, E[0]\n"
            "sweep L = [2 nm, 6 nm]"
        )
    )
    stream = io.StringIO()
    Console(file=stream, width=160).print(sweep_table(result))
    heading, header, *rows = [line.split() for line in stream.getvalue().splitlines() if line.strip()]
    assert heading[-4:] == ["V0", "=", "230", "meV"]
    assert header == ["L", "(nm)", "states", "E[0]", "(meV)", "E[1]", "(meV)", "E[0]/V0", "E[0]", "(meV)"]
    assert [row[:2] for row in rows[:2]] == [["2", "1"], ["6", "2"]]


def test_an_energy_that_is_zero_has_no_more_digits_than_its_neighbours():
    ring = solved("domain x in [0, 1]\npotential V(x) = 0\nboundary periodic\nfind states 0..1")
    zero = next(line.split() for line in shown(ring).splitlines() if line.startswith("0"))
    assert zero[1] == "0.000000000"


def test_a_steep_wall_is_cut_but_not_compared():
    molecule = solved("domain r in [0, 4]\npotential V(r) = 200*(1/r^12 - 1/r^6)")
    (sentence,) = cut_text(molecule)
    assert sentence.startswith(f"psi is 0 beyond r = {molecule.box[0]:.6g}, where")
