"""The door to papers: an invoice or a return label, for whoever has its link."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from app.request import parley_of

router = APIRouter()

GONE = "There is no such paper. Ask us for it in the chat, and you get a new link."
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@router.get("/papers/{word}")
async def paper(word: str, request: Request) -> Response:
    """An order's invoice or a return's label, as a PDF. 404 where the link opens nothing."""
    found = await parley_of(request).papers.open(word)
    if found is None:
        return PlainTextResponse(GONE, 404, HEADERS)
    named = {"Content-Disposition": f'inline; filename="{found.name}"'}
    return Response(found.data, media_type=found.mime_type, headers={**HEADERS, **named})
