"""The chat on a website as a channel."""

from __future__ import annotations

from connectors.chat.client import WebChat
from conversations.messages import Choice, Content, File


def test_a_file_becomes_its_link() -> None:
    """The page shows words only: a document is a link below them, and the choices stay."""
    yes = (Choice("/affirm", "Yes"),)
    paper = File("https://desk.example/papers/w", "Invoice 10235.pdf", "application/pdf")
    said = Content("Here it is.", yes, file=paper)
    assert WebChat().split(said) == [Content("Here it is.\nhttps://desk.example/papers/w", yes)]
    assert WebChat().split(Content("Hello")) == [Content("Hello")]
