"""Numbers for reportable quantities: E[n], psi[n](x0), mean(f, n), probability(n, a, b), nodes(n).

The phase of a complex state is a convention, so that of a complex psi[n](x0) and of a complex <m|f|n> the
absolute value is given; `nodes(n)` of a complex state does not exist.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.physics.analysis import singular_points
from qdsl.physics.enclosure import enclose_parts
from qdsl.physics.features import narrow_features
from qdsl.physics.intervals import EPS, Interval, everything, outwards, point
from qdsl.physics.problem import Problem
from qdsl.physics.quantities import HEADS, Element, EnergyOf, NodeCount, Probability, PsiAt
from qdsl.states import Array, States
from qdsl.verify.certificate import Certificate
from qdsl.verify.coefficients import Coefficients, coefficients, function
from qdsl.verify.deviation import Distance, Growth, distances, growth, levels, point_error, product_error
from qdsl.verify.hidden import hidden
from qdsl.verify.nodes import count_nodes
from qdsl.verify.quadrature import Rule, composite, halved, merged
from qdsl.verify.sampling import COMPARED, MOST, POINTS, graded, look

ROUNDING = 16.0
"""Units in the last place that an integral may be off by."""


def value_of(problem: Problem, states: States, expression: sp.Expr) -> float | None:
    """The value of a quantity; None when one of its states does not exist, or it is not a number."""
    atoms = expression.atoms(*HEADS)
    asked = {n for atom in atoms for n in _numbers(problem, atom)}
    if not asked <= set(states.numbers):
        return None
    solved = _Solved(problem, states, coefficients(problem))
    values = {atom: solved.value(atom) for atom in atoms}
    if any(value is None for value in values.values()):
        return None
    numbers = {atom: sp.Float(value, 17) for atom, value in values.items()}
    try:
        result = problem.number(expression.xreplace(numbers))
    except (TypeError, ValueError, ZeroDivisionError):  # zoo, nan or a complex value
        return None
    return result if math.isfinite(result) else None


def bound_of(
    problem: Problem, states: States, certificate: Certificate, expression: sp.Expr, value: float | None
) -> float | None:
    """How far the value of a quantity may be from the exact one, at most; None where that is not known.

    The quantities in the expression are enclosed one by one (`deviation`), and the expression by interval
    arithmetic.
    """
    if value is None:
        return None
    solved = _Solved(problem, states, coefficients(problem))
    parts: dict[sp.Basic, Interval] = {symbol: point(number) for symbol, number in problem.values.items()}
    parts |= {atom: solved.enclosure(atom, certificate) for atom in expression.atoms(*HEADS)}
    found = enclose_parts(expression, parts)
    bound = max(float(found.high) - value, value - float(found.low))
    return bound + EPS * abs(value) if math.isfinite(bound) else None


def _numbers(problem: Problem, atom: sp.Function) -> list[float]:
    """The quantum numbers that a quantity names."""
    where = (0, 2) if isinstance(atom, Element) else (0,)
    return [problem.number(atom.args[k]) for k in where]


@dataclass(frozen=True)
class _Form:
    """<m|f|n>: the rows of m and n, f, and where it is not smooth."""

    bra: int
    ket: int
    f: Callable[[Array], Array]
    cuts: tuple[float, ...]


@dataclass(frozen=True)
class _Pair:
    """Two normalised states `psi` (2, points), a function `f` (points,) and dx w (points,) of a rule."""

    measure: Array
    psi: NDArray[Any]
    f: Array

    @property
    def element(self) -> Any:
        return self._product(self.f)

    @property
    def overlap(self) -> Any:
        return self._product(np.ones_like(self.f))

    @property
    def size(self) -> float:
        """int w |psi_m f psi_n| dx: what rounding is relative to."""
        return float(np.abs(self.f) * self.measure @ np.abs(self.psi).prod(axis=0))

    @property
    def means(self) -> Array:
        return np.asarray(np.abs(self.psi) ** 2 @ (self.measure * self.f))

    def spreads(self, centre: float) -> Array:
        """||(f - centre) psi|| of both states."""
        return np.sqrt(np.abs(self.psi) ** 2 @ (self.measure * (self.f - centre) ** 2))

    def _product(self, f: Array) -> Any:
        return (np.conj(self.psi[0]) * (self.measure * f)) @ self.psi[1]


@dataclass(frozen=True)
class _Solved:
    """What every quantity needs.  Means and probabilities are divided by the norms of psi."""

    problem: Problem
    states: States
    c: Coefficients

    def value(self, atom: sp.Function) -> float | None:
        number = self.problem.number
        row = self.row(atom.args[0])
        match atom:
            case EnergyOf():
                return float(self.states.energies[row])
            case PsiAt():
                return self.psi_at(row, number(atom.args[1]))
            case Element() | Probability():
                form = self.form(atom)
                value = self.pair(form, self.rules(form)[0]).element
                return float(np.real(value)) if form.bra == form.ket else _number(value)
            case NodeCount():
                if np.iscomplexobj(self.states.psi(self.states.edges[:1])):
                    return None
                seen = look(self.c, self.states, self.pieces(()))
                return float(count_nodes(seen.fine).counts[row])
        raise TypeError(f"no value for the quantity {atom.func.__name__}")

    def enclosure(self, atom: sp.Function, certificate: Certificate) -> Interval:
        """Between which two numbers the exact value lies; all of the line where nothing is known."""
        match atom:
            case EnergyOf():
                row, found = self.row(atom.args[0]), levels(self.states, certificate)
                return Interval(found.low[row], found.high[row])
            case Element() | Probability():
                f = atom.args[1] if isinstance(atom, Element) else sp.S.One
                form = self.form(atom)
                points = self.rules(form)[0].x.ravel()
                if hidden(replace(self.problem, q=f), points, self.states.edges).size:
                    return everything()  # two rules agree about a spike that neither has seen
                size = growth(self.problem, self.c, f, self.pieces(()))
                value, error = self.estimate(form, distances(self.states, certificate), size)
                return outwards(np.asarray(value - error), np.asarray(value + error))
            case PsiAt():
                row, far = self.row(atom.args[0]), distances(self.states, certificate)
                value = self.psi_at(row, self.problem.number(atom.args[1]))
                error = point_error(self.problem, self.c, self.pieces(()), far, row) + self.unsure(row, value)
                return outwards(np.asarray(value - error), np.asarray(value + error))
        return everything()

    def unsure(self, row: int, value: float) -> float:
        """How far a value of psi may be off by its norm, and by rounding, which is relative to its height."""
        rule = composite(halved(self.pieces(())), POINTS)
        psi = np.abs(self.states.psi(rule.x.ravel())[row])
        norm = float(rule.integral(self.c.w(rule.x).ravel() * psi**2))
        return abs(value) * abs(norm - 1) + ROUNDING * EPS * float(psi.max())

    def estimate(self, form: _Form, far: Distance, f: Growth) -> tuple[float, float]:
        """A mean or an element, and how far it may be off.

        What two rules differ by is taken for the error of the finer one.
        """
        bra, ket = form.bra, form.ket
        fine, coarse = (self.pair(form, rule) for rule in self.rules(form))
        centre = float(fine.means.mean())
        with np.errstate(over="ignore", invalid="ignore"):
            one, other = fine.spreads(centre), coarse.spreads(centre)
            spread = one + np.abs(one - other)
        error = abs(fine.element - coarse.element) + ROUNDING * EPS * fine.size
        error += product_error(far, (bra, ket), spread, centre, f)
        if bra == ket:
            return float(np.real(fine.element)), float(error)
        overlap = abs(fine.overlap) + abs(fine.overlap - coarse.overlap) + ROUNDING * EPS
        return _number(fine.element), float(error + abs(centre) * overlap)

    def form(self, atom: sp.Function) -> _Form:
        """A mean, an element or a probability as <m|f|n>."""
        bra = self.row(atom.args[0])
        if isinstance(atom, Probability):
            a, b = (self.problem.number(end) for end in atom.args[1:])
            return _Form(bra, bra, lambda x: ((x > a) & (x < b)).astype(np.float64), (a, b))
        f = atom.args[1]
        alike = replace(self.problem, q=f)
        cuts = *(point.at for point in singular_points(alike)), *narrow_features(alike)
        return _Form(bra, self.row(atom.args[2]), function(self.problem, f), cuts)

    def row(self, number: sp.Expr) -> int:
        """Where the state with this quantum number stands in `states`."""
        return self.states.numbers.index(int(self.problem.number(number)))

    def pieces(self, more: Iterable[float]) -> Array:
        """The states' pieces, cut at the singular points and at `more` points."""
        ends = float(self.states.edges[0]), float(self.states.edges[-1])
        return merged(self.states.edges, self.c.cuts, tuple(more), within=ends)

    def psi_at(self, row: int, x: float) -> float:
        if not self.states.edges[0] <= x <= self.states.edges[-1]:
            return 0.0
        return _number(self.states.psi(np.array([x]))[row, 0])

    def rules(self, form: _Form) -> tuple[Rule, Rule]:
        """A rule for int w psi_m* f psi_n dx, cut also where f is not smooth, and a coarser one."""
        panels = graded(self.c, halved(self.pieces(form.cuts)))
        return composite(panels, POINTS), composite(panels[::2], COMPARED)

    def pair(self, form: _Form, rule: Rule) -> _Pair:
        x, measure = rule.x.ravel(), rule.weights.ravel() * self.c.w(rule.x).ravel()
        few = max(1, MOST // (rule.x.shape[1] * len(self.states.energies)))
        parts = [rule.x[start : start + few].ravel() for start in range(0, len(rule.x), few)]
        psi = np.concatenate([self.states.psi(x)[[form.bra, form.ket]] for x in parts], axis=1)
        norms = np.sqrt(np.abs(psi) ** 2 @ measure)
        return _Pair(measure, psi / norms[:, None], form.f(x))


def _number(value: Any) -> float:
    """A real value with its sign, of a complex one the absolute value."""
    return float(abs(value)) if np.iscomplexobj(value) else float(value)
