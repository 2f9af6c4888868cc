"""Webhook bodies in the shapes of the contracts, one file a kind; all names and numbers are made up."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> bytes:
    """The bytes of `whatsapp/text` or `zendesk/comment_public`, say."""
    return (FOLDER / f"{name}.json").read_bytes()


def names(service: str) -> list[str]:
    """Every body of a service, as `read` takes it."""
    return sorted(f"{service}/{file.stem}" for file in (FOLDER / service).glob("*.json"))
