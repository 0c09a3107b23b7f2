"""A smooth function through given points, as a sympy head: the rational interpolant of Floater and Hormann.

M. S. Floater and K. Hormann, "Barycentric rational interpolation with no poles and high rates of
approximation", Numer. Math. 107 (2007) 315.  With degree d it blends the polynomials through d + 1
neighbouring points; it has no pole on the real line, all derivatives, and an error of order h^(d+1).
"""

from __future__ import annotations

from functools import cached_property
from math import comb
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHUNK = 1_000_000
"""Entries of the matrix points x nodes that are held at once."""
SLACK = 1e-12
"""So far beyond its ends, relative to its length, an interpolant has values: ends are rounded."""


class Samples(sp.Basic):
    """The points of an interpolant, its degree, and what messages call it; an atom for sympy."""

    nodes: tuple[float, ...]
    values: tuple[float, ...]
    degree: int
    label: str

    def __new__(cls, nodes: tuple[float, ...], values: tuple[float, ...], degree: int, label: str) -> Samples:
        """`nodes` are increasing, at least two; 0 <= degree < their number."""
        made = super().__new__(cls)
        made.nodes, made.values, made.degree, made.label = nodes, values, degree, label
        return made

    def _hashable_content(self) -> tuple[object, ...]:
        return (self.nodes, self.values, self.degree, self.label)

    @property
    def interval(self) -> tuple[float, float]:
        return self.nodes[0], self.nodes[-1]

    @cached_property
    def arrays(self) -> tuple[Array, Array, Array]:
        """Nodes, values and barycentric weights (eq. 18 of Floater and Hormann, up to a factor)."""
        x = np.array(self.nodes)
        count, d = len(x), self.degree
        scaled = (x - x[0]) * ((count - 1) / (x[-1] - x[0]))  # neighbours about 1 apart: no overflow
        weights = np.zeros(count)
        for first in range(count - d):
            block = scaled[first : first + d + 1]
            differences = block[:, None] - block[None, :]
            np.fill_diagonal(differences, 1.0)
            weights[first : first + d + 1] += (-1.0) ** first / differences.prod(axis=1)
        return x, np.array(self.values), weights


class Interpolant(sp.Function):
    """Interpolant(u, samples, n): the n-th derivative of the interpolant of `samples`, at u."""

    nargs = (3,)

    @classmethod
    def eval(cls, *_: sp.Basic) -> None:
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        u, samples, order = self.args
        return Interpolant(u, samples, order + 1)

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return self.fdiff() * sp.diff(self.args[0], symbol)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        u = self.args[0].evalf(prec)
        return (
            sp.Float(float(value(self.args[1], int(self.args[2]), np.array(float(u)))))
            if u.is_Float
            else None
        )

    def _sympystr(self, printer: Any) -> str:
        return f"{self._name}({printer.doprint(self.args[0])})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        label = self._name.replace("_", r"\_")
        text = rf"\mathrm{{{label}}}\left({printer.doprint(self.args[0])}\right)"
        return text if exp is None else f"{text}^{{{exp}}}"

    @property
    def _name(self) -> str:
        return str(self.args[1].label) + "'" * int(self.args[2])


def value(samples: Samples, order: int, points: Array) -> Array:
    """A derivative of the interpolant at points inside of its interval, nan elsewhere; order 0 is itself."""
    flat = np.ravel(points)
    rows = max(1, CHUNK // len(samples.nodes))
    parts = [_chunk(samples, order, flat[i : i + rows]) for i in range(0, flat.size, rows)]
    return np.reshape(np.concatenate(parts) if parts else flat, np.shape(points))


def _chunk(samples: Samples, order: int, x: Array) -> Array:
    """With the nearest node k taken out of the barycentric sums nothing is singular,

        r = f_k + N/D,  N = t A,  D = w_k + t B,  t = x - x_k,
        A = sum_(j != k) w_j (f_j - f_k)/(x - x_j),  B = sum_(j != k) w_j/(x - x_j),

    and derivatives follow by Leibniz' rule.
    """
    nodes, values, weights = samples.arrays
    low, high = samples.interval
    slack = SLACK * (high - low)
    nearest = nearest_node(nodes, x)
    here = np.arange(len(x))
    t = x - nodes[nearest]
    distance = x[:, None] - nodes[None, :]
    distance[here, nearest] = 1.0
    terms = weights[None, :] / distance
    terms[here, nearest] = 0.0
    rise = values[None, :] - values[nearest][:, None]
    a, b = [], []
    for m in range(order + 1):  # the m-th derivatives of A and B
        a.append((terms * rise).sum(axis=1))
        b.append(terms.sum(axis=1))
        terms = terms * (-(m + 1) / distance)
    numerator = [t * a[0], *(t * a[m] + m * a[m - 1] for m in range(1, order + 1))]
    denominator = [weights[nearest] + t * b[0], *(t * b[m] + m * b[m - 1] for m in range(1, order + 1))]
    quotient: list[Array] = []
    for m in range(order + 1):
        rest = sum(comb(m, i) * denominator[i] * quotient[m - i] for i in range(1, m + 1))
        quotient.append((numerator[m] - rest) / denominator[0])
    result = quotient[order] + (values[nearest] if order == 0 else 0.0)
    return np.where((x >= low - slack) & (x <= high + slack), result, np.nan)


def nearest_node(nodes: Array, x: Array) -> NDArray[np.intp]:
    """The index of the node that is closest to each point."""
    right = np.clip(np.searchsorted(nodes, x), 1, len(nodes) - 1)
    return np.where(x - nodes[right - 1] <= nodes[right] - x, right - 1, right)
