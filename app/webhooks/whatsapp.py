"""The WhatsApp door (CONTRACTS A2-A8): checked on the bytes received, stored, then acknowledged."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import PlainTextResponse

from app.request import parley_of, read_body
from app.settings import WhatsApp
from connectors.whatsapp import payload, signature
from conversations import inbox, outbox

router = APIRouter()
log = structlog.get_logger(__name__)


@router.get("/webhooks/whatsapp", response_class=PlainTextResponse)
async def handle_verification(
    request: Request,
    mode: str = Query("", alias="hub.mode"),
    token: str = Query("", alias="hub.verify_token"),
    challenge: str = Query("", alias="hub.challenge"),
) -> Response:
    """Meta's handshake: the challenge for the right token, 403 for any other."""
    expected = _settings(request).verify_token.get_secret_value()
    if mode == "subscribe" and signature.token_matches(expected, token):
        return PlainTextResponse(challenge)
    return PlainTextResponse("The verify token is not ours.", status_code=403)


@router.post("/webhooks/whatsapp")
async def handle_webhook(request: Request) -> Response:
    """Every message and receipt of every entry, stored once; 200 only after the commit."""
    parley = parley_of(request)
    body = await read_body(request)
    settings = _settings(request)
    signature.verify(settings.app_secret.get_secret_value(), body, request.headers.get("x-hub-signature-256"))
    webhook = payload.parse(body, settings.phone_number_id)
    async with parley.pool.connection() as conn:
        new = await inbox.receive(conn, parley.corridor.jobs, webhook.messages)
        for receipt in webhook.receipts:
            await outbox.tick(conn, parley.corridor.jobs, receipt, parley.patience)
    for problem in webhook.problems:
        log.warning("whatsapp webhook", problem=problem)
    log.info(
        "whatsapp webhook",
        messages=len(webhook.messages),
        conversations=len(new),
        receipts=len(webhook.receipts),
    )
    return Response(status_code=200)


def _settings(request: Request) -> WhatsApp:
    found = parley_of(request).settings.whatsapp
    if found is None:
        raise HTTPException(404, "WhatsApp is not set up here.")
    return found
