"""Problem -> an explanation, in words and formulas, of what `qdsl solve` will do with it, and why.

It reads like a page of lecture notes: the equation, the conditions, the pieces, the trial function, the
loss, and what is checked afterwards.  Nothing is solved, and torch is not needed.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from qdsl.physics import analysis
from qdsl.physics.problem import Decay, Problem
from qdsl.report.explain_fit import how_it_is_fitted, what_is_checked
from qdsl.report.numbers import significant
from qdsl.report.writer import Writer

MANY = 12
"""Pieces that are worth listing one by one."""


def explain(problem: Problem, writer: Writer) -> str:
    """The explanation of a problem, in the way that the writer sets it."""
    writer.title(problem.title or "A one-dimensional quantum problem")
    for section in _SECTIONS:
        section(problem, writer)
    return writer.text()


def _equation(problem: Problem, w: Writer) -> None:
    x = problem.coordinate
    left, right = (w.expression(end) for end in problem.interval)
    between = w.math("<", "<")
    w.section("The equation")
    w.paragraph(f"On {left} {between} {w.expression(x)} {between} {right} solve the eigenvalue problem")
    w.formula(*_eigenproblem(problem))
    constant = _values_of(problem, problem.p)
    if not constant.has(x) and constant != 1:
        w.paragraph(
            f"with the kinetic factor {w.math('c', 'c')} = {_same(w, problem.p, constant)} "
            "(half the inverse mass in atomic units) and the potential"
        )
    else:
        w.paragraph("with the potential")
    head = sp.Function(problem.potential_name)(x)
    w.definition(head, problem.q)
    if problem.parameters:
        _parameters(problem, w)
    numbers = _values_of(problem, problem.q)
    if numbers != problem.q:
        w.paragraph("With these numbers put in,")
        w.definition(head, numbers)
    units = problem.units
    if units.energy == "1":
        w.paragraph("All quantities are pure numbers: lengths and energies are in units in which ħ²/2m = 1.")
    else:
        w.paragraph(f"Energies are in {units.energy}, lengths in {units.length}.")
    wanted = ", ".join(map(str, problem.states))
    w.paragraph(f"Wanted: n = {wanted}, counted from 0 = ground state.")


def _parameters(problem: Problem, w: Writer) -> None:
    w.paragraph("The parameters are")
    for parameter in problem.parameters:
        value = problem.values[parameter.symbol]
        text = f"{w.expression(parameter.symbol)} = {_same(w, parameter.value, sp.Float(value))}"
        if parameter.doc:
            text += f": {w.words(parameter.doc)}"
        if parameter.interval:
            low, high = (w.expression(end) for end in parameter.interval)
            text += f" (allowed: {low} to {high})"
        w.item(text)


def _conditions(problem: Problem, w: Writer) -> None:
    psi = w.math("ψ", r"\psi")
    w.section("Conditions at the ends")
    for end, condition in zip(problem.interval, problem.boundary or (), strict=True):
        place = w.expression(end)
        if isinstance(condition, Decay):
            w.item(
                f"{psi} tends to 0 towards {place}. The line is cut where every wanted state has decayed "
                f"below the tolerance (estimated by WKB), and {psi} is 0 there; the result names the cut."
            )
        else:
            value = significant(problem.number(end))
            condition_there = w.math(f"ψ({value}) = 0", rf"\psi({value}) = 0")
            w.item(f"{condition_there}: a hard wall at {place}.")


def _pieces(problem: Problem, w: Writer) -> None:
    points = analysis.singular_points(problem)
    psi, name = w.math("ψ", r"\psi"), problem.potential_name
    w.section("Pieces, and why they are there")
    if points:
        w.paragraph(
            f"{name} is not smooth everywhere, so {psi} is not either, and a smooth network across such a "
            "point would be wrong by a fixed amount however long it is trained. The domain is cut at"
        )
        for point in points:
            w.item(_point(problem, point, w))
        w.paragraph("Between these points it is smooth:")
        for piece in analysis.smooth_pieces(problem)[:MANY]:
            left, right = (w.expression(_neat(end)) for end in (piece.left, piece.right))
            between = w.math("<", "<")
            where = f"{left} {between} {w.expression(problem.coordinate)} {between} {right}"
            w.item(f"{where}: {w.expression(sp.Symbol(name))} = {w.expression(piece.q)}")
        if len(points) >= MANY:
            w.item("and so on.")
    else:
        w.paragraph(f"{name} is smooth in the whole domain, so nothing forces a cut.")
    w.paragraph(
        "A piece on which a wanted state would oscillate or decay too often for a few dozen network features "
        "is cut further; the solver decides that from the WKB phase."
    )


def _trial(problem: Problem, w: Writer) -> None:
    psi, flux = w.math("ψ", r"\psi"), w.math("p ψ'", r"p\,\psi'")
    feature, bubble = w.math("φⱼ", r"\varphi_j"), w.math("bⱼ", "b_j")
    w.section("The trial function")
    w.paragraph("On each piece, between its ends l and r,")
    w.formula(
        "ψ(x) = H(x; ψ(l), ψ'(l), ψ(r), ψ'(r)) + Σⱼ cⱼ bⱼ(x)\n"
        "bⱼ(x) = φⱼ(x) - H(x; φⱼ(l), φⱼ'(l), φⱼ(r), φⱼ'(r))",
        r"\begin{aligned}"
        r"\psi(x) &= H\bigl(x; \psi(l), \psi'(l), \psi(r), \psi'(r)\bigr) + \sum_j c_j\, b_j(x),\\ "
        r"b_j(x) &= \varphi_j(x) - H\bigl(x; \varphi_j(l), \varphi_j'(l), \varphi_j(r), \varphi_j'(r)\bigr)."
        r"\end{aligned}",
    )
    w.paragraph(
        f"H is the cubic Hermite polynomial with these values and slopes at the two ends, and the "
        f"{feature} are the outputs of the last hidden layer of a neural network. Each bubble "
        f"{bubble} vanishes at both ends together with its slope, so everything that happens at an "
        f"end of a piece is decided by the few numbers ({psi} and the flux {flux}) "
        "kept there. Therefore, to rounding and for any weights of the network,"
    )
    for end, condition in zip(problem.interval, problem.boundary or (), strict=True):
        place = (
            "the cut that stands for " + w.expression(end)
            if isinstance(condition, Decay)
            else w.expression(end)
        )
        w.item(f"{psi} = 0 at {place}: its value there is not an unknown;")
    w.item(
        f"{psi} and the flux {flux} are continuous where two pieces meet: both share the numbers kept there."
    )
    w.paragraph(
        "Nothing of this is a penalty in the loss, so nothing of it can be traded against something else."
    )


def _eigenproblem(problem: Problem) -> tuple[str, str]:
    """The equation in plain text and in LaTeX; what is 1 does not show."""
    name, latex_name = problem.potential_name, sp.latex(sp.Symbol(problem.potential_name))
    mass = _values_of(problem, problem.p)
    if mass == 1:
        kinetic, latex_kinetic = "-ψ''", r"-\psi''"
    elif not mass.has(problem.coordinate):
        kinetic, latex_kinetic = "-c ψ''", r"-c\,\psi''"
    else:
        kinetic, latex_kinetic = "-(p ψ')'", r"-(p\,\psi')'"
    right, latex_right = ("E ψ", r"E\,\psi") if problem.w == 1 else ("E w ψ", r"E\,w\,\psi")
    return f"{kinetic} + {name} ψ = {right}", rf"{latex_kinetic} + {latex_name}\,\psi = {latex_right}"


def _point(problem: Problem, point: analysis.SingularPoint, w: Writer) -> str:
    """Where, what happens there, and what is to blame."""
    place = w.expression(point.location)
    if not point.location.is_number:
        place += f" = {significant(point.at)}"
    what = _KINDS[point.kind].format(w.expression(sp.Symbol(problem.potential_name)))
    return f"{w.expression(problem.coordinate)} = {place}: {what} ({w.words(point.reason)})"


_KINDS = {
    "pole": "{} is not bounded",
    "singular": "{} is bounded but has no power series",
    "jump": "{} jumps",
    "kink": "the slope of {} jumps",
    "curvature": "a higher derivative of {} jumps",
    "removable": "{} is 0/0, with a smooth limit",
}


def _neat(number: float) -> sp.Expr:
    """A float as a number that prints without an empty fraction."""
    return sp.Integer(int(number)) if number.is_integer() else sp.Float(number, 10)


def _values_of(problem: Problem, expression: sp.Expr) -> sp.Expr:
    """The expression with the parameters' values, each as it was written (1/2 stays 1/2)."""
    for parameter in reversed(problem.parameters):
        expression = expression.subs(parameter.symbol, parameter.value)
    return expression


def _same(w: Writer, expression: sp.Expr, value: sp.Expr) -> str:
    """An expression, and its number where that is not what the expression says already."""
    text = w.expression(expression)
    number = significant(float(value), 10)
    return text if expression.is_number and len(text) <= 12 else f"{text} = {number}"


_SECTIONS: tuple[Callable[[Problem, Writer], None], ...] = (
    _equation,
    _conditions,
    _pieces,
    _trial,
    how_it_is_fitted,
    what_is_checked,
)
