"""The completion scripts, run in the shells that they are for."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from qdsl.cli import main
from qdsl.cli.arguments import commands

SHELLS = [shell for shell in ("bash", "zsh", "fish") if os.name != "nt" and shutil.which(shell)]
COMMANDS = ["solve", "check", "explain", "potentials", "verify", "fmt", "new", "completion"]
FILES = ["ab.qw", "a*.qw", "two words.qw", "it's.qw", "$HOME.qw", "folder/"]

bash = pytest.mark.skipif("bash" not in SHELLS, reason="there is no bash")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: .qw files with names that shells stumble over, and others."""
    folder = tmp_path / "work"
    (folder / "folder").mkdir(parents=True)
    for name in (*FILES[:-1], "notes.txt", "picture one.png", "folder/deep one.qw"):
        (folder / name).touch()
    monkeypatch.chdir(folder)
    return folder


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


class Completer:
    """Asks a shell that has read its script what may stand at the end of a command line."""

    def __init__(self, shell: str, script: str, folder: Path) -> None:
        self.file = folder.parent / f"completion.{shell}"
        self.file.write_text(script)

    def bash(self, *words: str) -> list[str]:
        program = (
            'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qdsl; '
            'if [ "${#COMPREPLY[@]}" -gt 0 ]; then printf "%s\\n" "${COMPREPLY[@]}"; fi'
        )
        arguments = ["bash", "--norc", "-c", program, "bash", str(self.file), "qdsl", *words]
        run = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
        assert (run.returncode, run.stderr) == (0, "")
        return [f"{line}/" if Path(line).is_dir() else line for line in run.stdout.splitlines()]

    def fish(self, *words: str) -> list[str]:
        program = 'source $argv[1]; complete -C "$argv[2]"'
        line = " ".join(["qdsl", *words])
        arguments = ["fish", "--no-config", "-c", program, str(self.file), line]
        run = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
        assert (run.returncode, run.stderr) == (0, "")
        return [line.partition("\t")[0] for line in run.stdout.splitlines()]


@pytest.fixture
def complete(capsys: pytest.CaptureFixture[str], folder: Path):
    return Completer("bash", script("bash", capsys), folder).bash


@bash
def test_commands(complete):
    assert complete("") == [*COMMANDS, "--help", "--version"]
    assert complete("so") == ["solve"]
    assert complete("x") == []
    assert complete("nonsense", "") == []


@bash
@pytest.mark.parametrize("command", COMMANDS)
def test_options(capsys, complete, command):
    """All of those that the help of the command speaks of."""
    assert main([command, "--help"]) == 0
    spoken = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", capsys.readouterr().out))
    assert set(complete(command, "--")) == spoken
    assert set(complete(command, "well.qw", "-")) == {"-h", *spoken}


@bash
def test_names_of_templates_and_potentials(complete, root):
    templates = sorted(path.stem for path in (root / "qdsl" / "templates").glob("*.qw"))
    potentials = sorted(path.stem for path in (root / "qdsl" / "library").glob("*.qw"))
    assert [word for word in complete("new", "") if word not in FILES] == templates
    assert complete("new", "harm") == ["harmonic"]
    assert complete("potentials", "") == potentials
    assert complete("potentials", "mor") == ["morse"]


@bash
@pytest.mark.parametrize("command", ["solve", "check", "explain", "verify", "fmt"])
def test_files(complete, command):
    assert sorted(complete(command, "")) == sorted(FILES)
    assert complete(command, "two") == ["two words.qw"]
    assert complete(command, "folder/") == ["folder/deep one.qw"]
    assert sorted(complete(command, "a")) == ["a*.qw", "ab.qw"]


@bash
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("solve", "ab.qw", "--method", ""), ["ritz", "gradient", "lm"]),
        (("solve", "--device", "c"), ["cpu", "cuda"]),
        (("solve", "--set", ""), []),
        (("solve", "--seed", ""), []),
        (("solve", "--plot", "pic"), ["picture one.png"]),
        (("potentials", "morse", "--plot", "pic"), ["picture one.png"]),
        (("check", "--format", ""), ["text", "json"]),
        (("check", "--format", "=", "j"), ["json"]),  # --format=j, as bash cuts it
        (("check", "--format", "="), ["text", "json"]),
        (("solve", "--plot", "=", "pic"), ["picture one.png"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)
def test_what_follows_an_option(complete, words, expected):
    assert complete(*words) == expected


@bash
def test_the_name_of_a_file_is_no_command(capsys, folder, tmp_path, monkeypatch):
    """The script goes through `eval`, and holds the names of the user's own potentials."""
    library = tmp_path / "library"
    library.mkdir()
    for name in ("mine.qw", "$(touch pwned).qw", "`touch pwned`.qw", "it's.qw", '"; touch pwned; ".qw'):
        (library / name).write_text("define mine(x) = x\n")
    monkeypatch.setenv("QDSL_PATH", str(library))
    complete = Completer("bash", script("bash", capsys), folder).bash
    assert complete("potentials", "mi") == ["mine"]
    assert len(complete("potentials", "")) > 30
    assert not (folder / "pwned").exists()


@pytest.mark.skipif("fish" not in SHELLS, reason="there is no fish")
def test_fish(capsys, folder):
    complete = Completer("fish", script("fish", capsys), folder).fish
    assert sorted(complete("")) == sorted(COMMANDS)
    assert complete("potentials", "mor") == ["morse"]
    assert complete("new", "harm") == ["harmonic"]
    assert complete("solve", "two") == ["two words.qw"]
    assert complete("solve", "ab.qw", "--method", "gr") == ["gradient"]
    assert complete("check", "--format=j") == ["--format=json"]
    assert complete("solve", "ab.qw", "--plot", "pic") == ["picture one.png"]
    assert complete("solve", "--qui") == ["--quiet"]


@pytest.mark.skipif("zsh" not in SHELLS, reason="there is no zsh")
def test_zsh(capsys, folder):
    """Its completion wants a terminal: the keys are pressed, and the command shows what came of them."""
    import pty

    written = Completer("zsh", script("zsh", capsys), folder).file
    lines = {
        "so\t": ["solve"],
        "potentials mor\t": ["potentials", "morse"],
        "new harm\t": ["new", "harmonic"],
        "solve two\t": ["solve", "two words.qw"],
        "solve ab.qw --method gr\t": ["solve", "ab.qw", "--method", "gradient"],
        "check --format=j\t": ["check", "--format=json"],
        "solve ab.qw --plot pic\t": ["solve", "ab.qw", "--plot", "picture one.png"],
        "solve --qui\t": ["solve", "--quiet"],
    }
    terminal, keyboard = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i", "+m"],
        stdin=keyboard,
        stdout=keyboard,
        stderr=keyboard,
        env=os.environ | {"TERM": "dumb", "ZDOTDIR": str(folder)},
        start_new_session=True,
    )
    os.close(keyboard)

    def type_in(keys: str, awaited: str) -> str:
        os.write(terminal, keys.encode())
        shown = ""
        while not re.search(awaited, shown):
            assert select.select([terminal], [], [], 30)[0], f"zsh says nothing more after {shown!r}"
            shown += os.read(terminal, 65536).decode(errors="replace")
        return re.findall(awaited, shown)[-1]

    show = "qdsl() { printf '<%s>' GOT \"$@\"; echo; }"
    with process:
        try:
            type_in(
                f"autoload -Uz compinit; compinit -D -u; source '{written}'; {show}; echo re''ady\n",
                "ready\r",
            )
            for keys, expected in lines.items():
                got = type_in(f"qdsl {keys}\n", r"<GOT>(.*)\r")
                assert re.findall("<(.*?)>", got) == expected
        finally:
            process.kill()
            os.close(terminal)


@pytest.mark.parametrize("command", COMMANDS)
def test_misspelt_commands_and_options_are_recognised(capsys, command):
    for wrong in (command[:-1], command[1:], command[0] + command[2] + command[1] + command[3:]):
        if wrong in COMMANDS:
            continue
        assert main([wrong, "well.qw"]) == 2
        assert f"unknown command '{wrong}'\n  hint: did you mean '{command}'?" in capsys.readouterr().err
    argument = {"completion": "bash", "potentials": "morse", "new": "well"}.get(command, "well.qw")
    options = [o for action in commands()[command]._actions for o in action.option_strings if len(o) > 2]
    for option in options:
        wrong = option + option[-1]
        assert main([command, argument, wrong]) == 2
        assert f"unknown option '{wrong}'\n  hint: did you mean '{option}'?" in capsys.readouterr().err
