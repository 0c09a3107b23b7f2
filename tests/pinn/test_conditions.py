"""Conditions at ends and at points: exact for any weights, and energies against closed forms."""

import math

import numpy as np
import pytest
import sympy as sp
import torch

from qdsl.errors import ProblemError
from qdsl.physics.problem import (
    Bloch,
    Decay,
    Dirichlet,
    Neumann,
    PointInteraction,
    Problem,
    Robin,
)
from qdsl.physics.training import Gradient, LevenbergMarquardt, Training
from qdsl.pinn.assembly import assembled
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import Fit, collocate, to_states
from qdsl.pinn.joints import join
from qdsl.pinn.train import train
from qdsl.pinn.trial import FOURIER, Trial, random_bubbles

x = sp.Symbol("x", real=True)


def solved(problem: Problem):
    states = train(problem, "cpu", lambda *_: None)
    assert states.settled, states.message
    return states


def energies(q=sp.S.Zero, states=5, interval=(0, 1), **changes):
    return solved(Problem(x, interval, q=q, states=tuple(range(states)), **changes)).energies


def anything(problem: Problem, edges: list[float], seed: int = 0):
    """A trial function with random unknowns, as states: what holds for it holds by construction."""
    coefficients = compile_coefficients(problem)
    cuts = double(edges)
    trial = Trial(cuts, join(problem, coefficients, cuts), random_bubbles(FOURIER, 0))
    generator = torch.Generator().manual_seed(seed)
    unknowns = torch.randn((trial.unknowns, 1), generator=generator, dtype=trial.dtype)
    fit = Fit(trial, unknowns, torch.zeros(1, dtype=torch.float64))
    return to_states(fit, (0,), coefficients)


def at(states, place, aside):
    """psi and psi' at a place, carried there from `aside` by Taylor's formula."""
    here = np.array([place + aside])
    psi, slope, curvature = (f(here)[0, 0] for f in (states.psi, states.slope, states.curvature))
    return psi - aside * slope + aside**2 * curvature / 2, slope - aside * curvature


# Exact for any weights ---------------------------------------------------------------------------------


def test_robin_and_neumann_hold_for_any_weights():
    problem = Problem(x, (0, 1), q=x, p=1 + x, boundary=(Robin(sp.Float(2.5)), Neumann()))
    states = anything(problem, [0.0, 0.4, 1.0])
    psi, slope = at(states, 0.0, 0.0)
    assert slope == pytest.approx(2.5 * psi, rel=1e-10)
    size = np.abs(states.slope(np.linspace(0, 1, 50))).max()
    assert abs(at(states, 1.0, 0.0)[1]) < 1e-10 * size


def test_a_delta_bends_psi_for_any_weights():
    problem = Problem(x, (0, 1), q=x, p=1 + x, deltas=(PointInteraction(sp.Rational(1, 2), sp.Integer(-7)),))
    states = anything(problem, [0.0, 0.5, 1.0])
    (left, before), (right, after) = at(states, 0.5, -1e-9), at(states, 0.5, 1e-9)
    assert left == pytest.approx(right, rel=1e-10)
    assert 1.5 * (after - before) == pytest.approx(-7 * left, rel=1e-8)


def test_flux_is_continuous_at_a_mass_step_for_any_weights():
    p = sp.Piecewise((sp.Integer(1), x < sp.Rational(1, 2)), (sp.Integer(3), True))
    states = anything(Problem(x, (0, 1), q=x, p=p), [0.0, 0.5, 1.0])
    assert 3 * at(states, 0.5, 1e-9)[1] == pytest.approx(at(states, 0.5, -1e-9)[1], rel=1e-8)


@pytest.mark.parametrize("phase", [0.0, math.pi, 0.7])
def test_bloch_states_for_any_weights(phase):
    states = anything(Problem(x, (0, 1), q=x, p=2 - x, boundary=Bloch(sp.Float(phase))), [0.0, 0.6, 1.0])
    (left, slope), (right, last) = at(states, 0.0, 0.0), at(states, 1.0, 0.0)
    factor = np.exp(1j * phase)
    assert right == pytest.approx(factor * left, rel=1e-8)
    assert last == pytest.approx(2 * factor * slope, rel=1e-8)  # the flux: p is 2 and 1 at the ends
    assert np.iscomplexobj(states.psi(np.array([0.3]))) == (phase == 0.7)


def test_matrices_are_hermitian():
    deltas = (PointInteraction(sp.Rational(1, 3), sp.Integer(4)),)
    problem = Problem(x, (0, 1), q=sp.cos(x), deltas=deltas, boundary=Bloch(sp.Float(1.1)))
    coefficients = compile_coefficients(problem)
    cuts = double([0.0, 1 / 3, 1.0])
    trial = Trial(cuts, join(problem, coefficients, cuts), random_bubbles(FOURIER, 0))
    problem_matrices = assemble(trial, trial.gauss_basis(48), collocate(trial, coefficients, 48))
    pair = np.stack([problem_matrices.form(problem_matrices.bottom), problem_matrices.mass])
    for matrix in assembled(trial, pair):
        np.testing.assert_allclose(matrix, matrix.conj().T, rtol=0, atol=1e-12 * float(np.abs(matrix).max()))


# Energies ----------------------------------------------------------------------------------------------


def test_neumann():
    n = np.arange(5)
    np.testing.assert_allclose(
        energies(boundary=(Neumann(), Dirichlet())), (np.pi * (n + 0.5)) ** 2, rtol=1e-10
    )
    free = energies(boundary=(Neumann(), Neumann()))
    np.testing.assert_allclose(free, (np.pi * n) ** 2, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("ratio", [3.0, -3.0, -200.0])
def test_robin(ratio):
    """psi'(0) = ratio psi(0), psi(1) = 0: tan k = -k/ratio; tanh k = -k/ratio if ratio < -1."""
    from scipy.optimize import brentq

    found = energies(boundary=(Robin(sp.Float(ratio)), Dirichlet()), states=4)
    known = []
    if ratio < -1:
        k = brentq(lambda k: ratio * np.tanh(k) + k, 1e-3, 2 * abs(ratio), xtol=1e-14)
        known.append(-(k**2))
    for m in range(6):
        low, high = max(np.pi * m + 1e-9, 1e-3), np.pi * (m + 1) - 1e-9
        if (ratio * np.sin(low) + low * np.cos(low)) * (ratio * np.sin(high) + high * np.cos(high)) < 0:
            k = brentq(lambda k: ratio * np.sin(k) + k * np.cos(k), low, high, xtol=1e-14)
            known.append(k**2)
    np.testing.assert_allclose(found, known[:4], rtol=1e-9)


@pytest.mark.parametrize("phase", [0.0, 0.7, math.pi, 5.0])
def test_free_particle_in_a_crystal(phase):
    known = np.sort([(phase + 2 * np.pi * m) ** 2 for m in range(-6, 6)])[:5]
    np.testing.assert_allclose(energies(boundary=Bloch(sp.Float(phase))), known, rtol=1e-10, atol=1e-9)


def test_pairs_are_orthonormal():
    states = solved(Problem(x, (0, 1), q=sp.S.Zero, boundary=Bloch(), states=tuple(range(5))))
    t, weight = np.polynomial.legendre.leggauss(60)
    psi = states.psi((t + 1) / 2)
    np.testing.assert_allclose((psi * weight / 2) @ psi.conj().T, np.eye(5), atol=1e-10)


def test_complex_states_have_a_phase():
    states = solved(Problem(x, (0, 1), q=20 * sp.cos(x), boundary=Bloch(sp.Float(0.9)), states=(0, 1)))
    psi = states.psi(np.linspace(0, 1, 2001))
    size = np.abs(psi)
    for row, height in zip(psi, size, strict=True):
        largest = row[np.argmax(height > 0.985 * height.max())]
        assert largest.real > 0
        assert abs(largest.imag) < 0.2 * abs(largest)


@pytest.mark.parametrize("strength", [-2e-3, -2.0, -30.0, -1000.0])
def test_delta_on_the_line(strength):
    deltas = (PointInteraction(sp.Integer(0), sp.Float(strength)),)
    found = energies(interval=(-sp.oo, sp.oo), deltas=deltas, states=1)
    np.testing.assert_allclose(found, [-(strength**2) / 4], rtol=1e-9)


@pytest.mark.parametrize("strength", [-1000.0, 5.0, 1e6])
def test_delta_in_a_box(strength):
    """On (-1, 1): odd states do not see it, even ones have k cot(k) = -g/2 or k coth(k) = -g/2."""
    from scipy.optimize import brentq

    deltas = (PointInteraction(sp.Integer(0), sp.Float(strength)),)
    found = energies(interval=(-1, 1), deltas=deltas, states=4)
    known = [np.pi**2, 4 * np.pi**2]
    if strength < -2:
        k = brentq(lambda k: k + strength / 2 * np.tanh(k), 1e-3, -strength, xtol=1e-13)
        known.append(-(k**2))
    for m in range(3):
        low, high = np.pi * m + 1e-12, np.pi * (m + 1) - 1e-12

        def even(k):
            return k * np.cos(k) + strength / 2 * np.sin(k)

        if (m and even(low) * even(high) < 0) or (m == 0 and strength > -2):
            known.append(brentq(even, max(low, 1e-6), high, xtol=1e-14) ** 2)
    np.testing.assert_allclose(found, sorted(known)[:4], rtol=1e-9)


def test_a_robin_end_binds_on_the_half_line():
    found = energies(interval=(0, sp.oo), boundary=(Robin(-3), Decay()), states=1)
    np.testing.assert_allclose(found, [-9.0], rtol=1e-10)


def test_energies_shift_and_scale():
    """V + c shifts by c; x -> a x with p, V fixed in shape scales energies by a^-2: in metres as well."""
    deltas = (PointInteraction(sp.Rational(1, 3), sp.Integer(4)),)
    base = energies(q=x, deltas=deltas, boundary=(Robin(2), Neumann()))
    shifted = energies(q=x + 1000, deltas=deltas, boundary=(Robin(2), Neumann()))
    np.testing.assert_allclose(shifted - 1000, base, rtol=1e-9)
    length, energy = sp.Float(1e-9), sp.Float(1e-20)
    metres = energies(
        q=energy * x / length,
        p=energy * length**2,
        deltas=(PointInteraction(length / 3, 4 * energy * length),),
        boundary=(Robin(2 / length), Neumann()),
        interval=(0, length),
    )
    np.testing.assert_allclose(metres * 1e20, base, rtol=1e-10)


@pytest.mark.parametrize("method", [Gradient(), LevenbergMarquardt()])
def test_methods_of_real_functions_say_so(method):
    problem = Problem(x, (0, 1), q=x, boundary=Bloch(sp.Float(1.0)), training=Training(method=(method,)))
    with pytest.raises(ProblemError, match="makes them complex"):
        train(problem, "cpu", lambda *_: None)


def test_lm_polishes_periodic_states():
    training = Training(method=(LevenbergMarquardt(steps=5),))
    states = train(
        Problem(x, (0, 2 * sp.pi), q=2 * sp.cos(x), boundary=Bloch(), states=(0,), training=training),
        "cpu",
        lambda *_: None,
    )
    from scipy.special import mathieu_a

    # -psi'' + 2 cos(x) psi with z = x/2: a/4 of Mathieu's equation with q = 4
    assert states.energies[0] == pytest.approx(mathieu_a(0, 4.0) / 4, rel=1e-8)
