"""What the phone page shows, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.whatsapp.state import Customer, Message

if TYPE_CHECKING:
    from sandbox.whatsapp.sandbox import WhatsAppSandbox

Json = dict[str, Any]
SILENT = {"reaction"}
"""Types that are no bubble of their own."""
MEDIA = {"image", "video", "audio", "document", "sticker"}
ON_PHONE = {"delivered", "read", "played", "failed"}


def people(wa: WhatsAppSandbox) -> list[Json]:
    """Everybody who can write, with the last line of each chat; latest first, then as they came."""
    latest = sorted(wa.chats.customers.values(), key=_last_time, reverse=True)
    return [_person(wa, customer) for customer in latest]


def chat(wa: WhatsAppSandbox, customer: Customer) -> Json:
    """One chat as the customer's phone shows it; `typing`: seconds the typing dots still have."""
    left = customer.typing_until - wa.clock.timestamp()
    return {
        "customer": _person(wa, customer),
        "messages": [bubble(wa, customer, message) for message in _visible(customer)],
        "typing": max(0.0, round(left, 1)),
        "window_open": customer.window_open(wa.clock.now()),
    }


def bubble(wa: WhatsAppSandbox, customer: Customer, message: Message) -> Json:
    """One message as a bubble; `tick` only for the customer's own."""
    mine = message.author == "customer"
    shown: Json = {
        "id": message.id,
        "mine": mine,
        "type": message.type,
        "text": message.text,
        "at": message.at.isoformat(),
        "tick": wa.tick(message) if mine else None,
        "error": message.error,
        "reactions": _reactions(customer, message),
        "quoted": _quoted(wa, message),
    }
    return shown | _interactive(customer, message) | _media(message) | _other(message)


def _visible(customer: Customer) -> list[Message]:
    return [
        message
        for message in customer.chat
        if message.type not in SILENT and (message.author == "customer" or message.status in ON_PHONE)
    ]


def _last_time(customer: Customer) -> float:
    seen = _visible(customer)
    return seen[-1].at.timestamp() if seen else 0.0


def _person(wa: WhatsAppSandbox, customer: Customer) -> Json:
    seen = _visible(customer)
    last = seen[-1] if seen else None
    return {
        "key": customer.key,
        "name": customer.name,
        "phone": f"+{customer.wa_id}" if customer.wa_id else None,
        "username": customer.username,
        "unread": customer.unread,
        "last": {"text": _one_line(last), "mine": last.author == "customer", "at": last.at.isoformat()}
        if last
        else None,
    }


def _one_line(message: Message) -> str:
    if message.type == "interactive" and message.author == "customer":
        reply = message.content.get(message.content.get("type"), {})
        return str(reply.get("title", "Sent"))
    return message.text or message.type.capitalize()


def _interactive(customer: Customer, message: Message) -> Json:
    if message.type == "button":
        return {"text": message.content.get("text", "")}
    if message.type == "template":
        return {"text": template_text(message)}
    if message.type != "interactive":
        return {}
    content = message.content
    if message.author == "customer":
        return {"text": _one_line(message)}
    action = content.get("action", {})
    return {
        "kind": content.get("type"),
        "header": content.get("header", {}).get("text"),
        "footer": content.get("footer", {}).get("text"),
        "choices": message.choices,
        "sections": action.get("sections", []),
        "label": action.get("button"),
        "link": action.get("parameters") if content.get("type") == "cta_url" else None,
        "chosen": _chosen(customer, message),
    }


def template_text(message: Message) -> str:
    """A template as a person might read it: its name, and what was filled in."""
    components = message.content.get("components") or []
    filled = [p.get("text", "") for c in components if c.get("type") == "body" for p in c["parameters"]]
    return " · ".join([message.content["name"], *filter(None, filled)])


def _chosen(customer: Customer, message: Message) -> list[str]:
    replies = [other for other in customer.chat if other.author == "customer" and other.answers == message.id]
    kinds = [reply.content for reply in replies if reply.type == "interactive"]
    return [content[content["type"]].get("id", "") for content in kinds]


def _media(message: Message) -> Json:
    if message.type not in MEDIA or not isinstance(message.content, dict):
        return {}
    content = message.content
    local = f"/sandbox/media/{content['id']}" if "id" in content else content.get("link")
    return {
        "media": {"url": local, "name": content.get("filename", ""), "voice": content.get("voice", False)}
    }


def _other(message: Message) -> Json:
    if message.type == "location":
        return {"location": message.content, "text": ""}
    if message.type == "contacts":
        return {"text": ", ".join(card["name"]["formatted_name"] for card in message.content)}
    if message.type == "system":
        return {"text": message.content.get("body", "")}
    return {}


def _reactions(customer: Customer, message: Message) -> list[str]:
    latest: dict[str, str] = {}
    for other in customer.chat:
        if other.type == "reaction" and other.content.get("message_id") == message.id:
            latest[other.author] = other.content.get("emoji", "")
    return [emoji for emoji in latest.values() if emoji]


def _quoted(wa: WhatsAppSandbox, message: Message) -> Json | None:
    original = wa.chats.messages.get(message.answers or "")
    if original is None:
        return None
    return {"text": _one_line(original), "mine": original.author == "customer"}
