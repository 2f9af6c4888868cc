"""What may be done with an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from orders import demo, rules, terms
from orders.model import Condition, Item, Kind, Order, Return, Status

TODAY = date(2026, 3, 20)
TERMS = terms.shop()
WINDOW = TERMS.return_window.days
OUT, SHIRT, GRINDER, LAMP, LATE = demo.named(TODAY)
KB = Path("kb/articles")


def delivered(days_ago: int, *items: Item) -> Order:
    order = replace(SHIRT, delivered_on=TODAY - timedelta(days_ago), shipments=())
    return replace(order, items=items) if items else order


def thing(kind: Kind = Kind.GENERAL, final_sale: bool = False) -> Item:
    return Item("Thing", 1, 1000, final_sale, kind)


@pytest.mark.parametrize(
    ("days_ago", "allowed"), [(0, True), (1, True), (WINDOW - 1, True), (WINDOW, True), (WINDOW + 1, False)]
)
def test_return_window(days_ago: int, allowed: bool) -> None:
    """An order can be returned up to and including the last day of the window after delivery."""
    assert rules.may_return(delivered(days_ago), TODAY, TERMS).allowed is allowed


def test_another_window_is_another_rule_and_another_answer() -> None:
    """The number in the terms is all there is: it decides, and it is said."""
    short = replace(TERMS, return_window=timedelta(5))
    decision = rules.may_return(delivered(6), TODAY, short)
    assert not decision.allowed
    assert "possible for 5 days" in decision.because
    assert rules.may_return(delivered(6), TODAY, replace(TERMS, return_window=timedelta(6))).allowed


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (OUT, "not_delivered"),
        (GRINDER, "window_closed"),
        (replace(SHIRT, status=Status.RETURNED), "already_returned"),
        (replace(LAMP, status=Status.CANCELLED), "cancelled"),
        (delivered(3, thing(final_sale=True)), "final_sale"),
        (delivered(3, thing(Kind.GIFT_CARD)), "excluded_goods"),
        (replace(delivered(3, thing()), returns=(Return("R-1", "Thing", "", TODAY),)), "return_open"),
    ],
)
def test_refused_returns_name_their_rule(order: Order, rule: str) -> None:
    """A refused return names the rule, and an article that exists."""
    decision = rules.may_return(order, TODAY, TERMS)
    assert (decision.allowed, decision.rule) == (False, rule)
    assert (KB / f"{decision.article}.md").exists()


@pytest.mark.parametrize(
    ("item", "condition", "rule"),
    [
        (thing(), Condition.UNOPENED, "within_window"),
        (thing(), Condition.OPENED, "within_window"),
        (thing(), Condition.USED, "used_goods"),
        (thing(), Condition.FAULTY, "faulty"),
        (thing(Kind.HYGIENE), Condition.UNOPENED, "within_window"),
        (thing(Kind.HYGIENE), Condition.OPENED, "opened_goods"),
        (thing(Kind.SOFTWARE), Condition.OPENED, "opened_goods"),
        (thing(Kind.SOFTWARE), Condition.USED, "opened_goods"),
        (thing(Kind.PERISHABLE), Condition.UNOPENED, "excluded_goods"),
        (thing(Kind.PERSONALISED), Condition.FAULTY, "faulty"),
        (thing(Kind.DIGITAL), Condition.UNOPENED, "excluded_goods"),
        (thing(final_sale=True), Condition.UNOPENED, "final_sale"),
        (thing(final_sale=True), Condition.FAULTY, "faulty"),
    ],
)
def test_goods_and_condition_decide(item: Item, condition: Condition, rule: str) -> None:
    """Each kind of goods in each state has its rule, and the rule its article."""
    decision = rules.may_return_item(delivered(3, item), item, condition, TODAY, TERMS)
    assert decision.rule == rule
    assert decision.allowed == (rule in {"within_window", "faulty"})
    assert (KB / f"{decision.article}.md").exists()


def test_a_late_fault_is_a_case_of_warranty() -> None:
    """After the window nothing goes back, but a fault leads to the warranty."""
    decision = rules.may_return_item(GRINDER, GRINDER.items[0], Condition.FAULTY, TODAY, TERMS)
    assert (decision.allowed, decision.rule, decision.article) == (False, "warranty", "warranty")


def test_each_parcel_has_its_own_window() -> None:
    """Of an order in two parcels, what came long ago stays, what came yesterday may go back."""
    first, second = SHIRT.items
    parcel = SHIRT.shipments[0]
    old = replace(parcel, items=(first.title,), delivered_on=TODAY - timedelta(WINDOW + 5))
    new = replace(parcel, items=(second.title,), delivered_on=TODAY - timedelta(1))
    order = replace(SHIRT, status=Status.SHIPPED, delivered_on=None, shipments=(old, new))
    assert rules.returnable_items(order, TODAY, TERMS) == (second,)
    assert rules.may_return(order, TODAY, TERMS).allowed
    assert rules.may_return_item(order, first, None, TODAY, TERMS).rule == "window_closed"


def test_refusal_says_why() -> None:
    """A closed window is explained with both numbers."""
    because = rules.may_return(GRINDER, TODAY, TERMS).because
    assert "60 days ago" in because
    assert f"{WINDOW} days" in because


@pytest.mark.parametrize("order", [OUT, SHIRT, LATE, replace(LAMP, status=Status.CANCELLED)])
def test_only_an_order_that_has_not_left_can_change(order: Order) -> None:
    """Neither cancelled nor readdressed: an order that has left, or is cancelled already."""
    assert not rules.may_cancel(order).allowed
    assert not rules.may_change_address(order).allowed


def test_a_processing_order_can_change() -> None:
    """While it is being packed, an order can be cancelled and readdressed."""
    assert rules.may_cancel(LAMP).allowed
    assert rules.may_change_address(LAMP).allowed


def test_lateness() -> None:
    """An open order is late from the day after its promised delivery; a finished one never is."""
    assert rules.days_late(LATE, TODAY) == 14
    assert rules.days_late(OUT, TODAY) == 0
    assert rules.days_late(GRINDER, TODAY) == 0


def test_final_sale_items_are_left_out() -> None:
    """Of a mixed order, only the items that are not final sale can come back."""
    first, second = SHIRT.items
    mixed = replace(SHIRT, items=(replace(first, final_sale=True), second))
    assert rules.returnable_items(mixed, TODAY, TERMS) == (second,)


def test_a_changed_fact_changes_the_rule(tmp_path: Path) -> None:
    """The terms follow the file of the articles as soon as it changes."""
    facts = tmp_path / "facts.yml"
    facts.write_text("return_window_days: 10\ndays_to_send_back: 3\nwarranty_years: 1\n", encoding="utf-8")
    assert terms.shop(facts).return_window.days == 10
    facts.write_text("return_window_days: 100\ndays_to_send_back: 3\nwarranty_years: 1\n", encoding="utf-8")
    assert terms.shop(facts).return_window.days == 100


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, "return_not_sent"),
        ({"sent_on": TODAY}, "return_sent"),
        ({"sent_on": TODAY, "received_on": TODAY}, "return_received"),
        ({"sent_on": TODAY, "cancelled_on": TODAY}, "return_cancelled"),
    ],
)
def test_cancelling_a_return(change: dict[str, date], rule: str) -> None:
    """A return may be called off until its parcel is handed over; rule and article are named."""
    opened = replace(Return("R-1", "Linen shirt", "small", TODAY), **change)  # type: ignore[arg-type]
    decision = rules.may_cancel_return(SHIRT, opened)
    assert (decision.allowed, decision.rule) == (rule == "return_not_sent", rule)
    assert (KB / f"{decision.article}.md").exists()
