"""Files of a conversation, given out to signed-in people only: fetched where they are, kept nowhere."""

from __future__ import annotations

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from app import files
from app.console.desk import signed_in
from app.console.users import UsersUnreadable
from app.request import parley_of
from connectors.whatsapp.client import WhatsAppClient
from conversations.bridge import store as bridge
from conversations.desk import reports
from conversations.errors import ConnectorError


def require_person(request: Request) -> None:
    """Turn strangers away."""
    try:
        person = signed_in(parley_of(request), request.scope)
    except UsersUnreadable:
        person = None
    if person is None:
        raise HTTPException(403, "Sign in first.")


router = APIRouter(include_in_schema=False, dependencies=[Depends(require_person)])


@router.get("/console/media/{line_id}/file")
async def handle_sent_file(request: Request, line_id: int) -> Response:
    """The file that the bot or an agent sent with this line of the log, from where the outbox had it."""
    parley = parley_of(request)
    async with parley.pool.connection() as conn:
        author, file = await bridge.sent_file(conn, line_id) or ("", None)
    source = parley.papers if author == "bot" else parley.helpdesk
    if file is None or source is None:
        raise _no_file()
    try:
        data = await source.fetch(file)
    except ConnectorError as error:
        raise _lost(error) from error
    kind, headers = files.type_and_headers(file.mime_type)
    return Response(data, media_type=kind, headers=headers)


@router.get("/console/media/{line_id}/{place}")
async def handle_media(request: Request, line_id: int, place: int) -> Response:
    """The customer's file at this place of a line of the log; 404 when the channel has it no longer."""
    parley = parley_of(request)
    async with parley.pool.connection() as conn:
        file = await reports.attached(conn, line_id, place)
    channel = parley.channels.get("whatsapp")
    if file is None or not isinstance(channel, WhatsAppClient):
        raise _no_file()
    try:
        opened = await channel.open_file(file.id)
    except ConnectorError as error:
        raise _lost(error) from error
    kind, headers = files.type_and_headers(opened.mime_type or file.mime_type)
    return StreamingResponse(opened.chunks(), media_type=kind, headers=headers)


def _no_file() -> HTTPException:
    return HTTPException(404, "There is no such file.")


def _lost(error: ConnectorError) -> HTTPException:
    return HTTPException(files.status(error), f"The file cannot be had: {error}")
