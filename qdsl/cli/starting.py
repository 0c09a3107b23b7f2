"""`qdsl new`: starter files, one for each kind of problem, from `qdsl/templates`."""

from __future__ import annotations

import argparse
import shlex
from importlib.resources import files
from pathlib import Path

from qdsl.cli import output
from qdsl.errors import UsageError
from qdsl.spelling import did_you_mean

SUFFIX = ".qw"


def new(arguments: argparse.Namespace) -> int:
    """Print or write a starter file; without a name, list them all."""
    if arguments.template is None:
        output.print_text(_listing())
        return 0
    text = template(arguments.template)
    if arguments.out is None:
        output.print_bytes(text.encode())
        return 0
    target = Path(arguments.out)
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"'{target}' is there already", hint="choose another name") from None
    except OSError as error:
        raise UsageError(f"cannot write '{target}': {(error.strerror or str(error)).lower()}") from None
    output.print_text(f"{target}: written; try: qdsl solve {shlex.quote(str(target))}\n")
    return 0


def template_names() -> list[str]:
    """The names of all templates, sorted."""
    folder = files("qdsl").joinpath("templates")
    return sorted(
        entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX)
    )


def template(name: str) -> str:
    """The text of a template.  Raises UsageError where there is none of that name."""
    known = template_names()
    wanted = name.removesuffix(SUFFIX)
    if wanted not in known:
        guess = did_you_mean(wanted, known)
        hint = f"did you mean '{guess}'?" if guess else "'qdsl new' lists them"
        raise UsageError(f"there is no template '{wanted}'", hint=hint)
    return files("qdsl").joinpath("templates", wanted + SUFFIX).read_text(encoding="utf-8")


def _listing() -> str:
    """The names with what each is for: the first line of its file, a comment."""
    names = template_names()
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {template(name).splitlines()[0].lstrip('# ')}\n" for name in names]
    return "Templates, for 'qdsl new TEMPLATE [FILE]':\n" + "".join(lines)
