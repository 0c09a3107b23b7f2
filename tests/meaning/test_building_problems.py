"""Syntax tree -> Problem: the mathematics that a file states, its defaults, and exactness of numbers."""

import dataclasses

import pytest
import sympy as sp

import qdsl
from qdsl.errors import ProblemError, QdslError
from qdsl.language import parse_expression, source_from_text
from qdsl.meaning.expressions import Translator
from qdsl.meaning.scope import Scope
from qdsl.meaning.work import Work
from qdsl.physics import numeric
from qdsl.physics.problem import Decay, Dirichlet
from qdsl.physics.quantities import Element, EnergyOf, NodeCount, Probability, PsiAt
from qdsl.physics.training import Adam, FixedEnergy, Gauss, Gradient, Lbfgs, LevenbergMarquardt, Mlp

x, a, V0 = (sp.Symbol(name, real=True) for name in ("x", "a", "V0"))
HEAD = "param a = 2\nparam V0 = 20\n"


def value(text: str, **names: sp.Expr) -> sp.Expr:
    scope = Scope().having("constant", {"pi": sp.pi}).having("parameter", {"x": x, "a": a, **names})
    return Translator(scope, Work()).number(parse_expression(source_from_text(text)))


def problem(lines: str = "", potential: str = "0", domain: str = "[0, 1]") -> qdsl.Problem:
    return qdsl.parse(f"{HEAD}domain x in {domain}\npotential V(x) = {potential}\n{lines}\n")


# Expressions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1/2", sp.Rational(1, 2)),
        ("0.5", sp.Float(0.5)),
        ("-2^2", sp.Integer(-4)),
        ("2^3^2", sp.Integer(512)),
        ("2^-1", sp.Rational(1, 2)),
        ("1 - 2 - 3", sp.Integer(-4)),
        ("12/2/3", sp.Integer(2)),
        ("3/4*2", sp.Rational(3, 2)),
        ("x - a + x", 2 * x - a),
        ("a/x*a", a**2 / x),
        ("|x|^2", x**2),
        ("|-3|", sp.Integer(3)),
        ("cbrt(-8)", sp.Integer(-2)),
        ("heaviside(0)", sp.Rational(1, 2)),
        ("sqrt(8)", 2 * sp.sqrt(2)),
        ("cos(π)", sp.Integer(-1)),
        ("min(3, 1, 2) + max(1/2, 1/3)", sp.Rational(3, 2)),
        ("max(x, x)", x),
        ("exp(log(x^2 + 1))", x**2 + 1),
        ("1e-3*x", sp.Float("1e-3") * x),
        ("+x", x),
    ],
)
def test_values_of_expressions(text, wanted):
    assert value(text) == wanted


def test_decimals_are_the_nearest_doubles_and_fractions_stay_exact():
    assert float(value("0.1")) == 0.1
    assert value("0.1").is_Float
    assert value("1/3 + 1/6") == sp.Rational(1, 2)
    assert value("(999/1000)^1000").is_Float  # exact, it would have 10000 bits
    assert float(value("(999/1000)^1000")) == pytest.approx(0.999**1000, rel=1e-13)


def test_cases_keep_their_order():
    cases = problem(potential="{1 if x < 1/4; 2 if x < 1/2; 3 otherwise}").q
    assert cases.args == ((1, x < sp.Rational(1, 4)), (2, x < sp.Rational(1, 2)), (3, True))


def test_functions_of_the_file():
    head = """
        define line(t, slope = 2, offset = 3*slope) = slope*t + offset
        define both(t) = line(t) + line(t, offset = 0)
    """
    text = f"{HEAD}{head}\ndomain x in [0, 1]\npotential V(x) = both(x) + line(a, 1, offset = x)\n"
    assert sp.expand(qdsl.parse(text).q - (4 * x + 6 + a + x)) == 0


def test_arguments_hide_parameters_and_bodies_keep_their_own_scope():
    """`f` means the parameter a, although `g`, which calls it, has an argument of that name."""
    head = "define f(t) = a*t\ndefine g(a) = f(a) + a"
    assert qdsl.parse(f"{HEAD}{head}\ndomain x in [0, 1]\npotential V(x) = g(x)\n").q == a * x + x


def test_functions_of_cases_at_a_number_are_decided():
    head = "define jump(t) = {0 if t < 0; 1 otherwise}"
    built = qdsl.parse(
        f"{head}\ndomain x in [0, 1]\npotential V(x) = jump(x - 1/2)\nexpect E[0] = jump(3) within 1\n"
    )
    assert built.expect[0].value == 1
    assert built.warnings == ()


def test_names_may_stand_anywhere_in_the_file_but_parameters_use_earlier_ones():
    text = "potential V(x) = depth*x\ndomain x in [0, side]\nparam side = 2\nparam depth = 3*side\n"
    assert qdsl.parse(text).values == {sp.Symbol("side", real=True): 2.0, sp.Symbol("depth", real=True): 6.0}


# Statements -------------------------------------------------------------------------------------------


def test_defaults():
    built = problem()
    assert built.interval == (0, 1)
    assert (built.q, built.p, built.w) == (0, 1, 1)
    assert built.boundary == (Dirichlet(), Dirichlet())
    assert built.states == (0,)
    assert built.training == qdsl.Problem(x, (0, 1), sp.S.Zero).training
    assert built.training.goal == 1e-9
    assert (built.units.energy, built.units.length) == ("1", "1")
    assert built.title == ""
    assert built.warnings == ()


def test_atomic_units_and_mass():
    text = "units atomic\nparam m = 3 m_e\nmass = 2*m + m_e\ndomain r in [0, inf)\npotential U(r) = r\n"
    built = qdsl.parse(text)
    assert built.number(built.p) == pytest.approx(1 / 14)
    assert (built.units.energy, built.units.length) == ("hartree", "bohr")
    assert built.potential_name == "U"
    assert built.coordinate.name == "r"
    assert built.boundary == (Dirichlet(), Decay())
    assert built.closed == (True, False)


@pytest.mark.parametrize(
    "conditions",
    [
        "psi(0) = 0, psi(a) = 0",
        "0 = psi(0)",
        "-2*psi(a) = 0",
        "psi(a) = -psi(a)",
        "psi(2*a - a) = 0",
        "ψ(0) = 0",
    ],
)
def test_ways_to_write_dirichlet(conditions):
    assert problem(f"boundary {conditions}", domain="[0, a]").boundary == (Dirichlet(), Dirichlet())


def test_decay_at_both_ends():
    built = problem("boundary psi(-inf) = 0, psi(inf) = 0", potential="x^2", domain="(-inf, inf)")
    assert built.boundary == (Decay(), Decay())


def test_an_end_is_meant_for_every_value_of_the_parameters():
    """psi(2) = 0 on [0, a] holds for a = 2 alone, so it is refused although a is 2 now."""
    with pytest.raises(ProblemError, match="2 is not an end of the domain"):
        problem("boundary psi(2) = 0", domain="[0, a]")


def test_train_block_of_the_paper():
    built = problem(
        """train {
          method    = gradient then lm(steps = 3)
          tolerance = 1e-3
          network   = mlp([16, 8], activation = sin)
          energy    = fixed(a*pi^2)
          points    = gauss(128)
          loss      = {raw_residual: 1, norm: 1/2}
          optimizer = adam(rate = 1e-2, steps = 50) then lbfgs(steps = 20)
          seed      = 7
          precision = float64
        }"""
    )
    training = built.training
    assert training.method == (Gradient(), LevenbergMarquardt(steps=3))
    assert training.goal == 1e-3
    assert training.network == Mlp((16, 8), "sin")
    assert training.energy == FixedEnergy(2 * 3.141592653589793**2)
    assert training.points == Gauss(128)
    assert training.loss == (("raw_residual", 1.0), ("norm", 0.5))
    assert training.optimizer == (Adam(0.01, 50), Lbfgs(20))
    assert training.seed == 7


def test_quantities_and_their_labels():
    built = problem(
        """find states 0..2
        report E[1] - E[0], mean(x^2, 0), element(0, x, 1), probability(0, 0, 1/2), nodes(2), psi[1](a/4)
        report mean(V(x), 1)
        expect psi[0](1/2)^2 = 2 within 1e-8""",
        potential="a*x",
    )
    assert [q.expression for q in built.report] == [
        EnergyOf(1) - EnergyOf(0),
        Element(0, x**2, 0),
        Element(0, x, 1),
        Probability(0, 0, sp.Rational(1, 2)),
        NodeCount(2),
        PsiAt(1, a / 4),
        Element(1, a * x, 1),
    ]
    assert built.report[0].text == "E[1] - E[0]"
    (expectation,) = built.expect
    assert expectation.quantity.expression == PsiAt(0, sp.Rational(1, 2)) ** 2
    assert (expectation.value, expectation.tolerance) == (2, 1e-8)
    assert expectation.text == "psi[0](1/2)^2 = 2 within 1e-8"


def test_unknown_energies_are_no_numbers():
    """sympy would take EnergyOf(0) for a constant and try to compute it, as in max(E[0], 1)."""
    built = problem("report max(E[0], 1), |E[0] - 3|, {1 if E[0] > 2; 0 otherwise}")
    assert all(q.expression.has(EnergyOf) for q in built.report)


def test_places_lead_back_to_the_file():
    built = problem(potential="{V0 if x < a/4; 0 otherwise}")
    assert built.places["potential"].text == "{V0 if x < a/4; 0 otherwise}"
    assert built.places["domain"].text == "[0, 1]"
    assert built.places["param a"].text == "2"
    assert built.places[built.q].text == "{V0 if x < a/4; 0 otherwise}"
    assert built.places[built.q.args[0][1]].text == "x < a/4"
    assert built.places[sp.Tuple(built.q, sp.Integer(1))].text == "0 otherwise"


@pytest.mark.parametrize("name", ["infinite_well", "finite_well", "finite_barrier", "double_well", "morse"])
def test_examples_build(name, examples):
    built = qdsl.load(examples / f"{name}.qw")
    assert built.title
    assert built.warnings == ()
    assert hash(built) == hash(dataclasses.replace(built))


def test_conditions_that_compare_cases_need_no_if_then_else():
    head = "define f(t) = {t if t < a; 2*t otherwise}"
    text = f"{HEAD}{head}\ndomain x in [0, 3]\npotential V(x) = {{1 if f(x) > 3; 0 otherwise}}\n"
    built = qdsl.parse(text)
    assert not built.q.has(sp.ITE)
    for at in (0.5, 1.9, 2.0, 2.5):
        wanted = 1.0 if (at if at < 2 else 2 * at) > 3 else 0.0
        assert numeric.number(built.q, {**built.values, built.coordinate: at}) == wanted


# Several mistakes, and what is not supported ------------------------------------------------------------


def test_every_mistake_of_a_file_is_reported_once_in_its_order():
    text = """param b = c_0
        define f(t) = t + q_1 + q_2
        domain x in [0, b]
        potential V(x) = f(x) + nothing
        boundary psi(3) = 0, psi(0) = 1
        find states 4..0
        train { methd = ritz; seed = -1 }
        report E[0], mean(x)
    """
    with pytest.raises(ProblemError) as caught:
        qdsl.parse(text)
    assert [d.message for d in caught.value.diagnostics] == [
        "unknown name 'c_0'",
        "unknown name 'q_1'",
        "unknown name 'q_2'",
        "unknown name 'nothing'",
        "the range 4..0 runs backwards",
        "unknown setting 'methd'",
        "seed must be a whole number from 0",
        "'mean' takes 2 arguments",
    ]


# Hostile files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9^9",
        "2^(10^9)",
        "exp(exp(exp(100)))",
        "exp(1000000000*log(2))",
        "(((2*x)^900)^900)^900",
        "x^(9^9)",
        "1" * 400,
        "(10^300)*(10^300)",
        "10^-400",
        "0^-1",
    ],
)
def test_numbers_beyond_all_bounds_are_refused_at_once(text):
    with pytest.raises(ProblemError, match=r"too large|too small|cannot be larger|division by zero"):
        value(text)


@pytest.mark.parametrize("body", ["f{}(x)*sin(f{}(x + 1))", "f{0}(f{0}(x))", "f{0}(x)^2 + f{0}(2*x)"])
def test_functions_that_explode_are_stopped(body):
    lines = ["define f0(x) = 1 + sin(x)*cos(x)"]
    lines += [f"define f{i + 1}(x) = {body.format(i, i)}" for i in range(40)]
    with pytest.raises(QdslError, match=r"operations when the functions are written out|nested too deeply"):
        qdsl.parse("\n".join([*lines, "domain x in [0, 1]", "potential V(x) = f40(x)"]))


def test_names_of_python_and_sympy_are_names_like_others():
    text = "param lambda = 2\nparam S = 3\nparam I = 4\ndomain N in [0, 1]\npotential O(N) = lambda*S*I*N\n"
    built = qdsl.parse(text)
    assert built.number(built.q.xreplace({built.coordinate: sp.Integer(1)})) == 24
