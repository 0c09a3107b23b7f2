"""Fuzzing of reading: files are read and checked, not solved; see tests/fuzzing.py for what they hold.

    python tests/bench/fuzz.py --count 200000 --jobs 2
    python tests/bench/fuzz.py --start 4711 --count 1       # one input again
    python tests/bench/fuzz.py --show 4711                  # and what it holds

Each ends in a problem or in a QdslError whose spans lie inside their sources, within two seconds of
computing and one gigabyte of memory on top of what the libraries take.  What does not is kept in the
folder `--keep`, and the exit status is then 1.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzzing import ROOT, Outcome, generated, outcome
from numbered import options

HEADROOM = 1 << 30
"""Bytes of address space on top of those that a worker has once everything is imported."""

_place = Path()


def begin(folder: str) -> None:
    """Prepare a worker: a folder with what the files include, and the limit of memory."""
    global _place
    warnings.simplefilter("error")
    here = Path(tempfile.mkdtemp(dir=folder))
    shutil.copytree(ROOT / "tests/errors/parts", here / "parts")
    shutil.copytree(ROOT / "examples/data", here / "data")
    _place = here / "input.qw"
    outcome(b"domain x in [0, 1]\npotential V(x) = x\n", _place, 60)  # what is imported late is here now
    if sys.platform == "linux":
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + HEADROOM, taken + HEADROOM))


def run(number: int) -> tuple[int, Outcome, int]:
    """The outcome of one input, and the peak memory of its worker so far (kilobytes on Linux)."""
    return number, outcome(generated(number), _place), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    parser = options("fuzzing of reading", 200_000, "fuzz_failures")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.show is not None:
        sys.stdout.buffer.write(generated(arguments.show))
        return 0

    kinds: Counter[str] = Counter()
    slowest = (0.0, -1)
    peak = 0
    started = time.monotonic()
    numbers = range(arguments.start, arguments.start + arguments.count)
    with (
        tempfile.TemporaryDirectory() as folder,
        multiprocessing.Pool(arguments.jobs, begin, (folder,)) as pool,
    ):
        for number, found, memory in pool.imap_unordered(run, numbers, chunksize=20):
            kinds[found.kind if not found.bad else " ".join(found.kind.split()[:2])] += 1
            slowest = max(slowest, (found.seconds, number))
            peak = max(peak, memory)
            if found.bad:
                arguments.keep.mkdir(exist_ok=True)
                (arguments.keep / f"{number}.qw").write_bytes(generated(number))
                print(f"{number}: {found.kind}", flush=True)
            if time.monotonic() - started > arguments.seconds:
                break
    print(f"{kinds.total()} inputs in {time.monotonic() - started:.0f} s")
    for kind, count in kinds.most_common():
        print(f"{count:8d}  {kind}")
    print(f"slowest {slowest[0]:.2f} s (input {slowest[1]}), peak memory {peak / 1024:.0f} MB")
    return 1 if any(kind.startswith("BAD") for kind in kinds) else 0


if __name__ == "__main__":
    sys.exit(main())
