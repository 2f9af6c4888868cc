"""`/api/v1`: the chat of a website, through the same corridor as WhatsApp."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from app import files
from app.chat import access, history, keys, limits, shapes
from app.chat.access import Visit
from app.request import parley_of, read_body
from connectors.chat import client, store
from connectors.chat.store import Session
from conversations import handoff, inbox, outbox
from conversations import store as core
from conversations.desk import holding
from conversations.errors import ConnectorError
from conversations.handback import changes
from conversations.messages import CustomerMessage, Receipt

log = structlog.get_logger(__name__)

LARGEST = 64 * 1024
"""Bytes of a body."""

LASTS = timedelta(days=30)
"""How long a session's token is good for."""

LONGEST_WAIT = 25.0
"""Seconds; shorter than what proxies allow a silent request."""


class Bounded(APIRoute):
    """A route that reads no more than `LARGEST`; 413 for more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_bounded(request: Request) -> Response:
            if request.method == "GET":
                return await handle(request)
            body = await read_body(request, LARGEST)

            async def read() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handle(Request(request.scope, read))

        return handle_bounded


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": shapes.Problem, "description": about}
    for status, about in {
        400: "The body cannot be read: not UTF-8, or nested too deeply.",
        401: "No key or token, or one that is not valid here.",
        404: "There is no such session.",
        413: "The body is too large.",
        422: "Something in the request is not as described here.",
        429: "Too often; `Retry-After` says how many seconds to wait.",
        503: "Nothing could be stored; repeat it.",
    }.items()
}

router = APIRouter(prefix="/chat", tags=["chat"], route_class=Bounded, responses=REFUSALS)
Visitor = Annotated[Visit, Depends(access.visitor)]
Integrator = Annotated[Visit, Depends(access.integrator)]
Wanted = Annotated[shapes.NewSession, Body(default_factory=shapes.NewSession)]
Step = Annotated[shapes.Step, Body(default_factory=shapes.Step)]

STEP_REFUSALS: dict[int | str, dict[str, Any]] = {
    403: {"model": shapes.Problem, "description": "A session's token: this takes an API key."},
    409: {
        "model": shapes.Problem,
        "description": "Somebody else holds the conversation; the error says who.",
    },
}


@router.post("/sessions", status_code=201)
async def open_session(
    request: Request, account: Annotated[str, Depends(access.opener)], wanted: Wanted
) -> shapes.Session:
    """A conversation for a new customer, and the token by which their browser alone may read and write it."""
    token, expires = keys.new_token(), datetime.now(UTC) + LASTS
    session = Session(uuid4(), account, wanted.name or None, keys.digest(token), expires)
    async with parley_of(request).pool.connection() as conn:
        await store.add_session(conn, session)
    return shapes.Session(id=session.id, token=token, expires_at=expires)


@router.post(
    "/{id}/messages",
    status_code=201,
    responses={
        200: {"model": shapes.Stored, "description": "It was stored before; nothing happens twice."},
        409: {"model": shapes.Problem, "description": "The same client_id was another message."},
    },
)
async def write(visit: Visitor, said: shapes.NewMessage, response: Response) -> shapes.Stored:
    """The customer writes, or taps a choice; stored once, answered by the bot or passed to the agent."""
    parley, id = visit.parley, visit.session.id
    await limits.check(parley.redis, limits.MESSAGES, str(id))
    client_id = said.client_id or str(uuid4())
    external_id = f"{id}:{client_id}"
    async with parley.pool.connection() as conn:
        title = await store.offered(conn, id, said.choice) if said.choice else None
        if said.choice and title is None:
            raise HTTPException(422, "choice: it was not offered in this conversation.")
        await _begin(conn, visit.session)
        message = _message(visit.session, external_id, said, title)
        if not await inbox.receive(conn, parley.corridor.jobs, [message]):
            response.status_code = 200
        stored = await store.written_before(conn, external_id)
    if stored is None or (stored["text"], stored["payload"]) != (message.text, message.payload):
        raise HTTPException(409, f"Another message has the client_id {client_id} already.")
    return shapes.Stored(id=stored["id"], client_id=client_id, at=stored["at"])


@router.get("/{id}/history")
async def read(
    request: Request,
    visit: Visitor,
    after: Annotated[str, Query(max_length=100, description="The cursor of an earlier answer.")] = "",
    wait: Annotated[
        float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for news when there are none.")
    ] = 0,
) -> shapes.History:
    """What is new after a cursor; with `wait`, as soon as there is something (a long poll)."""
    await limits.check(visit.parley.redis, limits.READS, str(visit.session.id))
    try:
        cursor = history.parse(after)
    except ValueError as error:
        raise HTTPException(422, f"{error}.") from None
    return await history.wait(visit.parley, visit.session.id, cursor, wait, request.is_disconnected)


@router.get(
    "/{id}/files/{line_id}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "Its bytes; pictures as such."},
        404: {"model": shapes.Problem, "description": "There is no such session or file, or not any more."},
        502: {"model": shapes.Problem, "description": "The file cannot be had just now; repeat it."},
    },
)
async def attached(visit: Visitor, line_id: int) -> Response:
    """What an agent attached in this line of the history, fetched from the helpdesk."""
    await limits.check(visit.parley.redis, limits.FILES, str(visit.session.id))
    async with visit.parley.pool.connection() as conn:
        file = await store.file(conn, visit.session.id, line_id)
    if file is None or visit.parley.helpdesk is None:
        raise HTTPException(404, "There is no such file.")
    try:
        data = await visit.parley.helpdesk.fetch(file)
    except ConnectorError as error:
        log.warning("an attachment cannot be had", line=line_id, why=str(error))
        raise HTTPException(files.status(error), "The file cannot be had.") from None
    kind, headers = files.type_and_headers(file.mime_type)
    return Response(data, media_type=kind, headers=headers)


@router.post("/{id}/receipts", status_code=204)
async def shown(visit: Visitor, seen: shapes.Shown) -> None:
    """The customer's page has shown these lines of ours; ids of others change nothing."""
    now, id = datetime.now(UTC), visit.session.id
    await limits.check(visit.parley.redis, limits.READS, str(id))
    async with visit.parley.pool.connection() as conn:
        for outbox_id in await store.outbox_ids(conn, id, seen.ids):
            receipt = Receipt(client.CHANNEL, client.line_id(id, outbox_id), seen.status, now)
            await outbox.tick(conn, visit.parley.jobs, receipt)


@router.post("/{id}/takeover", responses=STEP_REFUSALS)
async def take_over(visit: Integrator, step: Step) -> shapes.Held:
    """An agent steps in: once this has answered, the bot says nothing more. Again, it changes nothing."""
    parley, id = visit.parley, visit.session.id
    async with parley.pool.connection() as conn:
        await _begin(conn, visit.session)
        await holding.check(conn, id, step.agent)
        if step.agent:
            await holding.take(conn, parley.jobs, id, step.agent, held_in=None)
    silent = await handoff.take_and_hush(parley.pool, parley.jobs, id, f"{step.by} took over")
    return await _held(visit, silent)


@router.post("/{id}/release", responses=STEP_REFUSALS)
async def release(visit: Integrator, step: Step) -> shapes.Held:
    """Control returns to the bot, which answers the customer's next message. Again, it changes nothing."""
    parley, id = visit.parley, visit.session.id
    async with parley.pool.connection() as conn:
        await _begin(conn, visit.session)
    changed = await changes.since_hand_over(parley.pool, parley.corridor.shop, id)
    async with parley.pool.connection() as conn:
        await holding.check(conn, id, step.agent)
        await handoff.release(conn, parley.jobs, id, f"{step.by} returned it", changes=changed)
    return await _held(visit, True)


async def _held(visit: Visit, silent: bool) -> shapes.Held:
    async with visit.parley.pool.connection() as conn:
        now = await core.conversation(conn, visit.session.id)
    return shapes.Held(control=now.control, epoch=now.epoch, silent=silent)


async def _begin(conn: core.Conn, session: Session) -> None:
    """The session's conversation exists from its first message or its first agent on."""
    where = client.address(session.id, session.account)
    if await core.find_conversation(conn, where) is None:
        await core.lock_identities(conn, where)
    if await core.find_conversation(conn, where) is None:
        now = datetime.now(UTC)
        await core.create_conversation(conn, session.id, where, now)
        await core.heard_from(conn, session.id, where, session.name, now)


def _message(
    session: Session, external_id: str, said: shapes.NewMessage, title: str | None
) -> CustomerMessage:
    text = said.text or title or ""
    return CustomerMessage(
        external_id=external_id,
        address=client.address(session.id, session.account),
        kind="choice" if said.choice else "text",
        text=text,
        sent_at=datetime.now(UTC),
        name=session.name,
        words=text,
        payload=said.choice,
    )
