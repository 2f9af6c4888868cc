"""Orders and returns in JSON, as docs/reference/shop-protocol.md has them."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from connectors.shop.errors import ShopUnreadable
from orders.model import Order, Owner, Return, ReturnWish


def owner(value: Owner) -> dict[str, Any]:
    """The proofs of ownership that there are."""
    return {name: proof for name, proof in asdict(value).items() if proof}


def wish(value: ReturnWish) -> dict[str, Any]:
    """A return as the customer wants it."""
    return asdict(value)


def order(data: Any) -> Order | None:
    """`{"order": {…} or null}`. Raises ShopUnreadable."""
    found: Order | None = _read(Order, _member(data, "order"))
    if found and not found.items:
        raise ShopUnreadable(f"the shop's order {found.number} has no items")
    return found


def orders(data: Any) -> tuple[Order, ...]:
    """`{"orders": […]}`. Raises ShopUnreadable."""
    listed = _member(data, "orders")
    if not isinstance(listed, list):
        raise ShopUnreadable("the shop's answer has no list of orders")
    found = (order({"order": each}) for each in listed)
    return tuple(each for each in found if each)


def return_(data: Any) -> Return | None:
    """`{"return": {…} or null}`. Raises ShopUnreadable."""
    found: Return | None = _read(Return, _member(data, "return"))
    return found


def _member(data: Any, name: str) -> Any:
    if not isinstance(data, dict) or name not in data:
        raise ShopUnreadable(f"the shop's answer has no “{name}”")
    return data[name]


def _read(kind: Any, data: Any) -> Any:
    if data is None:
        return None
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        fields = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
        what = f"the shop's {kind.__name__.lower()} cannot be read"
        raise ShopUnreadable(f"{what}: {', '.join(fields[:5])}") from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
