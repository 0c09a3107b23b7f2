"""`equation`: the tree of its two sides -> terms, each a linear form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from qdsl.errors import ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning import deltas
from qdsl.meaning.expressions import Translator
from qdsl.meaning.foreign import EIGENVALUES
from qdsl.meaning.linear_form import FREE, Form, continuous
from qdsl.meaning.shapes import all_names, mentions, primed_names, root_name, spine
from qdsl.physics.functions import BUILT_IN

_HIGHEST = "its highest derivative is that of the kinetic energy, -(p(x)*psi')'"


@dataclass(frozen=True)
class Term:
    """A term of the equation, brought to the left side, and where it stands."""

    node: tree.Expression
    form: Form


class FormReader:
    """Reads the two sides of an equation.  Raises ProblemError with all that it found wrong."""

    def __init__(self, translator: Translator, x: sp.Symbol) -> None:
        self.translator = translator
        self.x = x

    def terms(self, left: tree.Expression, right: tree.Expression) -> tuple[Term, ...]:
        """The terms of left - right, of which each is a sum only where brackets make it one."""
        found: list[Term] = []
        errors = list(self._other_names((left, right)))
        if errors:
            raise joined(errors)
        for side, outside in ((left, sp.S.One), (right, sp.S.NegativeOne)):
            for operator, node in spine(side, "+-"):
                sign = outside if operator == "+" else -outside
                try:
                    found.append(Term(node, self.read(node).times(sign)))
                except ProblemError as error:
                    errors.append(error)
        if errors:
            raise joined(errors)
        return tuple(found)

    def _other_names(self, sides: tuple[tree.Expression, ...]) -> Iterator[ProblemError]:
        """Errors for psi and E where they have the names that a textbook gives them."""
        names = self.translator.scope.names
        for name in primed_names(sides):
            if name.name not in ("psi", "E", *names) and not _known(name, self):
                yield ProblemError(
                    f"unknown name '{name.name}'", name.span, "the wavefunction is written psi, everywhere"
                )
                break
        if not mentions(sides, "E"):
            for name in all_names(sides):
                if name.name in EIGENVALUES and name.name not in names:
                    message = f"unknown name '{name.name}'"
                    yield ProblemError(message, name.span, "the eigenvalue is written E")

    def read(self, node: tree.Expression) -> Form:
        self.translator.work.step(node.span, self.translator.depth)
        self.translator.depth += 1
        try:
            return self._read(node)
        finally:
            self.translator.depth -= 1

    def _read(self, node: tree.Expression) -> Form:
        if not _mentions_unknowns(node):
            value = self.translator.number(node)
            return Form({(FREE, False): value} if value != 0 else {})
        match node:
            case tree.Name(name="E"):
                return Form({(FREE, True): sp.S.One})
            case tree.Name(name="psi"):
                return Form({(0, False): sp.S.One})
            case tree.Binary(operator="+" | "-"):
                return self._sum(node)
            case tree.Binary(operator="*" | "/"):
                return self._product(node)
            case tree.Unary(operator="+" | "-"):
                form = self.read(node.operand)
                return form.times(sp.S.NegativeOne) if node.operator == "-" else form
            case tree.Prime():
                return self._derivative(node.operand, node.order, node.span)
            case tree.Call() if _is_psi(node):
                return self._psi(node)
            case tree.Binary(operator="^"):
                raise _not_linear(node)
            case tree.Cases():
                hint = "write the cases as a factor: {1 if x < 0; 2 otherwise}*psi"
                raise ProblemError("psi and E cannot stand inside of cases", node.span, hint)
            case tree.Index():
                raise ProblemError("the equation holds for every state", node.span, "write E and psi alone")
        if isinstance(node, tree.Call) and (root := root_name(node)) is not None and not _known(root, self):
            raise self.translator.scope.unknown_function(root)
        raise _not_linear(node)

    def _sum(self, node: tree.Binary) -> Form:
        total = Form()
        errors = []
        for operator, term in spine(node, "+-"):
            try:
                form = self.read(term)
            except ProblemError as error:
                errors.append(error)
                continue
            total = total.plus(form if operator == "+" else form.times(sp.S.NegativeOne))
        if errors:
            raise joined(errors)
        return total

    def _product(self, node: tree.Binary) -> Form:
        factors = list(spine(node, "*/"))
        forms = [self.read(factor) for _, factor in factors]
        total = Form({(FREE, False): sp.S.One})
        for (operator, factor), form in zip(factors, forms, strict=True):
            if operator == "/":
                divisor = form.coefficient
                if divisor is None:
                    raise _not_linear(node)
                deltas.refuse([divisor], "in a denominator", factor.span)
                form = Form({(FREE, False): self.translator.reciprocal(divisor, factor.span)})
            total = self._multiplied(total, form, node)
        return total

    def _multiplied(self, a: Form, b: Form, node: tree.Expression) -> Form:
        if a.coefficient is not None:
            a, b = b, a
        factor = b.coefficient
        if factor is not None:
            if deltas.has_point(factor) and (a.fluxes or a.terms.keys() - {(0, False), (FREE, False)}):
                raise _delta_at("E" if a.has_energy else "a derivative of psi", node)
            for value in a.terms.values():
                deltas.scaled([(value, node.span), (factor, node.span)], [self.x])
            return a.times(factor)
        if (a.has_psi and b.has_psi) or (a.has_energy and b.has_energy):
            raise _not_linear(node)
        energy, other = (a, b) if a.has_energy else (b, a)
        if energy.has_psi or other.has_energy or other.fluxes:
            hint = "E multiplies psi itself, as in E*w(x)*psi"
            raise ProblemError("E multiplies a derivative of psi here", node.span, hint)
        alone = energy.terms.get((FREE, False), sp.S.Zero)
        factor = energy.terms[FREE, True]
        if any(deltas.has_point(value) for value in other.terms.values()):
            raise _delta_at("E", node)
        with_energy = {(order, True): factor * value for (order, _), value in other.terms.items()}
        return Form(with_energy).plus(other.times(alone) if alone != 0 else Form())

    def _psi(self, node: tree.Call) -> Form:
        """`psi(x)`, `psi''(x)`."""
        callee = node.function
        order = callee.order if isinstance(callee, tree.Prime) else 0
        arguments = node.arguments
        if len(arguments) != 1 or arguments[0].name is not None:
            raise ProblemError("psi is a function of the coordinate alone", node.span, f"write psi({self.x})")
        if self.translator.number(arguments[0].value) != self.x:
            hint = f"all of the equation holds at one {self.x}: write psi"
            raise ProblemError("psi stands here at another place", node.span, hint)
        return self._known(Form({(order, False): sp.S.One}), node.span)

    def _derivative(self, operand: tree.Expression, order: int, span: Span) -> Form:
        form = self.read(operand)
        for _ in range(order):
            form = self._once(form, span)
        return self._known(form, span)

    def _known(self, form: Form, span: Span) -> Form:
        if any(order > 2 for order, _ in form.terms):
            raise ProblemError("the equation may contain psi, psi' and psi'' only", span, _HIGHEST)
        return form

    def _once(self, form: Form, span: Span) -> Form:
        """The derivative of a form."""
        if form.has_energy:
            raise ProblemError("E multiplies a derivative of psi here", span, "write E*w(x)*psi")
        if form.fluxes:
            raise ProblemError("the equation may contain psi, psi' and psi'' only", span, _HIGHEST)
        total = Form()
        for (order, energy), value in form.terms.items():
            deltas.refuse([value], "in a derivative", span)
            if order == 1 and self.x in value.free_symbols:
                total = total.plus(Form(fluxes=((sp.S.One, value),)))
                continue
            if order == 1:
                total = total.plus(Form({(2, energy): value}))
                continue
            if not continuous(value):
                hint = "where it jumps the derivative is infinite"
                raise ProblemError("this is a derivative of something that may jump", span, hint)
            slope = sp.diff(value, self.x)
            if slope != 0:
                total = total.plus(Form({(order, energy): slope}))
            if order != FREE:
                total = total.plus(Form({(order + 1, energy): value}))
        return total


def _known(name: tree.Name, reader: FormReader) -> bool:
    scope = reader.translator.scope
    return name.name in scope.functions or name.name in BUILT_IN or name.name in scope.library.files


def _is_psi(node: tree.Call) -> bool:
    callee = node.function.operand if isinstance(node.function, tree.Prime) else node.function
    return isinstance(callee, tree.Name) and callee.name == "psi"


def _mentions_unknowns(node: object) -> bool:
    """Whether psi or E stands in a part of the tree, or a derivative of anything."""
    if isinstance(node, tree.Name):
        return node.name in ("psi", "E")
    if isinstance(node, tree.Prime):
        return True
    if isinstance(node, tree.Call):
        root = root_name(node.function)
        callee = root is not None and root.name in ("psi", "E")
        return callee or any(_mentions_unknowns(argument.value) for argument in node.arguments)
    parts: tuple[object, ...]
    match node:
        case tree.Binary():
            parts = (node.left, node.right)
        case tree.Unary() | tree.Absolute():
            parts = (node.operand,)
        case tree.Comparison():
            parts = node.operands
        case tree.Cases():
            parts = tuple(part for case in node.cases for part in (case.value, case.condition))
        case tree.Index():
            parts = (node.base, node.index)
        case tree.List():
            parts = node.items
        case _:
            parts = ()
    return any(_mentions_unknowns(part) for part in parts)


def _delta_at(what: str, node: tree.Expression) -> ProblemError:
    hint = "a delta belongs to the potential: it multiplies psi, as in 3*delta(x - 1)*psi"
    return ProblemError(f"a delta cannot multiply {what}", node.span, hint)


def _not_linear(node: tree.Expression) -> ProblemError:
    text = " ".join(node.span.text.split())
    hint = "each term holds psi once, and E at most once, as in E*w(x)*psi"
    return ProblemError(f"the equation is not linear in psi and E: '{text}'", node.span, hint)
