"""Where gradient training begins: the pieces, the networks on them, and the first states.

The hidden layers are drawn as usual, one network a piece.  What the unknowns of the trial function are at
first depends on the energy.  Where the file sets it, held or to start from, they are random numbers, as in
arXiv:2504.05367.  Where it does not, they and the energies are Rayleigh-Ritz vectors and values of the
untrained network, so that each wanted state begins near itself: the residual has a minimum at every state,
and gradient descent goes to the nearest one, whatever number that has.
"""

from __future__ import annotations

import torch
from torch import Tensor

from qdsl.errors import ProblemError
from qdsl.physics.problem import Problem
from qdsl.physics.training import Mlp, TrainableEnergy
from qdsl.pinn.box import find_box
from qdsl.pinn.coefficients import Coefficients, double
from qdsl.pinn.eigenproblem import assemble
from qdsl.pinn.fit import JUDGE, Fit, collocate
from qdsl.pinn.joints import join
from qdsl.pinn.loss import rayleigh_quotient, squared_norm
from qdsl.pinn.network import Network, trainable_network
from qdsl.pinn.pieces import cut
from qdsl.pinn.trial import FOURIER, Bubbles, Trial, orthonormal_bubbles, random_bubbles

NETWORK = Mlp()

ACTION = 8.0
"""Oscillation (in radians) that one piece holds, half of what `ritz` allows: an untrained network of slow
tanh features says little more than a few polynomials do.  (Measured on four states of the oscillator, five
seeds: with 16 the training ends in other states, with 8 every energy is good to 1e-5.)"""

LEADING = 2
"""Combinations of the untrained features on a piece that the first states are made of, besides the cubics.

The features are all but dependent: the tenth combination has weights of 1e6 for a function of order one, and
the first steps of Adam, which move every weight alike, would tear such states apart.  Two combinations keep
the weights below a hundred or so and the energies within a few percent, which is near enough."""


def first_fit(problem: Problem, coefficients: Coefficients) -> Fit:
    """What training begins with, when there is nothing to go on from.

    Raises ProblemError when no box holds the wanted states, or the network is too small for them.
    """
    training, edges = problem.training, _pieces(problem, coefficients)
    generator = torch.Generator().manual_seed(training.seed)
    network = trainable_network(training.network or NETWORK, len(edges) - 1, generator)
    trial = Trial(edges, join(problem, coefficients, edges), _output_layer(network))
    if training.energy == TrainableEnergy(None):
        unknowns = ritz_unknowns(trial, coefficients, problem.states)
    else:
        shape = (trial.unknowns, len(problem.states))
        unknowns = torch.randn(shape, generator=generator, dtype=torch.float64)
    return normalised(trial, unknowns, coefficients)


def carried(last: Fit, problem: Problem, coefficients: Coefficients) -> Fit | None:
    """What was trained for other parameters, on the pieces of this problem; None if it does not fit there."""
    edges = _pieces(problem, coefficients)
    if len(edges) != len(last.trial.edges) or len(problem.states) != last.unknowns.shape[1]:
        return None
    trial = Trial(edges, join(problem, coefficients, edges), last.trial.bubbles)
    return normalised(trial, last.unknowns, coefficients) if trial.unknowns == len(last.unknowns) else None


def normalised(trial: Trial, unknowns: Tensor, coefficients: Coefficients) -> Fit:
    """States of norm 1 from `unknowns` (unknowns, states) of any size, with their Rayleigh quotients."""
    at = collocate(trial, coefficients, JUDGE)
    states = trial.combine(trial.basis(at.t), trial.local(unknowns))
    unit = unknowns / torch.sqrt(squared_norm(states, at))
    return Fit(trial, unit, rayleigh_quotient(states, at, trial.joints.point_energy(unknowns)))


def ritz_unknowns(trial: Trial, coefficients: Coefficients, numbers: tuple[int, ...]) -> Tensor:
    """Unknowns (unknowns, states) of the states of these numbers by Rayleigh-Ritz over a part of the span.

    The part is that of the node states and the LEADING orthonormal combinations of the features on each
    piece.  `trial` has one bubble a feature, and one network a piece.
    Raises ProblemError when the part cannot hold the states.
    """
    network = trial.bubbles.network
    leading = orthonormal_bubbles(network).combination[..., :LEADING]
    small = Trial(trial.edges, trial.joints, Bubbles(network, leading))
    at = collocate(small, coefficients, JUDGE)
    _, found = assemble(small, small.basis(at.t), at).lowest(max(numbers) + 1)
    if found.shape[1] <= max(numbers):
        raise ProblemError(
            f"the untrained network is too small to hold state {max(numbers)}",
            hint="give its layers more units, or set the energy: energy = trainable(start = …)",
        )
    wanted = torch.from_numpy(found[:, list(numbers)])
    nodes = trial.joints.count
    combined = wanted[nodes:].reshape(len(leading), -1, len(numbers))  # (pieces, leading, states)
    return torch.cat([wanted[:nodes], (leading @ combined).flatten(0, 1)])


def _pieces(problem: Problem, coefficients: Coefficients) -> Tensor:
    """Edges of the pieces, (pieces + 1,)."""
    highest = max(problem.states)
    box = find_box(problem, coefficients, highest, random_bubbles(FOURIER, problem.training.seed))
    return double(cut(coefficients, box, highest, ACTION))


def _output_layer(network: Network) -> Bubbles:
    """One bubble a feature, so that the unknowns are the weights of the output layer."""
    features = network.layers[-1].weight.shape[-1]
    return Bubbles(network, torch.eye(features, dtype=torch.float64)[None])
