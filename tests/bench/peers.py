"""The other solvers of the comparison, each of some lines, as one would write them for one problem.

All take an equation on a finite interval and a resolution, and return the lowest energies.  They are
handed more than qdsl is: the interval, and the places of the jumps.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
from trusted.equation import Equation, Piece


def _plain(equation: Equation) -> tuple[list[tuple[float, float]], list[Piece]]:
    return [(float(c.left), float(c.right)) for c in equation.pieces], list(equation.pieces)


def finite_differences(equation: Equation, count: int, points: int) -> np.ndarray:
    """Second order on a grid that has points at every jump: fluxes at the middles, means at the points."""
    spans, pieces = _plain(equation)
    length = spans[-1][1] - spans[0][0]
    steps = [max(4, round(points * (b - a) / length)) for a, b in spans]
    x = np.concatenate([np.linspace(a, b, n + 1)[:-1] for (a, b), n in zip(spans, steps, strict=True)])
    x = np.append(x, spans[-1][1])
    h, middle = np.diff(x), (x[1:] + x[:-1]) / 2
    where = np.repeat(np.arange(len(pieces)), steps)
    p, q, w = np.empty_like(h), np.zeros_like(x), np.zeros_like(x)
    for i, piece in enumerate(pieces):
        cells = np.flatnonzero(where == i)
        p[cells] = piece.p(middle[cells])
        ends = np.r_[cells, cells[-1] + 1]
        inside = np.clip(x[ends], x[ends[0]] + h[cells[0]] * 1e-9, x[ends[-1]] - h[cells[-1]] * 1e-9)
        share = np.zeros(len(ends))
        share[:-1] += h[cells] / 2
        share[1:] += h[cells] / 2
        q[ends] += share * piece.q(inside)
        w[ends] += share * piece.w(inside)
    for place, strength in equation.jumps.items():
        q[np.argmin(np.abs(x - float(place)))] += float(strength)
    stiff = p / h
    diagonal = q + np.r_[0, stiff] + np.r_[stiff, 0]
    first, last = 1, len(x) - 1  # u = 0 at an end takes its point away
    if equation.left is not None:
        diagonal[0] += float(equation.left) * p[0]
        first = 0
    if equation.right is not None:
        diagonal[-1] -= float(equation.right) * p[-1]
        last = len(x)
    root = np.sqrt(w[first:last])
    return scipy.linalg.eigh_tridiagonal(
        diagonal[first:last] / root**2,
        -stiff[first : last - 1] / (root[1:] * root[:-1]),
        select="i",
        select_range=(0, count - 1),
        eigvals_only=True,
    )


def _chebyshev(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and the matrix of derivatives."""
    x = -np.cos(np.pi * np.arange(degree + 1) / degree)
    c = np.ones(degree + 1)
    c[[0, -1]] = 2
    c = c * (-1.0) ** np.arange(degree + 1)
    d = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(degree + 1))
    return x, d - np.diag(d.sum(axis=1))


def chebyshev(equation: Equation, count: int, degree: int) -> np.ndarray:
    """Collocation on each piece; u and the flux are continuous between them."""
    spans, pieces = _plain(equation)
    t, d = _chebyshev(degree)
    n, size = degree + 1, (degree + 1) * len(pieces)
    operator, condition = np.zeros((size, size)), np.zeros((2 * len(pieces), size))
    row, before = 0, np.zeros(n)
    for i, (piece, (a, b)) in enumerate(zip(pieces, spans, strict=True)):
        at = slice(i * n, (i + 1) * n)
        x, slope = (a + b) / 2 + (b - a) / 2 * t, d * 2 / (b - a)
        x[[0, -1]] = x[[0, -1]] * (1 - 1e-15) + x[[1, -2]] * 1e-15  # poles lie at ends
        flux = np.asarray(piece.p(x))[:, None] * slope
        inner = slice(i * n + 1, (i + 1) * n - 1)
        block = -slope @ flux + np.diag(piece.q(x) + 0 * x)
        operator[inner, at] = block[1:-1] / (piece.w(x) + 0 * x)[1:-1, None]
        if i:
            condition[row, i * n - 1], condition[row, i * n] = 1, -1
            condition[row + 1, at] = -flux[0]
            condition[row + 1, (i - 1) * n : i * n] = before
            strength = next((s for c, s in equation.jumps.items() if math.isclose(float(c), a)), 0)
            condition[row + 1, i * n] += float(strength)
            row += 2
        before = flux[-1]
        for end, r, place in ((0, equation.left, 0), (len(pieces) - 1, equation.right, -1)):
            if i == end:
                condition[row, i * n + (place % n)] = 1 if r is None else -float(r)
                if r is not None:
                    condition[row, at] += slope[place]
                row += 1
    edge = np.sort(np.r_[np.arange(len(pieces)) * n, np.arange(1, len(pieces) + 1) * n - 1])
    inner = np.setdiff1d(np.arange(size), edge)
    lift = -np.linalg.solve(condition[:, edge], condition[:, inner])
    reduced = operator[np.ix_(inner, inner)] + operator[np.ix_(inner, edge)] @ lift
    energies = scipy.linalg.eigvals(reduced)
    return np.sort(energies[np.abs(energies.imag) < 1e-6 * np.abs(energies)].real)[:count]


def pyslise(equation: Equation, count: int, tolerance: float) -> np.ndarray:
    """Constant perturbation methods by Baeyens and Van Daele."""
    import pyslise as library

    spans, pieces = _plain(equation)
    ends = np.array([b for _, b in spans])

    def at(name: str):
        functions = [getattr(piece, name) for piece in pieces]

        def value(x: float) -> float:
            return float(functions[min(int(np.searchsorted(ends, x)), len(functions) - 1)](np.float64(x)))

        return value

    low, high = spans[0][0], spans[-1][1]
    p, q, w = at("p"), at("q"), at("w")
    plain = all(len({p(x), p((low + x) / 2)}) == 1 and w(x) == 1 for x in np.linspace(low, high, 7)[1:-1])
    left = (0, 1) if equation.left is None else (1, float(equation.left))
    right = (0, 1) if equation.right is None else (1, float(equation.right))
    if plain:
        unit = p((low + high) / 2)
        problem = library.Pyslise(lambda x: q(x) / unit, low, high, tolerance, [a for a, _ in spans[1:]])
        return unit * np.array([e for _, e in problem.eigenvaluesByIndex(0, count, left, right)])
    if equation.left is not None:
        left = (1, float(equation.left) * p(low))
    if equation.right is not None:
        right = (1, float(equation.right) * p(high))
    problem = library.SturmLiouville(p, q, w, low, high, tolerance)
    return np.array([e for _, e in problem.eigenvaluesByIndex(0, count, left, right)])


def deepxde_ground_state(equation: Equation, guess: float, steps: int) -> float:
    """A plain PINN with E as a trainable number; u = 0 at the ends holds by construction."""
    import os

    os.environ.setdefault("DDE_BACKEND", "pytorch")
    import deepxde as dde
    import torch

    ((low, high),), (piece,) = _plain(equation)
    energy = dde.Variable(guess, dtype=torch.float32)

    def residual(x: torch.Tensor, u: torch.Tensor) -> list[torch.Tensor]:
        curvature = dde.grad.hessian(u, x)
        q = torch.as_tensor(np.asarray(piece.q(x.detach().cpu().numpy())), dtype=u.dtype)
        # In units of the energy, so that the norm counts for as much.
        return [(-curvature + (q - energy) * u) / guess, (u**2).mean() - 1 + 0 * u]

    data = dde.data.PDE(dde.geometry.Interval(low, high), residual, [], num_domain=256)
    net = dde.nn.FNN([1, 32, 32, 1], "tanh", "Glorot normal")
    # Of size 1 in the middle: a network of size 0 would stay at u = 0, a minimum of the residual.
    net.apply_output_transform(lambda x, u: (x - low) * (high - x) * 4 / (high - low) ** 2 * (u + 1))
    model = dde.Model(data, net)
    model.compile("adam", lr=2e-3, external_trainable_variables=energy)
    model.train(iterations=steps, display_every=steps)
    return float(energy.detach())
