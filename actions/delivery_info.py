"""When and how things arrive: of the customer's own order if that is meant, else from the articles."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from actions import again, articles, history, proof, which_order, wording
from actions.answering import WishAction
from actions.order_status import HELP
from actions.turn import Event, Turn
from orders import rules
from orders.model import Order

OWN = re.compile(r"\bmy (\w+ )?(orders?|packages?|parcels?|deliver\w+|shipments?|stuff|items?)\b", re.I)
WHEN = re.compile(
    r"\b(when|arriv\w*|eta|how (long|soon)|what (day|time)|today|tomorrow|late|get here|deliver\w*)\b", re.I
)
GENERAL = re.compile(
    r"\b(costs?|prices?|how much|free|fees?|charges?|countr\w+|abroad|overseas|international\w*|express"
    r"|what if|damaged|broken|missing|lost|options?|(ship|deliver)(ping|y)? to|do you (ship|deliver)"
    r"|(delivery|shipping) (take|times?|options?|methods?))\b",
    re.I,
)


class ActionDeliveryInfo(WishAction):
    """Looks at the order when one is known; a question about delivery as such goes to the articles."""

    def name(self) -> str:
        return "action_delivery_info"

    async def answer(self, turn: Turn) -> list[Event]:
        if number := turn.own_number or turn.kept_number or _before(turn):
            return await _tell_one(turn, number)
        if _about_own(turn.wish):
            return await _tell_own(turn)
        return await articles.reply(turn, turn.wish or "How long does delivery take?")


async def _tell_one(turn: Turn, number: str) -> list[Event]:
    """When this order arrives; one that has to be proved first is asked about by the form."""
    order = await proof.find(turn, number)
    if order:
        return _tell(turn, order)
    if turn.phone is None or turn.entity("email"):
        return [SlotSet("order_number", number), FollowupAction("order_status_form")]
    return proof.say_unknown(turn)


def _before(turn: Turn) -> str | None:
    """The order talked about before, if the message still speaks of it: "and when does it arrive?"."""
    number = turn.slot("order_number") if turn.is_half else _known(turn)
    meant = which_order.refers_back(turn.wish, half=turn.is_half) and not GENERAL.search(turn.wish)
    return str(number) if number and meant else None


def _known(turn: Turn) -> Any:
    return history.slot_before(turn.events, "order_number")


def _about_own(text: str) -> bool:
    own = OWN.search(text) or which_order.BACK.search(text) or which_order.means_another(text)
    return bool(own and (WHEN.search(text) or which_order.means_another(text)) and not GENERAL.search(text))


async def _tell_own(turn: Turn) -> list[Event]:
    """When the open orders arrive; without a phone, which order is meant has to be found out first."""
    if turn.phone is None:
        return [FollowupAction("order_status_form")]
    but = _known(turn) if which_order.means_another(turn.wish) else None
    orders = [each for each in await turn.desk.orders.of_phone(turn.phone) if each.is_open]
    meant = [order for order in orders if order.number != but]
    return _tell(turn, *meant) if meant else [FollowupAction("order_status_form")]


def _tell(turn: Turn, *orders: Order) -> list[Event]:
    late = any(rules.days_late(order, turn.today) for order in orders)
    full = [*(_line(order, turn) for order in orders), *([HELP] if late else [])]
    short = "\n".join(_short(order, turn) for order in orders)
    again.tell(turn, "\n".join(full), short, again.ASK_PERSON if late else ())
    return [SlotSet("order_number", orders[0].number)] if len(orders) == 1 else []


def _line(order: Order, turn: Turn) -> str:
    if not order.is_open or len(order.shipments) > 1 or rules.days_late(order, turn.today):
        return wording.status(order, turn.today)
    carriers = " and ".join(dict.fromkeys(parcel.carrier for parcel in order.shipments))
    by = f", with {carriers}" if carriers else ""
    return f"Order {order.number} ({order.contents}): {wording.estimate(order, turn.today)}{by}."


def _short(order: Order, turn: Turn) -> str:
    if not order.is_open:
        return wording.short_status(order, turn.today)
    return f"Order {order.number}: still {wording.estimate(order, turn.today)}."
