"""Files that customers and agents sent, on their way to a browser: nothing in them may run here."""

from __future__ import annotations

from conversations.errors import ConnectorError

PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
SOUNDS = {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr"}
INLINE = frozenset(PICTURES | SOUNDS | {"video/mp4", "video/3gpp"})
"""Types a page may show itself; anything else is only ever saved."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}


def type_and_headers(mime_type: str) -> tuple[str, dict[str, str]]:
    """What to answer with for a file that is said to be of this type."""
    kind = mime_type.partition(";")[0].strip().lower()
    inline = kind in INLINE
    headers = {**HEADERS, "Content-Disposition": "inline" if inline else "attachment"}
    return kind if inline else "application/octet-stream", headers


def status(error: ConnectorError) -> int:
    """The HTTP status where a file cannot be had: not now, or not any more."""
    return 502 if error.retryable or error.hold else 404
