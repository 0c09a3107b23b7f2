"""Text -> syntax tree: lexer, layout, parser and builder in their order, and recovery from mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from lark import Token, Tree, UnexpectedToken

from qdsl.errors import MOST_SHOWN, Diagnostic, Findings, LanguageError, Source, first_ones
from qdsl.language import layout, messages, slips, tree
from qdsl.language.beginnings import known_elsewhere
from qdsl.language.builder import Builder
from qdsl.language.grammar import lark_parser
from qdsl.language.stuck import Stuck
from qdsl.language.words import STATEMENT_TYPES, STATEMENTS, canonical_name
from qdsl.spelling import did_you_mean

TOKENS_LIMIT = 30_000
"""Words and signs of one source: more than anybody writes by hand, and parsed in about a second."""

_NAMING = ("PARAM", "DEFINE", "POTENTIAL")
"""Statements whose name others may use."""

TREE_LIMIT = 200
"""Operations inside one another; the passes that follow recurse as deep as this."""


Parser = Any
"""lark's Parser, whose methods carry no types."""


@dataclass(frozen=True)
class Parsed:
    """The tree of what could be read, and what is wrong with the rest, in the order of the text."""

    file: tree.File
    mistakes: tuple[Diagnostic, ...]


def parse(source: Source) -> tree.File:
    """The syntax tree of a whole `.qw` file.

    Raises LanguageError, with a diagnostic for every statement that does not follow the grammar.
    """
    parsed = parse_with_mistakes(source)
    if parsed.mistakes:
        raise LanguageError(parsed.mistakes)
    return parsed.file


def parse_with_mistakes(source: Source) -> Parsed:
    """The statements that follow the grammar, and a diagnostic for every one that does not.

    Raises LanguageError when nothing can be read, because there are too many words or none at all.
    """
    findings = Findings()
    parser: Parser = lark_parser().parse_interactive(source.text, start="file")
    statements = layout.statements(source, _tokens(parser, source), findings)
    if not (statements.whole or statements.broken):
        raise LanguageError(_shown(findings) or [messages.empty_file(source)])
    unread = [_unread(source, tokens) for tokens in statements.broken]
    broke_off = False
    read: list[Any] = []
    for statement in statements.whole:
        if broke_off and _goes_on(source, statement[0]):
            unread.append(_unread(source, statement))
            continue  # no statement, but the rest of the one before
        # Each statement has a parser of its own: lark adds to the lists of a repetition in place, so that
        # one that goes back to where it was before a mistake has some statements twice.
        alone = parser.copy(deepcopy_values=False)
        stuck = _feed(alone, source, statement)
        # What stands indented below `def f(x):` belongs to it, as far as its author is concerned.
        broke_off = stuck is not None and (stuck.at_end or stuck.tokens[-2].type == "COLON")
        if stuck is None:
            read += alone.feed_eof().children
        else:
            findings.diagnostics.append(messages.explain(stuck))
            unread.append(_unread(source, statement))
        if len(findings.diagnostics) > MOST_SHOWN:
            break
    shallow = [child for child in read if _is_shallow(source, child, findings)]
    if len(shallow) < len(read) or len(findings.diagnostics) > MOST_SHOWN:
        unread.append(tree.Unread("", frozenset(), span=source.span(0, 0)))
    file: tree.File = Builder(source).transform(Tree("file", shallow))
    return Parsed(replace(file, unread=tuple(unread)), tuple(_shown(findings)))


def parse_expression(source: Source) -> tree.Expression:
    """The tree of one expression, such as the value in `--set V0='3 nm'`; no statement's keyword counts.

    Raises LanguageError.
    """
    findings = Findings()
    parser: Parser = lark_parser().parse_interactive(source.text, start="expression")
    tokens = layout.expression(source, _tokens(parser, source), findings)
    if findings.diagnostics:
        raise LanguageError(_shown(findings))
    if not tokens:
        raise LanguageError([messages.empty_expression(source)])
    *tokens, end = tokens
    stuck = _feed(parser, source, [*tokens, end.update(type="$END")])
    if stuck is not None:
        raise LanguageError([messages.explain(stuck)])
    parsed = parser.result
    if not _is_shallow(source, parsed, findings):
        raise LanguageError(findings.diagnostics)
    expression: tree.Expression = Builder(source).transform(parsed)
    return expression


def words_of(source: Source) -> list[Token]:
    """The tokens of a text that parses, newlines and all, typed as its statements understand them."""
    parser: Parser = lark_parser().parse_interactive(source.text, start="file")
    tokens = _tokens(parser, source)
    understood = {
        token.start_pos: token
        for statement in layout.statements(source, tokens, Findings()).whole
        for token in statement[:-1]
    }
    return [understood.get(token.start_pos, token) if token != "\n" else token for token in tokens]


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


def _goes_on(source: Source, first: Token) -> bool:
    """Whether a line continues the broken statement above it, rather than beginning one."""
    if first.type in STATEMENT_TYPES:
        return False
    return first.type != "NAME" or slips.token_span(source, first).column > 1


def _unread(source: Source, tokens: Sequence[Token]) -> tree.Unread:
    """What is known of a statement that cannot be read."""
    first = tokens[0]
    keyword = ""
    if first.type in STATEMENT_TYPES:
        nameless = first.type in _NAMING and [token.type for token in tokens[1:2]] != ["NAME"]
        keyword = "" if nameless else str(first)
    elif first.type == "NAME":
        keyword = "param" if tokens[1:2] == ["="] else _keyword_meant(first)
    names = frozenset(canonical_name(token) for token in tokens if token.type == "NAME")
    return tree.Unread(keyword, names, span=slips.token_span(source, first))


def _keyword_meant(word: str) -> str:
    return known_elsewhere(word) or did_you_mean(word, STATEMENTS) or ""


def _is_shallow(source: Source, parsed: Tree[Any], findings: Findings) -> bool:
    """Whether a tree is not too deep; reported otherwise.  A loop, for recursion is what it protects."""
    level: list[Any] = [parsed]
    for _ in range(TREE_LIMIT):
        level = [child for node in level if isinstance(node, Tree) for child in node.children]
        if not level:
            return True
    findings.error(
        f"this formula has more than {TREE_LIMIT} operations inside one another",
        source.span(parsed.meta.start_pos, parsed.meta.end_pos),
        "give parts of it names with 'define' or 'param'",
    )
    return False


def _shown(findings: Findings) -> list[Diagnostic]:
    """What was found, in the order of the text; no more than a reader wants to see at once."""
    return first_ones(sorted(findings.diagnostics, key=lambda d: d.span.start if d.span else 0))
