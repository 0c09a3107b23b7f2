"""The shipped parse tables are those of the grammar, and parse as a computed parser does."""

from __future__ import annotations

import json

import pytest

from qdsl.errors import LanguageError
from qdsl.language import grammar, parse, parser, source_from_text, tables

SHIPPED = grammar._beside(tables.NAME).read_text(encoding="utf-8")

TEXTS = (
    """
    title "t"
    param a = 1 in [0, 2] "doc"
    domain x in (-inf, inf)
    potential V(x) = { 0 if |x| < a; 1 otherwise }
    """,
    """
    find states 0..4
    train { method = ritz then lm(steps = 3)
            loss = {residual: 1, norm: 2} }
    """,
    """
    report E[1] - E[0], psi[0](1/2)^2
    expect E[0] = -2^-1 within 1e-9
    boundary psi'(0) = 2*psi(0), periodic
    """,
    "domain x [0, 1]\npotential V(x) = 3 +\nfind states 1..\n",
)


def outcome(text: str) -> object:
    try:
        return parse(source_from_text(text))
    except LanguageError as error:
        return str(error)


def test_the_shipped_tables_are_of_this_grammar():
    """If this fails, run `python grammar/make_tables.py`."""
    made_from = json.loads(SHIPPED)["made from"]
    assert made_from["grammar"] == tables.origin(grammar.grammar_text())["grammar"]


def test_tables_of_another_grammar_or_another_lark_are_not_used():
    assert tables.load(SHIPPED, grammar.grammar_text() + "\n// changed", grammar._KeepMistakes()) is None
    older = SHIPPED.replace(json.loads(SHIPPED)["made from"]["lark"], "0.0.1", 1)
    assert tables.load(older, grammar.grammar_text(), grammar._KeepMistakes()) is None


@pytest.mark.parametrize("text", TEXTS)
def test_loaded_and_computed_parsers_agree(text, monkeypatch):
    computed = grammar.compute_parser()
    fresh = tables.load(
        tables.dump(computed, grammar.grammar_text()), grammar.grammar_text(), grammar._KeepMistakes()
    )
    assert fresh is not None
    monkeypatch.setattr(parser, "lark_parser", lambda: computed)
    expected = outcome(text)
    monkeypatch.setattr(parser, "lark_parser", lambda: fresh)
    assert outcome(text) == expected
