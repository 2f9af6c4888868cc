"""A conversation's log as the lines of a messenger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.console import words
from connectors.whatsapp import media as files
from connectors.whatsapp.kinds import label
from conversations.bridge import window
from conversations.desk.reports import Note
from conversations.messages import Content
from conversations.reports import Line, Reply

Shown = dict[str, Any]
SHARES = {"confidence": "Confidence", "frustration": "Frustration"}
FACTS = {"action": "Action", "policy": "Policy", "model_id": "Model"}
FATES = {"failed": "not delivered"}
UNTOLD = {
    window.NO_TEMPLATE: "The customer could not be told that a reply waits: no template is set up",
    window.IN_THE_WINDOW: "The customer wrote before they were told that a reply waits",
}
"""What the desk says where the template that tells of a held reply did not go out."""


def lines(log: Sequence[Line], replies: Sequence[Reply] = (), notes: Sequence[Note] = ()) -> list[Shown]:
    """What the page shows, in order: messages, turns, notes, and remarks (control changed, not sent)."""
    told = {line.outbox_id for line in log if line.kind == "message" and line.outbox_id is not None}
    shown = [line for line in (_line(line, told) for line in log) if line]
    since = log[0].at if log else None
    shown += [_remembered(note) for note in notes if since is None or note.at >= since]
    shown.sort(key=lambda line: line["at"])
    waiting: list[Shown] = [
        {"id": f"r{reply.id}", "kind": "message", "at": words.stamp(reply.at), "author": "agent",
         "text": reply.text, "choices": [], "media": [], "state": "pending", "why": "", "by": reply.agent}
        for reply in replies
    ]  # fmt: skip
    return shown + waiting


def _line(line: Line, told: set[int]) -> Shown | None:
    if line.kind == "message":
        return _message(line)
    if line.kind == "turn":
        return _turn(line)
    if line.kind == "control":
        return _note(line, _control(line))
    state = line.body.get("state", "not sent")
    if state in words.STEPS:
        return _note(line, words.STEPS[state])
    if line.outbox_id in told:
        return None  # the message itself shows what became of it
    return _note(line, UNTOLD.get(line.text) or f"A line was {FATES.get(state, state)}: {line.text}")


def _message(line: Line) -> Shown:
    content = line.body.get("content")
    said = Content.from_json(content) if content else Content(line.text)
    return {
        "id": line.id,
        "kind": "message",
        "at": words.stamp(line.at),
        "author": line.author,
        "text": "" if _stands_in(line) else said.text,
        "choices": [choice.title for choice in said.choices],
        "media": _media(line, said),
        "state": line.state,
        "why": line.why or "",
        "by": line.body.get("by") or "",
    }


def _stands_in(line: Line) -> bool:
    """Whether the log's text only says that there is a file, which the page shows itself."""
    kind, media = str(line.body.get("kind")), line.body.get("media") or [{}]
    name = str(media[0].get("filename") or "")
    return line.text in (label(kind, name), label(kind, name, voice=True))


def _media(line: Line, said: Content) -> list[Shown]:
    """A message's files: what each is called, and where this server gives it out."""
    if said.file:
        kind = files.KINDS.get(files.mime_type(said.file), "document")
        return [_medium(kind, said.file.name, f"{line.id}/file")]
    media = line.body.get("media") or ()
    if not media and _stands_in(line):
        kind = str(line.body["kind"])
        return [{"kind": "", "name": words.KINDS.get(kind, kind.capitalize())}]
    return [
        _medium(str(one.get("kind") or ""), str(one.get("filename") or ""), f"{line.id}/{place}")
        for place, one in enumerate(media)
    ]


def _medium(kind: str, name: str, place: str) -> Shown:
    return {"kind": kind, "name": name or words.KINDS.get(kind, "File"), "url": f"/console/media/{place}"}


def _remembered(note: Note) -> Shown:
    """A note of an agent, or a remark on who holds the conversation."""
    if note.kind == "holder":
        return {"id": f"n{note.id}", "kind": "note", "at": words.stamp(note.at), "text": note.text}
    return {
        "id": f"n{note.id}",
        "kind": "memo",
        "at": words.stamp(note.at),
        "author": note.author,
        "text": note.text,
    }


def _turn(line: Line) -> Shown:
    """How the bot came to its answer: a headline, and facts to be read on demand."""
    body = line.body
    intent = str(body.get("intent") or "no intent").replace("_", " ")
    confidence = body.get("confidence")
    head = intent if confidence is None else f"{intent}, {confidence:.0%} sure"
    if body.get("error"):
        head = "The bot had no answer"
    return {
        "id": line.id,
        "kind": "turn",
        "at": words.stamp(line.at),
        "head": head,
        "bad": bool(body.get("error")),
        "facts": [list(fact) for fact in _facts(body)],
    }


def _facts(body: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [("Intent", str(body["intent"]))] if body.get("intent") else []
    facts += [(name, f"{body[key]:.0%}") for key, name in SHARES.items() if body.get(key) is not None]
    others = [
        f"{other['name']} {other['confidence']:.0%}"
        for other in body.get("intent_ranking", ())
        if other.get("name") != body.get("intent")
    ]
    if others:
        facts.append(("Also considered", ", ".join(others)))
    facts += [(name, str(body[key])) for key, name in FACTS.items() if body.get(key)]
    sources = [f"{source.get('article')}: {source.get('section')}" for source in body.get("sources", ())]
    facts += [("Source", source) for source in sources]
    if body.get("reason"):
        facts.append(("Handed over because", words.reason(body["reason"])))
    decided = body.get("escalation") or {}
    facts += [("Evidence", evidence) for evidence in _evidence(decided.get("evidence"))]
    if body.get("dropped"):
        facts.append(("Not sent", "control had passed meanwhile"))
    if body.get("error"):
        facts.append(("Error", f"{body['error']} (attempts: {body.get('attempts', 1)})"))
    facts += [("Answered in", f"{body['latency_ms']} ms")] if body.get("latency_ms") is not None else []
    return facts


def _evidence(given: Any) -> list[str]:
    """What a decision rests on, whatever its shape, a line each."""
    if isinstance(given, dict):
        return [f"{name}: {value}" for name, value in given.items()]
    if isinstance(given, list | tuple):
        return [
            line for part in given for line in (_evidence(part) if isinstance(part, dict) else [str(part)])
        ]
    return [str(given)] if given else []


def _control(line: Line) -> str:
    if line.body.get("to") == "bot":
        return f"Back to the bot: {words.reason(line.text)}"
    if line.author == "bot":
        return f"The bot asked for an agent: {words.reason(line.text)}"
    return f"An agent has control: {words.reason(line.text)}"


def _note(line: Line, text: str) -> Shown:
    return {"id": line.id, "kind": "note", "at": words.stamp(line.at), "text": text}
