"""The people who work in Zendesk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ROLES = ("agent", "admin")


def find(users: Callable[..., Any], name: str) -> int | None:
    """The id of the agent or admin of this name, in any case; None for nobody, or for more than one.

    `users`: zenpy's list of users. Raises what zenpy raises.
    """
    wanted = _plain(name)
    ids = {int(user.id) for role in ROLES for user in users(role=role) if _plain(user.name or "") == wanted}
    return ids.pop() if len(ids) == 1 else None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
