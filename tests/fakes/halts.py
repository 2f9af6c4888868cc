"""Calls kept back at a chosen moment, so that whoever made them can be killed at just that step."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.outside import Answer, Json

When = Literal["before", "after"]
Handler = Callable[[str, str, Json, Json], Answer]

LONGEST = 60.0
"""Seconds a call is kept at most: those who make them give up earlier."""


@dataclass
class Halt:
    """One call that gets no answer until `release`: `before` it took effect (it never will), or `after`.

    `says`: words that its body has; `method` and `path` may be empty for any.
    """

    method: str
    path: str
    says: tuple[str, ...]
    when: When
    skip: int = 0
    """So many such calls pass before."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def is_at(self, method: str, path: str, body: Json) -> bool:
        """Whether it is this call's turn to be kept."""
        if self.reached.is_set() or self.method not in method or self.path not in path:
            return False
        text = json.dumps(body, ensure_ascii=False)
        if any(word not in text for word in self.says):
            return False
        self.skip -= 1
        return self.skip < 0

    def keep(self) -> None:
        """Hold the caller here."""
        self.released.wait(LONGEST)

    def release(self) -> None:
        """Let the caller go, if it still lives."""
        self.released.set()


class Halting:
    """A fake that answers one call at a time, and keeps those back for which there is a halt."""

    def __init__(self, handler: Handler):
        self._handler = handler
        self._lock = threading.Lock()
        self.halts: list[Halt] = []

    def answer(self, method: str, path: str, query: Json, body: Json) -> Answer:
        """The fake's answer, now or when its halt is released."""
        with self._lock:
            halt = next((each for each in self.halts if each.is_at(method, path, body)), None)
            if halt:
                halt.reached.set()
            if halt is None or halt.when == "after":
                answer = self._handler(method, path, query, body)
        if halt is None:
            return answer
        halt.keep()
        return answer if halt.when == "after" else (503, {"error": "nothing was taken"})
