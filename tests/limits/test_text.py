"""Texts of any size and any bytes: a clear error, at a place where there is one, or a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdsl.errors import MOST_SHOWN, LanguageError, QdslError
from qdsl.reading import read

BOX = "domain x in [0, 1]\npotential V(x) = 0\n"


def message(folder: Path, text: str | bytes) -> str:
    """The first of what is said about a file with this text."""
    return wrong(folder, text).diagnostics[0].message


def wrong(folder: Path, text: str | bytes) -> QdslError:
    place = folder / "input.qw"
    place.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with pytest.raises(QdslError) as caught:
        read(place)
    assert str(caught.value)
    assert len(str(caught.value)) < 20_000
    return caught.value


SIZES = {
    "bytes": ("# " + "x" * 1_000_000, "is bigger than 1,000,000 bytes"),
    "words": ("potential V(x) = 0\n" * 6000, "more than 30,000 words and signs"),
    "newlines": ("\n" * 100_000, "more than 30,000 words and signs"),
    "semicolons": (";" * 40_000, "more than 30,000 words and signs"),
    "one name": (f"domain {'x' * 900_000} in [0, 1]\n", "this name has 900000 characters"),
    "one unit": (f"units meV, nm\nparam a = 3 {'m' * 900_000}\n", "this name has 900000 characters"),
    "combining marks": (f"param a{chr(0x301) * 5000} = 1\n", "this name has 5001 characters"),
    "one number": (f"param a = {'1' * 100_000}\n", "this number has 100000 characters"),
    "one exponent": (f"param a = 1e{'9' * 399}\n", "this number has 401 characters"),
    "LaTeX": (f"param a = \\{'x' * 100_000}\n", "has no meaning here"),
    "a text that never ends": ('title "' + "x" * 500_000, "this text has no closing quote"),
    "quotes": ('"' * 29_000, "a statement cannot begin with the text"),
    "brackets": ("param a = " + "(" * 20_000, "brackets are nested more than 100 deep"),
    "bars": ("param a = " + "|" * 2_000, "brackets are nested more than 100 deep"),
    "braces": ("{" * 20_000, "brackets are nested more than 100 deep"),
    "signs": ("param a = " + "-" * 10_000 + "1\n", "more than 200 operations inside one another"),
    "calls of calls": ("param a = f" + "[0]" * 5_000 + "\n", "more than 200 operations inside one another"),
    "primes": ("domain x in [0, 1]\nequation -psi" + "'" * 20_000 + " = E*psi\n", "psi, psi' and psi'' only"),
}


@pytest.mark.parametrize("name", SIZES)
def test_too_much_of_anything(name: str, tmp_path: Path) -> None:
    text, expected = SIZES[name]
    assert expected in message(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "foo bar\n" * 5_000,
        "domain x in [0, 1]\n" * 1_000,
        BOX + "boundary " + ", ".join(["psi(0) = 0"] * 500) + "\n",
        BOX + "train { " + "; ".join(["seed = 1"] * 500) + " }\n",
        BOX + "report " + ", ".join(f"quantity_{i}" for i in range(1_000)) + "\n",
        "".join(f"param a{i} = unknown_{i}\n" for i in range(400)) + BOX,
    ],
    ids=["statements", "domains", "conditions", "settings", "quantities", "parameters"],
)
def test_no_more_mistakes_are_shown_than_anybody_reads(text: str, tmp_path: Path) -> None:
    *_, last = found = wrong(tmp_path, text).diagnostics
    assert len(found) == MOST_SHOWN + 1
    assert last.message == "there are more mistakes from here on; mend those above first"


BYTES = {
    "zero": (BOX.encode() + b"\0", "is not a text file: byte 38 is zero"),
    "UTF-16": (BOX.encode("utf-16"), "is UTF-16 text"),
    "UTF-32": (BOX.encode("utf-32"), "is UTF-16 text"),
    "Latin-1": (BOX.encode() + b"# \xe4\n", "byte 40 of the file (0xe4) is not UTF-8 text"),
    "a lone surrogate": (BOX + "# \ud800\n", "byte 40 of the file (0xed) is not UTF-8 text"),
    "cut off": (BOX.encode() + "# ψ".encode()[:-1], "byte 40 of the file (0xcf) is not UTF-8 text"),
    "two byte-order marks": ("\ufeff\ufeff" + BOX, "the character U+FEFF"),
    "right to left": (BOX.replace("= 0", "= \u202ex"), "the character U+202E (right-to-left override)"),
    "joiner": (BOX.replace("= 0", "= x\u200dx"), "the character U+200D (zero width joiner)"),
    "Arabic digits": (BOX.replace("= 0", "= ٣"), "'٣' has no meaning here"),
    "escape": (BOX.replace("= 0", "= \x1b[31m0"), "the character U+001B has no meaning here"),
    "only a mark": (b"\xef\xbb\xbf", "the file has no statements"),
    "every byte": (bytes(range(1, 256)) * 50, "is not UTF-8 text"),
}


@pytest.mark.parametrize("name", BYTES)
def test_any_bytes(name: str, tmp_path: Path) -> None:
    data, expected = BYTES[name]
    assert expected in message(tmp_path, data)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + BOX,
        BOX.replace("\n", "\r\n"),
        BOX.replace("\n", "\r"),
        BOX.replace("\n", "\u2028"),
        BOX.replace(" ", "\t"),
        BOX.replace(" ", "\u00a0"),
        "domain x in (−∞, ∞)\npotential V(x) = −3·x² × 2 ÷ −1 + π − x⁴/x²\n",
        "domain x in [0, 1]\nequation −ψ′′ + x^2·ψ = E·ψ\nboundary ψ(0) = 0, ψ′(1) = 0\n",
        "param ω = 2\nparam µ = 1\n" + BOX.replace("= 0", "= ω²·μ·x**2"),
    ],
    ids=["mark", "CRLF", "CR", "U+2028", "tabs", "no-break spaces", "signs", "ψ", "Greek names"],
)
def test_every_way_to_type_a_sound_file(text: str, tmp_path: Path) -> None:
    place = tmp_path / "input.qw"
    place.write_text(text, encoding="utf-8", newline="")
    assert read(place).problem.coordinate.name == "x"


def test_letters_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    cyrillic = "а"
    (found,) = wrong(tmp_path, f"param {cyrillic} = 1\n" + BOX.replace("= 0", "= a*x")).diagnostics
    assert "its name is written with cyrillic small letter a" in found.hint


def test_an_error_in_a_line_of_a_megabyte_shows_a_window(tmp_path: Path) -> None:
    error = wrong(tmp_path, BOX + "# " + "x" * 400_000 + "\n" + "param a = 1 " + "+ 1 " * 60 + "+ ?\n")
    assert isinstance(error, LanguageError)
    assert max(map(len, str(error).splitlines())) < 250
