"""Who may sign in, and for how long."""

from __future__ import annotations

import time

import pytest

from app.console import session, users
from app.console.users import UsersUnreadable


def test_people_are_read_from_one_line() -> None:
    """name:password:role, comma-separated; a password may contain colons."""
    people = users.read(" mia:secret:agent, leo:a:b:c:admin,")
    assert {name: person.role for name, person in people.items()} == {"mia": "agent", "leo": "admin"}
    assert users.recognise(people, "leo", "a:b:c") is people["leo"]


@pytest.mark.parametrize(
    "text", ["mia", "mia:agent", ":secret:agent", "mia::agent", "mia:secret:boss", "a:b:lead,a:c:lead"]
)
def test_half_given_people_are_refused_without_their_password(text: str) -> None:
    """The message says which entry is wrong and never shows a password."""
    with pytest.raises(UsersUnreadable, match=r"CONSOLE_USERS: entry [12] ") as refused:
        users.read(text)
    assert "secret" not in str(refused.value)


def test_only_the_right_password_is_recognised() -> None:
    """A wrong password, an unknown name and empty ones are nobody's; odd characters do no harm."""
    people = users.read("mia:sécret:agent")
    assert users.recognise(people, "mia", "sécret") is people["mia"]
    for name, password in (("mia", "secret"), ("MIA", "sécret"), ("", ""), ("mia", ""), ("x", "\ud83d")):
        assert users.recognise(people, name, password) is None


def test_passwords_are_not_shown() -> None:
    """Not even a person's digest is printed."""
    assert "digest" not in repr(users.read("mia:secret:agent"))


def test_session_ends_with_time_and_with_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session is good for twelve hours, for the same key, entry and password."""
    people = users.read("mia:secret:agent")
    value = session.issue("key", people["mia"])
    found = session.read("key", people, value)
    assert found is not None
    assert found[0] is people["mia"]
    assert session.read("other", people, value) is None
    assert session.read("key", {}, value) is None
    assert session.read("key", users.read("mia:changed:agent"), value) is None
    later = time.time() + session.LASTS.total_seconds() + 2
    monkeypatch.setattr(time, "time", lambda: later)
    assert session.read("key", people, value) is None
