"""Make tests/collection/references.json: eigenvalues that the collection is held to.

    python tests/bench/references.py            # everything, some minutes (needs the extra `bench`)
    python tests/bench/references.py NAME ...   # only these; the rest of the table stays

Every problem is solved in two ways that share nothing with each other or with qdsl: spectral elements
refined in long double, and shooting by Taylor series in 100 digits.  Where there is a closed form, it is
the reference, and the elements have to agree with it.  The table keeps as many digits as two ways share.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import mpmath
import numpy as np
from trusted import elements, taylor
from trusted.equation import Equation, Piece
from trusted.table_pieces import PIECES
from trusted.table_singular import SINGULAR
from trusted.table_smooth import SMOOTH

EQUATIONS: dict[str, Equation] = SMOOTH | SINGULAR | PIECES
TABLE = Path(__file__).resolve().parents[1] / "collection" / "references.json"
DECAYS = {"elements": 24.0, "taylor": 34.0}  # beyond the turning point, where infinite ends are cut
CRITICAL = {"bessel_normal_0", "chebyshev"}  # u ~ sqrt(x): elements converge slowly there
UNCHECKED = {"far_well"}  # the elements would have to follow states that decay over 5000 widths
ENOUGH = 12


def cut(equation: Equation, energy: float, decays: float) -> Equation:
    """Infinite ends moved to where the states below `energy` have decayed by exp(-decays)."""
    pieces = list(equation.pieces)
    for index, sign in ((0, -1), (-1, 1)):
        piece = pieces[index]
        end, other = (piece.left, piece.right) if sign < 0 else (piece.right, piece.left)
        if not mpmath.isinf(end):
            continue
        start = 0.0 if mpmath.isinf(other) or other * sign < 0 else float(other)
        place = _decayed(piece, energy, decays, start, sign, alone=len(pieces) == 1)
        change = {"left": place} if sign < 0 else {"right": place}
        pieces[index] = replace(piece, **change)
    return replace(equation, pieces=tuple(pieces))


def _decayed(piece, energy: float, decays: float, start: float, sign: int, *, alone: bool) -> float:
    reach = 2.0
    while reach < 1e6:
        x = start + sign * np.geomspace(1e-6 * reach, reach, 20001)
        rate = np.sqrt(np.maximum((piece.q(x) - energy * piece.w(x)) / piece.p(x) + 0 * x, 0))
        allowed = np.flatnonzero(rate == 0)
        rate[: allowed[-1] + 1 if len(allowed) else 0] = 0
        total = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.abs(np.diff(x)))])
        # Where there is only this piece, the well has to come before the tail.
        if total[-1] > decays and (len(allowed) or not alone):
            # On a coarse grid of binary fractions, which are the same number in every arithmetic.
            return sign * float(np.ceil(abs(x[np.searchsorted(total, decays)]) * 64) / 64)
        reach *= 1.3
    raise ArithmeticError("the states do not decay")


def expected(equation: Equation) -> list[float]:
    """The levels up to the highest wanted one, roughly."""
    count = max(equation.states) + 1
    if equation.exact is not None:
        return [float(equation.exact(n)) for n in range(count)]
    if equation.guess is not None:
        levels = list(equation.guess)
        for _ in range(2):
            levels = _quick(cut(equation, levels[-1], 16.0), count, levels)
        return levels
    reach = 3.0
    while True:
        boxed = replace(equation, pieces=tuple(_boxed(piece, reach) for piece in equation.pieces))
        try:
            levels = [1.0]
            for _ in range(3):
                levels = _quick(boxed, count, levels)
            for decays in (8.0, 16.0):
                levels = _quick(cut(equation, levels[-1], decays), count, levels)
        except ArithmeticError:
            reach *= 2
            if reach > 1e4:
                raise
        else:
            return levels


def _boxed(piece: Piece, reach: float) -> Piece:
    left, right = (
        max(piece.left, min(-reach, piece.right - reach)),
        min(piece.right, max(reach, piece.left + reach)),
    )
    return replace(piece, left=left, right=right)


def _quick(equation: Equation, count: int, levels: list[float]) -> list[float]:
    return [float(e) for e in elements.lowest(equation, count, alive(equation, levels), 20, 6.0)[0]]


def alive(equation: Equation, levels: list[float]) -> list[elements.Alive]:
    """Where each state is larger than about exp(-42), by the phase integral."""
    x = np.concatenate([np.linspace(float(c.left), float(c.right), 2001) for c in equation.pieces])
    inside = [x[i : i + 2001][1:-1] for i in range(0, len(x), 2001)]
    found = []
    for e in levels:
        rates = [
            np.sqrt(np.maximum((c.q(t) - e * c.w(t)) / c.p(t) + 0 * t, 0))
            for c, t in zip(equation.pieces, inside, strict=True)
        ]
        rate = np.concatenate([np.r_[r[0], r, r[-1]] for r in rates])
        decay = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(x))])
        wells = np.flatnonzero(rate == 0)
        if equation.jumps or not len(wells):  # bound by deltas or by an end
            found.append((e, -math.inf, math.inf))
            continue
        near = (decay > decay[wells[0]] - 42) & (decay < decay[wells[-1]] + 42)
        found.append((e, float(x[near][0]), float(x[near][-1])))
    return found


def agreement(a: mpmath.mpf, b: mpmath.mpf, scale: float) -> int:
    """Digits that two numbers share, relative to the scale; the table has no more than 30."""
    if a == b:
        return 30
    return min(30, int(-mpmath.log10(abs(a - b) / mpmath.mpf(scale))))


def refer(name: str, equation: Equation) -> dict[str, object]:
    if name in UNCHECKED:
        exact = [mpmath.mpf(equation.exact(n)) for n in equation.states]
        print(f"{name:30s} closed form", end="")
        return _entry(equation, exact, [abs(float(e)) for e in exact], "closed form", 30)
    levels = expected(equation)
    states = equation.states
    near = cut(equation, levels[-1], DECAYS["elements"])
    known = alive(near, levels)
    coarse, moving = elements.lowest(near, max(states) + 1, known, 20, 9.0)
    fine, _ = elements.lowest(near, max(states) + 1, known, 24, 8.0)
    gap = levels[-1] - levels[0]  # for a constant between Neumann ends, which has no energy at all
    scales = [max(abs(float(fine[n])), moving[n]) for n in states]
    scales = [s if s > 1e-12 * gap else gap for s in scales]
    own = min(agreement(coarse[n], fine[n], s) for n, s in zip(states, scales, strict=True))
    far = cut(equation, levels[-1], DECAYS["taylor"])
    if equation.exact is not None:
        trusted = [mpmath.mpf(equation.exact(n)) for n in states]
        how = "closed form"
        agree = 30
        check = min(agreement(t, fine[n], s) for t, n, s in zip(trusted, states, scales, strict=True))
    else:
        trusted = [taylor.level(far, n, fine[n], 1e-13 * s) for n, s in zip(states, scales, strict=True)]
        how = "Taylor shooting and spectral elements"
        agree = check = min(agreement(t, fine[n], s) for t, n, s in zip(trusted, states, scales, strict=True))
    print(f"{name:30s} elements {own:3d}, together {check:3d} digits", end="")
    if check < ENOUGH and name not in CRITICAL:
        print("  *** NOT ENOUGH:", *(mpmath.nstr(fine[n], 18) for n in states), end="")
    return _entry(equation, trusted, scales, how, agree)


def _entry(
    equation: Equation, levels: list[mpmath.mpf], scales: list[float], how: str, digits: int
) -> dict[str, object]:
    """One problem of the table; `scale` is max(|E|, int p u'^2), what errors are relative to."""
    return {
        "how": how,
        "digits": digits,
        "states": {
            str(n): {"energy": mpmath.nstr(e, max(digits, 17) + 2), "scale": float(f"{s:.3g}")}
            for n, e, s in zip(equation.states, levels, scales, strict=True)
        },
    }


def save(name: str, entry: dict[str, object]) -> None:
    table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    table[name] = entry
    TABLE.write_text(
        json.dumps({name: table[name] for name in sorted(EQUATIONS) if name in table}, indent=1) + "\n"
    )


def main(names: list[str]) -> None:
    for name in names or EQUATIONS:
        start = time.perf_counter()
        save(name, refer(name, EQUATIONS[name]))
        print(f"  {time.perf_counter() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
