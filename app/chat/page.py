"""`/chat`: a chat page for the shop's website, which uses the chat API and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape

from app.chat import access, keys
from app.request import parley_of

STATIC = Path(__file__).parent / "static"
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape())
OFF = "The chat page is switched off here: CHAT_PAGE=on switches it on."

router = APIRouter(include_in_schema=False)


@router.get("/chat")
async def handle_page(request: Request) -> Response:
    """The page, with a permit to open a session."""
    settings = parley_of(request).settings
    secret = access.secret(settings)
    if not settings.chat_page_on or secret is None:
        raise HTTPException(404, OFF)
    html = TEMPLATES.get_template("chat.html").render(permit=keys.permit(secret))
    return HTMLResponse(html, headers=_headers(settings.chat_origin_list))


class Files(StaticFiles):
    """The page's files; the browser asks each time whether they changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _headers(origins: tuple[str, ...]) -> dict[str, str]:
    """Nothing comes from elsewhere; only our own pages and those of `origins` may frame this one."""
    frames = " ".join(("'self'", *origins))
    return {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
        f"data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
