"""Problem -> the same problem, known to be one that can be solved: what no grammar and no type can tell.

`check` lists the checks in their order.  Each gives the diagnostics of one rule, with places in the file
where the problem came from one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError
from qdsl.physics import numeric
from qdsl.physics.analysis import singular_points
from qdsl.physics.check_cases import check_cases
from qdsl.physics.check_coefficients import check_coefficients
from qdsl.physics.check_tables import check_tables
from qdsl.physics.notation import short, text
from qdsl.physics.problem import Bloch, Decay, PointInteraction, Problem, Robin


def check(problem: Problem) -> Problem:
    """The problem with the warnings about it.

    Raises ProblemError with everything that is wrong, when the problem is not a sound one: parameters
    outside of their intervals, a domain without width, cases that leave gaps, a potential that is not
    real, not finite, or falls without bound, a mass that is not positive.
    """
    # Without values and a domain there is nothing to look at further.
    _stop_if_any([*_parameters(problem), *_strangers(problem)])
    _stop_if_any([*_domain(problem), *_boundary(problem)])
    _stop_if_any(list(_deltas(problem)))
    _analyse(problem)
    found = check_cases(problem)
    _stop_if_any(found)
    _stop_if_any(check_tables(problem))
    _stop_if_any(check_coefficients(problem))
    known = {(warning.message, warning.span) for warning in problem.warnings}
    warnings = tuple(d for d in found if (d.message, d.span) not in known)
    return replace(problem, warnings=(*problem.warnings, *warnings))


def _stop_if_any(found: list[Diagnostic]) -> None:
    errors = [diagnostic for diagnostic in found if diagnostic.severity == "error"]
    if errors:
        raise ProblemError(errors)


def _analyse(problem: Problem) -> None:
    """Look for singular points; that there are too many of them is told of the potential."""
    try:
        singular_points(problem)
    except ProblemError as error:
        span = problem.places.get("potential")
        raise ProblemError(replace(d, span=d.span or span) for d in error.diagnostics) from None


# Parameters and domain ---------------------------------------------------------------------------------


def _parameters(problem: Problem) -> Iterator[Diagnostic]:
    """Every parameter has a finite value inside of its interval."""
    values: dict[sp.Symbol, float] = {}
    for parameter in problem.parameters:
        name = parameter.symbol.name
        if parameter.value.free_symbols - values.keys():
            yield Diagnostic(f"the value of '{name}' uses more than the parameters before it")
            return
        value = numeric.number(parameter.value, values)
        complaint = parameter.complaint(value, values)
        if complaint:
            yield Diagnostic(complaint, problem.places.get(f"param {name}"))
        values[parameter.symbol] = value


def _strangers(problem: Problem) -> Iterator[Diagnostic]:
    """A problem built in Python may hold symbols that have no value."""
    known = {parameter.symbol for parameter in problem.parameters}
    parts = {
        "the potential": (problem.q, known | {problem.coordinate}),
        "the kinetic coefficient p": (problem.p, known | {problem.coordinate}),
        "the weight w": (problem.w, known | {problem.coordinate}),
        "the domain": (sp.Tuple(*problem.interval), known),
        "the boundary condition": (_boundary_expressions(problem), known),
        "a point interaction": (sp.Tuple(*((d.location, d.strength) for d in problem.deltas)), known),
    }
    for what, (expression, allowed) in parts.items():
        for symbol in sorted(expression.free_symbols - allowed, key=str):
            yield Diagnostic(
                f"{what} uses '{symbol}', which is neither the coordinate nor a parameter",
                hint="add Parameter(symbol, value) for it; symbols are created with real=True",
            )


def _boundary_expressions(problem: Problem) -> sp.Tuple:
    """The expressions in the conditions at the ends."""
    if isinstance(problem.boundary, Bloch):
        return sp.Tuple(problem.boundary.phase)
    return sp.Tuple(*(end.ratio for end in problem.ends or () if isinstance(end, Robin)))


def _domain(problem: Problem) -> Iterator[Diagnostic]:
    left, right = (problem.number(end) for end in problem.interval)
    span = problem.places.get("domain")
    if math.isnan(left) or math.isnan(right):
        yield Diagnostic("an end of the domain is not a real number", span)
    elif not left < right:
        shown = f"from {short(left)} to {short(right)}"
        hint = f"write [{short(right)}, {short(left)}]" if right < left else "its ends must differ"
        yield Diagnostic(f"the domain has no width: it goes {shown}", span, hint)


def _boundary(problem: Problem) -> Iterator[Diagnostic]:
    """Decay belongs to infinite ends and to no others; a finite period needs finite ends."""
    span = problem.places.get("boundary", problem.places.get("domain"))
    infinite = [math.isinf(problem.number(end)) for end in problem.interval]
    if isinstance(problem.boundary, Bloch):
        if any(infinite):
            yield Diagnostic("a periodic condition needs two finite ends", span)
        elif not math.isfinite(problem.number(problem.boundary.phase)):
            yield Diagnostic("the Bloch phase is not a finite number", span)
        return
    for end, is_infinite, condition in zip(problem.interval, infinite, problem.ends or (), strict=True):
        if is_infinite and not isinstance(condition, Decay):
            yield Diagnostic(f"at the end {text(end)} of the domain psi can only decay", span)
        if not is_infinite and isinstance(condition, Decay):
            yield Diagnostic(f"the end {text(end)} of the domain is finite, and decay needs room", span)
        if isinstance(condition, Robin) and not math.isfinite(problem.number(condition.ratio)):
            yield Diagnostic(f"the condition at {text(end)} has no finite ratio psi'/psi", span)


def _deltas(problem: Problem) -> Iterator[Diagnostic]:
    """Point interactions lie inside the domain and have a finite strength."""
    left, right = (problem.number(end) for end in problem.interval)
    for delta in problem.deltas:
        span = problem.places.get(delta.location, problem.places.get("potential"))
        at, strength = problem.number(delta.location), problem.number(delta.strength)
        if not math.isfinite(at) or not math.isfinite(strength):
            where = "place" if math.isfinite(strength) else "strength"
            yield Diagnostic(f"the {where} of this delta is not a finite number", span, _flat(problem, delta))
        elif not left < at < right:
            hint = "at an end it is a Robin condition" if at in (left, right) else "move it inside"
            yield Diagnostic(f"delta at {short(at)} does not lie inside of the domain", span, hint)


def _flat(problem: Problem, delta: PointInteraction) -> str:
    """That an argument such as (g - 3)*x may be 0 everywhere, and for which parameters."""
    symbols = (delta.strength.free_symbols | delta.location.free_symbols) & problem.values.keys()
    values = ", ".join(f"{s} = {short(problem.values[s])}" for s in sorted(symbols, key=str))
    rule = "delta(a*x) is delta(x)/|a|, so that a must not be 0"
    return f"{rule}; here {values}" if values else rule
