"""Derivatives as `sympy.diff` gives them, in a fraction of its time.

sympy makes an object for every derivative of every part and asks it for its assumptions; a second derivative
of forty Gaussians takes it a second.  Here every part is differentiated once, by the same rules in the same
order, so that the same expressions come out.
"""

from __future__ import annotations

from functools import reduce
from operator import mul

import sympy as sp
from sympy.core.function import AppliedUndef


def derivative(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The derivative with respect to x."""
    known: dict[sp.Expr, sp.Expr] = {x: sp.S.One}

    def of(node: sp.Expr) -> sp.Expr:
        if node not in known:
            known[node] = rule(node) if node.args else sp.S.Zero
        return known[node]

    def rule(node: sp.Expr) -> sp.Expr:
        if not (isinstance(node, sp.Add | sp.Mul | sp.Pow) or _has_chain_rule(node)):
            return sp.diff(node, x)
        slopes = [of(part) for part in node.args]
        if not any(slopes):
            return sp.S.Zero
        match node:
            case sp.Add():
                return sp.Add(*slopes)
            case sp.Mul():
                factors = (
                    [*node.args[:i], slope, *node.args[i + 1 :]] for i, slope in enumerate(slopes) if slope
                )
                return sp.Add(*[reduce(mul, some) for some in factors])
            case sp.Pow():
                return node * (slopes[1] * sp.log(node.base) + slopes[0] * node.exp / node.base)
        return sp.Add(*[node.fdiff(i + 1) * slope for i, slope in enumerate(slopes) if slope])

    return of(expression)


def _has_chain_rule(node: sp.Expr) -> bool:
    """Whether a function is differentiated by its arguments, as |x| and cases are not."""
    own = type(node)._eval_derivative is not sp.Function._eval_derivative
    return isinstance(node, sp.Function) and not own and not isinstance(node, AppliedUndef)
