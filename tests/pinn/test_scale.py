"""The condensed eigenproblem against dense algebra, counts and exact transfer matrices, at many pieces."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from qdsl.physics.problem import Bloch, Boundary, Dirichlet, Neumann, PointInteraction, Problem, Robin
from qdsl.pinn.assembly import assembled
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.condensed import Condensed
from qdsl.pinn.eigenproblem import Eigenproblem, assemble
from qdsl.pinn.fit import collocate
from qdsl.pinn.joints import join
from qdsl.pinn.ritz import solve_ritz
from qdsl.pinn.slicing import GROUP, enclosed, lowest
from qdsl.pinn.train import train
from qdsl.pinn.trial import FOURIER, Trial, random_bubbles

from .conftest import X

EPS = float(np.finfo(np.float64).eps)


def eigenproblem(problem: Problem, edges: list[float]) -> Eigenproblem:
    coefficients, cuts = compile_coefficients(problem), double(edges)
    trial = Trial(cuts, join(problem, coefficients, cuts), random_bubbles(FOURIER, 0))
    return assemble(trial, trial.gauss_basis(48), collocate(trial, coefficients, 48))


def matrices(problem: Eigenproblem) -> tuple[np.ndarray, np.ndarray]:
    """K - bottom M and M."""
    shifted, mass = assembled(problem.trial, np.stack([problem.form(problem.bottom), problem.mass]))
    return shifted, mass


ENDS: dict[str, Boundary] = {
    "walls": (Dirichlet(), Dirichlet()),
    "free": (Neumann(), Neumann()),
    "robin": (Robin(sp.Integer(-3)), Robin(sp.Integer(-2))),
    "mixed": (Neumann(), Dirichlet()),
    "periodic": Bloch(sp.Integer(0)),
    "antiperiodic": Bloch(sp.pi),
    "bloch": Bloch(sp.Rational(7, 10)),
}


@pytest.mark.parametrize("boundary", ENDS.values(), ids=ENDS)
@settings(max_examples=6)
@given(
    st.integers(0, 2**31),
    st.integers(1, 9),
    st.sampled_from([0.0, 30.0, -30.0]),
    st.sampled_from([0.0, 40.0, 1e5]),
)
def test_condensed_and_dense_pairs_agree(boundary, seed, pieces, kick, wall):
    """Random pieces, a step of q and of p and a point interaction at random edges, all kinds of ends."""
    generator = np.random.default_rng(seed)
    edges = np.concatenate([[0.0], np.sort(generator.uniform(0.1, 1, pieces)), [1.1]]).round(3).tolist()
    edges = sorted(set(edges))
    step, place = (sp.Float(edges[i]) for i in generator.integers(1, len(edges) - 1, 2))
    q = sp.Piecewise((wall, step > X), (sp.cos(3 * X), True), evaluate=False)
    p = sp.Piecewise((1 + X, step > X), (sp.Rational(1, 3), True), evaluate=False)
    deltas = (PointInteraction(place, sp.Float(kick)),) if kick else ()
    agree(eigenproblem(Problem(X, (0, 1.1), q, p=p, deltas=deltas, boundary=boundary), edges), 8)


@pytest.mark.parametrize("power", [0.75, 2.0, 7.5])
def test_condensed_and_dense_pairs_agree_at_singular_ends(power):
    """q = s (s - 1)/sin^2 x, both ends singular; at the power 7.5 rounding makes functions negative."""
    problem = Problem(X, (0, sp.pi), sp.Float(power * (power - 1)) / sp.sin(X) ** 2)
    edges = [0.0, 0.03, 0.5, math.pi / 2, 2.65, 3.11, math.pi]
    agree(eigenproblem(problem, edges), 6)
    found = eigenproblem(problem, edges)
    low, high = enclosed(found.condensed(), 4)
    exact = found.bottom + 1 / found._dense(4)[0]
    assert ((low < exact) & (exact < high)).all()


def agree(problem: Eigenproblem, count: int) -> None:
    """Both ways, the same pairs, as far as the matrices determine them.

    Relative errors EPS of the factors of K_ij = <i|j>_K move z^H K z by EPS (sum |z_i| sqrt(K_ii))^2 at most,
    and M alike, so that mu = 1/e of a z with z^H K z = 1 is known to `rounding`, and a vector to the largest
    of these over the gap of the mu.  (Functions that all but cancel, as in a wall of 1e5, make that large.)
    A product of n terms is rounded by n EPS of their sizes (Higham, Accuracy and Stability, section 3.1).
    """
    shifted, mass = matrices(problem)
    inverse, dense = problem._dense(count + 1)
    energies, vectors = lowest(problem.condensed(), count)
    e = energies - problem.bottom
    vectors = vectors / np.sqrt(e)
    size = np.abs(dense)
    stiff, heavy = ((np.sqrt(np.diag(m).real) @ size) ** 2 for m in (shifted, mass))
    rounding = 4 * EPS * (inverse * stiff + heavy)[:count]
    assert (np.abs(1 / e - inverse[:count]) <= rounding).all()
    shared = vectors.conj().T @ shifted @ dense
    gaps = -np.diff(inverse)
    for end in range(1, count + 1):
        if gaps[end - 1] > 1e-6 * inverse[0]:  # no cluster is cut in two here
            singular = np.linalg.svd(shared[:end, :end], compute_uv=False)
            angle = rounding[:end].max() / gaps[end - 1]
            assert 1 - singular.min() <= angle**2 + len(shifted) * EPS * stiff[:end].max()
    product = vectors.conj().T @ shifted @ vectors
    apart = np.abs(np.subtract.outer(inverse[:count], inverse[:count]))
    # what lies closer than GROUP is orthogonalised
    allowed = rounding.max() / np.maximum(apart, GROUP * inverse[:count]) + len(shifted) * EPS * stiff.max()
    assert (np.abs(product - np.eye(count)) <= allowed).all()


@dataclass(frozen=True)
class Superlattice:
    """Wells of width a and barriers of width b between walls, masses m_w and m_b, c = hbar^2/(2 m_e)."""

    wells: int
    barrier: float = 4.0
    well: float = 6.0
    height: float = 230.0
    c: float = 38.09982
    inside: float = 0.067
    outside: float = 0.0919

    def problem(self, states: int) -> Problem:
        period, end = self.well + self.barrier, self.wells * (self.well + self.barrier) + self.barrier
        layer = sp.cos(2 * sp.pi * (X - self.barrier / 2) / period) > math.cos(
            math.pi * self.barrier / period
        )
        q = sp.Piecewise((self.height, layer), (0.0, True), evaluate=False)
        p = sp.Piecewise((self.c / self.outside, layer), (self.c / self.inside, True), evaluate=False)
        return Problem(X, (0, sp.Float(end)), q, p=p, states=tuple(range(states)))

    def wall_value(self, energy: float) -> float:
        """psi at the right wall of the solution that starts with (0, 1) at the left one, scaled."""
        well = self._layer(energy, self.well, self.c / self.inside)
        barrier = self._layer(energy - self.height, self.barrier, self.c / self.outside)
        state = barrier @ np.array([0.0, 1.0])
        for _ in range(self.wells):
            state = barrier @ (well @ state)
            state /= np.abs(state).max()
        return float(state[0])

    @staticmethod
    def _layer(kinetic: float, width: float, p: float) -> np.ndarray:
        """(psi, p psi') through a layer."""
        k = np.sqrt(complex(kinetic / p))
        phase = k * width
        sine = np.sin(phase) / k
        return np.array([[np.cos(phase), sine / p], [-p * k**2 * sine, np.cos(phase)]]).real

    def levels(self, count: int) -> np.ndarray:
        """The lowest levels of the miniband: between neighbouring quasi-momenta lies one of them."""
        grid = np.linspace(45.0, 70.0, 2500)
        values = [self.wall_value(e) for e in grid]
        found = [
            brentq(self.wall_value, low, high, xtol=1e-13, rtol=1e-15)
            for low, high, a, b in zip(grid, grid[1:], values, values[1:], strict=False)
            if a * b < 0
        ]
        return np.array(found[:count])


def test_a_superlattice_of_forty_wells():
    lattice = Superlattice(40)
    exact = lattice.levels(40)
    assert len(exact) == 40
    states = train(lattice.problem(40), "cpu", lambda *_: None)
    assert states.settled, states.message
    np.testing.assert_allclose(states.energies, exact, rtol=1e-9)
    # psi at points in any order is the same as at each alone, and normalised
    x = np.random.default_rng(0).uniform(0, 404, 300)
    together = states.psi(x)
    np.testing.assert_allclose(together[:, 17:18], states.psi(x[17:18]), rtol=0, atol=1e-12)
    fine = np.linspace(0, 404, 40401)
    psi = states.psi(fine)
    np.testing.assert_allclose(np.trapezoid(psi**2, fine), 1, rtol=1e-6)
    slope = (psi[:, 2:] - psi[:, :-2]) / 0.02
    inside = (fine[1:-1] % 10 > 4.015) | (fine[1:-1] % 10 < 3.985)  # the slope jumps where the mass does
    inside &= fine[1:-1] % 10 > 0.015
    # the error of the difference is h^2 psi'''/6, and the rate of psi is below 1
    found = states.slope(fine[1:-1][inside])
    np.testing.assert_allclose(found, slope[:, inside], rtol=0, atol=0.01**2 / 6 * np.abs(psi).max())


@pytest.mark.parametrize("barrier", [4.0, 20.0, 60.0])
def test_no_state_of_a_miniband_is_missed(barrier):
    """Barriers so thick that the miniband is 1e-3, 1e-9 and 1e-25 of the energy wide.

    Every level of the miniband is found, orthogonal to all others, and the counts below and above it are
    those of Sylvester's inertia of the whole matrices.
    """
    wells = 6
    lattice = Superlattice(wells, barrier=barrier)
    problem = lattice.problem(wells)
    fit = solve_ritz(problem, compile_coefficients(problem))
    found = eigenproblem(problem, fit.trial.edges.tolist())
    condensed: Condensed = found.condensed()
    energies, vectors = lowest(condensed, wells + 1)
    e = energies - found.bottom
    assert e[wells] > 2 * e[wells - 1] > 0
    shifted, mass = matrices(found)
    ends = np.array([0.5 * e[0], 1.2 * e[wells - 1]])
    inertia = [int((np.linalg.eigvalsh(shifted - end * mass) < 0).sum()) for end in ends]
    assert inertia == [0, wells]
    assert condensed.below(found.bottom + ends).tolist() == inertia
    gram = vectors.T @ mass @ vectors
    np.testing.assert_allclose(gram, np.eye(wells + 1), rtol=0, atol=1e-9)
    residual = np.abs(mass @ vectors - shifted @ vectors / e).max(axis=0)
    assert residual.max() <= 1e-11 * np.abs(mass @ vectors).max()


def test_counts_at_random_energies_are_the_inertia():
    problem = replace(Superlattice(3).problem(1), deltas=(PointInteraction(sp.Integer(4), sp.Integer(-300)),))
    found = eigenproblem(problem, [0.0, 4.0, 10.0, 14.0, 20.0, 24.0, 30.0, 34.0])
    shifted, mass = matrices(found)
    scale = 1 / np.sqrt(np.diag(shifted))
    shifted, mass = (scale[:, None] * m * scale for m in (shifted, mass))
    energies = np.geomspace(1.0, 1e5, 60)
    exact = [int((np.linalg.eigvalsh(shifted - e * mass) < 0).sum()) for e in energies]
    assert found.condensed().below(found.bottom + energies).tolist() == exact
