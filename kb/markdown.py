"""Markdown to the plain text that a customer can read on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise, takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)(?!\s)([^*_]{3,120}[^*_.!])(?:\*\*|__):?\s*")


def plain(text: str) -> str:
    """The text without markup, a line per block: list items as "• …" or "1. …", rows as "head: cell; …"."""
    return "\n".join(_lines(_parser().parse(text)))


def title(text: str) -> str | None:
    """What the text calls itself: a level-1 heading that opens it or is its only one, else None."""
    found = [words for token, words in _headings(_parser().parse(text)) if token.tag == "h1"]
    opens = re.match(r"\s*(#\s|[^\n]+\n=+\s)", text)
    return found[0] if found and (opens or len(found) == 1) else None


def asked(text: str) -> tuple[str, ...]:
    """The questions in comments of the form `<!-- asked: … | … -->`."""
    comments = re.findall(r"<!--\s*asked:(.*?)-->", text, flags=re.S)
    parts = (" ".join(part.split()) for comment in comments for part in comment.split("|"))
    return tuple(part for part in parts if part)


def with_plain_headings(text: str) -> str:
    """The same Markdown with every heading as one line "# …", the only form the heading splitter knows.

    So are underlined headings, headings in HTML, and lines that are bold as a whole, a common way to write a
    list of questions and answers.
    """
    lines = re.sub(r"<h([1-6])[^>]*>(.*?)</h\1>", _html_heading, text, flags=re.I | re.S).splitlines()
    for token, words in _headings(_parser().parse("\n".join(lines))):
        start, end = token.map or (0, 0)
        lines[start:end] = [f"{'#' * int(token.tag[1])} {words}"] + [""] * (end - start - 1)
    return "\n".join(_bold_heading(line) for line in lines)


def _html_heading(match: re.Match[str]) -> str:
    return f"\n{'#' * int(match[1])} {' '.join(match[2].split())}\n"


def _bold_heading(line: str) -> str:
    match = _BOLD_LINE.fullmatch(line)
    return f"{'#' * 6} {match[1].strip(' :')}" if match else line


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            yield token, _words(content)


def _lines(tokens: Iterable[Token]) -> Iterator[str]:
    stream, bullet = iter(tokens), ""
    for token in stream:
        if token.type == "table_open":
            yield from _rows(takewhile(lambda inner: inner.type != "table_close", stream))
        elif token.type == "list_item_open":
            bullet = f"{token.info}. " if token.info else "• "
        elif words := _words(token):
            yield bullet + words
            bullet = ""


def _rows(tokens: Iterable[Token]) -> Iterator[str]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_words(token))
    head, body = rows[0], rows[1:] or rows
    for row in body:
        named = (_named(name, cell) for name, cell in zip(head, row, strict=False) if cell)
        yield "; ".join(named)


def _named(name: str, cell: str) -> str:
    return f"{name}: {cell}" if name and name != cell else cell


def _words(token: Token) -> str:
    """The words of one token; empty for those that only open or close something."""
    if token.type == "inline":
        return " ".join("".join(_piece(child) for child in token.children or ()).split())
    if token.type == "html_block":
        return " ".join(re.sub(r"<!--.*?-->|<[^>]*>", " ", token.content, flags=re.S).split())
    return token.content.strip() if token.type in ("fence", "code_block") else ""


def _piece(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak", "html_inline"):
        return " "
    return token.content


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
