"""The collection once more: jumps of the potential and the mass, deltas, all kinds of ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mpmath import inf, mpf, pi

from trusted import closed
from trusted.equation import Equation, Number, Piece, like, schroedinger, zero

HALF = mpf(1) / 2


def constant(value: Number):
    return lambda x: like(x, value) + 0 * x


def steps(ends: Sequence[Number], heights: Sequence[Number], states, masses=None, **more) -> Equation:
    """Piecewise constant."""
    masses = masses or [1] * len(heights)
    pieces = tuple(
        Piece(a, b, constant(height), _inverse(m))
        for (a, b), height, m in zip(pairwise(ends), heights, masses, strict=True)
    )
    return Equation(pieces, tuple(states), **more)


def _inverse(m: Number):
    return lambda x: (1 + 0 * x) / m


def comb(count: int) -> Equation:
    """Wells of width 1, barriers of width 1/2 and height 30, in a box."""
    ends, heights = [mpf(0)], []
    for i in range(count):
        ends.append(ends[-1] + 1)
        heights.append(0)
        if i < count - 1:
            ends.append(ends[-1] + HALF)
            heights.append(30)
    return steps(ends, heights, range(2 * count))


def parts(pieces: Sequence[tuple[Number, Number, object]], states, **more) -> Equation:
    return Equation(tuple(Piece(a, b, q) for a, b, q in pieces), tuple(states), **more)


T = mpf(10) ** -3

PIECES = {
    "box_100": schroedinger(0, 1, zero, range(100), exact=lambda n: ((n + 1) * pi) ** 2),
    "neumann_box": schroedinger(0, 2, zero, range(5), left=0, right=0, exact=lambda n: (n * pi / 2) ** 2),
    "robin_box": schroedinger(0, 1, zero, range(6), left=3, right=-2, exact=closed.robin_box(mpf(3), mpf(2))),
    "robin_attractive": schroedinger(0, 1, zero, range(4), left=-20),
    "mixed_ends": schroedinger(0, 1, lambda x: 20 * x * x, range(5), left=0),
    "ring": schroedinger(0, 1, zero, range(5), phase=0, exact=lambda n: ((n + 1) // 2 * 2 * pi) ** 2),
    "antiperiodic_ring": schroedinger(
        0, 1, zero, range(4), phase=pi, exact=lambda n: ((n // 2 * 2 + 1) * pi) ** 2
    ),
    "bloch_free": schroedinger(
        0,
        1,
        zero,
        range(5),
        phase=1,
        exact=lambda n: ((n + 1) // 2 * 2 * pi + (1 if n % 2 == 0 else -1)) ** 2,
    ),
    "kronig_penney": steps([0, mpf(2) / 5, mpf(3) / 5, 1], [0, 100, 0], range(5), phase=HALF),
    "kronig_penney_finite": comb(5),
    "finite_well_deep": steps(
        [-inf, -1, 1, inf], [1000, 0, 1000], range(8), exact=closed.finite_well(mpf(1000))
    ),
    "walls_million": steps(
        [-inf, -1, 1, inf], [10**6, 0, 10**6], range(5), exact=closed.finite_well(mpf(10) ** 6)
    ),
    "finite_well_shallow": steps(
        [-inf, -1, 1, inf], [mpf(1) / 16, 0, mpf(1) / 16], range(1), exact=closed.finite_well(mpf(1) / 16)
    ),
    "finite_well_threshold": steps(
        [-inf, -1, 1, inf], [HALF * 5, 0, HALF * 5], range(2), exact=closed.finite_well(HALF * 5)
    ),
    "step_well": steps([-2, -1, 0, 1, 2], [15, 0, 5, 40], range(6)),
    "asymmetric_well": steps([-inf, 0, 1, inf], [40, 0, 15], range(1)),
    "narrow_well": steps([-3, 0, T, 2], [0, -1000 * 1000, 0], range(4)),
    "two_widths": steps([-2, -1, 1, 1 + T, 3], [50, 0, -(10**6), 50], range(5)),
    "thin_barrier": steps([-1, -T / 2, T / 2, 1], [0, 10**5, 0], range(6)),
    "mass_step": steps([-inf, -1, 1, inf], [10, 0, 10], range(2), masses=[4, 1, 4]),
    "mass_superlattice": steps([0, 1, 2, 3, 4, 5], [0, 8, 0, 8, 0], range(6), masses=[1, 2, 1, 2, 1]),
    "delta_well": Equation(
        (Piece(-inf, 0), Piece(0, inf)), (0,), jumps={0: -5}, exact=lambda n: mpf(-25) / 4
    ),
    "two_deltas": Equation(
        (Piece(-inf, 0), Piece(0, 2), Piece(2, inf)),
        (0, 1),
        jumps={0: -3, 2: -3},
        exact=closed.two_deltas(mpf(3), mpf(2)),
    ),
    "delta_pair_far": Equation(
        (Piece(-inf, 0), Piece(0, 10), Piece(10, inf)),
        (0, 1),
        jumps={0: -4, 10: -4},
        exact=closed.two_deltas(mpf(4), mpf(10)),
    ),
    "delta_comb": Equation(
        (Piece(0, HALF), Piece(HALF, 1)),
        tuple(range(5)),
        phase=mpf(1),
        jumps={HALF: 6},
        exact=closed.delta_comb(mpf(6), mpf(1)),
    ),
    "delta_in_a_box": Equation(
        (Piece(0, mpf(1) / 3), Piece(mpf(1) / 3, 1)), tuple(range(5)), jumps={mpf(1) / 3: 50}
    ),
    "delta_oscillator": Equation(
        (Piece(-inf, 0, lambda x: x * x), Piece(0, inf, lambda x: x * x)), tuple(range(4)), jumps={0: -2}
    ),
    "triangular_field": parts(
        [(-inf, -1, lambda x: -40 * x - 60), (-1, 1, lambda x: 20 * x), (1, inf, lambda x: 40 * x - 20)],
        range(4),
    ),
    "tilted_well": parts(
        [(-4, -1, lambda x: 30 - 2 * x), (-1, 1, lambda x: -2 * x), (1, 4, lambda x: 30 - 2 * x)], range(4)
    ),
    "double_square_well": steps([-inf, -3, -1, 1, 3, inf], [60, 0, 60, 0, 60], range(4)),
    "half_oscillator": schroedinger(0, inf, lambda x: x * x, range(5), exact=lambda n: 4 * n + 3),
    "parabola_cut": parts(
        [(-inf, -2, constant(4)), (-2, 2, lambda x: x * x), (2, inf, constant(4))], range(2)
    ),
}
