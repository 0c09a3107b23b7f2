"""Every example of the language reference is tried: right ones are solved, wrong ones give the text shown."""

import re
from pathlib import Path

import pytest

from qdsl.errors import QdslError
from qdsl.reading import parse
from qdsl.solving import solve
from qdsl.sweeping import sweep

REFERENCE = Path(__file__).resolve().parent.parent / "grammar" / "README.md"
BLOCKS = re.findall(r"^```(qw(?: wrong)?|text)\n(.*?)^```$", REFERENCE.read_text("utf-8"), re.M | re.S)
RIGHT = [text for kind, text in BLOCKS if kind == "qw"]
WRONG = [(text, BLOCKS[number + 1]) for number, (kind, text) in enumerate(BLOCKS) if kind == "qw wrong"]


def title(text: str) -> str:
    return text.split('title "')[1].split('"')[0] if 'title "' in text else text.splitlines()[0]


@pytest.mark.parametrize("text", RIGHT, ids=title)
def test_right_example(text: str):
    problem = parse(text, "example.qw")
    if problem.sweeps:
        assert sweep(problem).holds
        return
    solution = solve(problem)
    assert solution.status == "certified"
    assert solution.converged
    assert all(outcome.passed for outcome in solution.expect)


@pytest.mark.parametrize(("text", "shown"), WRONG, ids=lambda value: "")
def test_wrong_example(text: str, shown: tuple[str, str]):
    assert shown[0] == "text"
    with pytest.raises(QdslError) as caught:
        parse(text, "example.qw")
    assert str(caught.value) + "\n" == shown[1]


def test_there_are_examples():
    assert len(RIGHT) >= 12
    assert len(WRONG) >= 4
