"""What a method hands over: energies and wavefunctions, with neither torch nor sympy in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class States:
    """Solved states on a box cut into pieces.

    `numbers`  the quantum numbers that the method claims, shape (states,)
    `energies` shape (states,), in the problem's energy unit
    `edges`    ends of the pieces, increasing, shape (pieces + 1,); edges[0] and edges[-1] are the box.
               Inside a piece psi is smooth; psi'' may jump at an edge.
    `psi`, `slope`, `curvature`  psi, psi' and psi'' as functions of an array of points inside the box:
               shape (points,) -> (states, points).  psi is normalised: int w psi^2 dx = 1.
    `losses`   gives the named loss terms of each state, evaluated when they are asked for
    `settled`  whether the method believes that it met its tolerance; `message` says why not.
    `origin`   what the method alone understands, to go on from here at other parameters; None if it cannot
    """

    numbers: tuple[int, ...]
    energies: Array
    edges: Array
    psi: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    curvature: Callable[[Array], Array]
    losses: Callable[[], tuple[Mapping[str, float], ...]]
    settled: bool = True
    message: str = ""
    origin: object = field(default=None, repr=False, compare=False)
