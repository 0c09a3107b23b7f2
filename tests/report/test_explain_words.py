"""What `explain` says of equations, masses, deltas, ends, phases and sweeps, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.reading import parse, read
from qdsl.report.explain import explain
from qdsl.report.notation import typeset
from qdsl.report.writer import LatexWriter, PlainWriter

BOX = "domain x in [0, 1]\n"
LINE = "domain x in (-inf, inf)\n"
WELL = (
    "units meV, nm\nparam L = 6 nm in (0, 20 nm]\nparam m_w = 0.067 m_e\nparam m_b = 0.0919 m_e\n"
    "domain x in (-inf, inf)\nmass m(x) = { m_w if |x| < L/2; m_b otherwise }\n"
    "potential V(x) = { 0 meV if |x| < L/2; 230 meV otherwise }\nfind bound states\n"
)
LATTICE = BOX + "potential V(x) = 0\nboundary "


def said(text: str) -> str:
    """The explanation in one line, so that a sentence is found wherever it was wrapped."""
    return " ".join(explain(parse(text), PlainWriter()).split())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (WELL, "solve the Schrödinger equation of BenDaniel and Duke, for a mass that depends on the place,"),
        (WELL, "-(p ψ')' + V ψ = E ψ with p = ħ²/2m(x) (in meV nm²) and the potential"),
        (WELL, "p(x) = ⎧ 38.09982111/m_w if |x| < L/2 ⎩ 38.09982111/m_b otherwise"),
        (WELL, "p(x) = ⎧ 568.6540464 if |x| < 3 ⎩ 414.5791198 otherwise"),
        (WELL, "L = 6 nm (allowed: more than 0 to 20 nm)"),
        (WELL, "x = -L/2 = -3: V and the mass jump (the cases change where |x| = L/2)"),
        (
            WELL,
            "Where the mass, and with it p, jumps, ψ and the flux p ψ' are continuous, so "
            "the slope ψ' is not. "
            "From left to right it is multiplied at x = -3 by 0.729053, at x = 3 by 1.37164.",
        ),
        (WELL, "V = 0, p = 38.09982111/m_w for -3 < x < 3"),
        (WELL, "Their number is found first: in a box, walls at the cuts never give too many states"),
        (WELL, "ψ tends to 0 towards -∞ and towards ∞."),
        (WELL, "Cut: the reference cuts the line by a rule of its own"),
        (
            "domain x in [1, 2]\nequation -((1 + x^2)*psi')' + x*psi = E*exp(-x)*psi",
            "solve the Sturm-Liouville problem -(p ψ')' + q ψ = E w ψ with p(x) = x² + 1 "
            "q(x) = x w(x) = exp(-x) "
            "All quantities are pure numbers.",
        ),
        (BOX + "mass = 2\npotential V(x) = x", "the kinetic factor c = 1/2 (which is ħ²/2m)"),
        (BOX + "mass = 2\npotential V(x) = x", "in units in which ħ²/2m = 1 for a particle of mass 1."),
        (BOX + "mass = 2\npotential V(x) = x", "the flux p ψ' (here p = c)"),
        (
            "param g = 3\n" + LINE + "potential V(x) = -g*delta(x - 1) + x^2",
            "V(x) = x² - g·δ(x - 1) The parameters are • g = 3 With these numbers put in, "
            "V(x) = x² - 3·δ(x - 1)",
        ),
        (
            "param g = 3\n" + LINE + "potential V(x) = -g*delta(x - 1) + x^2",
            "x = 1: the point interaction -g·δ(x - 1) bends the wavefunction On both sides "
            "of it the formulas are "
            "the same.",
        ),
        (
            "domain r in [0, inf)\nparam l = 1\npotential V(r) = l*(l + 1)/r^2 + r^2",
            "The end 0 is singular: there ψ is r^s times a smooth function v, with s = "
            "sqrt(l² + l + 1/4) + 1/2 = 2.",
        ),
        (
            "domain x in [-1, 1]\nequation -((1 - x^2)*psi')' = E*psi",
            "The end 1 is singular: there ψ is smooth, while a second solution is not bounded.",
        ),
        ("domain r in [0, inf)\npotential V(r) = r^2 + 2/r^2", "Inside of the domain V is smooth"),
        (LATTICE + "periodic", "Periodic: ψ and its flux p ψ' are the same at both ends."),
        (
            LATTICE + "bloch(pi)",
            "Antiperiodic: ψ and its flux p ψ' at the right end are -1 times those at the left",
        ),
        (LATTICE + "bloch(2*pi)", "Periodic: ψ and its flux"),
        (
            "param a = 2\ndomain x in [0, a]\npotential V(x) = 0\nboundary bloch(0.3)",
            "Bloch: ψ and its flux p ψ' at the right end are exp(i 0.6) times those at the "
            "left end. This is one "
            "cell of a crystal of period L = a = 2, continued by Bloch's theorem: ψ(x + L) = "
            "exp(i k L) ψ(x) with "
            "the quasi-momentum k = 0.3. Adding 2π/L to k changes nothing, and k and -k have "
            "the same energies. "
            "ψ is complex, and its overall phase is a matter of choice.",
        ),
        (
            "param k = 0\n" + LATTICE + "bloch(k)\nsweep k = 0 .. 3 in 7 points",
            "Bloch: ψ and its flux p ψ' at the right end are exp(i k) times those at the left end.",
        ),
        (
            "param k = 0\nparam t = 2*k\n" + LATTICE + "bloch(t)\nsweep k = 0 .. 3 in 7 points",
            "with the quasi-momentum k = t. Adding 2π/L to k changes nothing",
        ),
        (LATTICE + "bloch(1)", "Hill's discriminant does"),
        (LATTICE + "bloch(1)", "norm = (∫ |ψ|² dx - 1)²"),
        (
            "param k = 0\nparam a = 1\n"
            + LATTICE
            + "bloch(k)\nsweep k = 0 .. 3 in 7 points\nsweep a = [1, 2]",
            "Sweep: all this is done once for each of k = 0, 0.5, …, 3 (7 values) and, within it, of "
            "a = 1, 2 (2 values).",
        ),
        (BOX + "potential V(x) = 0\nfind states 0..9", "Wanted: n = 0, …, 9, counted from 0"),
        (BOX + "potential V(x) = 0\nfind states below 100", "Wanted: all states below 100, counted from 0"),
        (
            "param b = log(3)*tan(1)\n" + LINE + "potential V(x) = { 0 if |x - b| < 1; sqrt(2) otherwise }",
            "V(x) = ⎧ 0 if |x - 1.710987265| < 1 ⎩ sqrt(2) otherwise",
        ),
    ],
)
def test_sentences(text: str, sentence: str):
    assert sentence in said(text)


def test_a_table_is_named():
    file = Path(__file__).parents[2] / "examples" / "measured_potential.qw"
    text = " ".join(explain(read(str(file)).problem, PlainWriter()).split())
    assert "table_double_well is a smooth curve through the 41 points of its table, from -2 to 2:" in text


def test_formulas_of_messages_are_set_like_all_others():
    assert typeset("cos(2*pi*x/L) = |x^2 + piece|") == "cos(2·π·x/L) = |x² + piece|"


ROOT = Path(__file__).parents[2]
FILES = sorted(
    [*ROOT.glob("examples/*.qw"), *ROOT.glob("qdsl/library/*.qw"), *ROOT.glob("qdsl/templates/*.qw")]
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_latex_has_no_letter_that_an_article_lacks(file: Path):
    """LaTeX without extra packages takes Latin letters, and the rest as commands."""
    text = explain(read(str(file)).problem, LatexWriter())
    assert max(text) <= "ÿ"
    assert text.count("{") == text.count("}")
