"""Writes qw.tables.json, the parse tables of qw.lark: run it after every change of the grammar.

python grammar/make_tables.py
"""

from pathlib import Path

from qdsl.language.grammar import compute_parser, grammar_text
from qdsl.language.tables import NAME, dump

Path(__file__).with_name(NAME).write_text(dump(compute_parser(), grammar_text()), encoding="utf-8")
