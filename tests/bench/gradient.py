"""Do several states come out of gradient training with nothing set? Errors, bounds, verdicts, CPU times.

    OMP_NUM_THREADS=1 python tests/bench/gradient.py [problem …]

Every problem is solved with `method = gradient` and five seeds.  Printed are the largest relative error of
an energy, the largest bound relative to its energy, the verdict, and the CPU seconds with the certificate.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import qdsl

WELL = "{ 0 if |x| < 1; 20 otherwise }"
BARRIER = "{ 50 if 0.4 < x < 0.6; 0 otherwise }"
PROBLEMS = {
    "infinite well": "domain x in [0, 1]\npotential V(x) = 0\nfind states 0..2",
    "finite well": f"domain x in [-4, 4]\npotential V(x) = {WELL}\nfind states 0..2",
    "barrier": f"domain x in [0, 1]\npotential V(x) = {BARRIER}\nfind states 0..1",
    "oscillator": "domain x in (-inf, inf)\npotential V(x) = x^2\nfind states 0..3",
    "double well": "domain x in (-inf, inf)\npotential V(x) = (x^2 - 9)^2/16\nfind states 0..3",
}
SEEDS = range(5)


def main() -> None:
    print(f"{'problem':<14} seed  {'error':>8} {'bound':>8}  CPU s  verdict")
    for name in sys.argv[1:] or PROBLEMS:
        problem = qdsl.parse(PROBLEMS[name])
        exact = qdsl.solve(problem).energies
        for seed in SEEDS:
            before = time.process_time()
            solution = qdsl.solve(problem, method="gradient", seed=seed)
            seconds = time.process_time() - before
            error, bound = np.abs(solution.energies / exact - 1).max(), (solution.bounds / exact).max()
            verdict = solution.status + (", converged" if solution.converged else ", not converged")
            print(f"{name:<14} {seed:>4}  {error:8.1e} {bound:8.1e}  {seconds:5.1f}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
