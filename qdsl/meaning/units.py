"""`units`: the unit system of a file, its kinetic factor, and the numbers that quantities become in it.

All numbers of a file with units are in coherent units: those of energy and length that it declares, the
mass of the electron, the elementary charge and the kelvin.  The unit of time follows, as L (M/E)^(1/2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context
from fractions import Fraction
from functools import cached_property
from math import isqrt

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError
from qdsl.language import tree
from qdsl.meaning import exact, unit_names
from qdsl.meaning.constants import NAMES, constant
from qdsl.meaning.dimensions import CHARGE, ENERGY, LENGTH, MASS, Dimension, described
from qdsl.physics.problem import UnitNames
from qdsl.spelling import did_you_mean

SIMPLEST = 1000
"""Fractions with denominators up to here stay exact: 1 meV is 1/1000 eV."""

EXACTLY = Fraction(1, 10**35)
"""Relative distance below which a number is the simple fraction beside it; pi has 50 digits here."""


@dataclass(frozen=True)
class Scaled:
    """A number in the coherent units of a file, and what kind of quantity it is."""

    factor: Fraction
    dimension: Dimension

    @property
    def number(self) -> sp.Expr:
        return _number(self.factor)


@dataclass(frozen=True)
class UnitSystem:
    """`kinetic` is c in -c (psi'/m)' + V psi = E psi.

    `present`: whether quantities have units at all.  `strict`: whether the coordinate, the energy and the
    values of functions have a dimension by themselves; in atomic units formulas are usually written with
    hbar = m_e = q_e = 1 left out, so there only what carries a unit has one.
    """

    name: str
    kinetic: sp.Expr
    labels: UnitNames
    present: bool = True
    strict: bool = True

    @cached_property
    def _base(self) -> tuple[Fraction, ...]:
        """The SI sizes of the units of energy, length, mass, charge and temperature."""
        energy, length = unit_names.unit(self.labels.energy), unit_names.unit(self.labels.length)
        assert energy is not None
        assert length is not None
        return energy.size, length.size, constant("m_e").size, constant("q_e").size, Fraction(1)

    def size(self, dimension: Dimension) -> Fraction:
        """The coherent unit of a dimension, in SI units; to 50 digits where it is not rational."""
        return _product(self._base, dimension.exponents)

    def named(self, name: str) -> Scaled | None:
        """What the name of a unit or of a constant of nature stands for; None when there is no such unit."""
        own = {"m_e": MASS, "q_e": CHARGE, self.labels.energy: ENERGY, self.labels.length: LENGTH}
        if not self.present:
            return None
        if name in own:
            return Scaled(Fraction(1), own[name])
        unit = unit_names.unit(name)
        if unit is None:
            return None
        return Scaled(_simple(unit.size / self.size(unit.dimension)), unit.dimension)

    def quantity(self, node: tree.Quantity) -> Scaled:
        """The factor that `nm^2` puts to the number before it.  Raises ProblemError for an unknown unit."""
        scaled = self.named(node.unit.name)
        if scaled is None:
            raise unknown_unit(node.unit)
        if abs(node.exponent) > MOST_POWER:
            raise ProblemError(f"the exponent of a unit cannot be larger than {MOST_POWER}", node.span)
        return Scaled(scaled.factor**node.exponent, scaled.dimension**node.exponent)

    def value(self, node: tree.Quantity) -> sp.Expr:
        """The number that a quantity is: an exact one where it can be, else the nearest double."""
        written = exact.literal(node.number)
        factor = self.quantity(node).factor
        if written.is_Integer:
            return _finite(_number, int(written) * factor, node)
        decimal = Fraction(node.number.text) if written else Fraction(0)
        return _finite(lambda value: sp.Float(float(value)), decimal * factor, node)


MOST_POWER = 12


def unknown_unit(name: tree.Name) -> ProblemError:
    """The error for a name that is no unit, with what may be meant."""
    if name.name in unit_names.OFFSET:
        return ProblemError(
            f"'{name.name}' has a zero of its own, and cannot be multiplied", name.span, "write it in K"
        )
    if name.name in unit_names.LOGARITHMIC:
        return ProblemError(
            f"'{name.name}' is a logarithm, not a unit to multiply with", name.span, "write the ratio itself"
        )
    guess = did_you_mean(name.name, (*unit_names.COMMON, *NAMES))
    hint = f"did you mean '{guess}'?" if guess else "such as nm, angstrom, meV, eV, kV, m_e"
    return ProblemError(f"unknown unit '{name.name}'", name.span, hint)


DIMENSIONLESS = UnitSystem("dimensionless", sp.Integer(1), UnitNames(), present=False, strict=False)
ATOMIC = UnitSystem("atomic", sp.Rational(1, 2), UnitNames("hartree", "bohr"), strict=False)
SYSTEMS = {system.name: system for system in (DIMENSIONLESS, ATOMIC)}


def read_units(statement: tree.Units) -> UnitSystem:
    """The unit system of a file.  Raises ProblemError."""
    names = statement.names
    if len(names) == 1:
        return _system(names[0], statement)
    if len(names) > 2:
        raise ProblemError(
            "the units of a problem are two: of energy and of length", statement.span, "such as units meV, nm"
        )
    for node in names:
        if isinstance(node, tree.Name) and node.name in SYSTEMS:
            raise ProblemError(f"'{node.name}' stands alone", node.span, f"write units {node.name}")
    first, second = _declared(names)
    if (first.dimension, second.dimension) == (LENGTH, ENERGY):
        raise ProblemError(
            "the unit of energy comes first, then that of length",
            statement.span,
            f"write units {names[1].span.text}, {names[0].span.text}",
        )
    for node, unit, wanted, example in (
        (names[0], first, ENERGY, "such as meV, eV, hartree or J"),
        (names[1], second, LENGTH, "such as nm, angstrom, bohr or m"),
    ):
        if unit.dimension != wanted:
            need = "an energy" if wanted == ENERGY else "a length"
            is_what = described(unit.dimension, UnitNames("J", "m")).partition(",")[0]
            raise ProblemError(
                f"{need} is needed here, and '{node.span.text}' is {is_what}", node.span, example
            )
    size = 1 / (2 * constant("m_e").size * first.size * second.size**2)
    kinetic = constant("hbar").size ** 2 * size
    return UnitSystem(
        "declared", _number(_simple(kinetic)), UnitNames(names[0].span.text, names[1].span.text)
    )


_SYSTEMS_ELSEWHERE = {
    **dict.fromkeys(("si", "mks"), "write units J, m"),
    **dict.fromkeys(("cgs",), "write units erg, cm"),
    **dict.fromkeys(("au", "hartree_units"), "write units atomic"),
    **dict.fromkeys(("natural", "none", "reduced", "unitless", "pure"), "write units dimensionless"),
}


def _system(node: tree.Expression, statement: tree.Units) -> UnitSystem:
    name = node.name if isinstance(node, tree.Name) else ""
    if isinstance(node, tree.List) and len(node.items) == 2:
        listed = ", ".join(item.span.text for item in node.items)
        raise ProblemError("units stand without brackets", node.span, f"write units {listed}")
    if name.casefold() in _SYSTEMS_ELSEWHERE:
        raise ProblemError(
            "these are no units of a problem", statement.span, _SYSTEMS_ELSEWHERE[name.casefold()]
        )
    if name in SYSTEMS:
        return SYSTEMS[name]
    guess = did_you_mean(name, SYSTEMS)
    if guess:
        raise ProblemError("these are no units of a problem", statement.span, f"did you mean '{guess}'?")
    unit = unit_names.unit(name)
    if unit is not None and unit.dimension == ENERGY:
        raise ProblemError("the unit of length is missing", statement.span, f"such as units {name}, nm")
    if unit is not None and unit.dimension == LENGTH:
        raise ProblemError("the unit of energy is missing", statement.span, f"such as units meV, {name}")
    raise ProblemError(
        "these are no units of a problem", statement.span, "write units dimensionless, atomic, or meV, nm"
    )


def _declared(names: Sequence[tree.Expression]) -> list[unit_names.Unit]:
    """The units that are declared, each by a plain name."""
    units = []
    errors: list[Diagnostic] = []
    for node in names:
        unit = unit_names.unit(node.name) if isinstance(node, tree.Name) else None
        if unit is not None:
            units.append(unit)
        elif isinstance(node, tree.Name):
            errors += unknown_unit(node).diagnostics
        else:
            wavenumber = "".join(node.span.text.split()) in ("1/cm", "cm^-1", "cm⁻¹", "cm^(-1)")
            hint = "1/cm is a wavenumber; take meV: 1 meV is 8.06554/cm" if wavenumber else "such as meV, nm"
            errors.append(Diagnostic("a unit of a problem is a plain name", node.span, hint))
    if errors:
        raise ProblemError(errors)
    return units


# Numbers ----------------------------------------------------------------------------------------------


def _product(sizes: tuple[Fraction, ...], exponents: tuple[int | Fraction, ...]) -> Fraction:
    """The product of powers of positive fractions; to 50 digits where it is not rational."""
    common = 1
    for exponent in exponents:
        common = max(common, Fraction(exponent).denominator)
    power = Fraction(1)
    for size, exponent in zip(sizes, exponents, strict=True):
        power *= size ** int(exponent * common)
    return power if common == 1 else _root(power, common)


def _root(value: Fraction, degree: int) -> Fraction:
    assert degree == 2  # units of the SI have whole exponents, and time brings halves
    roots = isqrt(value.numerator), isqrt(value.denominator)
    if (roots[0] ** 2, roots[1] ** 2) == (value.numerator, value.denominator):
        return Fraction(*roots)
    context = Context(prec=50)
    return Fraction(context.sqrt(context.divide(value.numerator, value.denominator)))


def _simple(value: Fraction) -> Fraction:
    """The fraction with a small numerator or denominator that the value is up to rounding, or itself."""
    for near, inverse in (
        (value.limit_denominator(SIMPLEST), 1),
        ((1 / value).limit_denominator(SIMPLEST), -1),
    ):
        if near and abs(near**inverse - value) <= EXACTLY * abs(value):
            return near**inverse
    return value


def _finite(number: Callable[[Fraction], sp.Expr], value: Fraction, node: tree.Quantity) -> sp.Expr:
    """The number of a quantity.  Raises ProblemError when no double can hold it."""
    try:
        found = number(value)
    except OverflowError:
        raise ProblemError("in the units of the file this number is too large", node.span) from None
    if value and not found:
        raise ProblemError("in the units of the file this number is too small", node.span)
    return found


def _number(value: Fraction) -> sp.Expr:
    """A fraction that is short enough exactly, else the nearest double."""
    if value.denominator <= SIMPLEST and abs(value.numerator) < 2**53:
        return sp.Rational(value.numerator, value.denominator)
    return sp.Float(float(value))
