"""Convergence of the spectral elements: exponential in the degree, algebraic in the element size."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from qdsl.physics.problem import Problem
from qdsl.verify.coefficients import coefficients
from qdsl.verify.counting import condense, count_below, counted_energies
from qdsl.verify.dense import dense_energies
from qdsl.verify.elements import element_matrices
from qdsl.verify.quadrature import composite, halved, merged
from qdsl.verify.wkb import sample

X = sp.Symbol("x", real=True)
BOX = coefficients(Problem(X, (0, 1), sp.Integer(0)))
WAVY = coefficients(Problem(X, (0, 1), 30 * sp.sin(5 * X), p=1 + X**2, w=1 + X / 2))


def _error(degree: int, elements: int) -> float:
    samples = sample(BOX, np.linspace(0, 1, elements + 1), degree + 4)
    energy = dense_energies(element_matrices(samples, degree), 2, 2)[0]
    return float(abs(energy / (9 * np.pi**2) - 1))


@pytest.mark.parametrize("degree", [2, 3, 4, 5])
def test_order_in_the_element_size(degree: int) -> None:
    """Energies converge like h^(2 p) (Strang and Fix, An Analysis of the Finite Element Method, 6.3)."""
    coarse, fine = _error(degree, 8), _error(degree, 16)
    assert np.log2(coarse / fine) == pytest.approx(2 * degree, abs=0.35)


def test_exponential_in_the_degree() -> None:
    errors = [_error(degree, 2) for degree in (4, 6, 8, 10, 12)]
    ratios = np.array(errors[:-1]) / errors[1:]
    assert np.all(ratios > 30)
    assert np.all(np.diff(ratios[:-1]) > 0)  # faster than any geometric rate: entire eigenfunctions


def test_energies_converge_from_above() -> None:
    """Exact quadrature: Ritz values, never below the eigenvalue."""
    for degree in (3, 5, 7):
        samples = sample(BOX, np.linspace(0, 1, 3), degree + 4)
        ritz = dense_energies(element_matrices(samples, degree), 0, 3)
        assert np.all(ritz >= (np.arange(1, 5) * np.pi) ** 2 * (1 - 1e-14))


def test_counting_agrees_with_dense_algebra() -> None:
    """p, q and w vary: every term of the condensed matrices is at work."""
    elements = element_matrices(sample(WAVY, np.linspace(0, 1, 6), 20), 12)
    dense = dense_energies(elements, 0, 9)
    condensed = condense(elements)
    assert counted_energies(condensed, 0, 9, 100.0) == pytest.approx(dense, rel=1e-12)
    edge = 1e-9 * np.abs(dense)
    assert list(count_below(condensed, dense - edge)) == list(range(10))
    assert list(count_below(condensed, dense + edge)) == list(range(1, 11))


def test_shift_does_not_matter() -> None:
    samples = sample(WAVY, np.linspace(0, 1, 6), 20)
    near = dense_energies(element_matrices(samples, 12), 0, 5)
    far = dense_energies(element_matrices(samples, 12, -1000.0), 0, 5)
    assert near == pytest.approx(far, rel=1e-11)


def test_composite_rule_is_exact_for_polynomials() -> None:
    rule = composite(np.array([-1.0, 0.25, 2.0]), 5)
    assert rule.integral(rule.x.ravel() ** 9) == pytest.approx((2**10 - 1) / 10, rel=1e-14)
    assert np.all(np.diff(rule.x.ravel()) > 0)


def test_merged_edges() -> None:
    edges = merged(np.array([0.0, 1.0]), (0.3, 0.3 + 1e-17, 1.0 - 1e-17, 5.0), within=(0.0, 1.0))
    assert list(edges) == [0.0, 0.3, 1.0]
    assert list(halved(edges)) == [0.0, 0.15, 0.3, 0.65, 1.0]
