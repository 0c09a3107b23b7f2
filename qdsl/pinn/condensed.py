"""The eigenproblem with its bubbles eliminated piece by piece: time and memory linear in the pieces.

On every piece the bubbles are recombined so that K - bottom M is the unit matrix among them and M is
diag(mu).  With e = E - bottom the unknowns at the nodes then see, piece by piece, the 4x4 matrix

    T(e) = S_hh - e M_hh - sum_k (s_k - e m_k)(s_k - e m_k)^H / (1 - e mu_k),

and z = (u, c) solves (K - bottom M) z = e M z exactly when the sum of the T(e) over the pieces takes u to 0
and c_k = -(s_k - e m_k)^H u / (1 - e mu_k).  Two neighbouring pieces become one when the node between them is
eliminated, and what that leaves is again a 4x4 matrix.  So in log2(pieces) rounds over arrays one matrix at
the ends is left, and by Sylvester's law of inertia and the poles (Wittrick and Williams, Q. J. Mech. Appl.
Math. 24 (1971) 263)

    number of Ritz values below E = number of mu_k > 1/e + number of negative eigenvalues eliminated or left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from qdsl.states import Array

Matrices = NDArray[Any]
Indices = NDArray[np.int64]

CLEAR = 1e-10
"""Relative distance from a pole within which nothing is counted."""

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Vectors:
    """Vectors in the condensed basis.

    `nodes` (unknowns at the nodes, states), `bubbles` (pieces, bubbles, states).
    """

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

    `mu` (pieces, bubbles), `hat` = S_hh and `hat_mass` = M_hh (pieces, 4, 4), `coupling` = s and
    `coupling_mass` = m (pieces, 4, bubbles), Hermitian where square.
    `change` (pieces, bubbles, bubbles): the condensed bubbles, as columns, in terms of the pieces' own.
    `slots` (pieces, 4): which unknown at the nodes stands at each of the four; `count` (of them) if none.
    `unit` (unknowns at the nodes,): their units, in which K - bottom M has a diagonal of ones.
    """

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

    def below(self, e: Array) -> Indices:
        """The number of Ritz values with E - bottom below each of e > 0, shape (energies,)."""
        return self._negative(self._clear_of_poles(e)) - self._spurious

    @cached_property
    def _spurious(self) -> int:
        """How many are counted at the bottom, where there are none.

        At a singular end of a high power some functions weigh next to nothing in K and in M, and rounding
        of what is left of them may be negative, there and at every energy.
        """
        return int(self._negative(np.zeros(1))[0])

    def _negative(self, e: Array) -> Indices:
        """The number of negative eigenvalues of K - bottom M - e M."""
        poles = (self.mu[..., None] * e > 1).sum((0, 1))
        blocks, negative = self.node_matrices(e), np.zeros(e.shape, dtype=np.int64)
        while blocks.shape[2] > 1:
            blocks, eliminated = _merged(blocks)
            negative += eliminated
        ends = np.concatenate([self.slots[0, :2], self.slots[-1, 2:]])
        return np.asarray(poles + negative + _negative_at_ends(blocks[:, :, 0], ends, self.count))

    def _clear_of_poles(self, e: Array) -> Array:
        """Energies moved by 3 CLEAR where a pole is so close that T(e) would lose its other digits."""
        poles = np.sort(1 / self.mu, axis=None)
        after = np.searchsorted(poles, e)
        nearest = np.minimum(e - np.append(-np.inf, poles)[after], np.append(poles, np.inf)[after] - e)
        return np.where(nearest < CLEAR * e, e * (1 + 3 * CLEAR), e)

    def node_matrices(self, e: Array) -> Matrices:
        """T(e) of every piece, shape (4, 4, pieces, energies)."""
        at = e[:, None, None]
        # Only their difference is small where a piece is wide, so it comes before the square.
        coupling = self.coupling[:, None] - at * self.coupling_mass[:, None]
        gap = _nonzero(1 - self.mu[:, None] * e[:, None])
        blocks = self.hat[:, None] - at * self.hat_mass[:, None]
        blocks = blocks - (coupling / gap[:, :, None]) @ coupling.conj().swapaxes(2, 3)
        return np.ascontiguousarray(blocks.transpose(2, 3, 0, 1))

    def solved(self, e: Array, right: Vectors) -> Vectors:
        """(K - bottom M - e M)^-1 of each vector, with an e for every one of them, (states,)."""
        gap = _nonzero(1 - self.mu[..., None] * e)
        bubbles = right.bubbles / gap
        pushed = self.coupling @ bubbles - e * (self.coupling_mass @ bubbles)
        nodes = self._solved_at_nodes(e, right.nodes - self._gathered(pushed))
        local = self._local(nodes)
        pulled = self.coupling.conj().swapaxes(1, 2) @ local
        pulled = pulled - e * (self.coupling_mass.conj().swapaxes(1, 2) @ local)
        return Vectors(nodes, bubbles - pulled / gap)

    def _solved_at_nodes(self, e: Array, right: Matrices) -> Matrices:
        """The sum of the T(e) inverted, by LU with pivots, in a band; (unknowns at the nodes, states)."""
        place, width, position = self._band
        blocks = self.node_matrices(e)
        rows = 2 * width + 1
        band = np.zeros((rows * self.count + 1, len(e)), dtype=blocks.dtype)
        for column, entry in zip(place.T, blocks.reshape(16, -1, len(e)), strict=True):
            band[column] += entry  # the same entry of different pieces stands in different places
        solution = np.empty_like(right)
        for i, matrix in enumerate(np.ascontiguousarray(band[:-1].T).reshape(len(e), rows, self.count)):
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

    def stiffness_times(self, vectors: Vectors) -> Vectors:
        """(K - bottom M) of vectors."""
        return self._times(self.hat, self.coupling, np.ones_like(self.mu), vectors)

    def mass_times(self, vectors: Vectors) -> Vectors:
        """M of vectors."""
        return self._times(self.hat_mass, self.coupling_mass, self.mu, vectors)

    def _times(self, hat: Matrices, coupling: Matrices, bubbles: Array, vectors: Vectors) -> Vectors:
        local = self._local(vectors.nodes)
        nodes = self._gathered(hat @ local + coupling @ vectors.bubbles)
        return Vectors(nodes, coupling.conj().swapaxes(1, 2) @ local + bubbles[..., None] * vectors.bubbles)

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


def condense(shifted: Matrices, mass: Matrices, slots: Indices, count: int) -> Condensed:
    """Condense the pieces' matrices K - bottom M and M, each (pieces, 4 + bubbles, 4 + bubbles)."""
    try:
        root = np.linalg.cholesky(shifted[:, 4:, 4:].real)
    except np.linalg.LinAlgError:
        root = np.linalg.cholesky(_positive(shifted[:, 4:, 4:].real))
    half = np.linalg.solve(root, mass[:, 4:, 4:].real)
    mu, vectors = np.linalg.eigh(np.linalg.solve(root, half.swapaxes(1, 2)))
    change = np.linalg.solve(root.swapaxes(1, 2), vectors)
    size = np.zeros(count + 1)
    np.add.at(size, slots, np.einsum("pii->pi", shifted[:, :4, :4]).real)
    size[count] = 1.0
    unit = 1 / np.sqrt(size)
    local = unit[slots]
    both = local[:, :, None] * local[:, None, :]
    return Condensed(
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
    inverse = np.stack([np.stack([d, -b]), np.stack([-b.conj(), a])]) / _nonzero(determinant)
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


def _nonzero(values: Array) -> Array:
    """A value of exactly 0, which stands for either sign, replaced by what may as well be rounding of 1."""
    return np.where(values == 0, EPS, values)
