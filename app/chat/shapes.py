"""What the chat API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

LONGEST = 4000
"""Characters of a message."""


def _storable(given: Any) -> Any:
    """Without the one character that Postgres cannot keep."""
    return given.replace("\x00", "") if isinstance(given, str) else given


Text = Annotated[str, BeforeValidator(_storable)]


class Given(BaseModel):
    """What a caller sends: nothing that is not known."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NewSession(Given):
    """A customer who wants to write."""

    name: Text | None = Field(None, max_length=80, description="What to call the customer.")


class Session(BaseModel):
    """The right to one conversation."""

    id: UUID
    token: str = Field(description="For the customer's browser; shown only here.")
    expires_at: datetime


class NewMessage(Given):
    """What the customer wrote, or the choice that was tapped: one of the two."""

    client_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="Your id of the message: sent again with the same one it is stored once.",
    )
    text: Text | None = Field(None, min_length=1, max_length=LONGEST)
    choice: Text | None = Field(
        None, min_length=1, max_length=1000, description="The id of an offered choice."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give text or choice, and not both")
        return self


class Stored(BaseModel):
    """A message that will be answered."""

    id: int
    client_id: str
    at: datetime


class Choice(BaseModel):
    """Something the customer may tap."""

    id: str
    title: str
    description: str = ""


class File(BaseModel):
    """What an agent attached: `GET …/files/{id of the line}` gives it out. `size`: in bytes, 0 if unknown."""

    name: str
    type: str
    size: int


class Line(BaseModel):
    """A message of the conversation. `client_id`: of the customer's own; `state`: of ours."""

    id: int
    at: datetime
    author: Literal["customer", "bot", "agent", "system"]
    text: str
    choices: list[Choice] = []
    choices_label: str = ""
    file: File | None = None
    client_id: str | None = None
    state: str | None = None


class History(BaseModel):
    """What is new after a cursor, and how the conversation stands."""

    lines: list[Line]
    cursor: str = Field(description="For `after`: what comes next.")
    more: bool = Field(description="There is more already: ask again at once.")
    control: Literal["bot", "agent"]
    typing: bool = Field(description="The bot is writing.")
    seen: int = Field(description="The customer's lines up to this id have been dealt with.")


class Shown(Given):
    """Lines that the customer's page has shown."""

    ids: list[int] = Field(min_length=1, max_length=500)
    status: Literal["delivered", "read"] = "read"


class Step(Given):
    """An agent's step. `agent`: who takes it, and holds the conversation then; else nobody in particular."""

    agent: Text | None = Field(None, min_length=1, max_length=80)

    @property
    def by(self) -> str:
        return self.agent or "an integrator"


class Held(BaseModel):
    """Who may speak now. `silent`: False when a line of the bot was on its way already."""

    control: Literal["bot", "agent"]
    epoch: int
    silent: bool = True


class Problem(BaseModel):
    """What went wrong, in a sentence."""

    error: str
