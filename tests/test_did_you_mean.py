"""Every name of the language, the library and the command line, with one letter wrong: which is offered?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from qdsl import parse
from qdsl.cli.arguments import SHELLS, commands, read_arguments
from qdsl.cli.starting import template, template_names
from qdsl.errors import QdslError
from qdsl.language.words import STATEMENTS
from qdsl.meaning.constants import NAMES
from qdsl.meaning.unit_names import COMMON
from qdsl.physics import training
from qdsl.physics.functions import FUNCTIONS, POINT
from qdsl.potentials.catalogue import Catalogue
from qdsl.potentials.library import Library
from qdsl.potentials.plugins import Plugins
from qdsl.reading import override, read

BOX = "domain x in [0, 1]\npotential V(x) = 0\n"
UNITS = f"units meV, nm\n{BOX}"


def typos(name: str) -> Iterator[str]:
    """A letter left out, doubled, exchanged with its neighbour, replaced: near the middle and at the end."""
    for at in (len(name) // 2, len(name) - 1):
        before, letter, after = name[:at], name[at], name[at + 1 :]
        yield before + after
        yield before + letter * 2 + after
        yield before + ("q" if letter != "q" else "w") + after
        if after:
            yield before + after[0] + letter + after[1:]


def said(read_it: Callable[[], object]) -> str:
    """What is said about a mistake: nothing where it is none."""
    try:
        read_it()
    except QdslError as error:
        return str(error)
    except SystemExit:
        pass
    return ""


def missed(names: tuple[str, ...], read_it: Callable[[str], object]) -> list[str]:
    """The typos for which neither the name that was meant is offered nor one that is as close."""
    wrong = []
    for name in names:
        for typo in dict.fromkeys(typos(name)):
            found = (
                said(lambda typo=typo: read_it(typo)) if len(typo) > 1 and typo not in (*names, "pi") else ""
            )
            if found and not any(is_slip(typo, word) for word in offered(found)):
                wrong.append(f"{typo} for {name}: {found}")
    return wrong


def is_slip(typo: str, name: str) -> bool:
    """Whether one letter is wrong, missing, too much or exchanged with its neighbour; or capitals and '_'."""
    for at in range(len(name) + 1):
        before, after = name[:at], name[at:]
        if typo == before + after[1:] or typo == before + after[1:2] + after[:1] + after[2:]:
            return True
        if typo[:at] == before and typo[at + 1 :] in (after, after[1:]):
            return True
    return typo.casefold().replace("_", "") == name.casefold().replace("_", "")


def offered(found: str) -> set[str]:
    """The words of what is suggested."""
    hints = [line.partition("^ ")[2] or line.partition("hint: ")[2] for line in found.splitlines()]
    return {word for hint in hints for word in re.split("[ '(),?]+", hint) if len(word) > 1}


def text_of(text: Callable[[str], str]) -> Callable[[str], object]:
    return lambda typo: parse(text(typo))


REGISTRIES = {
    "method": training.METHODS,
    "network": training.NETWORKS,
    "energy": training.ENERGIES,
    "points": training.POINTS,
    "optimizer": training.OPTIMIZERS,
}

TEXTS: dict[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "parameters": (
        ("depth", "omega_x"),
        lambda n: f"param depth = 1\nparam V0 = 1\nparam omega_x = 1\n{BOX.replace('= 0', f'= {n}*x')}",
    ),
    "functions of the file": (
        ("barrier", "step_up"),
        lambda n: f"define barrier(x) = x\ndefine step_up(x) = x\n{BOX.replace('= 0', f'= {n}(x)')}",
    ),
    "named arguments": (
        ("height", "centre"),
        lambda n: f"define f(x, height = 1, centre = 0) = x\n{BOX.replace('= 0', f'= f(x, {n} = 2)')}",
    ),
    "arguments in a body": (("height",), lambda n: f"define f(x, height) = {n}*x\n{BOX}"),
    "the coordinate": (("radius",), lambda n: f"domain radius in [0, 1]\npotential V(radius) = {n}^2\n"),
    "built-in functions": (
        (*FUNCTIONS, POINT),
        lambda n: BOX.replace("= 0", f"= {n}(x, x)" if n.startswith("m") else f"= {n}(x)"),
    ),
    "units": (tuple(u for u in COMMON if len(u) > 2), lambda n: f"units meV, nm\nparam a = 3 {n}\n{BOX}"),
    "constants of nature": (tuple(NAMES), lambda n: f"units meV, nm\nparam a = 3*{n}\n{BOX}"),
    "unit systems": (("dimensionless", "atomic"), lambda n: f"units {n}\n{BOX}"),
    "declared units": (("meV", "hartree"), lambda n: f"units {n}, nm\n{BOX}"),
    "potentials": (tuple(Library().files), lambda n: BOX.replace("= 0", f"= {n}(x)")),
    "plug-ins": (tuple(Plugins().names), lambda n: BOX.replace("= 0", f"= {n}(x)")),
    "quantities": (("mean", "element", "probability", "nodes"), lambda n: f"{BOX}report {n}(x, 0)\n"),
    "psi": (("psi",), lambda n: f"{BOX}boundary {n}(0) = 0\n"),
    "conditions": (("periodic",), lambda n: f"{BOX}boundary {n}\n"),
    "conditions with a number": (("bloch",), lambda n: f"{BOX}boundary {n}(1)\n"),
    "swept parameters": (("depth",), lambda n: f"param depth = 1\n{BOX}sweep {n} = 0 .. 1 step 0.5\n"),
    "what to find": (("states", "bound"), lambda n: f"{BOX}find {n} 0..3\n"),
    "settings": (tuple(f.name for f in fields(training.Training)), lambda n: f"{BOX}train {{ {n} = 1 }}\n"),
    "terms of the loss": (tuple(training.LOSS_TERMS), lambda n: f"{BOX}train {{ loss = {{{n}: 1}} }}\n"),
    "activations": (("tanh",), lambda n: f"{BOX}train {{ network = mlp(hidden = [8], activation = {n}) }}\n"),
    "precisions": (("float64",), lambda n: f"{BOX}train {{ precision = {n} }}\n"),
    **{
        key: (tuple(entry.name for entry in registry), lambda n, key=key: f"{BOX}train {{ {key} = {n} }}\n")
        for key, registry in REGISTRIES.items()
    },
}


@pytest.mark.parametrize("names", TEXTS)
def test_names_of_a_file(names: str) -> None:
    known, text = TEXTS[names]
    assert missed(known, text_of(text)) == []


def test_statements() -> None:
    for keyword, example in STATEMENTS.items():
        rest = example.removeprefix(keyword)
        assert missed((keyword,), text_of(lambda typo, rest=rest: f"{BOX}{typo}{rest}\n")) == []


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("within", "expect E[0] = 1 {} 1e-9"),
        ("step", "sweep a = 0 .. 1 {} 0.1"),
        ("points", "sweep a = 0 .. 1 in 11 {}"),
        ("in", "param b = 1 {} [0, 2]"),
        ("then", "train {{ method = ritz {} lm }}"),
        ("below", "find states {} 12"),
        ("if", "mass m(x) = {{ 1 {} x < 1/2; 2 otherwise }}"),
        ("otherwise", "mass m(x) = {{ 1 if x < 1/2; 2 {} }}"),
        ("and", "mass m(x) = {{ 1 if x < 1/2 {} x > 1/4; 2 otherwise }}"),
        ("or", "mass m(x) = {{ 1 if x < 1/2 {} x > 3/4; 2 otherwise }}"),
        ("not", "mass m(x) = {{ 1 if {} x < 1/2; 2 otherwise }}"),
    ],
)
def test_small_words(word: str, line: str) -> None:
    exchanged = word[1] + word[0] + word[2:]
    for typo in (exchanged, *typos(word)) if len(word) > 2 else (exchanged,):
        if typo != word:
            found = said(lambda typo=typo: parse("param a = 1\n" + BOX + line.format(typo) + "\n"))
            assert word in offered(found), typo


def test_arguments_of_library_potentials() -> None:
    library = Library()
    for name in library.files:
        define = library.define(name)
        assert define is not None
        formals = tuple(formal.name.name for formal in define.formals if len(formal.name.name) > 2)
        text = text_of(lambda typo, name=name: BOX.replace("= 0", f"= {name}(x, {typo} = 1)"))
        assert missed(formals, text) == [], name


@pytest.mark.parametrize("key", REGISTRIES)
def test_arguments_of_settings(key: str) -> None:
    for entry in REGISTRIES[key]:
        accepted = tuple(field.name for field in fields(entry))
        text = text_of(lambda typo, entry=entry: f"{BOX}train {{ {key} = {entry.name}({typo} = 1) }}\n")
        assert missed(accepted, text) == [], entry.name


def test_the_command_line() -> None:
    known = commands()
    assert missed(tuple(known), lambda typo: read_arguments([typo, "x.qw"])) == []
    for name, parser in known.items():
        options = tuple(o for action in parser._actions for o in action.option_strings if o.startswith("--"))
        assert missed(options, lambda typo, name=name: read_arguments([name, "bash", typo])) == [], name
    assert missed(SHELLS, lambda typo: read_arguments(["completion", typo])) == []


def test_names_in_commands() -> None:
    catalogue = Catalogue.present()
    assert missed(tuple(catalogue.names), catalogue.entry) == []
    assert missed(tuple(template_names()), template) == []


def test_names_given_to_a_file(tmp_path: Path) -> None:
    place = tmp_path / "input.qw"
    place.write_text("param depth = 1\n" + BOX, encoding="utf-8")
    reading = read(place)
    assert missed(("depth",), lambda typo: override(reading, (typo, "2"))) == []
    assert missed(("depth",), lambda typo: reading.problem.with_values(**{typo: 2})) == []


FILES = [("qw", 'include "{}"'), ("csv", 'mass m(x) = table(x, "{}")')]


@pytest.mark.parametrize(("ending", "statement"), FILES)
def test_files_beside_a_file(ending: str, statement: str, tmp_path: Path) -> None:
    for name in ("junctions", "materials"):
        (tmp_path / f"{name}.{ending}").write_text("", encoding="utf-8")

    def naming(typo: str) -> object:
        (tmp_path / "input.qw").write_text(f"{BOX}{statement.format(f'{typo}.{ending}')}\n", encoding="utf-8")
        return read(tmp_path / "input.qw")

    for name in ("junctions", "materials"):
        for typo in set(typos(name)) - {name}:
            assert f"did you mean '{name}.{ending}'?" in said(lambda typo=typo: naming(typo))
