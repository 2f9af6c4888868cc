"""The door to papers, for whoever has the link of one, and to the demo shop's pictures."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from app.request import parley_of
from orders.papers import pictures

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


@router.get("/pictures/{name}")
async def picture(name: str) -> Response:
    """A picture of the demo shop's goods."""
    found = pictures.read(name)
    if found is None:
        return PlainTextResponse("There is no such picture.", 404)
    return Response(found, media_type=pictures.MIME_TYPE, headers={"Cache-Control": "max-age=86400"})
