"""What a customer can send: one function per kind, each the part of a message that is the kind's own.

Source of the shapes: Meta's `messages` webhook reference. The sandbox adds from, id and timestamp.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.whatsapp.errors import status_error

Json = dict[str, Any]


def text(body: str) -> Json:
    """A typed message."""
    return {"type": "text", "text": {"body": body}}


def button_reply(choice_id: str, title: str) -> Json:
    """A tapped reply button."""
    return {"type": "interactive", "interactive": _reply("button_reply", id=choice_id, title=title)}


def list_reply(choice_id: str, title: str, description: str = "") -> Json:
    """A picked row of a list."""
    row = {"id": choice_id, "title": title} | ({"description": description} if description else {})
    return {"type": "interactive", "interactive": _reply("list_reply", **row)}


def flow_reply(answers: Json, name: str = "flow") -> Json:
    """A filled-in Flow; its answers travel as a JSON string."""
    reply = _reply("nfm_reply", name=name, body="Sent", response_json=json.dumps(answers))
    return {"type": "interactive", "interactive": reply}


def template_button(payload: str, title: str) -> Json:
    """A tapped quick reply of a template."""
    return {"type": "button", "button": {"payload": payload, "text": title}}


def media(kind: str, media_id: str, mime_type: str, sha256: str, **more: Any) -> Json:
    """An image, document, audio, video or sticker; `more`: caption, filename, voice, animated, url."""
    return {"type": kind, kind: {**more, "mime_type": mime_type, "sha256": sha256, "id": media_id}}


def location(latitude: float, longitude: float, name: str = "", address: str = "") -> Json:
    """A place."""
    place: Json = {"latitude": latitude, "longitude": longitude}
    return {"type": "location", "location": place | _given(name=name, address=address)}


def reaction(message_id: str, emoji: str | None) -> Json:
    """An emoji on a message; None takes it away again."""
    return {"type": "reaction", "reaction": {"message_id": message_id} | _given(emoji=emoji or "")}


def order(catalog_id: str, *items: Json, note: str = "") -> Json:
    """A shopping cart; each item with product_retailer_id, quantity, item_price and currency."""
    return {"type": "order", "order": {"catalog_id": catalog_id, "text": note, "product_items": list(items)}}


def contacts(name: str, phone: str, origin: str | None = None) -> Json:
    """A contact card; `origin` is contact_request when it answers a request for the number."""
    first, _, last = name.partition(" ")
    digits = "".join(filter(str.isdigit, phone))
    card: Json = {
        "name": {"formatted_name": name, "first_name": first} | _given(last_name=last),
        "phones": [{"phone": phone, "wa_id": digits, "type": "MOBILE"}],
    }
    return {"type": "contacts", "contacts": [card | _given(origin=origin or "")]}


def unsupported() -> Json:
    """Something the Cloud API cannot pass on."""
    error = status_error(131051)
    error["error_data"] = {"details": "Message type is currently not supported."}
    del error["href"]
    return {"type": "unsupported", "errors": [error]}


def system(kind: str, body: str, **more: str) -> Json:
    """A notice about the customer: user_changed_number, customer_identity_changed, user_changed_user_id."""
    return {"type": "system", "system": {"body": body, **more, "type": kind}}


def of_type(kind: str, payload: Any) -> Json:
    """A message of any other type, also one that does not exist yet."""
    return {"type": kind, kind: payload}


def _reply(kind: str, **content: str) -> Json:
    return {"type": kind, kind: content}


def _given(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}
