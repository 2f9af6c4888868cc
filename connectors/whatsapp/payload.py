"""What a WhatsApp webhook says. Meta: "messages webhook reference"; a POST may carry up to 1000 updates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, get_args

from connectors import json_text
from connectors.whatsapp import errors, kinds
from conversations.errors import BadPayload
from conversations.messages import Address, CustomerMessage, Receipt, ReceiptStatus

OBJECT = "whatsapp_business_account"
STATUSES: tuple[ReceiptStatus, ...] = get_args(ReceiptStatus)


@dataclass(slots=True)
class Webhook:
    """Everything one POST carries.

    `problems`: what could not be used, in words without personal data, for the log: malformed elements
    and errors of the whole account. `ignored`: how many updates were of a kind Parley has no use for.
    """

    messages: list[CustomerMessage] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: int = 0


def parse(body: bytes, account: str = "") -> Webhook:
    """Every message, receipt and problem of every entry and change, in order.

    `account`: the phone_number_id of whatever does not name its own.
    A malformed element costs its neighbours nothing. Raises BadPayload when the body is not JSON or is
    not `{"object": …, "entry": […]}`.
    """
    top = json_text.load(body)
    if (
        not isinstance(top, dict)
        or not isinstance(top.get("object"), str)
        or not isinstance(top.get("entry"), list)
    ):
        raise BadPayload('a WhatsApp webhook is {"object": text, "entry": list}')
    webhook = Webhook()
    if top["object"] != OBJECT:
        webhook.ignored = len(top["entry"])
        return webhook
    for where, entry in _elements(webhook, "", top, "entry"):
        for inner, change in _elements(webhook, where, entry, "changes"):
            _read_change(webhook, inner, change, account)
    return webhook


def _read_change(webhook: Webhook, where: str, change: Mapping[str, Any], account: str) -> None:
    value = change.get("value")
    if change.get("field") != "messages":
        webhook.ignored += 1
        return
    if not isinstance(value, dict):
        webhook.problems.append(f"{where}: value is not an object")
        return
    for inner, message in _elements(webhook, where, value, "messages"):
        _read_message(webhook, inner, value, message, account)
    for inner, status in _elements(webhook, where, value, "statuses"):
        _read_status(webhook, inner, status)
    for inner, error in _elements(webhook, where, value, "errors"):
        webhook.problems.append(f"{inner}: account error {errors.describe(error)}")


def _elements(
    webhook: Webhook, where: str, parent: Mapping[str, Any], key: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of a list, each with its path; what is no object, or no list, becomes a problem."""
    found = parent.get(key)
    if found is not None and not isinstance(found, list):
        webhook.problems.append(f"{where}/{key}: not a list")
        return
    for number, element in enumerate(found or ()):
        if isinstance(element, dict):
            yield f"{where}/{key}[{number}]", element
        else:
            webhook.problems.append(f"{where}/{key}[{number}]: not an object")


def _read_message(
    webhook: Webhook, where: str, value: Mapping[str, Any], message: Mapping[str, Any], account: str
) -> None:
    message_id = _text(message.get("id"))
    contact = _contact(value, message)
    address = _address(value, message, contact, account)
    if not message_id or address is None:
        webhook.problems.append(f"{where}: a message without {'a sender' if message_id else 'an id'}")
        return
    reading = kinds.read(message)
    webhook.messages.append(
        CustomerMessage(
            external_id=message_id,
            address=address,
            kind=reading.kind,
            text=reading.text,
            sent_at=_time(message.get("timestamp")),
            name=_name(contact),
            words=reading.words,
            payload=reading.payload,
            media=reading.media,
            moved_to=_moved_to(message, address),
            raw=message,
        )
    )


def _contact(value: Mapping[str, Any], message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sender's card among `contacts`, found by id and never by position; empty if there is none."""
    sender = (_digits(message.get("from")), _text(message.get("from_user_id")))
    contacts = value.get("contacts")
    for card in contacts if isinstance(contacts, list) else ():
        if isinstance(card, dict):
            ids = (_digits(card.get("wa_id")), _text(card.get("user_id")))
            if any(mine and mine == theirs for mine, theirs in zip(sender, ids, strict=True)):
                return card
    return {}


def _address(
    value: Mapping[str, Any], message: Mapping[str, Any], contact: Mapping[str, Any], account: str
) -> Address | None:
    """The sender, or None if the message names none."""
    metadata = value.get("metadata")
    named = _text(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None
    user_id = _text(message.get("from_user_id")) or _text(contact.get("user_id"))
    wa_id = _digits(message.get("from")) or _digits(contact.get("wa_id"))
    return Address("whatsapp", named or account, user_id, wa_id) if user_id or wa_id else None


def _moved_to(message: Mapping[str, Any], address: Address) -> Address | None:
    """The customer's new identity, when a system message tells of one."""
    system = message.get("system")
    if message.get("type") != "system" or not isinstance(system, dict):
        return None
    user_id, wa_id = _text(system.get("user_id")), _digits(system.get("wa_id"))
    return Address(address.channel, address.account, user_id, wa_id) if user_id or wa_id else None


def _name(contact: Mapping[str, Any]) -> str | None:
    profile = contact.get("profile")
    return (
        (_text(profile.get("name")) or _text(profile.get("username"))) if isinstance(profile, dict) else None
    )


def _read_status(webhook: Webhook, where: str, status: Mapping[str, Any]) -> None:
    message_id, word = _text(status.get("id")), status.get("status")
    if not message_id:
        webhook.problems.append(f"{where}: a status without an id")
    elif word not in STATUSES:
        webhook.ignored += 1
    else:
        receipt = Receipt(
            channel="whatsapp",
            external_id=message_id,
            status=word,
            at=_time(status.get("timestamp")),
            reference=_text(status.get("biz_opaque_callback_data")),
        )
        webhook.receipts.append(_failed(receipt, status) if word == "failed" else receipt)


def _failed(receipt: Receipt, status: Mapping[str, Any]) -> Receipt:
    """The receipt with what its errors say; the first of them decides what follows."""
    found = status.get("errors")
    given = [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []
    words = "; ".join(errors.describe(error) for error in given) or errors.describe({})
    return replace(
        receipt,
        error=words,
        code=words.partition(":")[0],
        failure=errors.kind(given[0]) if given else None,
    )


def _time(stamp: object) -> datetime:
    """A `timestamp` (a text of Unix seconds) as UTC; the present when it cannot be read."""
    try:
        return datetime.fromtimestamp(int(stamp), UTC)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _digits(value: object) -> str | None:
    """A phone number's digits, with or without "+"; None if it is none."""
    number = value.strip().removeprefix("+") if isinstance(value, str) else ""
    return number if number.isascii() and number.isdigit() else None
