"""Reading: files, texts, and the overriding of parameters."""

import io

import pytest
import sympy as sp

import qdsl
from qdsl import reading
from qdsl.errors import ProblemError, QdslError, UsageError
from qdsl.language import parse_expression, source_from_text
from qdsl.meaning.expressions import Translator
from qdsl.meaning.scope import Scope
from qdsl.meaning.work import Work
from qdsl.physics.notation import text

WELL = """param V0 = 20 in [1, 100]
param a = V0/10
define twice(t) = 2*t
domain x in [-4, 4]
potential V(x) = {0 if |x| < a; V0 otherwise}
"""


@pytest.fixture
def well(tmp_path):
    path = tmp_path / "well.qw"
    path.write_text(WELL, encoding="utf-8")
    return reading.read(path)


def values(problem):
    return {symbol.name: value for symbol, value in problem.values.items()}


def test_a_file_without_title_is_called_by_its_name(well):
    assert well.problem.title == "well.qw"
    assert qdsl.parse(WELL).title == ""
    assert qdsl.parse(WELL, name="<stdin>").title == ""


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": io.BytesIO(WELL.encode())}))
    read = reading.read("-")
    assert read.source.name == "<stdin>"
    assert read.problem == qdsl.parse(WELL)


def test_the_digest_is_that_of_the_text(well):
    import hashlib

    assert well.sha256 == hashlib.sha256(WELL.encode()).hexdigest()


@pytest.mark.parametrize(
    ("name", "expression", "wanted"),
    [
        ("V0", "30", {"V0": 30.0, "a": 3.0}),
        ("a", "1/2", {"V0": 20.0, "a": 0.5}),
        ("V0", "2*V0", {"V0": 40.0, "a": 4.0}),
        ("a", "twice(V0)/pi", {"V0": 20.0, "a": 40 / 3.141592653589793}),
        ("V0", "a*10", {"V0": 20.0, "a": 2.0}),
    ],
)
def test_overriding(well, name, expression, wanted):
    assert values(reading.override(well, (name, expression)).problem) == pytest.approx(wanted)


def test_overriding_twice(well):
    changed = reading.override(reading.override(well, ("V0", "50")), ("a", "V0/25"))
    assert values(changed.problem) == {"V0": 50.0, "a": 2.0}


@pytest.mark.parametrize(
    ("name", "expression", "kind", "wanted"),
    [
        ("V_0", "30", UsageError, "the file has no parameter 'V_0'"),
        ("V0", "V_0 + 1", ProblemError, "unknown name 'V_0'"),
        ("V0", "1e3", UsageError, "V0 = 1000 lies outside of [1, 100]"),
        ("V0", "x", ProblemError, "this must not depend on x"),
        ("V0", "E", ProblemError, "unknown name 'E'"),
        ("V0", "3 nm", ProblemError, "'nm' is a unit, and this file is dimensionless"),
        ("V0", "3 +", QdslError, "the formula breaks off after '+'"),
        ("V0", "9^9^9^9", ProblemError, "9^9^9 is too large a number"),
        ("V0", "inf", ProblemError, "'inf' can only be the end of an interval"),
    ],
)
def test_overriding_with_something_wrong(well, name, expression, kind, wanted):
    with pytest.raises(kind) as caught:
        reading.override(well, (name, expression))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message == wanted
    if diagnostic.span is not None:
        assert diagnostic.span.source.name == f"--set {name}"
        assert diagnostic.span.source.text == expression


def test_overriding_checks_the_problem_again():
    read = reading._read(source_from_text("param L = 1\ndomain x in [0, L]\npotential V(x) = 0\n"))
    with pytest.raises(ProblemError, match="the domain has no width"):
        reading.override(read, ("L", "-1"))


@pytest.mark.parametrize(
    "formula",
    [
        "x^2 - 4",
        "|x - a/2|",
        "{0 if |x| < a; 3*x otherwise}",
        "{1 if x < 1 and x > 0 or not (x > 3 and a < 2); 2 otherwise}",
        "max(x, a, 1) - min(x, 0)",
        "heaviside(x)*exp(-x^2/(2*a))",
        "sign(x)*sqrt(x^2 + 1)^3",
        "erf(x/a) + cbrt(x)",
        "-x^(1/3)*a^(-2)",
        "pi*x/2 + 0.25",
    ],
)
def test_notation_is_read_back_as_the_same(formula):
    symbols = {name: sp.Symbol(name, real=True) for name in ("x", "a")}
    scope = Scope().having("constant", {"pi": sp.pi}).having("parameter", symbols)

    def read(formula: str) -> sp.Expr:
        return Translator(scope, Work()).number(parse_expression(source_from_text(formula)))

    assert read(text(read(formula))) == read(formula)
