"""The chat on a website as a channel: what is sent is there to be fetched as soon as it is committed."""

from __future__ import annotations

import dataclasses

from conversations.errors import Refused
from conversations.messages import Address, Content, File, Media

CHANNEL = "chat"

MB = 1024 * 1024
LARGEST = 20 * MB
"""Bytes of an agent's file: what a phone on the road still loads."""


def address(session_id: object, account: str) -> Address:
    """Where the customer of a session is reached. Nothing about it proves a phone number."""
    return Address(CHANNEL, account, user_id=str(session_id))


def line_id(session_id: object, outbox_id: object) -> str:
    """The channel's id of one of our lines: no session can name another's."""
    return f"{session_id}:{outbox_id}"


class WebChat:
    """Implements the core's `Channel`. The browser fetches; nothing here can fail or be late."""

    def split(self, content: Content) -> list[Content]:
        """The content as it is: a page has no limits. A file the bot gives out becomes its link."""
        if content.file is None or not content.file.url:
            return [content]
        text = "\n".join(filter(None, (content.text, content.file.url)))
        return [dataclasses.replace(content, text=text, file=None)]

    async def send(self, to: Address, content: Content, *, reference: str) -> str:
        """The line's id; it becomes visible when its delivery is committed."""
        return line_id(to.user_id, reference)

    async def fetch(self, media: Media) -> bytes:
        """Raises Refused: the page sends words only, so no customer's file can be here."""
        raise Refused("the chat on the website takes no files", code="no_files")

    def check(self, file: File) -> None:
        """Raises Refused for a file that is too large; whoever sent it is told so."""
        if file.size > LARGEST:
            raise Refused(
                f"the file has {file.size / MB:.1f} MB, and the chat on the website takes at most "
                f"{LARGEST // MB} MB; send a smaller one, or a link",
                code="file_size",
            )

    async def upload(self, file: File, data: bytes) -> str:
        """Its name: the file stays in the helpdesk, and is fetched there for each who asks. As `check`."""
        self.check(file)
        return file.name

    async def show_typing(self, message_id: str) -> None:
        """Nothing to do: whoever reads the history sees that a turn is under way."""
