"""From the secret word of a link to the paper itself, made anew from the order as it stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from orders import terms
from orders.model import Order
from orders.papers import invoice, label
from orders.papers.ports import Links, Paper
from orders.papers.shop import shop
from orders.ports import Orders

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Document:
    """A finished paper. `name`: with its ending."""

    name: str
    data: bytes
    mime_type: str = PDF


async def issue(links: Links, orders: Orders, word: str) -> Document | None:
    """The paper; None when the link opens nothing, or the order is not its owner's any more."""
    paper = await links.find(word)
    order = await orders.find(paper.order_number, paper.owner) if paper else None
    if paper is None or order is None:
        return None
    data = await asyncio.to_thread(_draw, paper, order)
    return Document(name(paper), data) if data else None


def name(paper: Paper) -> str:
    """What the file is called: "Invoice 10235.pdf"."""
    if paper.kind == "label":
        return f"Return label {paper.return_number}.pdf"
    return f"Invoice {paper.order_number}.pdf"


def _draw(paper: Paper, order: Order) -> bytes | None:
    if paper.kind == "invoice":
        return invoice.pdf(order, shop()) if order.invoice_url else None
    opened = order.return_(paper.return_number)
    if opened is None or not opened.is_open:
        return None
    return label.pdf(order, opened, shop(), terms.shop().days_to_send_back)
