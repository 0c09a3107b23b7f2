"""Heads of reportable quantities: `E[n]`, `psi[n](x0)`, `mean(f, n)`, … as sympy functions.

A quantity such as `E[1] - E[0]` is an ordinary sympy expression over these atoms, so that arithmetic,
equality and printing come from sympy.  A solved state gives each atom its number.
"""

from __future__ import annotations

import sympy as sp


class _Head(sp.Function):
    """A real number that is not known before the problem is solved."""

    is_real = True
    # sympy would otherwise take E[0] for a constant, because 0 is one, and try to compute it.
    is_number = False


class EnergyOf(_Head):
    """EnergyOf(n): the energy of state n."""

    nargs = 1


class PsiAt(_Head):
    """PsiAt(n, x0): the wavefunction of state n at a point."""

    nargs = 2


class Element(_Head):
    """Element(m, f, n) = <m|f|n>; f is an expression in the coordinate.  Element(n, f, n) is a mean."""

    nargs = 3


class Probability(_Head):
    """Probability(n, a, b): the chance to find the particle of state n between a and b."""

    nargs = 3


class NodeCount(_Head):
    """NodeCount(n): the number of zeros of psi_n inside the domain."""

    nargs = 1


HEADS: tuple[type[sp.Function], ...] = (EnergyOf, PsiAt, Element, Probability, NodeCount)
