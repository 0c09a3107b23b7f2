"""How far psi, and means and matrix elements taken with it, may be from those of the exact eigenfunction.

phi is the exact eigenfunction of level E_n, psi the computed one, both of norm 1 with <psi|phi> >= 0, and
theta the angle between them.  The enclosed levels (`levels`) give energies nu and mu that separate E_n from
the rest of the spectrum: E_(n-1) <= nu < E_n < mu <= E_(n+1).  E is the energy of psi, e = E_n - E,
a = E - nu, b = mu - E, m = <psi|(H - E) psi> and r = ||(H - E) psi||.  With the spectral measure of psi,

    min(a, b)^2 sin^2 theta <= r^2                                                                (1)

(C. Davis and W. M. Kahan, SIAM J. Numer. Anal. 7 (1970) 1; B. N. Parlett, The Symmetric Eigenvalue Problem,
1980, section 11.7).  As (H - nu)(H - mu) is negative at E_n alone, where it is -(a + e)(b - e), also

    (a + e)(b - e) sin^2 theta <= r^2 + (b - a)(e - m) - e^2                                      (2)

which for the ground state, nu = -inf, is sin^2 theta <= (<H> - E_0)/(mu - E_0).  It is the better one where
the two distances differ much: sin theta ~ r/sqrt(a b) instead of r/min(a, b).  What psi lacks to be in the
domain of H (`membership`) turns it by its norm at most.

For real f, any real c, g = f - c and u_n = phi_n - psi_n, whose norm is d_n = 2 sin(theta_n/2),

    <phi_k|f|phi_n> - <psi_k|f|psi_n> = <u_k|g psi_n> + <g psi_k|u_n> + <u_k|g u_n>  (+ c <psi_k|psi_n>),

the last one for k other than n, since <phi_k|phi_n> = 0.  By Schwarz's inequality that is no more than

    d_k ||g psi_n|| + d_n ||g psi_k|| + sqrt(<u_k||g| u_k> <u_n||g| u_n>)  (+ |c <psi_k|psi_n>|).       (3)

Of second order only, the last root takes no more of f than |g| <= alpha + beta q/w on the domain: where ends
and point interactions do not pull, <u|q/w|u> <= <u|H|u> = E_n d_n^2 + <H> - E_n.  So x^2 in a potential that
grows as fast has a bound on the whole line too, with beta = 0 where f is bounded.

Pointwise, on an interval of length L (which may be infinite),

    |u(x)|^2 <= ||u||^2/L + 2 ||u|| ||u'||,     min p ||u'||^2 <= <u|H|u> - min(q/w) ||u||^2            (4)

since somewhere |u|^2 is not above its mean.  All products are those of the Hilbert space with the weight w,
but for those in (4), and psi stands for its repaired form; to it psi adds what the repair takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy as sp

from qdsl.physics.enclosure import enclose
from qdsl.physics.intervals import ULPS, Interval
from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify.cells import enclosed
from qdsl.verify.certificate import Certificate
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.gram import Matrix
from qdsl.verify.index import Index
from qdsl.verify.levels import Evidence, Run
from qdsl.verify.repair import SUPPORTS

SHARED = (Index.CLUSTER, Index.PAIR)
"""Levels that are confirmed together: which psi belongs to which of them is not known."""

PARTS = 32
"""Cells a piece on which functions are enclosed; what they lose is of second order."""
TURNED = 0.5
"""The sine above which a psi that has little of its eigenfunction is not worth a bound."""


@dataclass(frozen=True)
class Distance:
    """Upper bounds for u = phi - psi, psi being repaired, each (states,), infinite where none is known.

    `sine` = sin(theta), `norm` = ||u||, `energy` = <u|H|u>; `lack` = the norm of what the repair changes.
    """

    sine: Array
    norm: Array
    energy: Array
    lack: Array


@dataclass(frozen=True)
class Growth:
    """|f| <= alpha + beta q/w on the domain, and `most` where psi is not 0 nor repaired."""

    alpha: float
    beta: float
    most: float


def distances(states: States, certificate: Certificate) -> Distance:
    """How far every psi is from its eigenfunction; certified states of levels that stand apart only."""
    count = len(states.numbers)
    sine, off = np.full((2, count), np.inf)
    for run in certificate.runs:
        rows, members = _shared(states, run)
        sine[rows], off[rows] = (part[members] for part in _of_run(run))
    alone = np.array([index not in SHARED for index in certificate.index], dtype=np.bool)
    lack = 2 * certificate.repairs if certificate.runs else np.full(count, np.inf)
    known = certificate.certified & alone & (sine < TURNED) & (lack < TURNED)
    sine = np.where(known, sine, 1.0)
    norm = sine * np.sqrt(2 / (1 + np.sqrt(1 - sine**2)))
    with np.errstate(invalid="ignore"):
        energy = np.maximum(states.energies, 0.0) * norm**2 + off * (1 + norm**2)
    return Distance(*(np.where(known, part, np.inf) for part in (sine, norm, energy, lack)))


def levels(states: States, certificate: Certificate) -> Interval:
    """Enclosures of the levels, (states,), of the run and by the bound; the line where not certified."""
    alone = np.array([index not in SHARED for index in certificate.index], dtype=np.bool)
    bounds = np.where(alone, certificate.bounds, np.inf)  # of shared levels it speaks of one or the other
    low, high = states.energies - bounds, states.energies + bounds
    for run in certificate.runs:
        rows, members = _shared(states, run)
        low[rows] = np.maximum(low[rows], run.lower[members])
        high[rows] = np.minimum(high[rows], run.upper[members])
    known = certificate.certified & (low <= high)
    return Interval(np.where(known, low, -np.inf), np.where(known, high, np.inf))


def product_error(found: Distance, pair: tuple[int, int], spread: Array, centre: float, f: Growth) -> float:
    """(3) without the overlap, for the states `pair`; `spread` = ||(f - centre) psi||, (2,)."""
    at = list(pair)
    norm, energy, lack = found.norm[at], found.energy[at], found.lack[at]
    if not np.isfinite([*norm, f.alpha, f.beta, f.most]).all():
        return math.inf
    second = np.sqrt(np.maximum((f.alpha + abs(centre)) * norm**2 + f.beta * energy, 0.0))
    second += lack * math.sqrt(f.most + abs(centre))
    return float((norm + lack) @ spread[::-1] + second.prod())


def growth(problem: Problem, c: Coefficients, f: sp.Expr, pieces: Array) -> Growth:
    """How large f is on the domain, by enclosures; infinite numbers where it is not enclosed.

    Beyond the pieces f may grow like the potential, where both are polynomials.
    """
    width = pieces[1] - pieces[0], pieces[-1] - pieces[-2]  # no repair reaches further
    near = max(c.domain[0], pieces[0] - width[0]), min(c.domain[1], pieces[-1] + width[1])
    edges = _cells(np.unique([*near, *pieces]), near)
    inside = _size(enclosed(problem, f, edges))
    outer = [(near[0], c.domain[0]), (near[1], c.domain[1])]
    outer = [(at, end) for at, end in outer if at != end]
    outside = [float(_size(enclosed(problem, f, np.sort(ends)))[0]) for ends in outer]
    most = float(inside.max())
    if all(map(math.isfinite, outside)):
        return Growth(max(most, *outside, 0.0), 0.0, most)
    shares = [_share(problem, f, at, end) for at, end in outer]
    if not all(map(math.isfinite, shares)) or _pulls(c, pieces):
        return Growth(math.inf, math.inf, most)
    beta = max(shares)
    low = enclosed(problem, problem.q / problem.w, edges).low
    return Growth(float(np.maximum(inside - beta * low, 0.0).max()) * (1 + ULPS), beta, most)


def point_error(problem: Problem, c: Coefficients, pieces: Array, found: Distance, row: int) -> float:
    """How far psi of one state may be off at any point of the domain, by (4) and the height of the repair.

    A cubic bump on a support of length l is no higher than sqrt(35/(13 l)) times its norm.
    """
    edges = _cells(pieces, c.domain)
    p, w, v = (
        float(enclosed(problem, part, edges).low.min())
        for part in (problem.p, problem.w, problem.q / problem.w)
    )
    norm, energy, lack = found.norm[row], found.energy[row], found.lack[row]
    if not (p > 0 and w > 0 and math.isfinite(v) and math.isfinite(norm)) or _pulls(c, pieces):
        return math.inf
    size = norm / math.sqrt(w)
    slope = math.sqrt((energy + max(-v, 0.0) * norm**2) / p)
    marks = np.unique([*pieces, *c.cuts, *(end for end in c.domain if math.isfinite(end))])
    bump = lack * math.sqrt(35 / 13 / (SUPPORTS.min() * np.diff(marks).min() * w))
    return math.sqrt(size**2 / (c.domain[1] - c.domain[0]) + 2 * size * slope) + bump


def _pulls(c: Coefficients, pieces: Array) -> bool:
    """Whether an end or a point interaction takes from the form what its integrals have."""
    return bool(c.strengths(pieces).min() < 0) or any(strength < 0 for _, strength in c.deltas)


def _cells(pieces: Array, ends: tuple[float, float]) -> Array:
    """Edges of equal cells on every piece, and of one from there to each end."""
    cells = pieces[:-1, None] + np.diff(pieces)[:, None] * (np.arange(PARTS) / PARTS)
    return np.unique([ends[0], *cells.ravel(), pieces[-1], ends[1]])


def _share(problem: Problem, f: sp.Expr, at: float, end: float) -> float:
    """A number beta with |f| <= beta q/w from `at` to an infinite end; infinite where there is none.

    f and q/w are divided by the highest power of x in q/w, and enclosed in 1/x.
    """
    x, t = problem.coordinate, sp.Dummy("t", real=True)
    if not (math.isinf(end) and at * end > 0):
        return math.inf
    try:
        degree = sp.Poly(problem.q / problem.w, x).degree()
        parts = [sp.Poly(part, x).all_coeffs()[::-1] for part in (f, problem.q / problem.w)]
    except sp.PolynomialError:
        return math.inf
    if len(parts[0]) > degree + 1:
        return math.inf
    far = np.sort([0.0, 1 / at * (1 + ULPS)])
    above, below = (
        enclose(
            sp.Add(*(a * t ** (degree - k) for k, a in enumerate(part))), problem.values, t, *far[:, None]
        )
        for part in parts
    )
    # with a power of odd degree both change sign at x < 0
    least = float(below.low[0]) if end > 0 or degree % 2 == 0 else -float(below.high[0])
    return float(_size(above)[0]) / least * (1 + 2 * ULPS) if least > 0 else math.inf


def _size(found: Interval) -> Array:
    return np.maximum(np.abs(found.low), np.abs(found.high))


def _shared(states: States, run: Run) -> tuple[list[int], list[int]]:
    """Where the states of a run stand among `states`, and where in the run: not all need be among them."""
    rows = [row for row, n in enumerate(states.numbers) if run.first <= n <= run.last]
    return rows, [states.numbers[row] - run.first for row in rows]


def _of_run(run: Run) -> tuple[Array, Array]:
    """For the states of a run, (states,): the sine by (1) or (2), and how far <H> may be from the level."""
    own = run.products
    if own is None or run.evidence is Evidence.NONE:
        nothing = np.full(len(run.lower), np.inf)
        return nothing, nothing
    energy = own.energies
    a = energy - np.append(-math.inf if run.below is None else run.below.energy, run.upper[:-1])
    b = np.append(run.lower[1:], run.above.energy) - energy
    e = np.maximum(np.abs(run.lower - energy), np.abs(run.upper - energy))
    with np.errstate(all="ignore"):
        norm = _diagonal(own.overlap) - _diagonal(own.overlap_error)
        r = (_diagonal(own.square) + _diagonal(own.square_error)) / norm  # squared
        m = (np.abs(_diagonal(own.coupling)) + _diagonal(own.coupling_error)) / norm
        gap = np.minimum(a, b)
        first = r / gap**2
        second = (r / a + np.abs(b / a - 1) * (e + m)) / ((1 - e / a) * (b - e))  # a may be infinite
        squared = np.minimum(first, np.where(e < gap, second, np.inf))
        sine = np.where((gap > 0) & (norm > 0) & (squared < 1), np.sqrt(squared), np.inf)
        return sine, np.where(norm > 0, e + m, np.inf)


def _diagonal(matrix: Matrix) -> Array:
    return np.real(np.diagonal(matrix))
