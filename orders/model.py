"""An order as the customer knows it: plain values, the same for every shop system behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Status(StrEnum):
    """Where an order stands. Values are what the database and other shop systems store."""

    PROCESSING = "processing"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"

    @property
    def words(self) -> str:
        """The status as one says it: "out for delivery"."""
        return self.value.replace("_", " ")


class Kind(StrEnum):
    """What an item is, as far as sending it back goes."""

    GENERAL = "general"
    HYGIENE = "hygiene"
    SOFTWARE = "software"
    GIFT_CARD = "gift_card"
    DIGITAL = "digital"
    PERSONALISED = "personalised"
    PERISHABLE = "perishable"


class Condition(StrEnum):
    """The state an item comes back in, as the customer tells it.

    FAULTY: damaged, defective, incomplete or not the right one.
    """

    UNOPENED = "unopened"
    OPENED = "opened"
    USED = "used"
    FAULTY = "faulty"


class Outcome(StrEnum):
    """What the customer wants for an item that comes back."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    STORE_CREDIT = "store_credit"


OPEN = frozenset({Status.PROCESSING, Status.SHIPPED, Status.OUT_FOR_DELIVERY, Status.DELAYED})
"""Statuses of an order that is still on its way to the customer."""


@dataclass(frozen=True, slots=True)
class Owner:
    """How a customer proves that an order is theirs.

    `phone` in E.164 with "+", as the channel tells it. `email` as the customer wrote it; it proves
    an order only together with that order's number.
    """

    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order. `price_cents`: for one piece, in the order's currency.

    `photo_url`: a picture of it, JPEG or PNG; one that begins with "/" is the web process's own.
    """

    title: str
    quantity: int
    price_cents: int
    final_sale: bool = False
    kind: Kind = Kind.GENERAL
    photo_url: str | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel. `tracking_url` is the carrier's page for it.

    `items`: titles of what is in it; empty when the whole order is. `proof_url`: the carrier's picture of it
    where it was left.
    """

    carrier: str
    tracking_number: str
    tracking_url: str
    shipped_on: date
    delivered_on: date | None = None
    items: tuple[str, ...] = ()
    proof_url: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. `paid_on` is None until we have sent it."""

    amount_cents: int
    method: str
    requested_on: date
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnWish:
    """What a customer tells of an item to send back.

    `exchange_for`: the size or colour wanted instead. `photo`: the channel's id of a picture of it.
    """

    item: str
    reason: str
    condition: Condition = Condition.UNOPENED
    outcome: Outcome = Outcome.REFUND
    exchange_for: str | None = None
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """A return we agreed to. `number` is what the customer writes on the parcel slip.

    `label_url` leads to the label, where there is one already. `sent_on`: the carrier has the parcel;
    `received_on`: we have it. `cancelled_on`: the customer keeps the item.
    """

    number: str
    item: str
    reason: str
    opened_on: date
    condition: Condition = Condition.UNOPENED
    outcome: Outcome = Outcome.REFUND
    exchange_for: str | None = None
    photo: str | None = None
    label_url: str | None = None
    cancelled_on: date | None = None
    sent_on: date | None = None
    received_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Does it stand, or does the customer keep the item?"""
        return self.cancelled_on is None


@dataclass(frozen=True, slots=True)
class Order:
    """An order with everything that is said of it.

    `promised_on`: the delivery date given when it was placed. `estimated_on`: the one expected now,
    None when nobody knows. `invoice_url` is None until there is an invoice.
    """

    number: str
    customer: str
    phone: str
    email: str
    status: Status
    placed_on: date
    promised_on: date
    estimated_on: date | None
    delivered_on: date | None
    address: str
    currency: str
    payment_method: str
    items: tuple[Item, ...]
    shipments: tuple[Shipment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    returns: tuple[Return, ...] = ()
    invoice_url: str | None = None

    @property
    def is_open(self) -> bool:
        """Still on its way to the customer."""
        return self.status in OPEN

    @property
    def open_returns(self) -> tuple[Return, ...]:
        """The returns that were not cancelled."""
        return tuple(each for each in self.returns if each.is_open)

    def item(self, title: str | None) -> Item | None:
        """The item with this title."""
        return next((item for item in self.items if item.title == title), None)

    def return_(self, number: str | None) -> Return | None:
        """The return with this number."""
        return next((each for each in self.returns if each.number == number), None)

    def arrived_on(self, item: Item) -> date | None:
        """When this item was delivered: with its parcel, or with the whole order."""
        own = [parcel for parcel in self.shipments if item.title in parcel.items]
        return own[0].delivered_on if own else self.delivered_on

    @property
    def total_cents(self) -> int:
        """What all items cost together."""
        return sum(item.price_cents * item.quantity for item in self.items)

    @property
    def contents(self) -> str:
        """The order in a few words: "Desk lamp and 2 more"."""
        first, *more = self.items
        return f"{first.title} and {len(more)} more" if more else first.title
