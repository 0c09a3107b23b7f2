"""Every row of the torch table: value, first and second derivative agree with sympy's own, by mpmath."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
import torch

from qdsl.physics import numeric
from qdsl.physics.functions import FUNCTIONS
from qdsl.pinn.compile import compile_expressions
from qdsl.pinn.operations import OPERATIONS

x, y = sp.symbols("x y", real=True)

LINE = (-2.0, 2.0)
POSITIVE = (0.1, 3.0)
INSIDE = (-0.95, 0.95)

# For each row: expressions that have it at the root, and an interval on which they are smooth but for kinks.
CASES: dict[type[sp.Basic], list[tuple[sp.Basic, tuple[float, float]]]] = {
    sp.Add: [(x + sp.Rational(1, 3), LINE), (x + x**2 + x**3, LINE)],
    sp.Mul: [(3 * x, LINE), (x * sp.sin(x) * sp.exp(x), LINE)],
    sp.Pow: [
        (x**2, LINE),
        (x**7, LINE),
        (x**-3, POSITIVE),
        (x ** sp.Rational(1, 2), POSITIVE),
        (x**1.7, POSITIVE),
        (x**x, POSITIVE),
        (sp.Integer(2) ** x, LINE),
        (sp.sin(x) ** 3, LINE),
    ],
    sp.sin: [(sp.sin(x), LINE)],
    sp.cos: [(sp.cos(x), LINE)],
    sp.tan: [(sp.tan(x), (-1.4, 1.4))],
    sp.cot: [(sp.cot(x), POSITIVE)],
    sp.asin: [(sp.asin(x), INSIDE)],
    sp.acos: [(sp.acos(x), INSIDE)],
    sp.atan: [(sp.atan(x), LINE)],
    sp.sinh: [(sp.sinh(x), LINE)],
    sp.cosh: [(sp.cosh(x), LINE)],
    sp.tanh: [(sp.tanh(x), LINE)],
    sp.coth: [(sp.coth(x), POSITIVE)],
    sp.asinh: [(sp.asinh(x), LINE)],
    sp.acosh: [(sp.acosh(x), (1.1, 4.0))],
    sp.atanh: [(sp.atanh(x), INSIDE)],
    sp.exp: [(sp.exp(x), LINE)],
    sp.log: [(sp.log(x), POSITIVE)],
    sp.Abs: [(sp.Abs(x), LINE), (sp.Abs(sp.sin(3 * x), evaluate=False), LINE)],
    sp.sign: [(sp.sign(x), LINE)],
    sp.Min: [(sp.Min(x, x**2), LINE), (sp.Min(1 + x, 1 - x, sp.cos(x), evaluate=False), LINE)],
    sp.Max: [(sp.Max(x, x**2), LINE), (sp.Max(x, -x, sp.cos(x), x**3, evaluate=False), LINE)],
    sp.Heaviside: [(sp.Heaviside(x), LINE), (sp.Heaviside(x - 1, 0), LINE)],
    sp.erf: [(sp.erf(x), LINE)],
    sp.StrictLessThan: [(sp.StrictLessThan(x, 1), LINE)],
    sp.LessThan: [(sp.LessThan(x, 1), LINE)],
    sp.StrictGreaterThan: [(sp.StrictGreaterThan(x, 1), LINE)],
    sp.GreaterThan: [(sp.GreaterThan(x, 1), LINE)],
    sp.Equality: [(sp.Eq(x, 1), LINE)],
    sp.Unequality: [(sp.Ne(x, 1), LINE)],
    sp.And: [(sp.And(x < 1, sp.sin(x) > 0, x**2 < 3), LINE)],
    sp.Or: [(sp.Or(x < -1, sp.sin(x) > 1 / 2, x**2 > 3), LINE)],
    sp.Not: [(sp.Not(sp.And(x < 1, x > 0), evaluate=False), LINE)],
    sp.ITE: [(sp.ITE(x < 0, x < -1, x > 1), LINE)],
}


def exact(expression: sp.Basic, at: float) -> sp.Basic:
    """The value of an expression in x by mpmath, with thirty digits; conditions give true or false."""
    inserted = expression.subs(x, sp.Float(at, 40))
    return inserted.evalf(30) if isinstance(inserted, sp.Expr) else inserted


def derivatives(expression: sp.Expr, points: torch.Tensor) -> list[np.ndarray]:
    """Value, first and second derivative by torch."""
    points = points.clone().requires_grad_()
    (value,) = compile_expressions((expression,))({x: points}, points)
    results = [value.expand(points.shape)]
    for _ in range(2):
        last = results[-1]
        slope = (
            torch.autograd.grad(last.sum(), points, create_graph=True, allow_unused=True)[0]
            if last.requires_grad
            else None
        )
        results.append(torch.zeros_like(points) if slope is None else slope)
    # A derivative that vanishes everywhere may come as a tensor without memory, hence `force`.
    return [result.detach().numpy(force=True) for result in results]


def random_points(interval: tuple[float, float], count: int = 20) -> torch.Tensor:
    low, high = interval
    return low + (high - low) * torch.rand(
        count, dtype=torch.float64, generator=torch.Generator().manual_seed(7)
    )


@pytest.mark.parametrize("head", list(OPERATIONS), ids=lambda head: head.__name__)
def test_row_agrees_with_sympy(head: type[sp.Basic]) -> None:
    assert head in CASES, f"the row {head.__name__} of the table has no test"
    for expression, interval in CASES[head]:
        assert expression.func is head or expression.args, expression
        assert expression.has(head)
        points = random_points(interval)
        if not isinstance(expression, sp.Expr):
            # A condition has no derivative: it is tested where it stands, in a case distinction.
            (truth,) = compile_expressions((expression,))({x: points}, points)
            assert truth.dtype == torch.bool
            assert truth.tolist() == [bool(exact(expression, at)) for at in points.tolist()]
            expression = sp.Piecewise((sp.sin(x), expression), (x**3, True), evaluate=False)
        for order, values in enumerate(derivatives(expression, points)):
            formula = sp.diff(expression, x, order) if order else expression
            wanted = [float(exact(formula, at)) for at in points.tolist()]
            np.testing.assert_allclose(values, wanted, rtol=1e-12, atol=1e-12, err_msg=str(formula))


def test_no_test_without_a_row() -> None:
    assert set(CASES) == set(OPERATIONS)


def test_conditions_at_equality() -> None:
    points = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
    wanted = {
        x < 1: [True, False, False],
        x <= 1: [True, True, False],
        x > 1: [False, False, True],
        x >= 1: [False, True, True],
        sp.Eq(x, 1): [False, True, False],
        sp.Ne(x, 1): [True, False, True],
        sp.true: True,
        sp.false: False,
    }
    results = compile_expressions(tuple(wanted))({x: points}, points)
    assert [r.tolist() for r in results] == list(wanted.values())


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_folds_take_any_number_of_arguments(count: int) -> None:
    points = random_points(LINE, 50)
    waves = [sp.sin((k + 1) * x + k) for k in range(count)]
    values = np.stack([np.sin((k + 1) * points.numpy() + k) for k in range(count)])
    conditions = [wave > -sp.Rational(1, 2) for wave in waves]
    cases = {
        sp.Min(*waves, evaluate=False): values.min(0),
        sp.Max(*waves, evaluate=False): values.max(0),
        sp.And(*conditions): (values > -0.5).all(0),
        sp.Or(*conditions): (values > -0.5).any(0),
        sp.Add(*waves): values.sum(0),
        sp.Mul(*waves): values.prod(0),
    }
    for expression, wanted in cases.items():
        (result,) = compile_expressions((expression,))({x: points}, points)
        np.testing.assert_allclose(result.numpy(), wanted, rtol=0, atol=1e-14)


def torch_value(expression: sp.Expr, **values: np.ndarray) -> np.ndarray:
    inputs = {sp.Symbol(name, real=True): torch.from_numpy(value) for name, value in values.items()}
    like = next(iter(inputs.values()))
    (value,) = compile_expressions((expression,))(inputs, like)
    return value.expand(like.shape).numpy()


def numpy_value(expression: sp.Expr, **values: np.ndarray) -> np.ndarray:
    return numeric.evaluate(expression, {sp.Symbol(name, real=True): value for name, value in values.items()})


# Everywhere: inside of the domains of definition and out of them, at the kinks, at poles and infinities.
EVERYWHERE = np.concatenate(
    [np.linspace(-3, 3, 61), [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300, 40.0, -40.0, np.inf, -np.inf, np.nan]]
)


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_language_function_agrees_with_numpy(name: str) -> None:
    row = FUNCTIONS[name]
    if row.most is None:
        expression = row.symbolic(x, y, x**2 - y)
        values = {"x": EVERYWHERE, "y": EVERYWHERE[::-1].copy()}
    else:
        expression = row.symbolic(x)
        values = {"x": EVERYWHERE}
    np.testing.assert_allclose(
        torch_value(expression, **values), numpy_value(expression, **values), rtol=1e-14, atol=1e-15
    )


@pytest.mark.parametrize("outer", list(FUNCTIONS))
def test_what_is_not_real_stays_so_inside_a_function(outer: str) -> None:
    """A value that does not exist must not come out of another function as a number."""
    row = FUNCTIONS[outer]
    inner = sp.asin(x) + 2
    expression = row.symbolic(inner) if row.most == 1 else row.symbolic(inner, sp.Integer(0))
    values = {"x": np.array([-5.0, 1.5, np.nan])}
    assert np.isnan(torch_value(expression, **values)).all()
    assert np.isnan(numpy_value(expression, **values)).all()


@pytest.mark.parametrize(
    "expression",
    [
        sp.tan(x + sp.pi / 2),  # sympy makes it -cot(x)
        sp.sin(x + sp.pi / 2),
        1 / sp.cosh(x) ** 2,
        sp.sqrt(x**2),
        sp.exp(sp.log(x**2 + 1) / 2),
        sp.Heaviside(x) ** 2,
        sp.Abs(sp.sign(x)),
    ],
    ids=str,
)
def test_what_sympy_makes_of_an_expression_has_rows(expression: sp.Expr) -> None:
    points = np.linspace(0.1, 3, 30)
    np.testing.assert_allclose(
        torch_value(expression, x=points), numpy_value(expression, x=points), rtol=1e-14, atol=1e-15
    )


def test_constants() -> None:
    for constant in (
        sp.pi,
        sp.E,
        sp.sqrt(2),
        sp.Rational(1, 3),
        sp.Float("0.1"),
        sp.sin(1),
        sp.erf(2),
        -(sp.pi**3),
    ):
        like = torch.zeros(3, dtype=torch.float64)
        (value,) = compile_expressions((constant,))({}, like)
        assert float(value) == float(constant.evalf(30))
