"""The door of the desk: sign in with name and password, sign out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape
from redis.exceptions import RedisError

from app.console import attempts, origin, session, users
from app.console.desk import HOW_TO_SET, people, secret, signed_in
from app.console.gate import HEADERS, is_page
from app.console.users import Person, UsersUnreadable
from app.request import parley_of
from app.wiring import Parley

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False, dependencies=[Depends(origin.refuse_strangers)])

START, SIGN_IN = "/console", "/console/sign-in"
WRONG = "The name or the password is not right."
TOO_MANY = "Too many tries for this name. Wait a minute, then try again."
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape())


@router.get(SIGN_IN)
async def handle_page(request: Request, next: str = START) -> Response:
    """The form, or what must be set before anybody can sign in; signed in already, the page behind it."""
    parley = parley_of(request)
    if _hindrance(parley) is None and signed_in(parley, request.scope):
        return RedirectResponse(_inside(next), 303)
    return _page(parley, next)


@router.post(SIGN_IN)
async def handle_sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=500)] = START,
) -> Response:
    """A session for the right password; 401 for a wrong one, 429 after too many of them."""
    parley = parley_of(request)
    if _hindrance(parley):
        return _page(parley, next, status=503)
    if await _tries(parley, name) > attempts.MOST:
        log.warning("sign-in refused", why="too many tries")
        return _page(parley, next, name, TOO_MANY, 429)
    person = users.recognise(people(parley.settings), name, password)
    if person is None:
        log.warning("sign-in refused", why="wrong name or password")
        return _page(parley, next, name, WRONG, 401)
    await _succeeded(parley, name)
    return _signed_in(request, parley, person, next)


@router.post("/console/sign-out")
async def handle_sign_out() -> Response:
    """Forget who is signed in."""
    answer = RedirectResponse(SIGN_IN, 303)
    answer.delete_cookie(session.COOKIE, path="/", httponly=True, samesite="lax")
    return answer


def _signed_in(request: Request, parley: Parley, person: Person, next: str) -> Response:
    answer = RedirectResponse(_inside(next), 303)
    answer.set_cookie(
        session.COOKIE,
        session.issue(secret(parley.settings) or "", person),
        max_age=int(session.LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _hindrance(parley: Parley) -> str | None:
    """Why nobody can sign in, in a sentence."""
    try:
        ready = people(parley.settings) and secret(parley.settings)
    except UsersUnreadable as error:
        return str(error)
    return None if ready else HOW_TO_SET


def _page(parley: Parley, next: str, name: str = "", problem: str = "", status: int = 200) -> Response:
    page = TEMPLATES.get_template("sign_in.html").render(
        next=_inside(next), name=name, problem=problem, hindrance=_hindrance(parley)
    )
    headers = {**HEADERS, "Cache-Control": "no-store", **({"Retry-After": "60"} if status == 429 else {})}
    return HTMLResponse(page, status, headers)


def _inside(next: str) -> str:
    """Where to go after signing in: only ever a page of ours."""
    return next if is_page(next.partition("?")[0]) else START


async def _tries(parley: Parley, name: str) -> int:
    """Without Redis the password alone decides: people must get in when the rest is down."""
    try:
        return await attempts.count(parley.redis, name)
    except RedisError as error:
        log.error("sign-in is not limited: Redis does not answer", why=type(error).__name__)
        return 1


async def _succeeded(parley: Parley, name: str) -> None:
    try:
        await attempts.forget(parley.redis, name)
    except RedisError:
        log.error("the count of tries stays: Redis does not answer")
