"""The house is built in storeys, and its plan is enforced by reading the import statements.

A module may import from its own folder and from those above it in LAYERS.  Imports inside functions count
for the layering as well; for cycles only what runs at import time does.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYERS = (
    ("errors", "spelling"),
    ("language", "physics"),  # side by side: neither may see the other
    ("potentials",),
    ("meaning",),
    ("reading",),
    ("states",),
    ("pinn", "verify"),  # side by side: neither may see the other
    ("solution", "adapting"),
    ("company",),
    ("solving",),
    ("sweeping",),
    ("report",),
    ("cli",),
)
UPSTAIRS = {
    ("solution", "qdsl.report.plot"),
    ("solution", "qdsl.report.proof"),
    ("sweeping", "qdsl.report.sweep_plot"),
}
"""The ways up: the methods `plot()` and `explain_certificate()` call for their pictures and sentences, inside
the method, when they are asked to."""

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
ROOT = Path(__file__).resolve().parent.parent / "qdsl"
DOOR = {"__init__", "__main__"}

HEAVY = {
    "torch": {"pinn"},
    "lark": {"language"},
    "matplotlib": {"report"},
    "rich": {"report", "cli"},
    "argparse": {"cli"},
    "scipy": {"pinn", "verify", "meaning"},  # in meaning for the constants of nature
    "pint": {"meaning"},
}
"""Which part of the house may use which library."""


def modules() -> dict[str, Path]:
    """Dotted names below `qdsl` -> files."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


MODULES = modules()
ROOMS = [name for name in MODULES if name not in DOOR]


def imports(name: str, *, at_import_time: bool) -> Iterator[str]:
    """Full names of what a module imports at run time: `qdsl.errors`, `torch.nn`, …"""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    for node in _statements(tree, into_functions=not at_import_time):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} uses a relative import; the house has absolute ones"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner.removeprefix("qdsl.") in MODULES else str(node.module)


def _statements(tree: ast.AST, *, into_functions: bool) -> Iterator[ast.AST]:
    """The nodes of a module, without what is there for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not into_functions:
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _statements(node, into_functions=into_functions)


def part(name: str) -> str:
    return name.split(".")[0]


def test_every_module_has_a_place():
    homeless = {part(name) for name in MODULES} - DOOR - set(LEVEL)
    assert not homeless, f"not in the plan of the house: {homeless}"


@pytest.mark.parametrize("name", ROOMS)
def test_imports_only_from_above(name: str):
    own = part(name)
    for imported in imports(name, at_import_time=False):
        if not imported.startswith("qdsl."):
            continue
        if (name, imported) in UPSTAIRS:
            assert imported not in set(imports(name, at_import_time=True))
            continue
        other = part(imported.removeprefix("qdsl."))
        allowed = other == own or LEVEL[other] < LEVEL[own]
        assert allowed, f"qdsl.{name} imports {imported}, which lies below it or beside it"


@pytest.mark.parametrize("name", ROOMS)
def test_libraries_stay_in_their_rooms(name: str):
    for imported in imports(name, at_import_time=False):
        library = imported.split(".")[0]
        assert part(name) in HEAVY.get(library, {part(name)}), f"qdsl.{name} imports {imported}"


def test_nothing_evaluates_text():
    """Files are data: no eval, no exec, no sympify or parse_expr (which call eval), no pickle."""
    forbidden = {"eval", "exec", "sympify", "parse_expr", "compile", "lambdify"}
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if isinstance(node.func, ast.Attribute) and called == "compile":
                    continue  # re.compile
                assert called not in forbidden, f"qdsl.{name}:{node.lineno} calls {called}"
        assert "pickle" not in set(imports(name, at_import_time=False))


def test_no_cycles():
    """Modules import each other in one direction only."""
    graph = {
        name: {
            imported.removeprefix("qdsl.")
            for imported in imports(name, at_import_time=True)
            if imported.removeprefix("qdsl.") in MODULES and imported != f"qdsl.{name}"
        }
        for name in ROOMS
    }
    finished: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> None:
        if name in finished:
            return
        assert name not in path, "import cycle: " + " -> ".join([*path[path.index(name) :], name])
        path.append(name)
        for imported in sorted(graph.get(name, ())):
            visit(imported)
        path.pop()
        finished.add(name)

    for name in graph:
        visit(name)


def loaded_by(statement: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(run.stdout.split())


def test_the_door_is_light():
    assert not loaded_by("import qdsl") & {"torch", "matplotlib", "sympy", "numpy", "scipy", "lark", "rich"}


def test_problems_need_no_torch():
    loaded = loaded_by("import qdsl; qdsl.Problem, qdsl.parse, qdsl.QdslError; import qdsl.cli.commands")
    assert not loaded & {"torch", "matplotlib", "scipy"}
