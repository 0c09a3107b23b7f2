"""Singular ends: psi = y^s v, against the closed forms of radial problems and special functions."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import jn_zeros

import qdsl
from qdsl.physics.problem import Problem
from qdsl.pinn.train import train

x = sp.Symbol("x", real=True)
N = np.arange(5)


def states_of(q, interval=(0, sp.oo), states=5, **changes):
    problem = Problem(x, interval, q=q, states=tuple(range(states)), **changes)
    found = train(problem, "cpu", lambda *_: None)
    assert found.settled, found.message
    return found


@pytest.mark.parametrize("l", range(4))
def test_hydrogen(l):  # noqa: E741
    """Landau and Lifshitz, Quantum Mechanics, section 36."""
    found = states_of(sp.Integer(l * (l + 1)) / (2 * x**2) - 1 / x, p=sp.Rational(1, 2))
    np.testing.assert_allclose(found.energies, -0.5 / (N + l + 1) ** 2, rtol=1e-9)
    # The ground state of each l is r^(l + 1) exp(-r/(l + 1)), near r = 0 too, where it has no weight.
    r = np.array([1e-4, 1e-2, 1.0])
    known = r ** (l + 1) * np.exp(-r / (l + 1))
    psi = found.psi(r)[0]
    np.testing.assert_allclose(psi / psi[2], known / known[2], rtol=1e-4)


@pytest.mark.parametrize("l", range(4))
def test_isotropic_oscillator(l):  # noqa: E741
    found = states_of(sp.Integer(l * (l + 1)) / x**2 + x**2)
    np.testing.assert_allclose(found.energies, 4 * N + 2 * l + 3, rtol=1e-10)


@pytest.mark.parametrize("order", [0.5, 0.55, 0.7, 1.3, 2.0, 7.5])
def test_poeschl_teller(order):
    """lambda (lambda - 1)/sin^2 x on (0, pi): (n + lambda)^2 (Flügge, problem 38)."""
    found = states_of(sp.Float(order * (order - 1)) / sp.sin(x) ** 2, interval=(0, sp.pi))
    np.testing.assert_allclose(found.energies, (N + order) ** 2, rtol=1e-9)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_bessel(order):
    """-(x psi')' + nu^2/x psi = E x psi: squares of the zeros of J_nu; for nu = 0 psi(0) is not 0."""
    found = states_of(sp.Integer(order**2) / x, interval=(0, 1), p=x, w=x)
    np.testing.assert_allclose(found.energies, jn_zeros(order, 5) ** 2, rtol=1e-10)


def test_legendre():
    found = states_of(sp.S.Zero, interval=(-1, 1), p=1 - x**2)
    np.testing.assert_allclose(found.energies, N * (N + 1), rtol=1e-10, atol=1e-10)


def test_kratzer():
    """A/r^2 - B/r: -(B/2)^2/(n + 1/2 + sqrt(1/4 + A))^2 (Kratzer, Z. Phys. 3 (1920) 289)."""
    found = states_of(sp.Integer(6) / x**2 - sp.Integer(20) / x)
    np.testing.assert_allclose(found.energies, -100 / (N + 3) ** 2, rtol=1e-9)


def test_a_wall_like_lennard_jones():
    """r^-12 at 0 is cut like an infinite end: the box ends before 0, where psi has died out."""
    found = states_of(1000 * (x**-12 - 2 * x**-6), states=3)
    assert 0.3 < found.edges[0] < 0.9
    # the levels do not feel the cut: a solve with the wall a little further in gives the same
    nearer = states_of(
        1000 * (x**-12 - 2 * x**-6), interval=(sp.Float(0.95 * found.edges[0]), sp.oo), states=3
    )
    np.testing.assert_allclose(found.energies, nearer.energies, rtol=1e-10)


def test_high_powers_leave_dependent_functions_out() -> None:
    """r^8.26 at the origin: some v weigh less than rounding, and K - bottom M is positive but for that."""
    problem = qdsl.parse(
        "param D = 15\nparam a = 2\n"
        "domain r in [0, inf)\npotential V(r) = D*(r/a - a/r)^2\nfind states 0..3\n"
    )
    s = 0.5 + np.sqrt(0.25 + 15 * 2**2)
    exact = np.sqrt(15) / 2 * (4 * np.arange(4) + 2 * s + 1) - 30
    solution = qdsl.solve(problem)
    assert solution.energies == pytest.approx(exact, rel=1e-10)
    assert solution.status == "certified"
