"""The label of a return: from whom, to where, and the number as a barcode. Pure."""

from __future__ import annotations

from datetime import timedelta

from orders.model import Order, Return
from orders.papers.sheet import Sheet
from orders.papers.shop import Shop

SIZE = (101.6, 152.4)
"""Millimetres: 4 by 6 inches, what label printers take."""


def pdf(order: Order, opened: Return, shop: Shop, days_to_send_back: int) -> bytes:
    """The label as a PDF. `days_to_send_back`: from the day the return was opened."""
    sheet = Sheet(f"Return {opened.number}", opened.opened_on, SIZE)
    sheet.set_auto_page_break(False)
    sheet.set_margin(8)
    sheet.set_xy(8, 8)
    sheet.line_("RETURN", 20, bold=True)
    sheet.line_(f"Postage paid by {shop.name}", 9, soft=True)
    sheet.gap(5)
    sheet.line_("From", 8, soft=True)
    sheet.line_(f"{order.customer}, {order.address}", 10)
    sheet.gap(5)
    sheet.line_("To", 8, soft=True)
    sheet.line_(shop.returns_address, 13, bold=True)
    sheet.gap(7)
    sheet.code39(f"*{opened.number.upper()}*", x=8, y=sheet.get_y(), w=_bar(opened.number), h=18)
    sheet.gap(21)
    sheet.line_(opened.number, 14, bold=True)
    sheet.gap(3)
    sheet.line_(f"{opened.item}, order {order.number}", 9)
    until = opened.opened_on + timedelta(days_to_send_back)
    sheet.line_(f"Hand it over by {until:%-d %B %Y}. Put the number inside the parcel, too.", 9, soft=True)
    return sheet.bytes_()


def _bar(number: str) -> float:
    """The width of a wide bar, so that the code fits the label: a sign takes three, and seven thin ones."""
    return min(1.2, 84 / ((len(number) + 2) * (3 + 7 / 3)))
