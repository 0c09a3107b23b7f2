"""The algebra of dimensions: a vector space over the rational numbers, written multiplicatively."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from qdsl.meaning.constants import constant
from qdsl.meaning.dimensions import ENERGY, LENGTH, MASS, PURE, TIME, Dimension, unit_text
from qdsl.meaning.units import ATOMIC
from qdsl.physics.problem import UnitNames

exponents = st.fractions(-4, 4, max_denominator=6)
dimensions = st.builds(Dimension, exponents, exponents, exponents, exponents, exponents)
halves = st.integers(-6, 6).map(lambda n: Fraction(n, 2))
sizes = st.builds(Dimension, halves, halves, halves, halves, halves)


@given(dimensions, dimensions, dimensions)
def test_products_form_a_group(a, b, c):
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a
    assert a * PURE == a
    assert a / a == PURE
    assert (a / b) * b == a


@given(dimensions, dimensions, exponents, exponents)
def test_powers_are_linear(a, b, m, n):
    assert (a * b) ** n == a**n * b**n
    assert a**m * a**n == a ** (m + n)
    assert (a**m) ** n == a ** (m * n)
    assert a**0 == PURE


def test_time_makes_kinetic_energy_an_energy():
    assert MASS * (LENGTH / TIME) ** 2 == ENERGY
    assert TIME.exponents == (Fraction(-1, 2), 1, Fraction(1, 2), 0, 0)


@given(sizes, sizes)
def test_units_of_products_are_products_of_units(a, b):
    """To the 50 digits with which square roots are taken."""
    product = ATOMIC.size(a) * ATOMIC.size(b)
    assert abs(ATOMIC.size(a * b) / product - 1) < Fraction(1, 10**45)


def test_the_atomic_unit_of_time_is_hbar_over_hartree():
    wanted = constant("hbar").size / constant("E_h").size
    assert abs(ATOMIC.size(TIME) / wanted - 1) < Fraction(1, 10**45)


@given(dimensions, dimensions)
def test_different_dimensions_have_different_texts(a, b):
    labels = UnitNames("eV", "nm")
    assert (unit_text(a, labels) == unit_text(b, labels)) == (a == b)
