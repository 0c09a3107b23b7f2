"""Way one: Legendre spectral elements, assembled and refined in long double.

The elements follow the coefficients: each is so short that q, p and w are polynomials on it to rounding
and that it holds no more than a few waves of the wanted states.  Vectors come from LAPACK in double
precision; a step of inverse iteration with residuals in long double, and Rayleigh's quotients (for
clusters a small eigenproblem) in higher precision, leave errors of about 1e-17.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import scipy.linalg
from flint import arb, ctx

from trusted.equation import Equation, Function, Piece, long

Long = np.longdouble
Alive = tuple[float, float, float]  # about an energy, and between which ends its state is not negligible
WAVES = 9  # radians, or decays, per element
GRADING, LAYERS = Long("0.15"), 20  # of the elements towards a fractional power
NARROW = 1e-3  # of the piece: the element at a singular end need not be shorter


@cache
def gauss(count: int) -> tuple[np.ndarray, np.ndarray]:
    ctx.prec = 200
    pairs = [arb.legendre_p_root(count, k, weight=True) for k in range(count)]
    nodes, weights = zip(*pairs, strict=True)
    return tuple(np.array([Long(c.mid().str(30, radius=False)) for c in v]) for v in (nodes, weights))


@cache
def element(degree: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gauss points and weights; hats, integrated Legendre polynomials and their slopes there."""
    t, weight = gauss(degree + 10)
    legendre = [np.ones_like(t), t]
    for k in range(1, degree + 1):
        legendre.append(((2 * k + 1) * t * legendre[k] - k * legendre[k - 1]) / (k + 1))
    half = np.full_like(t, 0.5)
    values, slopes = [(1 - t) / 2, (1 + t) / 2], [-half, half]
    for k in range(2, degree + 1):
        size = np.sqrt(Long(2 * k - 1) / 2)
        values.append((legendre[k] - legendre[k - 2]) / (2 * k - 1) * size)
        slopes.append(legendre[k - 1] * size)
    return t, weight, np.array(values), np.array(slopes)


def _rough(function: Function, a: Long, b: Long) -> bool:
    """Whether a coefficient is more than a polynomial of degree 20 on an element."""
    t, weight, _, slopes = element(24)
    values = function((a + b) / 2 + (b - a) / 2 * t) + 0 * t
    size = np.max(np.abs(values)) or 1
    last = [abs(np.sum(weight * values * slopes[k])) for k in (22, 23, 24)]
    return bool(max(last) > 1e-17 * size)


def mesh(
    piece: Piece, alive: Sequence[Alive], singular: tuple[bool, bool], layers: bool, waves: float
) -> list[Long]:
    """Ends of elements; short enough for every state where it is `alive`.

    A singular end is left to the polynomials, but for layers where u is a fractional power there.
    """
    first, last = long(piece.left), long(piece.right)
    length = last - first
    cuts = [first, last]
    if singular[0] and layers:
        cuts = [first, *(first + length * GRADING ** Long(k) for k in range(LAYERS, 0, -1)), last]
    if singular[1] and layers:
        cuts = [*cuts[:-1], *(last - length * GRADING ** Long(k) for k in range(1, LAYERS + 1)), last]
    done: list[Long] = []
    stack = list(pairwise(cuts))[::-1]
    while stack:
        a, b = stack.pop()
        lower, upper = singular[0] and a == first, singular[1] and b == last
        x = np.linspace(a, b, 9)[1:-1]
        if lower or upper:
            x = x[-1:] if lower else x[:1]
        p, q, w = (function(x) for function in (piece.p, piece.q, piece.w))
        here = [e for e, low, high in alive if b > low and a < high]
        phase = max(((b - a) * np.sqrt(np.max(np.abs((e * w - q) / p))) for e in here), default=0.0)
        least = min((abs(e) for e in here), default=1.0)

        def pull(x: np.ndarray, q: Function = piece.q, w: Function = piece.w, e: float = least) -> np.ndarray:
            return q(x) + e * w(x)

        if lower or upper:
            split = phase > waves and (b - a) > NARROW * length
            split = split or (lower and upper)
        else:
            split = phase > waves or any(_rough(f, a, b) for f in (piece.p, piece.w, pull))
        if split:
            stack += [((a + b) / 2, b), (a, (a + b) / 2)]
        else:
            done.append(a)
    return [*done, last]


def assemble(equation: Equation, alive: Sequence[Alive], degree: int, waves: float) -> list[np.ndarray]:
    """int p u'^2, int q u^2 with deltas and ends, and int w u^2 in long double (complex with a phase)."""
    t, weight, value, slope = element(degree)
    spans: list[tuple[Long, Long, Piece]] = []
    last = len(equation.pieces) - 1
    for i, piece in enumerate(equation.pieces):
        singular = (i == 0 and "left" in equation.singular, i == last and "right" in equation.singular)
        ends = mesh(piece, alive, singular, equation.fractional, waves)
        spans += [(a, b, piece) for a, b in pairwise(ends)]
    vertices, inner = len(spans) + 1, degree - 1
    size = vertices + len(spans) * inner
    kind = Long if equation.phase is None else np.clongdouble
    k, v, m = (np.zeros((size, size), kind) for _ in range(3))
    for i, (a, b, piece) in enumerate(spans):
        half = (b - a) / 2
        x = (a + b) / 2 + half * t
        p, q, w = (function(x) for function in (piece.p, piece.q, piece.w))
        own = np.r_[i, i + 1, vertices + i * inner : vertices + (i + 1) * inner]
        at = (own[:, None], own)
        k[at] += (slope * (weight * p / half)) @ slope.T
        v[at] += (value * (weight * q * half)) @ value.T
        m[at] += (value * (weight * w * half)) @ value.T
    corners = np.array([span[0] for span in spans] + [spans[-1][1]])
    for place, strength in equation.jumps.items():
        at = int(np.argmin(np.abs(corners - long(place))))
        v[at, at] += long(strength)
    return _with_ends(equation, spans, [k, v, m], vertices)


def _with_ends(
    equation: Equation, spans: list[Any], matrices: list[np.ndarray], vertices: int
) -> list[np.ndarray]:
    size, kind = len(matrices[0]), matrices[0].dtype
    if equation.phase is not None:  # the last vertex is the first one, turned
        turn = np.eye(size, dtype=kind)
        c, s = (long(f(mpmath.mpf(equation.phase))) for f in (mpmath.cos, mpmath.sin))
        turn[vertices - 1, 0] = c + np.clongdouble(1j) * s
        turn = np.delete(turn, vertices - 1, axis=1)
        return [turn.conj().T @ matrix @ turn for matrix in matrices]
    remove = []
    for name, at, sign, r in (("left", 0, 1, equation.left), ("right", vertices - 1, -1, equation.right)):
        if name in equation.singular.split():
            if not _natural(equation.pieces[0 if name == "left" else -1], name == "left"):
                remove.append(at)
        elif r is None:
            remove.append(at)
        elif r:
            end, piece = (spans[0][0], spans[0][2]) if name == "left" else (spans[-1][1], spans[-1][2])
            matrices[1][at, at] += sign * long(r) * piece.p(np.array([end]))[0]
    keep = np.setdiff1d(np.arange(size), remove)
    return [matrix[keep[:, None], keep] for matrix in matrices]


def _natural(piece: Piece, left: bool) -> bool:
    """Whether u may be anything at a singular end: where p vanishes like x, and nothing repels."""
    end, other = (piece.left, piece.right) if left else (piece.right, piece.left)
    x = np.array([long(end) + (long(other) - long(end)) * Long(f"1e-{k}") for k in (8, 9)])
    p, q = piece.p(x), piece.q(x)
    distance = abs(x - long(end))
    grows = np.log10(p[0] / p[1])
    return bool(grows > 0.9 and abs(q[1]) * distance[1] ** 2 < 1e-6 * p[1])


def lowest(
    equation: Equation, count: int, alive: Sequence[Alive], degree: int = 22, waves: float = WAVES
) -> tuple[list[mpmath.mpf], list[float]]:
    """The `count` lowest energies and int p u'^2 in these states; `alive` is what is known about them."""
    kinetic, potential, m = assemble(equation, alive, degree, waves)
    k = kinetic + potential
    kind = np.complex128 if np.iscomplexobj(k) else np.float64
    rough_k, rough_m = k.astype(kind), m.astype(kind)
    energies, vectors = _upside_down(rough_k, rough_m, count, alive)
    v = vectors.astype(k.dtype)
    # Beside the energies, so that the matrices are regular: they only have to damp what is far away.
    aside = 1e-3 * (energies[-1] - energies[0] or abs(energies[0]) or 1)
    solvers = [scipy.linalg.lu_factor(rough_k - (e - aside) * rough_m) for e in energies]
    for _ in range(2):
        ratio = np.sum(v.conj() * (k @ v), 0).real / np.sum(v.conj() * (m @ v), 0).real
        residual = (k @ v - (m @ v) * ratio).astype(kind)
        for i, lu in enumerate(solvers):
            v[:, i] -= scipy.linalg.lu_solve(lu, residual[:, i])
        v /= np.sqrt(np.sum(v.conj() * (m @ v), 0).real)
    moving = np.sum(v.conj() * (kinetic @ v), 0).real.astype(float)
    return _small(v.conj().T @ k @ v, v.conj().T @ m @ v), moving.tolist()


def _upside_down(
    k: np.ndarray, m: np.ndarray, count: int, alive: Sequence[Alive]
) -> tuple[np.ndarray, np.ndarray]:
    """The lowest levels as the largest of m u = mu (k - shift m) u, which rounding leaves alone."""
    top = alive[0][0]
    step = max(0.3 * (alive[-1][0] - top), 0.1 * abs(top), 1e-3)
    while True:
        try:
            shifted = k - (top - step) * m
            size = len(k)
            mu, vectors = scipy.linalg.eigh(m, shifted, subset_by_index=(size - count, size - 1))
        except scipy.linalg.LinAlgError:
            step *= 4
            if step > 1e12 * max(abs(top), 1):
                raise
        else:
            return top - step + 1 / mu[::-1], vectors[:, ::-1]


def _small(a: np.ndarray, b: np.ndarray) -> list[mpmath.mpf]:
    """Eigenvalues of the projected problem, in many digits."""

    def precise(z: Any) -> Any:
        real = mpmath.mpf(np.format_float_scientific(np.real(z), unique=True))
        if not np.iscomplexobj(z):
            return real
        return mpmath.mpc(real, mpmath.mpf(np.format_float_scientific(np.imag(z), unique=True)))

    if len(a) > 24:  # far apart: Rayleigh's quotients will do
        return [precise(np.real(x / y)) for x, y in zip(np.diag(a), np.diag(b), strict=True)]
    with mpmath.workdps(40):
        large = mpmath.matrix([[precise(z) for z in row] for row in (a + a.conj().T) / 2])
        norm = mpmath.matrix([[precise(z) for z in row] for row in (b + b.conj().T) / 2])
        inverse = mpmath.inverse(mpmath.cholesky(norm))
        return sorted(mpmath.eighe(inverse * large * inverse.H, eigvals_only=True))
