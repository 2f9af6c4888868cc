"""Files: uploaded by us or sent by customers, and the short-lived URLs they are fetched from.

Source of limits and life times: Meta's media reference.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.whatsapp.errors import GraphError, UnknownObject

MB = 1024 * 1024
DAY = 86_400
URL_SECONDS = 300
UPLOAD_DAYS, INBOUND_DAYS = 30, 7
DOCUMENT = "document"
LIMITS = {"image": 5 * MB, "audio": 16 * MB, "video": 16 * MB, DOCUMENT: 100 * MB, "sticker": 500 * 1024}
KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "video/mp4": "video",
    "video/3gpp": "video",
    "application/pdf": DOCUMENT,
    "text/plain": DOCUMENT,
    "application/msword": DOCUMENT,
    "application/vnd.ms-excel": DOCUMENT,
    "application/vnd.ms-powerpoint": DOCUMENT,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": DOCUMENT,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": DOCUMENT,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": DOCUMENT,
}


@dataclass
class File:
    """A stored file; times in Unix seconds. `urls`: token of a handed-out URL to its expiry."""

    id: str
    mime_type: str
    data: bytes
    expires: float
    filename: str = ""
    urls: dict[str, float] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The digest in hex, as `GET /{media_id}` shows it."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def webhook_sha256(self) -> str:
        """The digest in base64, as webhooks show it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()


class Library:
    """All files by id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[str, File] = {}

    def upload(self, data: bytes, mime_type: str, filename: str = "") -> File:
        """Keep a file of ours for 30 days. Raises GraphError 100: unknown type, empty or too large."""
        kind = KINDS.get(mime_type.partition(";")[0].strip())
        if kind is None:
            raise GraphError(100, f"file type {mime_type} is not supported")
        if not 0 < len(data) <= LIMITS[kind]:
            raise GraphError(100, f"a file of this type must have 1 to {LIMITS[kind]} bytes, not {len(data)}")
        return self._keep(data, mime_type, filename, UPLOAD_DAYS)

    def receive(self, data: bytes, mime_type: str, filename: str = "") -> File:
        """Keep a customer's file for 7 days."""
        return self._keep(data, mime_type, filename, INBOUND_DAYS)

    def get(self, media_id: str) -> File:
        """The file. Raises UnknownObject when there is none, or not any more."""
        file = self._files.get(media_id)
        if file is None or file.expires <= self._clock.timestamp():
            raise UnknownObject(media_id)
        return file

    def has(self, media_id: str) -> bool:
        """Whether `get` would find it."""
        file = self._files.get(media_id)
        return file is not None and file.expires > self._clock.timestamp()

    def delete(self, media_id: str) -> None:
        """Forget a file. Raises UnknownObject."""
        self.get(media_id)
        del self._files[media_id]

    def new_url_query(self, file: File) -> str:
        """The query of a URL for this file that works for 5 minutes."""
        token, expiry = secrets.token_urlsafe(12), self._clock.timestamp() + URL_SECONDS
        file.urls[token] = expiry
        return f"mid={file.id}&ext={int(expiry)}&hash={token}"

    def open_url(self, media_id: str, token: str) -> File | None:
        """The file behind a handed-out URL, or None when it is stale or was never handed out."""
        file = self._files.get(media_id)
        fresh = file is not None and file.urls.get(token, 0.0) > self._clock.timestamp()
        return file if fresh else None

    def _keep(self, data: bytes, mime_type: str, filename: str, days: int) -> File:
        media_id = str(secrets.randbelow(9 * 10**15) + 10**15)
        file = File(media_id, mime_type, data, self._clock.timestamp() + days * DAY, filename)
        self._files[media_id] = file
        return file
