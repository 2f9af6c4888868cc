"""Who may sign in to the desk: the people named in `CONSOLE_USERS`."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from conversations.errors import ParleyError

Role = Literal["agent", "lead", "trainer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


class UsersUnreadable(ParleyError):
    """CONSOLE_USERS cannot be used; the message says which entry and why, without its password."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in. `digest`: SHA-256 of the password."""

    name: str
    role: Role
    digest: bytes = field(repr=False)


Users = Mapping[str, Person]


def may_speak(person: Person) -> bool:
    """Whether this person may take conversations over and write to customers: trainers read along."""
    return person.role != "trainer"


def may_wrest(person: Person) -> bool:
    """Whether this person may take a conversation from a colleague, or give it to another."""
    return person.role in ("lead", "admin")


def read(text: str) -> Users:
    """The people of `name:password:role, …`, by name; a password may contain ":", not ",".

    Raises UsersUnreadable.
    """
    people: dict[str, Person] = {}
    for number, entry in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        name, _, rest = entry.partition(":")
        password, _, role = rest.rpartition(":")
        where = f"CONSOLE_USERS: entry {number}"
        if not (name and password and role):
            raise UsersUnreadable(f"{where} is not name:password:role.")
        if role not in ROLES:
            raise UsersUnreadable(f"{where} has no known role; roles are agent, lead, trainer and admin.")
        if name in people:
            raise UsersUnreadable(f"{where} has the name of an earlier one.")
        people[name] = Person(name, role, _digest(password))
    return people


def recognise(users: Users, name: str, password: str) -> Person | None:
    """The person of this name, when the password is theirs; takes as long for an unknown name."""
    person = users.get(name)
    wanted = person.digest if person else _digest(secrets.token_hex())
    return person if hmac.compare_digest(_digest(password), wanted) else None


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
