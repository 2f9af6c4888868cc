"""What a shop's orders service can do wrong, as classes."""

from __future__ import annotations

from conversations.errors import NeedsOperator, Refused, TryLater


class ShopDown(TryLater):
    """The shop did not answer in time, answered 5xx or 429, or has failed so often that it is left alone."""


class ShopRefused(Refused):
    """The shop does not take this call (another 4xx): the two sides disagree about the protocol."""


class ShopLockedOut(NeedsOperator):
    """The shop does not accept ORDERS_TOKEN."""


class ShopUnreadable(Refused):
    """The shop's answer is not what the protocol promises, or is about somebody else's order."""
