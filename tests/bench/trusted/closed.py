"""Closed forms, and roots of transcendental equations, in many digits."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
from mpmath import mpf

Level = Callable[[int], mpf]


def airy_zero(n: int) -> mpf:
    return -mpmath.airyaizero(n + 1)


def airy_both(n: int) -> mpf:
    """Levels of |x|: zeros of Ai' and of Ai in turn."""
    return -mpmath.airyaizero(n // 2 + 1, derivative=1 - n % 2)


def bessel(order: mpf | int) -> Level:
    return lambda n: mpmath.besseljzero(order, n + 1) ** 2


def root(f: Callable[[mpf], mpf], low: mpf, high: mpf) -> mpf:
    """The one root of a continuous function between `low` and `high`."""
    with mpmath.workdps(50):
        return mpmath.findroot(f, (mpf(low), mpf(high)), solver="anderson", tol=1e-80, maxsteps=200)


def finite_well(depth: mpf) -> Level:
    """0 for |x| < 1, `depth` outside: k = (n + 1) pi/2 - asin(k/sqrt(depth))."""
    top = mpmath.sqrt(depth)

    def level(n: int) -> mpf:
        return (
            root(
                lambda k: k - (n + 1) * mpmath.pi / 2 + mpmath.asin(k / top),
                n * mpmath.pi / 2,
                min((n + 1) * mpmath.pi / 2, top),
            )
            ** 2
        )

    return level


def robin_box(left: mpf, right: mpf) -> Level:
    """u' = left u at 0 and u' = -right u at 1 (both repulsive)."""

    def level(n: int) -> mpf:
        return (
            root(
                lambda k: k - mpmath.atan(left / k) - mpmath.atan(right / k) - n * mpmath.pi,
                n * mpmath.pi + mpf("1e-3"),
                (n + 1) * mpmath.pi,
            )
            ** 2
        )

    return level


def two_deltas(strength: mpf, distance: mpf) -> Level:
    """-strength (delta(x) + delta(x - distance)): 2 kappa = strength (1 +- exp(-kappa distance))."""

    def level(n: int) -> mpf:
        sign = 1 - 2 * n
        half = mpf(strength) / 2
        kappa = half + mpmath.lambertw(sign * half * distance * mpmath.exp(-half * distance)).real / distance
        return -(kappa**2)

    return level


def delta_comb(strength: mpf, phase: mpf) -> Level:
    """Period 1: cos(phase) = cos k + strength/(2 k) sin k, one k in each (n pi, (n + 1) pi)."""

    def level(n: int) -> mpf:
        return (
            root(
                lambda k: mpmath.cos(k) + strength * mpmath.sinc(k) / 2 - mpmath.cos(phase),
                n * mpmath.pi + mpf("1e-9"),
                (n + 1) * mpmath.pi - mpf("1e-9"),
            )
            ** 2
        )

    return level
