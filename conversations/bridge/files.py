"""Files on their way across: a customer's media to the ticket, an agent's attachment to the channel."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

from conversations.errors import ConnectorError, Refused, TryLater
from conversations.messages import Content, File, Media
from conversations.ports import Channel, Helpdesk
from conversations.rows import Row

PATIENCE = 90.0
"""Seconds after which a message goes on without a file that cannot be had."""

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "application/pdf": "pdf",
    "text/plain": "txt",
}


async def to_ticket(helpdesk: Helpdesk, channel: Channel, rows: Sequence[Row]) -> tuple[str, list[str]]:
    """The text of these rows as one, and the helpdesk's tokens of their files.

    A file that cannot be had leaves a line that says so. Raises TryLater while one may still be had.
    """
    texts, tokens = [], []
    for row in rows:
        lines = [row.body["text"]]
        for media in (Media(**each) for each in row.body.get("media", ())):
            try:
                data = await channel.fetch(media)
                tokens.append(await helpdesk.upload(_name(media), media.mime_type, data))
            except ConnectorError as error:
                if error.retryable and _age(row) < PATIENCE:
                    raise TryLater(str(error), retry_after=error.retry_after) from error
                lines.append(f"[{media.kind}: the file could not be brought here: {error}]")
        texts.append("\n".join(lines))
    return "\n\n".join(texts), tokens


async def to_channel(helpdesk: Helpdesk | None, channel: Channel, content: Content, row: Row) -> Content:
    """The content with its file, if it has one, fetched from the helpdesk and uploaded to the channel.

    Raises Refused for a file that the channel does not carry or that cannot be had, TryLater while it may.
    """
    file = content.file
    if file is None or helpdesk is None:
        return content
    channel.check(file)
    try:
        data = await helpdesk.fetch(file)
    except ConnectorError as error:
        kind = TryLater if error.retryable and _age(row) < PATIENCE else Refused
        raise kind(f"the attachment could not be fetched: {error}", retry_after=error.retry_after) from error
    return dataclasses.replace(content, file=await _uploaded(channel, file, data))


async def _uploaded(channel: Channel, file: File, data: bytes) -> File:
    sized = dataclasses.replace(file, size=len(data))
    return dataclasses.replace(sized, id=await channel.upload(sized, data))


def _name(media: Media) -> str:
    """The file's name at the helpdesk: its own, or one that tells what it is."""
    kind = media.mime_type.partition(";")[0].strip().lower()
    return media.filename or f"{media.kind}.{ENDINGS.get(kind, 'bin')}"


def _age(row: Row) -> float:
    return (datetime.now(UTC) - row.created_at).total_seconds()
