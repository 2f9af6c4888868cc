"""The webhook around messages and statuses. Source of the shapes: Meta's webhook reference."""

from __future__ import annotations

import json
from typing import Any

from sandbox.whatsapp.settings import WhatsAppSettings
from sandbox.whatsapp.state import Customer, Message

Json = dict[str, Any]
CONVERSATION_GONE = 24
"""Since this version a status has no `conversation` any more."""


def message_element(customer: Customer, message: Message) -> Json:
    """A customer's message as it stands in `value.messages`."""
    head = {"from": customer.wa_id} if customer.wa_id else {}
    stamp = {"id": message.id, "timestamp": _seconds(message)}
    return {**head, "from_user_id": customer.user_id, **stamp, **message.body}


def contact_element(customer: Customer) -> Json:
    """A customer as he stands in `value.contacts`; without a number there is no `wa_id`."""
    profile = {"name": customer.name} | ({"username": customer.username} if customer.username else {})
    number = {"wa_id": customer.wa_id} if customer.wa_id else {}
    return {"profile": profile, **number, "user_id": customer.user_id}


def status_element(customer: Customer, message: Message, status: str, at: float) -> Json:
    """What became of a message, as it stands in `value.statuses`. `at`: Unix seconds."""
    element: Json = {"id": message.id, "status": status, "timestamp": str(int(at))}
    if customer.wa_id:
        element["recipient_id"] = customer.wa_id
    if status == "failed":
        return element | _reference(message) | {"errors": [message.error]}
    element["recipient_user_id"] = customer.user_id
    element |= _reference(message)
    if status in ("sent", "delivered"):
        element |= _conversation(message, status, at) | {"pricing": _pricing(message)}
    return element


def messages_value(settings: WhatsAppSettings, pairs: list[tuple[Customer, Message]]) -> Json:
    """The `value` of a change with messages, and the contacts they are from, each once."""
    contacts = {customer.key: contact_element(customer) for customer, _ in pairs}
    messages = [message_element(customer, message) for customer, message in pairs]
    return _value(settings) | {"contacts": list(contacts.values()), "messages": messages}


def statuses_value(settings: WhatsAppSettings, customer: Customer, statuses: list[Json]) -> Json:
    """The `value` of a change with statuses of one customer; `failed` comes without contacts."""
    failed = any(status["status"] == "failed" for status in statuses)
    contacts = {} if failed else {"contacts": [contact_element(customer)]}
    return _value(settings) | contacts | {"statuses": statuses}


def errors_value(settings: WhatsAppSettings, errors: list[Json]) -> Json:
    """The `value` of a change that concerns the account."""
    return _value(settings) | {"errors": errors}


def change(value: Json, field: str = "messages") -> Json:
    """One change."""
    return {"value": value, "field": field}


def webhook(settings: WhatsAppSettings, *entries: list[Json]) -> Json:
    """A whole webhook: one entry for each list of changes."""
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": settings.business_account_id, "changes": changes} for changes in entries],
    }


def encode(body: Json) -> bytes:
    """JSON as Meta writes it: non-ASCII as escapes, slashes escaped, no spaces."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def _value(settings: WhatsAppSettings) -> Json:
    metadata = {
        "display_phone_number": settings.display_phone_number,
        "phone_number_id": settings.phone_number_id,
    }
    return {"messaging_product": "whatsapp", "metadata": metadata}


def _seconds(message: Message) -> str:
    return str(int(message.at.timestamp()))


def _reference(message: Message) -> Json:
    return {"biz_opaque_callback_data": message.reference} if message.reference else {}


def _pricing(message: Message) -> Json:
    template = message.type == "template"
    kind, category = ("regular", "utility") if template else ("free_customer_service", "service")
    return {"billable": template, "pricing_model": "PMP", "type": kind, "category": category}


def _conversation(message: Message, status: str, at: float) -> Json:
    if message.version >= CONVERSATION_GONE:
        return {}
    about: Json = {"id": f"{abs(hash(message.customer)):032x}"[:32], "origin": {"type": "service"}}
    if status == "sent":
        about["expiration_timestamp"] = str(int(at) + 86_400)
    return {"conversation": about}
