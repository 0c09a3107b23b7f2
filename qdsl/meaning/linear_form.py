"""A form that is linear in psi, its derivatives and E psi: what both sides of an `equation` are.

    sum over k of a_k psi^(k)  +  E sum over k of d_k psi^(k)  +  sum of f (P psi')'  +  c + E e

A derivative of a product P psi' is kept as the pair (f, P): where P jumps, the flux P psi' is continuous,
and a P' taken between the jumps would not say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

Key = tuple[int, bool]
"""Derivative of psi (`FREE` for a term without psi), and whether E stands there."""

FREE = -1

_BROKEN = (sp.Piecewise, sp.sign, sp.Heaviside)
_CORNERED = (*_BROKEN, sp.Abs, sp.Max, sp.Min)


@dataclass(frozen=True)
class Form:
    """Coefficients by derivative and power of E, and fluxes: pairs (f, P) for f (P psi')'."""

    terms: Mapping[Key, sp.Expr] = field(default_factory=dict)
    fluxes: tuple[tuple[sp.Expr, sp.Expr], ...] = ()

    @property
    def coefficient(self) -> sp.Expr | None:
        """What the form is when neither psi nor E stands in it."""
        if self.fluxes or any(key != (FREE, False) for key in self.terms):
            return None
        return self.terms.get((FREE, False), sp.S.Zero)

    @property
    def has_psi(self) -> bool:
        return bool(self.fluxes) or any(order != FREE for order, _ in self.terms)

    @property
    def has_energy(self) -> bool:
        return any(energy for _, energy in self.terms)

    def factor_of(self, order: int, energy: bool = False) -> sp.Expr:
        """The coefficient of a derivative of psi, or of E times it."""
        return self.terms.get((order, energy), sp.S.Zero)

    def plus(self, other: Form) -> Form:
        terms = dict(self.terms)
        for key, value in other.terms.items():
            terms[key] = terms.get(key, sp.S.Zero) + value
        factors: dict[sp.Expr, sp.Expr] = {}
        for factor, flux in self.fluxes + other.fluxes:
            factors[flux] = factors.get(flux, sp.S.Zero) + factor
        return Form(terms, tuple((factor, flux) for flux, factor in factors.items() if factor != 0))

    def times(self, factor: sp.Expr) -> Form:
        terms = {key: factor * value for key, value in self.terms.items()}
        return Form(terms, tuple((factor * f, p) for f, p in self.fluxes))


def smooth(expression: sp.Expr) -> bool:
    """Whether the expression has neither jumps nor corners, as far as its parts tell."""
    return not expression.has(*_CORNERED)


def continuous(expression: sp.Expr) -> bool:
    """Whether the expression has no jumps, as far as its parts tell."""
    return not expression.has(*_BROKEN)
