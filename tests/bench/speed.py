"""How fast is qdsl, as ratios measured in turn, so that they hold on any machine.

    python tests/bench/speed.py            # everything, about two minutes
    python tests/bench/speed.py ritz       # only `ritz` against tuned spectral elements, in process
    python tests/bench/speed.py start      # only whole processes: check and solve against bare imports

`ritz` against spectral elements: five states of each canonical problem to 1e-9, after a warm-up, on one
thread.  `ritz` finds its own box, pieces and features from nothing and judges itself; the dense Legendre
spectral elements (see spectral_elements.py) are handed the box, the elements and the degree that were
fastest in a search.  "solve" is a whole solve of theirs, "tables kept" one that finds the polynomials at the
Gauss points as the last solve left them; elements and degree are searched for each.  "certified" is `ritz`,
wavefunctions and certificates of all five states together, the reference solver not counted.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import spectral_elements

import qdsl
from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.problem import Problem
from qdsl.physics.training import Training
from qdsl.pinn.coefficients import compile_coefficients
from qdsl.pinn.ritz import solve_ritz
from qdsl.pinn.train import train
from qdsl.solving import silent
from qdsl.verify import certify, reference

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CANONICAL = ("infinite_well", "finite_well", "finite_barrier", "double_well", "morse")
HARMONIC = 'title "harmonic oscillator"\ndomain x in (-inf, inf)\npotential V(x) = x^2\n'
STATES = 5
POTENTIALS = {  # as someone would write them in numpy for the spectral elements
    "infinite_well": lambda x: np.zeros_like(x),
    "finite_well": lambda x: np.where(np.abs(x) < 1, 0.0, 20.0),
    "finite_barrier": lambda x: np.where(np.abs(x - 0.5) < 0.1, 50.0, 0.0),
    "double_well": lambda x: (x * x - 4) ** 2,
    "morse": lambda r: 0.1745 * (1 - np.exp(-1.027 * (r - 1.4))) ** 2,
    "harmonic": lambda x: x * x,
}


def problems() -> dict[str, Problem]:
    read = {name: qdsl.load(EXAMPLES / f"{name}.qw") for name in CANONICAL}
    read["harmonic"] = qdsl.parse(HARMONIC)
    return {name: replace(p, states=tuple(range(STATES)), training=Training()) for name, p in read.items()}


def in_turn(
    first: Callable[[], object], second: Callable[[], object], runs: int
) -> tuple[float, float, float]:
    """Median seconds of both, and the median of the ratios first / second, pair by pair."""
    pairs = [(seconds(first), seconds(second)) for _ in range(runs)]
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare_ritz() -> None:
    print("five states to 1e-9     pieces unknowns      ritz  certified   solve   ratios      kept   ratios")
    for name, problem in problems().items():
        coefficients = compile_coefficients(problem)
        fit = solve_ritz(problem, coefficients)
        low, high = float(fit.trial.edges[0]), float(fit.trial.edges[-1])
        witness = reference(problem, problem.states, (low, high))
        cuts = [low, *(piece.left for piece in smooth_pieces(problem)[1:]), high]
        given = POTENTIALS[name], problem.number(problem.p)
        exact = fit.energies.numpy()

        def ritz(problem=problem, c=coefficients) -> object:
            return solve_ritz(problem, c)

        def certified(problem=problem, witness=witness) -> object:
            return certify(problem, train(problem, "cpu", silent), witness, 1e-9)

        line = f"{name:22s} {len(fit.trial.edges) - 1:6d} {fit.trial.unknowns:9d}"
        for tables in (spectral_elements.made, spectral_elements.kept):
            setting = spectral_elements.fastest(*given, cuts, exact, 1e-9, tables)

            def yardstick(given=given, s=setting, tables=tables) -> object:
                return spectral_elements.solve(*given, s, STATES, tables)

            ours, _, ratio = in_turn(ritz, yardstick, 101)
            everything, theirs, whole = in_turn(certified, yardstick, 101)
            if tables is spectral_elements.made:
                line += f"  {ours * 1e3:5.2f} ms   {everything * 1e3:5.2f} ms"
            line += f"  {theirs * 1e3:5.2f} ms {ratio:4.1f} {whole:5.1f}"
        print(line)


def process(*arguments: str) -> Callable[[], object]:
    # Without .pyc files Python compiles every module anew, which is not what anybody would measure.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(arguments, check=True, capture_output=True, cwd=tempfile.gettempdir(), env=environment)

    return run


def compare_start(runs: int = 11) -> None:
    python = sys.executable
    file = str(EXAMPLES / "finite_well.qw")
    checked = process(python, "-m", "qdsl", "check", file)
    solved = process(python, "-m", "qdsl", "solve", file)
    imports = {
        "check": (checked, "import sympy, lark", 2.0),
        "solve": (solved, "import torch, sympy, lark, scipy.linalg", 1.4),
    }
    for name, (command, statement, goal) in imports.items():
        bare = process(python, "-c", statement)
        command(), bare()
        ours, theirs, ratio = in_turn(command, bare, runs)
        print(f"qdsl {name:6s} {ours:.2f} s, python -c '{statement}' {theirs:.2f} s:", end=" ")
        print(f"ratio {ratio:.2f} (at most {goal})")


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["ritz", "start"]
    if "ritz" in wanted:
        compare_ritz()
    if "start" in wanted:
        compare_start()
