"""The constants of nature that files with units may use by name, from CODATA as scipy.constants has it.

Their sizes are in SI units, as exact fractions of the digits that CODATA prints.  Four of the constants
that are measured depend on each other: with E_h and a_0, whose values have the most digits,

    m_e = hbar^2 / (E_h a_0^2),    epsilon_0 = q_e^2 / (4 pi E_h a_0).

Both are computed in this way, which gives every digit that CODATA prints and a few more; so atomic units
are consistent to rounding, and a problem is the same one in every unit system.  Other masses are those of
the electron times the ratios that CODATA has, which are known better than the masses themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from qdsl.meaning.dimensions import CHARGE, ENERGY, LENGTH, MASS, TEMPERATURE, TIME, Dimension

PI = Fraction("3.14159265358979323846264338327950288419716939937511")
"""More digits than a double has; what is computed with it is rounded once, at the end."""


@dataclass(frozen=True)
class Constant:
    """`size` in SI units: in J, m, kg, C, K, s and their products."""

    size: Fraction
    dimension: Dimension


NAMES: Mapping[str, str] = {
    "m_e": "mass of the electron",
    "q_e": "elementary charge, positive",
    "hbar": "reduced Planck constant",
    "k_B": "Boltzmann constant",
    "a_0": "Bohr radius",
    "E_h": "Hartree energy",
    "epsilon_0": "permittivity of the vacuum",
    "c_0": "speed of light",
    "mu_B": "Bohr magneton",
    "m_p": "mass of the proton",
    "m_n": "mass of the neutron",
    "m_u": "atomic mass constant",
}
"""The names that files can use, with what they stand for.  `h`, `c`, `e` and `alpha`, which files need for
other things, are none of them."""


@cache
def constant(name: str) -> Constant:
    """The constant of a name in NAMES."""
    return _ROWS[name]()


@cache
def codata(key: str) -> Fraction:
    """A value of scipy.constants.physical_constants, as the decimal number that it prints."""
    from scipy.constants import physical_constants  # 0.1 s that files without units do not pay

    return Fraction(repr(float(physical_constants[key][0])))


def _hbar() -> Fraction:
    return codata("Planck constant") / (2 * PI)


def _electron_mass() -> Fraction:
    return _hbar() ** 2 / (codata("Hartree energy") * codata("Bohr radius") ** 2)


def _permittivity() -> Fraction:
    charge = codata("elementary charge")
    return charge**2 / (4 * PI * codata("Hartree energy") * codata("Bohr radius"))


def _magneton() -> Fraction:
    return codata("elementary charge") * _hbar() / (2 * _electron_mass())


def _measured(key: str, dimension: Dimension) -> Callable[[], Constant]:
    return lambda: Constant(codata(key), dimension)


_ROWS: Mapping[str, Callable[[], Constant]] = {
    "m_e": lambda: Constant(_electron_mass(), MASS),
    "q_e": _measured("elementary charge", CHARGE),
    "hbar": lambda: Constant(_hbar(), ENERGY * TIME),
    "k_B": _measured("Boltzmann constant", ENERGY / TEMPERATURE),
    "a_0": _measured("Bohr radius", LENGTH),
    "E_h": _measured("Hartree energy", ENERGY),
    "epsilon_0": lambda: Constant(_permittivity(), CHARGE**2 / ENERGY / LENGTH),
    "c_0": _measured("speed of light in vacuum", LENGTH / TIME),
    "mu_B": lambda: Constant(_magneton(), CHARGE * LENGTH**2 / TIME),
    "m_p": lambda: Constant(_electron_mass() * codata("proton-electron mass ratio"), MASS),
    "m_n": lambda: Constant(_electron_mass() * codata("neutron-electron mass ratio"), MASS),
    "m_u": lambda: Constant(_electron_mass() / codata("electron mass in u"), MASS),
}
