"""Buttons, lists and the other messages a customer can tap. Source of limits: Meta's messages reference."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.whatsapp.errors import GraphError
from sandbox.whatsapp.fields import Json, distinct, items, maybe_text, obj, only, text

BODY = 1024
LIST_BODY = 4096
HEADER = FOOTER = 60
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256
SECTIONS = ROWS = 10
SECTION_TITLE = ROW_TITLE = 24
ROW_ID = 200
ROW_DESCRIPTION = 72
HEADER_KINDS = {"text", "image", "video", "document"}
PATH = "interactive"


def check(payload: Json) -> None:
    """Return when `payload` is an interactive message that would be taken. Raises GraphError."""
    kind = text(payload, "type", PATH, 64)
    if kind not in CHECKS:
        raise GraphError(131009, f"interactive['type'] {kind!r} is not supported")
    only(payload, {"type", "header", "body", "footer", "action"}, PATH)
    text(obj(payload, "body", PATH), "text", "interactive['body']", _body_limit(kind))
    if "footer" in payload:
        text(obj(payload, "footer", PATH), "text", "interactive['footer']", FOOTER)
    if "header" in payload:
        _header(obj(payload, "header", PATH), kind)
    CHECKS[kind](obj(payload, "action", PATH))


def _body_limit(kind: str) -> int:
    return LIST_BODY if kind == "list" else BODY


def _header(header: Json, kind: str) -> None:
    form = text(header, "type", "interactive['header']", 16)
    if form not in ({"text"} if kind == "list" else HEADER_KINDS):
        raise GraphError(131009, f"interactive['header'] of a {kind} cannot be {form!r}")
    if form == "text":
        text(header, "text", "interactive['header']", HEADER)
    else:
        obj(header, form, "interactive['header']")


def _button(action: Json) -> None:
    path = "interactive['action']"
    only(action, {"buttons"}, path)
    replies = []
    for button in items(action, "buttons", path, 1, BUTTONS):
        if button.get("type") != "reply":
            raise GraphError(131009, "a button's type must be reply")
        replies.append(obj(button, "reply", f"{path}['buttons']"))
    where = f"{path}['buttons']['reply']"
    distinct([text(reply, "id", where, BUTTON_ID) for reply in replies], "Button ids")
    titles = [text(reply, "title", where, BUTTON_TITLE, code=131009) for reply in replies]
    distinct(titles, "Button titles")


def _list(action: Json) -> None:
    path = "interactive['action']"
    only(action, {"button", "sections"}, path)
    text(action, "button", path, BUTTON_TITLE)
    sections = items(action, "sections", path, 1, SECTIONS)
    rows = [row for section in sections for row in _rows(section, titled=len(sections) > 1)]
    if len(rows) > ROWS:
        raise GraphError(131009, f"a list has at most {ROWS} rows over all sections, not {len(rows)}")
    distinct([row["id"] for row in rows], "Row ids")


def _rows(section: Json, *, titled: bool) -> list[Json]:
    path = "interactive['action']['sections']"
    only(section, {"title", "rows"}, path)
    if titled or section.get("title"):
        text(section, "title", path, SECTION_TITLE)
    rows = items(section, "rows", path, 1, 100)
    for row in rows:
        only(row, {"id", "title", "description"}, f"{path}['rows']")
        text(row, "id", f"{path}['rows']", ROW_ID)
        text(row, "title", f"{path}['rows']", ROW_TITLE)
        maybe_text(row, "description", f"{path}['rows']", ROW_DESCRIPTION)
    return rows


def _link(action: Json) -> None:
    path = "interactive['action']"
    if action.get("name") != "cta_url":
        raise GraphError(131009, f"{path}['name'] must be cta_url")
    parameters = obj(action, "parameters", path)
    text(parameters, "display_text", f"{path}['parameters']", BUTTON_TITLE)
    text(parameters, "url", f"{path}['parameters']", 2000)


def _named(name: str) -> Callable[[Json], None]:
    def check_name(action: Json) -> None:
        if action.get("name") != name:
            raise GraphError(131009, f"interactive['action']['name'] must be {name}")

    return check_name


CHECKS: dict[str, Callable[[Json], None]] = {
    "button": _button,
    "list": _list,
    "cta_url": _link,
    "location_request_message": _named("send_location"),
    "request_contact_info": _named("request_contact_info"),
}
