"""Power series t^v (c_0 + c_1 t + …) around a singular end, v being any fraction."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_series


@dataclass(frozen=True)
class Laurent:
    valuation: Fraction
    series: arb_series

    @staticmethod
    def of(value: Any) -> Laurent:
        if isinstance(value, Laurent):
            return value
        return Laurent(Fraction(0), value if isinstance(value, arb_series) else arb_series([arb(value)]))

    def coefficients(self, valuation: Fraction, count: int) -> list[arb]:
        """Those of t^-valuation times this series."""
        shift = self.valuation - valuation
        if shift.denominator != 1:
            raise ArithmeticError("fractional powers that do not match")
        found = list(self.series.coeffs())
        if shift < 0:
            if any(c != 0 for c in found[: -int(shift)]):
                raise ArithmeticError("the pole is stronger than it may be")
            found = found[-int(shift) :]
        else:
            found = [arb(0)] * int(shift) + found
        return (found + [arb(0)] * count)[:count]

    def leading(self) -> Laurent:
        """The same series with c_0 != 0."""
        found = list(self.series.coeffs())
        skip = next((k for k, c in enumerate(found) if not c.contains(0)), 0)
        return Laurent(self.valuation + skip, arb_series(found[skip:]))

    def __add__(self, other: Any) -> Laurent:
        other = Laurent.of(other)
        if not other.series.coeffs():
            return self
        if not self.series.coeffs():
            return other
        low = min(self.valuation, other.valuation)
        size = max(len(self.series), len(other.series)) + int(abs(self.valuation - other.valuation))
        mine, theirs = self.coefficients(low, size), other.coefficients(low, size)
        return Laurent(low, arb_series([a + b for a, b in zip(mine, theirs, strict=True)]))

    def __mul__(self, other: Any) -> Laurent:
        other = Laurent.of(other)
        return Laurent(self.valuation + other.valuation, self.series * other.series)

    def __truediv__(self, other: Any) -> Laurent:
        mine, other = self, Laurent.of(other).leading()
        return Laurent(mine.valuation - other.valuation, mine.series / other.series)

    def __pow__(self, power: int) -> Laurent:
        base = self if power >= 0 else Laurent.of(1) / self
        result = Laurent.of(1)
        for _ in range(abs(power)):
            result = result * base
        return result

    def __neg__(self) -> Laurent:
        return self * -1

    def __sub__(self, other: Any) -> Laurent:
        return self + Laurent.of(other) * -1

    def __radd__(self, other: Any) -> Laurent:
        return self + other

    def __rsub__(self, other: Any) -> Laurent:
        return Laurent.of(other) - self

    def __rmul__(self, other: Any) -> Laurent:
        return self * other

    def __rtruediv__(self, other: Any) -> Laurent:
        return Laurent.of(other) / self

    def _plain(self) -> arb_series:
        return arb_series(self.coefficients(Fraction(0), len(self.series) + int(max(self.valuation, 0))))

    def exp(self) -> Laurent:
        return Laurent.of(self._plain().exp())

    def sin(self) -> Laurent:
        return Laurent.of(self._plain().sin())

    def cos(self) -> Laurent:
        return Laurent.of(self._plain().cos())

    def sqrt(self) -> Laurent:
        lead = self.leading()
        return Laurent(lead.valuation / 2, lead.series.sqrt())
