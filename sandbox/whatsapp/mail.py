"""The mailbox beside the phone: every mail and text message the app sent, for whoever tries it out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from sandbox import page

if TYPE_CHECKING:
    from sandbox.whatsapp.sandbox import WhatsAppSandbox

KEPT = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that arrived, or a text message: that has a phone number in `to`, and no subject."""

    to: str
    subject: str
    text: str
    at: datetime


class NewMail(BaseModel):
    """A mail for somebody."""

    to: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    subject: str = Field(max_length=500)
    text: str = Field(max_length=20_000)


class NewText(BaseModel):
    """A text message for somebody's phone."""

    to: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    text: str = Field(min_length=1, max_length=1600)


def add_routes(wa: WhatsAppSandbox) -> None:
    """Put the mailbox and its page into the sandbox's app."""
    router = APIRouter()

    @router.get("/mail", include_in_schema=False)
    async def show() -> FileResponse:
        return FileResponse(page.FOLDER / "mail" / "index.html", headers=page.NO_STORE)

    @router.get("/sandbox/mail")
    async def read(to: str | None = None) -> list[dict[str, Any]]:
        """The mails, newest first; those to one address with `to`."""
        found = [mail for mail in reversed(wa.mails) if to is None or mail.to.lower() == to.lower()]
        return [{**asdict(mail), "at": mail.at.isoformat()} for mail in found]

    @router.post("/sandbox/mail", status_code=201)
    async def accept(new: NewMail) -> dict[str, int]:
        """Take a mail."""
        return keep(Mail(new.to, new.subject, new.text, wa.clock.now()))

    @router.post("/sandbox/texts", status_code=201)
    async def accept_text(new: NewText) -> dict[str, int]:
        """Take a text message."""
        return keep(Mail(new.to, "", new.text, wa.clock.now()))

    def keep(mail: Mail) -> dict[str, int]:
        wa.mails.append(mail)
        del wa.mails[:-KEPT]
        wa.changes.notify()
        return {"mails": len(wa.mails)}

    wa.app.include_router(router)
