"""Every statement of the language, its tree and its spans."""

from __future__ import annotations

import pytest

from qdsl.errors import LanguageError, Source
from qdsl.language import parse, parse_expression, tree


def file(text: str) -> tree.File:
    return parse(Source("file.qw", text))


def only(text: str) -> tree.Statement:
    (statement,) = file(text).statements
    return statement


def expression(text: str) -> tree.Expression:
    return parse_expression(Source("formula", text))


WHOLE = """\
# A file that uses every statement once.
title "Every statement"   # and a comment behind it
units meV, nm
include "materials.qw"
source "a book"

param a = 3 nm  in [1 nm, 5 nm)  "half width"
define f(u, c = 0) = u^2 + c
domain x in (-inf, inf)
mass m(x) = { 0.067 if |x| < a; 0.09 otherwise }
potential V(x) = {
  0      if |x| < a
  f(x)   otherwise
}
equation -(p(x)*psi')' + V(x)*psi = E*psi
boundary psi(-inf) = 0,
find bound states
"""


def test_statements_stand_in_their_order_with_their_spans() -> None:
    found = file(WHOLE.replace("0,\n", "0, psi(inf) = 0\n"))
    kinds = [type(statement).__name__.lower() for statement in found.statements]
    assert kinds == [
        "title",
        "units",
        "include",
        "citation",
        "param",
        "define",
        "domain",
        "mass",
        "potential",
        "equation",
        "boundary",
        "findbound",
    ]
    first, *_, potential, _, boundary, last = (statement.span.text for statement in found.statements)
    assert first == 'title "Every statement"'
    assert potential == "potential V(x) = {\n  0      if |x| < a\n  f(x)   otherwise\n}"
    assert boundary == "boundary psi(-inf) = 0, psi(inf) = 0"
    assert last == "find bound states"
    assert found.span.text == found.span.source.text


def test_title_and_include() -> None:
    title = only('title "Well # no comment, ψ"')
    assert isinstance(title, tree.Title)
    assert title.text.value == "Well # no comment, ψ"
    assert type(title.text.value) is str
    include = only('include "a/b.qw"')
    assert isinstance(include, tree.Include)
    assert (include.path.value, include.path.span.text) == ("a/b.qw", '"a/b.qw"')
    citation = only('source "Morse, Phys. Rev. 34, 57 (1929)"')
    assert isinstance(citation, tree.Citation)
    assert citation.text.value == "Morse, Phys. Rev. 34, 57 (1929)"


@pytest.mark.parametrize("text", ["dimensionless", "atomic", "meV, nm", "J, m"])
def test_units(text: str) -> None:
    units = only(f"units {text}")
    assert isinstance(units, tree.Units)
    assert [unit.span.text for unit in units.names] == text.split(", ")


def test_param() -> None:
    param = only('param V0 = 2*pi in (0, 10] "depth"')
    assert isinstance(param, tree.Param)
    assert param.name.name == "V0"
    assert param.value == expression("2*pi")
    assert param.interval is not None
    assert (param.interval.left_closed, param.interval.right_closed) == (False, True)
    assert param.interval.span.text == "(0, 10]"
    assert param.doc is not None
    assert param.doc.value == "depth"


@pytest.mark.parametrize(
    ("text", "interval", "doc"),
    [("param a = 1", False, False), ("param a = 1 in [0, 2]", True, False), ('param a = 1 "x"', False, True)],
)
def test_what_a_param_may_leave_out(text: str, interval: bool, doc: bool) -> None:
    param = only(text)
    assert isinstance(param, tree.Param)
    assert (param.interval is not None, param.doc is not None) == (interval, doc)


def test_define() -> None:
    define = only("define f(x, c = 0) = x^2 + c")
    assert isinstance(define, tree.Define)
    assert [(formal.name.name, formal.default) for formal in define.formals] == [
        ("x", None),
        ("c", expression("0")),
    ]
    assert define.doc is None
    constant = only('define f() = 1 "one"')
    assert isinstance(constant, tree.Define)
    assert constant.formals == ()
    assert constant.doc is not None
    assert constant.doc.value == "one"


def test_a_text_is_an_argument_and_nothing_else() -> None:
    call = expression('table(x, "bulk.csv", shape = "smooth")')
    assert isinstance(call, tree.Call)
    assert [type(argument.value).__name__ for argument in call.arguments] == ["Name", "Text", "Text"]
    with pytest.raises(LanguageError):
        expression('x + "bulk.csv"')
    with pytest.raises(LanguageError):
        expression('f("a" + 1)')


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("[0, 1]", (True, True)),
        ("(0, 1]", (False, True)),
        ("[0, inf)", (True, False)),
        ("(-∞, ∞)", (False, False)),
    ],
)
def test_domain(text: str, closed: tuple[bool, bool]) -> None:
    domain = only(f"domain x in {text}")
    assert isinstance(domain, tree.Domain)
    assert domain.coordinate.name == "x"
    assert (domain.interval.left_closed, domain.interval.right_closed) == closed
    assert domain.interval.span.text == text


def test_mass() -> None:
    constant = only("mass = 0.067")
    assert constant == tree.Mass(None, None, expression("0.067"), span=constant.span)
    varying = only("mass m(x) = 1 + x")
    assert isinstance(varying, tree.Mass)
    assert varying.name is not None
    assert varying.coordinate is not None
    assert (varying.name.name, varying.coordinate.name) == ("m", "x")


def test_equation() -> None:
    equation = only("equation -((1+x)^2*psi')' + q(x)*psi = E*(1+x^2)*psi")
    assert isinstance(equation, tree.Equation)
    assert equation.left == expression("-((1+x)^2*psi')' + q(x)*psi")
    assert equation.right == expression("E*(1+x^2)*psi")


def test_boundary() -> None:
    boundary = only("boundary psi(0) = 0, psi'(2) = 2*psi(2), periodic, bloch(k)")
    assert isinstance(boundary, tree.Boundary)
    assert [condition.span.text for condition in boundary.conditions] == [
        "psi(0) = 0",
        "psi'(2) = 2*psi(2)",
        "periodic",
        "bloch(k)",
    ]
    assert [condition.right is None for condition in boundary.conditions] == [False, False, True, True]


def test_find() -> None:
    found = only("find states 0..4")
    assert isinstance(found, tree.FindStates)
    assert (found.first, found.last) == (expression("0"), expression("4"))
    one = only("find state 3")
    assert isinstance(one, tree.FindStates)
    assert one.first == one.last == expression("3")
    assert isinstance(only("find bound states"), tree.FindBound)
    below = only("find states below -V0 + 1")
    assert isinstance(below, tree.FindBelow)
    assert below.energy == expression("-V0 + 1")


def test_train() -> None:
    train = only(
        """train {
  method    = ritz then lm(steps = 20)   # a comment
  points    = gauss(128)

  loss      = {residual: 1, norm: 2*w}; optimizer = adam(rate = 1e-3, steps = 5000) then lbfgs(steps = 200)
  network = mlp(hidden = [32, 32],
                activation = tanh)
}"""
    )
    assert isinstance(train, tree.Train)
    assert [setting.key.name for setting in train.settings] == [
        "method",
        "points",
        "loss",
        "optimizer",
        "network",
    ]
    assert [len(setting.values) for setting in train.settings] == [2, 1, 0, 2, 1]
    weights = train.settings[2].weights
    assert [(weight.name.name, weight.value) for weight in weights] == [
        ("residual", expression("1")),
        ("norm", expression("2*w")),
    ]
    assert train.settings[0].span.text == "method    = ritz then lm(steps = 20)"


def test_train_in_one_line_and_weights_in_several() -> None:
    assert only("train { }") == only("train {\n}")
    assert only("train { seed = 0; method = ritz }") == only("train {\nseed = 0\n\nmethod = ritz;\n}")
    assert only("train { loss = {\n a: 1,\n b: 2\n} }") == only("train { loss = {a: 1, b: 2} }")


def test_report_and_expect() -> None:
    report = only("report E[1] - E[0], mean(x^2, 0)")
    assert isinstance(report, tree.Report)
    assert [quantity.span.text for quantity in report.quantities] == ["E[1] - E[0]", "mean(x^2, 0)"]
    expect = only("expect E[0] = pi^2 within 1e-9")
    assert isinstance(expect, tree.Expect)
    assert (expect.quantity, expect.value, expect.tolerance) == tuple(
        map(expression, ("E[0]", "pi^2", "1e-9"))
    )


def test_sweep() -> None:
    step = only("sweep L = 2 nm .. 12 nm step 0.5 nm")
    assert isinstance(step, tree.Sweep)
    assert isinstance(step.values, tree.SweepRange)
    assert (step.values.step, step.values.points) == (expression("0.5 nm"), None)
    points = only("sweep k = 0..pi in 21 points")
    assert isinstance(points, tree.Sweep)
    assert isinstance(points.values, tree.SweepRange)
    assert (points.values.step, points.values.points) == (None, expression("21"))
    assert points.values.span.text == "0..pi in 21 points"
    values = only("sweep k = [1, 2, 3]")
    assert isinstance(values, tree.Sweep)
    assert values.values == expression("[1, 2, 3]")


def test_keywords_count_only_where_a_statement_begins() -> None:
    found = file(
        "param title = 1\nparam find = title\nparam states = 2\nparam state = 3\ndefine mass(param) = param\n"
        "potential domain(x) = mass(\ntitle + find)\nfind states state..states\nreport units, report\n"
        "train {\n  report = 1\n  seed = 0\n}\n"
    )
    assert [type(statement).__name__ for statement in found.statements] == [
        "Param",
        "Param",
        "Param",
        "Param",
        "Define",
        "Potential",
        "FindStates",
        "Report",
        "Train",
    ]


def test_a_keyword_ends_at_a_word_boundary() -> None:
    assert only('title"x"') == only('title "x"')
    assert only("find state(3)") == only("find state 3")


def test_spaces_tabs_and_empty_lines_do_not_count() -> None:
    assert file("\n\n\tparam\ta\u00a0= 1\t# x\n\n  \nparam b = 2") == file("param a=1\nparam b=2\n")
