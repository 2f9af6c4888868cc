"""What web and worker write down at INFO of a customer's story: nothing of it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fakes.outside import SECRETS
from tests.journeys.world import LINES, REPLIES, world

WHO, MARK = "15550104477", "Rosalind Franklin of order 88123409, rosalind@example.org, 17 Rosenweg"
DIGITS = re.compile(r"1?[ (]*555[ )]*010[ -]*4477")


def test_story_leaves_nothing_in_the_logs(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """No phone, name, e-mail, order, address, no text of either side, no secret."""
    with world(database_url, redis_url, tmp_path) as around:
        around.tell(WHO, MARK)
        around.restart("worker")
        around.box.write(WHO, f"thanks, {MARK}", MARK)
        around.box.wait(lambda: any("thanks" in text for text in around.texts(WHO)))
        said = around.parts.said()
    assert "whatsapp webhook" in said
    secrets = (value for name, value in SECRETS.items() if name.endswith(("TOKEN", "SECRET")))
    private = ("rosalind", "88123409", "rosenweg", "person please", "where is it", *LINES, *REPLIES, *secrets)
    assert [word for word in private if word.lower() in said.lower()] == []
    assert DIGITS.search(said) is None
