"""Random files for the fuzzing of reading, each regenerated from its number alone.

Every eighth input is written by a generator of sound files, every eighth by one of files that nearly make
sense, every eighth is bytes; the others are examples, library files and files with errors, changed.
`outcome` reads one.
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sound_files import sound_file

from qdsl.errors import QdslError, Span
from qdsl.reading import read

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("examples", "qdsl/library", "tests/errors")

NAMES = ["x", "x", "x", "a", "b", "V0", "f", "g", "V", "psi", "E", "q", "hbar", "k_B", "ψ", "r"]
NUMBERS = [
    "0",
    "1",
    "2",
    "-1",
    "0.5",
    "1e-3",
    "3",
    "10",
    "1e300",
    "1e-320",
    "99999999999999999999",
    ".5",
    "7/3",
]
UNITS = ["nm", "eV", "meV", "kV/cm", "angstrom", "nm^2", "hartree", "bohr", "kg", "s", "T"]
FUNCTIONS = [
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "exp",
    "log",
    "sqrt",
    "cbrt",
    "sign",
    "abs",
    "min",
    "max",
    "heaviside",
    "delta",
    "erf",
    "tanh",
    "cosh",
]
LIBRARY = [
    "harmonic(x, k = {})",
    "finite_well(x, depth = {}, width = {})",
    "coulomb(x, {})",
    "morse(x, {}, {})",
]
SYSTEMS = ["dimensionless", "atomic", "meV, nm", "eV, angstrom", "J, m", "nm, eV", "furlong"]
ODD = [
    "\u200b",
    "\ufeff",
    "е",
    "х",
    "Α",
    "−",
    "×",
    "∞",
    "²",
    "⁻",
    "“",
    "’",
    "\r",
    "\t",
    "\u2028",
    "\x1b",
    "٣",
    "𝜓",
]
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Outcome:
    """How reading ended: `kind` is "problem", the name of a QdslError, or begins with "BAD"."""

    kind: str
    seconds: float

    @property
    def bad(self) -> bool:
        return self.kind.startswith("BAD")


WAITING = 20
"""Seconds of wall time for each of computing: a busy machine is no fault, but waiting for ever is one."""


class TooLong(BaseException):
    """Not an Exception, so that no handler on the way takes it for its own."""


def generated(number: int) -> bytes:
    """The input of this number, the same on every machine as long as the files of FOLDERS are."""
    rng = random.Random(number)
    if number % 8 == 7:
        return _bytes(rng)
    write = {0: sound_file, 4: _file}.get(number % 8, _mutated)
    text = write(rng)
    return text.encode("utf-8", "surrogatepass")


def outcome(data: bytes, place: Path, limit: float = 2.0) -> Outcome:
    """Read the bytes as the file `place`, for at most `limit` seconds of computing (POSIX only)."""
    place.write_bytes(data)
    started = time.process_time()
    try:
        with _at_most(limit):
            read(place)
        kind = "problem"
    except QdslError as error:
        kind = _examined(error)
    except TooLong:
        kind = "BAD too long"
    except Exception as error:
        kind = f"BAD {type(error).__name__}: {str(error)[:200]}"
    return Outcome(kind, time.process_time() - started)


def _examined(error: QdslError) -> str:
    """The name of the error, or what is bad about it."""
    if not error.diagnostics:
        return "BAD error that says nothing"
    for diagnostic in error.diagnostics:
        spans = [diagnostic.span, *(span for _, span in diagnostic.notes)]
        if not all(span is None or _inside(span) for span in spans):
            return f"BAD span of: {diagnostic.message[:100]}"
        if not diagnostic.message.strip() or (
            not str(diagnostic).isprintable() and "\x1b" in str(diagnostic)
        ):
            return "BAD message"
    return type(error).__name__


def _inside(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.text)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    timers = ((signal.ITIMER_PROF, signal.SIGPROF, 1), (signal.ITIMER_REAL, signal.SIGALRM, WAITING))
    before = [signal.signal(sent, stop) for _, sent, _ in timers]
    try:
        for timer, _, factor in timers:
            signal.setitimer(timer, seconds * factor)
        yield
    finally:
        for (timer, sent, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(sent, handler)


@cache
def corpus() -> tuple[str, ...]:
    """The texts of the files that are changed."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.qw"))]
    return tuple(path.read_bytes().decode("utf-8", "replace") for path in paths)


def _bytes(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return rng.randbytes(rng.randint(0, 200))
    data = bytearray(rng.choice(corpus()).encode())
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(data))
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    return bytes(data)


def _mutated(rng: random.Random) -> str:
    tokens = TOKEN.findall(rng.choice(corpus()))
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        at = rng.randint(0, len(tokens))
        end = at + rng.randint(1, 4)
        match rng.randrange(7):
            case 0:
                del tokens[at:end]
            case 1:
                tokens[at:at] = tokens[at:end] * rng.choice([1, 1, 2, 50])
            case 2:
                other = rng.randint(0, len(tokens))
                tokens[at : at + 1], tokens[other : other + 1] = (
                    tokens[other : other + 1],
                    tokens[at : at + 1],
                )
            case 3:
                tokens[at : at + 1] = [rng.choice(ODD + NAMES + NUMBERS + FUNCTIONS)]
            case 4:
                tokens.insert(
                    at, rng.choice([*ODD, chr(rng.randrange(32, 0x3000)), *"()[]{}|,;:=<>+-*/^'\"\n#"])
                )
            case 5:
                lines = rng.choice(corpus()).splitlines(keepends=True) or [""]
                first = rng.randrange(len(lines))
                tokens[at:at] = ["\n", *lines[first : first + rng.randint(1, 4)]]
            case _:
                tokens[at : at + 1] = ["(", _expression(rng, 2), ")"]
    return "".join(tokens)


def _number(rng: random.Random) -> str:
    number = rng.choice(NUMBERS)
    return f"{number} {rng.choice(UNITS)}" if rng.random() < 0.1 else number


def _expression(rng: random.Random, depth: int) -> str:
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(NAMES) if rng.random() < 0.6 else _number(rng)

    def part() -> str:
        return _expression(rng, depth - 1)

    match rng.randrange(10):
        case 0 | 1 | 2:
            return f"{part()} {rng.choice('+-*/')} {part()}"
        case 3:
            return f"({part()})^{rng.choice(['2', '(1/2)', '-1', part(), '99'])}"
        case 4 | 5:
            return f"{rng.choice(FUNCTIONS)}({part()})"
        case 6:
            return f"|{part()}|"
        case 7:
            return f"{_number(rng)}*delta(x - {part()})"
        case 8:
            return re.sub(r"\{\}", lambda _: _expression(rng, 0), rng.choice(LIBRARY))
        case _:
            return f"f({part()}, c = {part()})" if rng.random() < 0.5 else f"-({part()})"


def _condition(rng: random.Random, depth: int = 2) -> str:
    if depth and rng.random() < 0.3:
        return f"{_condition(rng, depth - 1)} {rng.choice(['and', 'or'])} not {_condition(rng, depth - 1)}"
    signs = [rng.choice(["<", "<=", ">", ">=", "==", "!="]) for _ in range(rng.choice([1, 1, 2]))]
    return _expression(rng, 1) + "".join(f" {sign} {_expression(rng, 1)}" for sign in signs)


def _value(rng: random.Random) -> str:
    if rng.random() < 0.7:
        return _expression(rng, 3)
    cases = [f"  {_expression(rng, 2)} if {_condition(rng)}\n" for _ in range(rng.randint(1, 4))]
    return (
        "{\n" + "".join(cases) + (f"  {_expression(rng, 1)} otherwise\n" if rng.random() < 0.8 else "") + "}"
    )


def _end(rng: random.Random) -> str:
    return rng.choice(["0", "1", "-4", "4", "-inf", "inf", "a", "2*b", "10 nm", "pi"])


def _statement(rng: random.Random, keyword: str) -> str:
    value = _expression(rng, 2)
    at = _end(rng)
    match keyword:
        case "units":
            return f"units {rng.choice(SYSTEMS)}"
        case "param":
            allowed = f" in [{_number(rng)}, {_number(rng)}]" if rng.random() < 0.3 else ""
            return f"param {rng.choice(NAMES)} = {_expression(rng, rng.choice([0, 0, 2]))}{allowed}"
        case "define":
            return f"define {rng.choice('fgh')}(x, c = {_number(rng)}) = {_value(rng)}"
        case "mass":
            return f"mass {rng.choice(['', 'm(x) '])}= {_value(rng)}"
        case "equation":
            left = rng.choice(["-psi''", "-((1+x)^2*psi')'", f"-psi'' + {value}*psi'", value])
            return f"equation {left} + {_expression(rng, 2)}*psi = E*{_expression(rng, 1)}*psi"
        case "boundary":
            kinds = [f"psi({at}) = 0", f"psi'({at}) = {value}*psi({at})", "periodic", f"bloch({value})"]
            return "boundary " + ", ".join(rng.choices(kinds, k=rng.choice([1, 2, 2, 3])))
        case "find":
            return "find " + rng.choice(["states 0..2", "state 3", "bound states", f"states below {value}"])
        case "report":
            return f"report E[0] - {value}, mean({value}, 0), probability(0, {at}, {_end(rng)})"
        case "expect":
            return f"expect {rng.choice(['E[0]', 'nodes(1)', 'psi[0](0)', value])} = {value} within 1e-6"
        case _:
            grid = rng.choice([f"{value} .. {at} step 0.1", "0 .. 1 in 5 points", f"[{value}, 1, {at}]"])
            return f"sweep {rng.choice(NAMES)} = {grid}"


def _file(rng: random.Random) -> str:
    """Statements in their usual order; each of them may be missing, and seldom something is out of order."""
    lines = [_statement(rng, "units")] if rng.random() < 0.3 else []
    lines += [f"param {name} = {_number(rng)}" for name in ("a", "b", "V0") if rng.random() < 0.8]
    lines += [_statement(rng, rng.choice(["param", "define"])) for _ in range(rng.randint(0, 3))]
    lines.append(f"domain x in [{_end(rng)}, {_end(rng)}]" if rng.random() < 0.5 else "domain x in [-4, 4]")
    lines.append(_statement(rng, "equation") if rng.random() < 0.2 else f"potential V(x) = {_value(rng)}")
    for keyword in ("mass", "boundary", "find", "report", "expect", "sweep"):
        if rng.random() < 0.25:
            lines.append(_statement(rng, keyword))
    if rng.random() < 0.1:
        rng.shuffle(lines)
    return "\n".join(lines) + "\n"
