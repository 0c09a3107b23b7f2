"""Potentials that are Python functions: handed over, installed, and faulty."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp

import qdsl
from qdsl.errors import ProblemError, QdslError

PROBLEM = "param g = 3\ndomain x in [0, 2]\npotential V(x) = {}\n"


@qdsl.potential
def ripple(x, height, period=2, shape: str = "sin"):
    """A wave
    along x.

    More about it.

    Source: a book
    """
    head = {"sin": sp.sin, "cos": sp.cos}[shape]
    return height * head(2 * sp.pi * x / period)


def potential_of(call: str, *potentials: object) -> sp.Expr:
    return qdsl.parse(PROBLEM.format(call), potentials=potentials).q


x, g = sp.Symbol("x", real=True), sp.Symbol("g", real=True)


def test_a_function_that_is_handed_over():
    assert potential_of("ripple(x, g)", ripple) == g * sp.sin(sp.pi * x)
    assert potential_of('1 + ripple(x, 2, period = 4, shape = "cos")', ripple) == 1 + 2 * sp.cos(
        sp.pi * x / 2
    )
    assert potential_of("ripple(x - 1, height = ripple(1/2, 2))", ripple) == 2 * sp.sin(sp.pi * (x - 1))


def test_functions_of_the_file_may_use_it():
    text = "define twice(t) = 2*ripple(t, 1)\ndomain x in [0, 1]\npotential V(x) = twice(x)"
    assert qdsl.parse(text, potentials=[ripple]).q == 2 * sp.sin(sp.pi * x)


def test_it_stays_a_function():
    assert ripple(x, 2) == 2 * sp.sin(sp.pi * x)
    assert (ripple.name, ripple.doc, ripple.source) == ("ripple", "A wave along x.", "a book")


def test_only_functions_are_potentials():
    with pytest.raises(QdslError, match="a potential is a function, not 3"):
        qdsl.potential(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("ripple(x)", "'ripple' needs its argument 'height'"),
        ("ripple(x, 1, 2, 3)", "the argument 'shape' of 'ripple' is a text, in double quotes"),
        ('ripple(x, "high")', "this is a text, where a number is needed"),
        ("ripple(x, 1, phase = 2)", "'ripple' has no argument 'phase'"),
        ("ripple(x, q)", "unknown name 'q'"),
        ('ripple(x, 1, shape = "tan")', "the plug-in 'ripple' failed: KeyError: 'tan'"),
        ("rippel(x, 1)", "unknown function 'rippel'"),
    ],
)
def test_wrong_calls(call: str, message: str):
    with pytest.raises(ProblemError) as caught:
        potential_of(call, ripple)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == message
    assert diagnostic.span.line == 3
    if "unknown function" in message:
        assert diagnostic.hint == "did you mean the potential 'ripple'?"


def returning(value: object) -> qdsl.potential:
    def odd(x):
        return value

    return qdsl.potential(odd)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x**2", "is faulty: it returned str, not a sympy expression"),
        (None, "is faulty: it returned NoneType, not a sympy expression"),
        (True, "is faulty: it returned bool, not a sympy expression"),
        (sp.Symbol("y"), "is faulty: its result holds a symbol of its own: y"),
        (sp.Symbol("x"), "is faulty: its result holds a symbol of its own: x"),
        (sp.besselj(0, 1), "is faulty: its result holds besselj, which qdsl cannot compute"),
        (sp.Integral(x, (x, 0, 1)), "is faulty: its result holds Integral, which qdsl cannot compute"),
    ],
)
def test_a_plug_in_that_gives_no_potential(value: object, message: str):
    with pytest.raises(ProblemError) as caught:
        potential_of("odd(x)", returning(value))
    assert caught.value.diagnostics[0].message == f"the plug-in 'odd' {message}"


def test_numbers_are_potentials():
    assert potential_of("odd(x)", returning(3)) == 3
    assert potential_of("odd(x)", returning(0.5)) == sp.Float(0.5)


def test_arguments_that_no_file_can_give():
    @qdsl.potential
    def many(x, *more):
        return x

    @qdsl.potential
    def strange(x, what=()):
        return x

    with pytest.raises(ProblemError, match="its argument 'more' has no name that a file could use"):
        potential_of("many(x)", many)
    with pytest.raises(ProblemError, match="the default of its argument 'what' is no number"):
        potential_of("strange(x)", strange)


def test_a_potential_from_python_is_solved_like_any_other():
    @qdsl.potential
    def parabola(x, k):
        return k * x**2 / 2

    text = "domain x in (-inf, inf)\npotential V(x) = parabola(x, 2)\nfind states 0..2"
    solution = qdsl.solve(qdsl.parse(text, potentials=[parabola]))
    assert solution.energies == pytest.approx([1, 3, 5], rel=1e-9)


# Installed plug-ins -----------------------------------------------------------------------------------


def installed(folder: Path, name: str, code: str, entries: str) -> None:
    """A distribution in a folder, with one module of the same name."""
    (folder / f"{name}.py").write_text(code)
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[qdsl.potentials]\n{entries}\n")


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    code = (
        "import qdsl, sympy\n"
        "@qdsl.potential\ndef bump(x, height):\n    return height*sympy.exp(-x**2)\n"
        "def plain(x):\n    return x + 1\n"
        "broken_value = 3\n"
    )
    entries = "bump = good_one:bump\nplain = good_one:plain\nnothing = good_one:nothing\n"
    entries += "three = good_one:broken_value"
    installed(tmp_path, "good_one", code, entries)
    installed(
        tmp_path, "bad_one", "raise RuntimeError('no licence')\n", "bad = bad_one:bad\nplain2 = bad_one:x"
    )
    installed(tmp_path, "twin_a", "def twin(x): return x\n", "twin = twin_a:twin")
    installed(tmp_path, "twin_b", "def twin(x): return x\n", "twin = twin_b:twin")
    yield
    for module in ("good_one", "bad_one", "twin_a", "twin_b"):
        sys.modules.pop(module, None)


@pytest.mark.usefixtures("plugins")
def test_installed_plug_ins_are_found_and_loaded_when_they_are_called():
    qdsl.parse(PROBLEM.format("sin(x) + harmonic(x, g)"))
    assert "good_one" not in sys.modules
    assert potential_of("bump(x, g)") == g * sp.exp(-(x**2))
    assert potential_of("plain(x)") == x + 1
    assert "bad_one" not in sys.modules


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("bad(x)", "the plug-in 'bad' of bad_one cannot be loaded: RuntimeError: no licence"),
        ("nothing(x)", "the plug-in 'nothing' of good_one cannot be loaded: AttributeError: "),
        ("three(x)", "the plug-in 'three' of good_one is no function: good_one:broken_value"),
        ("twin(x)", "there are two plug-ins with a potential 'twin': of twin_a and twin_b"),
        ("bump(x, q)", "unknown name 'q'"),
        ("bumb(x, 1)", "unknown function 'bumb'"),
    ],
)
def test_installed_plug_ins_that_fail(call: str, message: str):
    with pytest.raises(ProblemError) as caught:
        potential_of(call)
    assert caught.value.diagnostics[0].message.startswith(message)
    assert caught.value.diagnostics[0].span is not None


def test_the_search_for_plug_ins_costs_nothing_without_unknown_names():
    script = (
        "import qdsl, sys\nqdsl.parse('domain x in [0, 1]\\npotential V(x) = harmonic(x, k = 1)')\n"
        "print('qdsl.potentials.tables' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.split() == ["False"]
