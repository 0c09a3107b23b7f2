"""Whole expressions as torch programs: random compositions, case distinctions, dtypes, sharing, mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qdsl.physics import numeric
from qdsl.physics.problem import Parameter, Problem
from qdsl.pinn.coefficients import compile_coefficients
from qdsl.pinn.compile import Apply, Input, compile_expressions

x, a, b = sp.symbols("x a b", real=True)
SETTING = {a: 0.7310585786, b: -1.3132616875}
POINTS = torch.tensor([-1.8317, -0.7133, 0.1379, 0.9241, 2.3171], dtype=torch.float64)


def run(expression: sp.Basic, points: torch.Tensor = POINTS) -> torch.Tensor:
    (value,) = compile_expressions((expression,))({x: points, **SETTING}, points)
    return value.expand(points.shape)


def derivatives(expression: sp.Expr, points: torch.Tensor = POINTS) -> list[np.ndarray]:
    """Value, first and second derivative by torch."""
    points = points.clone().requires_grad_()
    results = [run(expression, points)]
    for _ in range(2):
        last = results[-1]
        slope = None
        if last.requires_grad:
            (slope,) = torch.autograd.grad(last.sum(), points, create_graph=True, allow_unused=True)
        results.append(torch.zeros_like(points) if slope is None else slope)
    # A derivative that vanishes everywhere may come as a tensor without memory, hence `force`.
    return [result.detach().numpy(force=True) for result in results]


# Random compositions -------------------------------------------------------------------------------------

leaves = st.sampled_from([x, x, x, a, b, sp.Integer(2), sp.Rational(-1, 3), sp.Float("0.25"), sp.pi])


def grow(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    """One more layer: heads that are smooth on the line, and those with kinks and steps."""
    smooth = [sp.sin, sp.cos, sp.atan, sp.tanh, sp.erf, sp.asinh]
    bounded = [lambda u: sp.exp(-(u**2)), lambda u: sp.sqrt(1 + u**2), lambda u: sp.log(2 + sp.cos(u))]
    broken = [sp.Abs, sp.sign, sp.Heaviside]
    relation = st.sampled_from([sp.Lt, sp.Le, sp.Gt, sp.Ge])

    def condition(head: type, left: sp.Expr, right: sp.Expr) -> sp.Basic:
        return head(left, right)

    conditions = st.builds(condition, relation, inner, inner)
    return st.one_of(
        st.builds(lambda f, u: f(u), st.sampled_from(smooth + bounded + broken), inner),
        st.builds(lambda u, v: u + v, inner, inner),
        st.builds(lambda u, v: u * v, inner, inner),
        st.builds(lambda u, n: u**n, inner, st.integers(2, 3)),
        st.builds(lambda u, v: u / (1 + v**2), inner, inner),
        st.builds(lambda f, u, v, w: f(u, v, w), st.sampled_from([sp.Min, sp.Max]), inner, inner, inner),
        st.builds(lambda c, u, v: sp.Piecewise((u, c), (v, True), evaluate=False), conditions, inner, inner),
    )


def breaks(expression: sp.Basic) -> Iterator[sp.Expr]:
    """Everything whose zeros are kinks or steps of the expression."""
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.Abs | sp.sign | sp.Heaviside | sp.DiracDelta):
            yield node.args[0]
        elif isinstance(node, sp.Min | sp.Max):
            yield from (u - v for u, v in combinations(node.args, 2))
        elif isinstance(node, sp.core.relational.Relational):
            yield node.lhs - node.rhs


def exact(expression: sp.Expr, at: float) -> sp.Expr:
    """By mpmath, from exactly the numbers that torch gets."""
    numbers = {x: sp.Float(at, 40), **{symbol: sp.Float(value, 40) for symbol, value in SETTING.items()}}
    return expression.subs(numbers).evalf(30)


@settings(max_examples=60)
@given(st.recursive(leaves, grow, max_leaves=7))
def test_random_compositions(expression: sp.Expr) -> None:
    assume(expression.has(x))
    for difference in breaks(expression):
        assume(all(abs(float(exact(difference, at))) > 1e-6 for at in POINTS.tolist()))
    formulas = [expression, sp.diff(expression, x), sp.diff(expression, x, 2)]
    wanted = np.array([[float(exact(formula, at)) for at in POINTS.tolist()] for formula in formulas])
    scale = max(1.0, np.abs(wanted).max())
    assume(scale < 1e4)
    np.testing.assert_allclose(derivatives(expression), wanted, rtol=0, atol=1e-11 * scale)


@settings(max_examples=60)
@given(st.recursive(leaves, grow, max_leaves=7))
def test_bound_programs_are_the_same_and_shorter(expression: sp.Expr) -> None:
    """To the last digit: the same operations are done on the same numbers, some of them earlier."""
    program = compile_expressions((expression, sp.diff(expression.xreplace({b: x}), x)))
    bound = program.bound(SETTING)
    assert len(bound.steps) <= len(program.steps)
    assert not any(isinstance(step, Input) and step.symbol in SETTING for step in bound.steps)
    whole, part = program({x: POINTS, **SETTING}, POINTS), bound({x: POINTS}, POINTS)
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_array_equal(one.expand(POINTS.shape).numpy(), other.expand(POINTS.shape).numpy())


# Case distinctions ---------------------------------------------------------------------------------------


def test_first_condition_that_holds_wins() -> None:
    cases = sp.Piecewise((1, x < 0), (2, x < 1), (3, x < 0.5), (4, x > 0.5), (5, True), evaluate=False)
    points = torch.tensor([-1.0, 0.0, 0.25, 0.75, 1.0, 2.0], dtype=torch.float64)
    assert run(cases, points).tolist() == [1, 2, 2, 2, 4, 4]


def test_no_condition_gives_nan() -> None:
    cases = sp.Piecewise((x, x < 0), (x**2, x > 1), evaluate=False)
    points = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0], dtype=torch.float64)
    np.testing.assert_array_equal(run(cases, points).numpy(), [-1, np.nan, np.nan, np.nan, 4])
    nowhere = run(sp.Piecewise((x, sp.false), (1, x > 9), evaluate=False), points)
    assert nowhere.isnan().all()


GUARDED = [
    (sp.Piecewise((sp.sqrt(x), x > 0), (x**2, True), evaluate=False), [-1.0, 0.0, 0.5]),
    (
        sp.Piecewise((1 / x, sp.Abs(x) > sp.Rational(1, 10)), (x, True), evaluate=False),
        [-1.0, 0.0, 0.05, 1.0],
    ),
    (sp.Piecewise((x**2, x <= 0), (x * sp.log(x), True), evaluate=False), [-1.0, 0.0, 0.5]),
    (sp.Piecewise((sp.exp(x**3), x < 9), (1, True), evaluate=False), [-1.0, 1.0, 500.0]),
    (
        sp.Piecewise((0, sp.Abs(x) >= 1), (sp.exp(-1 / (1 - x**2)), True), evaluate=False),
        [-1.0, 0.5, 1.0, 2.0],
    ),
    (
        sp.Piecewise(
            (sp.Piecewise((sp.log(x), x > 1), (sp.sqrt(1 - x), True), evaluate=False), x > 0),
            (1 / (x - 3), True),
            evaluate=False,
        ),
        [-2.0, 0.0, 0.5, 1.5, 3.0],
    ),
    (1 + sp.Piecewise((sp.asin(x), sp.Abs(x) < 1), (0, True), evaluate=False) ** 2, [-1.0, -0.5, 0.9, 5.0]),
]


@pytest.mark.parametrize(("cases", "points"), GUARDED, ids=lambda value: str(value)[:60])
def test_branch_not_taken_does_not_spoil_gradients(cases: sp.Expr, points: list[float]) -> None:
    """torch.where alone would give nan where the other branch, or its derivative, is infinite."""
    values = derivatives(cases, torch.tensor(points, dtype=torch.float64))
    for order, found in enumerate(values):
        formula = sp.diff(cases, x, order) if order else cases
        wanted = [float(exact(formula, at)) for at in points]
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13)


def test_gradients_reach_parameters_through_cases() -> None:
    height = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    cases = sp.Piecewise((a * x, x > 0), (1 / a, x > -1), (a**2, True), evaluate=False)
    (value,) = compile_expressions((cases,))({x: POINTS, a: height}, POINTS)
    value.sum().backward()
    # POINTS: one below -1, one in (-1, 0), three above 0
    wanted = 2 * 3.0 - 1 / 9 + float(POINTS[POINTS > 0].sum())
    assert float(height.grad) == pytest.approx(wanted, rel=1e-14)  # type: ignore[arg-type]


def test_a_scalar_point() -> None:
    cases = sp.Piecewise((sp.sqrt(x), x > 0), (x**2, True), evaluate=False)
    for at, wanted in ((4.0, 2.0), (-3.0, 9.0)):
        point = torch.tensor(at, dtype=torch.float64)
        assert float(compile_expressions((cases,))({x: point}, point)[0]) == wanted


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_any_shape(seed: int, dimensions: int) -> None:
    """Values do not depend on how the points are laid out."""
    expression = sp.Piecewise((sp.sin(a * x), x < 0), (x**b, x > 1), (sp.Max(x, a), True), evaluate=False)
    points = torch.randn(
        (2, 3, 4)[:dimensions], dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    wanted = numeric.evaluate(expression, {x: points.numpy(), **SETTING})
    np.testing.assert_allclose(run(expression, points).numpy(), wanted, rtol=1e-14)


# What a program is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_is_that_of_the_points(dtype: torch.dtype) -> None:
    before = torch.get_default_dtype()
    expressions = (
        sp.Piecewise((sp.Rational(1, 3), x < a), (x ** sp.Rational(1, 3) + sp.pi, True), evaluate=False),
        sp.Heaviside(x - a) * sp.erf(x) + sp.sign(x),
        sp.Max(x, a, sp.Rational(1, 3), evaluate=False),
        a * sp.sqrt(2),
    )
    points = torch.linspace(0.1, 2, 7, dtype=dtype)
    # A parameter may come as a number or as a tensor of another dtype.
    for value in (0.7, torch.tensor(0.7, dtype=torch.float64), torch.tensor(0.7, dtype=torch.float32)):
        results = compile_expressions(expressions)({x: points, a: value}, points)
        assert {result.dtype for result in results} == {dtype}
    wanted = numeric.evaluate(expressions[0], {x: points.double().numpy(), a: 0.7})
    accuracy = 4 * torch.finfo(dtype).eps
    first = compile_expressions(expressions)({x: points, a: 0.7}, points)[0]
    np.testing.assert_allclose(first.numpy(), wanted, rtol=accuracy)
    assert torch.get_default_dtype() is before


def steps_of(expressions: tuple[sp.Expr, ...], operation: object) -> int:
    program = compile_expressions(expressions)
    return sum(isinstance(step, Apply) and step.operation is operation for step in program.steps)


def test_shared_subexpressions_are_evaluated_once() -> None:
    inner = sp.sin(x**2)
    expressions = (inner, sp.exp(inner), inner**2 + sp.cos(inner), sp.diff(sp.exp(inner), x))
    assert steps_of(expressions, torch.sin) == 1
    assert steps_of(expressions, torch.exp) == 1
    assert steps_of(expressions, torch.cos) == 2  # cos(sin(x^2)) and cos(x^2)


def test_program_serves_every_value_of_the_parameters() -> None:
    problem = Problem(x, (0, 1), a * x**2, parameters=(Parameter(a, sp.Integer(2)),))
    other = problem.with_values(a=5)
    two, five = compile_coefficients(problem), compile_coefficients(other)
    assert two.program is five.program
    points = torch.linspace(0, 1, 5, dtype=torch.float64)
    np.testing.assert_allclose(two(points).q.numpy(), 2 * points.numpy() ** 2)
    np.testing.assert_allclose(five(points).q.numpy(), 5 * points.numpy() ** 2)


@pytest.mark.parametrize(
    "expression", [sp.gamma(x), x + sp.besselj(0, x), sp.Piecewise((sp.airyai(x), x > 0), (0, True))]
)
def test_unknown_head_is_loud(expression: sp.Expr) -> None:
    with pytest.raises(TypeError, match=r"no torch row for (gamma|besselj|airyai)"):
        compile_expressions((expression,))


def test_missing_value_is_loud() -> None:
    with pytest.raises(KeyError):
        compile_expressions((a * x,))({x: POINTS}, POINTS)


# Coefficients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "p",
    [
        1 + x**2,
        1 + sp.Heaviside(x - sp.Rational(1, 2)),
        2 + sp.sign(x - sp.Rational(1, 2)) * x,
        1 + sp.Abs(x - sp.Rational(1, 2)),
        sp.Max(1, 2 * x),
        sp.Piecewise((1 + x, x < sp.Rational(1, 2)), (2 + x**2, True), evaluate=False),
    ],
    ids=str,
)
def test_slope_of_p_beside_its_steps(p: sp.Expr) -> None:
    """p' is that of the smooth pieces: what a step adds at one point is the business of the node states."""
    points = torch.tensor([0.1, 0.3, 0.49, 0.51, 0.7, 0.9], dtype=torch.float64)
    values = compile_coefficients(Problem(x, (0, 1), 0, p=p))(points)
    step = 1e-6
    difference = numeric.evaluate(p, {x: points.numpy() + step}) - numeric.evaluate(
        p, {x: points.numpy() - step}
    )
    np.testing.assert_allclose(values.dp.numpy(), difference / (2 * step), atol=1e-8)
    assert values.w.tolist() == [1.0] * 6
