"""The part of an explanation that is about the points where coefficients are not smooth, and the pieces."""

from __future__ import annotations

import sympy as sp

from qdsl.physics import analysis
from qdsl.physics.analysis import SingularPoint, SmoothPiece
from qdsl.physics.numeric import evaluate
from qdsl.physics.problem import Problem
from qdsl.report.explain_equation import is_general, kinetic
from qdsl.report.explain_numbers import neat, rounded, with_number
from qdsl.report.interfaces import has_weight, jumps
from qdsl.report.numbers import significant
from qdsl.report.writer import PSI, Writer

MANY = 12
"""Pieces that are worth listing one by one."""


def pieces_and_why(problem: Problem, w: Writer) -> None:
    """The points, what happens at each, and the coefficients between them."""
    low, high = (problem.number(end) for end in problem.interval)
    points = [point for point in analysis.singular_points(problem) if low < point.at < high]
    pieces = analysis.smooth_pieces(problem)
    w.section("Pieces, and why they are there")
    if points:
        _points(problem, points, pieces, w)
    else:
        smooth = "everything is" if len(_shown(problem)) > 1 else f"{_name(problem, w)} is"
        w.paragraph(f"Inside of the domain {smooth} smooth, so nothing forces a cut.")
    w.paragraph(
        "A piece on which a wanted state would oscillate or decay too often for a few dozen network features "
        "is cut further; the solver decides that from the WKB phase."
    )


def _points(
    problem: Problem, points: list[SingularPoint], pieces: tuple[SmoothPiece, ...], w: Writer
) -> None:
    psi = w.math("ψ", PSI)
    w.paragraph(
        f"The equation is not smooth everywhere, so {psi} is not either, and a smooth network across such a "
        "point would be wrong by a fixed amount however long it is trained. The points are"
    )
    for point, before, after in list(zip(points, pieces, pieces[1:], strict=False))[:MANY]:
        w.item(_point(problem, point, before, after, w))
    shown = _shown(problem)
    if all(len({getattr(piece, part) for piece in pieces}) == 1 for part, _ in shown):
        w.paragraph(f"On both sides of {'it' if len(points) == 1 else 'them'} the formulas are the same.")
    else:
        w.paragraph("and on the pieces between them")
        for piece in pieces[:MANY]:
            where = w.relation(neat(piece.left), "<", problem.coordinate, "<", neat(piece.right))
            formulas = ", ".join(w.relation(name, "=", rounded(getattr(piece, part))) for part, name in shown)
            w.item(f"{formulas} for {where}")
        if len(pieces) > MANY:
            w.item(f"and so on: {len(points)} points and {len(pieces)} pieces in all.")
    _slopes(problem, w)


def _slopes(problem: Problem, w: Writer) -> None:
    """What a jump of p means for psi."""
    found = jumps(problem)
    if not found:
        return
    psi, flux, slope = w.math("ψ", PSI), w.math("p ψ'", rf"p\,{PSI}'"), w.math("ψ'", rf"{PSI}'")
    what = w.math("p", "p") if is_general(problem) else f"the mass, and with it {w.math('p', 'p')},"
    x = problem.coordinate
    factors = [
        f"at {w.relation(x, '=', neat(jump.at))} by {significant(jump.left / jump.right, 6)}"
        for jump in found[:MANY]
    ]
    w.paragraph(
        f"Where {what} jumps, {psi} and the flux {flux} are continuous, so the slope {slope} is not. From "
        f"left to right it is multiplied {', '.join(factors)}{', and so on' if len(found) > MANY else ''}."
    )


def _point(problem: Problem, point: SingularPoint, before: SmoothPiece, after: SmoothPiece, w: Writer) -> str:
    """Where, what happens there, and what is to blame."""
    where = with_number(w, problem.coordinate, point.location, sp.Float(point.at))
    if point.kind == "delta":
        at = [d for d in problem.deltas if problem.number(d.location) == point.at]
        strength = sp.Add(*(delta.strength for delta in at))
        delta = w.expression(strength * sp.DiracDelta(problem.coordinate - point.location))
        return f"{where}: the point interaction {delta} bends the wavefunction"
    names = _blamed(problem, point, before, after, w)
    text = _KINDS[point.kind].format(
        " and ".join(names), "" if len(names) > 1 else "s", "are" if len(names) > 1 else "is"
    )
    return f"{where}: {text} ({w.typeset(point.reason)})"


def _blamed(
    problem: Problem, point: SingularPoint, before: SmoothPiece, after: SmoothPiece, w: Writer
) -> list[str]:
    """Which of the coefficients it happens to."""
    at = {**problem.values, problem.coordinate: point.at}
    changed = []
    for part, name in _shown(problem):
        left, right = getattr(before, part), getattr(after, part)
        if point.kind == "jump":
            one, other = float(evaluate(left, at)), float(evaluate(right, at))
            if abs(one - other) <= 1e-9 * max(abs(one), abs(other)):
                continue
        elif left == right:
            continue
        mass = part == "p" and not is_general(problem)
        changed.append("the mass" if mass else w.expression(name))
    return changed or [_name(problem, w)]


def _shown(problem: Problem) -> list[tuple[str, sp.Symbol]]:
    """The coefficients that are functions, as attributes of a piece, and what they are called."""
    found = [("q", sp.Symbol(problem.potential_name))]
    if kinetic(problem).has(problem.coordinate):
        found.append(("p", sp.Symbol("p")))
    if has_weight(problem):
        found.append(("w", sp.Symbol("w")))
    return found


def _name(problem: Problem, w: Writer) -> str:
    return w.expression(sp.Symbol(problem.potential_name))


_KINDS = {
    "pole": "{0} {2} not bounded",
    "singular": "{0} {2} bounded but without a power series",
    "jump": "{0} jump{1}",
    "kink": "the slope of {0} jumps",
    "curvature": "a higher derivative of {0} jumps",
    "removable": "{0} {2} 0/0, with a smooth limit",
}
