"""Which random features? Residual norms reached by tanh, gaussian and sine features at equal effort.

    python tests/bench/features.py            # kinds of features
    python tests/bench/features.py pieces     # how many bubbles each piece needs

For each activation and width of its frequencies: 64 random features on each piece, orthonormalised as
`ritz` does it, and the five lowest states of two problems. Printed are the bubbles that remain after the
truncation, the largest relative error of an energy, and the largest residual norm over its energy.

The second mode tells why all pieces have as many features: it leaves out the last bubbles of one piece after
the other of what `ritz` chose, as long as five energies stay within 1e-10.  Pieces in which little happens
need hardly fewer than others, as what converges is the span of sines of frequencies up to 20.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from unittest import mock

import numpy as np
import scipy.linalg
import sympy as sp
import torch
from speed import problems

from qdsl.physics.problem import Problem
from qdsl.physics.training import Mlp
from qdsl.pinn.activations import ACTIVATIONS
from qdsl.pinn.assembly import assembled
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import collocate_by
from qdsl.pinn.joints import join
from qdsl.pinn.loss import residual_squared
from qdsl.pinn.network import random_network
from qdsl.pinn.ritz import solve_ritz
from qdsl.pinn.trial import Trial, orthonormal_bubbles

X = sp.Symbol("x", real=True)
STATES = (0, 1, 2, 3, 4)
PROBLEMS = {
    "box, 1 piece": (Problem(X, (0, 1), 0, states=STATES), 1, (np.arange(5) + 1) ** 2 * math.pi**2),
    "oscillator, 3 pieces": (Problem(X, (-8, 8), X**2, states=STATES), 3, 2 * np.arange(5) + 1.0),
}
WIDTHS = {
    "tanh": (1.0, 2.0, 3.0, 4.0),
    "gaussian": (2.0, 3.0, 4.0, 6.0),
    "sin": (8.0, 12.0, 16.0, 20.0, 24.0),
}


def attempt(problem: Problem, pieces: int, exact: np.ndarray, activation: str, width: float) -> str:
    coefficients = compile_coefficients(problem)
    first, last = (float(end) for end in problem.interval)
    edges = double(np.linspace(first, last, pieces + 1))
    wider = {activation: replace(ACTIVATIONS[activation], scale=width)}
    with mock.patch.dict(ACTIVATIONS, wider):
        bubbles = orthonormal_bubbles(random_network(Mlp(hidden=(64,), activation=activation), seed=0))
        trial = Trial(edges, join(problem, coefficients, edges), bubbles)
        at, finer = collocate_by(trial, coefficients, (64, 96))
        found = assemble(trial, trial.basis(at.t), at).lowest(len(exact))
        energies, unknowns = (torch.from_numpy(part) for part in found)
        states = trial.combine(trial.basis(finer.t), trial.local(unknowns))
        norms = torch.sqrt(residual_squared(states, energies, finer).sum(0)).numpy()
    error = np.max(np.abs(energies.numpy() - exact) / exact)
    return f"{bubbles.count:3d} bubbles  error {error:.0e}  residual {np.max(norms / exact):.0e}"


def needed(problem: Problem) -> str:
    """The bubbles that each piece needs beside the whole sets of the others."""
    coefficients = compile_coefficients(problem)
    fit = solve_ritz(problem, coefficients)
    trial, exact = fit.trial, fit.energies.numpy()
    (at,) = collocate_by(trial, coefficients, (48,))
    eigenproblem = assemble(trial, trial.gauss_basis(48), at)
    matrices = np.stack([eigenproblem.mass, eigenproblem.form(eigenproblem.bottom)])
    mass, shifted = assembled(trial, matrices)
    own = trial.index[:, 4:].numpy()

    def is_enough(piece: int, count: int) -> bool:
        kept = np.setdiff1d(np.arange(trial.unknowns), own[piece, count:])
        inverse = scipy.linalg.eigh(mass[np.ix_(kept, kept)], shifted[np.ix_(kept, kept)], eigvals_only=True)
        energies = eigenproblem.bottom + 1 / inverse[::-1][: len(exact)]
        return len(energies) == len(exact) and bool(np.max(np.abs(energies / exact - 1)) <= 1e-10)

    counts = [next(k for k in range(1, own.shape[1] + 1) if is_enough(i, k)) for i in range(len(own))]
    return f"{counts} of {own.shape[1]}"


def compare_pieces() -> None:
    for name, problem in problems().items():
        print(f"{name:16s} {needed(problem)}")


def compare_kinds() -> None:
    for title, (problem, pieces, exact) in PROBLEMS.items():
        print(title)
        for activation, widths in WIDTHS.items():
            for width in widths:
                print(f"  {activation:9s} {width:4.0f}  {attempt(problem, pieces, exact, activation, width)}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] == ["pieces"]:
        compare_pieces()
    else:
        compare_kinds()
