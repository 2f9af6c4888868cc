"""Finding out which order a customer means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from actions import history, pick, proof
from actions.turn import Turn
from orders.model import Order

BACK = re.compile(r"\b(it|its|it's|that|this|same)\b", re.I)
ON = re.compile(r"^\W*(and|so|but|then|also|what about|how about|any (news|updates?))\b", re.I)
JOINED = re.compile(r"^\W*((and|so|but|then|also|plus)\W+)+", re.I)
AFRESH = re.compile(r"\bmy (\w+ )?(orders?|packages?|parcels?|stuff|things?|items?)\b", re.I)
GOODS = re.compile(r"\b(orders?|packages?|parcels?|stuff|things?|items?)\b", re.I)
OTHER = re.compile(
    r"\b((the|my) other( (one|order|package|parcel))?s?|another (one|order)|other one)\W*$"
    r"|\b(the|my) other (one|order|package|parcel)s?\b",
    re.I,
)
SEVERAL = re.compile(
    r"\b(both|all)\b( of)?( my| the| these| those)? ?(\w+ )?(orders|packages|parcels|of them)\b"
    r"|\bmy (\w+ )?(orders|packages|parcels)\b",
    re.I,
)
FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The order, or why there is none yet.

    `unknown`: a number was given that leads to no order of this customer. `missing`: what to ask
    for; with "choice", `orders` are those to choose from.
    """

    order: Order | None = None
    unknown: str | None = None
    missing: Literal["choice", "number", "email", "code"] | None = None
    number: str | None = None
    orders: tuple[Order, ...] = ()


async def find(
    turn: Turn, number: str | None, suits: Callable[[Order], bool], but: str | None = None
) -> Found:
    """The order with this number; without one, the only order that suits, or the orders to choose from.

    `but`: the number of an order that is not meant ("the other one").
    """
    if number is None:
        return await _only_one(turn, suits, but)
    order = await proof.find(turn, number)
    if order:
        return Found(order)
    if turn.phone is None and turn.slot("email") is None:
        return Found(missing="email", number=number)
    if turn.desk.codes and proof.email(turn):
        return Found(missing="code", number=number)
    return Found(unknown=number)


async def _only_one(turn: Turn, suits: Callable[[Order], bool], but: str | None) -> Found:
    """What the phone alone tells. Orders that do not suit are offered only when none does."""
    if turn.phone is None:
        return Found(missing="number")
    orders = tuple(each for each in await turn.desk.orders.of_phone(turn.phone) if each.number != but)
    orders = tuple(order for order in orders if is_named(turn, order)) or orders
    choices = tuple(order for order in orders if suits(order)) or orders
    if len(choices) == 1:
        return Found(choices[0])
    return Found(missing="choice", orders=choices) if choices else Found(missing="number")


def is_named(turn: Turn, order: Order) -> bool:
    """Does the message name something that is in this order ("where is my lamp?")?"""
    return bool(pick.mentioned(turn.wish, [item.title for item in order.items]))


async def means_goods_of_another(turn: Turn, number: str) -> bool:
    """Does the message name goods of other orders of this phone, and none of this order?"""
    orders = await turn.desk.orders.of_phone(turn.phone) if turn.phone else ()
    named = {order.number for order in orders if is_named(turn, order)}
    return bool(named) and number not in named


async def all_meant(turn: Turn) -> list[str]:
    """The numbers of all orders that the message asks about: named, or "both" of the list, or "my orders"."""
    if turn.numbers:
        return turn.numbers
    if pick.everything(turn.text):
        shown = (pick.value(each, "order_number") for each in history.offered(turn.events))
        return [number for number in shown if number]
    if turn.phone and means_several(turn.wish):
        orders = await turn.desk.orders.of_phone(turn.phone)
        return [order.number for order in orders if order.is_open]
    return []


async def shown(turn: Turn) -> tuple[Order, ...]:
    """The orders of the list that the customer is looking at."""
    rows = {pick.value(each, "order_number") for each in history.offered(turn.events)}
    orders = await turn.desk.orders.of_phone(turn.phone) if turn.phone else ()
    return tuple(order for order in orders if order.number in rows)


def means_several(text: str) -> bool:
    """Is it about several of the customer's orders ("where are my orders?")?"""
    return bool(SEVERAL.search(text))


def means_another(text: str) -> bool:
    """Is it about another order than the one talked about ("and the other one?")?"""
    return bool(OTHER.search(text))


def refers_back(text: str, half: bool = False) -> bool:
    """Does the text speak of the order mentioned before ("is it late?", "and when?"), not of any order?

    `half`: it is the second half of a message, where "and" joins two wishes and refers to nothing.
    """
    text = JOINED.sub("", text) if half else text
    if AFRESH.search(text) or means_another(text):
        return False
    short = len(text.split()) <= FEW_WORDS and not GOODS.search(text)
    return bool(BACK.search(text) or ON.search(text) or short)
