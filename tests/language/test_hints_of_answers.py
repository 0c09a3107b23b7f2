"""What `find`, `report` and `expect` say about a mistake leads on: the text of the hint is read."""

from __future__ import annotations

import pytest

import qdsl
from qdsl.errors import LanguageError, QdslError

WELL = "domain x in [0, 1]\npotential V(x) = 0\n"

FIND = [
    ("find states n<4", range(4)),
    ("find states n <= 4", range(5)),
    ("find states n > 2", range(3, 8)),
    ("find states where n < 4", range(4)),
    ("find states < 4", range(4)),
    ("find n < 4", range(4)),
    ("find states (0..4)", range(5)),
    ("find states [0..4]", range(5)),
    ("find states E[0..4]", range(5)),
    ("find states {0, 1, 2}", range(3)),
    ("find states {0,1,2}", range(3)),
    ("find states 0..4, 6", range(7)),
    ("find states 1 <= n <= 4", range(1, 5)),
    ("find E[3]", [3]),
    ("find psi[3]", [3]),
    ("find energy 3", [3]),
    ("find 5 lowest states", range(5)),
]
"""A mistake, and the states that are meant."""

SEARCHED = [
    ("find states E < 12", "find states below 12"),
    ("find states with E < 12", "find states below 12"),
    ("find states below E = 12", "find states below 12"),
    ("find states bound", "find bound states"),
    ("find bound states below 3", "find bound states, or: find states below 3"),
]

REPORT = [
    ("report gap = E[1] - E[0]", "report E[1] - E[0]"),
    ('report "gap" E[1] - E[0]', "report E[1] - E[0]"),
    ("report E[1] = 39.5", "expect E[1] = 39.5 within 1e-9"),
    ("report E[0..2]", "report E[0], E[1], E[2]"),
    ("report mean x", "report mean(x, 0)"),
    ("expect E[0] = 9.87 +- 0.1", "expect E[0] = 9.87 within 0.1/9.87"),
    ("solve using lm", "train { method = lm }"),
]


def hint(text: str) -> str:
    """What is to be written instead, where there is one mistake."""
    with pytest.raises(LanguageError) as caught:
        qdsl.parse(WELL + text)
    (mistake,) = caught.value.diagnostics
    return mistake.hint.partition("write: ")[2] or mistake.hint.partition("chosen with: ")[2]


@pytest.mark.parametrize(("text", "states"), FIND)
def test_states_that_are_meant(text: str, states: range | list[int]) -> None:
    statement = hint(text).partition(", or")[0]
    assert qdsl.parse(WELL + statement).states == tuple(states)


@pytest.mark.parametrize(("text", "meant"), SEARCHED)
def test_searches_that_are_meant(text: str, meant: str) -> None:
    assert hint(text) == meant
    for statement in meant.split(", or: "):
        qdsl.parse(WELL.replace("[0, 1]", "(-inf, inf)").replace("= 0", "= x^2") + statement)


@pytest.mark.parametrize(("text", "meant"), REPORT)
def test_answers_that_are_meant(text: str, meant: str) -> None:
    assert hint(f"find states 0..2\n{text}") in meant
    qdsl.parse(f"{WELL}find states 0..2\n{meant}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("find state n < 4", "the number of a state is a whole number, not a condition"),
        ("find states above 12", "up to an energy: find states below 12"),
        ("report E[0] and E[1]", "each by itself: E[0], E[1]"),
        ("report E[0] in eV", "set them at its top, such as: units eV, nm"),
        ("report T[0]", "E[0], psi[0](1/2)"),
        ("report P(0, 0, 1)", "write probability(0, -1, 1)"),
        ("report mean(p, 0)", "the kinetic energy of state 0 is E[0] - mean(V(x), 0)"),
        ("report probability(0, 0..1)", "write ',' instead of '..'"),
    ],
)
def test_other_ways(text: str, said: str) -> None:
    with pytest.raises(QdslError, match="error: ") as caught:
        qdsl.parse(WELL + text)
    assert said in str(caught.value)
