"""A file that the bot gives out reaches the customer, or its link does."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from conversations import outbox
from conversations.errors import ConnectorError, Refused, TryLater
from conversations.messages import Answer, Content, File, Receipt
from tests.integration.conftest import Core
from tests.integration.test_corridor import arrive, message, rows

LINK = "https://desk.example/papers/w"
INVOICE = File(LINK, "Invoice 10235.pdf", "application/pdf")


@dataclass
class FakePapers:
    """One paper, after the faults."""

    faults: deque[ConnectorError] = field(default_factory=deque)
    fetched: int = 0

    async def fetch(self, file: File) -> bytes:
        self.fetched += 1
        if self.faults:
            raise self.faults.popleft()
        return b"%PDF-"


async def answer(core: Core, papers: FakePapers | None, file: File = INVOICE) -> list[Content]:
    """What the customer gets when the bot answers with this file."""
    core.papers = papers
    core.bot.replies.append(Answer((Content("Here is the invoice.", file=file),)))
    [id] = await arrive(core, message("m1", "my invoice please"))
    await core.drain()
    assert [row["state"] for row in await rows(core, id) if row["author"] == "bot"] == ["sent"]
    return [content for _, content, _ in core.channel.sent]


async def test_a_paper_is_brought_to_the_channel(core: Core) -> None:
    """It is uploaded once and sent with its words."""
    [sent] = await answer(core, FakePapers())
    assert sent.text == "Here is the invoice."
    assert sent.file
    assert (sent.file.id, sent.file.size) == ("media-1", 5)
    assert [data for _, data in core.channel.uploaded] == [b"%PDF-"]


async def test_a_paper_that_is_gone_goes_as_its_link(core: Core) -> None:
    """Nothing is tried again where it cannot help, and the customer still gets it."""
    papers = FakePapers(deque([Refused("gone")]))
    [sent] = await answer(core, papers)
    assert sent == Content(f"Here is the invoice.\n{LINK}")
    assert papers.fetched == 1


async def test_a_paper_that_is_late_is_tried_again_then_goes_as_its_link(core: Core) -> None:
    """A customer does not wait long for a file."""
    papers = FakePapers(deque([TryLater("down", retry_after=0.01)] * 9))
    [sent] = await answer(core, papers)
    assert LINK in sent.text
    assert papers.fetched == 3


async def test_what_the_channel_refuses_goes_as_its_link(core: Core) -> None:
    """A kind of file it does not carry, and a file it turns down when it is sent."""
    [sent] = await answer(core, FakePapers(), File(LINK, "a.zip", "application/x-forbidden"))
    assert LINK in sent.text
    core.channel.faults.append(Refused("131053: media upload error"))
    core.channel.sent.clear()
    core.bot.replies.append(Answer((Content("Once more.", file=INVOICE),)))
    await arrive(core, message("m2", "again"))
    await core.drain()
    assert core.channel.texts == [f"Once more.\n{LINK}"]


async def test_a_file_that_was_lost_on_the_way_is_followed_by_its_link(core: Core) -> None:
    """WhatsApp takes the message and says later that the file failed: the customer gets the link, once."""
    await answer(core, FakePapers())
    reference = core.channel.attempts[-1]
    failed = Receipt("whatsapp", f"wamid.{reference}", "failed", datetime.now(UTC), error="131053: media")
    for _ in range(2):
        async with core.pool.connection() as conn:
            await outbox.tick(conn, core.jobs, failed)
        await core.drain()
    assert core.channel.texts == ["Here is the invoice.", f"Here is the invoice.\n{LINK}"]


async def test_without_a_source_the_link_goes_out(core: Core) -> None:
    """Where nothing gives out files, nobody is left without."""
    [sent] = await answer(core, None)
    assert sent == Content(f"Here is the invoice.\n{LINK}")
