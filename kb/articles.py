"""Reads a folder of Markdown articles into chunks: one section each, or a part of a long one."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document
from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter

from kb import markdown
from kb.errors import BrokenFactsError, NoArticlesError, NoFolderError

SUFFIXES = (".md", ".markdown", ".mdx")
FACTS = "facts.yml"
CHUNK_CHARACTERS = 800
"""About 200 word pieces: what the encoder reads at once, with room for the title."""

_LEVELS = [("#" * level, str(level)) for level in range(1, 7)]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an article: plain text of one section (at most ~800 characters).

    `article` is the file's path in its folder without suffix; `section` the nearest heading, or the title
    for text before the first one; `path` that heading and those above it; `version` what the front matter
    says, else the first 8 digits of the file's content hash; `asked` the questions that the section answers
    in customers' words, from a comment in it: `<!-- asked: … | … -->`.
    """

    article: str
    title: str
    section: str
    path: tuple[str, ...]
    version: str
    text: str
    asked: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Title and headings in one line: what the section is about."""
        return " – ".join(dict.fromkeys((self.title, *self.path)))


def digest(text: str) -> str:
    """Names a passage's words: 16 hex digits of their SHA-256, the same for as long as the text is."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class ArticleLoader(BaseLoader):
    """Loads the Markdown files under a folder as LangChain documents, one per section.

    Raises NoFolderError and, when no file has any text, NoArticlesError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lazy_load(self) -> Iterator[Document]:
        known = facts(self.folder)
        for file in files(self.folder):
            yield from _sections(file.relative_to(self.folder), file.read_bytes(), known)


def load(folder: Path) -> list[Chunk]:
    """All chunks of a folder, in the order of file names and headings."""
    splitter = RecursiveCharacterTextSplitter(
        separators=["\n\n", "\n", r"(?<=[.!?])\s+", " "],
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=CHUNK_CHARACTERS,
        chunk_overlap=0,
    )
    parts = splitter.split_documents(ArticleLoader(folder).load())
    chunks = [Chunk(text=text, **part.metadata) for part in parts if (text := part.page_content.strip())]
    if not chunks:
        raise NoArticlesError(folder)
    return chunks


def files(folder: Path) -> list[Path]:
    """The Markdown files under a folder, sorted; nothing in hidden folders."""
    if not folder.is_dir():
        raise NoFolderError(folder)
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if name.lower().endswith(SUFFIXES) and name[0] != "."]
    return sorted(found)


def facts(folder: Path) -> dict[str, str]:
    """The numbers in the folder's facts.yml that articles state as `{{ name }}`; empty without that file.

    Raises BrokenFactsError.
    """
    file = folder / FACTS
    if not file.is_file():
        return {}
    try:
        known = yaml.safe_load(decode(file.read_bytes())) or {}
    except yaml.YAMLError as error:
        raise BrokenFactsError(file, " ".join(str(error).split())) from None
    if not isinstance(known, dict):
        raise BrokenFactsError(file, "it must be a list of `name: value` lines")
    return {str(name): str(value) for name, value in known.items()}


def fill(text: str, known: Mapping[str, str]) -> str:
    """The text with `{{ name }}` replaced by its fact; an unknown name stays as it is."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: known.get(match[1], match[0]), text)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16 (with a byte order mark), else read as Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _sections(name: Path, data: bytes, known: Mapping[str, str]) -> Iterator[Document]:
    matter, body = _front_matter(decode(data))
    body = fill(body, known)
    splitter = MarkdownHeaderTextSplitter(_LEVELS)
    sections = splitter.split_text(markdown.with_plain_headings(body))
    title = str(matter.get("title") or "") or markdown.title(body) or _spoken(name.stem)
    version = str(matter.get("version") or "") or hashlib.sha256(data).hexdigest()[:8]
    for section in sections:
        content = section.page_content.replace("  \n", "\n\n")  # how the splitter joins blocks
        path = tuple(markdown.plain(section.metadata[level]) for level in sorted(section.metadata))
        yield Document(
            markdown.plain(content),
            metadata={
                "article": name.with_suffix("").as_posix(),
                "title": title,
                "section": path[-1] if path else title,
                "path": path,
                "version": version,
                "asked": markdown.asked(content),
            },
        )


def _front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """Front matter and body; a file that only opens with a rule, or has broken YAML, has no front matter."""
    try:
        matter, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError):
        return {}, re.sub(r"\A---\s*\n.*?\n---\s*\n", "", text, flags=re.DOTALL)
    return (matter, body) if matter else ({}, text)


def _spoken(stem: str) -> str:
    words = re.sub(r"[_\-\s]+", " ", stem).strip()
    return words[:1].upper() + words[1:]
