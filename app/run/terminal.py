"""What the operator sees: steps with a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.text import Text

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _console() -> Console:
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


class Terminal:
    """Writes whole lines; on a real terminal a spinner stands below them while something is going on."""

    def __init__(self, console: Console | None = None):
        self.console = console or _console()

    def say(self, text: str, style: str = "") -> None:
        """One line (or several) as they are."""
        self._print(Text(text, style=style))

    def done(self, text: str) -> None:
        self._print(Text.assemble(("✓ ", "green"), text))

    def warn(self, text: str) -> None:
        """Something an operator should know of, though Parley goes on."""
        self._print(Text.assemble(("! ", "bold yellow"), text))

    def fail(self, text: str) -> None:
        """Why Parley stops."""
        self._print(Text.assemble(("✗ ", "bold red"), text))

    def _print(self, text: Text) -> None:
        """A terminal that went away must not keep Parley from stopping in order."""
        with suppress(OSError, ValueError, SystemExit):  # rich ends the program at a broken pipe
            self.console.print(text)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Show that `name` is being done, then that it is done and how long it took.

        Yields a function that says what is going on at the moment. Nothing is said when it raises:
        whoever catches the error tells it.
        """
        begun = time.monotonic()
        with self.waiting(name) as tell:
            yield tell
        self.done(f"{name} ({time.monotonic() - begun:.1f} s)")

    @contextmanager
    def waiting(self, name: str) -> Iterator[Callable[[str], None]]:
        """Show `name` as going on, without a word at its end."""
        if not self.console.is_terminal:
            self.say(f"… {name}")
            yield lambda detail: None
            return
        with self.console.status(name) as status:
            yield lambda detail: status.update(f"{name} [dim]{_one_line(detail)}[/dim]")


def _one_line(text: str) -> str:
    plain = COLOURS.sub("", text).strip().replace("[", r"\[")
    return plain if len(plain) <= 90 else plain[:89] + "…"
