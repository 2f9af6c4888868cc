"""What travels through the corridor: plain values, known to every connector and to none of their formats."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from conversations.errors import ConnectorError

Control = Literal["bot", "agent"]
Author = Literal["customer", "bot", "agent", "system"]
ReceiptStatus = Literal["sent", "delivered", "read", "played", "failed"]

Exit = str
"""Where a row of the outbox goes: the name of the conversation's channel, or `HELPDESK`."""

HELPDESK: Exit = "zendesk"

SOLVED = ("solved", "closed", "deleted")
"""Statuses of a ticket that no answer is expected from."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the customer may tap. `id` comes back as `CustomerMessage.payload` when it is tapped."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file on a channel: `kind` is image, document, audio, video or sticker; `id` is the channel's own."""

    kind: str
    id: str
    mime_type: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file an agent attached, or the bot gives out. `size` in bytes, 0 if unknown.

    `url`: where the helpdesk has it; of the bot's, a link that the customer can follow, too.

    `id`: the channel's own, once it was uploaded there.
    """

    url: str
    name: str = ""
    mime_type: str = ""
    size: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A message the channel has approved beforehand, by name and language."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Content:
    """Something to say: a text, and up to ten choices that can be tapped; with one file; or a template.

    A connector shows up to three plain choices as buttons and anything more, or any choice with a
    description, as a list; it shortens what a channel's limits cannot take and never fails on length.
    `choices_label` opens the list.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    choices_label: str = "Choose"
    file: File | None = None
    template: Template | None = None

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Content:
        choices = tuple(Choice(**choice) for choice in data.get("choices", ()))
        file = File(**data["file"]) if data.get("file") else None
        return cls(data["text"], choices, data.get("choices_label", "Choose"), file)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a customer can be reached on a channel.

    `account` is our own number or inbox (WhatsApp: `phone_number_id`). A WhatsApp customer has a
    business-scoped `user_id`, a `wa_id` (phone digits without "+"), or both; at least one is set.
    """

    channel: str
    account: str
    user_id: str | None = None
    wa_id: str | None = None

    @property
    def phone(self) -> str | None:
        """The phone number in E.164 with "+", when the channel tells it."""
        return f"+{self.wa_id}" if self.wa_id else None


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """One message a customer wrote.

    `external_id`: the channel's id, by which it is stored once. `kind`: text, choice, image, document,
    audio, video, sticker, location, contacts, reaction, order, system, unsupported, or the channel's
    own word for something newer. `text`: what a person would read of it, our description of a file or a
    place in square brackets. `words`: only what the customer wrote or tapped, empty if there is nothing
    the bot could read. `payload`: the id of the tapped choice. `sent_at`: aware, UTC. `moved_to`: with
    system, the customer's new identity.
    """

    external_id: str
    address: Address
    kind: str
    text: str
    sent_at: datetime
    name: str | None = None
    words: str = ""
    payload: str | None = None
    media: tuple[Media, ...] = ()
    moved_to: Address | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


SILENT = frozenset({"reaction", "system"})
"""Kinds of message in which the customer says nothing: they call for no answer, and open no window."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel says became of one of our messages.

    `reference` is the outbox id we sent along, when the channel gives it back. `error`, `code` and `failure`
    are set with `failed`: "code: what it means", the code alone, and its class.
    """

    channel: str
    external_id: str
    status: ReceiptStatus
    at: datetime
    reference: str | None = None
    error: str | None = None
    code: str | None = None
    failure: type[ConnectorError] | None = None


@dataclass(frozen=True, slots=True)
class StaffComment:
    """A public comment a person wrote on a ticket: a reply meant for the customer.

    `conversation_id`: None when the ticket does not name it. `whole`: read from the ticket itself, with
    its attachments; a webhook tells of none.
    """

    ticket_id: str
    conversation_id: str | None
    comment_id: str
    author_id: str
    author_name: str
    body: str
    at: datetime
    ticket_open: bool
    """False when the ticket was solved or closed at that moment."""
    files: tuple[File, ...] = ()
    whole: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StaffComment:
        files = data.get("files")
        found = tuple(File(**file) for file in files) if isinstance(files, list) else ()
        return cls(**{**data, "at": datetime.fromisoformat(data["at"]), "files": found})


@dataclass(frozen=True, slots=True)
class Thread:
    """What stands in a ticket for its customer. `replies`: by the staff, oldest first, never our own.

    `private`: ids of the comments that are not for the customer; `notes`: those of them that the staff wrote;
    `until`: when the newest of all was written; `merged`: the newest merging with another ticket.
    """

    replies: tuple[StaffComment, ...] = ()
    private: frozenset[str] = frozenset()
    until: datetime | None = None
    notes: tuple[StaffComment, ...] = ()
    merged: TicketMerged | None = None


@dataclass(frozen=True, slots=True)
class TicketState:
    """A ticket as it is now. `stamp`: its last change in the helpdesk's words; `at`: the same, as a time.

    `assignee`: the name of the person it is assigned to, empty for nobody; None where that is not told.
    `merged`: it was closed because it goes on in another.
    """

    id: int
    status: str
    stamp: str
    at: datetime
    assignee: str | None = None
    merged: bool = False

    @property
    def solved(self) -> bool:
        return self.status in SOLVED


@dataclass(frozen=True, slots=True)
class TicketStatusChanged:
    """A ticket got another status; `solved` is true for solved and closed.

    `conversation_id`: None when the ticket does not name it.
    """

    event_id: str
    ticket_id: str
    conversation_id: str | None
    status: str
    solved: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketMerged:
    """A ticket was merged into another, where the agents go on; it is closed itself.

    `conversation_id`: None when the ticket does not name it.
    """

    event_id: str
    ticket_id: str
    conversation_id: str | None
    into: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A ticket to open. `external_id` names the conversation; `requester_id` the customer (our id).

    `comment` is the first comment: private, the conversation so far; or, `as_customer`, public and in the
    requester's name. `tags` are added.
    """

    external_id: str
    subject: str
    comment: str
    requester_external_id: str
    requester_name: str
    requester_phone: str | None
    priority: str
    tags: tuple[str, ...] = ()
    follows: int | None = None
    """The closed ticket that this one follows up."""
    fields: tuple[tuple[int, str], ...] = ()
    """Values of the helpdesk's own fields, by their ids."""
    as_customer: bool = False

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TicketDraft:
        fields = tuple((int(id), str(value)) for id, value in data.get("fields", ()))
        return cls(**{**data, "tags": tuple(data.get("tags", ())), "fields": fields})


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that exists: its id and its requester's id, both the helpdesk's.

    `requester_tags`: what the helpdesk knows of the requester; None where it was not asked.
    """

    id: int
    requester_id: int
    requester_tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One customer message for the bot.

    `message_id` makes it idempotent: asked twice, it is answered once. `payload` is the tapped
    choice. `new_session`: slots to begin a fresh session with, or None to go on with the present one.
    `known`: slots that are to be set in any session that has not set them. `tags`: the customer's.
    """

    conversation_id: str
    message_id: str
    text: str
    channel: str
    phone: str | None = None
    name: str | None = None
    payload: str | None = None
    new_session: Mapping[str, Any] | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """The bot asks for a person. `reason` is a short code; `priority`: urgent, high, normal or low.

    `evidence`: the words, scores or counts that decided. `facts`: what the bot has learned for the person,
    each by its name.
    """

    reason: str
    priority: str = "normal"
    evidence: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to colleagues: a title, a sentence, a few facts, and where the conversation is.

    `key`: the same for every attempt to send it.
    """

    title: str
    text: str
    facts: tuple[str, ...] = ()
    link: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says to one question, and how it came to it."""

    contents: tuple[Content, ...]
    handoff: HandoffRequest | None = None
    intent: str | None = None
    confidence: float | None = None
    intent_ranking: tuple[Mapping[str, Any], ...] = ()
    entities: tuple[Mapping[str, Any], ...] = ()
    frustration: float | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    action: str | None = None
    policy: str | None = None
    model_id: str | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    """The kb passages behind the answer: article, section, version, score."""
    escalation: Mapping[str, Any] | None = None
    """What was decided about a person: act (handoff or offer), reason, priority, evidence."""
    no_evidence: bool = False
    """The bot looked for an answer in vain, and said so."""
