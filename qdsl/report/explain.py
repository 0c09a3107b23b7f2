"""Problem -> an explanation, in words and formulas, of what `qdsl solve` will do with it, and why.

It reads like a page of lecture notes: the equation, the conditions, the pieces, the trial function, the
loss, and what is checked afterwards.  Nothing is solved, and torch is not needed.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from qdsl.physics import analysis
from qdsl.physics.endpoints import Frobenius, SingularEnd, Wall, singular_ends
from qdsl.physics.problem import Bloch, Decay, Dirichlet, EndCondition, Neumann, Problem, Robin, StatesBelow
from qdsl.report.explain_fit import how_it_is_fitted, what_is_checked
from qdsl.report.numbers import significant
from qdsl.report.writer import Writer

PSI = r"\psi"

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
    left, right = problem.interval
    w.section("The equation")
    w.paragraph(f"On {w.relation(left, '<', x, '<', right)} solve the eigenvalue problem")
    w.formula(*_eigenproblem(problem))
    kinetic = _values_of(problem, problem.p)
    if kinetic == 1 or kinetic.has(x):
        w.paragraph("with the potential")
    else:
        factor = _with_number(w, sp.Symbol("c"), problem.p, kinetic)
        meaning = w.math("ħ²/2m", r"\hbar^2/2m")
        w.paragraph(f"with the kinetic factor {factor} (which is {meaning}) and the potential")
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
        convention = w.math("ħ²/2m = 1", r"\hbar^2/2m = 1")
        w.paragraph(f"Lengths and energies are pure numbers, in units in which {convention}.")
    else:
        w.paragraph(f"Energies are in {w.words(units.energy)}, lengths in {w.words(units.length)}.")
    if problem.search is not None:
        limit = (
            w.expression(problem.search.energy)
            if isinstance(problem.search, StatesBelow)
            else "the continuum"
        )
        w.paragraph(f"Wanted: all states below {limit}, counted from 0 = ground state.")
        return
    wanted = ", ".join(map(str, problem.states))
    w.paragraph(f"Wanted: {w.math(f'n = {wanted}', f'n = {wanted}')}, counted from 0 = ground state.")


def _parameters(problem: Problem, w: Writer) -> None:
    w.paragraph("The parameters are")
    for parameter in problem.parameters:
        value = sp.Float(problem.values[parameter.symbol])
        text = (
            f"{_with_number(w, parameter.symbol, parameter.value, value)} {w.words(parameter.unit)}".rstrip()
        )
        if parameter.doc:
            text += f": {w.words(parameter.doc)}"
        if parameter.interval:
            low, high = map(w.expression, parameter.interval)
            text += f" (allowed: {low} to {high})"
        w.item(text)


def _conditions(problem: Problem, w: Writer) -> None:
    w.section("Conditions at the ends")
    if isinstance(problem.boundary, Bloch):
        w.item(_tie(problem, problem.boundary, w))
        return
    for end, condition, special in zip(
        problem.interval, problem.ends or (), singular_ends(problem), strict=True
    ):
        w.item(_condition(problem, end, condition, special, w))


def _tie(problem: Problem, bloch: Bloch, w: Writer) -> str:
    """What a Bloch condition says."""
    psi, phase = w.math("ψ", PSI), significant(problem.number(bloch.phase))
    factor = w.math(f"exp(i {phase})", rf"e^{{i\,{phase}}}")
    return f"{psi} and its flux at the right end are {factor} times those at the left end."


def _condition(
    problem: Problem, end: sp.Expr, condition: EndCondition, special: SingularEnd | None, w: Writer
) -> str:
    """What holds at one end, in a sentence."""
    psi = w.math("ψ", PSI)
    if isinstance(special, Frobenius):
        power = w.relation(sp.Symbol("s"), "=", special.formula)
        return (
            f"The end {w.expression(end)} is singular: there {psi} is the distance to it to the power s, "
            f"{power}, times a smooth function (the solution of finite energy)."
        )
    if isinstance(special, Wall):
        return f"{psi} dies out before {w.expression(end)}, where it is cut like an infinite end."
    value = "" if isinstance(condition, Decay) else significant(problem.number(end))
    match condition:
        case Decay():
            return (
                f"{psi} tends to 0 towards {w.expression(end)}. The line is cut where every wanted state "
                f"has decayed below the tolerance (estimated by WKB), and {psi} is 0 there; the result names "
                "the cut."
            )
        case Neumann():
            slope = w.math(f"ψ'({value}) = 0", rf"{PSI}'({value}) = 0")
            return f"{slope}: no flux through the end."
        case Robin(ratio):
            number = significant(problem.number(ratio))
            left, right = f"ψ'({value})", f"{number} ψ({value})"
            return w.math(f"{left} = {right}", rf"{PSI}'({value}) = {number}\,{PSI}({value})") + "."
        case Dirichlet():
            return f"{w.math(f'ψ({value}) = 0', f'{PSI}({value}) = 0')}: a hard wall."


def _pieces(problem: Problem, w: Writer) -> None:
    points, pieces = analysis.singular_points(problem), analysis.smooth_pieces(problem)
    name = sp.Symbol(problem.potential_name)
    w.section("Pieces, and why they are there")
    if points:
        w.paragraph(
            f"{w.expression(name)} is not smooth everywhere, so {w.math('ψ', PSI)} is not either, and a "
            "smooth network across such a point would be wrong by a fixed amount however long it is trained. "
            "The points are"
        )
        for point in points[:MANY]:
            w.item(_point(problem, point, w))
        w.paragraph("and on the pieces between them")
        for piece in pieces[:MANY]:
            where = w.relation(_neat(piece.left), "<", problem.coordinate, "<", _neat(piece.right))
            w.item(f"{w.relation(name, '=', piece.q)} for {where}")
        if len(pieces) > MANY:
            w.item(f"and so on: {len(points)} points and {len(pieces)} pieces in all.")
    else:
        w.paragraph(f"{w.expression(name)} is smooth in the whole domain, so nothing forces a cut.")
    w.paragraph(
        "A piece on which a wanted state would oscillate or decay too often for a few dozen network features "
        "is cut further; the solver decides that from the WKB phase."
    )


def _point(problem: Problem, point: analysis.SingularPoint, w: Writer) -> str:
    """Where, what happens there, and what is to blame."""
    where = _with_number(w, problem.coordinate, point.location, sp.Float(point.at))
    what = _KINDS[point.kind].format(w.expression(sp.Symbol(problem.potential_name)))
    return f"{where}: {what} ({w.words(point.reason)})"


_KINDS = {
    "pole": "{} is not bounded",
    "singular": "{} is bounded but has no power series",
    "delta": "a point interaction bends the wavefunction",
    "jump": "{} jumps",
    "kink": "the slope of {} jumps",
    "curvature": "a higher derivative of {} jumps",
    "removable": "{} is 0/0, with a smooth limit",
}


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
        f"so whatever happens at an end is decided by the two numbers kept there, {psi} and the flux {flux}. "
        "Therefore, to rounding and for any weights of the network,"
    )
    w.item(
        "the conditions at the ends hold, because the numbers kept there are no more free than they allow;"
    )
    w.item(f"{psi} and {flux} are continuous where pieces meet, because both sides share what is kept there.")
    for delta in problem.deltas:
        at, strength = (significant(problem.number(part)) for part in (delta.location, delta.strength))
        w.item(f"At {at} a point interaction of strength {strength} makes {flux} jump by {strength} {psi}.")
    w.paragraph("None of this is a penalty in the loss, so none of it can be traded for something else.")


def _eigenproblem(problem: Problem) -> tuple[str, str]:
    """The equation in plain text and in LaTeX; what is 1 does not show."""
    name, latex_name = problem.potential_name, sp.latex(sp.Symbol(problem.potential_name))
    kinetic = _values_of(problem, problem.p)
    if kinetic == 1:
        left, latex_left = "-ψ''", rf"-{PSI}''"
    elif not kinetic.has(problem.coordinate):
        left, latex_left = "-c ψ''", rf"-c\,{PSI}''"
    else:
        left, latex_left = "-(p ψ')'", rf"-(p\,{PSI}')'"
    right, latex_right = ("E ψ", rf"E\,{PSI}") if problem.w == 1 else ("E w ψ", rf"E\,w\,{PSI}")
    return f"{left} + {name} ψ = {right}", rf"{latex_left} + {latex_name}\,{PSI} = {latex_right}"


def _values_of(problem: Problem, expression: sp.Expr) -> sp.Expr:
    """The expression with the parameters' values, each as it was written (1/2 stays 1/2)."""
    for parameter in reversed(problem.parameters):
        expression = expression.subs(parameter.symbol, parameter.value)
    return expression.xreplace({number: _neat(float(number)) for number in expression.atoms(sp.Float)})


def _with_number(w: Writer, symbol: sp.Symbol, expression: sp.Expr, value: sp.Expr) -> str:
    """`c = 1/(2 mu) = 0.000545`: a formula, and its number where the formula is not one already."""
    if expression.is_Number:
        return w.relation(symbol, "=", expression if expression.is_Rational else _neat(float(expression)))
    return w.relation(symbol, "=", expression, "=", _neat(float(value)))


def _neat(number: float) -> sp.Expr:
    """A float to ten digits, without an empty fraction."""
    short = float(f"{number:.10g}")
    return sp.Integer(int(short)) if short.is_integer() and abs(short) < 1e9 else sp.Float(short, 10)


_SECTIONS: tuple[Callable[[Problem, Writer], None], ...] = (
    _equation,
    _conditions,
    _pieces,
    _trial,
    how_it_is_fitted,
    what_is_checked,
)
