"""What formulas mean: precedence, quantities, primes, bars, cases, and the spans of it all."""

from __future__ import annotations

import pytest

from qdsl.errors import LanguageError, Source
from qdsl.language import parse_expression, tree


def expression(text: str) -> tree.Expression:
    return parse_expression(Source("formula", text))


def name(text: str) -> tree.Name:
    found = expression(text)
    assert isinstance(found, tree.Name)
    return found


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b + c", "(a + b) + c"),
        ("a - b - c", "(a - b) - c"),
        ("a / b / c", "(a / b) / c"),
        ("a / b * c", "(a / b) * c"),
        ("a + b * c", "a + (b * c)"),
        ("a * b + c", "(a * b) + c"),
        ("-2^2", "-(2^2)"),
        ("2^-1", "2^(-1)"),
        ("2^-x^2", "2^(-(x^2))"),
        ("2^3^2", "2^(3^2)"),
        ("-a * b", "(-a) * b"),
        ("a * -b", "a * (-b)"),
        ("a - -b", "a - (-b)"),
        ("+a", "+(a)"),
        ("- - a", "-(-a)"),
        ("a + b < c", "(a + b) < c"),
        ("not a < b", "not (a < b)"),
        ("not not a < b", "not (not (a < b))"),
        ("not a and b", "(not a) and b"),
        ("a and b and c", "(a and b) and c"),
        ("a or b and c", "a or (b and c)"),
        ("a and b or c", "(a and b) or c"),
        ("a or b or c", "(a or b) or c"),
        ("a or not b", "a or (not b)"),
        ("f(x)^2", "(f(x))^2"),
        ("2^f(x)", "2^(f(x))"),
        ("psi'^2", "(psi')^2"),
        ("2*psi'(0)", "2*(psi'(0))"),
        ("|x|^2", "(|x|)^2"),
        ("x²", "x^2"),
        ("x⁻¹", "x^-1"),
        ("x¹²*y", "(x^12)*y"),
        ("-x²", "-(x^2)"),
        ("2^x²", "2^(x^2)"),
        ("a ** b", "a^b"),
        ("a · b ⋅ c", "a*b*c"),
        ("a − b", "a - b"),
        ("−a", "-a"),
        ("a ≤ b ≥ c ≠ d", "a <= b >= c != d"),
        ("ψ′", "psi'"),
        ("2*π + ∞", "2*pi + inf"),
        ("0<x<1", "0 < x < 1"),
        ("{ 0 if a or b; 1 otherwise }", "{ 0 if (a or b); (1) otherwise }"),
        ("10nm", "10 nm"),
        ("3 nm²", "3 nm^2"),
        ("3 nm⁻²", "3 nm^-2"),
        ("3 nm^(-2)", "3 nm^-2"),
        ("3 nm ** +2", "3 nm^2"),
        ("0 kV/cm", "(0 kV)/cm"),
        ("2 nm*3", "(2 nm)*3"),
        ("-2 nm^2", "-(2 nm^2)"),
    ],
)
def test_same_meaning(text: str, meaning: str) -> None:
    assert expression(text) == expression(meaning)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b - c", "a - (b - c)"),
        ("3 nm^2", "(3 nm)^2"),
        ("a < b < c", "(a < b) < c"),
        ("|x|*|y|", "|x*y|"),
    ],
)
def test_different_meaning(one: str, other: str) -> None:
    assert expression(one) != expression(other)


@pytest.mark.parametrize("text", ["1", "2.5", ".5", "1e-3", "1E5", "2.5e+10", ".5e3", "007"])
def test_numbers_are_kept_as_written(text: str) -> None:
    found = expression(text)
    assert isinstance(found, tree.Number)
    assert (found.text, found.span.text) == (text, text)
    assert type(found.text) is str


def test_quantity() -> None:
    found = expression("2.5 nm^-2")
    assert isinstance(found, tree.Quantity)
    assert (found.number.text, found.unit.name, found.exponent) == ("2.5", "nm", -2)
    assert (found.span.text, found.unit.span.text) == ("2.5 nm^-2", "nm")
    simple = expression("10 nm")
    assert isinstance(simple, tree.Quantity)
    assert simple.exponent == 1


def test_a_product_without_a_sign_is_a_quantity_for_the_next_stage_to_judge() -> None:
    assert isinstance(expression("2 x"), tree.Quantity)
    assert expression("2x") == expression("2 x")


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("V_0", "V_0"),
        ("_a1", "_a1"),
        ("ψ", "psi"),
        ("π", "pi"),
        ("∞", "inf"),
        ("e\u0301nergie", "\u00e9nergie"),
        ("x\u0302", "x\u0302"),
        ("V₀", "V₀"),
        ("α", "α"),
        ("势", "势"),
        ("find", "find"),
        ("title", "title"),
        ("states", "states"),
        ("below", "below"),
        ("iff", "iff"),
        ("notx", "notx"),
    ],
)
def test_names(text: str, spelt: str) -> None:
    found = name(text)
    assert (found.name, found.span.text) == (spelt, text)
    assert type(found.name) is str


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert name("\u00e9") == name("e\u0301")


@pytest.mark.parametrize(
    "word", ["in", "if", "otherwise", "within", "step", "points", "then", "and", "or", "not"]
)
def test_reserved_words_are_no_names(word: str) -> None:
    with pytest.raises(LanguageError):
        expression(word)
    with pytest.raises(LanguageError):
        expression(f"2*{word} + 1")


def test_primes() -> None:
    found = expression("psi''(0)")
    assert isinstance(found, tree.Call)
    assert isinstance(found.function, tree.Prime)
    assert (found.function.order, found.function.span.text) == (2, "psi''")
    outer = expression("(p(x)*psi')'")
    assert isinstance(outer, tree.Prime)
    assert (outer.order, outer.operand.span.text) == (1, "p(x)*psi'")
    assert expression("(psi')'") != expression("psi''")


def test_calls_and_indices() -> None:
    found = expression("psi[0](1/2)^2")
    assert isinstance(found, tree.Binary)
    call = found.left
    assert isinstance(call, tree.Call)
    assert isinstance(call.function, tree.Index)
    assert [part.span.text for part in (found, call, call.function, call.function.index)] == [
        "psi[0](1/2)^2",
        "psi[0](1/2)",
        "psi[0]",
        "0",
    ]


def test_arguments() -> None:
    found = expression("f(x, c = 0, points = 3)")
    assert isinstance(found, tree.Call)
    assert [argument.name and argument.name.name for argument in found.arguments] == [None, "c", "points"]
    assert [argument.span.text for argument in found.arguments] == ["x", "c = 0", "points = 3"]
    empty = expression("f()")
    assert isinstance(empty, tree.Call)
    assert empty.arguments == ()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("|x|", "x"),
        ("||x| - 1|", "|x| - 1"),
        ("| |x| - |y| |", "|x| - |y|"),
        ("||x||", "|x|"),
        ("|-|x||", "-|x|"),
    ],
)
def test_bars(text: str, inside: str) -> None:
    found = expression(text)
    assert isinstance(found, tree.Absolute)
    assert found.operand == expression(inside)
    assert found.span.text == text


def test_bars_side_by_side() -> None:
    found = expression("|a|*|b|")
    assert isinstance(found, tree.Binary)
    assert (found.left.span.text, found.right.span.text) == ("|a|", "|b|")
    assert isinstance(expression("|(|a|)| + f(|b|, [|c|])"), tree.Binary)


def test_comparison_chain() -> None:
    found = expression("-a < x <= a")
    assert isinstance(found, tree.Comparison)
    assert found.operators == ("<", "<=")
    assert [operand.span.text for operand in found.operands] == ["-a", "x", "a"]


def test_cases_in_lines_and_in_one_line() -> None:
    lines = expression("{\n\n  0   if |x| < a   # inside\n  V0  otherwise\n\n}")
    assert lines == expression("{ 0 if |x| < a; V0 otherwise }") == expression("{0 if |x|<a;;V0 otherwise;}")
    assert isinstance(lines, tree.Cases)
    assert [case.span.text for case in lines.cases] == ["0   if |x| < a", "V0  otherwise"]
    assert lines.cases[1].condition is None


def test_newlines_inside_brackets_do_not_count() -> None:
    assert expression("(a\n + b)*f(\n x,\n y\n)") == expression("(a + b)*f(x, y)")
    assert expression("{ (a\n+ b) if x\n 0 otherwise }") == expression("{ a + b if x; 0 otherwise }")


def test_spans_include_brackets_that_belong_to_the_whole() -> None:
    found = expression("(a + b)*(c)")
    assert isinstance(found, tree.Binary)
    assert (found.span.text, found.left.span.text, found.right.span.text) == ("(a + b)*(c)", "a + b", "c")


def test_superscript_spans() -> None:
    found = expression("x⁻²")
    assert isinstance(found, tree.Binary)
    assert (found.span.text, found.right.span.text) == ("x⁻²", "⁻²")


def test_lists() -> None:
    found = expression("[32, 2*16]")
    assert isinstance(found, tree.List)
    assert [item.span.text for item in found.items] == ["32", "2*16"]


def test_long_sums_up_to_the_limit() -> None:
    expression(" + ".join(["x"] * 150))
    with pytest.raises(LanguageError, match="more than 200 operations"):
        expression(" + ".join(["x"] * 10_000))


def test_nested_brackets_up_to_the_limit() -> None:
    expression("(" * 100 + "x" + ")" * 100)
    with pytest.raises(LanguageError, match="nested more than 100 deep"):
        expression("(" * 101 + "x" + ")" * 101)
