"""The collection once more: singular ends, radial problems, general p and w."""

from __future__ import annotations

import mpmath
from mpmath import inf, mpf, pi

from trusted import closed
from trusted.equation import Equation, Piece, exp, like, one, schroedinger, sin, sqrt, zero

HALF = mpf(1) / 2


def radial(q, states, **more) -> Equation:
    return schroedinger(0, inf, q, states, singular="left", **more)


def coulomb(l: int, last: int) -> Equation:  # noqa: E741
    return radial(
        lambda r: l * (l + 1) / r**2 - 1 / r,
        range(last + 1),
        exact=lambda n: -1 / mpf(4 * (n + l + 1) ** 2),
    )


def weighted(p, q, w, a, b, states, **more) -> Equation:
    return Equation((Piece(a, b, q, p, w),), tuple(states), **more)


def identity(x):
    return x


def square(x):
    return x * x


def legendre(x):
    return 1 - x * x


def morse_radial(r):
    return 2 / r**2 + 2000 * (
        exp(-17 * (r - 13 * one(r) / 10) / 5) - 2 * exp(-17 * (r - 13 * one(r) / 10) / 10)
    )


S_FRACTIONAL = (1 + mpf("2.2") ** HALF) / 2
S_KRATZER = HALF + (mpf(1) / 4 + 200) ** HALF

SINGULAR = {
    "coulomb_s": coulomb(0, 5),
    "coulomb_p": coulomb(1, 4),
    "coulomb_d": coulomb(2, 4),
    "coulomb_f": coulomb(3, 3),
    "truncated_hydrogen": schroedinger(
        0, 1000, lambda r: 2 / r**2 - 1 / r, range(18), singular="left", guess=(-0.06, 0.003)
    ),
    "isotropic_oscillator": radial(lambda r: r * r + 6 / r**2, range(5), exact=lambda n: 4 * n + 7),
    "inverse_square_coulomb": radial(
        lambda r: 3 / (10 * r**2) - 1 / r,
        range(4),
        exact=lambda n: -1 / (4 * (n + S_FRACTIONAL) ** 2),
        fractional=True,
    ),
    "inverse_square_oscillator": radial(
        lambda r: r * r + 1 / (5 * r**2),
        range(4),
        exact=lambda n: 4 * n + 2 + mpf("1.8") ** HALF,
        fractional=True,
    ),
    "kratzer": radial(
        lambda r: 200 / r**2 - 400 / r,
        range(5),
        exact=lambda n: -((200 / (n + S_KRATZER)) ** 2),
        fractional=True,
    ),
    "hulthen": radial(
        lambda r: -30 / (exp(r) - 1),
        range(4),
        exact=lambda n: -((mpf(30) / (n + 1) - (n + 1)) ** 2) / 4,
    ),
    "yukawa": radial(lambda r: -exp(-r / 10) / r, range(2)),
    "morse_rotating": radial(morse_radial, range(6)),
    "lennard_jones": schroedinger(mpf(3) / 4, inf, lambda r: 4000 * (1 / r**12 - 1 / r**6), range(6)),
    "lennard_jones_shallow": schroedinger(mpf(1) / 2, inf, lambda r: 160 * (1 / r**12 - 1 / r**6), range(2)),
    "bessel_normal_0": schroedinger(
        0, 1, lambda x: -1 / (4 * x**2), range(4), singular="left", exact=closed.bessel(0)
    ),
    "bessel_normal_third": schroedinger(
        0,
        1,
        lambda x: -5 / (36 * x**2),
        range(4),
        singular="left",
        exact=closed.bessel(mpf(1) / 3),
        fractional=True,
    ),
    "spherical_bessel": schroedinger(
        0, 1, lambda x: 110 / x**2, range(5), singular="left", exact=closed.bessel(mpf(21) / 2)
    ),
    "bessel_cylinder_0": weighted(
        identity, zero, identity, 0, 1, range(5), singular="left", exact=closed.bessel(0)
    ),
    "bessel_cylinder_2": weighted(
        identity, lambda x: 4 / x, identity, 0, 1, range(5), singular="left", exact=closed.bessel(2)
    ),
    "legendre": weighted(
        legendre, zero, one, -1, 1, range(8), singular="left right", exact=lambda n: n * (n + 1)
    ),
    "legendre_associated": weighted(
        legendre,
        lambda x: 4 / (1 - x * x),
        one,
        -1,
        1,
        range(5),
        singular="left right",
        exact=lambda n: (n + 2) * (n + 3),
    ),
    "poschl_teller_trigonometric": schroedinger(
        0, pi, lambda x: 2 / sin(x) ** 2, range(5), singular="left right", exact=lambda n: (n + 2) ** 2
    ),
    "chebyshev": weighted(
        lambda x: sqrt(1 - x * x),
        zero,
        lambda x: 1 / sqrt(1 - x * x),
        -1,
        1,
        range(4),
        singular="left right",
        exact=lambda n: (n + 1) ** 2,
    ),
    "oscillator_in_the_plane": weighted(
        identity,
        lambda r: 1 / r + r**3,
        identity,
        0,
        inf,
        range(4),
        singular="left",
        exact=lambda n: 4 * n + 4,
    ),
    "coulomb_in_the_plane": weighted(
        identity,
        lambda r: -one(r),
        identity,
        0,
        inf,
        range(4),
        singular="left",
        exact=lambda n: -1 / (4 * (n + HALF) ** 2),
    ),
    "klotter": weighted(
        one,
        lambda x: 3 / (4 * x * x),
        lambda x: 64 * like(x, pi) ** 2 / (9 * x**6),
        mpf(8) / 7,
        8,
        range(10),
        exact=lambda n: (n + 1) ** 2,
    ),
    "weighted_string": weighted(
        one,
        zero,
        lambda x: 1 / (1 + x) ** 2,
        0,
        1,
        range(8),
        exact=lambda n: ((n + 1) * pi / mpmath.log(2)) ** 2 + mpf(1) / 4,
    ),
    "euler": weighted(
        square,
        zero,
        one,
        1,
        8,
        range(6),
        exact=lambda n: ((n + 1) * pi / mpmath.log(8)) ** 2 + mpf(1) / 4,
    ),
    # The same problem in t with x = t^2, which is smooth.
    "root_weight": weighted(
        lambda t: (2 + sin(2 * like(t, pi) * t * t)) / (2 * t),
        lambda t: -20 * t,
        lambda t: 2 * t * (1 + t),
        0,
        1,
        range(4),
        singular="left",
        right=-10,
    ),
    "gaussian_stiffness": weighted(
        lambda x: exp(-x * x), lambda x: x * x, lambda x: 1 + x * x, -2, 2, range(5), left=0, right=0
    ),
    "exponential_rod": weighted(
        exp, zero, exp, 0, 1, range(6), exact=lambda n: ((n + 1) * pi) ** 2 + mpf(1) / 4
    ),
}
