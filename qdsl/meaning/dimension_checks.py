"""What the dimension of an expression has to be: that of its place, or the same as that of another one.

Two known dimensions that differ are a mistake; the errors show both sides with their units.
"""

from __future__ import annotations

from collections.abc import Sequence

from qdsl.errors import Diagnostic, ProblemError
from qdsl.language import tree
from qdsl.meaning.dimension_walk import Dimensions
from qdsl.meaning.dimensions import ENERGY, LENGTH, PURE, Dimension, named, unit_text
from qdsl.meaning.operands import Operand, in_words
from qdsl.meaning.scope import FREE, Measure, Scope
from qdsl.meaning.shapes import is_infinity
from qdsl.meaning.work import Work


def require(node: tree.Expression, wanted: Dimension, what: str, scope: Scope, work: Work) -> None:
    """Check that an expression may stand where a quantity of some dimension is needed.

    `what` names the place, as in "the potential".  Nothing is checked in files without units, nor at
    `inf`.  Raises ProblemError.
    """
    if not scope.units.present or is_infinity(node.operand if isinstance(node, tree.Unary) else node):
        return
    if isinstance(node, tree.Cases):  # the case that is wrong is a better place than all of them
        measure_of(node, scope, work)
        for case in node.cases:
            require(case.value, wanted, what, scope, work)
        return
    measure = measure_of(node, scope, work)
    if measure.firm and measure.dimension != wanted:
        operand = Operand(node, measure, scope)
        message = f"{what} must be {in_words(wanted, scope)}, but {operand.told}"
        hint = _bridge(node, measure.dimension, wanted, scope)
        raise ProblemError([Diagnostic(message, node.span, hint, notes=operand.notes)])


def agree(nodes: Sequence[tree.Expression], message: str, scope: Scope, work: Work) -> Measure:
    """The common dimension of several expressions, such as a value and the interval for it.

    `message` begins the error of those that do not agree.  Raises ProblemError.
    """
    if not scope.units.present:
        return FREE
    finite = [
        node for node in nodes if not is_infinity(node.operand if isinstance(node, tree.Unary) else node)
    ]
    walk = Dimensions(scope, work)
    return walk.common(walk.operands(finite), lambda a, b: f"{message}: {a.told}, and {b.told}")


SIDES = "the two sides do not agree"
"""How the error of an equation or of a condition begins, for `agree`."""


def measure_of(node: tree.Expression, scope: Scope, work: Work) -> Measure:
    """The dimension of an expression.  Raises ProblemError where dimensions inside of it conflict."""
    return Dimensions(scope, work).measure(node) if scope.units.present else FREE


def _bridge(node: tree.Expression, found: Dimension | None, wanted: Dimension, scope: Scope) -> str:
    """How to get from one dimension to another, where it is likely that a factor was forgotten."""
    assert found is not None
    if found == LENGTH**-1 and wanted == ENERGY:
        return "the energy of a wavenumber is 2*pi*hbar*c_0 times it"
    factor = unit_text(wanted / found, scope.units.labels)
    if factor in ("q_e", "m_e"):
        return f"multiply it by {factor}"
    if found == PURE:
        return f"multiply it by {named(wanted, scope.units.labels)}, such as 1 {factor}"
    return f"a factor in {factor} is missing" if isinstance(node, tree.Binary | tree.Unary) else ""
