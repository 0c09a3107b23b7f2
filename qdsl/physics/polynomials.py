"""Coefficients of polynomials of low degree, without the start-up cost of sympy.polys."""

from __future__ import annotations

import sympy as sp


def quadratic(f: sp.Expr, x: sp.Symbol) -> list[sp.Expr] | None:
    """Coefficients of 1, x, x^2; None when it is no polynomial of so low a degree."""
    if x not in f.free_symbols:
        return [f]
    if f == x:
        return [sp.Integer(0), sp.Integer(1)]
    if isinstance(f, sp.Add):
        total: list[sp.Expr] = []
        for term in f.args:
            part = quadratic(term, x)
            if part is None:
                return None
            total = _sum(total, part)
        return total
    if isinstance(f, sp.Mul):
        factors = f.args
    elif isinstance(f, sp.Pow) and f.exp == 2:
        factors = (f.base, f.base)
    else:
        return None
    result: list[sp.Expr] = [sp.Integer(1)]
    for factor in factors:
        part = quadratic(factor, x)
        if part is None or len(part) + len(result) > 4:
            return None
        result = _product(result, part)
    return result


def _sum(a: list[sp.Expr], b: list[sp.Expr]) -> list[sp.Expr]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return [*(p + q for p, q in zip(longer, shorter, strict=False)), *longer[len(shorter) :]]


def _product(a: list[sp.Expr], b: list[sp.Expr]) -> list[sp.Expr]:
    result: list[sp.Expr] = [sp.Integer(0)] * (len(a) + len(b) - 1)
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            result[i + j] += p * q
    return result
