"""Mistakes that can happen in any formula, each with an explanation of its own.

Every function looks at one kind of mistake and returns None when it is not that one.
"""

from __future__ import annotations

from lark import Token

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck, describe, quoted, short
from qdsl.language.words import OPERAND_START, RESERVED_TYPES, STATEMENTS

_OPERATORS = ("SIGN", "TIMES", "POWER", "COMPARE", "AND", "OR", "NOT")
_COMPARISONS = ("this is no comparison", "comparisons are written <, <=, >, >=, == and !=")
_NUMBERS = ("INTEGER", "DECIMAL")
_OF_PRODUCTS = ("NAME", *_NUMBERS, "TIMES", "POWER", "SUPERSCRIPT", "RPAR", "RSQB")
_PARTNERS = {"(": ")", "[": "]"}
FOREIGN = {
    **dict.fromkeys(("elif", "elseif", "elsif", "unless"), "if"),
    **dict.fromkeys(("else", "default", "other", "otherwhise", "Otherwise"), "otherwise"),
    **dict.fromkeys(("when", "for", "where", "If"), "if"),
}
# Only for telling a call without brackets from a product without a star; no name is refused by this.
_FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "ln", "sqrt", "cbrt"}
    | {"abs", "sign", "heaviside", "delta", "erf"}
)


def reserved_name(stuck: Stuck) -> Diagnostic | None:
    """`param if = 3`"""
    if stuck.wants_name and stuck.found.type in RESERVED_TYPES:
        return stuck.says(
            f"{quoted(stuck.found)} is a reserved word and cannot be a name", "choose another name"
        )
    return None


def double_equals(stuck: Stuck) -> Diagnostic | None:
    """`param a == 3`, `equation -psi'' == E*psi`"""
    if "EQUAL" not in stuck.expected or stuck.found.type == "EQUAL":
        return None
    depth = 0
    for token in stuck.tokens[1 : stuck.index + 1]:
        depth += (token in "([{") - (token in ")]}")
        if depth == 0 and token == "==":
            return stuck.says("'==' compares two values, it does not set one", "write '='", at=token)
    return None


def single_equals(stuck: Stuck) -> Diagnostic | None:
    """`{ 0 if x = 1; 1 otherwise }`, `param a = b = 3`"""
    if stuck.found.type != "EQUAL" or not stuck.wants_operator:
        return None
    following = stuck.tokens[stuck.index + 1]
    if following.type == "COMPARE":
        return stuck.says(
            "this is no comparison",
            f"write '{following}='" if following in ("<", ">") else _COMPARISONS[1],
            at=stuck.span(stuck.found).to(stuck.span(following)),
        )
    if stuck.bracket:
        return stuck.says("'=' does not compare two values", "write '=='")
    joined = [token for token in stuck.tokens[: stuck.index] if token.type == "AND"]
    if stuck.keyword == "boundary" and joined:
        return stuck.says("conditions are separated by commas", "write ','", at=joined[-1])
    return stuck.says("there can be no second '=' here")


def missing_case_part(stuck: Stuck) -> Diagnostic | None:
    """Cases without a condition, with the condition in front, with commas, with `else`."""
    found, before = stuck.found, stuck.back()
    if stuck.bracket != "{":
        return None
    if not stuck.entry() and found.type in ("IF", "OTHERWISE"):
        example = _turned(stuck) or ("0 if |x| < 1" if found.type == "IF" else "0 otherwise")
        return stuck.says(f"a case begins with its value, then comes '{found}'", f"write: {example}")
    if found == "}" and before == "{":
        return stuck.says(
            "there is nothing between these braces", at=stuck.span(before).to(stuck.span(found))
        )
    if before.type == "OTHERWISE" and found.type in OPERAND_START:
        return stuck.says("the value of 'otherwise' stands before it", f"write: {short(found)} otherwise")
    if found.type == "COMMA" and "IF" in stuck.expected and (condition := _condition_behind(stuck)):
        value = stuck.text(stuck.index - len(stuck.entry()), stuck.index - 1)
        hint = f"write: {value} {condition}" if value else "write 'if' in its place"
        return stuck.says("no comma stands between a value and its condition", hint)
    if found.type == "COMMA" and ("_NEWLINE" in stuck.expected or "IF" in stuck.expected):
        return stuck.says("cases are separated by ';' or by new lines", "write ';'")
    if found.type == "OTHERWISE":
        return stuck.says("this case already has a condition", "write ';' before the value of the next case")
    if "IF" not in stuck.expected:
        return None
    for token in (before, found):
        if token.type == "NAME" and token.lower() in FOREIGN:
            return stuck.says(
                f"{quoted(token)} is no word of this language", f"write '{FOREIGN[token.lower()]}'", at=token
            )
    if found.type == "COLON":
        example = _turned(stuck) or "0 if |x| < 1"
        return stuck.says("a case is written with 'if', without a colon", f"write: {example}")
    if found.type in ("_NEWLINE", "RBRACE"):
        whole = stuck.span(stuck.entry()[0]).to(stuck.span(before))
        return stuck.says(
            "this case has no condition", "write 'if' and a condition, or 'otherwise'", at=whole
        )
    return None


def _entry_end(stuck: Stuck) -> int:
    """The index behind the last token of the case in which the parser stopped."""
    ends = (i for i, t in enumerate(stuck.tokens) if i > stuck.index and t.type in ("_NEWLINE", "RBRACE"))
    return next(ends, len(stuck.tokens) - 1)


def _condition_behind(stuck: Stuck) -> str:
    """`if …` or `otherwise`, where the rest of the case is a condition."""
    end = _entry_end(stuck)
    rest = stuck.tokens[stuck.index + 1 : end]
    if [token.type for token in rest] == ["OTHERWISE"]:
        return "otherwise"
    compared = any(token.type == "COMPARE" for token in rest)
    text = stuck.text(stuck.index + 1, end - 1)
    return f"if {text}" if compared and text and not any(t.type in ("IF", "COMMA") for t in rest) else ""


def _turned(stuck: Stuck) -> str:
    """`if c then v`, `c: v` and `if c: v` as `v if c`, or nothing."""
    end, separators = _entry_end(stuck), ("then", ":", ",")
    begin = stuck.index - len(stuck.entry())
    between = next((i for i in range(stuck.index, end) if stuck.tokens[i] in separators), 0)
    first = stuck.tokens[begin].type
    condition = stuck.text(begin + (first in ("IF", "OTHERWISE")), between - 1) if between else ""
    value = stuck.text(between + 1, end - 1)
    if not value or not between:
        return ""
    if first == "OTHERWISE" or condition in ("else", "default"):
        return f"{value} otherwise"
    return f"{value} if {condition}" if condition else ""


def missing_operator(stuck: Stuck) -> Diagnostic | None:
    """`sin x`, `2 sin(x)`, `sin^2(x)`, `(a)(b)`"""
    found, before, earlier = stuck.found, stuck.back(), stuck.back(2)
    if not stuck.wants_operator or found.type not in OPERAND_START - {"STRING", "LBRACE"}:
        return None
    if before in _FUNCTIONS and found.type in ("NAME", *_NUMBERS):
        return stuck.says(
            f"the argument of '{before}' stands in brackets",
            f"write: {before}({_product_from(stuck) or short(found)})",
            at=stuck.span(before).to(stuck.span(found)),
        )
    raised = stuck.back(3) if before.type == "INTEGER" and earlier.type == "POWER" else earlier
    if raised in _FUNCTIONS and found == "(" and before.type in ("INTEGER", "SUPERSCRIPT"):
        power = f"^{before}" if before.type == "INTEGER" else str(before)
        return stuck.says(
            f"the power of '{raised}' stands behind its argument",
            f"write: {raised}({_argument(stuck) or '…'}){power[:10]}",
            at=stuck.span(raised).to(stuck.span(before)),
        )
    if before.type == "NAME" and earlier.type in _NUMBERS and found in "([":
        # The two look like a quantity with its unit; that it is none shows at the bracket.
        return stuck.says(
            f"an operator is missing between {quoted(earlier)} and {quoted(before)}",
            f"a product is written with '*': {short(earlier)}*{short(before)}{found}…{_PARTNERS[found]}",
            at=stuck.span(earlier).to(stuck.span(before)),
        )
    needed = "an operator"
    if "COMMA" in stuck.expected:
        needed += " or ','"
    if "EQUAL" in stuck.expected and not stuck.bracket:
        needed += " or '='"
    hint = f"a product is written with '*'{_product(before, found)}"
    if "COMMA" in stuck.expected and not stuck.bracket and stuck.keyword in ("report", "boundary", "units"):
        hint = f"what is listed stands with commas between, {hint}"
    if stuck.keyword == "expect" and "EQUAL" in stuck.expected and not stuck.bracket:
        hint = f"for example: {STATEMENTS['expect']}"
    return stuck.says(f"{needed} is missing between {quoted(before)} and {quoted(found)}", hint)


def _product(left: Token, right: Token) -> str:
    simple = all(token.type in ("NAME", *_NUMBERS) for token in (left, right))
    return f": {short(left)}*{short(right)}{'(…)' if right in _FUNCTIONS else ''}" if simple else ""


def _product_from(stuck: Stuck) -> str:
    """The product that begins where the parser stopped: 2*pi*x/a."""
    depth, end = 0, stuck.index
    for index in range(stuck.index, len(stuck.tokens) - 1):
        token = stuck.tokens[index]
        depth += (token in "([") - (token in ")]")
        if depth < 0 or (depth == 0 and token.type not in _OF_PRODUCTS):
            break
        end = index
    return stuck.text(stuck.index, end)


def _argument(stuck: Stuck) -> str:
    """What stands in the brackets that open where the parser stopped."""
    depth = 0
    for index in range(stuck.index, len(stuck.tokens)):
        depth += (stuck.tokens[index] == "(") - (stuck.tokens[index] == ")")
        if depth == 0:
            return stuck.text(stuck.index + 1, index - 1)
    return ""


def missing_value(stuck: Stuck) -> Diagnostic | None:
    """`3 +`, `2 * / 3`, `f(, 1)`, `x = `"""
    if not stuck.wants_value:
        return None
    found, before = stuck.found, stuck.back()
    if found == "/" and before == "/":
        whole = stuck.span(before).to(stuck.span(found))
        return stuck.says("'//' is not an operator", "a comment begins with '#'", at=whole)
    if found.type == "COMPARE" and before in ("=", "<", ">"):
        return stuck.says(*_COMPARISONS)
    if found.type == "PRIME":
        return stuck.says("a text stands between double quotes", 'write: "…"')
    if stuck.at_end and before.type in _OPERATORS:
        hint = "a formula goes on in the next line when it stands in ( )" if found.type == "_NEWLINE" else ""
        return stuck.says(f"the formula breaks off after '{before}'", hint, at=before)
    hint = f"'{found}' is a reserved word and cannot be a name" if found.type in RESERVED_TYPES else ""
    if found.type == "STEP" and stuck.tokens[stuck.index + 1] == "(":
        hint = "a step is written heaviside(x), or with cases: { 0 if x < 0; 1 otherwise }"
    if not before:
        return stuck.says(f"a value is missing before {describe(found)}", hint)
    if stuck.at_end:
        example = f"for example: {STATEMENTS[before]}" if stuck.index == 1 and stuck.keyword else ""
        if before == "=" and not stuck.bracket:
            example = "the value stands on the line of its '='; in ( ) or { } it may go on in the next one"
        elif before == "," and not stuck.bracket:
            example = "all of it stands on one line"
        return stuck.says(f"a value is missing after {quoted(before)}", example)
    return stuck.says(f"a value is missing between {quoted(before)} and {quoted(found)}", hint)


def wrong_derivative(stuck: Stuck) -> Diagnostic | None:
    """`5'`, `x²'`"""
    if stuck.found.type == "PRIME" and stuck.wants_operator:
        return stuck.says(
            "a derivative belongs behind a name, a call or a bracket", "write: psi', psi'(0), (p(x)*psi')'"
        )
    return None


def number_behind_unit(stuck: Stuck) -> Diagnostic | None:
    """`3 nm^2.5`, `3 nm^a`"""
    if "INTEGER" in stuck.expected and "DECIMAL" not in stuck.expected:
        return stuck.says(
            "the exponent of a unit is a whole number",
            "put the quantity in ( ) to raise it to another power: (2 nm)^0.5",
        )
    return None


FORMULA_MISTAKES = (
    reserved_name,
    double_equals,
    single_equals,
    missing_case_part,
    missing_operator,
    number_behind_unit,
    missing_value,
    wrong_derivative,
)
"""In the order in which they are asked; the first that recognises its mistake explains it."""
