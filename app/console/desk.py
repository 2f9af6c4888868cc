"""What a page of the desk has at hand: what all pages share, and the person who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request
from starlette.types import Scope

from app.console import session, users
from app.console.board import Board
from app.console.canned import FILE, Replies
from app.console.live import Live
from app.console.orders import OrderBook
from app.console.users import Person, Users
from app.settings import Settings
from app.wiring import Parley

HOW_TO_SET = (
    "Nobody can sign in yet: set CONSOLE_USERS (name:password:role, comma-separated; roles are agent, lead, "
    "trainer and admin) and SECRET_KEY (any long random text), then start Parley again."
)
SCOPE = "parley.desk"


@dataclass(frozen=True, slots=True)
class Room:
    """What all desks of a web process share."""

    parley: Parley
    live: Live
    orders: OrderBook
    board: Board
    replies: Replies


def furnish(parley: Parley) -> Room:
    """The room around a Parley; it begins to listen when the first page asks what is new."""
    live = Live(parley.settings.database_url or "", parley.redis)
    orders, replies = OrderBook(parley.orders), Replies(parley.settings.ready_replies or FILE)
    return Room(parley, live, orders, Board(parley.pool, live, orders), replies)


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in person's desk, until the session ends."""

    room: Room
    person: Person
    until: datetime

    @property
    def parley(self) -> Parley:
        return self.room.parley

    @property
    def may_speak(self) -> bool:
        return users.may_speak(self.person)

    @property
    def may_wrest(self) -> bool:
        return users.may_wrest(self.person)

    @property
    def closed(self) -> bool:
        """True when the session has ended while a page was open."""
        return datetime.now(UTC) >= self.until


def desk_of(request: Request) -> Desk:
    """The desk of this request; the gate lets no request of a page through without one."""
    desk: Desk = request.scope[SCOPE]
    return desk


def open_desk(room: Room, scope: Scope) -> Desk | None:
    """The desk of the person whose cookie came with this request; None when nobody is signed in."""
    found = signed_in(room.parley, scope)
    return Desk(room, *found) if found else None


def signed_in(parley: Parley, scope: Scope) -> tuple[Person, datetime] | None:
    """Who sent this request, and until when the session lasts; None when nobody is signed in."""
    key = secret(parley.settings)
    if key is None:
        return None
    cookie = Request({**scope, "type": "http"}).cookies.get(session.COOKIE)
    return session.read(key, people(parley.settings), cookie)


def people(settings: Settings) -> Users:
    """Who may sign in; nobody when it is not set. Raises UsersUnreadable."""
    given = settings.console_users
    return users.read(given.get_secret_value()) if given else {}


def secret(settings: Settings) -> str | None:
    """What signs the sessions."""
    return settings.secret_key.get_secret_value() if settings.secret_key else None
