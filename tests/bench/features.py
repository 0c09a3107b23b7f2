"""Which random features? Residual norms reached by tanh, gaussian and sine features at equal effort.

    python tests/bench/features.py

For each activation and width of its frequencies: 64 random features on each piece, orthonormalised as
`ritz` does it, and the five lowest states of two problems. Printed are the bubbles that remain after the
truncation, the largest relative error of an energy, and the largest residual norm over its energy.
"""

from __future__ import annotations

import math
from dataclasses import replace
from unittest import mock

import numpy as np
import sympy as sp
import torch

from qdsl.physics.problem import Problem
from qdsl.physics.training import Mlp
from qdsl.pinn.activations import ACTIVATIONS
from qdsl.pinn.coefficients import compile_coefficients, double
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import collocate_by
from qdsl.pinn.joints import join
from qdsl.pinn.loss import residual_squared
from qdsl.pinn.network import random_network
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
        energies, unknowns = assemble(trial, trial.basis(at.t), at).lowest(len(exact))
        states = trial.combine(trial.basis(finer.t), trial.local(unknowns))
        norms = torch.sqrt(residual_squared(states, energies, finer).sum(0)).numpy()
    error = np.max(np.abs(energies.numpy() - exact) / exact)
    return f"{bubbles.count:3d} bubbles  error {error:.0e}  residual {np.max(norms / exact):.0e}"


def main() -> None:
    torch.set_num_threads(1)
    for title, (problem, pieces, exact) in PROBLEMS.items():
        print(title)
        for activation, widths in WIDTHS.items():
            for width in widths:
                print(f"  {activation:9s} {width:4.0f}  {attempt(problem, pieces, exact, activation, width)}")


if __name__ == "__main__":
    main()
