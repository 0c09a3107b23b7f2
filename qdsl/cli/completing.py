"""`qdsl completion SHELL`: a script that completes commands, options, files and names.

Written from the parsers of the commands themselves, so that it cannot fall behind them.  Names of
templates and potentials are those known when the script is written; completing starts no Python.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qdsl.cli import output
from qdsl.cli.arguments import commands

FILES = "FILE"
"""Stands for the names of .qw files and folders among the words that may come next."""

ANY = "ANY"
"""Stands for the names of all files."""


@dataclass(frozen=True)
class Option:
    names: tuple[str, ...]
    help: str
    takes: tuple[str, ...] | None
    """Words that may follow, FILES or ANY among them; None when the option takes no argument."""


@dataclass(frozen=True)
class Command:
    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]


def completion(arguments: argparse.Namespace) -> int:
    """Print the script for a shell."""
    writers: dict[str, Callable[[list[Command]], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    output.print_text("\n".join(writers[arguments.shell](_commands())) + "\n")
    return 0


def _commands() -> list[Command]:
    return [
        Command(
            name,
            parser.description or "",
            tuple(_option(action) for action in parser._actions if action.option_strings),
            tuple(word for action in parser._actions if not action.option_strings for word in _words(action)),
        )
        for name, parser in commands().items()
    ]


def _option(action: argparse.Action) -> Option:
    takes = None if action.nargs == 0 else tuple(_words(action))
    return Option(tuple(action.option_strings), action.help or "", takes)


def _words(action: argparse.Action) -> Iterator[str]:
    """What an argument may be."""
    if action.choices is not None:
        yield from map(str, action.choices)
    elif action.metavar == "TEMPLATE":
        from qdsl.cli.starting import template_names

        yield from template_names()
    elif action.metavar == "NAME":
        from qdsl.potentials.library import Library

        # A file of another name cannot be called, and its name could be a command to the shell.
        yield from sorted(filter(str.isidentifier, Library().files))
    elif action.metavar == "FILE":
        yield FILES
    elif action.metavar == "OUT":
        yield ANY
    elif action.dest in _KNOWN:
        yield from _KNOWN[action.dest]


_KNOWN = {"method": ("ritz", "gradient", "lm"), "device": ("cpu", "cuda", "mps")}


# bash ------------------------------------------------------------------------------------------------


def _bash(known: list[Command]) -> Iterator[str]:
    yield '# qdsl completion for bash; put into ~/.bashrc:  eval "$(qdsl completion bash)"'
    yield "_qdsl_files() {"
    yield "  local name"
    yield '  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$@")'
    yield "  compopt -o filenames 2>/dev/null"
    yield "}"
    yield "_qdsl() {"
    yield '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"'
    yield "  # --plot=out.png is three words to bash"
    yield '  if [ "$before" = "=" ]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi'
    yield '  if [ "$word" = "=" ]; then word=""; fi'
    yield "  COMPREPLY=()"
    yield '  if [ "$COMP_CWORD" -eq 1 ]; then'
    yield f'    COMPREPLY=($(compgen -W "{" ".join(c.name for c in known)} --help --version" -- "$word"))'
    yield "    return"
    yield "  fi"
    yield '  case "${COMP_WORDS[1]} $before" in'
    for command in known:
        for option in command.options:
            if option.takes is not None:
                patterns = "|".join(f"'{command.name} {name}'" for name in option.names)
                yield f"    {patterns}) {_reply(option.takes)}return ;;"
    yield "  esac"
    yield '  case "${COMP_WORDS[1]}" in'
    for command in known:
        names = " ".join(name for option in command.options for name in option.names)
        yield f"    {command.name})"
        yield f'      if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "{names}" -- "$word"))'
        yield f"      else {_reply(command.words) or ':; '}fi ;;"
    yield "  esac"
    yield "}"
    yield "complete -F _qdsl qdsl"


def _reply(words: tuple[str, ...]) -> str:
    """Commands of bash that offer these words."""
    plain = " ".join(word for word in words if word not in (FILES, ANY))
    text = f'COMPREPLY+=($(compgen -W "{plain}" -- "$word")); ' if plain else ""
    if FILES in words:
        text += '_qdsl_files -f -X "!*.qw" -- "$word"; _qdsl_files -d -- "$word"; '
    if ANY in words:
        text += '_qdsl_files -f -- "$word"; '
    return text


# zsh -------------------------------------------------------------------------------------------------


def _zsh(known: list[Command]) -> Iterator[str]:
    yield "#compdef qdsl"
    yield '# qdsl completion for zsh; put into ~/.zshrc:  eval "$(qdsl completion zsh)"'
    yield "_qdsl() {"
    yield "  local -a commands"
    yield "  commands=("
    for command in known:
        yield f"    {_quoted(f'{command.name}:{command.help}')}"
    yield "  )"
    yield "  if (( CURRENT == 2 )); then"
    yield "    _describe 'command' commands"
    yield "    return"
    yield "  fi"
    yield '  case "$words[2]" in'
    for command in known:
        yield f"    {command.name})"
        yield "      shift words; (( CURRENT-- ))"
        parts = [_zsh_option(name, option) for option in command.options for name in option.names]
        parts.append(_quoted(f"*:argument:{_zsh_action(command.words)}"))
        yield f"      _arguments -S {' '.join(parts)} ;;"
    yield "  esac"
    yield "}"
    yield "compdef _qdsl qdsl"


def _zsh_option(name: str, option: Option) -> str:
    text = option.help.replace("[", "(").replace("]", ")").replace(":", "\\:")
    if option.takes is None:
        return _quoted(f"*{name}[{text}]")
    return _quoted(f"*{name}=[{text}]:value:{_zsh_action(option.takes)}")


def _zsh_action(words: tuple[str, ...]) -> str:
    plain = " ".join(word for word in words if word not in (FILES, ANY))
    files = '_files -g "*.qw(-.)"' if FILES in words else "_files" if ANY in words else ""
    if plain and files:
        return f"{{compadd -- {plain}; {files}}}"
    return files or (f"({plain})" if plain else " ")


# fish ------------------------------------------------------------------------------------------------


def _fish(known: list[Command]) -> Iterator[str]:
    yield "# qdsl completion for fish; put into ~/.config/fish/completions/qdsl.fish"
    yield "complete -c qdsl -f"
    for command in known:
        yield f"complete -c qdsl -n __fish_use_subcommand -a {command.name} -d {_quoted(command.help)}"
        seen = f"-n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
            )
            takes = "" if option.takes is None else " -r" + "".join(_fish_words(option.takes))
            yield f"complete -c qdsl {seen} {names}{takes} -d {_quoted(option.help)}"
        for words in _fish_words(command.words):  # a second -a would replace the first
            yield f"complete -c qdsl {seen}{words}"


def _fish_words(words: tuple[str, ...]) -> Iterator[str]:
    plain = " ".join(word for word in words if word not in (FILES, ANY))
    if plain:
        yield f" -a '{plain}'"
    if FILES in words:
        yield " -k -a '(__fish_complete_suffix .qw)'"
    if ANY in words:
        yield " -F"


def _quoted(text: str) -> str:
    """A word of the shell."""
    return "'" + text.replace("'", "'\\''") + "'"
