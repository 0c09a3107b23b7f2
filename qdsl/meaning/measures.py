"""How dimensions are reckoned with: of products, powers and sums, as far as they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from qdsl.language import tree
from qdsl.meaning.dimensions import PURE
from qdsl.meaning.scope import FREE, Measure

DEGREE = 100
"""Largest exponent whose dimension is worked out."""


def product(first: Measure, second: Measure) -> Measure:
    """That of a product, which is sure when both factors are."""
    if first.dimension is None or second.dimension is None:
        return FREE
    return Measure(first.dimension * second.dimension, first.firm and second.firm)


def power(measure: Measure, exponent: int | Fraction) -> Measure:
    """That of a power with a known exponent."""
    return measure if measure.dimension is None else replace(measure, dimension=measure.dimension**exponent)


def presumed(measures: Sequence[Measure]) -> Measure:
    """What a sum is presumed to be when no term is sure: a bare number follows the other terms."""
    dimensions = {measure.dimension for measure in measures}
    if len(dimensions) > 1:
        dimensions.discard(PURE)
    return Measure(dimensions.pop()) if len(dimensions) == 1 else FREE


def exact_exponent(node: tree.Expression) -> Fraction | None:
    """The value of an exponent that is written with numbers alone; None for any other, and huge ones."""
    match node:
        case tree.Number() if len(node.text) < 20 and "e" not in node.text.lower():
            value: Fraction | None = Fraction(node.text)
        case tree.Unary(operator="-" | "+"):
            inner = exact_exponent(node.operand)
            value = -inner if inner is not None and node.operator == "-" else inner
        case tree.Binary(operator="/"):
            top, bottom = exact_exponent(node.left), exact_exponent(node.right)
            value = None if top is None or not bottom else top / bottom
        case _:
            value = None
    return value if value is not None and abs(value) <= DEGREE else None
