"""The command line as data: which commands and options there are, and what is wrong with a wrong one.

argparse, not a richer library: typer 0.29 adds 0.15 s to every run, a third of what `qdsl check` takes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from qdsl import __version__
from qdsl.errors import UsageError
from qdsl.spelling import did_you_mean

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\
exit status:
  0    solved, certified and converged, every expectation holds
  1    solved, but one of these does not hold
  2    a mistake in the file or on the command line, or an output that cannot be written
  3    a bug in qdsl
  124  the time limit is over
  130  interrupted
"""


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line; `command` is the name of the command.

    Raises UsageError for anything wrong; `--help` and `--version` print and raise SystemExit(0).
    """
    parser, commands = _parser()
    _check_command(arguments, parser, commands)
    namespace, rest = parser.parse_known_args(arguments)
    if rest:
        raise _superfluous(rest[0], commands[namespace.command])
    return namespace


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises what it would print."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].lower()}{message[1:]}", hint=f"see '{self.prog} --help'")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            what = "/".join(action.option_strings) or action.metavar
            known = ", ".join(map(str, action.choices))
            guess = did_you_mean(str(value), map(str, action.choices))
            hint = f"did you mean '{guess}'?" if guess else f"see '{self.prog} --help'"
            raise UsageError(f"{what} is one of {known}, not '{value}'", hint=hint)


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, by its name."""
    return dict(_parser()[1])


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog="qdsl",
        description="Energies and wavefunctions of one-dimensional quantum problems, with proof.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"qdsl {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands = {}
    for name, (summary, options) in _COMMANDS.items():
        command = subparsers.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        options(command)
        command.add_argument("--debug", action="store_true", help="show a traceback when qdsl itself fails")
        commands[name] = command
    return parser, commands


def _solve(parser: argparse.ArgumentParser) -> None:
    _file(parser)
    _set(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--plot", metavar="OUT", help="draw the states to OUT.png, OUT.svg or OUT.pdf")
    parser.add_argument(
        "--explain-certificate", action="store_true", help="say in a paragraph why the bounds hold"
    )
    parser.add_argument("--method", help="ritz, gradient, lm, or such as 'ritz then lm'")
    parser.add_argument("--seed", type=_seed, help="of the random numbers, instead of the file's")
    parser.add_argument("--device", default="cpu", help="where torch computes: cpu, cuda, mps (default: cpu)")
    _time_limit(parser)
    parser.add_argument("--quiet", action="store_true", help="print mistakes only; the exit status tells")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a .qw file, or - for standard input")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of the diagnostics (default: text)"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")


def _explain(parser: argparse.ArgumentParser) -> None:
    _file(parser)
    _set(parser)
    parser.add_argument("--latex", action="store_true", help="write a LaTeX article")


def _potentials(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="of one potential; without it, all are listed"
    )
    parser.add_argument("--plot", metavar="OUT", help="draw its example to OUT.png, OUT.svg or OUT.pdf")


def _verify(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    _time_limit(parser)


def _fmt(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; status 1 if something would change"
    )
    parser.add_argument("--diff", action="store_true", help="change nothing; show what would change")


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "template", metavar="TEMPLATE", nargs="?", help="the kind of problem; all are listed without"
    )
    parser.add_argument("out", metavar="FILE", nargs="?", help="a new file (default: standard output)")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "solve": ("Solve the problem in a .qw file.", _solve),
    "check": ("Read and check .qw files without solving them.", _check),
    "explain": ("Say in words and formulas what would be solved, and how.", _explain),
    "potentials": ("List the potentials that a file can call, or show one.", _potentials),
    "verify": ("Solve .qw files and say of each whether everything in it holds.", _verify),
    "fmt": ("Bring .qw files into the standard layout.", _fmt),
    "new": ("Print or write a commented file to start from.", _new),
    "completion": ("Print a script that completes commands in a shell.", _completion),
}


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=".qw files, folders with such files, or -")


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a .qw file, or - for standard input")


def _set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="NAME=EXPR",
        type=_assignment,
        action="append",
        default=[],
        help="give a parameter of the file another value; may be repeated",
    )


def _time_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--time-limit", metavar="SECONDS", type=_seconds, help="give a file up that takes longer than that"
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, not '{text}'")
    return seconds


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise argparse.ArgumentTypeError(f"expected NAME=EXPR, as in --set V0=30, not '{text}'")
    return name.strip(), value.strip()


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, not '{text}'")
    return int(text)


def _check_command(arguments: Sequence[str], parser: _Parser, commands: dict[str, _Parser]) -> None:
    """A misspelt command, or an option in its place, is the first thing to be told about."""
    name = arguments[0] if arguments else ""
    known = ", ".join(commands)
    if not name:
        raise UsageError(f"a command is missing: {known}", hint="see 'qdsl --help'")
    if name in commands or name in _options(parser):
        return
    option = name.partition("=")[0]
    for command, its_parser in commands.items():
        if option in _options(its_parser):
            raise UsageError(
                f"'{option}' stands before the command", hint=f"options follow it: qdsl {command} … {option}"
            )
    if name.startswith("-"):
        raise _superfluous(name, parser)
    guess = did_you_mean(name, commands)
    if guess:
        hint = f"did you mean '{guess}'?"
    elif name.endswith(".qw"):
        hint = f"did you mean 'qdsl solve {name}'?"
    else:
        hint = f"the commands are {known}"
    raise UsageError(f"unknown command '{name}'", hint=hint)


def _superfluous(argument: str, command: _Parser) -> UsageError:
    if not argument.startswith("-"):
        taken = [str(action.metavar).lower() for action in command._actions if not action.option_strings]
        wanted = " and ".join(f"one {name}" for name in taken)
        return UsageError(f"'{command.prog}' takes {wanted}, and '{argument}' is one more")
    option = argument.partition("=")[0]
    guess = did_you_mean(option, _options(command))
    hint = f"did you mean '{guess}'?" if guess else f"see '{command.prog} --help'"
    return UsageError(f"unknown option '{option}'", hint=hint)


def _options(parser: _Parser) -> list[str]:
    return [name for action in parser._actions for name in action.option_strings]
