"""`report` and `expect`: what is to be said of the states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

import sympy as sp

from qdsl.errors import ProblemError, Span
from qdsl.language import tree
from qdsl.meaning import deltas, foreign
from qdsl.meaning.definitions import unsolved
from qdsl.meaning.dimension_checks import SIDES, agree, measure_of, require
from qdsl.meaning.dimension_walk import Dimensions
from qdsl.meaning.dimensions import ENERGY, LENGTH, PURE, WAVEFUNCTION, Dimension
from qdsl.meaning.expressions import Translator
from qdsl.meaning.operands import unit_of
from qdsl.meaning.scope import Absent, Form, Measure, Scope
from qdsl.meaning.shapes import mentions
from qdsl.meaning.wanted import Values, state_number
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.problem import Bloch, Boundary, Expectation, Quantity
from qdsl.physics.quantities import Element, EnergyOf, NodeCount, Probability, PsiAt


@dataclass(frozen=True)
class Answers:
    """Reads the quantities of a file.

    `scope` holds the coordinate; `states` are the wanted ones, `interval` is the domain, `boundary`
    what holds at its ends; None where the file is wrong about them, or says nothing.
    """

    states: tuple[int, ...] | None
    interval: tuple[sp.Expr, sp.Expr] | None
    boundary: Boundary | None
    scope: Scope
    work: Work
    values: Values
    sizes: Work = field(default_factory=Work)

    def read(
        self, reports: Sequence[tree.Report], expects: Sequence[tree.Expect]
    ) -> tuple[tuple[Quantity, ...], tuple[Expectation, ...], list[ProblemError]]:
        """All quantities to print, all known answers, and what is wrong with them."""
        quantities: list[Quantity] = []
        expectations: list[Expectation] = []
        errors: list[ProblemError] = []
        for node in (node for report in reports for node in report.quantities):
            try:
                quantities.append(self._quantity(node))
            except ProblemError as error:
                errors.append(error)
        for statement in expects:
            try:
                expectations.append(self._expectation(statement))
            except ProblemError as error:
                errors.append(error)
        return tuple(quantities), tuple(expectations), errors

    def _quantity(self, node: tree.Expression) -> Quantity:
        if isinstance(node, tree.Binary) and node.operator == "and":
            left, right = _label(node.left), _label(node.right)
            raise ProblemError("'and' joins conditions", node.span, f"each by itself: {left}, {right}")
        value = Translator(self._outside, self.work).number(node)
        unit = unit_of(measure_of(node, self._outside, self.sizes), self._outside)
        return Quantity(value, _label(node), unit)

    def _expectation(self, statement: tree.Expect) -> Expectation:
        quantity = self._quantity(statement.quantity)
        why = "a known answer cannot contain what is to be solved for"
        hint = "put all of it on the left: expect E[1] - 4*E[0] = 0 within 1e-8"
        known = self._outside.without(dict.fromkeys((*_EXAMPLES, "E", "psi"), Absent(why, hint)))
        translator = Translator(known, self.work)
        value, tolerance = translator.numbers((statement.value, statement.tolerance))
        agree((statement.quantity, statement.value), SIDES, self._outside, self.sizes)
        require(statement.tolerance, PURE, "the tolerance", known, self.sizes)
        within = numeric.number(tolerance, self.values)
        if not 0 < within < inf:
            raise ProblemError("a tolerance is larger than 0", statement.tolerance.span, "such as 1e-9")
        if not isfinite(numeric.number(value, self.values)):
            raise ProblemError("this is not a finite number", statement.value.span)
        text = " ".join(statement.span.text.split()).removeprefix("expect ")
        return Expectation(quantity, value, within, text)

    @property
    def _coordinates(self) -> list[str]:
        """The name of the coordinate, if the file has one."""
        return [name for name, named in self.scope.names.items() if named.kind == "coordinate"]

    @property
    def _outside(self) -> Scope:
        """The scope of a quantity; the coordinate stands only inside of mean(…) and element(…)."""
        outside = self.scope.without(
            {
                name: Absent(
                    f"a quantity does not depend on {name}", f"write mean({name}, 0), or psi[0](1/2)"
                )
                for name in self._coordinates
            }
        )
        return outside.with_forms(
            {
                "E": Form(self._energy, _EXAMPLES["E"], _typical(ENERGY)),
                "psi": Form(self._psi, _EXAMPLES["psi"], _typical(WAVEFUNCTION)),
                "mean": Form(self._mean, _EXAMPLES["mean"], self._element_dimension),
                "element": Form(self._element, _EXAMPLES["element"], self._element_dimension),
                "probability": Form(self._probability, _EXAMPLES["probability"], _typical(PURE)),
                "nodes": Form(self._nodes, _EXAMPLES["nodes"], _typical(PURE)),
            }
        )

    def _energy(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        if not isinstance(node, tree.Index) or not isinstance(node.base, tree.Name):
            given = (
                node.arguments[0].value.span.text if isinstance(node, tree.Call) and node.arguments else "0"
            )
            raise ProblemError(
                "the energy of a state is written E[n]",
                node.span,
                f"write E[{given}]" if given.isdigit() and len(given) < 4 else "such as E[0]",
            )
        return EnergyOf(self._state(node.index, translator))

    def _psi(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        match node:
            case tree.Call(
                function=tree.Index(base=tree.Name(), index=number),
                arguments=(tree.Argument(name=None, value=x),),
            ):
                return PsiAt(self._state(number, translator), self._place(x, translator))
        raise ProblemError("a wavefunction is written psi[n](x)", node.span, "such as psi[0](1/2)")

    def _mean(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        f, n = self._with_function(node, "mean", 2, place=0)
        state = self._state(n, translator)
        return self._element_of(state, self._function(f, translator), state, f.span)

    def _element(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        m, f, n = self._with_function(node, "element", 3, place=1)
        bra, ket = self._state(m, translator), self._state(n, translator)
        return self._element_of(bra, self._function(f, translator), ket, f.span)

    def _with_function(
        self, node: tree.Call | tree.Index, name: str, count: int, place: int
    ) -> tuple[tree.Expression, ...]:
        """The arguments of a call of which one is a function of the coordinate, in its place."""
        given = _arguments(node, name, count)
        functions = [i for i in range(count) if any(mentions(given[i], x) for x in self._coordinates)]
        if len(functions) == 1 and functions[0] != place:
            others = [_label(argument) for i, argument in enumerate(given) if i != functions[0]]
            others.insert(place, _label(given[functions[0]]))
            raise ProblemError(
                f"in '{name}' the function stands {('first', 'between the states')[place]}",
                node.span,
                f"write: {name}({', '.join(others)})",
            )
        return given

    def _element_of(self, m: sp.Integer, f: sp.Expr, n: sp.Integer, span: Span) -> sp.Expr:
        """<m|f|n>, where each delta of f adds its strength times the wavefunctions at its place."""
        if not deltas.has_point(f):
            return Element(m, f, n)
        if isinstance(self.boundary, Bloch):
            hint = "take the deltas out of the function"
            raise ProblemError(
                "with coupled ends, where psi may be complex, no delta can stand here", span, hint
            )
        x = next(named.value for named in self.scope.names.values() if named.kind == "coordinate")
        split = deltas.split(f, x)
        terms = [
            point.strength * PsiAt(m, point.location) * PsiAt(n, point.location) for point in split.points
        ]
        return sp.Add(*([Element(m, split.regular, n)] if split.regular != 0 else []), *terms)

    def _probability(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        n, a, b = _arguments(node, "probability", 3)
        return Probability(self._state(n, translator), self._place(a, translator), self._place(b, translator))

    def _nodes(self, node: tree.Call | tree.Index, translator: Translator) -> sp.Expr:
        (n,) = _arguments(node, "nodes", 1)
        return NodeCount(self._state(n, translator))

    def _element_dimension(self, node: tree.Call | tree.Index, _walk: Dimensions) -> Measure:
        """That of the function in a mean(f, n) or an element(m, f, n)."""
        assert isinstance(node, tree.Call)
        return measure_of(node.arguments[-2].value, self.scope, self.sizes)

    def _state(self, node: tree.Expression, translator: Translator) -> sp.Integer:
        number = state_number(node, translator, self.values)
        if self.states is not None and number not in self.states:
            first, last = self.states[0], self.states[-1]
            wanted = f"state {first}" if first == last else f"the states {first} to {last}"
            raise ProblemError(
                f"state {number} is not wanted: the file asks for {wanted}",
                node.span,
                f"write find states {min(number, first)}..{max(number, last)}"
                + ("; the ground state is state 0" if first == 1 and number > last else ""),
            )
        return sp.Integer(number)

    def _place(self, node: tree.Expression, translator: Translator) -> sp.Expr:
        value = translator.end(node)
        require(node, LENGTH, "a place", translator.scope, self.sizes)
        at = numeric.number(value, self.values)
        left, right = (numeric.number(end, self.values) for end in self.interval or (-sp.oo, sp.oo))
        if not left <= at <= right:
            raise ProblemError(f"{_label(node)} lies outside of the domain", node.span)
        return value

    def _function(self, node: tree.Expression, translator: Translator) -> sp.Expr:
        """A function of the coordinate."""
        inside = self.scope.without(unsolved("the function in a mean or an element"))
        if "p" not in self.scope.names:
            inside = inside.without({"p": Absent(*foreign.MOMENTUM)})
        return Translator(inside, self.work, translator.depth).number(node)


_EXAMPLES = {
    "E": "E[0]",
    "psi": "psi[0](1/2)",
    "mean": "mean(x^2, 0)",
    "element": "element(0, x, 1)",
    "probability": "probability(0, -1, 1)",
    "nodes": "nodes(0)",
}


def _arguments(node: tree.Call | tree.Index, name: str, count: int) -> tuple[tree.Expression, ...]:
    given = node.arguments if isinstance(node, tree.Call) else ()
    if len(given) != count or any(argument.name is not None for argument in given):
        raise ProblemError(
            f"'{name}' takes {count} argument{'s' if count > 1 else ''}",
            node.span,
            f"such as {_EXAMPLES[name]}",
        )
    return tuple(argument.value for argument in given)


def _typical(dimension: Dimension) -> Callable[[tree.Call | tree.Index, Dimensions], Measure]:
    """The dimension of a form that is the same for all of its arguments."""
    return lambda _node, walk: walk.typical(dimension)


def _label(node: tree.Expression) -> str:
    return " ".join(node.span.text.split())
