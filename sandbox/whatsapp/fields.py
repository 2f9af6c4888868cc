"""Reading fields of a send strictly: what is missing, of the wrong kind or too long is refused."""

from __future__ import annotations

from typing import Any

from sandbox.whatsapp.errors import GraphError

Json = dict[str, Any]


def obj(parent: Json, key: str, path: str = "") -> Json:
    """The object `parent[key]`. Raises GraphError 131008 when missing, 131009 when no object."""
    value = _present(parent, key, path)
    if not isinstance(value, dict):
        raise GraphError(131009, f"{_at(path, key)} must be an object")
    return value


def items(parent: Json, key: str, path: str, low: int, high: int) -> list[Json]:
    """The list of objects `parent[key]` with `low` to `high` members. Raises GraphError."""
    value = _present(parent, key, path)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise GraphError(131009, f"{_at(path, key)} must be a list of objects")
    if not low <= len(value) <= high:
        raise GraphError(131009, f"{_at(path, key)} must have {low} to {high} items, not {len(value)}")
    return value


def text(parent: Json, key: str, path: str, high: int, *, code: int = 100) -> str:
    """The string `parent[key]`, 1 to `high` characters. Raises GraphError; `code` for a wrong length."""
    value = _present(parent, key, path)
    if not isinstance(value, str):
        raise GraphError(131009, f"{_at(path, key)} must be a string")
    if not value.strip():
        raise GraphError(131008, f"{_at(path, key)} must not be empty")
    if len(value) > high:
        raise GraphError(code, f"{_at(path, key)} length is {len(value)}; it must be 1 to {high} characters")
    return value


def maybe_text(parent: Json, key: str, path: str, high: int, *, code: int = 100) -> str | None:
    """As `text`, or None when the key is not there."""
    return text(parent, key, path, high, code=code) if key in parent else None


def only(parent: Json, allowed: set[str], path: str) -> None:
    """Raises GraphError 100 when there is a key that this object does not have."""
    unknown = sorted(set(parent) - allowed)
    if unknown:
        raise GraphError(100, f'Unexpected key "{unknown[0]}" on param "{path}"')


def number(parent: Json, key: str, path: str, limit: float) -> float:
    """A number, or a string that is one, from -limit to limit. Raises GraphError."""
    value = _present(parent, key, path)
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise GraphError(131009, f"{_at(path, key)} must be a number") from None
    if isinstance(value, bool) or not -limit <= found <= limit:
        raise GraphError(131009, f"{_at(path, key)} must be from -{limit:g} to {limit:g}")
    return found


def distinct(values: list[str], what: str) -> None:
    """Raises GraphError 131009 when two values are the same."""
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{what} must be unique")


def _present(parent: Json, key: str, path: str) -> Any:
    if parent.get(key) is None:
        raise GraphError(131008, f"{_at(path, key)} is required")
    return parent[key]


def _at(path: str, key: str) -> str:
    return f"{path}['{key}']" if path else key
