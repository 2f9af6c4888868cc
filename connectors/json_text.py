"""JSON from outside, made safe to keep: nothing in it can be refused by Postgres later."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from conversations.errors import BadPayload

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def load(body: bytes) -> Any:
    """The parsed body. Raises BadPayload when it is not JSON.

    Postgres keeps neither NUL nor a lone surrogate in text, nor NaN or infinity in jsonb, and one such
    value would cost the whole batch: the characters become U+FFFD, the numbers None.
    """
    try:
        return _storable(json.loads(body, parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        raise BadPayload(f"the body is not JSON: {error}") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and "\x00" not in value else _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
