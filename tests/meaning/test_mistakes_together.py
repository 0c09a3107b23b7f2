"""A mistake of grammar hides no mistake of meaning, and makes up none."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from qdsl.errors import Diagnostic, QdslError, Source
from qdsl.language import parse_with_mistakes
from qdsl.reading import _read

EXAMPLES = sorted(Path(__file__).parents[2].joinpath("examples").glob("*.qw"))


def mistakes(text: str, path: str = "") -> tuple[Diagnostic, ...]:
    with pytest.raises(QdslError) as caught:
        _read(Source("file.qw", text, path))
    return caught.value.diagnostics


def messages(text: str) -> list[tuple[int, str]]:
    return [(found.span.line if found.span else 0, found.message) for found in mistakes(text)]


def test_both_kinds_in_the_order_of_the_file() -> None:
    text = """
        param a = wdth
        param b = = 3
        domain x in [0, 1]
        potential V(x) = b*c
        find states 0..
        report E[7], mean(V(x), 0)
    """
    assert messages(text) == [
        (2, "unknown name 'wdth'"),
        (3, "a value is missing between '=' and '='"),
        (5, "unknown name 'c'"),
        (6, "a value is missing after '..'"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "param a = ",
        "param a = (3",
        "param a = 3 4",
        "a = 3",
        "parm a = 3",
        "param a == 3",
        "param a = 3 “",
        "define a(t) = t +",
        "potential a(t) = [t",
    ],
)
def test_what_a_broken_statement_defines_is_not_unknown(broken: str) -> None:
    text = f"domain x in [0, 1]\n{broken}\npotential V(x) = a + b\nreport mean(a(x), 0), a, E[2]\n"
    found = messages(text)
    assert [line for line, _ in found] == [2, 3]
    assert found[-1] == (3, "unknown name 'b'")


def test_units_and_includes_concern_everything() -> None:
    for line in ("units eV nm", "unis eV, nm", "include other", "what is this"):
        assert len(messages(f"{line}\ndomain x in [0, 10 nm]\npotential V(x) = k*x\n")) == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_damaged_file_is_said_to_be_wrong_only_where_it_is_damaged(path: Path) -> None:
    draw = random.Random(path.stem)
    pieces = re.findall(r"\w+|\s+|[^\w\s]", path.read_text(encoding="utf-8"))
    solid = [index for index, piece in enumerate(pieces) if not piece.isspace()]
    told = 0
    for _ in range(60):
        at = draw.choice(solid)
        instead = draw.choice(["", "", "(", "= ", ", ", "3 "])
        text = "".join([*pieces[:at], instead, *pieces[at + 1 :]])
        parsed = parse_with_mistakes(Source("file.qw", text))
        if parsed.mistakes:
            told += 1
            assert list(map(str, mistakes(text, str(path)))) == list(map(str, parsed.mistakes))
    assert told > 5
