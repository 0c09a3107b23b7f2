"""A hunt for certificates that are not true: random problems, held against a solver that knows them.

    python tests/bench/hunt.py --count 2000
    python tests/bench/hunt.py --start 4711 --count 1       # one problem again
    python tests/bench/hunt.py --show 4711                  # its file

The witness is told where each problem has its steps, needles and waves, and cuts its elements there; qdsl
has to find them.  Two degrees of the elements tell how good the witness is.  Reported are certified levels
and bounded means that are further off than their bounds allow, what is no QdslError, and what takes longer
than 30 s; the exit status is then 1.  Listed is also what is refused or not certified.
"""

from __future__ import annotations

import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType

import numpy as np
import scipy.sparse as sparse
from numbered import options
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

import qdsl

Array = NDArray[np.float64]
Function = Callable[[Array], Array]
EPS = float(np.finfo(np.float64).eps)
LIMIT = 30
DEGREES = 10, 14
DECAY = 36.0
"""int sqrt(q - E) dx from the last feature to where the line is cut: psi is 1e-16 there."""


@dataclass
class Draft:
    """A problem in the making: its file, and what the witness is told.

    `marks`: places and widths of features; `wave`: the largest wavenumber of a coefficient.
    `ends`: psi'/psi, None where psi = 0; `phase` ties them.
    """

    low: float
    high: float
    line: bool
    terms: list[tuple[str, Function]] = field(default_factory=list)
    p: tuple[str, Function] = ("1", np.ones_like)
    w: tuple[str, Function] = ("1", np.ones_like)
    marks: list[tuple[float, float]] = field(default_factory=list)
    deltas: list[tuple[float, float]] = field(default_factory=list)
    wave: float = 0.0
    ends: tuple[float | None, float | None] = (None, None)
    phase: float | None = None
    last: int = 2

    def q(self, x: Array) -> Array:
        return np.sum([np.zeros_like(x), *(f(x) for _, f in self.terms)], axis=0)

    @property
    def text(self) -> str:
        domain = "(-inf, inf)" if self.line else f"[{self.low!r}, {self.high!r}]"
        terms = [text for text, _ in self.terms] + [f"({g!r})*delta(x - ({at!r}))" for at, g in self.deltas]
        lines = [f"domain x in {domain}", f"potential V(x) = {' + '.join(terms) or '0'}"]
        if (self.p[0], self.w[0]) != ("1", "1"):
            lines.append(f"equation -(({self.p[0]})*psi')' + V(x)*psi = E*({self.w[0]})*psi")
        if self.phase is not None:
            lines.append(f"boundary bloch({self.phase / (self.high - self.low)!r})")
        elif not self.line:
            lines.append("boundary " + ", ".join(map(_condition, (self.low, self.high), self.ends)))
        lines.append(f"find states 0..{self.last}")
        lines.append("report mean(x, 0), mean(x^2, 1), element(0, x, 1)" if self.phase is None else "")
        return "\n".join(lines) + "\n"


def _condition(at: float, ratio: float | None) -> str:
    return f"psi({at!r}) = 0" if ratio is None else f"psi'({at!r}) = ({ratio!r})*psi({at!r})"


def drawn(seed: int) -> Draft:
    """The problem with this number."""
    r = np.random.default_rng(seed)

    def log(low: float, high: float) -> float:
        return float(np.exp(r.uniform(np.log(low), np.log(high))))

    low = float(np.round(r.uniform(-3, 1), 3))
    made = Draft(low, low + float(np.round(log(0.5, 20), 3)), bool(r.random() < 0.3))
    length = made.high - low
    made.last = int(r.integers(1, 6))
    for _ in range(int(r.integers(0, 5))):
        at, width = float(np.round(r.uniform(low, made.high), 5)), log(1e-6, 0.3) * length
        height = float(r.choice([-1, 1])) * log(1e-4, 30) / width / length
        made.terms.append(_bump(int(r.integers(4)), at, width, height))
        made.marks.append((at, width))
    if r.random() < 0.5:
        made.terms.append(_ground(int(r.integers(4)), low, log(1, 1e4) / length**2, length, made))
    if r.random() < 0.3:
        k, height = log(1, 100) / length, log(1e-2, 1e3) / length**2
        made.terms.append((f"{height!r}*cos({k!r}*x)", lambda x: height * np.cos(k * x)))
        made.wave = k
    if made.line:
        pull = log(1e-1, 1e2) / length**4
        made.terms.append((f"{pull!r}*(x - ({low!r}))^4", lambda x: pull * (x - low) ** 4))
        return made
    if r.random() < 0.25:
        at, width = float(np.round(r.uniform(low, made.high), 4)), log(1e-5, 0.3) * length
        part = _varied(at, width, float(r.uniform(-0.9, 5)))
        made.marks.append((at, width))
        made.p, made.w = (part, made.w) if r.random() < 0.5 else (made.p, part)
    for _ in range(int(r.integers(0, 3)) if r.random() < 0.3 else 0):
        at, strength = (
            float(np.round(r.uniform(low, made.high), 5)),
            float(r.choice([-1, 1])) * log(0.1, 50) / length,
        )
        if low < at < made.high:
            made.deltas.append((at, strength))
            made.marks.append((at, length))
    if r.random() < 0.2:
        made.phase = float(r.choice([0.0, np.pi, r.uniform(0.1, 3)]))
    else:
        ratios = (None, 0.0, float(r.uniform(-5, 5)) / length)
        made.ends = ratios[int(r.choice([0, 0, 1, 2]))], ratios[int(r.choice([0, 0, 1, 2]))]
    own = np.random.default_rng([seed, 1])  # of its own, so that other problems keep their numbers
    if made.phase is None and made.p[0] == "1" and own.random() < 0.2:
        _made_radial(made, own, length)
    return made


def _made_radial(made: Draft, r: np.random.Generator, length: float) -> None:
    """A centrifugal and a Coulomb term at the left end, where psi ~ (x - low)^(l + 1)."""
    low, momentum = made.low, int(r.integers(0, 4))
    charge = float(r.choice([-1, 1])) * float(np.exp(r.uniform(np.log(0.1), np.log(50)))) / length
    made.ends = None, made.ends[1]
    made.terms.append(
        (
            f"{momentum * (momentum + 1)}/(x - ({low!r}))^2 + ({charge!r})/(x - ({low!r}))",
            lambda x: momentum * (momentum + 1) / (x - low) ** 2 + charge / (x - low),
        )
    )


def _bump(kind: int, at: float, width: float, height: float) -> tuple[str, Function]:
    t = f"((x - ({at!r}))/{width!r})"
    match kind:
        case 0:
            return f"({height!r})*exp(-{t}^2)", lambda x: height * np.exp(-(((x - at) / width) ** 2))
        case 1:
            return f"({height!r})/(1 + {t}^2)", lambda x: height / (1 + ((x - at) / width) ** 2)
        case 2:
            both = f"({height!r})*(heaviside({t}) - heaviside({t} - 1))"
            return both, lambda x: height * (((x - at) / width > 0) & ((x - at) / width < 1))
    return f"({height!r})*exp(-|{t}|)", lambda x: height * np.exp(-np.abs((x - at) / width))


def _varied(at: float, width: float, share: float) -> tuple[str, Function]:
    """1 but for a bump.  (A function of its own: what it closes over is drawn anew for other terms.)"""
    text = f"1 + ({share!r})*exp(-((x - ({at!r}))/{width!r})^2)"
    return text, lambda x: 1 + share * np.exp(-(((x - at) / width) ** 2))


def _ground(kind: int, low: float, height: float, length: float, made: Draft) -> tuple[str, Function]:
    match kind:
        case 0:
            return f"{height / length!r}*(x - ({low!r}))", lambda x: height / length * (x - low)
        case 1:
            middle = low + length / 2
            return (
                f"{height!r}*((x - ({middle!r}))/{length!r})^2",
                lambda x: height * ((x - middle) / length) ** 2,
            )
        case 2:
            made.marks.append((low + length / 3, length))
            at = low + length / 3
            return f"{height / length!r}*|x - ({at!r})|", lambda x: height / length * np.abs(x - at)
    step = low + length / 3
    made.marks.append((step, length))
    return f"{height!r}*heaviside(x - ({step!r}))", lambda x: height * (x > step)


# The witness ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Witness:
    """Levels and their error (states,); means of x and x^2, and <0|x|1>, and theirs."""

    levels: Array
    errors: Array
    means: Array
    mean_errors: Array


def witness(made: Draft, highest: float) -> Witness:
    edges = _edges(made, highest)
    (rough, some), (fine, means) = (_solved(made, edges, degree) for degree in DEGREES)
    rounding = (
        64 * EPS * (np.abs(fine) + made.p[1](edges).max() / np.diff(edges).min() / (edges[-1] - edges[0]))
    )
    return Witness(
        fine, np.abs(fine - rough) + rounding, means, np.abs(means - some) + 1e-11 * np.abs(means) + 1e-13
    )


def _edges(made: Draft, highest: float) -> Array:
    low, high = made.low, made.high
    if made.line:
        far = (high - low) * np.exp2(np.arange(0, 12, 0.01))
        for sign in (-1, 1):
            x = (high if sign > 0 else low) + sign * far
            above = np.maximum(made.q(x) - highest, 0.0)
            above[: np.flatnonzero(np.append(0.0, above) == 0)[-1]] = 0.0  # a well may lie beyond a wall
            gone = np.cumsum(np.sqrt(above) * np.gradient(far))
            end = float(x[np.searchsorted(gone, DECAY)])
            low, high = (low, end) if sign > 0 else (end, high)
    length = high - low
    around = np.concatenate([[0.0, 0.5, 1.0], np.exp2(np.arange(0.5, 30, 0.5))])
    near = [at + sign * width * around for at, width in made.marks for sign in (-1, 1)]
    edges = np.unique(np.concatenate([np.linspace(low, high, 25), *near]))
    edges = edges[(edges > low) & (edges < high)]
    edges = edges[np.diff(edges, prepend=low - 1) > 1e-12 * length]
    edges = np.concatenate([[low], edges, [high]])
    x = 0.5 * (edges[1:] + edges[:-1])
    wave = made.wave + np.sqrt(np.maximum(highest * made.w[1](x) - made.q(x), 0.0) / made.p[1](x))
    parts = np.maximum(1, np.ceil(np.diff(edges) * np.minimum(wave, 2000 / length) / 3)).astype(int)
    cut = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(edges, edges[1:], parts, strict=False)]
    return np.concatenate([*cut, [high]])


@lru_cache
def _basis(degree: int) -> tuple[Array, Array, Array, Array]:
    """Gauss points and weights, and hats and bubbles with their slopes there."""
    t, weights = legendre.leggauss(degree + 8)
    p, k = legendre.legvander(t, degree).T, np.arange(2, degree + 1)[:, None]
    value = np.vstack([(1 - t) / 2, (1 + t) / 2, (p[2:] - p[:-2]) / np.sqrt(2 * (2 * k - 1))])
    slope = np.vstack([0 * t - 0.5, 0 * t + 0.5, np.sqrt((2 * k - 1) / 2) * p[1:-1]])
    return t, weights, value, slope


def _solved(made: Draft, edges: Array, degree: int) -> tuple[Array, Array]:
    t, weights, value, slope = _basis(degree)
    h, count = np.diff(edges)[:, None], len(edges) - 1
    x, measure = edges[:-1, None] + h * (t + 1) / 2, weights * h / 2
    own = len(edges) + np.arange(count * (degree - 1)).reshape(count, -1)
    unknown = np.hstack([np.arange(count)[:, None], np.arange(1, count + 1)[:, None], own])
    rows, columns = (
        unknown[:, :, None] + 0 * unknown[:, None, :],
        unknown[:, None, :] + 0 * unknown[:, :, None],
    )
    p, q, w = made.p[1](x), made.q(x), made.w[1](x)

    def matrix(c: Array, f: Array) -> sparse.csc_matrix:
        block = (f * (measure * c)[:, None, :]) @ f.T
        return sparse.coo_matrix((block.ravel(), (rows.ravel(), columns.ravel()))).tocsc()

    stiff = matrix(p * (2 / h) ** 2, slope) + matrix(q, value)
    kicks = np.zeros(stiff.shape[0])
    for at, strength in made.deltas:
        kicks[int(np.abs(edges - at).argmin())] += strength
    ends = np.array([edges[0], edges[-1]])
    for k, sign, ratio, at in zip((0, count), (1, -1), made.ends, made.p[1](ends), strict=True):
        kicks[k] += sign * at * (ratio or 0.0)
    keep = sparse.identity(stiff.shape[0], format="csc", dtype=complex if made.phase else float)
    if made.phase is not None:
        factor = np.exp(1j * made.phase)
        tied = sparse.coo_matrix(
            ([factor if abs(factor.imag) > EPS else factor.real], ([count], [0])), shape=keep.shape
        )
        keep = (keep + tied).tocsc()[:, np.arange(keep.shape[0]) != count]
    else:
        fixed = [k for k, ratio in zip((0, count), made.ends, strict=True) if ratio is None]
        keep = keep[:, np.setdiff1d(np.arange(keep.shape[0]), fixed)]
    stiff, mass, *more = (
        (keep.conj().T @ m @ keep).tocsc()
        for m in (
            stiff + sparse.diags(kicks),
            matrix(w, value),
            matrix(w * x, value),
            matrix(w * x**2, value),
        )
    )
    pulls = [kick for kick in kicks if kick < 0]
    least = (
        float((q / w).min()) - 4 * sum(pulls) ** 2 / float((p * w).min()) - 4 / (edges[-1] - edges[0]) ** 2
    )
    start = np.random.default_rng(1).normal(size=stiff.shape[0])
    number = made.last + 4
    low = eigsh(stiff, number, mass, least, v0=start, ncv=6 * number, return_eigenvectors=False)
    shift = low.min() - 0.1 * np.ptp(low)
    levels, vectors = eigsh(stiff, number, mass, shift, v0=start, ncv=6 * number)
    order = np.argsort(levels)[: made.last + 1]
    a, b = vectors[:, order[0]], vectors[:, order[1]]
    means = [a.conj() @ (more[0] @ a), b.conj() @ (more[1] @ b), abs(a.conj() @ (more[0] @ b))]
    return levels[order], np.real(means)


# The hunt -------------------------------------------------------------------------------------------------


def judged(seed: int) -> Iterator[str]:
    """Findings, each a line that begins with what it is; those in capitals are mistakes of qdsl."""
    made = drawn(seed)
    try:
        signal.alarm(LIMIT)
        solution = qdsl.solve(qdsl.parse(made.text))
    except qdsl.QdslError as error:
        yield f"refused: {str(error).splitlines()[0]}"
        return
    except TimeoutError:
        yield "HANGS"
        return
    except Exception as error:  # whatever it is, it is a finding
        yield f"CRASHES: {type(error).__name__} {error}"
        return
    finally:
        signal.alarm(0)
    own = witness(made, float(np.nanmax(solution.energies)))
    certified = solution.certificate.certified
    off = np.abs(solution.energies - own.levels)
    allowed = solution.bounds + 3 * own.errors
    for n in np.flatnonzero(certified & (off > allowed)):
        numbers = f"{off[n]:.1e}, bound {solution.bounds[n]:.1e}, witness {own.errors[n]:.1e}"
        yield f"LEVEL {n} ({solution.certificate.index[n].name}) is off by {numbers}"
    for (name, value), exact, error in zip(solution.report.items(), own.means, own.mean_errors, strict=False):
        bound = solution.report_bounds[name]
        away = min(abs(value - exact), abs(abs(value) - abs(exact))) if value is not None else 0.0
        if bound is not None and away > bound + 3 * error:
            yield f"MEAN {name} is off by {away:.1e}, bound {bound:.1e}, witness {error:.1e}"
    if (own.errors > 1e-6 * (np.abs(own.levels) + 1)).any():
        yield "witness poor"
    yield "certified" if certified.all() else "not certified" if not certified.any() else "partly certified"


def _late(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def main() -> int:
    arguments = options("a hunt for certificates that are not true", 2000, "hunted").parse_args()
    if arguments.show is not None:
        print(drawn(arguments.show).text, end="")
        return 0
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _late)
    kinds: Counter[str] = Counter()
    started = time.monotonic()
    for seed in range(arguments.start, arguments.start + arguments.count):
        for finding in judged(seed):
            kinds[finding.split(":")[0].split()[0] if finding[0].isupper() else finding.split(":")[0]] += 1
            if finding.split()[0].strip(":").isupper():
                arguments.keep.mkdir(exist_ok=True)
                (arguments.keep / f"{seed}.qw").write_text(drawn(seed).text)
            if finding != "certified":
                print(f"{seed}: {finding}", flush=True)
        if time.monotonic() - started > arguments.seconds:
            break
    print(f"{seed + 1 - arguments.start} problems in {time.monotonic() - started:.0f} s")
    for kind, number in kinds.most_common():
        print(f"{number:8d}  {kind}")
    return 1 if any(kind.split()[0].isupper() for kind in kinds) else 0


if __name__ == "__main__":
    sys.exit(main())
