"""Time to an accuracy, and the best accuracy: qdsl against other solvers, in one run on one core.

    python tests/bench/compare.py             # writes compare.md and compare.png beside this file
    python tests/bench/compare.py --deepxde   # with a plain PINN of DeepXDE on two problems, much slower

Errors are the largest one of the wanted states, relative to max(|E|, int p u'^2), against trusted levels.  A
solver with a resolution runs with finer and finer ones, and the quickest that reaches an accuracy counts;
nobody tells it that this one will do.  `ritz` is asked for the accuracy, finds everything else itself, and
knows when it is there; `+ certificate` is `qdsl.solve` with all its checks.  Everybody but qdsl is handed
the interval.  Times are the least of three, after a warm-up.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import mpmath
import numpy as np
import peers
import references
from trusted import elements
from trusted.equation import Equation, Piece, exp, one, schroedinger, zero

import qdsl
from qdsl.errors import QdslError
from qdsl.physics.problem import Problem
from qdsl.physics.training import METHODS
from qdsl.pinn.train import train

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
COLLECTION = HERE.parent / "collection"
GOALS = (1e-3, 1e-6, 1e-9)
TOO_LONG = 10.0
"""Seconds after which a solver gets no finer resolution."""
MASS = 918.076

CANONICAL: dict[str, Equation] = {
    "infinite_well": schroedinger(0, 1, zero, range(3)),
    "finite_well": Equation(
        (Piece(-4, -1, lambda x: 20 * one(x)), Piece(-1, 1), Piece(1, 4, lambda x: 20 * one(x))), (0, 1, 2)
    ),
    "finite_barrier": Equation(
        (Piece(0, 0.4), Piece(0.4, 0.6, lambda x: 50 * one(x)), Piece(0.6, 1)), tuple(range(4))
    ),
    "double_well": schroedinger(-mpmath.inf, mpmath.inf, lambda x: (x * x - 4) ** 2, range(4)),
    "morse": Equation(
        (
            Piece(
                0,
                mpmath.inf,
                lambda r: 0.1745 * (1 - exp(-1.027 * (r - 1.4))) ** 2,
                lambda r: one(r) / (2 * MASS),
            ),
        ),
        tuple(range(5)),
    ),
}
HARD = (
    "coffey_evans_50",
    "double_well_7",
    "lennard_jones",
    "woods_saxon",
    "paine_inverse_square",
    "klotter",
    "thin_barrier",
    "walls_million",
    "coulomb_d",
    "absolute_cube",
)
PINNED = ("infinite_well", "double_well")
"""What the plain PINN is tried on: one smooth piece."""


@dataclass(frozen=True)
class Case:
    name: str
    problem: Problem
    equation: Equation
    exact: np.ndarray
    scale: np.ndarray

    def error(self, energies: np.ndarray) -> float:
        if len(energies) < len(self.exact) or not np.isfinite(energies).all():
            return np.inf
        return float(np.max(np.abs(energies[list(self.equation.states)] - self.exact) / self.scale))


@dataclass(frozen=True)
class Run:
    """One attempt: its time, its error, and the accuracy it was asked for, if it was."""

    seconds: float
    error: float
    asked: float | None = None


def cases() -> Iterator[Case]:
    for name, equation in CANONICAL.items():
        levels = references.expected(equation)
        box = references.cut(equation, levels[-1], 20.0)
        exact, kinetic = elements.lowest(box, len(levels), references.alive(box, levels))
        energies = np.array([float(e) for e in exact])
        problem = replace(qdsl.load(EXAMPLES / f"{name}.qw"), states=equation.states, report=(), expect=())
        yield Case(name, problem, box, energies, np.maximum(np.abs(energies), kinetic))
    table = json.loads(references.TABLE.read_text())
    for name in HARD:
        states = table[name]["states"].values()
        energies = np.array([float(state["energy"]) for state in states])
        equation = references.EQUATIONS[name]
        box = references.cut(equation, float(energies[-1]), 20.0)
        scale = np.array([state["scale"] for state in states])
        yield Case(name, qdsl.load(COLLECTION / f"{name}.qw"), box, energies, scale)


def measured(work: Callable[[], np.ndarray], case: Case, asked: float | None = None) -> Run:
    best, energies = np.inf, np.empty(0)
    for _ in range(4):  # the first one warms up
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            energies = work()
        taken = time.perf_counter() - start
        best = min(best, taken)
        if taken > TOO_LONG / 10:
            break
    return Run(best, case.error(energies), asked)


def ladder(solver: Callable[..., np.ndarray], resolutions: list[float], case: Case) -> list[Run]:
    runs: list[Run] = []
    for resolution in resolutions:
        try:
            run = measured(lambda r=resolution: solver(case.equation, len(case.exact), r), case)
        except (ArithmeticError, ValueError, RuntimeError, np.linalg.LinAlgError):
            continue
        runs.append(run)
        if run.seconds > TOO_LONG or run.error < 1e-13:
            break
    return runs


def ours(method: str, case: Case, *, certificate: bool = False) -> list[Run]:
    goals = GOALS if method == "ritz" else GOALS[:1] if method == "gradient" else GOALS[-1:]
    runs = []
    for goal in goals:
        kind = next(kind for kind in METHODS if kind.name == method)
        training = replace(case.problem.training, method=(kind(),), tolerance=goal)
        problem = replace(case.problem, training=training)

        def work(problem: Problem = problem) -> np.ndarray:
            if certificate:
                return qdsl.solve(problem).energies
            return train(problem, "cpu", lambda stage, done: None).energies

        try:
            runs.append(measured(work, case, goal))
        except QdslError:
            continue
    return runs


def ground(case: Case) -> Case:
    """The ground state alone, which is what the other PINN is trained for."""
    return replace(
        case,
        problem=replace(case.problem, states=(0,)),
        equation=replace(case.equation, states=(0,)),
        exact=case.exact[:1],
        scale=case.scale[:1],
    )


def solvers(case: Case) -> Iterator[tuple[str, Callable[[], list[Run]]]]:
    yield "ritz", lambda: ours("ritz", case)
    yield "ritz + certificate", lambda: ours("ritz", case, certificate=True)
    if case.name in CANONICAL:
        yield "lm", lambda: ours("lm", case)
        yield "gradient (ground state)", lambda: ours("gradient", ground(case))
    yield "pyslise", lambda: ladder(peers.pyslise, [10.0**-k for k in range(3, 14, 2)], case)
    yield "Chebyshev", lambda: ladder(peers.chebyshev, [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256], case)
    yield (
        "finite differences",
        lambda: ladder(peers.finite_differences, [64 * 4**k for k in range(6)], case),
    )


def reached(runs: list[Run], goal: float) -> str:
    """The least time to an accuracy."""
    times = [run.seconds for run in runs if run.error <= goal]
    return f"{min(times) * 1e3:.3g}" if times else "–"


def processor() -> str:
    """The model, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())


def markdown(results: dict[str, dict[str, list[Run]]]) -> str:
    command = " ".join(["tests/bench/compare.py", *sys.argv[1:]])
    lines = [
        f"Milliseconds on one of {os.cpu_count()} cores ({processor()}, a shared cloud machine), made by",
        f"`python {command}`, which says what is compared with what.",
        "",
        *summary(results),
        "",
        "| problem | solver | to 1e-3 | to 1e-6 | to 1e-9 | best error |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in results.items():
        for solver, runs in found.items():
            cells = " | ".join(reached(runs, goal) for goal in GOALS)
            best = min((run.error for run in runs), default=np.inf)
            worst = f"{best:.0e}" if np.isfinite(best) else "levels are missing"
            lines.append(f"| {name} | {solver} | {cells} | {worst} |")
    return "\n".join(lines) + "\n"


def summary(results: dict[str, dict[str, list[Run]]]) -> list[str]:
    """Milliseconds to 1e-9, a column for each solver that all problems are given to."""
    everywhere = [s for s in next(iter(results.values())) if all(s in found for found in results.values())]
    rows = [[name, *(reached(found[s], GOALS[-1]) for s in everywhere)] for name, found in results.items()]
    head = ["to 1e-9", *everywhere]
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]


def draw(results: dict[str, dict[str, list[Run]]], path: Path) -> None:
    """Time to 1e-9 of every solver on every problem."""
    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    names = list(results)
    for solver in dict.fromkeys(solver for found in results.values() for solver in found):
        times = [
            min((r.seconds for r in results[name].get(solver, []) if r.error <= 1e-9), default=np.nan)
            for name in names
        ]
        if np.isfinite(times).any():
            axes.plot(names, np.array(times) * 1e3, "o", label=solver)
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds to 1e-9")
    axes.tick_params(axis="x", rotation=60)
    axes.legend()
    figure.savefig(path, dpi=110)


def pinned(case: Case) -> list[Run]:
    """The plain PINN, started at 0.8 of the ground level."""
    start = time.perf_counter()
    energy = peers.deepxde_ground_state(case.equation, 0.8 * float(case.exact[0]), 5000)
    error = abs(energy - case.exact[0]) / case.scale[0]
    return [Run(time.perf_counter() - start, float(error))]


def main() -> None:
    options = argparse.ArgumentParser(description="qdsl against other solvers")
    options.add_argument("--deepxde", action="store_true", help="with a plain PINN (needs deepxde)")
    options.add_argument("names", nargs="*", help="only these problems")
    arguments = options.parse_args()
    results: dict[str, dict[str, list[Run]]] = {}
    for case in cases():
        if arguments.names and case.name not in arguments.names:
            continue
        results[case.name] = {}
        for solver, work in solvers(case):
            results[case.name][solver] = work()
        if arguments.deepxde and case.name in PINNED:
            results[case.name]["DeepXDE (ground state)"] = pinned(case)
        print(markdown({case.name: results[case.name]}).rsplit("|---|\n", 1)[1], end="", flush=True)
        if not arguments.names:
            (HERE / "compare.md").write_text(markdown(results), encoding="utf-8")
            draw(results, HERE / "compare.png")


if __name__ == "__main__":
    main()
