"""Is this a send that the Cloud API takes? Source of shapes and limits: Meta's messages reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from sandbox.whatsapp import interactive
from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.fields import Json, items, maybe_text, number, obj, only, text

TEXT = 4096
CAPTION = 1024
REFERENCE = 512
PHONE = re.compile(r"\+?[1-9]\d{6,14}")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
CAPTIONED = {"image", "video", "document"}


class Known(Protocol):
    """What validation asks of the state."""

    def has_message(self, message_id: str) -> bool: ...

    def has_media(self, media_id: str) -> bool: ...

    def template_variables(self, name: str) -> int | None:
        """How many variables the template's body has, or None when any number will do. KeyError: unknown."""
        ...


def check(body: Json, known: Known) -> None:
    """Return when `body` is a send that would be taken. Raises GraphError."""
    check_product(body)
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "recipient_type must be individual")
    _check_recipient(body)
    maybe_text(body, "biz_opaque_callback_data", "", REFERENCE)
    if "context" in body:
        text(obj(body, "context"), "message_id", "context", 512)
    kind = body.get("type", "text")
    if not isinstance(kind, str) or kind not in CHECKS:
        raise GraphError(131051, f"type {kind!r} is not supported")
    CHECKS[kind](body, known)


def check_product(body: Json) -> None:
    """Raises GraphError 100 unless `messaging_product` is whatsapp."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "messaging_product must be whatsapp")


def _check_recipient(body: Json) -> None:
    to, user_id = body.get("to"), body.get("recipient")
    if to is not None:
        if not isinstance(to, str) or not PHONE.fullmatch(to):
            raise GraphError(131009, "to must be a phone number with its country code, digits only")
    elif user_id is None:
        raise GraphError(131008, "to or recipient is required")
    elif not isinstance(user_id, str) or not USER_ID.fullmatch(user_id):
        raise GraphError(131009, "recipient must be a business-scoped user id")


def _text(body: Json, known: Known) -> None:
    payload = obj(body, "text")
    only(payload, {"body", "preview_url"}, "text")
    text(payload, "body", "text", TEXT)
    if not isinstance(payload.get("preview_url", False), bool):
        raise GraphError(131009, "text['preview_url'] must be a boolean")


def _media(kind: str) -> Callable[[Json, Known], None]:
    allowed = {"id", "link", "provider"} | ({"caption"} if kind in CAPTIONED else set())
    allowed |= {"filename"} if kind == "document" else set()
    allowed |= {"voice"} if kind == "audio" else set()

    def check_media(body: Json, known: Known) -> None:
        payload = obj(body, kind)
        only(payload, allowed, kind)
        if ("id" in payload) == ("link" in payload):
            raise GraphError(131008, f"{kind} needs either id or link")
        if "id" in payload and not known.has_media(text(payload, "id", kind, 128)):
            raise GraphError(131009, f"{kind}['id'] is not a media id of this number")
        if "link" in payload and not text(payload, "link", kind, 2048).startswith(("http://", "https://")):
            raise GraphError(131009, f"{kind}['link'] must be an http or https URL")
        maybe_text(payload, "caption", kind, CAPTION)
        maybe_text(payload, "filename", kind, 240)

    return check_media


def _reaction(body: Json, known: Known) -> None:
    payload = obj(body, "reaction")
    only(payload, {"message_id", "emoji"}, "reaction")
    if not known.has_message(text(payload, "message_id", "reaction", 512)):
        raise GraphError(131009, "reaction['message_id'] is not a known message")
    if not isinstance(payload.get("emoji", ""), str):
        raise GraphError(131009, "reaction['emoji'] must be a string")


def _location(body: Json, known: Known) -> None:
    payload = obj(body, "location")
    only(payload, {"latitude", "longitude", "name", "address"}, "location")
    number(payload, "latitude", "location", 90)
    number(payload, "longitude", "location", 180)
    maybe_text(payload, "name", "location", 1000)
    maybe_text(payload, "address", "location", 1000)


def _contacts(body: Json, known: Known) -> None:
    for card in items(body, "contacts", "", 1, 257):
        text(obj(card, "name", "contacts"), "formatted_name", "contacts['name']", 1000)


def _template(body: Json, known: Known) -> None:
    payload = obj(body, "template")
    only(payload, {"name", "language", "components", "namespace"}, "template")
    name = text(payload, "name", "template", 512)
    text(obj(payload, "language", "template"), "code", "template['language']", 20)
    parameters = 0
    for component in payload.get("components") or []:
        kind = component.get("type") if isinstance(component, dict) else None
        if kind not in ("header", "body", "button"):
            raise GraphError(131009, "template['components'] must each be a header, a body or a button")
        if kind == "body":
            parameters = len(items(component, "parameters", "template['components']", 0, 100))
    _check_template(name, parameters, known)


def _check_template(name: str, parameters: int, known: Known) -> None:
    try:
        expected = known.template_variables(name)
    except KeyError:
        raise GraphError(132001, f"template name ({name}) does not exist") from None
    if expected not in (None, parameters):
        raise GraphError(132000, f"{name} takes {expected} parameters, not {parameters}")


def _interactive(body: Json, known: Known) -> None:
    interactive.check(obj(body, "interactive"))


CHECKS: dict[str, Callable[[Json, Known], None]] = {
    "text": _text,
    "interactive": _interactive,
    "template": _template,
    "reaction": _reaction,
    "location": _location,
    "contacts": _contacts,
    **{kind: _media(kind) for kind in ("image", "document", "audio", "video", "sticker")},
}
