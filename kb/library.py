"""Folders of articles kept open: each indexed once, and again as soon as a file in it changes."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from functools import cache, lru_cache
from pathlib import Path

from kb import articles, index
from kb.encoder import Encoder
from kb.errors import KbError
from kb.index import Index

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = ROOT / "kb" / "articles"
ENCODER = ROOT / "models" / "encoder"
BUILT = ROOT / "models" / "kb"
CACHE = ROOT / ".parley" / "kb-cache"

CHECKING_SHARE = 0.05
"""How much of the time may go into looking for changed files: 25 files (0.4 ms) every 8 ms."""

log = logging.getLogger(__name__)

Fingerprint = tuple[tuple[str, int, int], ...]


class Library:
    """A folder of Markdown articles and its index as the folder is now.

    Safe to share between threads. Raises NoFolderError and NoArticlesError when the folder cannot be indexed
    at first; when that happens later, the last good index stays and the log says so.
    """

    def __init__(self, folder: Path, encoder: Encoder, out: Path) -> None:
        self.folder, self.encoder, self._out = folder, encoder, out
        self._lock = threading.Lock()
        self._next_look = 0.0
        self._seen = fingerprint(folder)
        self._index = index.build(folder, encoder, out)

    @property
    def index(self) -> Index:
        """The index; made anew first when a file was changed, added or removed."""
        with self._lock:
            if time.monotonic() >= self._next_look:
                self._look()
            return self._index

    def _look(self) -> None:
        started = time.monotonic()
        try:
            seen = fingerprint(self.folder)
            if seen != self._seen:
                self._seen, self._index = seen, index.build(self.folder, self.encoder, self._out)
        except (KbError, OSError) as error:
            log.warning("The articles changed but cannot be indexed, the last index stays: %s", error)
        now = time.monotonic()
        self._next_look = now + (now - started) / CHECKING_SHARE


def fingerprint(folder: Path) -> Fingerprint:
    """Names, times and sizes of all that the index is made from. Raises NoFolderError."""
    found = [*articles.files(folder), folder / articles.FACTS]
    stats = ((file, file.stat()) for file in found if file.exists())
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in stats)


@cache
def shop() -> Library:
    """The shop's own articles, opened with the first question of a process."""
    return Library(ARTICLES, encoder(), BUILT)


@lru_cache(maxsize=8)
def open_folder(folder: Path, kept_in: Path) -> Library:
    """Another folder of articles, with its vectors in a folder of its own under `kept_in`."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Library(folder, encoder(), kept_in / name)


@cache
def encoder() -> Encoder:
    """The one encoder of a process. Raises NoEncoderError."""
    return Encoder(ENCODER)
