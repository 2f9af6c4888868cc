"""A file that the bot gives out, on its way to the customer: uploaded, or as its link where that fails."""

from __future__ import annotations

import dataclasses

from conversations import log, store
from conversations.errors import ConnectorError, Refused
from conversations.messages import Content
from conversations.ports import Channel, Jobs, Papers
from conversations.rows import Claim, Row
from conversations.store import Conn

ATTEMPTS = 2
"""Times that a file is tried again before its link goes out: a customer waits for it."""


async def send(source: Papers | None, channel: Channel, claim: Claim, content: Content) -> str:
    """Send a line of the bot's and return the channel's id of it. Raises as `Channel.send`."""
    to, reference = claim.conversation.address, str(claim.row.id)
    if content.file is None:
        return await channel.send(to, content, reference=reference)
    try:
        ready = await _uploaded(source, channel, content)
        return await channel.send(to, ready, reference=reference)
    except ConnectorError as error:
        if error.uncertain or error.hold or (error.retryable and claim.row.attempts < ATTEMPTS):
            raise
    return await channel.send(to, as_link(content), reference=reference)


def as_link(content: Content) -> Content:
    """The same in words: the text, then where the file is."""
    url = content.file.url if content.file else ""
    text = "\n".join(filter(None, (content.text, url)))
    return dataclasses.replace(content, text=text, file=None)


async def say_link(conn: Conn, jobs: Jobs, row: Row) -> None:
    """After the channel has taken a file of the bot's and then lost it: its link, if the bot still speaks."""
    if row.author != "bot" or row.kind != "message":
        return
    content = Content.from_json(row.body["content"])
    conversation = await store.conversation(conn, row.conversation_id, lock=True)
    if content.file is None or row.epoch != conversation.epoch:
        return
    link = as_link(content)
    body = {"content": link.to_json()}
    id = await store.add_row(conn, conversation.id, row.exit, "message", "bot", row.epoch, body)
    await jobs.defer_delivery(conn, conversation_id=str(conversation.id), exit=row.exit, outbox_id=id)
    await log.message(conn, conversation.id, "bot", link.text, body=body, outbox_id=id)


async def _uploaded(source: Papers | None, channel: Channel, content: Content) -> Content:
    file = content.file
    if file is None or source is None:
        raise Refused("there is nowhere to fetch the file from", code="no_source")
    channel.check(file)
    data = await source.fetch(file)
    sized = dataclasses.replace(file, size=len(data))
    channel.check(sized)
    return dataclasses.replace(content, file=dataclasses.replace(sized, id=await channel.upload(sized, data)))
