"""What the bot asks of a shop. Put your own orders service behind this to connect it.

Two shops are behind it already: `orders.store` on our own tables, and `connectors.shop` for a service that
speaks HTTP and JSON (docs/reference/shop-protocol.md).
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from orders.model import Order, Owner, Return, ReturnWish


class Orders(Protocol):
    """A shop's orders, as far as their owners may see and change them.

    An order is its owner's when the phone is the one on the order, or when the e-mail is. Every call
    takes the owner again, so that no caller can forget to check; an order of somebody else and an
    order that does not exist are both None. Every change is idempotent: asked twice, done once.
    Implementations raise what their system raises; the caller says sorry and asks for a person.
    """

    async def find(self, number: str, owner: Owner) -> Order | None:
        """The owner's order with this number."""
        ...

    async def of_phone(self, phone: str, limit: int = 10) -> tuple[Order, ...]:
        """The latest orders of this phone, newest first. An e-mail alone never lists orders."""
        ...

    async def cancel(self, number: str, owner: Owner) -> Order | None:
        """The order, cancelled if `rules.may_cancel` allowed it at that moment, else as it stands."""
        ...

    async def change_address(self, number: str, owner: Owner, address: str) -> Order | None:
        """The order, with the new address if `rules.may_change_address` allowed it, else as it stands."""
        ...

    async def open_return(self, number: str, owner: Owner, wish: ReturnWish, today: date) -> Return | None:
        """The open return of this item, opened now or before; None when the rules do not allow it."""
        ...

    async def cancel_return(
        self, number: str, owner: Owner, return_number: str, today: date
    ) -> Return | None:
        """The return, cancelled if `rules.may_cancel_return` allowed it now or before, else as it stands.

        None when the order has no such return.
        """
        ...
