"""The collection once more, as plain functions: wells on the line and on intervals, smooth potentials."""

from __future__ import annotations

from itertools import pairwise

from mpmath import inf, mpf, pi

from trusted import closed
from trusted.equation import Equation, Piece, cos, cosh, exp, like, schroedinger, sech2, sin, sqrt, tanh

HALF = mpf(1) / 2


def coffey_evans(beta: int, last: int) -> Equation:
    return schroedinger(
        -pi / 2, pi / 2, lambda x: (beta * sin(2 * x)) ** 2 - 2 * beta * cos(2 * x), range(last + 1)
    )


def line(q, states, **more) -> Equation:
    return schroedinger(-inf, inf, q, states, **more)


def cut_by_hand(ends, q, states) -> Equation:
    """Pieces of one smooth potential: neither way finds a narrow feature without being told."""
    return Equation(tuple(Piece(a, b, q) for a, b in pairwise(ends)), tuple(states))


def mirror_well(q, last: int) -> Equation:
    """A well in |x| that is not smooth at 0."""
    return Equation((Piece(-inf, 0, lambda x: q(-x)), Piece(0, inf, q)), tuple(range(last + 1)))


def razavy(zeta_inverse: int) -> Equation:
    zeta = 1 / mpf(zeta_inverse)
    split = 2 * (1 + 4 * zeta**2) ** HALF
    exact = (7 + zeta**2 - split, 5 + zeta**2, 7 + zeta**2 + split)
    return line(lambda x: (cosh(2 * x) / zeta_inverse - 3) ** 2, range(3), exact=lambda n: exact[n])


def gelfand_levitan(x):
    t = 1 + x / 2 + sin(2 * x) / 4
    return 2 * (t * sin(2 * x) + cos(x) ** 4) / t**2


def woods_saxon(x):
    t = exp((x - 7) * 5 / 3)
    return -50 * (1 - 5 * t / (3 * (1 + t))) / (1 + t)


SMOOTH = {
    "coffey_evans_20": coffey_evans(20, 4),
    "coffey_evans_30": coffey_evans(30, 5),
    "coffey_evans_50": coffey_evans(50, 6),
    "mathieu_dirichlet": schroedinger(0, pi, lambda x: 10 * cos(2 * x), range(6)),
    "mathieu_periodic": schroedinger(0, pi, lambda x: 10 * cos(2 * x), range(5), phase=0),
    "mathieu_antiperiodic": schroedinger(0, pi, lambda x: 10 * cos(2 * x), range(4), phase=pi),
    "mathieu_narrow_bands": schroedinger(0, 2 * pi, lambda x: 32 * cos(2 * x), range(4), phase=0),
    "optical_lattice": schroedinger(0, pi, lambda x: 12 * sin(x) ** 2, range(5), phase=HALF),
    "woods_saxon": schroedinger(0, 15, woods_saxon, range(14)),
    "morse_deep": line(
        lambda x: 10000 * (1 - exp(-x)) ** 2, range(6), exact=lambda n: 200 * (n + HALF) - (n + HALF) ** 2
    ),
    "morse_bound": line(
        lambda x: 31 * (exp(-2 * x) - 2 * exp(-x)),
        range(6),
        exact=lambda n: -((mpf(31) ** HALF - n - HALF) ** 2),
    ),
    "double_well_5": line(lambda x: (x * x - 5) ** 2, range(6)),
    "double_well_7": line(lambda x: (x * x - 7) ** 2, range(4)),
    "double_well_9": line(lambda x: (x * x - 9) ** 2, range(2)),
    "double_well_tilted": line(lambda x: (x * x - 5) ** 2 + x / 1024, range(4)),
    "quartic": line(lambda x: x**4, range(10)),
    "sextic": line(lambda x: x**6, range(5)),
    "octic": line(lambda x: x**8, range(5)),
    "bender_wu": line(lambda x: x * x + x**4 / 10, range(6)),
    "bender_wu_strong": line(lambda x: x * x + 1000 * x**4, range(4)),
    "razavy": razavy(10),
    "razavy_pair": razavy(1000),
    "quasi_exact_sextic": line(lambda x: x**6 - 7 * x * x, range(4)),
    "gelfand_levitan": schroedinger(0, 100, gelfand_levitan, range(10), left=1),
    "airy": schroedinger(0, inf, lambda x: x, range(6), exact=closed.airy_zero),
    "paine_exponential": schroedinger(0, pi, exp, range(10)),
    "paine_inverse_square": schroedinger(0, pi, lambda x: 1 / (x + like(x, 1) / 10) ** 2, range(10)),
    "andrews": schroedinger(0, pi, lambda x: x * x * (like(x, pi) - x), range(5), phase=0),
    "poschl_teller_barely_bound": line(
        lambda x: -21 * sech2(x) / 400, range(1), exact=lambda n: mpf(-1) / 400
    ),
    "poschl_teller_bound": line(lambda x: -30 * sech2(x), range(5), exact=lambda n: -((5 - n) ** 2)),
    "oscillator_20": line(lambda x: x * x, (20,), exact=lambda n: 2 * n + 1),
    "oscillator_50": line(lambda x: x * x, (50,), exact=lambda n: 2 * n + 1),
    "absolute_value": Equation(mirror_well(lambda x: x, 5).pieces, tuple(range(6)), exact=closed.airy_both),
    "absolute_cube": mirror_well(lambda x: x**3, 4),
    "hyperbola": line(lambda x: sqrt(1 + x * x), range(5)),
    # x = t^2 makes a smooth problem of this one, with p = w^-1 = 1/(2 t).
    "square_root": Equation(
        (Piece(0, inf, lambda t: 2 * t * t, lambda t: 1 / (2 * t), lambda t: 2 * t),),
        tuple(range(4)),
        singular="left",
    ),
    "sech_chain": line(lambda x: -6 * (sech2(x + 5) + sech2(x) + sech2(x - 5)), range(6)),
    "gaussian_well": line(lambda x: -20 * exp(-x * x), range(3)),
    "soft_coulomb": line(lambda x: -1 / sqrt(1 + x * x), range(4)),
    "rosen_morse": line(
        lambda x: -30 * sech2(x) + 4 * tanh(x),
        range(3),
        exact=lambda n: -((5 - n) ** 2) - mpf(4) / (5 - n) ** 2,
    ),
    "needle": cut_by_hand(
        (0, mpf(41) / 128, mpf(44) / 128, 1), lambda x: -10000 * exp(-((1000 * x - 332) ** 2)), range(3)
    ),
    # Each well alone: the other one is exp(-6000) away.
    "far_well": line(
        lambda x: -sech2(x) - 3 * sech2(x - 5000),
        range(3),
        exact=lambda n: (
            -((mpf(13) ** HALF - 1) ** 2) / 4,
            -((mpf(5) ** HALF - 1) ** 2) / 4,
            -((mpf(13) ** HALF - 3) ** 2) / 4,
        )[n],
    ),
    "dimple": cut_by_hand(
        (-inf, -mpf(1) / 8, mpf(1) / 8, inf), lambda x: x * x - 4000 * exp(-((100 * x) ** 2)), range(4)
    ),
    "smooth_step": schroedinger(-1, 1, lambda x: 10000 / (1 + exp(-200 * x)), range(4)),
    "marletta": schroedinger(
        0, inf, lambda x: 3 * (x - 31) / (4 * (1 + x) * (4 + x) ** 2), range(1), left=mpf(-5) / 8
    ),
    "wide_box_field": schroedinger(0, 10, lambda x: 50 * x, range(6)),
}
