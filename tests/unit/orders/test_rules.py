"""What may be done with an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from orders import demo, rules
from orders.model import Order, Status

TODAY = date(2026, 3, 20)
OUT, SHIRT, GRINDER, LAMP, LATE = demo.named(TODAY)
KB = Path("kb/articles")


def delivered(days_ago: int) -> Order:
    return replace(SHIRT, delivered_on=TODAY - timedelta(days_ago))


@pytest.mark.parametrize(("days_ago", "allowed"), [(0, True), (1, True), (29, True), (30, True), (31, False)])
def test_return_window(days_ago: int, allowed: bool) -> None:
    """An order can be returned up to and including the thirtieth day after delivery."""
    assert rules.may_return(delivered(days_ago), TODAY).allowed is allowed


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        (OUT, "not_delivered"),
        (GRINDER, "window_closed"),
        (replace(SHIRT, status=Status.RETURNED), "already_returned"),
        (replace(LAMP, status=Status.CANCELLED), "cancelled"),
        (replace(SHIRT, items=tuple(replace(i, final_sale=True) for i in SHIRT.items)), "final_sale"),
    ],
)
def test_refused_returns_name_their_rule(order: Order, rule: str) -> None:
    """A refused return names the rule, and an article that exists."""
    decision = rules.may_return(order, TODAY)
    assert (decision.allowed, decision.rule) == (False, rule)
    assert (KB / f"{decision.article}.md").exists()


def test_refusal_says_why() -> None:
    """A closed window is explained with both numbers."""
    because = rules.may_return(GRINDER, TODAY).because
    assert "60 days ago" in because
    assert "30 days" in because


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
    assert rules.returnable_items(replace(SHIRT, items=(replace(first, final_sale=True), second))) == (
        second,
    )


def test_articles_state_the_same_window() -> None:
    """The articles promise the window that the rule keeps."""
    facts = yaml.safe_load((KB / "facts.yml").read_text(encoding="utf-8"))
    assert facts["return_window_days"] == rules.RETURN_WINDOW.days
