"""`equation`: a general Sturm-Liouville equation -> its coefficients p, q and w.

An equation a psi'' + b psi' + c psi = E d psi is self-adjoint when b = a'.  Otherwise it is multiplied by

    mu = exp(int (b - a')/a dx),    so that  (mu a)' = mu b

(Birkhoff and Rota, Ordinary Differential Equations, chapter 10), where that integral is a sum of powers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import deltas, foreign
from qdsl.meaning.equation_dimensions import check_dimensions
from qdsl.meaning.expressions import Translator
from qdsl.meaning.linear_form import FREE, Form, FormReader, smooth
from qdsl.meaning.scope import Scope
from qdsl.meaning.shapes import mentions
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.analysis import GENERIC

LARGE = 300
"""Operations of (b - a')/a beyond which no integral is looked for."""


@dataclass(frozen=True)
class Coefficients:
    """-(p psi')' + q psi = E w psi; q may still hold point interactions."""

    p: sp.Expr
    q: sp.Expr
    w: sp.Expr

    def times(self, factor: sp.Expr) -> Coefficients:
        return Coefficients(factor * self.p, factor * self.q, factor * self.w)


def read_equation(
    statement: tree.Equation,
    scope: Scope,
    x: sp.Symbol,
    interval: tuple[sp.Expr, sp.Expr],
    work: Work,
    values: Mapping[sp.Symbol, float],
) -> Coefficients:
    """The coefficients of the equation; `scope` holds the potential and the mass as functions.

    Raises ProblemError.
    """
    quotient = foreign.derivative(statement.span.text, scope.names)
    if quotient is not None:
        at = statement.span.source.span(*(statement.span.start + place for place in quotient))
        order = "''" if any(sign in at.text for sign in "2²") else "'"
        raise ProblemError("a derivative is written with a prime", at, f"write psi{order}")
    reader = FormReader(Translator(scope, work), x)
    form = reader.read_sides(statement.left, statement.right)
    _refuse(form, statement.span)
    check_dimensions(statement, scope)
    point = {**values, x: _inside(interval, values)}
    found = _self_adjoint(form, x, point, statement.span)
    if numeric.number(found.p, point) < 0 and numeric.number(found.w, point) < 0:
        found = found.times(sp.S.NegativeOne)  # psi'' = -E psi, say
    for value, name, hint in (
        (found.p, "the highest derivative", "the equation reads -(p*psi')' + q*psi = E*w*psi with p > 0"),
        (found.w, "E", "E*w*psi stands on the other side than -(p*psi')', with w > 0"),
    ):
        if numeric.number(value, point) < 0:
            raise ProblemError(f"the factor of {name} has the wrong sign", statement.span, hint)
    return found


def unused(statement: tree.Equation, name: str) -> bool:
    """Whether the equation does not speak of a function of the file."""
    return not mentions((statement.left, statement.right), name)


def _refuse(form: Form, span: Span) -> None:
    """What no Sturm-Liouville equation has."""
    for (order, energy), value in form.terms.items():
        if order == FREE and value != 0:
            what = "a term with E" if energy else "a term"
            raise ProblemError(f"the equation has {what} without psi", span, "every term has the factor psi")
        if order > 0 and energy and value != 0:
            raise ProblemError("E multiplies a derivative of psi here", span, "write E*w(x)*psi")
    if form.terms.get((0, True), sp.S.Zero) == 0:
        raise ProblemError("the equation does not contain E*psi", span, "it reads … = E*psi, or E*w(x)*psi")
    orders = {order for order, _ in form.terms}
    if not form.fluxes and 2 not in orders:
        raise ProblemError(
            "the equation has no second derivative of psi", span, "it reads -psi'' + … = E*psi"
        )


def _self_adjoint(form: Form, x: sp.Symbol, point: Mapping[sp.Symbol, float], span: Span) -> Coefficients:
    a, b, q = (form.terms.get((order, False), sp.S.Zero) for order in (2, 1, 0))
    w = -form.terms[0, True]
    deltas.refuse(
        [a, b, w, *(part for pair in form.fluxes for part in pair)], "here: only q may hold one", span
    )
    fluxes = [(f, flux) for f, flux in form.fluxes if f != 0]
    if len(fluxes) == 1 and a == 0 and b == 0:
        factor, flux = fluxes[0]  # f (P psi')' + ... : divided by -f
        return Coefficients(flux, -q / factor, -w / factor)
    if all(x not in f.free_symbols for f, _ in fluxes) and b == 0 and x not in a.free_symbols:
        return Coefficients(-sp.Add(a, *(f * flux for f, flux in fluxes)), q, w)
    if not all(smooth(part) for pair in (*fluxes, (a, b)) for part in pair):
        raise ProblemError(
            "a coefficient with jumps or corners stands outside of the derivative",
            span,
            "write the highest derivative as -(p(x)*psi')', so that it says what happens at a jump",
        )
    a = sp.Add(a, *(f * flux for f, flux in fluxes))
    b = sp.Add(b, *(f * sp.diff(flux, x) for f, flux in fluxes))
    difference = sp.expand(b - sp.diff(a, x))
    if difference == 0:
        return Coefficients(-a, q, w)
    factor = _integrating_factor(difference, a, x, point)
    if factor is None:
        raise ProblemError(
            "the equation is not self-adjoint, and no simple factor makes it so",
            span,
            "bring it to the form -(p(x)*psi')' + q(x)*psi = E*w(x)*psi",
        )
    return Coefficients(-a, q, w).times(factor)


def _integrating_factor(
    difference: sp.Expr, a: sp.Expr, x: sp.Symbol, point: Mapping[sp.Symbol, float]
) -> sp.Expr | None:
    """exp(int difference/a dx), where difference/a is a sum of c (x - x0)^n; None elsewhere."""
    rate = difference / a
    if sp.count_ops(rate) > LARGE:
        return None
    if rate.is_rational_function(x):
        rate = sp.apart(sp.cancel(rate), x)
    factor: sp.Expr = sp.S.One
    exponent: sp.Expr = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(rate)):
        constant, power = term.as_independent(x, as_Add=False)
        base, n = power.as_base_exp() if power != 1 else (x, sp.S.Zero)
        slope = sp.diff(base, x)
        if x in slope.free_symbols or x in n.free_symbols or slope == 0:
            return None
        if numeric.number(n + 1, point) == 0:
            positive = base if numeric.number(base, point) > 0 else -base
            factor *= positive ** (constant / slope)
        else:
            exponent += constant * base ** (n + 1) / ((n + 1) * slope)
    return factor if exponent == 0 else factor * sp.exp(exponent)


def _inside(interval: tuple[sp.Expr, sp.Expr], values: Mapping[sp.Symbol, float]) -> float:
    """A point well inside of the domain."""
    left, right = (numeric.number(end, values) for end in interval)
    low = left if abs(left) < float("inf") else min(right, 0.0) - 1
    high = right if abs(right) < float("inf") else max(left, 0.0) + 1
    return low + GENERIC * (high - low)
