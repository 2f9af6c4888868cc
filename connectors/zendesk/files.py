"""Attachments: uploaded for a comment of ours, fetched from an agent's (Zendesk: "Attachments")."""

from __future__ import annotations

import requests

from connectors.zendesk import errors
from connectors.zendesk.rest import Rest
from conversations.errors import ConnectorError, NeedsOperator, Refused, TryLater
from conversations.messages import File

LARGEST_UPLOAD = 50 * 1024 * 1024
LARGEST_FETCH = 100 * 1024 * 1024
"""Bytes: the most any channel takes."""

CHUNK = 1 << 16
TIMEOUT = 60.0
REDIRECTS = 4


def upload(rest: Rest, name: str, mime_type: str, data: bytes) -> str:
    """The token by which a comment takes these bytes.

    An upload that no comment takes is forgotten by Zendesk, so a repeated one does no harm. Raises Refused
    for a file too large and where Zendesk takes no files, TryLater for any passing fault.
    """
    if len(data) > LARGEST_UPLOAD:
        raise Refused(
            f"the file is larger than {LARGEST_UPLOAD >> 20} MB, the most Zendesk takes", code="size"
        )
    kind = mime_type.partition(";")[0].strip() or "application/octet-stream"
    try:
        token = rest.post("/api/v2/uploads.json", {"filename": name}, data, kind)["upload"]["token"]
    except (KeyError, TypeError) as error:
        raise Refused("Zendesk took a file and named no token", code="bad_answer") from error
    except ConnectorError as error:
        raise _again_or_not(error) from error
    return str(token)


def _again_or_not(error: ConnectorError) -> ConnectorError:
    """A missing path means that Zendesk takes no files here; an unknown outcome may simply be repeated."""
    if error.uncertain:
        return TryLater(str(error), retry_after=error.retry_after, code=error.code)
    missing = isinstance(error, NeedsOperator) and error.code not in ("401", "Couldn't authenticate you")
    return Refused(str(error), code=error.code) if missing else error


def fetch(rest: Rest, file: File) -> bytes:
    """The bytes of an attachment. Raises Refused when it is gone or too large, TryLater for a passing fault.

    The address may lead elsewhere, to a store of files; our credentials go to Zendesk's own host only.
    """
    address = file.url
    for _ in range(REDIRECTS):
        try:
            found = _get(rest, address)
            with found:
                if not found.is_redirect:
                    return _read(found)
                address = requests.compat.urljoin(address, found.headers["Location"])
        except requests.RequestException as error:
            raise TryLater(f"the attachment could not be fetched ({type(error).__name__})") from error
    raise Refused("the attachment's address leads in a circle", code="redirects")


def _get(rest: Rest, address: str) -> requests.Response:
    if not address.startswith(("https://", "http://")):
        raise Refused("the attachment has no address", code="address")
    if rest.owns(address):
        # Past our own session's rule of no redirects and no status but 2xx.
        return requests.Session.request(
            rest.session, "GET", address, timeout=TIMEOUT, stream=True, allow_redirects=False
        )
    return requests.get(address, timeout=TIMEOUT, stream=True, allow_redirects=False)


def _read(response: requests.Response) -> bytes:
    if response.status_code != 200:
        error = errors.from_answer(response, "GET", "attachment")
        raise (
            error
            if isinstance(error, TryLater)
            else Refused(
                f"the attachment cannot be fetched: HTTP {response.status_code}",
                code=str(response.status_code),
            )
        )
    data = bytearray()
    for chunk in response.iter_content(CHUNK):
        data += chunk
        if len(data) > LARGEST_FETCH:
            raise Refused(f"the attachment is larger than {LARGEST_FETCH >> 20} MB", code="size")
    return bytes(data)
