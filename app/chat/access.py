"""Who is calling the chat API, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.chat import keys, limits
from app.request import parley_of
from app.settings import Settings
from app.wiring import Parley
from connectors.chat import store
from connectors.chat.store import Session

CHALLENGE = {"WWW-Authenticate": "Bearer"}
NO_KEY = "Send an API key or the session's token: Authorization: Bearer …"

bearer = HTTPBearer(
    auto_error=False,
    description="An API key (CHAT_API_KEYS), or the token of a session for that session alone.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


@dataclass(frozen=True, slots=True)
class Visit:
    """A call about one session. `key`: the integrator's name, None for the customer's own browser."""

    parley: Parley
    session: Session
    key: str | None


async def opener(request: Request, credentials: Credentials) -> str:
    """Who may open a session: an integrator by key, or a page of ours by its permit; the account's name."""
    parley, given = parley_of(request), _given(credentials)
    if keys.is_permit(secret(parley.settings), given):
        await limits.check(parley.redis, limits.SESSIONS, _address(request))
        return keys.PAGE
    return await _name(request, parley, given)


async def visitor(request: Request, id: UUID, credentials: Credentials) -> Visit:
    """Somebody with a key, or with the token of this very session.

    Answers 401 for anything else; a token learns nothing of whether another session exists.
    """
    parley, given = parley_of(request), _given(credentials)
    async with parley.pool.connection() as conn:
        session = await store.session(conn, id)
    if session and _is_token(session, given):
        return Visit(parley, session, None)
    name = await _name(request, parley, given)
    if session is None:
        raise HTTPException(404, f"There is no chat session {id}.")
    return Visit(parley, session, name)


async def integrator(visit: Annotated[Visit, Depends(visitor)]) -> Visit:
    """Somebody with a key: a customer decides nothing about who may speak."""
    if visit.key is None:
        raise HTTPException(403, "This takes an API key.")
    return visit


def api_keys(settings: Settings) -> keys.Keys:
    """The integrators' keys; none when none are set."""
    given = settings.chat_api_keys
    return keys.read(given.get_secret_value()) if given else {}


def secret(settings: Settings) -> str | None:
    """What signs the permits of our pages."""
    return settings.secret_key.get_secret_value() if settings.secret_key else None


def _is_token(session: Session, given: str) -> bool:
    return keys.token_matches(session.token_hash, given) and session.expires_at > datetime.now(UTC)


def _given(credentials: HTTPAuthorizationCredentials | None) -> str:
    if credentials is None or not credentials.credentials:
        raise HTTPException(401, NO_KEY, CHALLENGE)
    return credentials.credentials


async def _name(request: Request, parley: Parley, given: str) -> str:
    """The integrator whose key this is. After too many wrong ones from this address a right one waits, too:
    else whoever guesses would go on guessing. Tokens and permits, which nobody guesses, never wait for that.
    """
    await limits.look(parley.redis, limits.WRONG, _address(request))
    name = keys.recognise(api_keys(parley.settings), given)
    if name is None:
        await limits.check(parley.redis, limits.WRONG, _address(request))
        raise HTTPException(401, "This key or token is not valid here.", CHALLENGE)
    await limits.check(parley.redis, limits.KEY, name)
    return name


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
