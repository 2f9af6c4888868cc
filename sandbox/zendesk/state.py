"""Everything the local Zendesk knows, and the ids it gives."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sandbox.clock import Clock, stamp
from sandbox.zendesk import shapes
from sandbox.zendesk.errors import NotFound
from sandbox.zendesk.records import Attachment, Json, Ticket, User
from sandbox.zendesk.settings import FIRST_DAY, ZendeskSettings

FIRST_ID = 26155588908179
"""Ids grow from here with the time of the start, so that a sandbox started again gives none twice."""
VERSIONS_KEPT = 20


class State:
    """Records by id. `touch` must be called after a record changed, so that search learns of it."""

    def __init__(self, settings: ZendeskSettings, clock: Clock) -> None:
        self._clock = clock
        self._last_id = FIRST_ID + 32 * int((clock.timestamp() - FIRST_DAY) * 1000)
        self._sequence = 0
        self.first_ticket = settings.first_ticket
        self._versions: dict[tuple[str, int], list[tuple[float, Json]]] = {}
        self.users: dict[int, User] = {}
        self.tickets: dict[int, Ticket] = {}
        self.uploads: dict[str, list[Attachment]] = {}
        self.files: dict[str, Attachment] = {}
        self.bot = self.add_user("Parley", "admin", email=settings.email)
        self.agents = [
            self.add_user(name, "agent", email=f"{name.split()[0].lower()}@example.com")
            for name in settings.agents
        ]

    def now(self) -> datetime:
        """The sandbox's present."""
        return self._clock.now()

    def new_id(self) -> int:
        """An id of 14 digits that nothing else has."""
        self._last_id += 32
        return self._last_id

    def add_user(self, name: str, role: str = "end-user", *, email: str | None = None) -> User:
        """A new person."""
        now = self.now()
        user = User(self.new_id(), name, role, now, now, email=email, verified=role != "end-user")
        self.users[user.id] = user
        if email:
            self.add_identity(user, "email", email, verified=user.verified, primary=True)
        self.touch(user)
        return user

    def add_identity(
        self, user: User, kind: str, value: str, *, verified: bool = False, primary: bool = False
    ) -> Json:
        """One more way to reach a person."""
        at = stamp(self.now())
        identity = {
            "id": self.new_id(),
            "user_id": user.id,
            "type": kind,
            "value": value,
            "verified": verified,
            "primary": primary,
            "created_at": at,
            "updated_at": at,
            "deliverable_state": "deliverable",
        }
        user.identities.append(identity)
        return identity

    def user(self, user_id: int) -> User:
        """The person. Raises NotFound."""
        if user_id not in self.users:
            raise NotFound
        return self.users[user_id]

    def ticket(self, ticket_id: int) -> Ticket:
        """The ticket. Raises NotFound, also for a deleted one."""
        ticket = self.tickets.get(ticket_id)
        if ticket is None or ticket.deleted:
            raise NotFound
        return ticket

    def present(self) -> list[Ticket]:
        """Every ticket that was not deleted, by id."""
        return [ticket for ticket in self.tickets.values() if not ticket.deleted]

    def keep_file(self, name: str, content_type: str, data: bytes) -> Attachment:
        """Keep an uploaded file."""
        file = Attachment(self.new_id(), secrets.token_urlsafe(18), name, content_type, data)
        self.files[file.token] = file
        return file

    def await_comment(self, file: Attachment, token: str | None = None) -> str:
        """The token by which a comment takes the file; with a given one it goes to the others there."""
        token = token or secrets.token_urlsafe(16)
        self.uploads.setdefault(token, []).append(file)
        return token

    def touch(self, record: Ticket | User) -> None:
        """A record changed: remember this version for search, and move a ticket to the end of the export."""
        kind, shown = "user", {}
        if isinstance(record, Ticket):
            self._sequence += 1
            record.sequence = self._sequence
            kind, shown = "ticket", shapes.ticket(record, "")
        else:
            shown = shapes.user(record, "")
        versions = self._versions.setdefault((kind, record.id), [])
        versions.append((self._clock.timestamp(), shown))
        del versions[:-VERSIONS_KEPT]

    def indexed(self, delay: float) -> Iterable[tuple[str, Json]]:
        """What search knows: kind and shape of each record as it was `delay` seconds ago."""
        until = self._clock.timestamp() - delay
        for (kind, _), versions in self._versions.items():
            old = [shown for at, shown in versions if at <= until]
            if old and old[-1].get("status") != "deleted":
                yield kind, old[-1]
