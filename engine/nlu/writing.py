"""A message as the models read it: without what says nothing about its meaning.

Which digits, address or link stands in a message does not change what is wanted; each is replaced by one
fixed stand-in. Emoji that mean something are put into words, because the encoder has never seen them.
Entities are found in the message as it was written.
"""

from __future__ import annotations

import re

NUMBER, EMAIL, LINK = "12345", "me@example.com", "example.com"

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\d)#?\d{4,15}(?!\d)|(?<!\d)#?(?:\d[ -]){3,14}\d(?!\d)")
_STAND_INS = re.compile(f"{_LINK.pattern}|({_EMAIL.pattern})|({_NUMBER.pattern})", re.IGNORECASE)

EMOJI = {
    "👍": "yes ok", "👌": "ok", "✅": "yes done", "✔": "yes", "🆗": "ok", "💯": "yes exactly", "🙆": "yes ok",
    "👎": "no bad", "❌": "no", "🚫": "no", "🙅": "no", "🙏": "please", "👋": "hello", "🤝": "deal",
    "😡": "angry", "🤬": "very angry", "😠": "angry", "👿": "angry", "😤": "annoyed", "🙄": "annoyed",
    "😭": "crying", "😢": "sad", "😞": "disappointed", "☹": "sad", "😕": "confused", "🤔": "not sure",
    "🤷": "i don't know", "😂": "haha", "🤣": "haha", "😅": "haha", "❤": "love", "😍": "love it",
    "🥰": "love", "😊": "thanks", "🙂": "ok", "🎉": "great", "👏": "well done", "📦": "parcel",
    "🚚": "delivery",
    "🚛": "delivery", "🛵": "delivery", "📍": "address", "🏠": "home", "💰": "money", "💸": "money",
    "💵": "money", "💳": "card payment", "🧾": "invoice", "📄": "document", "🎁": "gift", "👟": "shoes",
    "👗": "dress", "👕": "shirt", "📞": "call me", "☎": "call me", "⏰": "time", "⏳": "waiting",
    "💔": "broken", "❓": "?", "❔": "?", "❗": "!", "‼": "!!", "🤖": "bot",
}  # fmt: skip

_EMOJI = re.compile("[" + "".join(EMOJI) + "]")
_SHADES = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2640\u2642]")
"""What changes an emoji's look: variation, skin and the joints between."""


def plain(text: str) -> str:
    """The text with stand-ins for numbers of 4 to 15 digits, e-mails and links, and with emoji in words.

    An emoji that is repeated is said once.
    """
    said = _EMOJI.sub(_in_words, _SHADES.sub("", text)) if not text.isascii() else text
    return _STAND_INS.sub(_stand_in, said).strip()


def _in_words(match: re.Match[str]) -> str:
    repeated = match.start() > 0 and match.string[match.start() - 1] == match[0]
    return "" if repeated else f" {EMOJI[match[0]]} "


def _stand_in(match: re.Match[str]) -> str:
    if match[1]:
        return EMAIL
    return NUMBER if match[2] else LINK
