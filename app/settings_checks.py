"""What settings must have together: whatever is half given, doubled or out of place, in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.chat import keys
from app.console import users
from conversations import hours_file, persona

if TYPE_CHECKING:
    from app.settings import Settings

WHATSAPP_NEEDS = (
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
)


def problems(settings: Settings) -> Iterator[str]:
    """What is wrong, a sentence each; nothing when the settings can be used."""
    given = {name.upper() for name in settings.model_fields_set if getattr(settings, name) is not None}
    yield from _whatsapp_problems(given)
    yield from _zendesk_problems(given)
    yield from _missing_parts(settings, given)
    yield from _same_ports(settings)
    yield from _desk_problems(settings)
    yield from _chat_problems(settings)
    if settings.slack_webhook_url and not re.match(
        r"https?://[^/\s]+/\S+$", settings.slack_webhook_url.get_secret_value()
    ):
        yield "SLACK_WEBHOOK_URL must look like https://hooks.slack.com/services/…"
    yield from _file_problems(settings)
    if settings.identity_code_on and not settings.can_mail:
        yield "IDENTITY_CODE is on, but no code can be sent: set SMTP_URL."


def _file_problems(settings: Settings) -> Iterator[str]:
    try:
        hours_file.load(settings.hours)
    except hours_file.HoursUnreadable as error:
        yield str(error)
    try:
        persona.load()
    except persona.PersonaUnreadable as error:
        yield str(error)


def _chat_problems(settings: Settings) -> Iterator[str]:
    if settings.chat_page and settings.secret_key is None and not settings.sandbox_on:
        yield "CHAT_PAGE is on, but SECRET_KEY is not set, which signs the page's permits."
    for origin in settings.chat_origin_list:
        if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:\d+)?", origin):
            yield "CHAT_ORIGINS: each is https:// and a name, and perhaps a port; no path, no *."
    try:
        keys.read(settings.chat_api_keys.get_secret_value() if settings.chat_api_keys else "")
    except keys.KeysUnreadable as error:
        yield str(error)


def _desk_problems(settings: Settings) -> Iterator[str]:
    if 0 < settings.return_after_minutes <= settings.return_warning_minutes:
        yield "RETURN_WARNING_MINUTES must be less than RETURN_AFTER_MINUTES."
    if settings.ready_replies and not settings.ready_replies.is_file():
        yield f"READY_REPLIES: there is no file {settings.ready_replies}."
    if settings.console_users is None:
        return
    if settings.secret_key is None and not settings.sandbox_on:
        yield "CONSOLE_USERS is set, but not SECRET_KEY, which signs the desk's sessions."
    try:
        users.read(settings.console_users.get_secret_value())
    except users.UsersUnreadable as error:
        yield str(error)


def _whatsapp_problems(given: set[str]) -> Iterator[str]:
    here = sorted(given & {*WHATSAPP_NEEDS, "WHATSAPP_BASE_URL"})
    missing = [name for name in WHATSAPP_NEEDS if name not in given]
    if here and missing:
        yield f"WhatsApp is half set: {_list(here)} given, but not {_list(missing)}."


def _zendesk_problems(given: set[str]) -> Iterator[str]:
    ours = {name for name in given if name.startswith("ZENDESK_")}
    if not ours:
        return
    if {"ZENDESK_API_TOKEN", "ZENDESK_OAUTH_TOKEN"} <= ours:
        yield "ZENDESK_API_TOKEN and ZENDESK_OAUTH_TOKEN are both set; keep one of them."
    missing = [
        wanted
        for wanted, there in {
            "ZENDESK_BASE_URL or ZENDESK_SUBDOMAIN": ours & {"ZENDESK_BASE_URL", "ZENDESK_SUBDOMAIN"},
            "ZENDESK_EMAIL": "ZENDESK_OAUTH_TOKEN" in ours or "ZENDESK_EMAIL" in ours,
            "ZENDESK_API_TOKEN or ZENDESK_OAUTH_TOKEN": ours & {"ZENDESK_API_TOKEN", "ZENDESK_OAUTH_TOKEN"},
            "ZENDESK_WEBHOOK_SECRET": "ZENDESK_WEBHOOK_SECRET" in ours,
        }.items()
        if not there
    ]
    if missing:
        yield f"Zendesk is half set: {_list(sorted(ours))} given, but not {_list(missing)}."


def _missing_parts(settings: Settings, given: set[str]) -> Iterator[str]:
    """Without the sandbox both outside systems are needed."""
    has_whatsapp = "WHATSAPP_ACCESS_TOKEN" in given
    if has_whatsapp if settings.sandbox is None else not settings.sandbox:
        advice = "set it, or SANDBOX=on to use the sandbox's"
        if not has_whatsapp:
            yield f"WhatsApp is not set ({_list(list(WHATSAPP_NEEDS))}): {advice}."
        if not any(name.startswith("ZENDESK_") for name in given):
            yield f"Zendesk is not set (ZENDESK_SUBDOMAIN and the names beside it): {advice}."


def _same_ports(settings: Settings) -> Iterator[str]:
    by_port: dict[int, list[str]] = {}
    for name in ("port", "engine_port", "actions_port", "sandbox_whatsapp_port", "sandbox_zendesk_port"):
        by_port.setdefault(getattr(settings, name), []).append(name.upper())
    for port, names in by_port.items():
        if len(names) > 1:
            yield f"{_list(names)} are all {port}; each needs a port of its own."


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
