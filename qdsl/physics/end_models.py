"""The Taylor model of an expression at an end of the domain: its rows of the function table.

What has no row, or no series, is enclosed as a whole, which is enough of a bounded function next to a pole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add, mul

import numpy as np
import sympy as sp

from qdsl.physics.enclosure import enclose
from qdsl.physics.intervals import ULPS, Interval, point
from qdsl.physics.model_functions import (
    cosh_of,
    cosine_of,
    exponential,
    logarithm,
    quotient,
    raised,
    sine_of,
    sinh_of,
)
from qdsl.physics.piecewise import put
from qdsl.physics.taylor_models import ORDER, NoModelError, TaylorModel, balls, bounded, constant, made

ROUNDINGS = 8
"""A zero that lies as close to an end as so many roundings of it is at the end."""


@dataclass(frozen=True)
class NextToEnd:
    """The points x = end + direction y, 0 < y <= reach, at which the other symbols have the `values`."""

    x: sp.Symbol
    end: sp.Expr
    direction: int
    reach: float
    values: Mapping[sp.Symbol, float] = field(hash=False)

    @cached_property
    def at(self) -> Interval:
        """The end itself, 0-d."""
        return self.constant(self.end)

    def constant(self, expression: sp.Expr) -> Interval:
        """An enclosure of an expression without x, 0-d."""
        anywhere = np.zeros(1)
        found = enclose(expression, self.values, self.x, anywhere, anywhere)
        return Interval(found.low[0], found.high[0])

    def whole(self, expression: sp.Expr) -> Interval:
        """An enclosure on all of the points, 0-d."""
        far = self.at + point(self.direction * self.reach)
        both = self.at.hull(far)
        found = enclose(expression, self.values, self.x, both.low.reshape(1), both.high.reshape(1))
        return Interval(found.low[0], found.high[0])


def model_at_end(expression: sp.Expr, place: NextToEnd) -> TaylorModel:
    """The model in t = y/reach of an expression that is smooth at those points.

    Raises NoModelError where it has none, as an essential singularity or a power that is not whole.
    """
    middle, radius = balls(place.at)
    rest = np.zeros(ORDER)
    x = made(0, np.r_[middle, place.direction * place.reach, rest], np.r_[radius, 0.0, rest], ORDER + 1)
    with np.errstate(all="ignore"):
        return _model(expression, place, {place.x: x})


def _model(node: sp.Expr, place: NextToEnd, memo: dict[sp.Basic, TaylorModel]) -> TaylorModel:
    known = memo.get(node)
    if known is not None:
        return known
    if place.x not in node.free_symbols:
        found = constant(place.constant(node))
    else:
        try:
            found = _settled(node, _series(node, place, memo), place)
        except NoModelError:
            found = bounded(place.whole(node))
    memo[node] = found
    return found


def _series(node: sp.Expr, place: NextToEnd, memo: dict[sp.Basic, TaylorModel]) -> TaylorModel:
    match node:
        case sp.Add() | sp.Mul():
            parts = [_model(part, place, memo) for part in node.args]
            return reduce(add if isinstance(node, sp.Add) else mul, parts)
        case sp.Pow() if place.x not in node.exp.free_symbols:
            return raised(_model(node.base, place, memo), place.constant(node.exp))
        case sp.Pow():
            return exponential(_model(node.exp, place, memo) * logarithm(_model(node.base, place, memo)))
    function = _ROWS.get(type(node))
    if function is None:
        raise NoModelError
    return function(_model(node.args[0], place, memo))


def _settled(node: sp.Expr, model: TaylorModel, place: NextToEnd) -> TaylorModel:
    """The model without leading terms that are 0 but for rounding, as of 1 - cos(x) and of sin(pi - x).

    A term t^k leads where the derivatives below the k-th vanish, and is 0 where that vanishes too: sympy
    tells, or the zero lies closer to the end than this is known.
    """
    derivative, order = node, 0
    while model.valuation >= 0 and model.order and model.may_vanish():
        if not _is_at_end(model, place):
            derivative = sp.diff(derivative, place.x, model.valuation - order)
            order = model.valuation
            if sp.expand(put(derivative, place.x, place.end)) != 0:
                return model
        model = model.without_leading()
    return model


def _is_at_end(model: TaylorModel, place: NextToEnd) -> bool:
    """Whether the first two terms, c_0 + c_1 y/reach, vanish within the rounding of the end."""
    (first, second), (noise, doubt) = np.abs(model.middle[:2]), model.radius[:2]
    rounding = ROUNDINGS * ULPS * max(abs(place.at.low), abs(place.at.high)) / place.reach
    return bool(first + noise <= rounding * (second - doubt))


_ROWS: dict[type[sp.Basic], Callable[[TaylorModel], TaylorModel]] = {
    sp.exp: exponential,
    sp.log: logarithm,
    sp.sin: sine_of,
    sp.cos: cosine_of,
    sp.tan: quotient(sine_of, cosine_of),
    sp.cot: quotient(cosine_of, sine_of),
    sp.sinh: sinh_of,
    sp.cosh: cosh_of,
    sp.tanh: quotient(sinh_of, cosh_of),
    sp.coth: quotient(cosh_of, sinh_of),
}
