"""Numbers as text, with as many digits as are known."""

from __future__ import annotations

import math
from collections.abc import Sequence


def significant(value: float | None, digits: int = 10) -> str:
    """A value whose uncertainty is not known, to some significant digits; `-` for none."""
    if value is None or not math.isfinite(value):
        return "-"
    return _short(f"{value:.{digits}g}")


def bounded(value: float | None, bound: float | None) -> str:
    """A value of which `bound` says how far it may be off: no place below the second digit of that.

    What is nothing but rounding, as a mean that is 0 by symmetry, is 0.
    """
    if value is None or not bound or not math.isfinite(value) or not math.isfinite(bound):
        return significant(value)
    place = math.floor(math.log10(bound)) - 1
    digits = (math.floor(math.log10(abs(value))) if value else place) - place + 1
    return _short(f"{value:#.{min(digits, 10)}g}".replace(".e", "e").rstrip(".")) if digits > 0 else "0"


def _short(text: str) -> str:
    """An exponent without the zero that Python puts in front: `1e-5`."""
    return text.replace("e-0", "e-").replace("e+0", "e+")


def magnitude(value: float) -> str:
    """The size of an error: one or two digits, `3e-5`; a bound that does not exist is `-`."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    if 1e-2 <= abs(value) < 1e3:
        return f"{value:.2g}" if abs(value) < 10 else f"{value:.0f}"
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def energies(values: Sequence[float], uncertainties: Sequence[float]) -> list[str]:
    """A column of energies: each shows the digits that it owns, decimal points aligned.

    A digit is owned when its place is not below the order of magnitude of the uncertainty.  Energies too
    large or too small for plain decimals (joules of a single electron) are written with exponents.
    """
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if 0 < largest < 1e-4 or largest >= 1e9:
        return [_exponential(v, u, largest) for v, u in zip(values, uncertainties, strict=True)]
    texts = [
        f"{v:z.{_decimals(u, largest)}f}" if math.isfinite(v) else "-"
        for v, u in zip(values, uncertainties, strict=True)
    ]
    tails = [len(text) - text.find(".") if "." in text else 0 for text in texts]
    padded = [text + " " * (max(tails) - tail) for text, tail in zip(texts, tails, strict=True)]
    return [text.rjust(max(map(len, padded))) for text in padded]


def _decimals(uncertainty: float, largest: float) -> int:
    """Places behind the point, between none and what double precision can carry."""
    floor = 1e-15 * max(largest, 1e-300)
    known = max(uncertainty, floor) if math.isfinite(uncertainty) else max(largest, floor) * 1e-3
    return min(max(0, -math.floor(math.log10(known))), 15)


def _exponential(value: float, uncertainty: float, largest: float) -> str:
    if not math.isfinite(value):
        return "-"
    known = max(uncertainty if math.isfinite(uncertainty) else 1e-3 * largest, 1e-15 * largest)
    own = abs(value) or largest
    digits = min(max(0, math.floor(math.log10(own)) - math.floor(math.log10(known))), 15)
    return _short(f"{value:z.{digits}e}")
