"""The desk asks the language models that the action server's environment names."""

from __future__ import annotations

import json

import httpx
import pytest

from actions import desk, warm
from tests.fakes import llm

QUESTION = "how long do I have to return an item?"
GOOD = "You can return an item within 30 days of delivery."
DATABASE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


async def test_the_named_model_words_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """LLM_PROVIDERS and OPENAI_BASE_URL are enough; the log of the turn gets the model's name."""
    with llm.serving() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "made-up")
        server.replies = {"first": 500, "desk": json.dumps({"answer": GOOD, "articles": ["return_window"]})}
        async with httpx.AsyncClient() as http:
            built = desk.build({**DATABASE, "LLM_PROVIDERS": "openai:first, openai:desk"}, http)
            passage = await built.ask_kb(QUESTION, desk.no_order)

    assert passage
    assert passage.text == f"{GOOD}\n\nSource: Return window"
    assert passage.sources[0]["written_by"] == "openai:desk"
    assert passage.score > 0.5


async def test_without_models_the_articles_answer() -> None:
    """No LLM_PROVIDERS: the articles' own sentences, written by nobody else."""
    async with httpx.AsyncClient() as http:
        passage = await desk.build({**DATABASE, "LLM_PROVIDERS": " "}, http).ask_kb(QUESTION, desk.no_order)

    assert passage
    assert "written_by" not in passage.sources[0]


async def test_the_models_are_opened_before_the_first_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening takes seconds, so the server opens them when it starts, and asks them nothing."""
    with llm.serving() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "made-up")
        monkeypatch.setenv("LLM_PROVIDERS", "openai:warm")
        desk.open_writer.cache_clear()
        await warm.open_articles()

        assert desk.open_writer.cache_info().currsize == 1
        assert server.asked == []
