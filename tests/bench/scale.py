"""How time and memory grow: a GaAs/AlGaAs superlattice, read, solved and certified, in a process of its own.

    python tests/bench/scale.py                # both series, some minutes, and scale.png beside this file
    python tests/bench/scale.py 400 20         # one superlattice: wells, states
    python tests/bench/scale.py dense          # where condensing becomes faster than dense algebra

The first series asks for the 20 lowest states of 25 to 400 wells, the second for all states of the lowest
miniband, as many as there are wells.  Slopes are those of straight lines through the logarithms.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import qdsl

WELLS = (25, 50, 100, 200, 400)
SUPERLATTICE = """
title "GaAs / Al(0.3)Ga(0.7)As superlattice"
units meV, nm
param N      = {wells}      "wells"
param a      = 6 nm         "width of a well"
param b      = 4 nm         "width of a barrier"
param V0     = 230 meV      "conduction-band offset"
param m_w    = 0.067 m_e
param m_b    = 0.0919 m_e
param period = a + b
define layer(x, well, barrier) = {{ well if cos(2*pi*x/period) < cos(pi*b/period); barrier otherwise }}

domain x in [-b/2, N*period + b/2]
mass m(x) = layer(x, m_w, m_b)
potential V(x) = layer(x, 0, V0)
find states 0..{last}
"""


def measured(wells: int, states: int) -> dict[str, float | str]:
    """CPU seconds of the parts, and megabytes beyond those of the imports."""
    import qdsl.pinn

    qdsl.solve(qdsl.parse(SUPERLATTICE.format(wells=2, last=1)))  # warm up
    before = peak()
    clock = [time.process_time()]
    problem = qdsl.parse(SUPERLATTICE.format(wells=wells, last=states - 1))
    clock.append(time.process_time())
    solution = qdsl.solve(problem)
    clock.append(time.process_time())
    part = {name: seconds / sum(solution.seconds.values()) for name, seconds in solution.seconds.items()}
    solving = clock[2] - clock[1]
    return {
        "read": clock[1] - clock[0],
        "solve": solving * part["solve"],
        "verify": solving * part["verify"],
        "all": clock[2] - clock[0],
        "MB": peak() - before,
        "pieces": len(solution.states.edges) - 1,
        "certified": f"{solution.certificate.certified.sum()} of {states}",
        "converged": f"{solution.certificate.converged.sum()} of {states}",
        "bound": float(solution.bounds.max()),
    }


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_process(wells: int, states: int) -> dict[str, float | str]:
    command = [sys.executable, __file__, str(wells), str(states), "--json"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def shown(wells: int, states: int, found: dict[str, float | str]) -> str:
    seconds = " ".join(f"{found[name]:7.2f}" for name in ("read", "solve", "verify", "all"))
    return (
        f"{wells:5d} {states:6d} {found['pieces']:6d} {seconds} {found['MB']:6.0f}   "
        f"{found['certified']:>10s}  {found['converged']:>10s}  {found['bound']:.0e}"
    )


def series(name: str, states: dict[int, int]) -> list[dict[str, float | str]]:
    print(name)
    print("wells states pieces    read   solve  verify   all s     MB    certified   converged  bound/meV")
    found = []
    for wells, count in states.items():
        found.append(in_a_process(wells, count))
        print(shown(wells, count, found[-1]), flush=True)
    slopes = {key: slope(list(states), [f[key] for f in found]) for key in ("solve", "verify", "all", "MB")}
    print("slopes: " + ", ".join(f"{key} {value:.2f}" for key, value in slopes.items()) + "\n")
    return found


def slope(x: list[int], y: list[float]) -> float:
    return float(np.polyfit(np.log(x), np.log(np.maximum(y, 1e-3)), 1)[0])


def draw(named: dict[str, list[dict[str, float | str]]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for name, found in named.items():
        for axes, key in ((left, "all"), (right, "MB")):
            values = [f[key] for f in found]
            axes.loglog(WELLS, values, "o-", label=f"{name}: slope {slope(list(WELLS), values):.2f}")
    for axes, label in ((left, "CPU time / s"), (right, "memory beyond the imports / MB")):
        axes.set_xticks(WELLS, [str(wells) for wells in WELLS])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("wells")
        axes.set_ylabel(label)
        axes.legend()
    figure.savefig(path)


def compare_dense() -> None:
    """Seconds of both ways to the lowest states of some wells, the best of five in turn."""
    from qdsl.pinn.coefficients import compile_coefficients
    from qdsl.pinn.eigenproblem import assemble
    from qdsl.pinn.fit import collocate
    from qdsl.pinn.ritz import solve_ritz
    from qdsl.pinn.slicing import lowest

    print("wells states unknowns    dense  condensed")
    for wells in (4, 8, 12, 16, 24):
        for states in (5, 20):
            problem = qdsl.parse(SUPERLATTICE.format(wells=wells, last=4))
            coefficients = compile_coefficients(replace(problem, states=tuple(range(5))))
            trial = solve_ritz(problem, coefficients).trial
            found = assemble(trial, trial.gauss_basis(48), collocate(trial, coefficients, 48))
            times = []
            for _ in range(5):
                clock = [time.perf_counter()]
                found._dense(states)
                clock.append(time.perf_counter())
                lowest(found.condensed(), states)
                clock.append(time.perf_counter())
                times.append(np.diff(clock))
            dense, condensed = np.min(times, axis=0) * 1e3
            print(f"{wells:5d} {states:6d} {trial.unknowns:8d} {dense:5.1f} ms {condensed:7.1f} ms")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments == ["dense"]:
        compare_dense()
    elif arguments:
        wells, states = map(int, arguments[:2])
        found = measured(wells, states)
        print(json.dumps(found) if "--json" in arguments else shown(wells, states, found))
    else:
        few = series("the 20 lowest states", dict.fromkeys(WELLS, 20))
        all_of_them = series("the lowest miniband", {wells: wells for wells in WELLS})
        draw({"20 states": few, "all of the miniband": all_of_them}, Path(__file__).with_name("scale.png"))
