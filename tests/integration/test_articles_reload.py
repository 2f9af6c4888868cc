"""The running action server answers from the articles as they are now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.services import free_port

ROOT = Path(__file__).parents[2]
CODE = ("actions", "connectors", "conversations", "data", "orders", "rasa_sdk_plugins.py")
ARTICLE = """---
title: Return window
version: "{version}"
---
# Return window

You can return an item within {days} days after delivery.
"""
QUESTION = "within how many days can i return an item?"


@dataclass(frozen=True)
class Running:
    """An action server and its articles."""

    http: httpx.Client
    articles: Path
    log: Path

    def answer(self) -> list[dict[str, Any]]:
        """What it says to the question, and the sources that it gives."""
        event = {"event": "user", "text": QUESTION, "timestamp": time.time(), "parse_data": {}}
        tracker = {
            "sender_id": "someone", "slots": {}, "latest_message": {"text": QUESTION, "entities": []},
            "events": [event], "paused": False, "followup_action": None, "active_loop": {},
            "latest_action_name": "action_listen",
        }  # fmt: skip
        body = {
            "next_action": "action_return_policy",
            "sender_id": "someone",
            "tracker": tracker,
            "domain": {},
        }
        found: list[dict[str, Any]] = self.http.post("/webhook", json=body).json()["responses"]
        return found

    def version(self) -> str | None:
        """The version of the article that the answer cites."""
        sources = [
            source for each in self.answer() for source in (each.get("custom") or {}).get("sources", [])
        ]
        return str(sources[0]["version"]) if sources else None


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real action server, started as Parley starts it, in a checkout with one article."""
    place = checkout(tmp_path_factory.mktemp("checkout"))
    port = free_port()
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    environment = {**os.environ, "DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    log = place / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=out, stderr=subprocess.STDOUT)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        try:
            until(lambda: process.poll() is not None or healthy(http))
            yield Running(http, place / "kb/articles", log)
        finally:
            process.terminate()
            process.wait(20)


def checkout(place: Path) -> Path:
    """A checkout whose articles the tests may edit; its code is this one's."""
    for name in CODE:
        (place / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "kb", place / "kb", ignore=shutil.ignore_patterns("articles", "__pycache__"))
    (place / "kb/articles").mkdir()
    (place / "kb/articles/return_window.md").write_text(ARTICLE.format(version=1, days=30))
    (place / "models").mkdir()
    (place / "models/encoder").symlink_to(ROOT / "models/encoder")
    return place


def healthy(http: httpx.Client) -> bool:
    try:
        return http.get("/health").is_success
    except httpx.HTTPError:
        return False


def until(true: Callable[[], bool], deadline: float = 90.0) -> None:
    end = time.monotonic() + deadline
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def test_an_edited_article_counts_without_a_restart(running: Running) -> None:
    """The next answers carry the new text and version; a file that is broken leaves the last good ones.

    What is wrong with it stands in the log.
    """
    until(lambda: running.version() == "1")

    (running.articles / "return_window.md").write_text(ARTICLE.format(version=2, days=45))
    until(lambda: running.version() == "2")
    assert "within 45 days" in running.answer()[0]["text"]

    (running.articles / "facts.yml").write_text("days: [")
    until(lambda: running.version() == "2" and "facts.yml cannot be read" in running.log.read_text())
    assert "within 45 days" in running.answer()[0]["text"]
