"""Papers of an order, and pictures, that are sent along with an answer."""

from __future__ import annotations

import mimetypes

from actions import proof
from actions.turn import Attached, Turn
from orders.model import Order, Return
from orders.papers.issue import PDF, name
from orders.papers.ports import Paper

SHOWN = ("image/jpeg", "image/png")


async def invoice(turn: Turn, order: Order) -> Attached | None:
    """The order's invoice: made here from our own orders, or the shop's where it has a service of its own."""
    if order.invoice_url is None:
        return None
    paper = Paper("invoice", order.number, proof.owner(turn, order.number))
    return await _attached(turn, paper, order.invoice_url)


async def label(turn: Turn, order: Order, opened: Return) -> Attached | None:
    """The label of a return, likewise."""
    if opened.label_url is None:
        return None
    paper = Paper("label", order.number, proof.owner(turn, order.number), opened.number)
    return await _attached(turn, paper, opened.label_url)


def picture(turn: Turn, url: str | None, title: str) -> Attached | None:
    """A picture, where there is one and the channel can show it."""
    at = f"{turn.desk.public_url}{url}" if url and url.startswith("/") else url
    kind = mimetypes.guess_type(at or "")[0]
    if not at or not at.startswith("http") or kind not in SHOWN or not turn.carries_pictures:
        return None
    return {"url": at, "name": title, "mime_type": str(kind)}


async def _attached(turn: Turn, paper: Paper, at_the_shop: str) -> Attached:
    links = turn.desk.links
    url = f"{turn.desk.public_url}/papers/{await links.make(paper)}" if links else at_the_shop
    return {"url": url, "name": name(paper), "mime_type": PDF}
