"""The one function that joins the stages: Problem -> states -> certificate -> Solution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify import Certificate, Reference

Status = Literal["certified", "not certified"]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Outcome:
    """An `expect` statement after the solve; `value` is None when its state does not exist."""

    text: str
    value: float | None
    expected: float
    tolerance: float
    passed: bool


@dataclass(frozen=True)
class Solution:
    """A solved problem with its evidence.

    `energies`, `bounds`: shape (states,), absolute, in the problem's energy unit.
    `psi(x)`: shape (states, points).
    `report`: label -> value, None for a quantity of a state that does not exist.
    `seconds`: wall time of the stages.
    """

    problem: Problem
    states: States
    reference: Reference
    certificate: Certificate
    report: Mapping[str, float | None]
    expect: tuple[Outcome, ...]
    seconds: Mapping[str, float]

    @property
    def energies(self) -> Array:
        return self.states.energies

    @property
    def bounds(self) -> Array:
        return self.certificate.bounds

    @property
    def box(self) -> tuple[float, float]:
        """The interval on which psi is represented; for a finite domain the domain itself."""
        return float(self.states.edges[0]), float(self.states.edges[-1])

    @property
    def status(self) -> Status:
        return "certified" if self.certificate.certified.all() else "not certified"

    @property
    def converged(self) -> bool:
        return bool(self.certificate.converged.all())

    @property
    def message(self) -> str:
        """What failed, in a sentence; empty when everything held."""
        return self.certificate.message

    def psi(self, x: ArrayLike) -> NDArray[np.float64]:
        """The normalised wavefunctions at the points x (shape (points,)): shape (states, points).

        Outside the box they are 0.  A torch tensor gives a torch tensor of the same dtype and device.
        """
        raise NotImplementedError
