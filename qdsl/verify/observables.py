"""Numbers for reportable quantities: E[n], psi[n](x0), mean(f, n), probability(n, a, b), nodes(n).

The phase of a complex state is a convention, so that of a complex psi[n](x0) and of a complex <m|f|n> the
absolute value is given; `nodes(n)` of a complex state does not exist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from qdsl.physics.analysis import singular_points
from qdsl.physics.problem import Problem
from qdsl.physics.quantities import HEADS, Element, EnergyOf, NodeCount, Probability, PsiAt
from qdsl.states import Array, States
from qdsl.verify.coefficients import Coefficients, coefficients, function
from qdsl.verify.nodes import count_nodes
from qdsl.verify.quadrature import Rule, composite, halved, merged
from qdsl.verify.sampling import MOST, POINTS, graded, look


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


def _numbers(problem: Problem, atom: sp.Function) -> list[float]:
    """The quantum numbers that a quantity names."""
    where = (0, 2) if isinstance(atom, Element) else (0,)
    return [problem.number(atom.args[k]) for k in where]


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
            case Element():
                return self.element(row, atom.args[1], self.row(atom.args[2]))
            case Probability():
                return self.probability(row, number(atom.args[1]), number(atom.args[2]))
            case NodeCount():
                if np.iscomplexobj(self.states.psi(self.states.edges[:1])):
                    return None
                seen = look(self.c, self.states, self.pieces(()))
                return float(count_nodes(seen.fine).counts[row])
        raise TypeError(f"no value for the quantity {atom.func.__name__}")

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

    def element(self, bra: int, f: sp.Expr, ket: int) -> float:
        """int w psi_m* f psi_n dx, cut also where f is not smooth."""
        kinks = [point.at for point in singular_points(replace(self.problem, q=f))]
        rule, density = self.density(bra, ket, kinks)
        value = rule.integral(density * function(self.problem, f)(rule.x).ravel())[()]
        return float(np.real(value)) if bra == ket else _number(value)

    def probability(self, row: int, a: float, b: float) -> float:
        """int_a^b w |psi|^2 dx; psi is 0 outside the box."""
        rule, density = self.density(row, row, (a, b))
        x = rule.x.ravel()
        return float(np.real(rule.integral(density * ((x > a) & (x < b)))))

    def density(self, bra: int, ket: int, more: Iterable[float]) -> tuple[Rule, NDArray[Any]]:
        """A rule, and w psi_m* psi_n / (norm_m norm_n) at its points, (points,)."""
        rule = composite(graded(self.c, halved(self.pieces(more))), POINTS)
        w = self.c.w(rule.x).ravel()
        few = max(1, MOST // (rule.x.shape[1] * len(self.states.energies)))
        parts = [rule.x[start : start + few].ravel() for start in range(0, len(rule.x), few)]
        psi = np.concatenate([self.states.psi(x)[[bra, ket]] for x in parts], axis=1)
        norms = np.sqrt(rule.integral(w * np.abs(psi) ** 2))
        return rule, w * np.conj(psi[0]) * psi[1] / (norms[0] * norms[1])


def _number(value: Any) -> float:
    """A real value with its sign, of a complex one the absolute value."""
    return float(abs(value)) if np.iscomplexobj(value) else float(value)
