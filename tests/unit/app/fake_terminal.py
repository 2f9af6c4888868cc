from __future__ import annotations

import io

from rich.console import Console

from app.run.terminal import Terminal


class FakeTerminal(Terminal):
    """A terminal without a terminal that remembers what was said."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        super().__init__(Console(file=self._text, width=1000))

    @property
    def text(self) -> str:
        return self._text.getvalue()

    def said(self, words: str) -> bool:
        return words in self.text
