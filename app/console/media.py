"""What customers sent, given out to signed-in people only: streamed from the channel, kept nowhere."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from app import files
from app.console.desk import signed_in
from app.console.users import UsersUnreadable
from app.request import parley_of
from connectors.whatsapp.client import WhatsAppClient
from conversations.desk import reports
from conversations.errors import ConnectorError

router = APIRouter(include_in_schema=False)


@router.get("/console/media/{line_id}/{place}")
async def handle_media(request: Request, line_id: int, place: int) -> Response:
    """The file at this place of a line of the log; 404 when the channel has it no longer."""
    parley = parley_of(request)
    try:
        person = signed_in(parley, request.scope)
    except UsersUnreadable:
        person = None
    if person is None:
        return PlainTextResponse("Sign in first.", 403)
    async with parley.pool.connection() as conn:
        file = await reports.attached(conn, line_id, place)
    channel = parley.channels.get("whatsapp")
    if file is None or not isinstance(channel, WhatsAppClient):
        return PlainTextResponse("There is no such file.", 404)
    try:
        opened = await channel.open_file(file.id)
    except ConnectorError as error:
        return PlainTextResponse(f"The file cannot be had: {error}", files.status(error))
    kind, headers = files.type_and_headers(opened.mime_type or file.mime_type)
    return StreamingResponse(opened.chunks(), media_type=kind, headers=headers)
