"""Text -> syntax tree: lexer, layout, parser and builder in their order, and recovery from mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from lark import Token, Tree, UnexpectedToken

from qdsl.errors import Diagnostic, Findings, LanguageError, Source
from qdsl.language import layout, messages, slips, tree
from qdsl.language.builder import Builder
from qdsl.language.grammar import lark_parser
from qdsl.language.stuck import Stuck
from qdsl.language.words import STATEMENT_TYPES

TOKENS_LIMIT = 30_000
"""Words and signs of one source: more than anybody writes by hand, and parsed in about a second."""

TREE_LIMIT = 200
"""Operations inside one another; the passes that follow recurse as deep as this."""


Parser = Any
"""lark's Parser, whose methods carry no types."""


def parse(source: Source) -> tree.File:
    """The syntax tree of a whole `.qw` file.

    Raises LanguageError, with a diagnostic for every statement that does not follow the grammar.
    """
    findings = Findings()
    parser: Parser = lark_parser().parse_interactive(source.text, start="file")
    statements = layout.statements(source, _tokens(parser, source), findings)
    if not statements:
        _stop_if_any(findings)
        raise LanguageError([messages.empty_file(source)])
    broke_off = False
    for statement in statements:
        if broke_off and statement[0].type not in STATEMENT_TYPES | {"NAME"}:
            continue  # no statement, but the rest of the one before
        before = parser.copy(deepcopy_values=False)
        stuck = _feed(parser, source, statement)
        broke_off = stuck is not None and stuck.at_end
        if stuck is not None:
            findings.diagnostics.append(messages.explain(stuck))
            parser = before  # as if the statement were not there
        if len(findings.diagnostics) > layout.MISTAKES_LIMIT:
            break
    _stop_if_any(findings)
    parsed = parser.feed_eof()
    for child in parsed.children:
        _check_depth(source, child, findings)
    _stop_if_any(findings)
    file: tree.File = Builder(source).transform(parsed)
    return file


def parse_expression(source: Source) -> tree.Expression:
    """The tree of one expression, such as the value in `--set V0='3 nm'`; no statement's keyword counts.

    Raises LanguageError.
    """
    findings = Findings()
    parser: Parser = lark_parser().parse_interactive(source.text, start="expression")
    tokens = layout.expression(source, _tokens(parser, source), findings)
    _stop_if_any(findings)
    if not tokens:
        raise LanguageError([messages.empty_expression(source)])
    *tokens, end = tokens
    stuck = _feed(parser, source, [*tokens, end.update(type="$END")])
    if stuck is not None:
        raise LanguageError([messages.explain(stuck)])
    parsed = parser.result
    _check_depth(source, parsed, findings)
    _stop_if_any(findings)
    expression: tree.Expression = Builder(source).transform(parsed)
    return expression


def _tokens(parser: Parser, source: Source) -> list[Token]:
    """What the lexer makes of the text; comments and spaces are gone."""
    stream = parser.lexer_thread.lex(parser.parser_state)
    tokens = list(islice(stream, TOKENS_LIMIT + 1))
    if len(tokens) > TOKENS_LIMIT:
        raise LanguageError(
            f"the file has more than {TOKENS_LIMIT:,} words and signs", slips.token_span(source, tokens[-1])
        )
    return tokens


def _feed(parser: Parser, source: Source, tokens: Sequence[Token]) -> Stuck | None:
    """Moves the parser over the tokens; where it stopped, if it could not take one of them."""
    before = parser.copy(deepcopy_values=False)
    for index, token in enumerate(tokens):
        try:
            parser.result = parser.feed_token(token)
        except UnexpectedToken:
            return Stuck(source, tokens, index, _accepted(before, tokens[:index]))
    return None


def _accepted(parser: Parser, tokens: Sequence[Token]) -> frozenset[str]:
    """The terminals that can follow the tokens.

    Asked of a parser that has not seen the offending token: on its way to the error that one has
    already closed rules, and forgotten what they would have allowed.
    """
    parser = parser.copy(deepcopy_values=False)
    for token in tokens:
        parser.feed_token(token)
    return frozenset(parser.accepts())


def _check_depth(source: Source, parsed: Tree[Any], findings: Findings) -> None:
    """Reports a statement whose tree is too deep; a loop, for recursion is what it protects."""
    level: list[Any] = [parsed]
    for _ in range(TREE_LIMIT):
        level = [child for node in level if isinstance(node, Tree) for child in node.children]
        if not level:
            return
    findings.error(
        f"this formula has more than {TREE_LIMIT} operations inside one another",
        source.span(parsed.meta.start_pos, parsed.meta.end_pos),
        "give parts of it names with 'define' or 'param'",
    )


def _stop_if_any(findings: Findings) -> None:
    """Raises what was found, in the order of the text; no more than a reader wants to see at once."""
    if not findings.diagnostics:
        return
    mistakes = sorted(findings.diagnostics, key=lambda d: d.span.start if d.span else 0)
    shown, rest = mistakes[: layout.MISTAKES_LIMIT], mistakes[layout.MISTAKES_LIMIT :]
    if rest:
        shown.append(Diagnostic("there are more mistakes from here on; mend those above first", rest[0].span))
    raise LanguageError(shown)
