"""Point interactions: `delta(x - c)` may be added and multiplied by constants, and nothing else.

While an expression is read, a point interaction is `DiracDelta(argument)`.  `scaled`, `refuse` keep it
where it has a meaning; `split` turns a finished potential into a function and point interactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.physics.expanding import expanded
from qdsl.physics.problem import PointInteraction

_HINT = "it may be added, and multiplied by constants, as in V0*delta(x - 1)"


def point(argument: sp.Expr, coordinates: Sequence[sp.Expr], span: Span) -> sp.Expr:
    """`delta(argument)`; the argument is linear in the coordinate.  Arguments of a function may stand in it.

    Raises ProblemError.
    """
    if any(isinstance(symbol, sp.Dummy) for symbol in argument.free_symbols):
        return sp.DiracDelta(argument, evaluate=False)  # looked at where the function is used
    x = next((x for x in coordinates if argument.has(x)), None)
    if x is None:
        name = coordinates[0] if coordinates else "x"
        raise ProblemError(
            f"this delta does not depend on the coordinate {name}", span, f"write delta({name} - 1)"
        )
    if argument.has(sp.Piecewise, sp.Abs, sp.sign, sp.Heaviside) or sp.diff(argument, x).has(x):
        hint = f"such as delta({x} - 1); for several places, write a delta for each"
        raise ProblemError(f"the argument of delta must be linear in {x}", span, hint)
    return sp.DiracDelta(argument, evaluate=False)


def scaled(factors: Sequence[tuple[sp.Expr, Span]], coordinates: Sequence[sp.Expr]) -> None:
    """Raises ProblemError when a product multiplies a delta by more than constants."""
    points = [span for value, span in factors if has_point(value)]
    if not points:
        return
    if len(points) > 1:
        raise ProblemError("deltas cannot be multiplied by each other", points[1], _HINT)
    for value, span in factors:
        if not has_point(value) and any(value.has(x) for x in coordinates):
            name = next(x for x in coordinates if value.has(x))
            hint = f"only the value of the factor at that point counts: put it in place of {name}"
            raise ProblemError("a delta can only be multiplied by constants", span, hint)


def refuse(values: Iterable[sp.Basic], what: str, span: Span) -> None:
    """Raises ProblemError when there is a delta where `what` says that there can be none."""
    if any(has_point(value) for value in values):
        raise ProblemError(f"a delta cannot stand {what}", span, _HINT)


def has_point(value: sp.Basic) -> bool:
    return bool(value.has(sp.DiracDelta))


@dataclass(frozen=True)
class Split:
    """A potential: a function, and point interactions, several at one place put together."""

    regular: sp.Expr
    points: tuple[PointInteraction, ...]


def split(value: sp.Expr, x: sp.Symbol) -> Split:
    """value = regular + sum of strength * delta(x - location)."""
    if not has_point(value):
        return Split(value, ())
    strengths: dict[sp.Expr, sp.Expr] = {}
    regular = _collect(value, sp.S.One, x, strengths)
    points = tuple(PointInteraction(at, strength) for at, strength in strengths.items() if strength != 0)
    return Split(regular, points)


def _collect(value: sp.Expr, factor: sp.Expr, x: sp.Symbol, strengths: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    """The part of factor * value without deltas; those are added to `strengths`."""
    if not has_point(value):
        return factor * value
    if isinstance(value, sp.Add):
        return sp.Add(*(_collect(term, factor, x, strengths) for term in value.args))
    if isinstance(value, sp.Mul):
        inside = next(part for part in value.args if has_point(part))
        others = sp.Mul(*(part for part in value.args if part is not inside))
        return _collect(inside, factor * others, x, strengths)
    location, strength = _placed(value, x)
    # Only the value of a factor at the place of the delta counts.
    strength *= factor.xreplace({x: location})
    strengths[location] = strengths.get(location, sp.S.Zero) + strength
    return sp.S.Zero


def _placed(delta: sp.DiracDelta, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Where a delta acts, and how strongly: delta(a x + b) = delta(x + b/a)/|a|."""
    argument = delta.args[0]
    slope = sp.diff(argument, x)
    return expanded(-argument.xreplace({x: sp.S.Zero}) / slope), 1 / sp.Abs(slope)


def places_of(value: sp.Expr, x: sp.Symbol, places: Mapping[sp.Basic | str, Span]) -> dict[sp.Basic, Span]:
    """Where in the file the deltas of an expression stand, by their locations."""
    found = {delta: places[delta] for delta in value.atoms(sp.DiracDelta) if delta in places}
    return {_placed(delta, x)[0]: span for delta, span in found.items()}
