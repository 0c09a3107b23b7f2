"""What `explain` says of ends and points is what the problem says."""

import pytest

from qdsl.reading import parse
from qdsl.report.explain import explain
from qdsl.report.writer import LatexWriter, PlainWriter

CASES = [
    ("domain x in [0, 1]\npotential V(x) = 0\nboundary bloch(0.3)", "exp(i 0.3) times those at the left end"),
    ("domain x in [0, 1]\npotential V(x) = 0\nboundary psi'(0) = 2*psi(0)", "ψ'(0) = 2 ψ(0)"),
    ("domain x in [0, 1]\npotential V(x) = 0\nboundary psi'(1) = 0", "no flux through the end"),
    ("domain r in [0, inf)\npotential V(r) = 2/r^2 + r^2", "s = 2"),
    ("domain r in [0, inf)\npotential V(r) = 1/r^12 - 2/r^6", "dies out before 0"),
    ("domain x in [0, 1]\npotential V(x) = -3*delta(x - 1/2)", "a point interaction of strength -3"),
]


@pytest.mark.parametrize(("text", "said"), CASES)
def test_conditions_are_told(text: str, said: str):
    problem = parse(text)
    assert said in " ".join(explain(problem, PlainWriter()).split())
    assert r"\end{document}" in explain(problem, LatexWriter())
