"""The turn channel's question and answer, to and from the core's values."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from conversations.errors import BotFailed
from conversations.messages import Answer, Choice, Content, File, HandoffRequest, Question

FACTS = 12
"""What a person can take in of what the bot has learned."""
PRIORITIES = ("urgent", "high", "normal", "low")


def request(question: Question) -> dict[str, Any]:
    """The body of `POST /webhooks/turn/webhook`."""
    metadata: dict[str, Any] = {
        "phone": question.phone,
        "name": question.name,
        "channel": question.channel,
    }
    if question.payload is not None:
        metadata["payload"] = question.payload
    if question.new_session is not None:
        metadata["new_session"] = {"slots": dict(question.new_session)}
    if question.known:
        metadata["known"] = dict(question.known)
    if question.tags:
        metadata["tags"] = list(question.tags)
    return {
        "conversation_id": question.conversation_id,
        "message_id": question.message_id,
        "text": question.text,
        "metadata": metadata,
    }


def answer(data: Any) -> Answer:
    """The answer of a body with status 200. Raises BotFailed if it says nothing and asks for nobody."""
    messages = data.get("messages") if isinstance(data, dict) else None
    if not isinstance(messages, list):
        raise BotFailed("the engine's answer has no messages", code="bad_answer")
    customs = [_object(message.get("custom")) for message in _objects(messages)]
    contents = tuple(content for message in _objects(messages) if (content := _content(message)))
    wishes = [custom["handoff"] for custom in customs if custom.get("handoff") is not None]
    handoff = _handoff(wishes[0]) if wishes else None
    if not contents and handoff is None:
        raise BotFailed("the engine answered nothing", code="empty")
    return Answer(
        contents=contents,
        handoff=handoff,
        intent=_text(data.get("intent")),
        confidence=_number(data.get("confidence")),
        intent_ranking=tuple(_objects(data.get("intent_ranking"))),
        entities=tuple(_objects(data.get("entities"))),
        frustration=_number(_object(data.get("frustration")).get("score")),
        slots=_object(data.get("slots")),
        action=_text(data.get("action")),
        policy=_text(data.get("policy")),
        model_id=_text(data.get("model_id")),
        sources=tuple(source for custom in customs for source in _objects(custom.get("sources"))),
        escalation=_object(data.get("escalation")) or None,
        no_evidence=any(custom.get("no_evidence") is True for custom in customs),
    )


def _content(message: Mapping[str, Any]) -> Content | None:
    """What one message says, or None if it is only data. A file stands in its `custom` part, a picture of
    Rasa's own kind in `image`.
    """
    text = _text(message.get("text")) or ""
    file = _file(_object(message.get("custom")).get("file") or {"url": message.get("image")})
    choices = tuple(
        Choice(_text(button.get("payload")) or title, title, _text(button.get("description")) or "")
        for button in _objects(message.get("buttons"))
        if (title := _text(button.get("title")))
    )
    return Content(text, choices, file=file) if text or choices or file else None


def _file(data: Any) -> File | None:
    """A file with an address; of what type, if it does not say so itself, its name tells."""
    about = _object(data)
    url = _text(about.get("url"))
    if url is None:
        return None
    name = _text(about.get("name")) or urlsplit(url).path.rpartition("/")[2] or "file"
    guessed = mimetypes.guess_type(name)[0] or ""
    return File(url, name, _text(about.get("mime_type")) or guessed)


def _handoff(data: Any) -> HandoffRequest:
    wish = _object(data)
    priority = wish.get("priority")
    reason = _text(wish.get("reason")) or "unspecified"
    evidence = _text(wish.get("evidence")) or ""
    facts = tuple(
        (_line(name)[:60], _line(value)[:600])
        for name, value in _object(wish.get("facts")).items()
        if _text(value)
    )
    known = priority if priority in PRIORITIES else "normal"
    return HandoffRequest(reason, known, evidence[:500], facts[:FACTS])


def _objects(value: Any) -> list[Mapping[str, Any]]:
    found: Iterable[Any] = value if isinstance(value, list) else ()
    return [item for item in found if isinstance(item, dict)]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(value: Any) -> float | None:
    """A number of a sane size as float; JSON knows no limit."""
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
        return None
    return float(value)
