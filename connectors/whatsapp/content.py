"""From what we want to say to the body the Graph API takes (`POST /{phone_number_id}/messages`).

Limits: Meta's messages reference. Nothing is refused for its length: it is shortened here, or cut into
several contents by `split` before.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from connectors.whatsapp import media
from connectors.whatsapp.text import TEXT_LIMIT, size, split_text, truncate
from conversations.errors import Refused
from conversations.messages import Choice, Content, File

BODY_LIMIT = 1024
"""Of buttons and lists. A list is said to take 4096 by one page and 1024 by Meta's own OpenAPI."""

BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
ROWS, ROW_TITLE, ROW_DESCRIPTION, ROW_ID = 10, 24, 72, 200

TYPED = "typed:"
"""Begins the id of a choice whose own id is too long to send: its tap counts as typing its title."""


def split(content: Content) -> list[Content]:
    """The content as messages that fit: text parts first, the choices under the last one."""
    if content.template:
        return [content]
    if content.file:
        return _beside_file(content)
    limit = BODY_LIMIT if content.choices else TEXT_LIMIT
    if size(content.text.strip()) <= limit:
        return [content]
    *before, last = _parts(content.text, limit)
    return [*(Content(text) for text in before), dataclasses.replace(content, text=last)]


def _beside_file(content: Content) -> list[Content]:
    """One message where the text fits under the file, else the file and then the rest."""
    if not content.choices and size(content.text.strip()) <= media.CAPTION_LIMIT:
        return [content]
    alone = dataclasses.replace(content, text="", choices=())
    return [alone, *split(dataclasses.replace(content, file=None))]


def _parts(text: str, last_limit: int) -> list[str]:
    """Parts of a full message each, of which the last has at most `last_limit` units."""
    *before, last = split_text(text)
    return [*before, *split_text(last, last_limit)]


def body(content: Content) -> dict[str, Any]:
    """The `type` and its object. Raises Refused when there is nothing to say."""
    if content.template is not None:
        template = content.template
        about = {"name": template.name, "language": {"code": template.language}}
        return {"type": "template", "template": about}
    if content.file is not None:
        return _file(content.file, content.text)
    choices = _usable(content.choices)
    if not choices:
        return _text(content.text)
    if len(choices) <= BUTTONS and not any(choice.description.strip() for choice in choices):
        return _interactive(content, {"type": "button", "action": {"buttons": _buttons(choices)}})
    rows = [_row(number, choice) for number, choice in enumerate(choices[:ROWS], 1)]
    label = truncate(_line(content.choices_label) or "Choose", BUTTON_TITLE)
    return _interactive(content, {"type": "list", "action": {"button": label, "sections": [{"rows": rows}]}})


def _file(file: File, text: str) -> dict[str, Any]:
    kind = media.kind(file)
    about = {"id": file.id}
    if kind == "document":
        about["filename"] = truncate(_line(file.name) or "file", media.NAME_LIMIT)
    if kind in media.CAPTIONED and text.strip():
        about["caption"] = truncate(text, media.CAPTION_LIMIT)
    return {"type": kind, kind: about}


def _text(text: str) -> dict[str, Any]:
    if not text.strip():
        raise Refused("there is nothing to say: the text is blank", code="blank")
    shown = truncate(text, TEXT_LIMIT)
    return {"type": "text", "text": {"preview_url": bool(re.search(r"https?://\S", shown)), "body": shown}}


def _interactive(content: Content, shape: dict[str, Any]) -> dict[str, Any]:
    text = truncate(content.text, BODY_LIMIT) or truncate(content.choices_label, BODY_LIMIT) or "Choose"
    kind = shape.pop("type")
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, **shape}}


def _usable(choices: tuple[Choice, ...]) -> list[Choice]:
    """Choices that have a title, each id once: WhatsApp takes no blank title and no id twice."""
    by_id = {choice.id: choice for choice in reversed(choices) if choice.title.strip()}
    return [choice for choice in choices if by_id.get(choice.id) is choice]


def _buttons(choices: list[Choice]) -> list[dict[str, Any]]:
    titles: list[str] = []
    for choice in choices:
        titles.append(_unique(_line(choice.title), titles))
    return [
        {"type": "reply", "reply": {"id": _id(choice, number, BUTTON_ID), "title": title}}
        for number, (choice, title) in enumerate(zip(choices, titles, strict=True), 1)
    ]


def _unique(title: str, taken: list[str]) -> str:
    """The shortened title, numbered if it became another's: WhatsApp takes no button title twice."""
    shown, number = truncate(title, BUTTON_TITLE), 1
    while shown in taken:
        number += 1
        shown = f"{truncate(title, BUTTON_TITLE - 2)} {number}"
    return shown


def _row(number: int, choice: Choice) -> dict[str, str]:
    full = _line(choice.title)
    row = {"id": _id(choice, number, ROW_ID), "title": truncate(full, ROW_TITLE)}
    description = _line(choice.description) or (full if row["title"] != full else "")
    return {**row, "description": truncate(description, ROW_DESCRIPTION)} if description else row


def _id(choice: Choice, number: int, limit: int) -> str:
    return choice.id if choice.id.strip() and size(choice.id) <= limit else f"{TYPED}{number}"


def _line(text: str) -> str:
    return " ".join(text.split())
