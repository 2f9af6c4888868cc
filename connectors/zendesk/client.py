"""Zendesk as the helpdesk, over zenpy. zenpy is synchronous and not thread-safe, so every call runs in a
thread of our own pool, and every thread has its own client.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import zenpy
from pydantic import SecretStr
from zenpy.lib.api_objects import Comment, User
from zenpy.lib.api_objects import Ticket as ZenpyTicket

from connectors.zendesk import drafts, files, reading, staff
from connectors.zendesk.errors import KeyUsedOtherwise, Unreadable
from connectors.zendesk.rest import Rest
from connectors.zendesk.session import Session, idempotency_key
from conversations.errors import ConnectorError, OutcomeUnknown, Refused, TryLater
from conversations.messages import File, Thread, Ticket, TicketDraft, TicketState

T = TypeVar("T")


class Account(Protocol):
    """A Zendesk account: scheme and host, and either e-mail and API token, or an OAuth token."""

    @property
    def base_url(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def api_token(self) -> SecretStr | None: ...
    @property
    def oauth_token(self) -> SecretStr | None: ...


class ZendeskClient:
    """Implements the core's `Helpdesk`. Closed with `close`.

    One account a process, as zenpy reads the address from the environment. `timeout` in seconds;
    `threads`: how many calls run at once. Raises ValueError for an address zenpy cannot be pointed at.
    """

    def __init__(self, account: Account, *, timeout: float = 10.0, threads: int = 4):
        _point_zenpy_at(account.base_url)
        self._options = {"subdomain": "parley", "timeout": timeout, **_credentials(account)}
        self._base_url, self._timeout = account.base_url.rstrip("/"), timeout
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="zendesk")
        self._our_user_id: str | None = None

    async def open_ticket(
        self, draft: TicketDraft, *, key: str, again: bool = False, uploads: Sequence[str] = ()
    ) -> Ticket:
        """Open a ticket once per `key`. See `Helpdesk.open_ticket`.

        Zendesk remembers the key for two hours. With `again` the conversation's tickets are looked
        through for it first. What Zendesk refuses is tried without being a follow-up, then without fields.
        """
        return await self._run(lambda: self._open(draft, key, again, uploads))

    async def add_comment(
        self, ticket: Ticket, body: str, *, keys: Sequence[str], public: bool, as_customer: bool,
        uploads: Sequence[str] = (), again: bool = False, since: datetime | None = None,
        solve: bool = False, reopen: bool = False, like: TicketDraft | None = None,
    ) -> str | None:  # fmt: skip
        """Add a comment once for these keys. See `Helpdesk.add_comment`.

        Zendesk has no idempotency for comments: with `again` the ticket's audits are looked through, and
        where it keeps none, its comments.
        """
        author_id = ticket.requester_id if as_customer else None
        comment = drafts.comment(body, public=public, author_id=author_id, uploads=uploads)
        status = "solved" if solve else "open" if reopen else None
        change = {"comment": comment, **({"status": status} if status else {})}
        return await self._run(
            lambda: self._comment(ticket, change, keys, since if again else None, again, like)
        )

    async def assign(self, ticket: Ticket, to: str) -> bool:
        """Assign the ticket to the person of this name. See `Helpdesk.assign`."""
        return await self._run(lambda: self._assign(ticket, to))

    async def upload(self, name: str, mime_type: str, data: bytes) -> str:
        """Bring a file to Zendesk. See `Helpdesk.upload`. Raises Refused where it takes no files."""
        return await self._run(lambda: files.upload(self._rest, name, mime_type, data))

    async def fetch(self, file: File) -> bytes:
        """An agent's attachment. See `Helpdesk.fetch`."""
        return await self._run(lambda: files.fetch(self._rest, file))

    async def thread(self, ticket: Ticket, *, since: datetime | None = None) -> Thread:
        """What the staff wrote to the customer. See `Helpdesk.thread`."""
        our_id = await self.our_user_id()
        return await self._run(lambda: reading.thread(self._rest, ticket, our_id, since))

    async def states(self, ids: Sequence[int]) -> list[TicketState]:
        """How these tickets are now. See `Helpdesk.states`."""
        our_id = await self.our_user_id()
        return await self._run(lambda: reading.states(self._rest, ids, our_id))

    async def changed(self, cursor: str, since: datetime) -> tuple[list[TicketState], str]:
        """Tickets changed after the cursor. See `Helpdesk.changed`."""
        return await self._run(lambda: reading.changed(self._rest, cursor, since))

    async def our_user_id(self) -> str | None:
        """The id of the user whose credentials these are, asked once; None if Zendesk does not tell.

        Raises TryLater or NeedsOperator.
        """
        if self._our_user_id is None:
            self._our_user_id = await self._run(self._ask_who_we_are)
        return self._our_user_id

    def close(self) -> None:
        """Take no more calls; those under way end in their threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @property
    def _zenpy(self) -> Any:
        """This thread's client."""
        if not hasattr(self._local, "zenpy"):
            session = Session()
            self._local.zenpy = zenpy.Zenpy(
                session=session, disable_cache=True, ratelimit_budget=1, **self._options
            )
            self._local.rest = Rest(session, self._base_url, self._timeout)
        return self._local.zenpy

    @property
    def _rest(self) -> Rest:
        """This thread's way to what zenpy does not offer, over the session zenpy has signed in."""
        if not hasattr(self._local, "rest"):
            _ = self._zenpy
        rest: Rest = self._local.rest
        return rest

    def _open(self, draft: TicketDraft, key: str, again: bool, uploads: Sequence[str]) -> Ticket:
        if again and (found := _settle(lambda: self._find(draft, key))):
            return found
        requester = self._requester(draft)
        opened = self._open_for(int(requester.id), draft, key, uploads)
        tags = getattr(requester, "tags", None)
        return replace(opened, requester_tags=None if tags is None else tuple(tags))

    def _open_for(
        self, requester_id: int, draft: TicketDraft, key: str, uploads: Sequence[str], way: str = ""
    ) -> Ticket:
        """`way` tells this body from those refused before: each has an Idempotency-Key of its own."""
        try:
            return self._create(draft, requester_id, key, uploads, way)
        except KeyUsedOtherwise:
            found = _settle(lambda: self._find(draft, key))
            if found is None:
                raise
            return found
        except Refused:
            if draft.follows is not None:
                return self._open_for(requester_id, replace(draft, follows=None), key, uploads, ":unlinked")
            if draft.fields:
                return self._open_for(requester_id, replace(draft, fields=()), key, uploads, ":plain")
            raise

    def _requester(self, draft: TicketDraft) -> Any:
        """The requester; a phone number that Zendesk refuses is left out rather than the ticket."""
        wanted = {
            "external_id": draft.requester_external_id,
            "name": draft.requester_name.strip() or "Customer",
        }
        if draft.requester_phone is None:
            return self._create_or_update(wanted)
        try:
            return self._create_or_update({**wanted, "phone": draft.requester_phone})
        except Refused:
            return self._create_or_update(wanted)

    def _create_or_update(self, user: dict[str, str]) -> Any:
        """zenpy's User, with an id."""
        try:
            return _understood(lambda: _with_id(self._zenpy.users.create_or_update(User(**user))))
        except Unreadable as error:
            raise TryLater(str(error), code=error.code) from error

    def _create(
        self, draft: TicketDraft, requester_id: int, key: str, uploads: Sequence[str], way: str
    ) -> Ticket:
        wanted = ZenpyTicket(**drafts.ticket(draft, requester_id, key, uploads))
        with idempotency_key(key + way):
            return _understood(lambda: _as_ticket(self._zenpy.tickets.create(wanted), requester_id))

    def _find(self, draft: TicketDraft, key: str) -> Ticket | None:
        """The ticket opened with this key, if there is one. Not by search, whose index lags behind."""
        tickets = _understood(lambda: list(self._zenpy.tickets(external_id=draft.external_id)))
        for ticket in sorted(tickets, key=lambda ticket: int(ticket.id), reverse=True):
            if self._was_made_with(ticket, draft, key):
                return Ticket(int(ticket.id), int(ticket.requester_id or self._requester(draft).id))
        return None

    def _was_made_with(self, ticket: Any, draft: TicketDraft, key: str) -> bool:
        """By the key in its audits; where a service keeps no metadata, by the same first comment."""
        keys = self._keys(int(ticket.id))
        return key in keys if keys else _same(ticket.description, drafts.body(draft.comment))

    def _comment(
        self, ticket: Ticket, change: dict[str, Any], keys: Sequence[str], since: datetime | None,
        again: bool, like: TicketDraft | None,
    ) -> str | None:  # fmt: skip
        if again and _settle(lambda: self._was_written(ticket, change["comment"], keys, since)):
            return None
        metadata = {"parley": keys[0]}
        if keys[1:]:
            metadata["parley_with"] = " ".join(keys[1:])
        anew = self._tagged(ticket, like) if like else {}
        update = ZenpyTicket(id=ticket.id, metadata=metadata, **change, **anew)
        try:
            return _comment_id(_understood(lambda: self._zenpy.tickets.update(update)))
        except Unreadable:
            return None  # the status was 2xx: the comment is there, whatever the answer's shape

    def _tagged(self, ticket: Ticket, like: TicketDraft) -> dict[str, Any]:
        """Add the draft's tags, which may be done twice; returns what else is to change with the comment."""
        with contextlib.suppress(Unreadable):  # the status was 2xx
            _understood(lambda: self._zenpy.tickets.add_tags(ticket.id, list(like.tags)))
        rises = self._rises(ticket, like.priority)
        return {**({"priority": like.priority} if rises else {}), **drafts.own_fields(like)}

    def _rises(self, ticket: Ticket, priority: str) -> bool:
        """Whether it is higher than the ticket's, which agents change, too; False where that is unknown."""
        try:
            now = _understood(lambda: self._zenpy.tickets(id=ticket.id).priority)
        except (Refused, Unreadable):
            return False
        return drafts.is_higher(priority, now)

    def _assign(self, ticket: Ticket, to: str) -> bool:
        id = self._person(to) if to else None
        if to and id is None:
            return False
        change = ZenpyTicket(id=ticket.id)
        change.assignee_id = id  # also None is sent then
        with contextlib.suppress(Unreadable):  # the status was 2xx
            _understood(lambda: self._zenpy.tickets.update(change))
        return True

    def _person(self, name: str) -> int | None:
        """The id of the one of the staff called so; None also where Zendesk does not list them."""
        try:
            return _understood(lambda: staff.find(self._zenpy.users, name))
        except (Refused, Unreadable):
            return None

    def _was_written(
        self, ticket: Ticket, comment: Comment, keys: Sequence[str], since: datetime | None
    ) -> bool:
        """By a key in the audits; where a service keeps no metadata, by a comment of the same words."""
        known = self._keys(ticket.id)
        return bool(known & set(keys)) if known else self._says(ticket.id, comment, since)

    def _says(self, ticket_id: int, comment: Comment, since: datetime | None) -> bool:
        """Whether the ticket has such a comment since then; False where its comments cannot be read."""
        try:
            found = reading.comments(self._rest, ticket_id)
        except Refused:
            return False
        return any(
            _same(each.body, comment.body) and each.public == comment.public and each.is_since(since)
            for each in found
        )

    def _keys(self, ticket_id: int) -> set[str]:
        """The keys in the ticket's audits; empty where there are none to read."""
        try:
            audits = _understood(
                lambda: [audit.to_dict() for audit in self._zenpy.tickets.audits(ticket=ticket_id)]
            )
        except (Refused, Unreadable):
            return set()
        customs = [(audit.get("metadata") or {}).get("custom") or {} for audit in audits]
        values = [custom.get(name) for custom in customs for name in ("parley", "parley_with")]
        return {key for value in values if isinstance(value, str) for key in value.split()}

    def _ask_who_we_are(self) -> str | None:
        try:
            user_id = _understood(lambda: self._zenpy.users.me().id)
        except (Refused, Unreadable):
            return None
        return str(user_id) if user_id else None


def _point_zenpy_at(base_url: str) -> None:
    """Raises ValueError if zenpy cannot be pointed there: it takes a scheme and a host, but no path."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.netloc or url.path.strip("/"):
        raise ValueError("ZENDESK_BASE_URL must look like https://host or http://host:port, without a path")
    os.environ["ZENPY_FORCE_SCHEME"], os.environ["ZENPY_FORCE_NETLOC"] = url.scheme, url.netloc


def _credentials(account: Account) -> dict[str, str | None]:
    if account.oauth_token is not None:
        return {"oauth_token": account.oauth_token.get_secret_value()}
    token = account.api_token.get_secret_value() if account.api_token is not None else None
    return {"email": account.email, "token": token}


def _with_id(user: Any) -> Any:
    """The user, whose id is a number; raises what an answer without one raises."""
    int(user.id)
    return user


def _as_ticket(created: Any, requester_id: int) -> Ticket:
    """zenpy gives a TicketAudit when the answer has an audit, else a Ticket."""
    ticket = getattr(created, "ticket", created)
    return Ticket(int(ticket.id), int(getattr(ticket, "requester_id", None) or requester_id))


def _comment_id(updated: Any) -> str | None:
    """The id of the comment an update wrote, from its audit; None where the answer has none."""
    audit = getattr(updated, "audit", None)
    events = (audit.to_dict() if audit is not None else {}).get("events") or ()
    ids = [event.get("id") for event in events if isinstance(event, dict) and event.get("type") == "Comment"]
    return str(ids[0]) if ids and ids[0] else None


def _understood(call: Callable[[], T]) -> T:
    """The call's result. zenpy's own exceptions, of many classes, mean an answer it cannot place."""
    try:
        return call()
    except ConnectorError:
        raise
    except Exception as error:
        raise Unreadable(
            f"Zendesk's answer is not understood: {type(error).__name__}", code="bad_answer"
        ) from error


def _settle(look: Callable[[], T]) -> T:
    """The result of a look after a lost call. While the look itself fails, the outcome stays unknown."""
    try:
        return look()
    except TryLater as error:
        raise OutcomeUnknown(str(error), retry_after=error.retry_after, code=error.code) from error


def _same(first: str | None, second: str) -> bool:
    return (first or "").split() == second.split()
