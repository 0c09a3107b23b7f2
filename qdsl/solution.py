"""What a solve hands back: states, evidence, reported quantities, and the verdict on them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qdsl.errors import UsageError
from qdsl.physics.problem import Problem
from qdsl.states import Array, States
from qdsl.verify import Certificate, Count, Reference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Status = Literal["certified", "not certified"]


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
    `psi(x)`: shape (states, points), complex for Bloch states.
    `report`: label -> value, None for a quantity of a state that does not exist.
    `report_bounds`: label -> how far that value is from the exact one at most, None where not known.
    `seconds`: wall time of the stages.
    `count`: how many states the problem's search has found, and whether these are all; None where the
    problem names its states.
    """

    problem: Problem
    states: States
    reference: Reference
    certificate: Certificate
    report: Mapping[str, float | None]
    expect: tuple[Outcome, ...]
    seconds: Mapping[str, float]
    count: Count | None = None
    report_bounds: Mapping[str, float | None] = field(default_factory=dict)

    def __repr__(self) -> str:
        """In a line: what a prompt shows."""
        of = f" of '{self.problem.title}'" if self.problem.title else ""
        levels = [f"E[{n}] = {e:.8g}" for n, e in zip(self.states.numbers, self.energies, strict=True)]
        shown = ", ".join(levels if len(levels) <= 5 else [*levels[:3], "…", levels[-1]])
        converged = "converged" if self.converged else "not converged"
        return f"<Solution{of}: {shown or 'no states'}; {self.status}, {converged}>"

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
        complete = self.count is None or self.count.certified
        return "certified" if complete and self.certificate.certified.all() else "not certified"

    @property
    def converged(self) -> bool:
        return bool(self.certificate.converged.all())

    @property
    def message(self) -> str:
        """What failed, in a sentence; empty when everything held."""
        open_count = "" if self.count is None or self.count.certified else self.count.message
        return "; ".join(filter(None, (open_count, self.states.message, self.certificate.message)))

    def psi(self, x: Any) -> Any:
        """The normalised wavefunctions at points x, shape (points,): shape (states, points).

        Outside the box they are 0.  An array (or anything numpy takes) gives a float64 array, complex128
        for Bloch states; a torch tensor gives a tensor on its device, detached, of its dtype or of the
        complex dtype of the same precision.
        Raises UsageError when x has more than one dimension.
        """
        points = x.detach().cpu().numpy() if _is_tensor(x) else x
        values = self._psi(np.asarray(points, dtype=np.float64))
        if not _is_tensor(x):
            return values
        dtype = x.dtype.to_complex() if np.iscomplexobj(values) else x.dtype
        return x.new_tensor(values, dtype=dtype)

    def _psi(self, x: Array) -> NDArray[Any]:
        if x.ndim > 1:
            raise UsageError(f"psi takes points of shape (points,), not {x.shape}")
        low, high = self.box
        x = np.atleast_1d(x)
        inside = (x >= low) & (x <= high)
        within = self.states.psi(x[inside])
        values = np.zeros((len(self.energies), len(x)), dtype=within.dtype)
        values[:, inside] = within
        return values

    def explain_certificate(self) -> str:
        """Why the bounds hold and the numbers are right, in a paragraph."""
        from qdsl.report.proof import certificate_text

        return certificate_text(self)

    def plot(self, path: str | PathLike[str] | None = None) -> Figure:
        """Every psi_n raised to its energy inside V, as a matplotlib Figure.

        With a path (.png, .svg or .pdf) it is also written there.  Raises UsageError when that cannot
        be done.
        """
        from qdsl.report.plot import draw

        return draw(self, path)


def _is_tensor(value: object) -> bool:
    """Whether a value is a torch tensor, found out without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
