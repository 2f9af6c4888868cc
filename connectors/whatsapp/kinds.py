"""What a person would read of a WhatsApp message, one function per type of Meta's `messages` webhook."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.whatsapp import errors
from connectors.whatsapp.content import TYPED
from conversations.messages import Media

Element = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A message's kind, text, own words, tapped choice and files, as `CustomerMessage` has them."""

    kind: str
    text: str
    words: str = ""
    payload: str | None = None
    media: tuple[Media, ...] = ()


def read(message: Element) -> Reading:
    """What the message says, whatever its type; never raises.

    What stands in square brackets is our description, not the customer's words. A type that is not
    known keeps its name as the kind; a known one that lacks its parts is "unsupported".
    """
    kind = message.get("type")
    if not isinstance(kind, str) or not kind.strip():
        return Reading("unsupported", "[a message without a type]")
    reader = _READERS.get(kind)
    if reader is None:
        return Reading(kind[:40], f"[a message of the kind “{kind[:40]}”, which cannot be shown here]")
    try:
        return reader(message)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        return Reading("unsupported", f"[a message of the kind “{kind}” that could not be read]")


def _text(message: Element) -> Reading:
    text = _words(message["text"]["body"])
    return Reading("text", text, text)


def _interactive(message: Element) -> Reading:
    interactive = message["interactive"]
    kind = _words(interactive["type"])
    if kind == "nfm_reply":
        return Reading("flow", _flow(interactive["nfm_reply"]))
    if kind not in ("button_reply", "list_reply"):
        return Reading(kind[:40], f"[an answer of the kind “{kind[:40]}”, which cannot be shown here]")
    reply = interactive[kind]
    choice = _words(reply["id"])
    title = _words(reply["title"])
    return Reading("choice", title, title, None if choice.startswith(TYPED) else choice)


def _flow(reply: Element) -> str:
    """The form's own summary and its fields; `response_json` is JSON in a string."""
    answers = json.loads(reply.get("response_json") or "{}")
    fields = [f"{name}: {value}" for name, value in answers.items() if name != "flow_token"]
    return "\n".join(["[form] " + _optional(reply, "body"), *fields]).strip()


def _button(message: Element) -> Reading:
    button = message["button"]
    text = _words(button["text"])
    return Reading("choice", text, text, _optional(button, "payload") or None)


def _file(kind: str) -> Callable[[Element], Reading]:
    def reader(message: Element) -> Reading:
        file = message[kind]
        name = _optional(file, "filename")
        media = Media(kind, _words(file["id"]), _optional(file, "mime_type"), name)
        caption = _optional(file, "caption")
        voice = kind == "audio" and file.get("voice") is True
        return Reading(kind, caption or label(kind, name, voice=voice), caption, media=(media,))

    return reader


def label(kind: str, name: str = "", *, voice: bool = False) -> str:
    """What stands for a file without a caption."""
    words = "voice message" if voice else kind
    return f"[{words}: {name}]" if name else f"[{words}]"


def _location(message: Element) -> Reading:
    place = message["location"]
    latitude, longitude = float(place["latitude"]), float(place["longitude"])
    parts = [
        _optional(place, "name"),
        _optional(place, "address"),
        f"({latitude}, {longitude})",
        _optional(place, "url"),
    ]
    return Reading("location", "[location] " + " ".join(part for part in parts if part))


def _reaction(message: Element) -> Reading:
    emoji = _optional(message["reaction"], "emoji")
    return Reading("reaction", f"[reacted with {emoji}]" if emoji else "[took a reaction back]")


def _order(message: Element) -> Reading:
    order = message["order"]
    items = [_item(item) for item in order["product_items"]]
    note = _optional(order, "text")
    return Reading("order", "\n".join(["[order] " + "; ".join(items), note]).strip(), note)


def _item(item: Element) -> str:
    price = f" at {item['item_price']} {_optional(item, 'currency')}".rstrip() if "item_price" in item else ""
    return f"{item.get('quantity', 1)} × {_words(item['product_retailer_id'])}{price}"


def _contacts(message: Element) -> Reading:
    return Reading("contacts", "\n".join(_card(card) for card in message["contacts"]))


def _card(card: Element) -> str:
    name = card.get("name") or {}
    full = _optional(name, "formatted_name") or _optional(name, "first_name")
    parts = [full, _optional(card.get("org") or {}, "company")]
    parts += [_optional(phone, "phone") or _optional(phone, "wa_id") for phone in card.get("phones") or ()]
    parts += [_optional(email, "email") for email in card.get("emails") or ()]
    return "[contact] " + ", ".join(part for part in parts if part)


def _system(message: Element) -> Reading:
    """A change of number or identity; `raw["system"]` has the new `wa_id` or `user_id`."""
    system = message["system"]
    kind = _optional(system, "type") or "unknown"
    return Reading("system", _optional(system, "body") or f"[system: {kind.replace('_', ' ')}]")


def _unsupported(message: Element) -> Reading:
    reasons = [errors.describe(error) for error in message.get("errors") or () if isinstance(error, dict)]
    return Reading("unsupported", " ".join(["[a message WhatsApp cannot pass on]", *reasons]))


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _optional(part: Element, key: str) -> str:
    """The text under `key`; empty if there is none. Raises TypeError if it is something else."""
    value = part.get(key)
    return "" if value is None else _words(value)


_READERS: Mapping[str, Callable[[Element], Reading]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    "image": _file("image"),
    "document": _file("document"),
    "audio": _file("audio"),
    "video": _file("video"),
    "sticker": _file("sticker"),
    "location": _location,
    "reaction": _reaction,
    "order": _order,
    "contacts": _contacts,
    "system": _system,
    "unsupported": _unsupported,
}
