"""Lists in pages: by cursor (page[size]) or by offset (page, per_page). Source: Zendesk's pagination page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from sandbox.zendesk.errors import ApiError, BadRequest

Json = dict[str, Any]
MOST = 100
MOST_PAGES = 100


def base_url(request: Request) -> str:
    """The sandbox's own address as the client called it, without a slash at the end."""
    return str(request.base_url).rstrip("/")


def paginate(request: Request, key: str, records: list[Any], show: Callable[[Any], Json]) -> Json:
    """The page of `records` (each with an `id`) that the request asks for, as Zendesk answers it."""
    if any(name.startswith("page[") for name in request.query_params):
        return _by_cursor(request, key, records, show)
    return _by_offset(request, key, records, show)


def _by_cursor(request: Request, key: str, records: list[Any], show: Callable[[Any], Json]) -> Json:
    size = _number(request, "page[size]", MOST)
    after, before = request.query_params.get("page[after]"), request.query_params.get("page[before]")
    if before is not None:
        end = _position(records, before)
        start = max(0, end - size)
        page, more = records[start:end], start > 0
    else:
        start = _position(records, after) + 1 if after is not None else 0
        page, more = records[start : start + size], start + size < len(records)
    first = encode_cursor({"id": _id(page[0])}) if page else None
    last = encode_cursor({"id": _id(page[-1])}) if page else None
    return {
        key: [show(record) for record in page],
        "meta": {"has_more": more, "after_cursor": last, "before_cursor": first},
        "links": {
            "prev": _link(request, "page[before]", first, size) if first else None,
            "next": _link(request, "page[after]", last, size) if last else None,
        },
    }


def _by_offset(request: Request, key: str, records: list[Any], show: Callable[[Any], Json]) -> Json:
    size, page = _number(request, "per_page", MOST), _number(request, "page", 10**6, 1)
    if page > MOST_PAGES:
        raise BadRequest("page is too high; use cursor pagination", "InvalidPaginationDepth")
    start = (page - 1) * size
    return {
        key: [show(record) for record in records[start : start + size]],
        "count": len(records),
        "next_page": _page_url(request, page + 1) if start + size < len(records) else None,
        "previous_page": _page_url(request, page - 1) if page > 1 else None,
    }


def encode_cursor(position: Json) -> str:
    """A cursor nobody has to understand."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def decode_cursor(cursor: str) -> Json:
    """What `encode_cursor` was given. Raises ApiError 400."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        position = None
    if not isinstance(position, dict):
        raise ApiError(400, {"error": "InvalidCursor", "description": "The cursor is not one of ours"})
    return position


def _position(records: list[Any], cursor: str) -> int:
    wanted = decode_cursor(cursor).get("id")
    return next((index for index, record in enumerate(records) if _id(record) == wanted), len(records))


def _id(record: Any) -> Any:
    return record["id"] if isinstance(record, dict) else record.id


def _number(request: Request, name: str, most: int, default: int | None = None) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default or most
    if not given.isdigit() or int(given) < 1:
        raise BadRequest(f"{name} must be a positive number", "InvalidValue")
    return min(int(given), most)


def _link(request: Request, name: str, cursor: str, size: int) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if not key.startswith("page[")]
    return _url(request, [*kept, (name, cursor), ("page[size]", str(size))])


def _page_url(request: Request, page: int) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "page"]
    return _url(request, [*kept, ("page", str(page))])


def _url(request: Request, query: list[tuple[str, str]]) -> str:
    path = request.scope.get("sandbox.path", request.url.path)
    return f"{base_url(request)}{path}?{urlencode(query)}"
