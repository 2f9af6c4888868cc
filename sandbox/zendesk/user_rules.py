"""Creating and finding users by Zendesk's rules. Source: Zendesk's users reference."""

from __future__ import annotations

from typing import Any

from sandbox.zendesk.errors import Invalid
from sandbox.zendesk.records import Json, User
from sandbox.zendesk.state import State

PLAIN = ("name", "notes", "details", "user_fields", "tags", "verified")
IDENTITY_TYPES = ("email", "phone_number", "twitter", "facebook", "google", "agent_forwarding")


def create(state: State, wanted: Json) -> User:
    """A new end user. Raises Invalid: no name, or an e-mail or external id somebody else has."""
    if not str(wanted.get("name") or "").strip():
        raise Invalid("name", "Name: is too short (minimum is 1 characters)")
    for name, found in (("email", by_email(state, wanted)), ("external_id", by_external_id(state, wanted))):
        if found is not None:
            raise Invalid(
                name, f"{name.replace('_', ' ').capitalize()}: is already being used", "DuplicateValue"
            )
    user = state.add_user(str(wanted["name"]), email=wanted.get("email"))
    update(state, user, wanted)
    return user


def create_or_update(state: State, wanted: Json) -> tuple[User, bool]:
    """The user with this external id or e-mail, brought up to date, or a new one; True when new."""
    user = by_external_id(state, wanted) or by_email(state, wanted)
    if user is None:
        return create(state, wanted), True
    update(state, user, wanted)
    return user, False


def update(state: State, user: User, wanted: Json) -> None:
    """Change what is given."""
    for name in PLAIN:
        if name in wanted:
            setattr(user, name, wanted[name])
    if wanted.get("external_id"):
        user.external_id = str(wanted["external_id"])
    if wanted.get("email") and user.email is None:
        user.email = str(wanted["email"])
        state.add_identity(user, "email", user.email, primary=True)
    if wanted.get("phone") and wanted["phone"] != user.phone:
        _set_phone(state, user, str(wanted["phone"]))
    user.updated_at = state.now()
    state.touch(user)


def add_identity(state: State, user: User, wanted: Json) -> Json:
    """One more identity. Raises Invalid: unknown type, no value, or a value somebody has."""
    kind, value = wanted.get("type"), wanted.get("value")
    if kind not in IDENTITY_TYPES or not value:
        raise Invalid("identity", "Identity: needs a known type and a value")
    if any(i["type"] == kind and i["value"] == value for u in state.users.values() for i in u.identities):
        raise Invalid("value", "Value: is already being used by another user", "DuplicateValue")
    return state.add_identity(user, str(kind), str(value), verified=bool(wanted.get("verified")))


def by_email(state: State, wanted: Json) -> User | None:
    """The user with `wanted["email"]`."""
    return _first(state, "email", wanted.get("email"))


def by_external_id(state: State, wanted: Json) -> User | None:
    """The user with `wanted["external_id"]`, whatever its case."""
    return _first(state, "external_id", wanted.get("external_id"))


def _first(state: State, name: str, value: Any) -> User | None:
    if not value:
        return None
    wanted = str(value).casefold()
    return next((u for u in state.users.values() if str(getattr(u, name) or "").casefold() == wanted), None)


def _set_phone(state: State, user: User, phone: str) -> None:
    """A number that is another's direct line becomes a shared number instead of an identity."""
    taken = any(
        identity["value"] == phone and identity["type"] == "phone_number"
        for other in state.users.values()
        if other is not user
        for identity in other.identities
    )
    user.phone, user.shared_phone = phone, taken
    if not taken and not any(identity["value"] == phone for identity in user.identities):
        state.add_identity(user, "phone_number", phone)
