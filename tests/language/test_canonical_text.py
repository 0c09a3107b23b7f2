"""The printer: `parse` of what it prints is the tree that it printed, for every tree there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdsl.errors import Source
from qdsl.language import parse, parse_expression, to_text, tree
from qdsl.language.words import STATEMENTS

NOWHERE = Source("nowhere", "").span(0, 0)


def made(kind: type, *parts: st.SearchStrategy) -> st.SearchStrategy:
    """Nodes of one kind, their fields drawn in order."""
    return st.builds(lambda *values: kind(*values, span=NOWHERE), *parts)


def tuples(items: st.SearchStrategy, least: int = 1, most: int = 3) -> st.SearchStrategy:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def functions(expressions: st.SearchStrategy) -> st.SearchStrategy:
    """What can be called or indexed: a name, `psi[0]`, `psi'`, `psi[0]''`."""
    indexed = st.one_of(names, made(tree.Index, names, expressions))
    return st.one_of(indexed, made(tree.Prime, indexed, st.integers(1, 3)))


def combined(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Every kind of expression, made of smaller ones."""
    argument = made(tree.Argument, st.none() | names | reserved_keys, inner | texts)
    operands = tuples(inner, 2, 4)
    comparison = operands.flatmap(
        lambda found: made(
            tree.Comparison,
            st.just(found),
            tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), len(found) - 1, len(found) - 1),
        )
    )
    return st.one_of(
        made(tree.Prime, inner, st.integers(1, 3)),
        made(tree.Call, functions(inner), tuples(argument, 0)),
        made(tree.Index, functions(inner), inner),
        made(tree.Unary, st.sampled_from(["-", "+", "not"]), inner),
        made(tree.Binary, st.sampled_from(["+", "-", "*", "/", "^", "and", "or"]), inner, inner),
        comparison,
        made(tree.Absolute, inner),
        made(tree.List, tuples(inner)),
        made(tree.Cases, tuples(made(tree.Case, inner, st.none() | inner))),
    )


texts = made(
    tree.Text, st.text(st.characters(exclude_characters='"', exclude_categories=["Cs", "Cc"]), max_size=9)
)
names = made(
    tree.Name, st.sampled_from(["x", "V0", "psi", "inf", "α_1", "été", "state", "below", *STATEMENTS])
)
reserved_keys = made(tree.Name, st.sampled_from(["points", "step"]))
numbers = made(tree.Number, st.sampled_from(["0", "12", "2.5", ".5", "1e-3", "3E+4"]))
quantities = made(tree.Quantity, numbers, names, st.integers(-3, 3))
expressions = st.recursive(st.one_of(names, numbers, quantities), combined, max_leaves=10)
intervals = made(tree.Interval, expressions, expressions, st.booleans(), st.booleans())
weights = made(tree.Weight, names, expressions)
settings = st.one_of(
    made(tree.Setting, names | reserved_keys, tuples(expressions), st.just(())),
    made(tree.Setting, names | reserved_keys, st.just(()), tuples(weights)),
)
ranges = st.one_of(
    made(tree.SweepRange, expressions, expressions, expressions, st.none()),
    made(tree.SweepRange, expressions, expressions, st.none(), expressions),
)
statements = st.one_of(
    made(tree.Title, texts),
    made(tree.Units, tuples(expressions)),
    made(tree.Include, texts),
    made(tree.Citation, texts),
    made(tree.Param, names, expressions, st.none() | intervals, st.none() | texts),
    made(
        tree.Define,
        names,
        tuples(made(tree.Formal, names, st.none() | expressions), 0),
        expressions,
        st.none() | texts,
    ),
    made(tree.Domain, names, intervals),
    made(tree.Mass, st.none(), st.none(), expressions),
    made(tree.Mass, names, names, expressions),
    made(tree.Potential, names, names, expressions),
    made(tree.Equation, expressions, expressions),
    made(tree.Boundary, tuples(made(tree.Condition, expressions, st.none() | expressions))),
    made(tree.FindStates, expressions, expressions),
    made(tree.FindBound),
    made(tree.FindBelow, expressions),
    made(tree.Train, tuples(settings, 0)),
    made(tree.Report, tuples(expressions)),
    made(tree.Expect, expressions, expressions, expressions),
    made(tree.Sweep, names, ranges | made(tree.List, tuples(expressions))),
)


@given(expressions)
def test_expressions_come_back(expression: tree.Expression) -> None:
    assert parse_expression(Source("printed", to_text(expression))) == expression


@given(tuples(statements, 1, 4))
def test_files_come_back(found: tuple[tree.Statement, ...]) -> None:
    file = tree.File(found, span=NOWHERE)
    text = to_text(file)
    assert parse(Source("printed", text)) == file
    assert to_text(parse(Source("printed", text))) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a)+(b))*(c)", "(a + b)*c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a^b)^c", "(a^b)^c"),
        ("a^(b^c)", "a^b^c"),
        ("(-a)^2", "(-a)^2"),
        ("-(a^2)", "-a^2"),
        ("x²·ψ′", "x^2*psi'"),
        ("(3 nm)^2", "(3 nm)^2"),
        ("f( x,c=0 )", "f(x, c = 0)"),
        ("| |x|-1 |", "||x| - 1|"),
        ("not(a and b)", "not (a and b)"),
        ("{0 if x<1;1 otherwise}", "{ 0 if x < 1; 1 otherwise }"),
    ],
)
def test_formulas_have_as_few_brackets_as_possible(text: str, canonical: str) -> None:
    assert to_text(parse_expression(Source("formula", text))) == canonical


def test_a_range_does_not_run_into_its_last_number() -> None:
    text = "find states a.. .5\n"
    assert to_text(parse(Source("file.qw", text))) == text


def test_the_canonical_text_of_a_file() -> None:
    text = """
        domain x in [-4,4]   # the box
        potential V(x) = {0 if |x|<a;V0 otherwise}
        find states 3..3
        train {method=ritz then lm(steps=20);seed=0; loss={norm:1}}
        expect E[0]=pi^2 within 1e-9
        sweep a=1 .. 2 in 3 points
        """
    assert to_text(parse(Source("file.qw", text))) == (
        "domain x in [-4, 4]\n"
        "potential V(x) = {\n"
        "  0   if |x| < a\n"
        "  V0  otherwise\n"
        "}\n"
        "find state 3\n"
        "train {\n"
        "  method = ritz then lm(steps = 20)\n"
        "  seed   = 0\n"
        "  loss   = {norm: 1}\n"
        "}\n"
        "expect E[0] = pi^2 within 1e-9\n"
        "sweep a = 1 .. 2 in 3 points\n"
    )
