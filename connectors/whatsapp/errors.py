"""WhatsApp's error codes: what each means, which class of ours it is, and what to do about it.

After Meta's "Error codes" page (2026-05-15). Only `code` is stable; titles, messages and HTTP statuses
are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.errors import (
    ConnectorError,
    Limited,
    NeedsOperator,
    OutcomeUnknown,
    Refused,
    TemplateRefused,
    TryLater,
)

PAIR_RATE_LIMIT = 131056
"""Too many messages to one customer: they go out at one in 6 s, with bursts of 45."""

LONGEST_PAIR_WAIT = 1024.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code's class, what it says, what to do, and how many seconds to wait before the next try.

    `tries`: attempts worth making in all; None for as many as it takes.
    """

    kind: type[ConnectorError]
    says: str
    do: str = ""
    retry_after: float | None = None
    tries: int | None = None

    def __str__(self) -> str:
        return f"{self.says}; {self.do}" if self.do else self.says


_CREDENTIALS = "put a valid system-user token into WHATSAPP_ACCESS_TOKEN"
_PERMISSION = "give the app whatsapp_business_messaging for this account"
_ACCOUNT = "look at the account in WhatsApp Manager; nothing is dropped meanwhile"
_OURS = "this is a fault of Parley; please report it"
_FILE = "send the file once more, smaller or in another format"
_ANOTHER_WAY = "reach the customer another way"
_TEMPLATE = "correct the template in WhatsApp Manager"

_MEANINGS: dict[int, Meaning] = {
    0: Meaning(NeedsOperator, "the app user cannot be authenticated", _CREDENTIALS),
    1: Meaning(TryLater, "an unknown or invalid request", _OURS, tries=2),
    2: Meaning(TryLater, "the API is down"),
    3: Meaning(NeedsOperator, "the app lacks the capability", _PERMISSION),
    4: Meaning(Limited, "the app made too many calls this hour", retry_after=300),
    10: Meaning(NeedsOperator, "the app lacks the permission", _PERMISSION),
    33: Meaning(
        Refused, "the business number was deleted", "set WHATSAPP_PHONE_NUMBER_ID to one that exists"
    ),
    100: Meaning(Refused, "a parameter is invalid", _OURS),
    190: Meaning(NeedsOperator, "the access token is expired or invalid", _CREDENTIALS),
    368: Meaning(NeedsOperator, "the account is blocked for a time for breaking a policy", _ACCOUNT),
    80007: Meaning(Limited, "the account's rate limit is reached", retry_after=60),
    130429: Meaning(Limited, "the number sends too many messages a second"),
    130472: Meaning(Refused, "the customer is in a marketing experiment of Meta's", _ANOTHER_WAY),
    130497: Meaning(Refused, "the account may not write to this country", _ANOTHER_WAY),
    131000: Meaning(TryLater, "something went wrong at WhatsApp"),
    131005: Meaning(NeedsOperator, "access is denied", _PERMISSION),
    131008: Meaning(Refused, "a parameter is missing", _OURS),
    131009: Meaning(Refused, "a parameter's value is not valid", _OURS),
    131016: Meaning(TryLater, "the service is unavailable"),
    131021: Meaning(Refused, "the recipient is the sending number itself", "write to another number"),
    131026: Meaning(
        Refused,
        "not deliverable: no WhatsApp on this number, an old app, terms not accepted, or we are blocked",
        _ANOTHER_WAY,
    ),
    131030: Meaning(
        Refused, "the recipient is not on the test number's list", "add the number in the app's dashboard"
    ),
    131031: Meaning(NeedsOperator, "the account is locked", _ACCOUNT),
    131042: Meaning(
        NeedsOperator, "there is a billing problem", "mend the payment method in Business Manager"
    ),
    131045: Meaning(NeedsOperator, "the number's certificate is not registered", "register the number"),
    131047: Meaning(
        Refused, "more than 24 hours have passed since the customer last wrote", "only a template may be sent"
    ),
    131048: Meaning(NeedsOperator, "too many messages were reported as spam", _ACCOUNT),
    131049: Meaning(
        Refused, "withheld to keep the customer from too many messages", "do not repeat it within 24 hours"
    ),
    131050: Meaning(Refused, "the customer does not want marketing messages", _ANOTHER_WAY),
    131051: Meaning(Refused, "the message type is not supported", _OURS),
    131052: Meaning(TryLater, "the media could not be downloaded", _FILE, tries=2),
    131053: Meaning(Refused, "the media could not be uploaded", _FILE),
    PAIR_RATE_LIMIT: Meaning(TryLater, "too many messages to this customer at once", retry_after=1),
    131057: Meaning(Limited, "the account is in maintenance", retry_after=180),
    131062: Meaning(
        Refused, "this message may not go to a business-scoped user id", "ask the customer for their number"
    ),
    131064: Meaning(NeedsOperator, "the template's pace or class is limited", _ACCOUNT),
    132000: Meaning(TemplateRefused, "the template has another number of parameters", _TEMPLATE),
    132001: Meaning(TemplateRefused, "the template does not exist in this language", _TEMPLATE),
    132005: Meaning(TemplateRefused, "the filled-in template is too long", _TEMPLATE),
    132007: Meaning(TemplateRefused, "the template breaks a policy", _TEMPLATE),
    132012: Meaning(TemplateRefused, "a template parameter has the wrong format", _TEMPLATE),
    132015: Meaning(TemplateRefused, "the template is paused for low quality", _TEMPLATE),
    132016: Meaning(TemplateRefused, "the template is disabled for low quality", _TEMPLATE),
    132068: Meaning(TemplateRefused, "the flow is blocked", _TEMPLATE),
    132069: Meaning(TryLater, "the flow is throttled", _TEMPLATE, retry_after=60),
    133004: Meaning(TryLater, "the server is unavailable for a moment"),
    133010: Meaning(NeedsOperator, "the number is not registered", "register the number with the Cloud API"),
    133016: Meaning(NeedsOperator, "the number was registered and deregistered too often", _ACCOUNT),
    135000: Meaning(Refused, "the customer's side made an error it does not name", _ANOTHER_WAY),
    137000: Meaning(
        Refused,
        "the customer's identity has changed since it was last acknowledged",
        "acknowledge it in WhatsApp Manager",
    ),
}


def meaning(code: int) -> Meaning | None:
    """What a code means; None for one that is not known here."""
    if 200 <= code <= 299:
        return Meaning(NeedsOperator, "a permission is missing or was withdrawn", _PERMISSION)
    return _MEANINGS.get(code)


def describe(error: Mapping[str, Any]) -> str:
    """One element of an `errors` list as "code: what it means"; for an unknown code in Meta's own words."""
    code = _code(error)
    known = meaning(code) if code is not None else None
    return f"{'unknown' if code is None else code}: {known or _own_words(error) or 'no reason given'}"


def kind(error: Mapping[str, Any]) -> type[ConnectorError] | None:
    """The class of one element of an `errors` list; None for an unknown code."""
    code = _code(error)
    known = meaning(code) if code is not None else None
    return known.kind if known else None


def from_answer(status: int, answer: Any, retry_after: float | None = None) -> ConnectorError:
    """The error an HTTP answer stands for.

    `answer` is the parsed body or None; `retry_after` the header of that name in seconds. Without a
    Graph error in the body a gateway spoke, not WhatsApp: 500, 502 and 504 then tell nothing about
    whether the message was taken.
    """
    error = answer.get("error") if isinstance(answer, dict) else None
    code = _code(error) if isinstance(error, dict) else None
    if not isinstance(error, dict) or code is None:
        kind = _kind_of_status(status, gateway=True)
        return kind(
            f"WhatsApp answered HTTP {status} without a reason", retry_after=retry_after, code=str(status)
        )
    known = meaning(code)
    if known is None:
        kind = TryLater if error.get("is_transient") is True else _kind_of_status(status, gateway=False)
        return kind(f"WhatsApp error {describe(error)}", retry_after=retry_after, code=str(code))
    wait = known.retry_after if retry_after is None else retry_after
    details = _own_words(error)
    text = f"WhatsApp error {code}: {known}" + (f" ({details})" if details else "")
    return known.kind(text, retry_after=wait, code=str(code), tries=known.tries)


def from_download(status: int) -> ConnectorError:
    """The error of a media address that answers neither 200 nor that the file is gone."""
    kind = TryLater if status == 429 or status >= 500 else Refused
    return kind(f"WhatsApp does not hand the file out: HTTP {status}", code=str(status))


def pair_wait(refusals: int) -> float:
    """Seconds to wait after so many earlier refusals with 131056 in a row: 4^n, as Meta's page says."""
    return min(4.0 ** min(refusals, 10), LONGEST_PAIR_WAIT)


def _kind_of_status(status: int, *, gateway: bool) -> type[ConnectorError]:
    if status in (401, 403) or 300 <= status < 400:
        return NeedsOperator
    if gateway and status >= 500 and status != 503:
        return OutcomeUnknown
    if status == 429:
        return Limited
    return TryLater if status >= 500 else Refused


def _code(error: Mapping[str, Any]) -> int | None:
    code = error.get("code")
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 10:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _own_words(error: Mapping[str, Any]) -> str:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    words = details or error.get("message") or error.get("title")
    return words[:300] if isinstance(words, str) else ""
