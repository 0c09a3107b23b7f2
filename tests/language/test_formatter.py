"""The formatter: spaces, line ends and columns change, and nothing else does."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import fuzzing
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdsl.errors import LanguageError, QdslError, Source
from qdsl.language import parse, read_source, to_text
from qdsl.language.formatter import format_text
from qdsl.language.parser import words_of

from .test_canonical_text import NOWHERE, statements, tree, tuples

UGLY = """


# head


param a=1 # one
param bcd  =   {2 if x<1;
   3 otherwise;} # two
param ee= 3 in(0,inf) "doc" # three
param f =sqrt(  2 )/3 "text"
param ψ2=2·x²
# c
train{method=ritz then lm(steps=20);seed=0 # s
 # own

 loss={ residual:1,norm :1}   # l

 network=mlp( # n
 hidden=[32,

 32] # q
 )}
find  states 0 .. 4
sweep a=1..2 in 3 points
boundary psi '( 0)=-2*psi( 0 ),psi(1) = 0
define f(x,c = 0)=- | x-1|^-2 "doc"
potential V(x)={0 if|x|<a and not(x==0);V0 otherwise}
# end"""

TIDY = f"""\
# head

param a = 1  # one
param bcd = {{
  2  if x < 1
  3  otherwise
}}{" " * 41}# two
param ee = 3          in (0, inf)  "doc"  # three
param f  = sqrt(2)/3               "text"
param ψ2 = 2·x²
# c
train {{
  method = ritz then lm(steps = 20)
  seed   = 0  # s
  # own

  loss = {{residual: 1, norm: 1}}  # l

  network = mlp(  # n
    hidden = [32,
      32]  # q
  )
}}
find states 0..4
sweep a = 1 .. 2 in 3 points
boundary psi'(0) = -2*psi(0), psi(1) = 0
define f(x, c = 0) = -|x - 1|^-2  "doc"
potential V(x) = {{ 0 if |x| < a and not (x == 0); V0 otherwise }}
# end
"""


def written(source: Source) -> Iterator[str]:
    """The words, signs and comments of a text in their order; where an entry ends is left to the tree."""
    end = 0
    for token in words_of(source):
        yield source.text[end : token.start_pos].strip()
        yield "" if token.type == "_NEWLINE" else str(token)
        end = token.end_pos or 0
    yield source.text[end:].strip()


def keeps_everything(source: Source) -> str:
    """Formatting keeps the tree, the tokens and the comments, and is done after one time."""
    formatted = format_text(source)
    again = Source("again.qw", formatted)
    assert parse(again) == parse(source)
    assert list(filter(None, written(again))) == list(filter(None, written(source)))
    assert format_text(again) == formatted
    assert not re.search(r"[ \t]$|\n\n\n|\A\n|\n\n\Z", formatted, re.MULTILINE)
    return formatted


def scattered(text: str, draw: random.Random) -> str:
    """The text with other spaces between its words, with line ends in brackets, and with comments."""
    pieces, end = [], 0
    brackets = ""
    for token in words_of(Source("canonical", text)):
        gap, end = text[end : token.start_pos], token.end_pos or 0
        if token == "\n":
            pieces.append(draw.choice(["", "", "  # why", " #", "\t"]))
            pieces.append(draw.choice(["\n", "\n", "\n\n\n", "\n   # a line of its own  \n"]))
            continue
        gaps = [gap, gap, " ", "   ", "\t"]
        if brackets[-1:] in ("(", "["):
            gaps += ["\n", "  # inside\n ", "\n\n\n# inside\n"]
        pieces += [draw.choice(gaps), str(token)]
        if token in ("(", "[", "{"):
            brackets += token
        elif token in (")", "]", "}"):
            brackets = brackets[:-1]
    return "".join(pieces)


def test_a_file() -> None:
    assert keeps_everything(Source("ugly.qw", UGLY)) == TIDY


@given(tuples(statements, 1, 4), st.randoms(use_true_random=False))
def test_any_file_however_it_is_spaced(found: tuple[tree.Statement, ...], draw: random.Random) -> None:
    file = tree.File(found, span=NOWHERE)
    source = Source("scattered.qw", scattered(to_text(file), draw))
    assert parse(source) == file
    keeps_everything(source)


def test_any_file_that_people_might_write() -> None:
    """Changed examples, library files and files with errors, as far as they still parse."""
    tried = 0
    for number in range(400):
        try:
            source = read_source(fuzzing.generated(number), f"fuzzing.generated({number})")
            parse(source)
        except QdslError:
            continue
        keeps_everything(source)
        tried += 1
    assert tried > 100


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("find states 0 .. 4", "find states 0..4"),
        ("find states a .. .5", "find states a.. .5"),  # a...5 would be a dot too many
        ("report x ^ - 2 , a- -b, - - x, +x", "report x^-2, a - -b, --x, +x"),
        ("report | | x | - | y | |", "report ||x| - |y||"),
        ("report 3 nm ^ 2, ( 3 nm ) ²", "report 3 nm^2, (3 nm)²"),
        ("report psi '' ( 0 ), psi [ 0 ] ( x ), f ( a=1 )", "report psi''(0), psi[0](x), f(a = 1)"),
        ("report not ( a ), { 1 if not b }", "report not (a), { 1 if not b }"),
        ("domain x in ( 0 , inf ]", "domain x in (0, inf]"),
        ("sweep a = [ - 1 , 2 ]", "sweep a = [-1, 2]"),
    ],
)
def test_spaces_between_two_signs(loose: str, tight: str) -> None:
    assert keeps_everything(Source("loose.qw", loose)) == f"{tight}\n"


def test_what_is_shipped_is_in_the_standard_layout(root: Path) -> None:
    folders = (root / "examples", root / "qdsl" / "templates", root / "qdsl" / "library")
    files = [file for folder in folders for file in folder.rglob("*.qw")]
    assert len(files) > 50
    for file in files:
        source = read_source(file)
        assert keeps_everything(source) == source.text, file


@pytest.mark.parametrize("text", ["param a = ", "find 3\n", "# nothing\n", ""])
def test_what_does_not_parse_is_refused(text: str) -> None:
    with pytest.raises(LanguageError):
        format_text(Source("file.qw", text))
