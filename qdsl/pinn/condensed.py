"""The eigenproblem with its bubbles eliminated piece by piece: time and memory linear in the pieces.

On every piece S = K - level M with a level of its own, the least q/w there.  The bubbles are recombined so
that S is the unit matrix among them and M is diag(mu).  With e = E - level the unknowns at the nodes then
see, piece by piece, the 4x4 matrix

    T(e) = S_hh - e M_hh - sum_k (s_k - e m_k)(s_k - e m_k)^H / (1 - e mu_k),

and z = (u, c) solves K z = E M z exactly when the sum of the T(e) over the pieces takes u to 0 and
c_k = -(s_k - e m_k)^H u / (1 - e mu_k).  Two neighbouring pieces become one when the node between them is
eliminated, and what that leaves is again a 4x4 matrix.  So in log2(pieces) rounds over arrays one matrix at
the ends is left, and by Sylvester's law of inertia and the poles (Wittrick and Williams, Q. J. Mech. Appl.
Math. 24 (1971) 263)

    number of Ritz values below E = number of mu_k > 1/e + number of negative eigenvalues eliminated or left.

The levels make rounding small: where q is flat, e is the kinetic energy alone, and T(e) as small as that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from qdsl.physics.intervals import EPS
from qdsl.states import Array

Matrices = NDArray[Any]
Indices = NDArray[np.int64]

CLEAR = 1e-10
"""The least |1 - e mu| that is counted with: nearer to a pole T(e) would lose its other digits."""


@dataclass(frozen=True)
class Vectors:
    """In the condensed basis: `nodes` (unknowns there, states), `bubbles` (pieces, bubbles, states)."""

    nodes: Matrices
    bubbles: Matrices

    def __getitem__(self, states: slice) -> Vectors:
        return Vectors(self.nodes[:, states], self.bubbles[..., states])

    def __matmul__(self, matrix: Matrices) -> Vectors:
        """Combinations of the vectors: `matrix` has shape (states, combinations)."""
        return Vectors(self.nodes @ matrix, self.bubbles @ matrix)

    def __mul__(self, factors: Array) -> Vectors:
        """Every vector times its factor, (states,)."""
        return Vectors(self.nodes * factors, self.bubbles * factors)

    def gram(self, others: Vectors) -> Matrices:
        """The inner products with others, (states, others)."""
        mine, theirs = (v.bubbles.reshape(-1, v.bubbles.shape[-1]) for v in (self, others))
        return self.nodes.conj().T @ others.nodes + mine.conj().T @ theirs

    def inner(self, others: Vectors) -> Array:
        """The inner product of each vector with its own among as many others, (states,), real parts."""
        nodes = (self.nodes.conj() * others.nodes).real.sum(0)
        return np.asarray(nodes + (self.bubbles.conj() * others.bubbles).real.sum((0, 1)))


@dataclass(frozen=True, eq=False)
class Condensed:
    """The pieces' matrices in the condensed basis.

    `levels` (pieces,), and `bottom`, below every Ritz value.
    `mu` (pieces, bubbles), `hat` = S_hh and `hat_mass` = M_hh (pieces, 4, 4), `coupling` = s and
    `coupling_mass` = m (pieces, 4, bubbles), Hermitian where square.
    `change` (pieces, bubbles, bubbles): the condensed bubbles, as columns, in terms of the pieces' own.
    `slots` (pieces, 4): which unknown at the nodes stands at each of the four; `count` (of them) if none.
    `unit` (unknowns at the nodes,): their units, in which K - bottom M has a diagonal of ones.
    """

    levels: Array
    bottom: float
    mu: Array
    hat: Matrices
    hat_mass: Matrices
    coupling: Matrices
    coupling_mass: Matrices
    change: Array
    slots: Indices
    unit: Array

    @property
    def count(self) -> int:
        """How many unknowns there are at the nodes."""
        return len(self.unit)

    @property
    def size(self) -> int:
        """How many unknowns there are in all."""
        return self.count + self.mu.size

    def below(self, energies: Array) -> Indices:
        """The number of Ritz values below each of the energies, shape (energies,)."""
        return self._negative(energies) - self._spurious

    @cached_property
    def _spurious(self) -> int:
        """How many are counted at the bottom, where there are none.

        At a singular end of a high power some functions weigh next to nothing, and rounding of what is left
        of them may be negative, there and at every energy.
        """
        return int(self._negative(np.array([self.bottom]))[0])

    def _negative(self, energies: Array) -> Indices:
        """The number of negative eigenvalues of K - E M."""
        negative, blocks = self._at(energies, CLEAR)
        while blocks.shape[2] > 1:
            blocks, eliminated = _merged(blocks)
            negative = negative + eliminated
        ends = np.concatenate([self.slots[0, :2], self.slots[-1, 2:]])
        return np.asarray(negative + _negative_at_ends(blocks[:, :, 0], ends, self.count))

    def _at(self, energies: Array, clear: float) -> tuple[Indices, Matrices]:
        """How many 1 - e mu, of size `clear` at least, are negative, and T(e), (4, 4, pieces, energies)."""
        e = energies - self.levels[:, None]
        at = e[:, :, None, None]
        # Only their difference is small where a piece is wide, so it comes before the square.
        coupling = self.coupling[:, None] - at * self.coupling_mass[:, None]
        gap = _away_from_0(1 - self.mu[:, None] * e[:, :, None], clear)
        blocks = self.hat[:, None] - at * self.hat_mass[:, None]
        blocks = blocks - (coupling / gap[:, :, None]) @ coupling.conj().swapaxes(2, 3)
        return (gap < 0).sum((0, 2)), np.ascontiguousarray(blocks.transpose(2, 3, 0, 1))

    def solved(self, energies: Array, right: Vectors) -> Vectors:
        """(K - E M)^-1 of each vector, with an energy for every one of them, (states,)."""
        e = (energies - self.levels[:, None])[:, None]
        gap = _away_from_0(1 - self.mu[..., None] * e, EPS)
        bubbles = right.bubbles / gap
        pushed = self.coupling @ bubbles - e * (self.coupling_mass @ bubbles)
        nodes = self._solved_at_nodes(energies, right.nodes - self._gathered(pushed))
        local = self._local(nodes)
        pulled = self.coupling.conj().swapaxes(1, 2) @ local
        pulled = pulled - e * (self.coupling_mass.conj().swapaxes(1, 2) @ local)
        return Vectors(nodes, bubbles - pulled / gap)

    def _solved_at_nodes(self, energies: Array, right: Matrices) -> Matrices:
        """The sum of the T(e) inverted, by LU with pivots, in a band; (unknowns at the nodes, states)."""
        place, width, position = self._band
        _, blocks = self._at(energies, EPS)
        rows = 2 * width + 1
        band = np.zeros((rows * self.count + 1, len(energies)), dtype=blocks.dtype)
        for column, entry in zip(place.T, blocks.reshape(16, -1, len(energies)), strict=True):
            band[column] += entry  # the same entry of different pieces stands in different places
        solution = np.empty_like(right)
        for i, matrix in enumerate(
            np.ascontiguousarray(band[:-1].T).reshape(len(energies), rows, self.count)
        ):
            ordered = np.empty(self.count, dtype=right.dtype)
            ordered[position] = right[:, i]
            solution[:, i] = _solved_in_band(width, matrix, ordered)[position]
        return solution

    @cached_property
    def _band(self) -> tuple[Indices, int, Indices]:
        """Where the 4x4 matrices go in LAPACK's band storage (pieces, 16), its half width, and the order.

        A ring is folded flat, so that it is a band as well: nodes 0, n-1, 1, n-2, …
        """
        position = np.arange(self.count)
        if len(self.slots) > 1 and (self.slots[0, :2] == self.slots[-1, 2:]).all():
            nodes = np.arange(self.count // 2)
            folded = np.minimum(2 * nodes, 2 * (len(nodes) - nodes) - 1)
            position = (2 * folded[:, None] + np.arange(2)).ravel()
        present = self.slots < self.count
        at = np.append(position, 0)[self.slots]
        row, column = at[:, :, None], at[:, None, :]
        both = present[:, :, None] & present[:, None, :]
        width = int(np.abs(np.where(both, row - column, 0)).max())
        place = np.where(both, (width + row - column) * self.count + column, (2 * width + 1) * self.count)
        return place.reshape(-1, 16), width, position

    def times(self, energies: Array, vectors: Vectors) -> tuple[Vectors, Vectors]:
        """(K - E M) and M of each vector, with an energy for every one of them, (states,)."""
        local, e = self._local(vectors.nodes), (energies - self.levels[:, None])[:, None]
        mass = self.hat_mass @ local + self.coupling_mass @ vectors.bubbles
        form = self.hat @ local + self.coupling @ vectors.bubbles - e * mass
        heavy = self.coupling_mass.conj().swapaxes(1, 2) @ local + self.mu[..., None] * vectors.bubbles
        stiff = self.coupling.conj().swapaxes(1, 2) @ local + vectors.bubbles - e * heavy
        return Vectors(self._gathered(form), stiff), Vectors(self._gathered(mass), heavy)

    def _local(self, nodes: Matrices) -> Matrices:
        """Unknowns at the nodes at the ends of the pieces, (pieces, 4, states)."""
        return np.concatenate([nodes, np.zeros_like(nodes[:1])])[self.slots]

    def _gathered(self, local: Matrices) -> Matrices:
        """The transpose: (pieces, 4, states) summed into (unknowns at the nodes, states)."""
        total = np.zeros((self.count + 1, local.shape[2]), dtype=local.dtype)
        for half in (slice(0, 2), slice(2, 4)):  # no two pieces have the same node on the same side
            total[self.slots[:, half]] += local[:, half]
        return total[:-1]

    def own(self, vectors: Vectors) -> Matrices:
        """Vectors in the unknowns of the trial function, (unknowns, states)."""
        bubbles = self.change @ vectors.bubbles
        return np.concatenate([self.unit[:, None] * vectors.nodes, bubbles.reshape(-1, bubbles.shape[-1])])


def _positive(matrices: Array) -> Array:
    """Matrices (pieces, bubbles, bubbles) that are positive but for rounding, made positive.

    At a singular end of a high power some bubbles weigh next to nothing.  In units that make the diagonal 1,
    eigenvalues below rounding are raised to it, which can only raise energies.
    """
    size = np.sqrt(np.einsum("pii->pi", matrices))
    units = size[:, :, None] * size[:, None, :]
    values, vectors = np.linalg.eigh(matrices / units)
    least = 4 * values.shape[1] * EPS * values[:, -1:]
    raised = np.maximum(values, least)[:, None, :]
    return np.asarray(units * ((vectors * raised) @ vectors.swapaxes(1, 2)))


def condense(
    shifted: Matrices, mass: Matrices, levels: Array, bottom: float, slots: Indices, count: int
) -> Condensed:
    """Condense the pieces' matrices S = K - level M and M, each (pieces, 4 + bubbles, 4 + bubbles)."""
    try:
        root = np.linalg.cholesky(shifted[:, 4:, 4:].real)
    except np.linalg.LinAlgError:
        root = np.linalg.cholesky(_positive(shifted[:, 4:, 4:].real))
    half = np.linalg.solve(root, mass[:, 4:, 4:].real)
    mu, vectors = np.linalg.eigh(np.linalg.solve(root, half.swapaxes(1, 2)))
    change = np.linalg.solve(root.swapaxes(1, 2), vectors)
    size = np.zeros(count + 1)
    stiff, heavy = (np.einsum("pii->pi", matrix[:, :4, :4]).real for matrix in (shifted, mass))
    np.add.at(size, slots, stiff + (levels - bottom)[:, None] * heavy)
    size[count] = 1.0
    unit = 1 / np.sqrt(size)
    local = unit[slots]
    both = local[:, :, None] * local[:, None, :]
    return Condensed(
        levels,
        bottom,
        mu,
        shifted[:, :4, :4] * both,
        mass[:, :4, :4] * both,
        local[:, :, None] * (shifted[:, :4, 4:] @ change),
        local[:, :, None] * (mass[:, :4, 4:] @ change),
        change,
        slots,
        unit[:count],
    )


def _merged(blocks: Matrices) -> tuple[Matrices, Indices]:
    """Neighbours (4, 4, pieces, energies) merged into one, and the negative eigenvalues eliminated."""
    pairs = blocks.shape[2] // 2
    left, right = blocks[:, :, : 2 * pairs : 2], blocks[:, :, 1 : 2 * pairs : 2]
    middle = left[2:, 2:] + right[:2, :2]
    (a, b), (_, d) = middle
    determinant = (a * d - b * b.conj()).real
    negative = np.where(determinant < 0, 1, np.where(a.real + d.real < 0, 2, 0)).sum(0)
    inverse = np.stack([np.stack([d, -b]), np.stack([-b.conj(), a])]) / np.where(
        determinant == 0, EPS, determinant
    )
    out = np.concatenate([left[2:, :2], right[:2, 2:]], 1)  # (2, 4): middle node, outer nodes
    merged = -_product(out.conj().swapaxes(0, 1), _product(inverse, out))
    merged[:2, :2] += left[:2, :2]
    merged[2:, 2:] += right[2:, 2:]
    return np.concatenate([merged, blocks[:, :, 2 * pairs :]], 2), negative


def _product(a: Matrices, b: Matrices) -> Matrices:
    """Matrix products over the first two axes."""
    return np.asarray((a[:, :, None] * b[None]).sum(1))


def _solved_in_band(width: int, matrix: Matrices, right: Matrices) -> Matrices:
    """The solution of a banded system; one that is singular to rounding is changed by no more than that."""
    try:
        return scipy.linalg.solve_banded((width, width), matrix, right, check_finite=False)
    except np.linalg.LinAlgError:
        nearby = matrix.copy()
        nearby[width] += 4 * EPS * np.abs(matrix).max(0)
        return scipy.linalg.solve_banded((width, width), nearby, right, check_finite=False)


def _negative_at_ends(blocks: Matrices, slots: Indices, count: int) -> Indices:
    """Negative eigenvalues of the last matrix (4, 4, energies), equal slots tied, absent ones left out."""
    present = np.unique(slots[slots < count])
    tie = (slots[:, None] == present).astype(np.float64)
    matrix = np.einsum("ia,ije,jb->eab", tie, blocks, tie)
    return np.asarray((np.linalg.eigvalsh(matrix) < 0).sum(1))


def _away_from_0(values: Array, least: float) -> Array:
    """Values, but those smaller than `least` made as large as that, 0 standing for either sign."""
    small = np.abs(values) < least
    return np.where(small, np.copysign(least, values), values) if small.any() else values
