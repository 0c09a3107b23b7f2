"""The parse tables of `qw.lark`, shipped as JSON beside it, so that no run has to compute them anew.

Computing them takes half as long as importing sympy.  They are only a copy: a digest of the grammar and
the version of lark says what they were made from, and where that does not match, the parser is built
from the grammar.  `python grammar/make_tables.py` writes them; a test sees that nobody forgot to.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lark import PostLex
from lark.lexer import TerminalDef

NAME = "qw.tables.json"


def origin(grammar: str) -> dict[str, str]:
    """What tables made from this grammar, now and here, are marked with."""
    return {"grammar": hashlib.sha256(grammar.encode()).hexdigest(), "lark": lark.__version__}


def dump(parser: Lark, grammar: str) -> str:
    """The tables of a parser as JSON."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    del data["options"]["postlex"]  # code, not data: whoever loads the tables supplies it
    return json.dumps({"made from": origin(grammar), "data": data, "memo": memo}) + "\n"


def load(text: str, grammar: str, postlex: PostLex) -> Lark | None:
    """The parser of these tables, or None where they were made from another grammar or by another lark."""
    tables = json.loads(text)
    if tables["made from"] != origin(grammar):
        return None
    data = tables["data"]
    data["options"]["postlex"] = postlex
    table = data["parser"]["parser"]
    table["states"] = _numbered(table["states"])
    parser: Lark = Lark._load_from_dict(data, _numbered(tables["memo"]))  # type: ignore[no-untyped-call]
    return parser


def _numbered(mapping: dict[str, Any]) -> dict[int, Any]:
    """JSON has only strings for keys; lark counts states and rules with numbers."""
    return {int(key): value for key, value in mapping.items()}
