"""Lines that begin with no statement: a word left out, misspelt, or brought along from another language."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck, describe, quoted, short
from qdsl.language.words import OPERAND_START, RESERVED_TYPES, STATEMENTS
from qdsl.spelling import did_you_mean

_CASES = "cases stand in braces: { 0 if |x| < 1; 20 otherwise }"
_KNOWN = 'sin, exp, pi and their like are known; a file of yours is included with: include "other.qw"'
_BODY = "the formula of a function stands behind its '=': define f(x) = x^2"
_PICTURE = "a picture is drawn by the command line: qdsl solve FILE --plot out.png"

_NO_STATEMENTS = {
    **dict.fromkeys(("plot", "draw", "figure", "graph", "savefig"), _PICTURE),
    **dict.fromkeys(
        ("save", "export", "write"), "results go to a file with: qdsl solve FILE --json > out.json"
    ),
    **dict.fromkeys(("else", "elif", "elseif", "switch", "case", "when"), _CASES),
    **dict.fromkeys(
        ("end", "endif", "endfor", "done", "begin"), "nothing has to be closed here: take it out"
    ),
    **dict.fromkeys(
        ("begin", "program", "module", "package", "class"), "nothing has to be opened here: take it out"
    ),
    **dict.fromkeys(("return",), _BODY),
    **dict.fromkeys(("import", "using", "from"), _KNOWN),
    **dict.fromkeys(
        ("for", "while", "loop"), "a parameter runs through values with: sweep a = 0 .. 1 step 0.1"
    ),
}
"""Words that begin lines elsewhere, where no single statement of ours stands for them."""

_KEYWORDS = {
    **dict.fromkeys(("parameter", "parameters", "let", "const", "constant", "var", "set"), "param"),
    **dict.fromkeys(("float", "double", "int", "real", "integer", "number", "local", "global"), "param"),
    **dict.fromkeys(("function", "func", "def", "lambda"), "define"),
    **dict.fromkeys(("interval", "region", "coordinate", "grid", "box", "range"), "domain"),
    **dict.fromkeys(("bc", "bcs", "boundaries", "condition", "conditions", "rand"), "boundary"),
    **dict.fromkeys(("solve", "compute", "calculate", "states", "state", "bound"), "find"),
    **dict.fromkeys(("print", "output", "show", "display", "disp", "printf"), "report"),
    **dict.fromkeys(("assert", "check", "test", "verify"), "expect"),
    **dict.fromkeys(("use", "load"), "include"),
    **dict.fromkeys(("scan", "vary"), "sweep"),
    **dict.fromkeys(("name",), "title"),
    **dict.fromkeys(("hamiltonian", "schrodinger", "schrödinger", "schroedinger", "ode"), "equation"),
    **dict.fromkeys(("method", "network", "optimizer", "loss", "seed", "tolerance", "training"), "train"),
    **dict.fromkeys(("unit",), "units"),
}


_METHODS = ("ritz", "gradient", "lm")
_WITH_METHOD = ("solve", "using", "use", "run", "with", "compute", "calculate", "solver")


def known_elsewhere(word: str) -> str:
    """The keyword for which other languages, or other people, have this one; or nothing."""
    return _KEYWORDS.get(word.casefold(), "")


def no_statement(stuck: Stuck) -> Diagnostic | None:
    """`potental V(x) = 0`, `Potential V(x) = 0`, `V0 = 20`, `+ x^2`, `// a comment`"""
    if stuck.index > 0 or "TITLE" not in stuck.expected:
        return None
    found, follower, last = stuck.found, stuck.tokens[1], len(stuck.tokens) - 2
    if found.type != "NAME":
        return _no_word(stuck)
    method = next((word for word in stuck.tokens[1:] if word in _METHODS), "")
    if method and found.casefold() in _WITH_METHOD:
        return stuck.says(
            f"unknown statement {quoted(found)}", f"a method is chosen with: train {{ method = {method} }}"
        )
    if found.casefold() in _NO_STATEMENTS:
        return stuck.says(f"unknown statement {quoted(found)}", _NO_STATEMENTS[found.casefold()])
    said = stuck.text(0, last, limit=60)
    meant = without_keyword(stuck.tokens[:-1], said) if said else ""
    if meant and known_elsewhere(found) in ("", "find"):
        word = meant.partition(" ")[0]
        return stuck.says(f"the word '{word}' is missing", f"write: {meant}")
    if follower.type == "COLON" and stuck.tokens[2] == "=":
        value = stuck.text(3, last) or "…"
        return stuck.says(
            f"{quoted(found)} does not begin a statement", f"write: param {short(found)} = {value}"
        )
    if follower.type == "EQUAL" and found.lower() not in ("mas", "mass"):
        return _assignment(stuck)
    if found.lower() in STATEMENTS:
        return stuck.says(
            f"unknown statement {quoted(found)}", f"keywords are written in lower case: {found.lower()}"
        )
    keyword = known_elsewhere(found)
    meant = keyword or did_you_mean(found, STATEMENTS) or ""
    if meant:
        hint = f"did you mean '{meant}'?"
        equals = stuck.tokens.index("=") if "=" in stuck.tokens else 0
        rest = stuck.text(equals - 1, last) if equals else ""
        if keyword == "param" and rest and stuck.tokens[equals - 1].type == "NAME":
            hint += f" write: param {rest}"
        elif keyword:
            hint += f" for example: {STATEMENTS[meant]}"
    elif follower == "(":
        hint = "a function is set with 'define', the potential with 'potential'"
    else:
        hint = "statements begin with " + ", ".join(STATEMENTS)
    return stuck.says(f"unknown statement {quoted(found)}", hint)


def _no_word(stuck: Stuck) -> Diagnostic:
    """A line that begins with a sign, a number, a text or a reserved word."""
    found, follower = stuck.found, stuck.tokens[1]
    if found in ("/", "-") and follower in ("/", "*", "-", "**") and found.end_pos == follower.start_pos:
        whole = stuck.span(found).to(stuck.span(follower))
        return stuck.says(f"{quoted(whole.text)} begins no comment", "a comment begins with '#'", at=whole)
    if found in ("*", "**") and (follower == "/" or stuck.source.text.startswith("/", found.end_pos)):
        return stuck.says("a statement cannot begin with '*'", "a comment begins with '#', on every line")
    if found.type == "IF":
        return stuck.says(f"a statement cannot begin with {describe(found)}", _CASES)
    if found.type in RESERVED_TYPES or found.type in ("SIGN", "TIMES", "POWER", "COMPARE"):
        hint = "a formula goes on in the next line when it stands in ( )"
    elif found == "{":
        hint = "the '{' stands on the line of its statement"
    else:
        hint = "a statement begins with a word such as param, domain, potential, find"
    said = stuck.text(0, len(stuck.tokens) - 2, limit=60)
    meant = without_keyword(stuck.tokens[:-1], said) if said else ""
    if meant:
        return stuck.says(f"the word '{meant.partition(' ')[0]}' is missing", f"write: {meant}")
    return stuck.says(f"a statement cannot begin with {describe(found)}", hint)


def _assignment(stuck: Stuck) -> Diagnostic:
    """`V0 = 20`, `V = lambda x: x**2`, `x = [0, 1]`"""
    found, last = stuck.found, len(stuck.tokens) - 2
    value = stuck.text(2, last) or "…"
    words = stuck.tokens[2:-1]
    if [word.type for word in words[:3]] == ["NAME", "NAME", "COLON"] and words[0] == "lambda":
        formula = stuck.text(5, last) or "…"
        kind = "potential" if found in ("V", "U") else "define"
        hint = f"a function is written without 'lambda': {kind} {short(found)}({short(words[1])}) = {formula}"
    elif [word for word in words if word in ("[", ",", "]")] == ["[", ",", "]"] and words[0] == "[":
        hint = f"a domain is set with: domain {short(found)} in {value}"
    else:
        hint = f"a parameter is set with: param {short(found)} = {value}"
        if found in ("V", "U"):
            hint += f", a potential with: potential {found}(x) = {value}"
        elif did_you_mean(found, ("mass",)):
            hint += f", the mass with: mass = {value}"
    return stuck.says(f"{quoted(found)} does not begin a statement", hint)


def without_keyword(tokens: Sequence[Token], text: str) -> str:
    """The statement that is meant by one that begins without its keyword, or nothing."""
    kinds = [token.type for token in tokens]
    if tokens[0] in ("state", "states", "bound"):
        return f"find {text.replace(':', '', 1)}"
    if kinds[:2] == ["NAME", "IN"] and len(tokens) > 4:
        return f"domain {text}"
    if kinds[0] == "NAME" and kinds[1:2] and kinds[1] in OPERAND_START - {"LPAR", "LSQB"}:
        return ""  # a word and what belongs to it: the word is misspelt
    if any(token in ("psi", "ψ") for token in tokens):
        derivative = any(
            kind == "PRIME" and len(token) > 1 for token, kind in zip(tokens, kinds, strict=True)
        )
        energy = "E" in tokens
        return f"equation {text}" if derivative or energy else f"boundary {text}"
    if kinds[:5] == ["NAME", "LPAR", "NAME", "RPAR", "EQUAL"] and tokens[0].upper() in ("V", "U"):
        return f"potential {text}"
    if kinds[:3] == ["NAME", "LPAR", "NAME"] and "EQUAL" in kinds:
        return f"define {text}"
    return ""
