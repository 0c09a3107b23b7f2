"""Units: conversions against CODATA, problems that do not depend on the units they are stated in."""

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.constants as codata
import sympy as sp

import qdsl
from qdsl import reading
from qdsl.errors import ProblemError, QdslError
from qdsl.language import parse_expression, source_from_text
from qdsl.meaning.constants import NAMES, PI, constant
from qdsl.meaning.dimension_checks import measure_of
from qdsl.meaning.dimension_walk import Dimensions
from qdsl.meaning.unit_names import COMMON, unit
from qdsl.meaning.work import Work
from qdsl.physics import numeric

SYSTEMS = ("eV, nm", "meV, nm", "meV, angstrom", "atomic", "J, m", "hartree, bohr", "kJ, pm", "rydberg, um")

WELL = """units {units}
param L    = 6 nm     in [2 nm, 20 nm]
param V0   = 230 meV
param m_w  = 0.067 m_e
param F    = 25 kV/cm
define layer(x, inside, outside) = {{ inside if |x| < L/2; outside otherwise }}
domain x in [-20 nm, 30 nm]
mass = m_w
potential V(x) = layer(x, 0, V0) + q_e*F*x + 3 meV/nm^2*x^2 + hbar^2/(2*m_w*L^2)*exp(-x/(2 nm))
"""


def well(units: str) -> qdsl.Problem:
    return qdsl.parse(WELL.format(units=units))


def value(text: str, units: str = "meV, nm") -> sp.Expr:
    """The number that an expression is in a file of some units."""
    lines = f"units {units}\nparam value = {text}\ndomain x in [0, 1]\npotential V(x) = 0\n"
    return qdsl.parse(lines).parameters[0].value


# Conversions ------------------------------------------------------------------------------------------


def half_a_digit(printed: float) -> Fraction:
    """Half a unit in the last of the digits with which a value is printed."""
    exponent = Decimal(repr(printed)).as_tuple().exponent
    assert isinstance(exponent, int)
    return Fraction(10) ** exponent / 2


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("m_e", "electron mass"),
        ("m_p", "proton mass"),
        ("m_n", "neutron mass"),
        ("m_u", "atomic mass constant"),
        ("q_e", "elementary charge"),
        ("k_B", "Boltzmann constant"),
        ("a_0", "Bohr radius"),
        ("E_h", "Hartree energy"),
        ("c_0", "speed of light in vacuum"),
        ("epsilon_0", "vacuum electric permittivity"),
        ("mu_B", "Bohr magneton"),
        ("hartree", "Hartree energy"),
        ("rydberg", "Rydberg constant times hc in J"),
        ("bohr", "Bohr radius"),
        ("eV", "electron volt"),
        ("Da", "atomic mass constant"),
    ],
)
def test_sizes_have_all_digits_of_codata(name, key):
    printed = codata.value(key)
    found = unit(name)
    assert abs(found.size - Fraction(repr(printed))) <= half_a_digit(printed)


def test_hbar_is_that_of_scipy_to_the_last_bit():
    assert float(constant("hbar").size) == codata.hbar
    assert float(PI) == np.pi
    size = constant("E_h").size * constant("a_0").size / (constant("hbar").size * constant("c_0").size)
    assert abs(size - Fraction(repr(codata.alpha))) <= half_a_digit(codata.alpha)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("nm", codata.nano),
        ("angstrom", codata.angstrom),
        ("µm", codata.micro),
        ("meV", codata.eV * codata.milli),
        ("keV", codata.eV * codata.kilo),
        ("kcal", codata.calorie * codata.kilo),
        ("mol", codata.N_A),
        ("erg", codata.erg),
        ("kV", codata.kilo),
        ("THz", codata.tera),
        ("g", codata.gram),
        ("fs", codata.femto),
        ("GPa", codata.giga),
    ],
)
def test_sizes_of_units(name, size):
    assert float(unit(name).size) == pytest.approx(size, rel=3e-16)


def test_every_name_that_is_proposed_is_a_unit():
    assert all(unit(name) is not None for name in (*COMMON, *NAMES))


@pytest.mark.parametrize("name", ["nmm", "kkilogram", "nms", "a", "d", "k", "c", "e", "h", "degC", "dB", "∞"])
def test_names_that_are_no_units(name):
    assert unit(name) is None


@pytest.mark.parametrize(
    ("text", "units", "wanted"),
    [
        ("10 nm", "eV, nm", sp.Integer(10)),
        ("1 eV", "meV, nm", sp.Integer(1000)),
        ("1 meV", "eV, nm", sp.Rational(1, 1000)),
        ("0.3 nm", "eV, angstrom", sp.Float(3.0)),
        ("3 nm^2", "eV, angstrom", sp.Integer(300)),
        ("2 nm⁻¹", "eV, angstrom", sp.Rational(1, 5)),
        ("0 kV/cm", "eV, nm", sp.Integer(0)),
        ("1 kV/cm", "meV, nm", sp.Rational(1, 10)),
        ("7 angstroms", "eV, nm", sp.Rational(7, 10)),
        ("hbar", "atomic", sp.Integer(1)),
        ("hbar^2/m_e/a_0^2/E_h", "atomic", sp.Integer(1)),
        ("q_e*(1 V)", "eV, nm", sp.Integer(1)),
        ("0.067 m_e", "J, m", sp.Float(0.067)),
    ],
)
def test_conversions_are_exact_where_they_can_be(text, units, wanted):
    assert value(text, units) == wanted


@pytest.mark.parametrize(
    ("text", "units", "wanted"),
    [
        ("1 hartree", "eV, nm", codata.value("Hartree energy in eV")),
        ("1 J", "eV, nm", 1 / codata.eV),
        ("1 m_u", "eV, nm", 1 / codata.value("electron mass in u")),
        ("k_B*(1 K)", "eV, nm", codata.value("Boltzmann constant in eV/K")),
        ("hbar*c_0", "MeV, fm", codata.value("reduced Planck constant times c in MeV fm")),
        ("m_e*c_0^2", "MeV, fm", codata.value("electron mass energy equivalent in MeV")),
        ("mu_B*(1 T)", "eV, nm", codata.value("Bohr magneton in eV/T")),
        ("2*pi*hbar*c_0/(1 m)", "eV, nm", codata.value("inverse meter-electron volt relationship")),
        ("1 kcal/mol", "eV, nm", codata.calorie * 1000 / codata.N_A / codata.eV),
    ],
)  # fmt: skip
def test_conversions_agree_with_codata(text, units, wanted):
    assert numeric.number(value(text, units)) == pytest.approx(
        wanted, abs=float(half_a_digit(wanted)), rel=4e-16
    )


@pytest.mark.parametrize("units", SYSTEMS)
def test_the_kinetic_factor_is_that_of_codata(units):
    problem = qdsl.parse(f"units {units}\ndomain x in [0, 1]\npotential V(x) = 0\n")
    size = unit(problem.units.energy).size * unit(problem.units.length).size ** 2
    wanted = codata.hbar**2 / (2 * codata.m_e) / float(size)
    assert problem.number(problem.p) == pytest.approx(wanted, rel=5e-11)  # the digits of m_e
    assert numeric.number(value("hbar^2/(2*m_e)", units)) == pytest.approx(
        problem.number(problem.p), rel=4e-16
    )


# Problems ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", SYSTEMS)
def test_a_problem_is_the_same_one_in_all_units(units):
    """2 m L^2 V / hbar^2 as a function of x/L, and the interval in units of L."""

    def dimensionless(problem: qdsl.Problem) -> np.ndarray:
        values = {symbol.name: number for symbol, number in problem.values.items()}
        x = np.linspace(-3.3, 5.0, 200) * values["L"]
        potential = numeric.evaluate(problem.q, {**problem.values, problem.coordinate: x})
        ends = np.array([problem.number(end) for end in problem.interval]) / values["L"]
        return np.append(potential * values["L"] ** 2 / problem.number(problem.p), ends)

    wanted = dimensionless(well("eV, nm"))
    found = dimensionless(well(units))
    assert np.max(np.abs(found - wanted) / np.maximum(np.abs(wanted), 1)) < 1e-13


@pytest.mark.parametrize("units", SYSTEMS)
def test_bare_numbers_are_in_the_declared_units(units):
    text = f"units {units}\nparam L = 2\ndomain x in [0, L]\npotential V(x) = 3*x + 5*exp(-x/7)\n"
    if units == "atomic":
        text = text.replace("exp(-x/7)", "exp(-x)")
    problem = qdsl.parse(text)
    assert problem.interval[1] == problem.parameters[0].symbol
    assert problem.q.subs(problem.coordinate, 0) == 5


def test_labels_are_the_declared_names():
    problem = qdsl.parse(
        WELL.format(units="meV, angstrom")
        + """find states 0..1
report E[1] - E[0], element(0, x, 1), mean(x^2, 0), probability(0, 0, L), nodes(1), psi[0](0)
report E[1]/E[0], (E[0] + E[1])/2, mean(V(x), 0), sqrt(mean(x^2, 0)), m_w, F
"""
    )
    assert (problem.units.energy, problem.units.length) == ("meV", "angstrom")
    assert [quantity.unit for quantity in problem.report] == [
        *("meV", "angstrom", "angstrom^2", "", "", "1/angstrom^(1/2)"),
        *("", "meV", "meV", "angstrom", "m_e", "mV/angstrom"),
    ]  # fmt: skip
    assert [parameter.unit for parameter in problem.parameters] == [
        "angstrom",
        "meV",
        "m_e",
        "mV/angstrom",
    ]


def test_a_parameter_shadows_a_unit_except_after_a_number():
    text = "units meV, nm\nparam m = 3\nparam L = 1 m\ndomain x in [0, 10]\npotential V(x) = m*x\n"
    problem = qdsl.parse(text)
    assert problem.values == {sp.Symbol("m", real=True): 3.0, sp.Symbol("L", real=True): 1e9}
    assert problem.q == sp.Symbol("m", real=True) * problem.coordinate


def test_atomic_formulas_leave_units_out():
    text = (
        "units atomic\ndomain x in [-9, 9]\npotential V(x) = -exp(-x^2) + x^4 + cos(x) + sqrt(x^2 + 1) + x\n"
    )
    assert qdsl.parse(text).units.energy == "hartree"


# Dimensions -------------------------------------------------------------------------------------------


def scope(units: str = "meV, nm"):
    lines = f"units {units}\nparam L = 6 nm\nparam V0 = 230 meV\nparam n = 3\nparam F = 1 kV/cm\n"
    text = f"{lines}domain x in [0, 1]\npotential V(x) = 0\n"
    return reading._read(source_from_text(text)).scope


def measure(text: str):
    return measure_of(parse_expression(source_from_text(text)), scope(), Work())


def words(text: str) -> str:
    from qdsl.meaning.dimensions import named

    found = measure(text)
    return named(found.dimension, scope().units.labels) if found.firm else "free"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("L", "a length"),
        ("n", "free"),
        ("3", "free"),
        ("3*L", "free"),
        ("L + 3", "a length"),
        ("L*x", "an area"),
        ("L/x", "a pure number"),
        ("pi*L", "a length"),
        ("sqrt(L*x)", "a length"),
        ("cbrt(x)^3", "a length"),
        ("(L*x)^0.5", "a length"),
        ("L^(3/2)/sqrt(x)", "a length"),
        ("L^-1", "an inverse length"),
        ("|x|", "a length"),
        ("-x", "a length"),
        ("max(x, 3, n)", "a length"),
        ("sin(x/L)*V0", "an energy"),
        ("heaviside(x)*V0", "an energy"),
        ("delta(x)*V0*L", "an energy"),
        ("q_e*F*x", "an energy"),
        ("q_e^2/(epsilon_0*x)", "an energy"),
        ("hbar^2/(m_e*x^2)", "an energy"),
        ("hbar/(m_e*c_0)", "a length"),
        ("k_B*(300 K)", "an energy"),
        ("sqrt(V0/m_e)", "a velocity"),
        ("mu_B*(1 T)", "an energy"),
        ("1 N/m", "an energy per area"),
        ("{V0 if x < L; 0 otherwise}", "an energy"),
        ("{0 if x < L; 1 otherwise}", "free"),
        ("x^n", "free"),
        ("2^n", "free"),
        ("(x/L)^n", "a pure number"),
    ],
)
def test_dimensions_of_expressions(text, wanted):
    assert words(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["L + V0", "L - pi", "x < V0", "sin(x)", "2^L", "max(L, V0)", "{L if x < 0; V0 otherwise}", "pi + x"],
)  # fmt: skip
def test_conflicts(text):
    node = parse_expression(source_from_text(text))
    with pytest.raises(ProblemError):
        Dimensions(scope(), Work()).condition(node) if "<" in text and "{" not in text else measure(text)


# From outside -----------------------------------------------------------------------------------------


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "well.qw"
    path.write_text(WELL.format(units="meV, angstrom"), encoding="utf-8")
    return reading.read(path)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [("L", "4 nm", 40), ("L", "50", 50), ("L", "L/2", 30), ("V0", "0.3 eV", 300), ("F", "1 V/m", 1e-7)],
)
def test_overriding_with_units(read, name, text, wanted):
    problem = reading.override(read, (name, text)).problem
    assert problem.values[sp.Symbol(name, real=True)] == pytest.approx(wanted, rel=1e-15)


def test_overriding_with_another_dimension(read):
    with pytest.raises(QdslError, match="the parameter 'L' must be a length") as caught:
        reading.override(read, ("L", "4 meV"))
    assert caught.value.diagnostics[0].span.text == "4 meV"


@pytest.mark.parametrize("units", ["dimensionless", "atomic"])
def test_files_without_quantities_load_no_pint(units):
    mass = "mass = 3 m_e" if units == "atomic" else ""
    text = f"units {units}\ndomain x in [0, 1]\npotential V(x) = x\n{mass}\n"
    script = (
        f"import sys, qdsl; qdsl.parse({text!r}); sys.exit('pint' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("number", ["1e-290", "0e-99999999", "0.0", "1e300", "123456789" * 30])
def test_extreme_numbers_of_units(number):
    """In inverse femtometres; no power of ten is written out for them."""
    assert numeric.number(value(f"{number} nm^-1", "eV, fm")) == pytest.approx(
        float(number) * 1e-6, rel=1e-15
    )


@pytest.mark.parametrize("number", ["1e308", "1" + "0" * 305, "1e-320", "1e999999999"])
def test_numbers_that_are_out_of_range_in_the_units_of_the_file(number):
    with pytest.raises(ProblemError, match=r"number is too (large|small)"):
        value(f"{number} nm", "eV, fm") if "-" not in number else value(f"{number} fm^6", "eV, nm")
