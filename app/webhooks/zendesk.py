"""The Zendesk door (CONTRACTS B12): checked on the bytes received, stored, then acknowledged."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from app.request import parley_of, read_body
from app.wiring import Parley
from connectors.zendesk import payload, signature
from conversations import inbox
from conversations.errors import UnknownConversation
from conversations.messages import StaffComment, TicketMerged

router = APIRouter()
log = structlog.get_logger(__name__)


@router.post("/webhooks/zendesk")
async def handle_webhook(request: Request) -> Response:
    """An agent's public comment, a ticket's new status or its merging, stored once."""
    parley = parley_of(request)
    settings = parley.settings.zendesk
    if settings is None:
        raise HTTPException(404, "Zendesk is not set up here.")
    body = await read_body(request)
    secret = settings.webhook_secret.get_secret_value()
    headers = request.headers
    signature.verify(
        secret,
        body,
        headers.get("x-zendesk-webhook-signature"),
        headers.get("x-zendesk-webhook-signature-timestamp"),
    )
    event = payload.parse(body)
    if event is None:
        return Response(status_code=200)
    try:
        new = await _store(parley, event)
    except UnknownConversation:
        log.warning("zendesk webhook", problem="it names a conversation that is not ours")
        return Response(status_code=200)
    log.info("zendesk webhook", kind=type(event).__name__, new=new)
    return Response(status_code=200)


async def _store(parley: Parley, event: payload.Told) -> bool:
    jobs = parley.corridor.jobs
    async with parley.pool.connection() as conn:
        if isinstance(event, StaffComment):
            return await inbox.receive_comment(conn, jobs, event)
        if isinstance(event, TicketMerged):
            return await inbox.receive_merging(conn, jobs, event)
        return await inbox.receive_status(conn, jobs, event)
