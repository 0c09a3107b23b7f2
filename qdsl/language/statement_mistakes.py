"""Mistakes in the frame of a statement, each with an explanation of its own.

Every function looks at one kind of mistake and returns None when it is not that one.
"""

from __future__ import annotations

from qdsl.errors import Diagnostic
from qdsl.language.beginnings import no_statement
from qdsl.language.find_mistakes import wrong_find
from qdsl.language.report_mistakes import tolerance_with_signs, wrong_report
from qdsl.language.stuck import Stuck, describe, quoted, short
from qdsl.language.words import OPERAND_END, STATEMENTS, TEXTS


def missing_text(stuck: Stuck) -> Diagnostic | None:
    """`title Harmonic oscillator`"""
    if stuck.expected != {"STRING"}:
        return None
    what = TEXTS[stuck.keyword.upper()]
    last = len(stuck.tokens) - 2
    said = stuck.text(stuck.index, last, limit=80).strip("'<>")
    whole = stuck.span(stuck.found).to(stuck.span(stuck.tokens[last])) if said else None
    example = f'write: {stuck.keyword} "{said}"' if said else f"for example: {STATEMENTS[stuck.keyword]}"
    return stuck.says(f"{what} stands between double quotes", example, at=whole)


def _is_infinite(end: str) -> bool:
    return end.strip().lstrip("+-") == "inf"


def _with_unit(end: str, unit: str) -> str:
    return end if _is_infinite(end) else f"{end} {unit}"


def missing_in(stuck: Stuck) -> Diagnostic | None:
    """`domain x [0, 1]`, `domain x = [0, 1]`, `domain x in 0..1`, `domain x in [0, 1] nm`"""
    if stuck.keyword == "domain" and stuck.found.type == "NAME" and stuck.back() in ("]", ")"):
        both = stuck.text(4, stuck.index - 2).split(",")
        unit = short(stuck.found) if len(both) == 2 and not stuck.open_brackets else ""
        example = ", ".join(_with_unit(end.strip(), unit) for end in both) if unit else "-20 nm, 20 nm"
        interval = f"{stuck.tokens[3]}{example}{stuck.back()}"
        if all(_is_infinite(end) for end in both):
            return stuck.says("infinite ends have no unit", f"write: in {interval}")
        return stuck.says("a unit belongs to each end of an interval", f"write: in {interval}")
    if stuck.keyword == "domain" and stuck.index == 1:
        return stuck.says("the domain does not name its coordinate", f"write: {STATEMENTS['domain']}")
    if stuck.keyword == "domain" and stuck.expected == {"IN"}:
        coordinate = short(stuck.back())
        if stuck.found == ",":
            return stuck.says("there is one coordinate only", f"write: domain {coordinate} in [0, 1]")
        example = f"write: domain {coordinate} in [0, 1]"
        if stuck.found == "=":
            interval = stuck.text(stuck.index + 1, len(stuck.tokens) - 2)
            if interval[:1] in ("[", "(") and "," in interval:
                example = f"write: domain {coordinate} in {interval}"
            return stuck.says("the domain is set with 'in', not with '='", example)
        rest = stuck.text(stuck.index, len(stuck.tokens) - 2)
        if rest[:1] in ("[", "(") and "," in rest:
            example = f"write: domain {coordinate} in {rest}"
        return stuck.says(f"'in' is missing after {quoted(coordinate)}", example)
    if stuck.expected == {"LPAR", "LSQB"}:
        ends = stuck.text(stuck.index, len(stuck.tokens) - 2)
        hint = "for example: in [0, 1], or in (-inf, inf)"
        if ends and [token.type for token in stuck.tokens].count("COMMA") == 1:
            hint = f"write: in [{ends.strip('{}').strip()}]"
        return stuck.says("an interval stands in brackets", hint)
    if stuck.in_interval and "COMMA" in stuck.expected:
        separate = "the ends of an interval are separated by a comma"
        if stuck.found in ("..", ";", ":"):
            return stuck.says(separate, "write ','")
        if stuck.found.type in ("NAME", "INTEGER", "DECIMAL") and stuck.back().type in OPERAND_END:
            return stuck.says(separate, f"write: {short(stuck.back())}, {short(stuck.found)}")
    return None


def missing_coordinate(stuck: Stuck) -> Diagnostic | None:
    """`potential V = x^2`, `mass m = 1`, `potential V(x, y) = 0`"""
    if stuck.keyword == "define" and stuck.expected == {"LPAR"}:
        name, last = short(stuck.back()), len(stuck.tokens) - 2
        if stuck.found.type == "NAME" and "EQUAL" in [token.type for token in stuck.tokens]:
            begin = stuck.after_equals()
            arguments = stuck.text(stuck.index, begin - 2)
            value = stuck.text(begin, last) or "…"
            return stuck.says(
                "the arguments of a function stand in brackets",
                f"write: define {name}({arguments.replace(',', '').replace(' ', ', ')}) = {value}",
            )
        value = (stuck.text(stuck.index + 1, last) if stuck.found == "=" else "") or "…"
        return stuck.says(
            f"the function {quoted(name)} has no arguments",
            f"write: define {name}(x) = {value}, or a constant: param {name} = {value}",
        )
    if stuck.keyword not in ("potential", "mass"):
        return None
    whole = stuck.text(1, len(stuck.tokens) - 2)
    if stuck.expected == {"LPAR"} and stuck.found.type in ("POWER", "TIMES", "SIGN", "SUPERSCRIPT") and whole:
        example = f"potential V(x) = {whole}" if stuck.keyword == "potential" else f"mass = {whole}"
        return stuck.says("the formula stands behind '='", f"write: {example}")
    if stuck.keyword == "potential" and stuck.index == 1 and stuck.found == "=" and not stuck.at_end:
        value = stuck.text(2, len(stuck.tokens) - 2) or "…"
        return stuck.says("the potential has a name and a coordinate", f"write: potential V(x) = {value}")
    if stuck.expected == {"LPAR"}:
        name = short(stuck.back())
        begin = stuck.after_equals()
        value = stuck.text(begin, len(stuck.tokens) - 2) if begin else ""
        if stuck.found == "[":
            return stuck.says(
                "the coordinate stands in round brackets",
                f"write: {stuck.keyword} {name}(x) = {value or '…'}",
            )
        hint = f"write: {stuck.keyword} {name}(x) = {value or '…'}"
        if stuck.keyword == "mass":
            hint += f", or: mass = {value or '…'}"
        return stuck.says(f"{quoted(name)} does not say what it depends on", hint)
    if stuck.expected == {"RPAR"} and stuck.found == ",":
        return stuck.says("there is one coordinate only", f"for example: {STATEMENTS[stuck.keyword]}")
    return None


def missing_name(stuck: Stuck) -> Diagnostic | None:
    """`param 3 = x`, `domain [0, 1]`, `potential = 0`"""
    if not stuck.wants_name or not stuck.keyword or stuck.wants_operator:
        return None
    if stuck.found.type in ("INTEGER", "DECIMAL") and stuck.tokens[stuck.index + 1].type == "NAME":
        return stuck.says("a name begins with a letter or '_'", "digits may follow: V0, x1")
    if stuck.bracket and stuck.keyword == "train":
        hint = "for example: method = ritz"
    else:
        hint = f"for example: {STATEMENTS[stuck.keyword]}"
    return stuck.says(f"a name belongs here, not {describe(stuck.found)}", hint)


def missing_equals(stuck: Stuck) -> Diagnostic | None:
    """`potential V(x) 0`, `param f(x) = 3`, `expect E[0] within 1e-3`, `train { method ritz }`"""
    if "EQUAL" not in stuck.expected or stuck.found == "=":
        return None
    if stuck.keyword == "param" and stuck.found == "(":
        return stuck.says("a parameter has no arguments", "a function is set with 'define'")
    if not stuck.wants_operator:
        example = "method = ritz" if stuck.keyword == "train" else STATEMENTS[stuck.keyword]
        begin = stuck.index - 1 if stuck.keyword == "train" else 1
        before, after = stuck.text(begin, stuck.index - 1), stuck.text(stuck.index, len(stuck.tokens) - 2)
        hint = f"for example: {example}"
        if stuck.found.type == "PRIME":
            return stuck.says("a name holds letters, digits and '_'", "a prime is a derivative: psi'")
        if stuck.found.type == "COLON":
            after = stuck.text(stuck.index + 1, len(stuck.tokens) - 2)
        if stuck.keyword == "train" and stuck.found.type == "COLON":
            value = short(stuck.tokens[stuck.index + 1])
            return stuck.says("a setting is set with '='", f"write: {before} = {value}")
        if stuck.keyword != "train" and after and (stuck.begins_value or stuck.found.type == "COLON"):
            hint = f"write: {stuck.keyword} {before} = {after}"
        return stuck.says(f"'=' is missing after '{short(before)}'", hint)
    if stuck.keyword == "equation" and stuck.at_end:
        hint = "add: = 0" if "E" in stuck.tokens else f"for example: {STATEMENTS['equation']}"
        return stuck.says("the equation has no right-hand side", hint)
    if stuck.keyword == "expect" and (stuck.at_end or stuck.found.type == "WITHIN"):
        return stuck.says("the expected value is missing", f"for example: {STATEMENTS['expect']}")
    return None


def missing_tolerance(stuck: Stuck) -> Diagnostic | None:
    """`expect E[0] = 1`"""
    if stuck.keyword == "expect" and "WITHIN" in stuck.expected and stuck.at_end:
        return stuck.says("the expectation has no tolerance", "add: within 1e-9")
    return None


def wrong_sweep(stuck: Stuck) -> Diagnostic | None:
    """`sweep a = 0 .. 1`, `sweep a = 3`, `sweep a = 0 .. 1 in 11`, `sweep a = 0 .. 1, 11 points`"""
    if stuck.keyword != "sweep" or not stuck.wants_operator or stuck.open_brackets:
        return None
    if "STEP" in stuck.expected and stuck.found == ",":
        rest = stuck.text(stuck.index + 1, len(stuck.tokens) - 2)
        example = f"in {rest}" if rest.endswith(" points") else rest if rest.startswith("step ") else ""
        hint = f"write: {example}" if example else "go on with step 0.1, or with in 11 points"
        return stuck.says("no comma belongs behind the range of a sweep", hint)
    if not stuck.at_end:
        return None
    if "STEP" in stuck.expected:
        return stuck.says("the sweep does not say how many points it has", "add: step 0.1, or: in 11 points")
    if "DOTS" in stuck.expected:
        return stuck.says(
            "a sweep runs over a range or a list",
            "write: 0 .. 1 step 0.1, 0 .. 1 in 11 points, or [0, 0.5, 1]",
        )
    if "POINTS" in stuck.expected:
        return stuck.says("the word 'points' is missing", "add: points")
    return None


def needless_condition(stuck: Stuck) -> Diagnostic | None:
    """`boundary psi(0) finite`"""
    if stuck.keyword != "boundary" or stuck.found not in ("finite", "bounded", "regular"):
        return None
    return stuck.says(
        "where the equation is singular psi is finite by itself", "leave out the condition at this end"
    )


def wrong_train(stuck: Stuck) -> Diagnostic | None:
    """`train method = ritz`, `train { method = ritz, seed = 0 }`, `loss = {norm: 1; residual: 1}`"""
    if stuck.keyword != "train":
        return None
    if stuck.expected == {"LBRACE"}:
        where = ", and the '{' on this line" if stuck.at_end else ""
        inner = stuck.text(1, len(stuck.tokens) - 2)
        if inner.startswith("(") and inner.endswith(")"):
            inner = inner[1:-1].replace(",", ";")
        example = f"train {{ {inner} }}" if "=" in inner and "(" not in inner else STATEMENTS["train"]
        hint = f"write: {example}" if example != STATEMENTS["train"] else f"for example: {example}"
        return stuck.says(f"the settings stand in braces{where}", hint)
    depth = len(stuck.open_brackets)
    if depth == 2 and stuck.bracket == "{" and stuck.found.type == "_NEWLINE" and "COMMA" in stuck.expected:
        return stuck.says("weights are separated by commas", "write ','")
    if depth == 1 and stuck.found == "," and "_NEWLINE" in stuck.expected:
        return stuck.says("settings are separated by ';' or by new lines", "write ';'")
    if depth == 1 and stuck.found.type == "THEN":
        return stuck.says("'then' stands on the line of what comes before it")
    return None


STATEMENT_MISTAKES = (
    no_statement,
    wrong_find,
    wrong_report,
    tolerance_with_signs,
    missing_text,
    missing_in,
    missing_coordinate,
    missing_tolerance,
    wrong_sweep,
    needless_condition,
    wrong_train,
)
"""In the order in which they are asked; the first that recognises its mistake explains it."""

FRAME_MISTAKES = (missing_equals, missing_name)
"""Asked after the mistakes of formulas, which may look like these and say more."""
