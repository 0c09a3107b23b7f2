"""The part of an explanation that says what is solved: the equation and what is wanted of it."""

from __future__ import annotations

import sympy as sp

from qdsl.physics.interpolant import Interpolant
from qdsl.physics.problem import Parameter, Problem, StatesBelow
from qdsl.report.explain_numbers import rounded, values_of, with_number
from qdsl.report.interfaces import has_weight
from qdsl.report.numbers import significant
from qdsl.report.writer import PSI, Writer

FEW = 6
"""Numbers in a row that are written out."""


def the_equation(problem: Problem, w: Writer) -> None:
    """The equation in one of its forms, every coefficient, the parameters, units, states and sweeps."""
    x = problem.coordinate
    left, right = problem.interval
    w.section("The equation")
    w.paragraph(f"On {w.relation(left, '<', x, '<', right)} solve the {_form(problem)}")
    w.formula(*_eigenproblem(problem))
    _coefficients(problem, w)
    _tables(problem, w)
    if problem.parameters:
        _parameters(problem, w)
    numbers = [(head, values_of(problem, formula)) for head, formula in _definitions(problem)]
    if any(problem.values.keys() & formula.free_symbols for _, formula in _definitions(problem)):
        w.paragraph("With these numbers put in,")
        for head, formula in numbers:
            w.definition(head, formula)
    _units(problem, w)
    _wanted(problem, w)
    _sweeps(problem, w)


def is_general(problem: Problem) -> bool:
    """Whether this is an `equation` of its own rather than a Schrödinger equation, as far as one sees."""
    return has_weight(problem) or problem.potential_name == "q"


def kinetic(problem: Problem) -> sp.Expr:
    """p with the numbers of the parameters."""
    return values_of(problem, problem.p)


def _form(problem: Problem) -> str:
    if is_general(problem):
        return "Sturm-Liouville problem"
    if kinetic(problem).has(problem.coordinate):
        return "Schrödinger equation of BenDaniel and Duke, for a mass that depends on the place,"
    return "eigenvalue problem"


def _eigenproblem(problem: Problem) -> tuple[str, str]:
    """The equation in plain text and in LaTeX; what is 1 does not show."""
    name, latex_name = problem.potential_name, sp.latex(sp.Symbol(problem.potential_name))
    factor = kinetic(problem)
    if factor == 1:
        left, latex_left = "-ψ''", rf"-{PSI}''"
    elif not factor.has(problem.coordinate):
        left, latex_left = "-c ψ''", rf"-c\,{PSI}''"
    else:
        left, latex_left = "-(p ψ')'", rf"-(p\,{PSI}')'"
    right, latex_right = ("E ψ", rf"E\,{PSI}") if problem.w == 1 else ("E w ψ", rf"E\,w\,{PSI}")
    return f"{left} + {name} ψ = {right}", rf"{latex_left} + {latex_name}\,{PSI} = {latex_right}"


def _definitions(problem: Problem) -> list[tuple[sp.Basic, sp.Expr]]:
    """The coefficients that are functions: p(x), V(x) with its point interactions, w(x)."""
    x = problem.coordinate
    deltas = [delta.strength * sp.DiracDelta(x - delta.location) for delta in problem.deltas]
    found = [(sp.Function(problem.potential_name)(x), sp.Add(problem.q, *deltas))]
    if kinetic(problem).has(x):
        found.insert(0, (sp.Function("p")(x), problem.p))
    if has_weight(problem):
        found.append((sp.Function("w")(x), problem.w))
    return [(head, rounded(formula)) for head, formula in found]


def _coefficients(problem: Problem, w: Writer) -> None:
    """Each coefficient as it was stated, and what it means."""
    factor, x = kinetic(problem), problem.coordinate
    mass = w.math("ħ²/2m", r"\hbar^2/2m")
    unit = f" (in {w.words(_kinetic_unit(problem))})" if _kinetic_unit(problem) else ""
    inverse = w.math(f"p = ħ²/2m({x})", rf"p = \hbar^2/2m({sp.latex(x)})")
    if is_general(problem):
        w.paragraph("with")
    elif factor == 1:
        w.paragraph("with the potential")
    elif factor.has(x):
        w.paragraph(f"with {inverse}{unit} and the potential")
    else:
        c = with_number(w, sp.Symbol("c"), problem.p, factor, _kinetic_unit(problem))
        w.paragraph(f"with the kinetic factor {c} (which is {mass}) and the potential")
    for head, formula in _definitions(problem):
        w.definition(head, formula)


def _kinetic_unit(problem: Problem) -> str:
    """What p is counted in: energy times length squared."""
    return "" if problem.units.energy == "1" else f"{problem.units.energy} {problem.units.length}²"


def _tables(problem: Problem, w: Writer) -> None:
    """What stands behind the name of a table."""
    atoms: set[sp.Basic] = set().union(
        *(part.atoms(Interpolant) for part in (problem.p, problem.q, problem.w))
    )
    samples = {atom.args[1].label: atom.args[1] for atom in atoms}
    for label, table in sorted(samples.items()):
        low, high = table.interval
        w.paragraph(
            f"{w.words(label)} is a smooth curve through the {len(table.nodes)} points of its table, from "
            f"{significant(low, 6)} to {significant(high, 6)}: the rational interpolant of Floater and "
            f"Hormann of degree {table.degree}, which has no pole."
        )


def _parameters(problem: Problem, w: Writer) -> None:
    w.paragraph("The parameters are")
    for parameter in problem.parameters:
        value = sp.Float(problem.values[parameter.symbol])
        text = with_number(w, parameter.symbol, parameter.value, value, parameter.unit)
        if parameter.doc:
            text += f": {w.words(parameter.doc)}"
        w.item(text + _allowed(parameter, w))


def _allowed(parameter: Parameter, w: Writer) -> str:
    """` (allowed: 0.1 to 1000 nm)`, with what is said of ends that do not belong to the interval."""
    if parameter.interval is None:
        return ""
    low, high = map(w.expression, parameter.interval)
    if not parameter.closed[0]:
        low = f"more than {low}"
    if not parameter.closed[1]:
        high = f"less than {high}"
    unit = f" {w.words(parameter.unit)}" if parameter.unit else ""
    return f" (allowed: {low} to {high}{unit})"


def _units(problem: Problem, w: Writer) -> None:
    units = problem.units
    if units.energy != "1":
        w.paragraph(f"Energies are in {w.words(units.energy)}, lengths in {w.words(units.length)}.")
    elif is_general(problem):
        w.paragraph("All quantities are pure numbers.")
    else:
        convention = w.math("ħ²/2m = 1", r"\hbar^2/2m = 1")
        unit_mass = "" if kinetic(problem) == 1 else " for a particle of mass 1"
        w.paragraph(f"Lengths and energies are pure numbers, in units in which {convention}{unit_mass}.")


def _wanted(problem: Problem, w: Writer) -> None:
    if problem.search is None:
        states = problem.states
        n = ", ".join(map(str, states))
        if len(states) > FEW and states == tuple(range(states[0], states[-1] + 1)):
            n = f"{states[0]}, …, {states[-1]}"
        text = w.math(f"n = {n}", f"n = {n}".replace("…", r"\dots"))
        w.paragraph(f"Wanted: {text}, counted from 0 = ground state.")
        return
    limit = "the continuum"
    if isinstance(problem.search, StatesBelow):
        unit = "" if problem.units.energy == "1" else f" {w.words(problem.units.energy)}"
        limit = w.expression(problem.search.energy) + unit
    w.paragraph(
        f"Wanted: all states below {limit}, counted from 0 = ground state. Their number is found "
        "first: in a box, walls at the cuts never give too many states and free ends never too few, and the "
        "box grows until both agree."
    )


def _sweeps(problem: Problem, w: Writer) -> None:
    if not problem.sweeps:
        return
    units = {parameter.symbol: parameter.unit for parameter in problem.parameters}
    loops = []
    for sweep in problem.sweeps:
        values = [significant(problem.number(value), 6) for value in sweep.values]
        if len(values) > FEW:
            values = [*values[:2], "…", values[-1]]
        unit = f" {w.words(units[sweep.parameter])}" if units.get(sweep.parameter) else ""
        plain = ", ".join(values)
        row = w.math(
            f"{sweep.parameter} = {plain}", f"{sp.latex(sweep.parameter)} = {plain}".replace("…", r"\dots")
        )
        loops.append(f"{row}{unit} ({len(sweep.values)} values)")
    w.paragraph(f"Sweep: all this is done once for each of {' and, within it, of '.join(loops)}.")
