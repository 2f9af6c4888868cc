"""The papers of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from fpdf import FPDF

from orders import demo
from orders.model import Item, Order, Return
from orders.papers import invoice, label, pictures
from orders.papers.sheet import plain
from orders.papers.shop import FILE, shop

TODAY = date(2026, 3, 20)
OUT, SHIRT, *_ = demo.named(TODAY)
BACK = Return("R-10235-1", "Linen shirt", "small", TODAY)


@pytest.fixture(autouse=True)
def readable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text stands in the file as it is, so that a test can read it."""
    monkeypatch.setattr("orders.papers.sheet.Sheet.bytes_", _uncompressed)


def _uncompressed(sheet: FPDF) -> bytes:
    sheet.set_compression(False)
    return bytes(sheet.output())


def written(pdf: bytes) -> str:
    assert pdf.startswith(b"%PDF-")
    return pdf.decode("latin-1")


def test_an_invoice_says_who_what_and_how_much() -> None:
    """Shop, customer, every item with pieces and price, and the total."""
    text = written(invoice.pdf(SHIRT, shop()))
    for part in ("Parley Shop", "Ana Silva", "12 Orchard Street", "Linen shirt", "Phone case", "USD 64.90"):
        assert part in text


def test_an_invoice_says_what_was_paid_back() -> None:
    """A refund in two parts stands there in both, with its way."""
    split = next(each for each in demo.generated(TODAY, 300) if len(each.refunds) > 1)
    text = written(invoice.pdf(split, shop()))
    for refund in split.refunds:
        assert f"-{invoice.amount(refund.amount_cents, 'USD')}" in text
        assert f"Refund to {refund.method}" in text


def test_every_demo_order_has_an_invoice_of_a_page_or_more() -> None:
    """Long titles, many items, names with accents and in other scripts: nothing fails."""
    many = tuple(Item(f"Thing {n} " + "long " * 40, 99, 123456, n % 2 == 0) for n in range(60))
    odd = replace(SHIRT, customer="Łucja Žižka 日本 🎉", address="1 Öde Straße…", items=many, currency="EUR")
    text = written(invoice.pdf(odd, shop()))
    assert text.count("/Type /Page\n") > 1
    orders: list[Order] = list(demo.generated(TODAY, 30))
    assert all(invoice.pdf(order, shop()).startswith(b"%PDF-") for order in orders)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Ana Silva", "Ana Silva"),
        ("Müller", "Müller"),
        ("Łucja", "?ucja"),
        ("Šárka", "Sárka"),
        ("日本", "??"),
    ],
)
def test_letters_that_every_reader_has(text: str, printed: str) -> None:
    """Accents stay or are dropped, and another script is shown to be missing, never an error."""
    assert plain(text) == printed


def test_a_label_says_from_whom_to_where_until_when() -> None:
    """Sender, the shop's address for returns, number, item, and the last day in force."""
    text = written(label.pdf(SHIRT, BACK, shop(), 14))
    for part in ("Ana Silva", "Gate 4", "R-10235-1", "Linen shirt", "3 April 2026"):
        assert part in text


def test_the_same_order_gives_the_same_paper() -> None:
    """Nothing in a paper depends on when or where it is drawn."""
    assert invoice.pdf(OUT, shop()) == invoice.pdf(OUT, shop())
    later = replace(BACK, opened_on=TODAY + timedelta(1))
    assert label.pdf(SHIRT, BACK, shop(), 14) != label.pdf(SHIRT, later, shop(), 14)


def test_the_shop_is_read_from_its_file() -> None:
    """Every line of shop.yml is a line of the papers."""
    assert shop(FILE).name == "Parley Shop"


def test_every_picture_of_the_demo_is_there() -> None:
    """What the demo orders show, the web process has; nothing else can be asked for."""
    orders = [*demo.named(TODAY), *demo.generated(TODAY, 60)]
    urls = {item.photo_url for order in orders for item in order.items}
    urls |= {parcel.proof_url for order in orders for parcel in order.shipments}
    for url in urls - {None}:
        found = pictures.read(str(url).removeprefix(pictures.PLACE))
        assert found
        assert found.startswith(b"\x89PNG")
    assert pictures.read("../shop.yml") is None
    assert pictures.read("sofa.png") is None
