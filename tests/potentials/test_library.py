"""The packaged library: what every file of it holds, its formulas, and its known answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import qdsl
from qdsl.language import parse, read_source, tree
from qdsl.physics import numeric
from qdsl.physics.functions import BUILT_IN
from qdsl.potentials.library import Library
from qdsl.potentials.places import library_folder

FILES = sorted(library_folder().glob("*.qw"))
NAMES = [path.stem for path in FILES]


def test_there_are_enough():
    assert len(FILES) >= 24


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_defines_the_function_of_its_name_and_says_where_it_comes_from(path: Path):
    statements = parse(read_source(path)).statements
    (define,) = [s for s in statements if isinstance(s, tree.Define)]
    assert define.name.name == path.stem
    assert path.stem not in BUILT_IN
    assert define.formals[0].name.name in ("x", "r")
    assert define.formals[0].default is None
    assert define.doc is not None
    for kind in (tree.Title, tree.Citation, tree.Domain, tree.Potential, tree.Boundary, tree.FindStates):
        assert any(isinstance(s, kind) for s in statements), kind.__name__
    # The example shows its own function, so that it is a test of it.
    (potential,) = [s for s in statements if isinstance(s, tree.Potential)]
    assert f"{path.stem}(" in potential.value.span.text


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_known_answers(path: Path):
    """Every example is solved, certified, and gives the energies that are known."""
    solution = qdsl.solve(qdsl.load(path))
    assert solution.status == "certified"
    assert solution.converged
    for outcome in solution.expect:
        assert outcome.passed, outcome


def test_every_example_has_known_answers():
    without = [
        p.stem for p in FILES if not any(isinstance(s, tree.Expect) for s in parse(read_source(p)).statements)
    ]
    assert without == []


# Formulas ---------------------------------------------------------------------------------------------

ENERGY, LENGTH, RATIO, FORCE, CHARGE = (1, 0), (0, 1), (0, 0), (1, -1), (1, 1)
"""Dimensions of parameters as powers of an energy and of a length."""

Formula = Callable[..., np.ndarray]


def cases(x: np.ndarray, *pairs: object) -> np.ndarray:
    conditions, values, otherwise = pairs[:-1:2], pairs[1:-1:2], pairs[-1]
    return np.select([np.broadcast_to(c, x.shape) for c in conditions], values, otherwise)


def several(
    x: np.ndarray, depth: float, width: float, spacing: float, count: float, centre: float
) -> np.ndarray:
    inside = np.zeros(x.shape, bool)
    for number in range(int(count)):
        inside |= np.abs(x - centre - (number - (count - 1) / 2) * spacing) < width / 2
    return np.where(inside, 0.0, depth)


def crystal(x: np.ndarray, height: float, width: float, period: float) -> np.ndarray:
    return np.where(np.abs(np.mod(x, period) - period / 2) < width / 2, height, 0.0)


FORMULAS: dict[str, tuple[dict[str, tuple[float, float]], Formula]] = {
    "anharmonic": (
        {"k": (1, -2), "quartic": (1, -4), "centre": LENGTH},
        lambda x, k, quartic, centre: k / 2 * (x - centre) ** 2 + quartic * (x - centre) ** 4,
    ),
    "asymmetric_well": (
        {"left": ENERGY, "right": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, left, right, width, centre: cases(
            x, x < centre - width / 2, left, x < centre + width / 2, 0.0, right
        ),
    ),
    "barrier": (
        {"height": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, height, width, centre: np.where(np.abs(x - centre) < width / 2, height, 0.0),
    ),
    "centrifugal": (
        {"l": RATIO, "kinetic": (1, 2)},
        lambda r, l, kinetic: kinetic * l * (l + 1) / r**2,  # noqa: E741
    ),
    "coffey_evans": (
        {"scale": ENERGY, "beta": RATIO, "period": LENGTH},
        lambda x, scale, beta, period: (
            scale
            * (-2 * beta * np.cos(2 * np.pi * x / period) + beta**2 * np.sin(2 * np.pi * x / period) ** 2)
        ),
    ),
    "coulomb": ({"strength": CHARGE}, lambda r, strength: -strength / r),
    "double_barrier": (
        {"height": ENERGY, "width": LENGTH, "gap": LENGTH, "centre": LENGTH},
        lambda x, height, width, gap, centre: np.where(
            np.abs(np.abs(x - centre) - (gap + width) / 2) < width / 2, height, 0.0
        ),
    ),
    "double_well": (
        {"barrier": ENERGY, "distance": LENGTH, "centre": LENGTH},
        lambda x, barrier, distance, centre: barrier * (4 * (x - centre) ** 2 / distance**2 - 1) ** 2,
    ),
    "eckart": (
        {"repulsion": ENERGY, "attraction": ENERGY, "width": LENGTH},
        lambda r, repulsion, attraction, width: (
            repulsion / np.sinh(r / width) ** 2 - attraction * np.cosh(r / width) / np.sinh(r / width)
        ),
    ),
    "field": ({"strength": FORCE, "zero": LENGTH}, lambda x, strength, zero: strength * (x - zero)),
    "finite_well": (
        {"depth": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, width, centre: np.where(np.abs(x - centre) < width / 2, 0.0, depth),
    ),
    "gaussian": (
        {"depth": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, width, centre: -depth * np.exp(-((x - centre) ** 2) / width**2),
    ),
    "harmonic": (
        {"k": (1, -2), "centre": LENGTH},
        lambda x, k, centre: 0.5 * k * (x - centre) ** 2,
    ),
    "hulthen": (
        {"depth": ENERGY, "width": LENGTH},
        lambda r, depth, width: -depth * np.exp(-r / width) / (1 - np.exp(-r / width)),
    ),
    "infinite_well": ({"floor": ENERGY}, lambda x, floor: np.full(x.shape, floor)),
    "kratzer": (
        {"depth": ENERGY, "radius": LENGTH},
        lambda r, depth, radius: depth * ((r - radius) / r) ** 2 - depth,
    ),
    "kronig_penney": ({"height": ENERGY, "width": LENGTH, "period": LENGTH}, crystal),
    "lennard_jones": (
        {"depth": ENERGY, "radius": LENGTH},
        lambda r, depth, radius: 4 * depth * (radius**12 / r**12 - radius**6 / r**6),
    ),
    "manning_rosen": (
        {"repulsion": ENERGY, "attraction": ENERGY, "width": LENGTH},
        lambda r, repulsion, attraction, width: (
            repulsion * np.exp(-2 * r / width) / (1 - np.exp(-r / width)) ** 2
            - attraction * np.exp(-r / width) / (1 - np.exp(-r / width))
        ),
    ),
    "mathieu": (
        {"amplitude": ENERGY, "period": LENGTH},
        lambda x, amplitude, period: amplitude * np.cos(2 * np.pi * x / period),
    ),
    "morse": (
        {"depth": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, width, centre: (
            depth * (np.exp(-2 * (x - centre) / width) - 2 * np.exp(-(x - centre) / width) + 1)
        ),
    ),
    "multiple_wells": (
        {"depth": ENERGY, "width": LENGTH, "spacing": LENGTH, "count": RATIO, "centre": LENGTH},
        several,
    ),
    "optical_lattice": (
        {"depth": ENERGY, "period": LENGTH},
        lambda x, depth, period: depth / 2 * (1 - np.cos(2 * np.pi * x / period)),
    ),
    "poschl_teller": (
        {"depth": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, width, centre: depth * (np.tanh((x - centre) / width) ** 2 - 1),
    ),
    "poschl_teller_trigonometric": (
        {"left": ENERGY, "right": ENERGY, "width": LENGTH},
        lambda x, left, right, width: (
            left * (1 + 1 / np.tan(np.pi * x / width / 2) ** 2)
            + right * (1 + np.tan(np.pi * x / width / 2) ** 2)
        ),
    ),
    "potential_step": (
        {"height": ENERGY, "at": LENGTH},
        lambda x, height, at: height * np.heaviside(x - at, 1.0),
    ),
    "pseudoharmonic": (
        {"depth": ENERGY, "radius": LENGTH},
        lambda r, depth, radius: depth * (r**2 / radius**2 + radius**2 / r**2 - 2),
    ),
    "razavy": (
        {"scale": ENERGY, "zeta": RATIO, "order": RATIO, "width": LENGTH},
        lambda x, scale, zeta, order, width: (
            scale * (zeta * (np.exp(2 * x / width) + np.exp(-2 * x / width)) / 2 - order) ** 2
        ),
    ),
    "rosen_morse": (
        {"depth": ENERGY, "tilt": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, tilt, width, centre: (
            depth * (np.tanh((x - centre) / width) ** 2 - 1) + tilt * np.tanh((x - centre) / width)
        ),
    ),
    "scarf": (
        {"even": ENERGY, "odd": ENERGY, "width": LENGTH},
        lambda x, even, odd, width: (
            even * (1 + np.tan(np.pi * x / width) ** 2)
            - odd * np.tan(np.pi * x / width) / np.cos(np.pi * x / width)
        ),
    ),
    "scarf_hyperbolic": (
        {"depth": ENERGY, "odd": ENERGY, "width": LENGTH, "centre": LENGTH},
        lambda x, depth, odd, width, centre: (
            (odd * np.sinh((x - centre) / width) - depth) / np.cosh((x - centre) / width) ** 2
        ),
    ),
    "sextic": (
        {"energy": ENERGY, "width": LENGTH},
        lambda x, energy, width: energy * (x**6 / width**6 - 3 * x**2 / width**2),
    ),
    "soft_coulomb": (
        {"strength": CHARGE, "softening": LENGTH, "centre": LENGTH},
        lambda x, strength, softening, centre: -strength / np.hypot(x - centre, softening),
    ),
    "square_double_well": (
        {"depth": ENERGY, "width": LENGTH, "gap": LENGTH, "centre": LENGTH},
        lambda x, depth, width, gap, centre: np.where(
            np.abs(np.abs(x - centre) - (gap + width) / 2) < width / 2, 0.0, depth
        ),
    ),
    "triangular": (
        {"slope": FORCE, "centre": LENGTH},
        lambda x, slope, centre: slope * np.maximum(x - centre, centre - x),
    ),
    "woods_saxon": (
        {"depth": ENERGY, "radius": LENGTH, "thickness": LENGTH},
        lambda r, depth, radius, thickness: -depth / 2 * (1 - np.tanh((r - radius) / (2 * thickness))),
    ),
    "yukawa": (
        {"strength": CHARGE, "range": LENGTH},
        lambda r, strength, range: -strength / (r * np.exp(r / range)),  # noqa: A006
    ),
}
"""Every potential of the library, in another form and in numpy, with the dimensions of its parameters."""


def of_the_library(name: str, x: np.ndarray, parameters: dict[str, float]) -> np.ndarray:
    """The potential of the library at points inside of a domain that is regular for all of them."""
    given = ", ".join(f"{key} = {value!r}" for key, value in parameters.items())
    low, high = float(x.min()), float(x.max())
    problem = qdsl.parse(f"domain x in [{low!r}, {high!r}]\npotential V(x) = {name}(x, {given})")
    return numeric.evaluate(problem.q, {problem.coordinate: x})


def arguments(name: str, random: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
    """Points and parameters, positive and away from the poles of all potentials."""
    dimensions = FORMULAS[name][0]
    parameters = {key: float(random.uniform(2, 3)) for key in dimensions}
    if "count" in parameters:
        parameters |= {"count": float(random.integers(1, 9)), "spacing": 4.0, "width": 1.5}
    if "period" in parameters:
        parameters |= {"period": 5.0}
    if "zeta" in parameters:
        parameters |= {"zeta": 0.5}
    x = np.sort(random.uniform(0.2, 0.9, 40))
    return x, parameters


def test_every_smooth_potential_has_its_formula():
    assert sorted(FORMULAS) == [name for name in NAMES if name != "delta_well"]


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas(name: str):
    dimensions, formula = FORMULAS[name]
    assert [f.name.name for f in Library().define(name).formals[1:]] == list(dimensions)
    random = np.random.default_rng(sum(map(ord, name)))
    for _ in range(3):
        x, parameters = arguments(name, random)
        if "depth" in parameters and name in ("multiple_wells", "square_double_well", "finite_well"):
            x = np.sort(random.uniform(-20, 20, 200))
        np.testing.assert_allclose(
            of_the_library(name, x, parameters), formula(x, **parameters), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_means_the_same_in_every_unit_system(name: str):
    """Other units multiply parameters and results by powers of two numbers, and change nothing else."""
    dimensions, _ = FORMULAS[name]
    x, parameters = arguments(name, np.random.default_rng(7))
    energy, length = 8.0, 0.25
    scaled = {
        key: value * energy ** dimensions[key][0] * length ** dimensions[key][1]
        for key, value in parameters.items()
    }
    np.testing.assert_allclose(
        of_the_library(name, x * length, scaled),
        energy * of_the_library(name, x, parameters),
        rtol=1e-12,
        atol=1e-12,
    )


# Names ------------------------------------------------------------------------------------------------


def test_names_of_the_file_come_first():
    own = qdsl.parse(
        "define harmonic(x, k) = k*x^4\nparam morse = 3\n"
        "domain x in [-1, 1]\npotential V(x) = harmonic(x, k = morse)"
    )
    assert own.q == sp.Symbol("morse", real=True) * own.coordinate**4


def test_functions_of_the_file_may_use_the_library_and_hide_it_from_nobody_else():
    problem = qdsl.parse(
        "define field(x) = 7\ndefine both(x) = harmonic(x, k = 2) + field(x)\n"
        "domain x in [-1, 1]\npotential V(x) = both(x)"
    )
    assert problem.q == problem.coordinate**2 + 7


def test_arguments_are_positional_or_named_and_may_be_left_out():
    for call in ("harmonic(x, 8, 1)", "harmonic(x, k = 8, centre = 1)", "harmonic(x, centre = 1, k = 8)"):
        problem = qdsl.parse(f"domain x in [-1, 1]\npotential V(x) = {call}")
        assert sp.expand(problem.q - 4 * (problem.coordinate - 1) ** 2) == 0


def test_a_library_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "ramp.qw").write_text('define ramp(x, slope) = slope*x "a ramp"\n')
    (tmp_path / "harmonic.qw").write_text("define harmonic(x, k) = 100*k\n")
    text = "domain x in [0, 1]\npotential V(x) = ramp(x, 3) + harmonic(x, 1)"
    with pytest.raises(qdsl.QdslError, match="unknown function 'ramp'"):
        qdsl.parse(text)
    monkeypatch.setenv("QDSL_PATH", str(tmp_path))
    problem = qdsl.parse(text)
    assert problem.q == 3 * problem.coordinate + 100


def test_nothing_is_read_before_it_is_called(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise AssertionError("a file of the library was read")

    monkeypatch.setattr("qdsl.potentials.library.read_source", fail)
    qdsl.parse("domain x in [0, 1]\npotential V(x) = sin(x)")
    with pytest.raises(AssertionError):
        qdsl.parse("domain x in [0, 1]\npotential V(x) = harmonic(x, k = 1)")


def test_the_known_answers_of_woods_saxon_are_zeros_of_its_solution():
    """S. Flügge, problem 64: psi = y^nu (1 - y)^mu 2F1(mu + nu, mu + nu + 1; 2 nu + 1; y)."""
    depth, radius, thickness = mp.mpf(50), mp.mpf(7), mp.mpf("0.6")
    y = 1 / (1 + mp.exp(-radius / thickness))

    def at_the_origin(energy: float) -> float:
        nu = thickness * mp.sqrt(-energy)
        mu = 1j * thickness * mp.sqrt(depth + energy)
        power = y**nu * (1 - y) ** mu
        return float(mp.re(power * mp.hyp2f1(mu + nu, mu + nu + 1, 2 * nu + 1, y)))

    problem = qdsl.load(library_folder() / "woods_saxon.qw")
    assert len(problem.expect) == 5
    for expectation in problem.expect:
        energy = problem.number(expectation.value)
        step = 1e-11 * abs(energy)
        assert at_the_origin(energy - step) * at_the_origin(energy + step) < 0


# Units ------------------------------------------------------------------------------------------------


def in_units(name: str, parameters: dict[str, float], dimensions: dict[str, tuple[float, float]]) -> str:
    """A file in eV and angstrom that calls a potential with quantities in meV and nm."""
    given = []
    for key, value in parameters.items():
        energy, length = dimensions[key]
        # A product with a bare number would fit everywhere; a ratio is written as one of two energies.
        given.append(f"{key} = ({value!r} meV)*(1 meV)^{energy - 1}*(1 nm)^{length}")
    head = "units eV, angstrom\ndomain x in [2 angstrom, 9 angstrom]\n"
    return f"{head}potential V(x) = {name}(x, {', '.join(given)})\n"


@pytest.mark.parametrize("name", FORMULAS)
def test_parameters_are_quantities_where_a_file_has_units(name: str):
    dimensions, formula = FORMULAS[name]
    _, parameters = arguments(name, np.random.default_rng(11))
    problem = qdsl.parse(in_units(name, parameters, dimensions))
    x = np.linspace(2.1, 8.9, 30)
    found = numeric.evaluate(problem.q, {problem.coordinate: x})
    np.testing.assert_allclose(found, formula(x / 10, **parameters) / 1000, rtol=1e-12, atol=1e-15)
    for key in dimensions:
        energy, length = dimensions[key]
        wrong = {**dimensions, key: (energy + 1, length)}
        with pytest.raises(qdsl.QdslError):
            qdsl.parse(in_units(name, parameters, wrong))
