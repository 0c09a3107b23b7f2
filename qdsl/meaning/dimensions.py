"""Physical dimensions: what kind of quantity an expression is, apart from its size.

The base is that of the problems themselves: energy, length, mass, charge and temperature.  Time is
derived, T = L (M/E)^(1/2), so that velocities, fields and hbar have rational exponents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from qdsl.physics.problem import UnitNames

Exponent = int | Fraction


@dataclass(frozen=True)
class Dimension:
    """energy^e length^l mass^m charge^q temperature^t; all exponents 0 make a pure number."""

    energy: Exponent = 0
    length: Exponent = 0
    mass: Exponent = 0
    charge: Exponent = 0
    temperature: Exponent = 0

    @property
    def exponents(self) -> tuple[Exponent, ...]:
        return self.energy, self.length, self.mass, self.charge, self.temperature

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(*(a + b for a, b in zip(self.exponents, other.exponents, strict=True)))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, exponent: Exponent) -> Dimension:
        return Dimension(*(a * exponent for a in self.exponents))


PURE = Dimension()
ENERGY = Dimension(energy=1)
LENGTH = Dimension(length=1)
MASS = Dimension(mass=1)
CHARGE = Dimension(charge=1)
TEMPERATURE = Dimension(temperature=1)
TIME = LENGTH * (MASS / ENERGY) ** Fraction(1, 2)
WAVEFUNCTION = LENGTH ** Fraction(-1, 2)
"""|psi|^2 is a probability per length."""

_NAMES = {
    PURE: "a pure number",
    ENERGY: "an energy",
    LENGTH: "a length",
    MASS: "a mass",
    CHARGE: "a charge",
    TEMPERATURE: "a temperature",
    TIME: "a time",
    LENGTH**2: "an area",
    LENGTH**3: "a volume",
    LENGTH**-1: "an inverse length",
    TIME**-1: "a frequency",
    LENGTH / TIME: "a velocity",
    LENGTH / TIME**2: "an acceleration",
    ENERGY**2: "a squared energy",
    ENERGY / LENGTH: "an energy per length",
    ENERGY / LENGTH**2: "an energy per area",
    ENERGY / LENGTH**3: "an energy per volume",
    ENERGY * LENGTH: "an energy times a length",
    ENERGY * LENGTH**2: "an energy times an area",
    ENERGY * TIME: "an action",
    MASS * LENGTH / TIME: "a momentum",
    ENERGY / TEMPERATURE: "an energy per temperature",
    ENERGY / CHARGE: "a voltage",
    ENERGY / CHARGE / LENGTH: "an electric field",
    ENERGY * TIME / CHARGE / LENGTH**2: "a magnetic field",
    CHARGE * LENGTH: "a dipole moment",
    CHARGE / TIME: "an electric current",
    WAVEFUNCTION: "a wavefunction",
}


def named(dimension: Dimension, units: UnitNames) -> str:
    """In words: `an energy`; where there is no word for it, `a quantity in meV/nm^4`."""
    return _NAMES.get(dimension) or f"a quantity in {unit_text(dimension, units)}"


def described(dimension: Dimension, units: UnitNames) -> str:
    """In words and with the unit: `an energy, meV`."""
    unit = unit_text(dimension, units)
    return f"{_NAMES[dimension]}, {unit}" if unit and dimension in _NAMES else named(dimension, units)


def unit_text(dimension: Dimension, units: UnitNames) -> str:
    """The unit in which quantities of this dimension are counted: `meV/nm^2`; empty for pure numbers.

    What moves an elementary charge by 1 meV is 1 mV: fields are in mV/nm.
    """
    symbols = (units.energy, units.length, "m_e", "q_e", "K")
    exponents = dict(zip(symbols, dimension.exponents, strict=True))
    if units.energy.endswith("eV") and exponents[units.energy] == -exponents["q_e"] == 1:
        del exponents["q_e"]
        volts = f"{units.energy.removesuffix('eV')}V"
        exponents = {volts if symbol == units.energy else symbol: n for symbol, n in exponents.items()}
    powers = [(symbol, Fraction(n)) for symbol, n in exponents.items() if n]
    above = list(_powers((symbol, n) for symbol, n in powers if n > 0))
    below = list(_powers((symbol, -n) for symbol, n in powers if n < 0))
    if not below:
        return "*".join(above)
    return f"{'*'.join(above) or '1'}/{below[0] if len(below) == 1 else '(' + '*'.join(below) + ')'}"


def _powers(powers: Iterator[tuple[str, Fraction]]) -> Iterator[str]:
    for symbol, n in powers:
        yield symbol if n == 1 else f"{symbol}^{n}" if n.denominator == 1 else f"{symbol}^({n})"
