"""Between the unknowns of a trial function and its pieces, in numpy: gathering, and its adjoint, assembly.

What is differentiated is gathered by `Trial.local`, in torch; of a few states the arrays are small, and a
torch call costs several numpy ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qdsl.pinn.trial import Trial

Matrix = NDArray[Any]


def gathered(trial: Trial, unknowns: Matrix) -> Matrix:
    """Unknowns (unknowns, states) as they stand at the local functions, (pieces, 4 + bubbles, states)."""
    return np.concatenate([unknowns, np.zeros((1, unknowns.shape[1]))])[trial.index.numpy()]


def local_coefficients(trial: Trial, unknowns: Matrix) -> Matrix:
    """Unknowns (unknowns, states) as local coefficients, (pieces, 4 + bubbles, states)."""
    result = gathered(trial, unknowns).astype(np.result_type(unknowns, trial.joints.transform.numpy()))
    result[:, :4] = trial.joints.transform.numpy() @ result[:, :4]
    return result


def assembled(trial: Trial, matrices: Matrix) -> Matrix:
    """The pieces' matrices (kinds, pieces, local, local) summed into global ones, in the unknowns.

    One more row and column collects what a boundary condition has removed; it is dropped.
    """
    kinds, index, size = len(matrices), trial.index.numpy(), trial.unknowns + 1
    place = (index[:, :, None] * size + index[:, None, :]).ravel()
    places = (place + size**2 * np.arange(kinds)[:, None]).ravel()
    total = _summed(places, matrices.ravel(), kinds * size**2)
    return total.reshape(kinds, size, size)[:, :-1, :-1]


def _summed(places: NDArray[np.int64], values: Matrix, size: int) -> Matrix:
    """The sums of the values at each of `size` places."""
    if np.iscomplexobj(values):
        return _summed(places, values.real, size) + 1j * _summed(places, values.imag, size)
    return np.bincount(places, values, size)
