"""Problem -> an explanation, in words and formulas, of what `qdsl solve` will do with it, and why.

It reads like a page of lecture notes: the equation, the conditions, the pieces, the trial function, the
loss, and what is checked afterwards.  Nothing is solved, and torch is not needed.
"""

from __future__ import annotations

from collections.abc import Callable

from qdsl.physics.problem import Problem
from qdsl.report.explain_ends import conditions_at_the_ends
from qdsl.report.explain_equation import kinetic, the_equation
from qdsl.report.explain_fit import how_it_is_fitted, what_is_checked
from qdsl.report.explain_pieces import pieces_and_why
from qdsl.report.numbers import significant
from qdsl.report.writer import PSI, Writer


def explain(problem: Problem, writer: Writer) -> str:
    """The explanation of a problem, in the way that the writer sets it."""
    writer.title(problem.title or "A one-dimensional quantum problem")
    for section in _SECTIONS:
        section(problem, writer)
    return writer.text()


def _trial(problem: Problem, w: Writer) -> None:
    psi, flux = w.math("ψ", PSI), w.math("p ψ'", rf"p\,{PSI}'")
    feature, bubble = w.math("φⱼ", r"\varphi_j"), w.math("bⱼ", "b_j")
    w.section("The trial function")
    w.paragraph("On each piece")
    w.formula(
        "ψ = I[ψ] + Σⱼ cⱼ bⱼ,    bⱼ = φⱼ - I[φⱼ],",
        r"\psi = I[\psi] + \sum_j c_j\, b_j, \qquad b_j = \varphi_j - I[\varphi_j],",
    )
    w.paragraph(
        f"where {w.math('I[f]', 'I[f]')} is the cubic polynomial that has the value and the slope of "
        f"{w.math('f', 'f')} at both ends of the piece (Hermite interpolation); the {feature} are neural: "
        f"the outputs of a hidden layer. Each bubble {bubble} vanishes at both ends together with its slope, "
        f"so whatever happens at an end is decided by the two numbers kept there, {psi} and the flux {flux}"
        f"{_p(problem, w)}. Therefore, to rounding and for any weights of the network,"
    )
    w.item(
        "the conditions at the ends hold, because the numbers kept there are no more free than they allow;"
    )
    but = ", but for the jumps at point interactions" if problem.deltas else ""
    w.item(
        f"{psi} and {flux} are continuous where pieces meet{but}, because both sides share what is kept "
        "there."
    )
    for delta in problem.deltas:
        at, strength = (significant(problem.number(part)) for part in (delta.location, delta.strength))
        w.item(f"At {at} a point interaction of strength {strength} makes {flux} jump by {strength} {psi}.")
    w.paragraph("None of this is a penalty in the loss, so none of it can be traded for something else.")


def _p(problem: Problem, w: Writer) -> str:
    """What p is where the equation does not show it."""
    factor = kinetic(problem)
    if factor.has(problem.coordinate):
        return ""
    value = "1" if factor == 1 else "c"
    return f" (here {w.math(f'p = {value}', f'p = {value}')})"


_SECTIONS: tuple[Callable[[Problem, Writer], None], ...] = (
    the_equation,
    conditions_at_the_ends,
    pieces_and_why,
    _trial,
    how_it_is_fitted,
    what_is_checked,
)
