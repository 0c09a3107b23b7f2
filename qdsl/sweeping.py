"""Problem with sweeps -> a Solution at every point of the grid, one after the other.

What a point does not have to do again, it does not: the compiled callables depend on the formulas, not on the
values of the parameters, and are kept between points.  Gradient training goes on from the point before;
`ritz` needs no start, and its results do not depend on the order of the points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from qdsl.errors import QdslError, UsageError
from qdsl.physics import numeric
from qdsl.physics.problem import Problem, Sweep
from qdsl.physics.training import Method
from qdsl.solution import Solution
from qdsl.solving import Progress, silent, solve
from qdsl.states import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SweepPoint:
    """One point of a sweep: the values of the swept parameters, and what came of it.

    Either there is a `solution`, or an `error` says why there is none (the potential does not bind there).
    """

    values: Mapping[str, float]
    solution: Solution | None
    error: QdslError | None = None

    @property
    def place(self) -> str:
        """Where the point lies, in words: `V0 = 5, a = 1`."""
        return _place(self.values)

    @property
    def trusted(self) -> bool:
        """Whether the point was solved, is certified and converged."""
        solution = self.solution
        return solution is not None and solution.status == "certified" and solution.converged

    @property
    def expected(self) -> bool:
        """Whether nothing was found that the file expects otherwise."""
        return self.solution is None or all(outcome.passed for outcome in self.solution.expect)

    @property
    def holds(self) -> bool:
        """Whether the point is certified, converged, and as the file expects it."""
        return self.trusted and self.expected


@dataclass(frozen=True)
class SweepResult:
    """The points of a sweep in the order of the grid, the last swept parameter running fastest.

    `complete` is False when the sweep was interrupted and the later points are missing.
    """

    problem: Problem
    points: tuple[SweepPoint, ...]
    complete: bool = True

    def __repr__(self) -> str:
        """In a line: what a prompt shows."""
        of = f" of '{self.problem.title}'" if self.problem.title else ""
        held = sum(point.holds for point in self.points)
        swept = ", ".join(self.names)
        return f"<SweepResult{of}: {len(self.points)} points over {swept}, of which {held} hold>"

    @property
    def names(self) -> tuple[str, ...]:
        """The swept parameters, in the order of the file."""
        return tuple(sweep.parameter.name for sweep in self.problem.sweeps)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The quantum numbers that occur at some point, increasing."""
        solutions = (point.solution for point in self.points)
        return tuple(sorted({n for s in solutions if s is not None for n in s.states.numbers}))

    @cached_property
    def energies(self) -> Array:
        """Shape (points, states), a column for each of `numbers`; nan where a state does not exist."""
        table = np.full((len(self.points), len(self.numbers)), np.nan)
        columns = {n: column for column, n in enumerate(self.numbers)}
        for row, point in enumerate(self.points):
            if point.solution is not None:
                for n, energy in zip(point.solution.states.numbers, point.solution.energies, strict=True):
                    table[row, columns[n]] = energy
        return table

    def values(self, name: str) -> Array:
        """The values of a swept parameter, shape (points,).  Raises UsageError for any other name."""
        if name not in self.names:
            raise UsageError(f"'{name}' is not swept", hint=f"swept: {', '.join(self.names)}")
        return np.array([point.values[name] for point in self.points])

    @property
    def holds(self) -> bool:
        """Whether every point was solved, is certified, converged, and as the file expects it."""
        return self.complete and all(point.holds for point in self.points)

    def plot(self, path: str | PathLike[str] | None = None) -> Figure:
        """The levels against the first swept parameter; written to `path` (.png, .svg, .pdf) if given."""
        from qdsl.report.sweep_plot import draw_sweep

        return draw_sweep(self, path)


def sweep(
    problem: Problem,
    *,
    method: str | Method | Sequence[Method] | None = None,
    seed: int | None = None,
    device: str = "cpu",
    progress: Progress = silent,
    **parameters: float | sp.Expr,
) -> SweepResult:
    """Solve a problem at every point of its sweeps; the options are those of `qdsl.solve`.

    A point that cannot be solved is a point with an error, not the end of the sweep.
    Raises UsageError for a problem without sweeps, for a parameter that is unknown or swept, and for an
    unknown method or device.
    """
    points = sweep_points(problem, method=method, seed=seed, device=device, progress=progress, **parameters)
    return SweepResult(problem, tuple(points))


def sweep_points(
    problem: Problem,
    *,
    method: str | Method | Sequence[Method] | None = None,
    seed: int | None = None,
    device: str = "cpu",
    progress: Progress = silent,
    **parameters: float | sp.Expr,
) -> Iterator[SweepPoint]:
    """The points of `sweep`, each as soon as it is done."""
    count = math.prod(len(sweep.values) for sweep in _sweeps(problem, parameters))
    furthest = 0.0
    last: Solution | None = None
    for index, (values, single) in enumerate(grid_of(problem, **parameters)):
        at = f"{_place(values)} ({index + 1}/{count})"

        def tell(stage: str, done: float, at: str = at, index: int = index) -> None:
            nonlocal furthest  # each stage of a solve begins at 0
            furthest = max(furthest, (index + done) / count)
            progress(f"{at}: {stage}", furthest)

        tell("solving", 0.0)
        if isinstance(single, QdslError):
            yield SweepPoint(values, None, single)
            continue
        try:
            solution = solve(single, method=method, seed=seed, device=device, progress=tell, start=last)
        except UsageError:
            raise  # a wrong option is as wrong at every other point
        except QdslError as error:
            yield SweepPoint(values, None, error)
        else:
            last = solution
            yield SweepPoint(values, solution)


def grid_of(
    problem: Problem, **parameters: float | sp.Expr
) -> Iterator[tuple[dict[str, float], Problem | QdslError]]:
    """The points of the grid, one by one: the numbers of the swept parameters, and the problem there.

    Where a parameter has a value that is not allowed, the error stands in the place of the problem.
    Raises UsageError when nothing is swept, when a swept parameter is given a value too, and when there is
    no point whose values are allowed.
    """
    if not problem.sweeps:
        raise UsageError("the problem has no sweep", hint="qdsl.solve solves a single problem")
    names = [sweep.parameter.name for sweep in problem.sweeps]
    for name in names:
        refuse_swept(problem, name, parameters)
    single = replace(problem, sweeps=())
    allowed = False
    waiting: list[tuple[Mapping[str, float | sp.Expr], Problem | QdslError]] = []
    for expressions in itertools.product(*(sweep.values for sweep in _sweeps(problem, parameters))):
        assigned = parameters | dict(zip(names, expressions, strict=True))
        found: Problem | QdslError
        try:
            found = single.with_values(**assigned)
            allowed = True
        except QdslError as error:
            found = error
        waiting.append((assigned, found))
        if allowed:
            yield from ((_numbers(problem, names, given), what) for given, what in waiting)
            waiting.clear()
    for _, found in waiting:  # wrong at every point, so wrong with the call
        assert isinstance(found, QdslError)
        raise found


def _sweeps(problem: Problem, parameters: Mapping[str, float | sp.Expr]) -> tuple[Sweep, ...]:
    """The sweeps at these values of the other parameters."""
    with suppress(UsageError):  # a value may be allowed only together with those of the sweep
        return problem.with_values(**parameters).sweeps
    return problem.sweeps


def _numbers(
    problem: Problem, names: Sequence[str], assigned: Mapping[str, float | sp.Expr]
) -> dict[str, float]:
    """The values of the swept parameters, whether they are allowed or not."""
    values: dict[sp.Symbol, float] = {}
    for parameter in problem.parameters:
        value = assigned.get(parameter.symbol.name, parameter.value)
        values[parameter.symbol] = (
            numeric.number(value, values) if isinstance(value, sp.Expr) else float(value)
        )
    numbers = {symbol.name: value for symbol, value in values.items()}
    return {name: numbers[name] for name in names}


def _place(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())


def refuse_swept(problem: Problem, name: str, assigned: Mapping[str, object]) -> None:
    """Raises UsageError when a parameter that the problem sweeps is given a single value as well."""
    if name in assigned and any(sweep.parameter.name == name for sweep in problem.sweeps):
        raise UsageError(
            f"'{name}' is swept, so it cannot have a single value as well",
            hint=f"remove 'sweep {name} = …' from the file, or set another parameter",
        )
