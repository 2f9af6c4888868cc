"""Order numbers, in the spellings customers use, and the digits that are none."""

from __future__ import annotations

import pytest

from engine.entities import order_numbers

WRITTEN = [
    ("#10234", ["10234"]),
    ("where is order no. 10234", ["10234"]),
    ("my 10234 order is late", ["10234"]),
    ("1 0 2 3 4", ["10234"]),
    ("10 234", ["10234"]),
    ("order 10 234", ["10234"]),
    ("order number is 10234", ["10234"]),
    ("order#10234", ["10234"]),
    ("ORD-10234", ["10234"]),
    ("ord10234", ["10234"]),
    ("it's 10234", ["10234"]),
    ("10234", ["10234"]),
    ("order nr 10234 pls", ["10234"]),
    ("wheres 10234??", ["10234"]),
    ("Order No.10234", ["10234"]),
    ("cancel 10237", ["10237"]),
    ("my order number is one zero two three four", ["10234"]),
    ("pedido 10234 donde esta", ["10234"]),
    ("not 10234, 10235", ["10235"]),
    ("no, 10235", ["10235"]),
    ("10235 not 10234", ["10235"]),
    ("# 10234", ["10234"]),
    ("order: 10234, email ana@example.com", ["10234"]),
    ("status of 10234 and 10235", ["10234", "10235"]),
    ("orders 10234 & 10235", ["10234", "10235"]),
    ("I paid 50 for order 10234", ["10234"]),
    ("order id=123456789012", ["123456789012"]),
    ("10234 where is it", ["10234"]),
    ("my order 10234.", ["10234"]),
    ("order (10234)", ["10234"]),
    ("refund order 10236 to 49.90 eur", ["10236"]),
    ("pls check 10234 my number is +15550100001", ["10234"]),
    ("order 2023", ["2023"]),
    ("1234", ["1234"]),
    ("order 1 0 2 3 4 please", ["10234"]),
    ("10234, thanks", ["10234"]),
    ("i ordered 2 shirts order 10234", ["10234"]),
    ("order no: 10-234", ["10234"]),
    ("the order I placed, 10234, is late", ["10234"]),
    ("order num 10234 paid 120 dollars", ["10234"]),
    ("where is my order number 10234", ["10234"]),
    ("número do pedido 10234", ["10234"]),
    ("order ref: 10234", ["10234"]),
    ("hi my order is #10234 and my zip is 90210", ["10234"]),
    ("return for 10235", ["10235"]),
    ("ten two three four", ["10234"]),
    ("order ten two thirty four", ["10234"]),
    ("mera order 10234 hai", ["10234"]),
    ("my order is 1-0-2-3-4", ["10234"]),
]

OTHER_DIGITS = [
    "call me at 5551234567",
    "+1 555 010 0001",
    "my phone is 55501234",
    "I paid 10234 dollars",
    "$10234",
    "10234 usd",
    "zip 90210",
    "my postcode is 12345",
    "New York, NY 10001",
    "in 2023",
    "since 2024",
    "2024-05-03",
    "03/05/2024",
    "ana10234@example.com",
    "10000 units",
    "card ending in 4242",
    "the otp is 482911",
    "555-123-4567",
    "(555) 123-4567",
    "it cost 12000",
    "10:30",
    "https://x.com/p/10234",
    "1Z999AA10123456784",
    "30 days",
    "5000 pieces",
    "10.234,50 €",
    "20% off",
    "5 items",
    "I waited 45 minutes",
    "12/05",
    "it is 2026 already and no answer",
    "i have 20000 followers",
    "48 hours",
    "tracking number 1234567890",
    "one two",
    "whatsapp me on 919876543210",
    "i am 25 years old",
    "1000mah battery",
    "49.90",
    "it was 1,299.00",
    "my no is 9876543210",
    "call 98765 43210",
    "amount 1499 deducted",
    "awb 4455667788",
    "pincode 560034",
]


@pytest.mark.parametrize(("text", "numbers"), WRITTEN)
def test_it_finds_an_order_number_however_it_is_written(text: str, numbers: list[str]) -> None:
    """An order number is read as plain digits in every spelling a customer uses."""
    assert [found.value for found in sorted(order_numbers.find(text))] == numbers


@pytest.mark.parametrize("text", OTHER_DIGITS)
def test_it_leaves_other_digits_alone(text: str) -> None:
    """Phone numbers, amounts, postcodes, dates, quantities and codes are not order numbers."""
    assert list(order_numbers.find(text)) == []
