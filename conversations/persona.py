"""How the bot speaks: its name, its tone and how many emoji. What it says and does is decided elsewhere.

The persona is put on after the engine has answered and sees nothing but the words: intents, rules, slots,
choices, files and handoffs pass by it untouched. Words quoted from an article stay the article's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from conversations.errors import ParleyError
from conversations.messages import Answer, Content, Question
from conversations.ports import Bot

FILE = Path(__file__).resolve().parent.parent / "data" / "persona.yml"
SMALL_TALK = ("greet", "goodbye", "thank", "bot_challenge")

_EMOJI = re.compile(r"[^\S\n]?[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*")
_LINK = re.compile(r"(\S+://\S+)")
_OWN_NAME = re.compile(r"\b(I'm|I am|a bot:) Parley\b")
_PLEASANTRY = re.compile(r"(?:Hi|Hello|You're welcome|Happy to help|Bye, and take care)!\s*")
_FORMAL = {
    "Hi!": "Good day.", "Hello!": "Good day.", "Bye, and take care!": "Goodbye.",
    "Happy to help!": "You are welcome.", "Thanks": "Thank you", "Sorry": "I apologise",
    "can't": "cannot", "won't": "will not", "let's": "let us", "Let's": "Let us",
}  # fmt: skip
_SHORT_FORMS = {"'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "n't": " not"}
_FORMAL_WORDS = re.compile("|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words in _FORMAL))
_SHORT_FORM = re.compile(r"(?<=[a-zA-Z])('m|'re|'ve|'ll|n't)\b")


class PersonaUnreadable(ParleyError):
    """The persona's file cannot be used; the message says which line of it and why."""


class Persona(BaseModel):
    """The bot's name, tone and emoji level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=r"^[^\n{}]+$")] = "Parley"
    tone: Literal["friendly", "formal", "brief"] = "friendly"
    emoji: Literal["none", "few", "some"] = "some"

    def voice(self, answer: Answer) -> Answer:
        """The same answer in this persona's words; all of it but the texts is the same."""
        quoted, chat = bool(answer.sources), answer.intent in SMALL_TALK
        return replace(answer, contents=tuple(self._say(each, quoted, chat) for each in answer.contents))

    def _say(self, content: Content, quoted: bool, chat: bool) -> Content:
        text = content.text
        if self.emoji == "none" or (self.emoji == "few" and not chat):
            text = _EMOJI.sub("", text)
        if not quoted:
            text = _OWN_NAME.sub(lambda found: f"{found[1]} {self.name}", text)
            text = "".join(part if "://" in part else self._toned(part) for part in _LINK.split(text))
        return replace(content, text=text if text.strip() else content.text)

    def _toned(self, text: str) -> str:
        if self.tone == "formal":
            text = _FORMAL_WORDS.sub(lambda found: _FORMAL[found[0]], text)
            return _SHORT_FORM.sub(lambda found: _SHORT_FORMS[found[1]], text)
        if self.tone == "brief":
            rest = _PLEASANTRY.sub("", text)
            return rest if any(letter.isalpha() for letter in rest) else text
        return text


class Voiced:
    """A bot that speaks as a persona. Implements the core's `Bot`."""

    def __init__(self, bot: Bot, persona: Persona):
        self._bot, self._persona = bot, persona

    async def ask(self, question: Question) -> Answer:
        """The bot's answer in the persona's words. Raises BotFailed."""
        return self._persona.voice(await self._bot.ask(question))


def load(file: Path = FILE) -> Persona:
    """The persona of a file; without the file, the bot as it is written. Raises PersonaUnreadable."""
    if not file.exists():
        return Persona()
    try:
        return Persona.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise PersonaUnreadable(f"{file.name}: {wrong}.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PersonaUnreadable(f"{file.name} cannot be read: {' '.join(str(error).split())}") from None
