"""E-mails, money, dates, addresses, products and reasons, and which of them wins."""

from __future__ import annotations

from datetime import date

import pytest

from engine.entities import addresses, dates, emails, money, reading

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ana.silva@example.com", "ana.silva@example.com"),
        ("it's ANA.SILVA@Example.COM.", "ana.silva@example.com"),
        ("ana @ example . com", "ana@example.com"),
        ("ana(at)example.com", "ana@example.com"),
        ("mail:ana_b+x@ex-ample.co.uk,thx", "ana_b+x@ex-ample.co.uk"),
        ("ana at example dot com", "ana@example.com"),
        ("ana_silva arroba example punto com", "ana_silva@example.com"),
        ("ana(at)example(dot)com", "ana@example.com"),
        ("ana@example,com", "ana@example.com"),
        ("ana@@example.com", "ana@example.com"),
    ],
)
def test_emails_are_tidied(text: str, value: str) -> None:
    """An e-mail address is found with a phone keyboard's spaces and given in lower case."""
    assert [found.value for found in emails.find(text)] == [value]


@pytest.mark.parametrize(
    "text",
    ["a@b", "me@home", "meet @ 5", "@ana on insta", "meet me at the dot com office", "look at mail.com"],
)
def test_not_every_at_sign_is_an_email(text: str) -> None:
    """An at sign without a domain is no address."""
    assert list(emails.find(text)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$49.90", "49.90 USD"),
        ("49,90 €", "49.90 EUR"),
        ("1.234,50 eur", "1234.50 EUR"),
        ("1,234.50 usd", "1234.50 USD"),
        ("Rs. 1500", "1500 INR"),
        ("R$ 30", "30 BRL"),
        ("20 bucks", "20 USD"),
        ("paid 1 299 euros", "1299 EUR"),
        ("order 10234 $20", "20 USD"),
        ("1500 rupaye", "1500 INR"),
        ("MXN 300", "300 MXN"),
        ("$300 mxn", "300 MXN"),
        ("chf 15.50", "15.50 CHF"),
        ("20 złoty", "20 PLN"),
        ("50 dirhams", "50 AED"),
        ("3k rupees", "3000 INR"),
        ("$1.5k", "1500 USD"),
        ("2 lakh rupees", "200000 INR"),
        ("fifty dollars", "50 USD"),
        ("two hundred and fifty euros", "250 EUR"),
        ("twenty-five bucks", "25 USD"),
        ("a thousand rupees", "1000 INR"),
        ("100 kr", "100 SEK"),
        ("refund 1,500/- please", "1500 INR"),
        ("₹ 1,00,000", "100000 INR"),
        ("veinte euros", "20 EUR"),
        ("cinquenta reais", "50 BRL"),
        ("paanch sau rupaye", "500 INR"),
        ("20 dólares", "20 USD"),
    ],
)
def test_money_is_amount_and_currency(text: str, value: str) -> None:
    """An amount is given with a decimal point and a currency code, whatever separators were used."""
    assert [found.value for found in money.find(text)] == [value]


@pytest.mark.parametrize("text", ["order 10234", "5 real problems", "#10234", "10:30"])
def test_money_needs_a_currency(text: str) -> None:
    """A number without a currency is no amount."""
    assert list(money.find(text)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("last tuesday", "2026-11-17"),
        ("next friday", "2026-11-20"),
        ("on monday", "2026-11-16"),
        ("will it come friday", "2026-11-20"),
        ("yesterday", "2026-11-17"),
        ("the day before yesterday", "2026-11-16"),
        ("two weeks ago", "2026-11-04"),
        ("a couple of days ago", "2026-11-16"),
        ("in 3 days", "2026-11-21"),
        ("last week", "2026-11-11"),
        ("3 May", "2026-05-03"),
        ("May 3rd, 2025", "2025-05-03"),
        ("decided on 5 dec", "2025-12-05"),
        ("03/05/2026", "2026-05-03"),
        ("12/31/2025", "2025-12-31"),
        ("2026-05-03", "2026-05-03"),
        ("fri 13 nov", "2026-11-13"),
        ("day b4 yesterday", "2026-11-16"),
        ("within two weeks", "2026-12-02"),
        ("this morning", "2026-11-18"),
        ("ayer", "2026-11-17"),
        ("anteontem", "2026-11-16"),
        ("kal order kiya tha", "2026-11-17"),
        ("kal tak aayega?", "2026-11-19"),
        ("3 din pehle", "2026-11-15"),
        ("hace dos semanas", "2026-11-04"),
        ("há 3 dias", "2026-11-15"),
        ("semana passada", "2026-11-11"),
        ("el lunes pasado", "2026-11-16"),
        ("llega el viernes?", "2026-11-20"),
        ("na segunda-feira", "2026-11-16"),
        ("3 de mayo", "2026-05-03"),
        ("3 de maio de 2025", "2025-05-03"),
        ("will it come this week", "2026-11-18"),
        ("this month", "2026-11-18"),
        ("next week", "2026-11-25"),
        ("end of the month", "2026-11-30"),
        ("by the end of this week", "2026-11-22"),
        ("this weekend", "2026-11-21"),
        ("last weekend", "2026-11-14"),
        ("i need it by the 5th", "2026-12-05"),
        ("since the 5th", "2026-11-05"),
        ("monday the 3rd", "2026-11-03"),
        ("sat 14 nov", "2026-11-14"),
        ("esta semana", "2026-11-18"),
        ("semana que vem", "2026-11-25"),
        ("la próxima semana", "2026-11-25"),
        ("agle hafte", "2026-11-25"),
        ("pichle hafte", "2026-11-11"),
    ],
)
def test_dates_are_given_as_days(text: str, value: str) -> None:
    """Named and relative dates become a day, counted from today; tense decides between past and future."""
    assert [found.value for found in dates.find(text, WEDNESDAY)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "31 Feb",
        "31 de febrero",
        "por la mañana",
        "mi segunda compra",
        "I may return 3 items",
        "sunglasses",
        "1/2 price",
        "black friday sale",
        "10234",
        "second",
        "the 3rd time",
        "the 2nd order",
        "the 45th",
    ],
)
def test_not_every_number_is_a_date(text: str) -> None:
    """Impossible days and words that only look like dates are left alone."""
    assert list(dates.find(text, WEDNESDAY)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ship it to 12 Baker Street, London NW1 6XE please", "12 Baker Street, London NW1 6XE"),
        ("new address: 221B Baker St, Flat 4, London", "221B Baker St, Flat 4, London"),
        ("Rua das Flores 123, Lisboa", "Rua das Flores 123, Lisboa"),
        ("Calle Mayor 5, 28013 Madrid", "Calle Mayor 5, 28013 Madrid"),
        ("10234 Main Street, New York, NY 10001", "10234 Main Street, New York, NY 10001"),
        ("Hauptstraße 12, 10115 Berlin", "Hauptstraße 12, 10115 Berlin"),
        ("PO Box 123", "PO Box 123"),
        ("flat 12, green park, sector 21, gurgaon 122001", "flat 12, green park, sector 21, gurgaon 122001"),
        ("house no 5, gomti nagar, lucknow", "house no 5, gomti nagar, lucknow"),
        ("Apt 5B, 300 W 23rd St, New York NY 10011", "Apt 5B, 300 W 23rd St, New York NY 10011"),
        ("14 rue de la Paix, 75002 Paris", "14 rue de la Paix, 75002 Paris"),
        ("Carrera 7 # 71-21, Bogotá", "Carrera 7 # 71-21, Bogotá"),
        ("H.No. 12-3-456, Ameerpet, Hyderabad 500016", "H.No. 12-3-456, Ameerpet, Hyderabad 500016"),
        ("deliver to B-204 X Apartments", "B-204 X Apartments"),
        ("B-204 Sunrise Apartments, MG Road, Pune 411001", "B-204 Sunrise Apartments, MG Road, Pune 411001"),
        ("b 204 green view society, andheri west", "b 204 green view society, andheri west"),
        ("45/2 Gandhi Nagar, Delhi", "45/2 Gandhi Nagar, Delhi"),
        ("pls send it to 5 oak street boston 02101", "5 oak street boston 02101"),
        ("22 park avenue new york city 10016 pls", "22 park avenue new york city 10016"),
        ("please use Viale Monza 8, 20125 Milano", "Viale Monza 8, 20125 Milano"),
        ("Storgatan 12, Uppsala", "Storgatan 12, Uppsala"),
        ("No. 12, 4th Cross, Indiranagar, Bangalore", "No. 12, 4th Cross, Indiranagar, Bangalore"),
        ("Tower B 1204, Palm Grove, Noida", "Tower B 1204, Palm Grove, Noida"),
    ],
)
def test_addresses_reach_to_the_town(text: str, value: str) -> None:
    """An address is given as written, from the house to the postcode or town, without what follows."""
    assert [found.value for found in addresses.find(text)] == [value]


@pytest.mark.parametrize(
    "text", ["10234 is on its way", "2 weeks on the road", "I waited 3 hours in the street"]
)
def test_a_number_and_a_street_word_are_not_an_address(text: str) -> None:
    """A street word in a sentence makes no address."""
    assert list(addresses.find(text)) == []


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        (
            "return the red jacket from order 10235, it doesn't fit",
            [("product", "jacket"), ("order_number", "10235"), ("reason", "wrong_size")],
        ),
        ("my headphones stopped working", [("product", "headphones"), ("reason", "defective")]),
        ("they sent me the wrong colour", [("reason", "wrong_item")]),
        ("do not want it anymore", [("reason", "changed_mind")]),
        ("the zip of my school bag broke", [("product", "school bag"), ("reason", "damaged")]),
        ("mera pressure cooker", [("product", "pressure cooker")]),
        ("quero devolver a camisa", [("product", "camisa")]),
        ("nobody answers the phone, is my mobile number right?", []),
        ("do you deliver to a remote area", []),
        ("no me queda", [("reason", "wrong_size")]),
        ("llegó roto", [("reason", "damaged")]),
        ("veio errado", [("reason", "wrong_item")]),
        ("size chota hai", [("reason", "wrong_size")]),
        ("doesn't match the photo", [("reason", "not_as_described")]),
        ("arrived late and has a hole", [("reason", "late"), ("reason", "damaged")]),
        ("the lamp won’t turn on", [("product", "lamp"), ("reason", "defective")]),
        ("Rs.500 for order#10234", [("money", "500 INR"), ("order_number", "10234")]),
        ("3/5 10234", [("date", "2026-05-03"), ("order_number", "10234")]),
        ("10234 Main Street", [("address", "10234 Main Street")]),
        ("5 oak street order 10234", [("address", "5 oak street"), ("order_number", "10234")]),
        ("5 oak street boston 02101", [("address", "5 oak street boston 02101")]),
        ("ana10234@example.com", [("email", "ana10234@example.com")]),
        (
            "paid 1599.90 EUR for #10234 last Tuesday",
            [("money", "1599.90 EUR"), ("order_number", "10234"), ("date", "2026-11-17")],
        ),
        ("12-10-2026", [("date", "2026-10-12")]),
        ("hello", []),
        ("", []),
    ],
)
def test_a_character_belongs_to_one_entity(text: str, entities: list[tuple[str, str]]) -> None:
    """Entities come in order of appearance, and the surer kind keeps the characters two kinds claim."""
    found = reading.find(text, WEDNESDAY)
    assert [(one.kind, one.value) for one in found] == entities
    assert all(not one.overlaps(set(found) - {one}) for one in found)
