"""What is said about mistakes, one by one, and that one mistake does not hide the next."""

from __future__ import annotations

import re

import pytest

from qdsl.errors import Diagnostic, LanguageError, Source
from qdsl.language import parse, parse_expression
from qdsl.language.grammar import lark_parser


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(LanguageError) as caught:
        parse(Source("file.qw", text))
    return caught.value.diagnostics


def in_formula(text: str) -> Diagnostic:
    with pytest.raises(LanguageError) as caught:
        parse_expression(Source("formula", text))
    (found,) = caught.value.diagnostics
    return found


STATEMENTS = [
    # statement, what the caret marks, message, hint
    ("foo bar", "foo", "unknown statement 'foo'", "statements begin with title, units"),
    ("Find states 0..2", "Find", "unknown statement 'Find'", "keywords are written in lower case: find"),
    ("mas = 2", "mas", "unknown statement 'mas'", "did you mean 'mass'?"),
    ("V(x) = 3", "V", "the word 'potential' is missing", "write: potential V(x) = 3"),
    ("+ x^2", "+", "a statement cannot begin with '+'", "when it stands in ( )"),
    ("then lm", "then", "a statement cannot begin with the word 'then'", "when it stands in ( )"),
    ("3 = x", "3", "a statement cannot begin with the number '3'", "a statement begins with a word"),
    ("title", "", "the title stands between double quotes", 'for example: title "Finite well"'),
    ("title 3.5 nm", "3.5 nm", "the title stands between double quotes", 'write: title "3.5 nm"'),
    ("title A.B", "A.B", "the title stands between double quotes", 'write: title "A.B"'),
    ("title ‘A’", "‘A’", "the title stands between double quotes", 'write: title "A"'),
    ("title “A", "“A", "this text has no closing quote", "two double quotes"),
    (
        "include other.qw",
        "other.qw",
        "the name of the file stands between double quotes",
        'include "other.qw"',
    ),
    ("units", "", "a value is missing after 'units'", "for example: units meV, nm"),
    ("param", "", "a name belongs here, not the end of the line", "for example: param V0 = 20"),
    ("param a", "", "'=' is missing after 'a'", "for example: param V0 = 20"),
    ("param a 3", "3", "'=' is missing after 'a'", "write: param a = 3"),
    ("param a = ", "", "a value is missing after '='", "on the line of its '='"),
    ("param f(x) = 3", "(", "a parameter has no arguments", "a function is set with 'define'"),
    ("param a = b = 3", "=", "there can be no second '=' here", ""),
    ("param a = 3 in 0, 3", "0", "an interval stands in brackets", "write: in [0, 3]"),
    ("param a = 3 in [0..3]", "..", "the ends of an interval are separated by a comma", "write ','"),
    ('param a = 3 "b" "c"', '"c"', 'the text "c" does not belong here', "complete without it"),
    ("define f = 3", "=", "the function 'f' has no arguments", "or a constant: param f = 3"),
    ("define f(if) = 3", "if", "'if' is a reserved word and cannot be a name", "choose another name"),
    ("domain [0, 1]", "[", "the domain does not name its coordinate", "write: domain x in [0, 1]"),
    ("domain x = [0, 1]", "=", "the domain is set with 'in', not with '='", "write: domain x in [0, 1]"),
    ("domain x in [0, 1", "[", "this '[' is never closed", "add the matching ']'"),
    ("domain x in [0, 1) nm", "nm", "a unit belongs to each end of an interval", "write: in [0 nm, 1 nm)"),
    ("domain x in [0, inf) nm", "nm", "a unit belongs to each end of an interval", "write: in [0 nm, inf)"),
    ("domain x in (-inf, inf) nm", "nm", "infinite ends have no unit", "write: in (-inf, inf)"),
    ("domain x in [0]", "]", "']' does not belong here", "expected ',' or an operator"),
    ("mass m = 3", "=", "'m' does not say what it depends on", "write: mass m(x) = 3, or: mass = 3"),
    ("potential = 0", "=", "the potential has a name and a coordinate", "write: potential V(x) = 0"),
    ("potential V(x, y) = 0", ",", "there is one coordinate only", "for example: potential V(x) = x^2"),
    (
        "potential V(0) = 0",
        "0",
        "a name belongs here, not the number '0'",
        "for example: potential V(x) = x^2",
    ),
    ("equation -psi''", "", "the equation has no right-hand side", "for example: equation"),
    ("equation -psi'' == E*psi", "==", "'==' compares two values, it does not set one", "write '='"),
    ("boundary psi(0) = 0 and psi(1) = 0", "and", "conditions are separated by commas", "write ','"),
    (
        "boundary psi(0) finite",
        "finite",
        "where the equation is singular psi is finite by itself",
        "leave out the condition",
    ),
    ("boundary psi(0) 0", "0", "an operator or ',' or '=' is missing between ')' and '0'", "'*'"),
    ("find", "", "'find' must say what to find", "write: find states 0..4"),
    ("find 3", "3", "'find' must say what to find", "write: find state 3"),
    ("find sates 0..3", "sates", "'find' does not know 'sates'", "did you mean 'states'?"),
    ("find bands 0..3", "bands", "'find' must say what to find", "write: find states 0..3"),
    ("find states 3", "3", "a range of states is written with two points", "write: find state 3, or a range"),
    ("find states 0-4", "0-4", "a range of states is written with two points", "write: find states 0..4"),
    ("find states 0, 2", "0, 2", "a range of states is written with two points", "write: find states 0..2"),
    ("find states to 4", "to 4", "a range of states is written with two points", "write: find states 0..4"),
    ("find state below 12", "below", "'below' follows 'states'", "write: find states below 12"),
    ("find bound", "", "all bound states are asked for together", "write: find bound states"),
    ("train method = ritz", "method", "the settings stand in braces", "for example: train { method = ritz }"),
    ("train { method ritz }", "ritz", "'=' is missing after 'method'", "for example: method = ritz"),
    ("train { method: ritz }", ":", "a setting is set with '='", "write: method = ritz"),
    ("train { 3 = ritz }", "3", "a name belongs here, not the number '3'", "for example: method = ritz"),
    ("train { a = {b: 1; c: 2} }", ";", "weights are separated by commas", "write ','"),
    ("train { a = b\nthen c }", "then", "'then' stands on the line of what comes before it", ""),
    ("report", "", "a value is missing after 'report'", "for example: report E[1] - E[0]"),
    ("expect E[0] within 1e-3", "within", "the expected value is missing", "for example: expect E[0] = 1"),
    ("sweep a = 3", "", "a sweep runs over a range or a list", "write: 0 .. 1 step 0.1"),
    (
        "sweep a = 0 .. 1, 11 points",
        ",",
        "no comma belongs behind the range of a sweep",
        "write: in 11 points",
    ),
    ("sweep a = 0 .. 1, step 0.1", ",", "no comma belongs behind the range of a sweep", "write: step 0.1"),
    ("sweep a = 0 .. 1, 0.1", ",", "no comma belongs behind the range of a sweep", "go on with step 0.1"),
    ("sweep a = 0 .. 1 in 11", "", "the word 'points' is missing", "add: points"),
    ("report E[0]; find state 0", ";", "';' separates entries inside { } only", "begin a new line"),
]


@pytest.mark.parametrize(("text", "marked", "message", "hint"), STATEMENTS, ids=lambda value: value[:30])
def test_statement(text: str, marked: str, message: str, hint: str) -> None:
    first = mistakes(text + "\n")[0]
    assert first.span is not None
    assert (first.message, first.span.text) == (message, marked)
    assert hint in first.hint
    assert bool(hint) == bool(first.hint)


FORMULAS = [
    ("sin x", "sin x", "the argument of 'sin' stands in brackets", "write: sin(x)"),
    ("2*cos 3", "cos 3", "the argument of 'cos' stands in brackets", "write: cos(3)"),
    ("2 sin(x)", "2 sin", "an operator is missing between '2' and 'sin'", "2*sin(…)"),
    ("2 E[0]", "2 E", "an operator is missing between '2' and 'E'", "2*E[…]"),
    ("sin^2(x)", "sin^2", "the power of 'sin' stands behind its argument", "write: sin(x)^2"),
    ("sin²(x)", "sin²", "the power of 'sin' stands behind its argument", "write: sin(x)²"),
    ("a b", "b", "an operator is missing between 'a' and 'b'", "a*b"),
    ("(a)(b)", "(", "an operator is missing between ')' and '('", "'*'"),
    ("|a||b|", "|", "an operator is missing between '|' and '|'", "'*'"),
    ("f(a b)", "b", "an operator or ',' is missing between 'a' and 'b'", "a*b"),
    ("x^", "^", "the formula breaks off after '^'", ""),
    ("a * / b", "/", "a value is missing between '*' and '/'", ""),
    ("* a", "*", "a value is missing before '*'", ""),
    ("f(, a)", ",", "a value is missing between '(' and ','", ""),
    ("a + ()", ")", "a value is missing between '(' and ')'", ""),
    ("3*in", "in", "a value is missing between '*' and 'in'", "'in' is a reserved word and cannot be a name"),
    ("a // b", "//", "'//' is not an operator", "a comment begins with '#'"),
    ("a =< b", "=<", "this is no comparison", "write '<='"),
    ("a <> b", ">", "this is no comparison", "<, <=, >, >=, == and !="),
    ("(a = b)", "=", "'=' does not compare two values", "write '=='"),
    ("a || b", "||", "'||' is not an operator", "write 'or'"),
    ("a && b", "&&", "'&&' has no meaning here", "write 'and'"),
    ("1. + a", "1.", "'1.' has no meaning here", "write 1.0"),
    ("½*x", "½", "'½' has no meaning here", "write (1/2)"),
    ("√a", "√", "'√' has no meaning here", "write sqrt(…)"),
    ("a\u200b", "\u200b", "the character U+200B (zero width space) has no meaning here", "cannot be seen"),
    ("psi`", "`", "'`' has no meaning here", "psi'"),
    ("5'", "'", "a derivative belongs behind a name, a call or a bracket", "psi'(0)"),
    ("f('a')", "'", "a text stands between double quotes", 'write: "…"'),
    ("3 nm^a", "a", "the exponent of a unit is a whole number", "(2 nm)^0.5"),
    ("(a", "(", "this '(' is never closed", "add the matching ')'"),
    ("a)", ")", "this ')' closes nothing", "add the '('"),
    ("f(a]", "]", "']' does not close '('", "write ')'"),
    ("{ (a }", "(", "this '(' is never closed", "add the matching ')'"),
    ("|a", "|", "this '|' is never closed", "add the matching '|'"),
    ("f(|a, b)", "|", "this '|' is never closed", "add the matching '|'"),
    ("{ }", "{ }", "there is nothing between these braces", ""),
    ("{ if a: 1 }", "if", "a case begins with its value, then comes 'if'", "write: 1 if a"),
    (
        "{ 0 if a; otherwise 1 }",
        "otherwise",
        "a case begins with its value, then comes 'otherwise'",
        "0 otherwise",
    ),
    ("{ 0 otherwise 1 }", "1", "the value of 'otherwise' stands before it", "write: 1 otherwise"),
    ("{ 0 if a, 1 otherwise }", ",", "cases are separated by ';' or by new lines", "write ';'"),
    ("{ 0 if a otherwise 1 }", "otherwise", "this case already has a condition", "write ';'"),
    ("{ 0 if a; 2*b }", "2*b", "this case has no condition", "write 'if' and a condition, or 'otherwise'"),
    ("{ 0 if a; b else }", "else", "'else' is no word of this language", "write 'otherwise'"),
    ("{ 0 when a; b otherwise }", "when", "'when' is no word of this language", "write 'if'"),
    ("{ 0 : a }", ":", "a case is written with 'if', without a colon", "write: a if 0"),
    ("1" * 401, "1" * 401, "this number has 401 characters, more than the 400 that are allowed", "1e300"),
    ("", "", "there is no value", "write a number or a formula"),
]


@pytest.mark.parametrize(("text", "marked", "message", "hint"), FORMULAS, ids=lambda value: value[:30])
def test_formula(text: str, marked: str, message: str, hint: str) -> None:
    found = in_formula(text)
    assert found.span is not None
    assert (found.message, found.span.text) == (message, marked)
    assert hint in found.hint
    assert bool(hint) == bool(found.hint)


def test_no_message_speaks_of_the_parser() -> None:
    internal = {terminal.name for terminal in lark_parser().terminals} | {
        "Token",
        "lark",
        "LALR",
        "parser",
        "UnexpectedToken",
    }
    internal -= {"E"}
    said = [str(diagnostic) for text, *_ in STATEMENTS for diagnostic in mistakes(text)]
    said += [str(in_formula(text)) for text, *_ in FORMULAS]
    for word in re.findall(r"\w+", "\n".join(said)):
        assert word not in internal


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "  \t\n# one\n# two\n"])
def test_a_file_without_statements(text: str) -> None:
    (found,) = mistakes(text)
    assert found.message == "the file has no statements"
    assert "domain x in [0, 1]" in found.hint


# Several mistakes in one run -----------------------------------------------------------------------


def lines(text: str) -> list[int]:
    return [diagnostic.span.line for diagnostic in mistakes(text) if diagnostic.span]


def test_every_broken_statement_is_reported_in_the_order_of_the_file() -> None:
    assert lines("param a\ndomain x in [0, 1]\npotental V(x) = 0\ntitle “x\nparam b = (\nfind 3\n") == [
        1,
        3,
        4,
        5,
        6,
    ]


@pytest.mark.parametrize("opening", ["(", "[", "{", "|", "f(g(", "{ 0 if (x", "[1, ("])
@pytest.mark.parametrize(
    "statement", ["find 3", "report E[", "mass = 2 +", "boundry psi(0) = 0\nfind 3", "title x"]
)
def test_an_open_bracket_does_not_swallow_the_statements_behind_it(opening: str, statement: str) -> None:
    found = lines(f"potential V(x) = {opening}\n\n{statement}\n")
    assert found[0] == 1
    assert 3 in found or 4 in found


def test_an_open_bracket_is_reported_where_it_opens_and_once() -> None:
    text = "potential V(x) = {\n  0 if |x| < 1\n  2 otherwise\n\nboundary psi(0) = 0\nfind states 0..2\n"
    (found,) = mistakes(text)
    assert found.span is not None
    assert (found.message, found.span.line, found.span.text) == ("this '{' is never closed", 1, "{")


def test_an_open_bracket_before_a_line_that_could_be_part_of_a_formula() -> None:
    assert lines("potential V(x) = (x\nreport -E[0]\nmass = 2\nfind 3\n") == [1, 4]


def test_words_of_statements_in_brackets_do_not_begin_a_statement() -> None:
    parse(
        Source(
            "file.qw",
            "train {\n  report = 1\n  title = 2\n}\nparam a = f(\n  mass = 3,\n  find\n  + units\n)",
        )
    )


def test_the_rest_of_a_formula_that_breaks_off_is_not_a_second_mistake() -> None:
    assert lines("potential V(x) = x +\n  3*x\nfind 3") == [1, 3]


def test_a_note_shows_the_bracket_that_waits() -> None:
    (found,) = mistakes("potential V(x) = (x + [1, 2) + 3\n")
    assert found.message == "this '[' is never closed"
    (other,) = mistakes("potential V(x) = (x + 1]\n")
    ((note, span),) = other.notes
    assert (note, span.text) == ("this '(' waits to be closed", "(")


def test_no_more_than_twenty_mistakes_are_shown() -> None:
    found = mistakes("find 3\n" * 5_000)
    assert len(found) == 21
    assert found[-1].message == "there are more mistakes from here on; mend those above first"


def test_too_many_words() -> None:
    (found,) = mistakes("report E[0]\n" * 10_000)
    assert found.message == "the file has more than 30,000 words and signs"


def test_in_an_expression_no_word_begins_a_statement() -> None:
    found = in_formula("title + 3 nm 4")
    assert found.message == "an operator is missing between 'nm' and '4'"
