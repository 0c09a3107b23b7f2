"""Text -> syntax tree -> canonical text.  The nodes of the tree are in `qdsl.language.tree`."""

from qdsl.language.parser import parse, parse_expression, parse_with_mistakes
from qdsl.language.printer import to_text
from qdsl.language.source import read_source, source_from_text

__all__ = [
    "parse",
    "parse_expression",
    "parse_with_mistakes",
    "read_source",
    "source_from_text",
    "to_text",
]
