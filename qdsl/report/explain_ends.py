"""The part of an explanation that is about the ends: conditions, cuts, singularities, and Bloch phases."""

from __future__ import annotations

import math

import sympy as sp

from qdsl.physics.endpoints import Frobenius, SingularEnd, Wall, singular_ends
from qdsl.physics.problem import Bloch, Decay, Dirichlet, EndCondition, Neumann, Problem, Robin
from qdsl.report.explain_numbers import neat, with_number
from qdsl.report.notation import latex, plain
from qdsl.report.numbers import significant
from qdsl.report.writer import PSI, Writer


def conditions_at_the_ends(problem: Problem, w: Writer) -> None:
    """What holds at each end, or at both together."""
    w.section("Conditions at the ends")
    if isinstance(problem.boundary, Bloch):
        _tie(problem, problem.boundary, w)
        return
    ends = list(zip(problem.interval, problem.ends or (), singular_ends(problem), strict=True))
    if all(isinstance(condition, Decay) for _, condition, _ in ends):
        w.item(_decay(" and ".join(f"towards {w.expression(end)}" for end, _, _ in ends), w))
        return
    for end, condition, special in ends:
        w.item(_condition(problem, end, condition, special, w))


def _tie(problem: Problem, bloch: Bloch, w: Writer) -> None:
    """What a Bloch condition says, and what its phase means."""
    psi, flux = w.math("ψ", PSI), w.math("p ψ'", rf"p\,{PSI}'")
    swept = _follows_a_sweep(problem, bloch.phase)
    number = problem.number(bloch.phase)
    turn = math.nan if swept else math.remainder(number, 2 * math.pi)
    if abs(turn) < 1e-12:
        w.item(f"Periodic: {psi} and its flux {flux} are the same at both ends.")
    elif abs(abs(turn) - math.pi) < 1e-12:
        w.item(
            f"Antiperiodic: {psi} and its flux {flux} at the right end are -1 times those at the left end."
        )
    else:
        phase = significant(number)
        factor = w.math(f"exp(i {phase})", rf"e^{{i\,{phase}}}")
        if swept:
            turned = plain(bloch.phase) if bloch.phase.is_Symbol else f"({plain(bloch.phase)})"
            factor = w.math(f"exp(i {turned})", rf"e^{{i\,{latex(bloch.phase)}}}")
        w.item(f"Bloch: {psi} and its flux {flux} at the right end are {factor} times those at the left end.")
    length = problem.interval[1] - problem.interval[0]
    k, zone = w.math("k", "k"), w.math("2π/L", r"2\pi/L")
    formula = neat(problem.number(length)) if length == sp.Symbol("L", real=True) else length
    period = with_number(w, sp.Symbol("L"), formula, sp.Float(problem.number(length)), _length(problem))
    wave = sp.expand(bloch.phase / length) if swept else neat(number / problem.number(length))
    momentum = (
        f"{k}, which is swept" if wave == sp.Symbol("k", real=True) else w.relation(sp.Symbol("k"), "=", wave)
    )
    theorem = w.math("ψ(x + L) = exp(i k L) ψ(x)", rf"{PSI}(x + L) = e^{{i k L}}\,{PSI}(x)")
    w.paragraph(
        f"This is one cell of a crystal of period {period}, continued by Bloch's theorem: {theorem} with the "
        f"quasi-momentum {momentum}. Adding {zone} to {k} changes nothing, and "
        f"{k} and {w.math('-k', '-k')} have the same energies."
    )
    if swept:
        w.paragraph(
            f"Where the factor is not 1 or -1, {psi} is complex, and its phase is a matter of choice."
        )
    elif abs(math.sin(turn)) >= 1e-12:
        w.paragraph(f"{psi} is complex, and its overall phase is a matter of choice.")


def _follows_a_sweep(problem: Problem, phase: sp.Expr) -> bool:
    """Whether a number depends on a swept parameter, directly or by way of others."""
    symbols = phase.free_symbols
    for parameter in reversed(problem.parameters):
        if parameter.symbol in symbols:
            symbols = symbols | parameter.value.free_symbols
    return any(sweep.parameter in symbols for sweep in problem.sweeps)


def _length(problem: Problem) -> str:
    return "" if problem.units.length == "1" else problem.units.length


def _condition(
    problem: Problem, end: sp.Expr, condition: EndCondition, special: SingularEnd | None, w: Writer
) -> str:
    """What holds at one end, in a sentence."""
    psi = w.math("ψ", PSI)
    if isinstance(special, Frobenius):
        return _singular(problem, end, special, w)
    if isinstance(special, Wall):
        name = w.expression(sp.Symbol(problem.potential_name))
        return (
            f"{psi} dies out before {w.expression(end)}, so steeply rises {name}; the domain is cut there "
            "like at an infinite end."
        )
    value = "" if isinstance(condition, Decay) else significant(problem.number(end))
    match condition:
        case Decay():
            return _decay(f"towards {w.expression(end)}", w)
        case Neumann():
            slope = w.math(f"ψ'({value}) = 0", rf"{PSI}'({value}) = 0")
            return f"{slope}: no flux through the end (Neumann)."
        case Robin(ratio):
            number = significant(problem.number(ratio))
            left, right = f"ψ'({value})", f"{number} ψ({value})"
            formula = w.math(f"{left} = {right}", rf"{PSI}'({value}) = {number}\,{PSI}({value})")
            return f"{formula} (Robin)."
        case Dirichlet():
            return f"{w.math(f'ψ({value}) = 0', f'{PSI}({value}) = 0')}: a hard wall."


def _decay(towards: str, w: Writer) -> str:
    psi = w.math("ψ", PSI)
    return (
        f"{psi} tends to 0 {towards}. The line is cut where every wanted state has decayed below the "
        f"tolerance (estimated by WKB), and {psi} is 0 beyond; the result names the cut, and its bounds hold "
        "for the line without the cut."
    )


def _singular(problem: Problem, end: sp.Expr, special: Frobenius, w: Writer) -> str:
    """A regular singular end: the exponent, the factor, and why no condition is needed."""
    psi, smooth = w.math("ψ", PSI), w.math("v", "v")
    s, x = sp.Symbol("s"), problem.coordinate
    power = with_number(w, s, _formula(special), sp.Float(special.exponent))
    distance = x - end if special.direction > 0 else end - x
    if special.exponent == 0:
        return (
            f"The end {w.expression(end)} is singular: there {psi} is smooth, while a second solution is not "
            "bounded. No condition is needed to tell them apart."
        )
    factor = w.expression(distance**s)
    return (
        f"The end {w.expression(end)} is singular: there {psi} is {factor} times a smooth function {smooth}, "
        f"with {power}. Of the two possible powers this is the larger one, which belongs to the solution of "
        f"finite energy, so no condition is needed. The factor is exact; only {smooth} is fitted."
    )


def _formula(special: Frobenius) -> sp.Expr:
    """The exponent as a formula, a decimal if there is none."""
    return neat(special.exponent) if special.formula.is_Float else special.formula
