"""`equation` in a file with units: its terms must be quantities of one kind.

psi stands in every term, so that its own dimension cancels: it counts as a pure number, and each
derivative divides by a length.
"""

from __future__ import annotations

from collections import Counter

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError
from qdsl.language import tree
from qdsl.meaning.dimension_walk import Dimensions
from qdsl.meaning.dimensions import ENERGY, LENGTH, MASS, PURE, Dimension
from qdsl.meaning.operands import Operand, unit_of
from qdsl.meaning.scope import Form, Measure, Named, Scope
from qdsl.meaning.shapes import mentions, spine
from qdsl.meaning.work import Work

KINETIC = "-hbar^2/(2*m)*psi''"
"""The term that is most often written without one of its factors."""


def check_dimensions(statement: tree.Equation, scope: Scope) -> None:
    """Raises ProblemError when two terms of the equation cannot be added, with both and their units."""
    if not scope.units.present:
        return
    walk = Dimensions(scope, Work())
    inner = scope.naming(
        {
            "psi": Named(sp.S.Zero, "argument", walk.typical(PURE)),
            "E": Named(sp.S.Zero, "argument", walk.typical(ENERGY)),
        }
    ).with_forms({"psi": Form(_unread, "psi(x)", _psi_there)})
    walk = Dimensions(inner, walk.work)
    terms = [term for side in (statement.left, statement.right) for _, term in spine(side, "+-")]
    firm = [operand for operand in walk.operands(terms) if operand.measure.firm]
    counts = Counter(operand.measure.dimension for operand in firm)
    if len(counts) < 2:
        return
    # The term to blame is the one that stands alone; of two, rather the other one than that of E.
    usual = max(firm, key=lambda operand: (counts[operand.measure.dimension], mentions(operand.node, "E")))
    odd = next(operand for operand in firm if operand.measure.dimension != usual.measure.dimension)
    message = f"the terms of the equation do not agree: {_told(odd)}, and {_told(usual)}"
    note = ("the other term", usual.node.span)
    raise ProblemError([Diagnostic(message, odd.node.span, _hint(odd, usual), notes=(note,))])


def _unread(_node: tree.Call | tree.Index, _translator: object) -> sp.Expr:
    raise AssertionError("a scope of dimensions gives no values")


def _psi_there(node: tree.Call | tree.Index, walk: Dimensions) -> Measure:
    """The dimension of psi(x), psi'(x), …"""
    callee = node.function if isinstance(node, tree.Call) else node
    return walk.typical(LENGTH**-callee.order if isinstance(callee, tree.Prime) else PURE)


def _told(operand: Operand) -> str:
    unit = unit_of(operand.measure, operand.scope)
    return f"'{operand.text}' is {f'in {unit}' if unit else 'a pure number'} times psi"


def _hint(odd: Operand, usual: Operand) -> str:
    found, wanted = odd.measure.dimension, usual.measure.dimension
    assert found is not None
    assert wanted is not None
    excess: Dimension = found / wanted
    if excess == MASS:
        return f"a division by a mass is missing, as in {KINETIC}"
    if excess == LENGTH**-2 / ENERGY:
        return f"the factor of the kinetic energy is missing, as in {KINETIC}"
    return f"a factor in {unit_of(Measure(wanted / found), odd.scope)} is missing"
