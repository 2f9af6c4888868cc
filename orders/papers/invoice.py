"""The invoice of an order. Pure."""

from __future__ import annotations

from orders.model import Item, Order, Refund
from orders.papers.sheet import FONT, INK, Sheet, plain
from orders.papers.shop import Shop

WIDTHS = (92.0, 18.0, 34.0, 34.0)
HEAD = ("Item", "Pieces", "Each", "Together")


def pdf(order: Order, shop: Shop) -> bytes:
    """The invoice as a PDF: who, to whom, what, how much, and what was paid back of it."""
    sheet = Sheet(f"Invoice {order.number}", order.placed_on)
    sheet.line_(shop.name, 18, bold=True)
    sheet.line_(f"{shop.address} · {shop.email} · Tax number {shop.tax_number}", 9, soft=True)
    sheet.gap(10)
    sheet.line_(f"Invoice for order {order.number}", 14, bold=True)
    sheet.line_(f"Ordered on {order.placed_on:%-d %B %Y}, paid by {order.payment_method}", soft=True)
    sheet.gap(6)
    sheet.line_(order.customer)
    sheet.line_(order.address)
    sheet.gap(8)
    _row(sheet, HEAD, bold=True)
    for item in order.items:
        _row(sheet, _columns(item, order.currency))
    sheet.gap(2)
    _row(sheet, ("Total", "", "", amount(order.total_cents, order.currency)), bold=True)
    for refund in order.refunds:
        _row(sheet, (_refund(refund), "", "", f"-{amount(refund.amount_cents, order.currency)}"))
    sheet.gap(10)
    sheet.line_(f"Thank you for shopping with {shop.name}.", soft=True)
    return sheet.bytes_()


def amount(cents: int, currency: str) -> str:
    """ "USD 1,234.50": a code, as not every sign can be printed."""
    return f"{currency} {cents / 100:,.2f}"


def _columns(item: Item, currency: str) -> tuple[str, ...]:
    title = f"{item.title} (final sale)" if item.final_sale else item.title
    together = amount(item.price_cents * item.quantity, currency)
    return title, str(item.quantity), amount(item.price_cents, currency), together


def _refund(refund: Refund) -> str:
    when = f"on {refund.paid_on:%-d %B %Y}" if refund.paid_on else "being processed"
    return f"Refund to {refund.method}, {when}"


def _row(sheet: Sheet, cells: tuple[str, ...], *, bold: bool = False) -> None:
    sheet.set_font(FONT, "B" if bold else "", 10)
    sheet.set_text_color(*INK)
    for cell, width, align in zip(cells, WIDTHS, "LRRR", strict=True):
        sheet.cell(width, 7, _fitting(sheet, plain(cell), width), border="B", align=align)
    sheet.ln(7)


def _fitting(sheet: Sheet, text: str, width: float) -> str:
    """The text cut to the width."""
    while text and sheet.get_string_width(text) > width - 2:
        text = text.removesuffix("...")[:-1] + "..." if len(text) > 4 else ""
    return text
