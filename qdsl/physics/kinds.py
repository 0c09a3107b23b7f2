"""What happens to a coefficient at a point: does it jump, bend, blow up, or is nothing the matter?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy as sp

from qdsl.physics import numeric
from qdsl.physics.expanding import expanded
from qdsl.physics.numeric import Array
from qdsl.physics.switches import switches

Kind = Literal["pole", "singular", "delta", "jump", "kink", "curvature", "removable"]
"""`pole`: not bounded; `singular`: bounded, but no power series (sqrt(x) at 0); `delta`: a point
interaction; `jump`: of the value;
`kink`: of the slope; `curvature`: of a higher derivative; `removable`: 0/0 with a smooth limit."""

SEVERITY: tuple[Kind, ...] = ("pole", "singular", "delta", "jump", "kink", "curvature", "removable")

_SIDES = np.array([0.05, 0.1, 0.2, 0.4, 0.7, 1.0])
_DECADES = np.array([1e-2, 1e-3, 1e-4, 1e-5])


@dataclass(frozen=True)
class Neighbourhood:
    """A point, how far the smooth pieces on its two sides extend, and how well it is known."""

    x: sp.Symbol
    at: float
    extent: tuple[float, float]
    accuracy: float
    values: Mapping[sp.Symbol, float]

    @property
    def reach(self) -> float:
        """How far both sides can be looked at."""
        return min(1.0 + abs(self.at), *self.extent)

    @property
    def offsets(self) -> Array:
        """Points on both sides, over the whole pieces and close to the point."""
        far = [min(extent, 100 * (1 + abs(self.at))) for extent in self.extent]
        near = self.reach * _SIDES
        return np.concatenate([-far[0] * _SIDES, -near, near, far[1] * _SIDES])

    def sample(self, expression: sp.Expr, offsets: Array | Sequence[float]) -> Array:
        return numeric.evaluate(
            expression, {**self.values, self.x: self.at + np.asarray(offsets, dtype=float)}
        )

    def value(self, expression: sp.Expr) -> float:
        return float(self.sample(expression, [0.0])[0])


def kind_of(left: sp.Expr | None, right: sp.Expr | None, near: Neighbourhood) -> Kind | None:
    """How the expressions on the two sides of a point fit together; None when they are one function.

    At an end of the domain one side is None.
    """
    with np.errstate(all="ignore"):
        return _kind(left, right, near)


def _kind(left: sp.Expr | None, right: sp.Expr | None, near: Neighbourhood) -> Kind | None:
    sides = [(side, sign) for side, sign in ((left, -1.0), (right, 1.0)) if side is not None]
    kinds = [_singularity(side, sign, near) for side, sign in sides if _is_singular(side, near)]
    if kinds:
        worst = min(kinds, key=SEVERITY.index)
        return "singular" if worst == "removable" and left != right and None not in (left, right) else worst
    if left is None or right is None or left == right:
        return None
    return _mismatch(left, right, near)


def _is_singular(side: sp.Expr, near: Neighbourhood) -> bool:
    """Whether a power, a logarithm or a pole of a smooth expression lies at the point."""
    return any(_vanishes(switch.function, near) for switch in switches(side, near.x, near.values))


def _vanishes(function: sp.Expr, near: Neighbourhood) -> bool:
    """Zero at the point, as far as the point is known."""
    before, here, behind = near.sample(function, [-near.accuracy, 0.0, near.accuracy])
    if np.isnan(here):
        return not np.isnan(before + behind)
    steps = [abs(side - here) for side in (before, behind) if not np.isnan(side)]
    return bool(abs(here) <= 4 * max(steps, default=0.0))


def _singularity(side: sp.Expr, sign: float, near: Neighbourhood) -> Kind:
    """How a singular expression behaves on approach from one side."""
    approach = near.sample(side, sign * near.reach * _DECADES)
    here = near.value(side)
    if np.isnan(approach).any():
        return "singular"  # not real on this side; the checks report it
    steps = np.abs(np.diff(approach))
    settles = bool(steps[-1] <= 1e-5 * abs(approach[-1]) or steps[-1] <= 0.9 * steps[-2])
    grows = bool(abs(approach[-1]) > abs(approach[0]))
    if not np.isfinite(approach[-1]) or np.isinf(here):
        return "pole"
    if grows and (not settles if np.isnan(here) else abs(here) > 1.5 * abs(approach[-1])):
        return "pole"
    if not np.isnan(here):
        return "singular"
    # 0/0 with a limit: smooth when the slopes on the way settle as well, on both sides alike.
    slopes = [
        np.diff(near.sample(side, direction * near.reach * np.array([0.5, 1.0]) * size))[0]
        / (direction * near.reach * 0.5 * size)
        for size in (1e-2, 1e-3)
        for direction in (1.0, -1.0)
    ]
    spread = float(np.ptp(slopes))
    scale = float(np.max(np.abs(slopes))) + abs(float(approach[0])) / near.reach
    return "removable" if spread <= 0.05 * scale else "singular"


def _mismatch(left: sp.Expr, right: sp.Expr, near: Neighbourhood) -> Kind | None:
    """How two smooth expressions differ at a point."""
    if sp.nan in (left, right):
        return "jump"  # a gap in the cases; the checks report it
    if _same(left, right, near):
        return None
    if _differ(left, right, near):
        return "jump"
    if _differ(sp.diff(left, near.x), sp.diff(right, near.x), near):
        return "kink"
    return "curvature"


def _same(left: sp.Expr, right: sp.Expr, near: Neighbourhood) -> bool:
    """Whether two expressions are one function, continued from one side of the point to the other."""
    a, b = near.sample(left, near.offsets), near.sample(right, near.offsets)
    if not (np.array_equal(np.isnan(a), np.isnan(b)) and np.array_equal(np.isinf(a), np.isinf(b))):
        return False  # exp(1e5 x) is 0 where exp(-1e5 x) is infinite, and nowhere are both to be compared
    known = np.isfinite(a)
    difference, size = np.abs(a - b)[known], np.maximum(np.abs(a), np.abs(b))[known]
    if bool(np.all(difference <= 1e-12 * size)):
        return True
    # Rounding spoils the comparison where a function is small: then algebra has the last word.
    return bool(np.all(difference <= 1e-9 * size.max())) and expanded(left - right) == 0


def _differ(left: sp.Expr, right: sp.Expr, near: Neighbourhood) -> bool:
    """Whether two functions have different values at the point, by the measure of their size around it."""
    a, b = _limit(left, -1.0, near), _limit(right, 1.0, near)
    around = np.concatenate(
        [near.sample(left, -near.reach * _SIDES), near.sample(right, near.reach * _SIDES), [a, b]]
    )
    size = float(np.abs(around[np.isfinite(around)]).max(initial=0.0))
    return not abs(a - b) <= 1e-9 * size


def _limit(side: sp.Expr, sign: float, near: Neighbourhood) -> float:
    """The value at the point, or just beside it where the formula has none: x^3.0/x at 0."""
    value = near.value(side)
    return value if np.isfinite(value) else float(near.sample(side, [sign * 1e-10 * near.reach])[0])
