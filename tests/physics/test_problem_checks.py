"""The checks of a Problem, each by sabotage: a sound problem, and what must not pass."""

from dataclasses import replace

import pytest
import sympy as sp

import qdsl
from qdsl.errors import ProblemError, UsageError
from qdsl.physics.checks import check
from qdsl.physics.problem import Decay, Dirichlet, Parameter, Problem

x, a = (sp.Symbol(name, real=True) for name in ("x", "a"))
SOUND = Problem(
    x, (0, 1), a * x**2, parameters=(Parameter(a, sp.Integer(2), (sp.Integer(1), sp.Integer(5))),)
)


def messages(potential: str, domain: str = "[-3, 3]", head: str = "param a = 2") -> list[str]:
    try:
        problem = qdsl.parse(f"{head}\ndomain x in {domain}\npotential V(x) = {potential}\n")
    except ProblemError as error:
        return [d.message for d in error.diagnostics]
    return [f"warning: {d.message}" for d in problem.warnings]


def test_a_sound_problem_passes_unchanged():
    assert check(SOUND) == SOUND


@pytest.mark.parametrize(
    ("potential", "wanted"),
    [
        ("{1 if x < 1; 2 if x > 2}", ["no case covers x = 1 … 2"]),
        ("{1 if x < 1; 2 if x > 1}", ["no case covers x = 1"]),
        ("{1 if x < 1; 2 if x >= 1}", []),
        ("{1 if |x| < a; 2 if |x| > a}", ["no case covers x = -2", "no case covers x = 2"]),
        ("{1 if |x| < a; 2 if |x| >= a}", []),
        ("{1 if -3 < x <= 3}", ["no case covers x = -3"]),
        # The inner case is asked at x = 3 alone, and covers it.
        ("{1 if x < 3; {5 if x > 0} otherwise}", []),
        ("{x if x < -1} + {x if x > 0; 1 if x <= 0}", ["no case covers x = -1 … 3"]),
        ("{1 if x^2 < 2; 0 if x^2 > 2}", ["no case covers x = -1.41421", "no case covers x = 1.41421"]),
        ("{1 if x < 0.1 + 0.2; 0 if x >= 0.3}", []),
        (
            "{1 if |x - 1/2| < w/2; 0 if |x - 1/2| > w/2}",
            ["no case covers x = 0.4", "no case covers x = 0.6"],
        ),
        ("{1 if x == 1; 2 if x != 1}", []),
        ("{2 if x != 1}", ["no case covers x = 1"]),
        ("{0 if x > a; {1 if x < 5} otherwise}", []),
    ],
)
def test_gaps(potential, wanted):
    found = messages(potential, head="param a = 2\nparam w = 0.2")
    assert [message for message in found if not message.startswith("warning")] == wanted


def test_ends_that_do_not_belong_to_the_domain_need_no_case():
    assert messages("{1 if 0 < x < 1}", "(0, 1)") == []
    assert messages("{1 if 0 < x < 1}", "[0, 1]") == ["no case covers x = 0", "no case covers x = 1"]
    assert messages("{1 if x > 0}", "(0, inf)") == []
    assert messages("{1 if x < 0}", "(-inf, inf)") == ["no case covers x = 0 … inf"]


@pytest.mark.parametrize(
    "potential",
    [
        "{1 if |x| < 1; 2 if |x| < 1/2; 3 otherwise}",
        "{1 if x > 5; 3 otherwise}",
        "{1 if x < 1; 2 if x >= 1; 3 otherwise}",
        "{1 if x^2 < 0; 2 otherwise}",
        "{1 if x < 0 and x > 1; 2 otherwise}",
    ],
)
def test_cases_that_are_never_reached_are_warnings(potential):
    assert messages(potential) == ["warning: this case is never reached in the domain"]


def test_a_case_behind_otherwise_is_a_warning():
    assert messages("{1 otherwise; 2 if x > 0}") == ["warning: this case can never be reached"]


@pytest.mark.parametrize(
    ("potential", "domain", "wanted"),
    [
        (
            "1/x",
            "[-1, 1]",
            "the potential is infinite at x = 0, inside of the domain",
        ),
        (
            "log(|x|)",
            "[-1, 1]",
            "the potential is infinite at x = 0, inside of the domain",
        ),
        (
            "1/|x - a|",
            "[0, 3]",
            "the potential is infinite at x = 2, inside of the domain",
        ),
        ("sqrt(x)", "[-1, 1]", "the potential is not a real number at x = -1"),
        ("x^(1/3)", "[-1, 1]", "the potential is not a real number at x = -1"),
        ("sqrt(1 - x)", "[0, 2]", "the potential is not a real number at x = 1"),
        ("asin(x)", "[0, 2]", "the potential is not a real number at x = 1"),
        ("sqrt(-x^2 - 1)", "(-inf, inf)", "the potential is not a real number at x = -10"),
        ("exp(1000*x)", "[0, 1]", "the potential is larger than any number at x = 0.71"),
        ("-x^2", "(-inf, inf)", "the potential falls without bound towards x = -inf"),
        ("x", "(-inf, 0]", "the potential falls without bound towards x = -inf"),
        ("-log(1 + x^2)", "[0, inf)", "the potential falls without bound towards x = inf"),
        ("-exp(x)", "[0, inf)", "the potential falls without bound towards x = inf"),
        ("x^2*sin(x/5)", "[0, inf)", "the potential falls without bound towards x = inf"),
    ],
)
def test_potentials_that_are_refused(potential, domain, wanted):
    assert messages(potential, domain) == [wanted]


@pytest.mark.parametrize(
    ("potential", "domain"),
    [
        ("sqrt(x)", "[0, 1]"),
        ("x*log(x)", "(0, 1]"),
        ("cbrt(x)", "[-1, 1]"),
        ("sin(x)/x", "[-1, 1]"),
        ("-x^2", "[-5, 5]"),
        ("-1/(1 + x^2)", "(-inf, inf)"),
        ("-1/(1 + x)", "[0, inf)"),
        ("1 - tanh(x)", "(-inf, inf)"),
        ("exp(x)/(1 + exp(x))", "(-inf, inf)"),
        ("exp(x^2)", "(-inf, inf)"),
        ("x^2*cos(x)^2 - 5*sin(x)", "(-inf, inf)"),
        ("{sqrt(x) if x > 0; 0 otherwise}", "[-1, 1]"),
        ("{1/x if |x| > 1/2; 2 otherwise}", "[-1, 1]"),
        ("log(x^2 + 1)", "(-inf, inf)"),
    ],
)
def test_potentials_that_pass(potential, domain):
    assert messages(potential, domain) == []


@pytest.mark.parametrize("domain", ["[1, 1]", "[2, 1]", "[inf, 0]", "[0, a - 2]"])
def test_domains_without_width(domain):
    assert messages("0", domain)[0].startswith("the domain has no width")


@pytest.mark.parametrize("mass", ["0", "-1", "a - 2", "a - 3"])
def test_masses_that_are_not_positive(mass):
    found = messages("0", head=f"param a = 2\nmass = {mass}")
    assert len(found) == 1
    assert "larger than 0" in found[0]


# Problems built in Python --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"q": sp.Symbol("b", real=True) * x}, "the potential uses 'b'"),
        ({"q": sp.Symbol("x") ** 2}, "the potential uses 'x'"),  # not the real one
        ({"interval": (0, x)}, "the domain uses 'x'"),
        ({"interval": (0, sp.I)}, "not a real number"),
        ({"p": sp.Integer(-1)}, "p must be a number larger than 0"),
        ({"p": x - sp.Rational(1, 2)}, "p must be a number larger than 0"),
        ({"w": sp.Integer(0)}, "the weight w must be a number larger than 0"),
        ({"boundary": (Decay(), Dirichlet())}, r"is finite, and decay needs room"),
        (
            {"parameters": (Parameter(a, sp.Integer(9), (sp.Integer(1), sp.Integer(5))),)},
            r"outside of \[1, 5\]",
        ),
        ({"parameters": (Parameter(a, x),)}, "uses more than the parameters before it"),
        ({"parameters": (Parameter(a, sp.sqrt(-2, evaluate=False)),)}, "not a finite number"),
        ({"q": sp.Piecewise((1, x < 0), (2, x > sp.Rational(1, 2)))}, "no case covers x = 0 … 0.5"),
    ],
)
def test_sabotaged_problems_do_not_pass(changes, wanted):
    with pytest.raises(ProblemError, match=wanted):
        check(replace(SOUND, **changes))


def test_other_values():
    problem = Problem(
        x,
        (0, 1),
        a * x,
        parameters=(
            Parameter(a, sp.Integer(2), (sp.Integer(1), sp.Integer(5)), closed=(True, False)),
            Parameter(sp.Symbol("b", real=True), 2 * a, (a, sp.Integer(8))),
        ),
    )
    changed = problem.with_values(a=3)
    assert list(changed.values.values()) == [3.0, 6.0]
    assert list(problem.values.values()) == [2.0, 4.0]
    assert list(problem.with_values(a=1.5, b=a + 1).values.values()) == [1.5, 2.5]
    with pytest.raises(UsageError, match=r"a = 5 lies outside of \[1, 5\)"):
        problem.with_values(a=5)
    with pytest.raises(UsageError, match=r"b = 9 lies outside of \[4.5, 8\]"):
        problem.with_values(a=4.5)
    with pytest.raises(UsageError, match="unknown parameter 'A'") as caught:
        problem.with_values(A=1)
    assert caught.value.diagnostics[0].hint == "did you mean 'a'?"
    with pytest.raises(UsageError, match="uses 'b', which is no parameter before it"):
        problem.with_values(a=sp.Symbol("b", real=True))
    with pytest.raises(UsageError, match="expected a number"):
        problem.with_values(a="2")
    with pytest.raises(UsageError, match="not a finite number"):
        problem.with_values(a=float("nan"))
