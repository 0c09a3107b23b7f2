"""Whatever the bytes: a tree or a QdslError that points into the text, quickly, and nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from qdsl.errors import QdslError, Source
from qdsl.language import parse, parse_expression, read_source, to_text
from qdsl.language.words import RESERVED, STATEMENTS

SAMPLES = [
    'title "Well"\nparam a = 1 in (0, 3] "half width"\ndomain x in [-4, inf)\n'
    "potential V(x) = {\n  0  if |x| < a\n  20 otherwise\n}\nboundary psi(-4) = 0, psi'(4) = 2*psi(4)\n",
    "units meV, nm\nparam F = 0 kV/cm\ndefine f(x, c = 0) = ||x| - c|^-2\nmass m(x) = f(x, c = 3 nm^2)\n"
    "find states 0..4\nreport E[1] - E[0], mean(x², 0)\nexpect psi[0](1/2)^2 = 2 within 1e-8\n",
    "equation -((1+x)^2*psi')' + q(x)*psi = E*psi\nfind states below 12\n"
    "train {\n  method = ritz then lm(steps = 20)\n  loss = {residual: 1, norm: 1}\n}\n"
    "sweep a = 0 .. pi in 3 points\n",
]
WORDS = """
state states bound below x V psi E nm sin 0 1 2.5 1e-3 .5 ( ) [ ] { } | , ; : = == < <= .. + - * / ^ **
' '' ² ⁻¹ · − ∞ ψ @ . \\ # " "t" ½ ٣ ①
"""
CHARACTERS = ["\t", "\n", "\n", "\n", " ", "e\u0301", "\r", "\u2028", "\u200b", "\ufeff", "\ud800"]
PIECES = [*STATEMENTS, *RESERVED, *WORDS.split(), *CHARACTERS]


def survives(text: str) -> None:
    """Parse it; a tree must come back from its canonical text, an error must point into the text."""
    started = time.process_time()
    source = Source("fuzz.qw", text)
    try:
        file = parse(source)
    except QdslError as error:
        for diagnostic in error.diagnostics:
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
            assert diagnostic.message
            str(diagnostic)
    else:
        assert parse(Source("again.qw", to_text(file))) == file
    with suppress(QdslError):
        parse_expression(source)
    assert time.process_time() - started < 2


def mutated(draw: random.Random) -> str:
    text = draw.choice(SAMPLES)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(text) + 1)
        until = at + draw.choice([0, 0, 1, 2, 8])
        text = text[:at] + draw.choice(["", draw.choice(PIECES)]) + text[until:]
    return text


def stitched(draw: random.Random) -> str:
    return "".join(draw.choice(PIECES) + draw.choice(["", " "]) for _ in range(draw.randint(1, 40)))


def scattered(draw: random.Random) -> str:
    return "".join(
        chr(draw.choice([draw.randrange(128), draw.randrange(0x3000)])) for _ in range(draw.randint(1, 40))
    )


@pytest.mark.parametrize("make", [mutated, stitched, scattered])
@pytest.mark.parametrize("seed", range(3))
def test_texts(make: Callable[[random.Random], str], seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(200):
        survives(make(draw))


def test_bytes() -> None:
    draw = random.Random(0)
    for _ in range(300):
        data = bytearray(draw.choice(SAMPLES).encode())
        for _ in range(draw.randint(0, 3)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            parse(read_source(bytes(data)))
        except QdslError as error:
            str(error)


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "[",
        "{",
        "|",
        "f(",
        "{x if ",
        "1+",
        "-",
        "2^",
        "not ",
        "a ",
        "x'",
        "'",
        '"',
        "1",
        "a",
        "#",
        "\n",
        ";",
        "|x",
        "x,",
    ],
)
@pytest.mark.parametrize("length", [20_000, 1_000_000])
def test_long_texts(piece: str, length: int) -> None:
    survives(("potential V(x) = " + piece * length)[:length])


@pytest.mark.parametrize(
    "line", ["report -(", "report (((", "find 3", "train {", "bad line", 'title "x', "param a ="]
)
def test_many_lines(line: str) -> None:
    survives((line + "\n") * (29_000 // (2 * len(line.split()) + 2)))


@pytest.mark.parametrize(
    "text", ["-" * 20_000 + "x", "not " * 20_000 + "x", "2^" * 10_000 + "2", "+".join(["x"] * 10_000)]
)
def test_deep_trees_have_a_limit(text: str) -> None:
    with pytest.raises(QdslError, match="more than 200 operations inside one another"):
        parse(Source("deep.qw", f"mass = {text}\n"))
