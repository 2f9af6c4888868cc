"""What can go wrong with a knowledge base; each message is a sentence for the terminal."""

from __future__ import annotations

from pathlib import Path


class KbError(Exception):
    """The knowledge base cannot be used."""


class NoArticlesError(KbError):
    """There is no Markdown text in the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no Markdown text in {folder}: put .md files there, or name another one.")


class NoFolderError(KbError):
    """The folder of articles does not exist, or is a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not a folder: name a folder of Markdown files.")


class NoEncoderError(KbError):
    """The sentence encoder has not been exported."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The sentence encoder is missing in {folder}: `make setup` puts it there.")


class BrokenFactsError(KbError):
    """The numbers that the articles state cannot be read."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file.name} cannot be read: {why}.")
