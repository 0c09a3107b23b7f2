"""qdsl: one-dimensional quantum problems, from a text to certified energies and wavefunctions.

    import qdsl

    problem = qdsl.load("well.qw")            # or qdsl.parse("domain x in [0, 1] …")
    solution = qdsl.solve(problem, V0=30)
    solution.energies                         # array, shape (states,)
    solution.psi([0.1, 0.2])                  # array, shape (states, points)

This module is the one public door.  It loads what stands behind a name only when the name is used, so
that `import qdsl` costs next to nothing: no torch, no sympy, no matplotlib.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from qdsl.errors import Diagnostic, QdslError
    from qdsl.physics.problem import (
        Bloch,
        BoundStates,
        Decay,
        Dirichlet,
        Neumann,
        Parameter,
        PointInteraction,
        Problem,
        Robin,
        StatesBelow,
        Sweep,
    )
    from qdsl.potentials.plugins import potential
    from qdsl.reading import load, parse
    from qdsl.solution import Solution
    from qdsl.solving import solve
    from qdsl.sweeping import SweepPoint, SweepResult, sweep

__all__ = [
    "Bloch",
    "BoundStates",
    "Decay",
    "Diagnostic",
    "Dirichlet",
    "Neumann",
    "Parameter",
    "PointInteraction",
    "Problem",
    "QdslError",
    "Robin",
    "Solution",
    "StatesBelow",
    "Sweep",
    "SweepPoint",
    "SweepResult",
    "__version__",
    "load",
    "parse",
    "potential",
    "solve",
    "sweep",
]

_HOMES = {
    "Bloch": "qdsl.physics.problem",
    "BoundStates": "qdsl.physics.problem",
    "Decay": "qdsl.physics.problem",
    "Diagnostic": "qdsl.errors",
    "Dirichlet": "qdsl.physics.problem",
    "Neumann": "qdsl.physics.problem",
    "Parameter": "qdsl.physics.problem",
    "PointInteraction": "qdsl.physics.problem",
    "Problem": "qdsl.physics.problem",
    "QdslError": "qdsl.errors",
    "Robin": "qdsl.physics.problem",
    "Solution": "qdsl.solution",
    "StatesBelow": "qdsl.physics.problem",
    "Sweep": "qdsl.physics.problem",
    "SweepPoint": "qdsl.sweeping",
    "SweepResult": "qdsl.sweeping",
    "load": "qdsl.reading",
    "parse": "qdsl.reading",
    "potential": "qdsl.potentials.plugins",
    "solve": "qdsl.solving",
    "sweep": "qdsl.sweeping",
}


def __getattr__(name: str) -> Any:
    """Fetch a public name on first use (PEP 562) and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qdsl' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
