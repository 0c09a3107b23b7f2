"""A Sturm-Liouville problem -(p u')' + q u = E w u as plain Python functions, and elementary functions.

The coefficients are written once and evaluated on arrays of long doubles (by the elements) and on power
series of some hundred bits (by the Taylor steps).  Constants in them are exact in binary, or quotients
taken in the arithmetic of the argument, so that both see the same equation to all their digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np
from flint import arb

mpmath.mp.dps = 60

Function = Callable[[Any], Any]
Number = mpmath.mpf | int | float
ARRAYS = (np.ndarray, np.floating)


def one(x: Any) -> Any:
    return 1 + 0 * x


def zero(x: Any) -> Any:
    return 0 * x


def exp(x: Any) -> Any:
    return np.exp(x) if isinstance(x, ARRAYS) else x.exp()


def sin(x: Any) -> Any:
    return np.sin(x) if isinstance(x, ARRAYS) else x.sin()


def cos(x: Any) -> Any:
    return np.cos(x) if isinstance(x, ARRAYS) else x.cos()


def sqrt(x: Any) -> Any:
    return np.sqrt(x) if isinstance(x, ARRAYS) else x.sqrt()


def cosh(x: Any) -> Any:
    return (exp(x) + exp(-x)) / 2


def tanh(x: Any) -> Any:
    """Without overflow on either side; a series has a sign where it is expanded."""
    if isinstance(x, ARRAYS):
        return np.tanh(x)
    if x.coeffs() and x.coeffs()[0] > 0:
        return 2 / (1 + exp(-2 * x)) - 1
    return 1 - 2 / (1 + exp(2 * x))


def sech2(x: Any) -> Any:
    """Without the cancellation of 1 - tanh^2 in the tails."""
    if isinstance(x, ARRAYS):
        decay = np.exp(-2 * np.abs(x))
    else:
        decay = exp(-2 * x if x.coeffs() and x.coeffs()[0] > 0 else 2 * x)
    return 4 * decay / (1 + decay) ** 2


def like(x: Any, value: Number) -> Any:
    """A number in the arithmetic of x."""
    return long(value) if isinstance(x, ARRAYS) else ball(value)


def long(value: Number) -> np.longdouble:
    return np.longdouble(mpmath.nstr(mpmath.mpf(value), 30))


def ball(value: Number) -> arb:
    return arb(mpmath.nstr(mpmath.mpf(value), 60))


@dataclass(frozen=True)
class Piece:
    """An interval on which the coefficients are analytic, but for a singular end of the domain."""

    left: Number
    right: Number
    q: Function = zero
    p: Function = one
    w: Function = one


@dataclass(frozen=True)
class Equation:
    """`left`, `right`: r in u' = r u; None for u = 0.  `jumps`: place -> strength of a delta.

    A piece of infinite length is cut where the states have died out; for the Taylor steps farther out
    than for the elements.  `singular` ends take the solution x^s with the larger exponent s,
    which is `fractional` or not.
    `phase`: u at the right end is exp(i phase) times u at the left one, and so is the flux.
    `exact`: the closed form, a function of n.  `guess`: about the lowest and the highest wanted
    energy, where the search for them would take long.
    """

    pieces: tuple[Piece, ...]
    states: tuple[int, ...]
    left: Number | None = None
    right: Number | None = None
    phase: Number | None = None
    singular: str = ""
    fractional: bool = False
    jumps: dict[Number, Number] = field(default_factory=dict)
    exact: Callable[[int], Number] | None = None
    guess: tuple[float, float] | None = None


def schroedinger(a: Number, b: Number, q: Function, states: Any, **more: Any) -> Equation:
    """-u'' + q u = E u in one piece."""
    return Equation((Piece(a, b, q),), tuple(states), **more)
