"""`units`: the unit system of a file, and the kinetic factor that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from qdsl.errors import NotSupportedError, ProblemError, did_you_mean
from qdsl.language import tree
from qdsl.physics.problem import UnitNames


@dataclass(frozen=True)
class UnitSystem:
    """`kinetic` is c in -c (psi'/m)' + V psi = E psi; `constants` are the names that the system adds."""

    name: str
    kinetic: sp.Expr
    labels: UnitNames
    constants: Mapping[str, sp.Expr] = field(default_factory=dict)


DIMENSIONLESS = UnitSystem("dimensionless", sp.Integer(1), UnitNames())
ATOMIC = UnitSystem("atomic", sp.Rational(1, 2), UnitNames("hartree", "bohr"), {"m_e": sp.Integer(1)})
SYSTEMS = {system.name: system for system in (DIMENSIONLESS, ATOMIC)}


def read_units(statement: tree.Units) -> UnitSystem:
    """The unit system of a file.  Raises ProblemError."""
    names = [node.name if isinstance(node, tree.Name) else "" for node in statement.names]
    if len(names) == 1:
        if names[0] in SYSTEMS:
            return SYSTEMS[names[0]]
        guess = did_you_mean(names[0], SYSTEMS)
        hint = f"did you mean '{guess}'?" if guess else "write units dimensionless, or units atomic"
        raise ProblemError("these are no units of a problem", statement.span, hint)
    raise NotSupportedError(
        "units of energy and length are not supported yet",
        statement.span,
        "convert, and write units dimensionless or units atomic",
    )
