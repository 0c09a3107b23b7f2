"""The units that a file may write: their names and prefixes by pint, their sizes by CODATA.

pint reads the definitions below and nothing else.  Its own list has a thousand names, among them `a` for
a year, `d` for a day and `k` for Boltzmann's constant: a forgotten parameter would quietly become a unit.
All sizes are exact fractions, so that 1 eV is 1000 meV and not 1000.0000000000001.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from qdsl.meaning.constants import NAMES, codata, constant
from qdsl.meaning.dimensions import CHARGE, LENGTH, MASS, PURE, TEMPERATURE, TIME, Dimension

_DEFINITIONS = """
    femto- = 1e-15 = f-
    pico- = 1e-12 = p-
    nano- = 1e-9 = n-
    micro- = 1e-6 = µ- = μ- = u-
    milli- = 1e-3 = m-
    centi- = 1e-2 = c-
    kilo- = 1e3 = k-
    mega- = 1e6 = M-
    giga- = 1e9 = G-
    tera- = 1e12 = T-

    meter = [length] = m = metre
    second = [time] = s
    kilogram = [mass] = kg
    ampere = [current] = A
    kelvin = [temperature] = K

    gram = 1e-3 kilogram = g
    newton = kilogram * meter / second ** 2 = N
    pascal = newton / meter ** 2 = Pa
    joule = newton * meter = J
    watt = joule / second = W
    hertz = 1 / second = Hz
    coulomb = ampere * second = C
    volt = joule / coulomb = V
    tesla = volt * second / meter ** 2 = T
    mole = 6.02214076e23 = mol

    angstrom = 1e-10 meter = Å = Angstrom = ångström
    bohr = {bohr} meter = _ = Bohr
    electron_volt = {electron_volt} joule = eV = electronvolt
    hartree = {hartree} joule = Ha = Hartree
    rydberg = {rydberg} joule = Ry = Rydberg
    calorie = 4.184 joule = cal
    erg = 1e-7 joule
    dalton = {dalton} kilogram = Da
"""

COMMON = (
    *("eV", "keV", "MeV", "meV", "J", "kJ", "kcal", "hartree", "rydberg", "erg", "electronvolt"),
    *("nm", "pm", "fm", "um", "mm", "cm", "m", "angstrom", "Angstrom", "bohr", "meter", "kg", "Da"),
    *("V", "mV", "kV", "MV", "T", "K", "mK", "s", "ns", "ps", "fs", "Hz", "GHz", "THz", "mol", "kelvin"),
)
"""What a misspelt unit is compared with; of those that differ in capitals alone, the last is meant."""

OFFSET = ("degC", "degF", "celsius", "fahrenheit", "Celsius", "Fahrenheit")
LOGARITHMIC = ("dB", "dBm", "decibel", "neper", "bel", "Np")


@dataclass(frozen=True)
class Unit:
    """`size` in SI units."""

    size: Fraction
    dimension: Dimension


_SI: Mapping[str, Dimension] = {
    "[length]": LENGTH,
    "[time]": TIME,
    "[mass]": MASS,
    "[current]": CHARGE / TIME,
    "[temperature]": TEMPERATURE,
}


@lru_cache(maxsize=1000)
def unit(name: str) -> Unit | None:
    """The unit, or the constant of nature, that a name stands for; None when there is no such unit."""
    if name in NAMES:
        found = constant(name)
        return Unit(found.size, found.dimension)
    if not name.isidentifier() or name in OFFSET or name in LOGARITHMIC:
        return None
    registry = _registry()
    known = [parsed for parsed in registry.parse_unit_name(name) if _usual(name, *parsed)]
    if not known:
        return None
    size, _ = registry.get_root_units(name)
    dimension = PURE
    for base, exponent in registry.get_dimensionality(name).items():
        dimension *= _SI[base] ** Fraction(exponent)
    return Unit(Fraction(size), dimension)


def _usual(name: str, prefix: str, base: str, suffix: str) -> bool:
    """A plural only of a name that is written out (electron_volts), and no kilokilogram."""
    return (not suffix or name.endswith(f"{base}{suffix}")) and not (prefix and base == "kilogram")


@cache
def _registry() -> Any:
    """The registry with the units of this module."""
    from pint import UnitRegistry  # only files with units wait for it

    registry: Any = UnitRegistry(None, non_int_type=Fraction, cache_folder=None)
    definitions = _DEFINITIONS.format(
        bohr=_decimal(codata("Bohr radius")),
        electron_volt=_decimal(codata("elementary charge")),
        hartree=_decimal(codata("Hartree energy")),
        rydberg=_decimal(codata("Hartree energy") / 2),
        dalton=_decimal(constant("m_u").size),
    )
    registry.load_definitions([line.strip() for line in definitions.splitlines()])
    return registry


def _decimal(value: Fraction) -> str:
    """A fraction as a decimal number, with all of its digits or 60 of them."""
    return f"{Context(prec=60).divide(value.numerator, value.denominator):e}"
