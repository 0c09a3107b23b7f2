"""`equation`: a general Sturm-Liouville equation -> its coefficients p, q and w.

An equation a psi'' + b psi' + c psi = E d psi is self-adjoint when b = a'.  Otherwise it is multiplied by

    p/a  with  p = exp(int b/a dx),    so that  p' = (p/a) b

(Birkhoff and Rota, Ordinary Differential Equations, chapter 10), where that integral is simple.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import deltas, foreign
from qdsl.meaning.antiderivative import exponential_of_integral
from qdsl.meaning.equation_dimensions import check_dimensions
from qdsl.meaning.expressions import Translator
from qdsl.meaning.form_reader import FormReader, Term
from qdsl.meaning.linear_form import FREE, Form, Key, continuous, smooth
from qdsl.meaning.scope import Scope
from qdsl.meaning.shapes import mentions
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.analysis import GENERIC

_FORM = "-(p(x)*psi')' + q(x)*psi = E*w(x)*psi"

HUGE = 1e300
"""Values beyond are not compared."""

Point = Mapping[sp.Symbol, float]


@dataclass(frozen=True)
class Coefficients:
    """-(p psi')' + q psi = E w psi; q may still hold point interactions."""

    p: sp.Expr
    q: sp.Expr
    w: sp.Expr

    def times(self, factor: sp.Expr) -> Coefficients:
        return Coefficients(factor * self.p, factor * self.q, factor * self.w)


@dataclass(frozen=True)
class _Equation:
    """The sum of the terms, and the terms, at which errors point."""

    span: Span
    terms: Sequence[Term]
    form: Form

    def where(self, holds: Callable[[Form], bool]) -> Span:
        """The first term with some property."""
        return next((term.node.span for term in self.terms if holds(term.form)), self.span)


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
    terms = FormReader(Translator(scope, work), x).terms(statement.left, statement.right)
    total = Form()
    for term in terms:
        total = total.plus(term.form)
    equation = _Equation(statement.span, terms, total)
    _refuse(equation)
    check_dimensions(statement, scope)
    point = {**values, x: _inside(interval, values)}
    found = _self_adjoint(equation, x, point)
    work.places.update(deltas.places_of(found.q, x, work.places))
    signs = [numeric.number(value, point) < 0 for value in (found.p, found.w)]
    if all(signs):
        return found.times(sp.S.NegativeOne)  # psi'' = -E psi, say
    if signs[0]:
        hint = f"it carries a minus: {_FORM}, with p > 0"
        span = equation.where(lambda form: bool(form.fluxes) or form.factor_of(2) != 0)
        raise ProblemError("the factor of the highest derivative has the wrong sign", span, hint)
    if signs[1]:
        hint = f"E stands on the other side than the derivatives: {_FORM}, with w > 0"
        span = equation.where(lambda form: form.factor_of(0, energy=True) != 0)
        raise ProblemError("the factor of E has the wrong sign", span, hint)
    return found


def unused(statement: tree.Equation, name: str) -> bool:
    """Whether the equation does not speak of a function of the file."""
    return not mentions((statement.left, statement.right), name)


def _refuse(equation: _Equation) -> None:
    """What no Sturm-Liouville equation has."""
    form = equation.form
    for key, value in form.terms.items():
        order, energy = key
        if value == 0:
            continue
        span = equation.where(partial(_has, key))
        if order == FREE:
            what = "a term with E" if energy else "a term"
            hint = "every term has the factor psi" + (", as in E*psi" if energy else "")
            raise ProblemError(f"the equation has {what} without psi", span, hint)
        if order > 0 and energy:
            raise ProblemError("E multiplies a derivative of psi here", span, "write E*w(x)*psi")
    if form.factor_of(0, energy=True) == 0:
        hint = "it reads … = E*psi, or E*w(x)*psi"
        raise ProblemError("the equation does not contain E*psi", equation.span, hint)
    if not form.fluxes and form.factor_of(2) == 0:
        hint = "it reads -psi'' + … = E*psi"
        raise ProblemError("the equation has no second derivative of psi", equation.span, hint)


def _has(key: Key, form: Form) -> bool:
    return form.factor_of(*key) != 0


def _self_adjoint(equation: _Equation, x: sp.Symbol, point: Point) -> Coefficients:
    form = equation.form
    a, b, q = (form.factor_of(order) for order in (2, 1, 0))
    w = -form.factor_of(0, energy=True)
    fluxes = form.fluxes
    if len(fluxes) == 1 and a == 0 and b == 0:
        factor, flux = fluxes[0]  # f (P psi')' + ... : divided by -f
        if deltas.has_point(q) and not continuous(factor):
            message = "this factor may jump, and its value at the delta counts"
            span = equation.where(lambda form: bool(form.fluxes))
            raise ProblemError(message, span, "divide the equation by it, so that it stands at psi and E*psi")
        return Coefficients(flux, -q / factor, -w / factor)
    if not fluxes and b == 0 and x in a.free_symbols and continuous(a):
        a = -a
        return Coefficients(sp.S.One, q / a, w / a)
    if (
        all(x not in f.free_symbols for f, _ in fluxes)
        and smooth(a)
        and smooth(b)
        and _same(b, sp.diff(a, x), point)
    ):
        return Coefficients(-sp.Add(a, *(f * flux for f, flux in fluxes)), q, w)
    _refuse_jumps(equation)
    a = sp.Add(a, *(f * flux for f, flux in fluxes))
    b = sp.Add(b, *(f * sp.diff(flux, x) for f, flux in fluxes))
    if smooth(b) and _same(b, sp.diff(a, x), point):
        return Coefficients(-a, q, w)
    # psi' is continuous where b jumps, and so is p psi'
    p = exponential_of_integral(b / a, x, point)
    if p is None:
        span = equation.where(lambda form: form.factor_of(1) != 0)
        if not smooth(equation.form.factor_of(1)):
            message = "no simple factor makes the equation self-adjoint, with jumps or corners at psi'"
            hint = (
                f"sums of sign(x - c), heaviside(x - c) and |x - c| can be; or bring it to the form {_FORM}"
            )
            raise ProblemError(message, equation.where(partial(_jumps, 1)), hint)
        message = "the equation is not self-adjoint, and no simple factor makes it so"
        raise ProblemError(message, span, f"bring it to the form {_FORM}")
    return Coefficients(p, -q * p / a, -w * p / a)


def _refuse_jumps(equation: _Equation) -> None:
    """Where a coefficient jumps, the equation between the jumps does not say what psi does at them.

    The factor of psi' may: where that of psi'' does not, psi' is continuous there.
    """
    if not smooth(equation.form.factor_of(2)):
        span = equation.where(partial(_jumps, 2))
        message = "the factor of psi'' may have jumps or corners here"
        hint = "write -(p(x)*psi')' if p*psi' is continuous; if psi' is, divide the equation by this factor"
        raise ProblemError(message, span, hint)
    if not all(smooth(part) for pair in equation.form.fluxes for part in pair):
        span = equation.where(lambda form: not all(smooth(part) for pair in form.fluxes for part in pair))
        hint = "collect the derivatives in one term -(p(x)*psi')', which says what happens at a jump"
        raise ProblemError("a derivative of something with jumps or corners is one of several", span, hint)


def _jumps(order: int, form: Form) -> bool:
    return not smooth(form.factor_of(order))


def _same(first: sp.Expr, second: sp.Expr, point: Point) -> bool:
    """Whether two smooth expressions are equal: tried at points around one, where those that differ do."""
    if first == second:
        return True
    draw = np.random.default_rng(0)
    near = {symbol: at + 0.1 * (1 + abs(at)) * draw.normal(size=32) for symbol, at in point.items()}
    one, two = (numeric.evaluate(part, near) for part in (first, second))
    known = (np.abs(one) < HUGE) & (np.abs(two) < HUGE)
    one, two = one[known], two[known]
    return len(one) >= 4 and bool((np.abs(one - two) <= 1e-11 * np.maximum(np.abs(one), np.abs(two))).all())


def _inside(interval: tuple[sp.Expr, sp.Expr], values: Mapping[sp.Symbol, float]) -> float:
    """A point well inside of the domain."""
    left, right = (numeric.number(end, values) for end in interval)
    low = left if abs(left) < float("inf") else min(right, 0.0) - 1
    high = right if abs(right) < float("inf") else max(left, 0.0) + 1
    return low + GENERIC * (high - low)
