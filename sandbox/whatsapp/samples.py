"""Small files of our own that the phone can attach: a picture, a voice note, a sticker, a document."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).parent / "samples"
SILENCE = b"\xf8\xff\xfe"
"""One 20 ms packet of Opus that holds nothing to hear."""
PACKETS = 150
SAMPLES_PER_PACKET = 960


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to attach, and what WhatsApp says about it besides type, digest and id."""

    kind: str
    mime_type: str
    data: bytes
    filename: str
    about: dict[str, object]


def sample(kind: str) -> Sample:
    """The sample of a kind. Raises KeyError when there is none."""
    return _MAKERS[kind]()


def _image() -> Sample:
    data = (FILES / "parcel.jpg").read_bytes()
    return Sample("image", "image/jpeg", data, "parcel.jpg", {"caption": "It arrived like this"})


def _sticker() -> Sample:
    data = (FILES / "wave.webp").read_bytes()
    return Sample("sticker", "image/webp", data, "wave.webp", {"animated": False})


def _audio() -> Sample:
    return Sample("audio", "audio/ogg; codecs=opus", silent_ogg(), "voice.ogg", {"voice": True})


def _document() -> Sample:
    return Sample("document", "application/pdf", _pdf(), "receipt.pdf", {"filename": "receipt.pdf"})


_MAKERS = {"image": _image, "sticker": _sticker, "audio": _audio, "document": _document}


def silent_ogg() -> bytes:
    """Three seconds of silence as an Ogg Opus file (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 6) + b"parley" + struct.pack("<I", 0)
    pages = [_page([head], 2, 0, 0), _page([tags], 0, 0, 1)]
    pages.append(_page([SILENCE] * PACKETS, 4, PACKETS * SAMPLES_PER_PACKET, 2))
    return b"".join(pages)


def _page(packets: list[bytes], flags: int, position: int, number: int) -> bytes:
    lacing = bytes(len(packet) for packet in packets)
    head = b"OggS" + struct.pack("<BBqIII", 0, flags, position, 7, number, 0) + bytes([len(lacing)]) + lacing
    page = head + b"".join(packets)
    return page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:]


def _ogg_checksum(page: bytes) -> int:
    """CRC-32 with polynomial 0x04c11db7, not reflected, starting from zero (RFC 3533)."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x104C11DB7 if crc & 0x80000000 else crc << 1
    return crc & 0xFFFFFFFF


def _pdf() -> bytes:
    """A one-page PDF that says "Receipt"."""
    drawing = zlib.compress(b"BT /F1 24 Tf 72 720 Td (Receipt) Tj ET")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for index, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%b endobj\n" % (index, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    xref = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(parts) + 1, table)
    return (
        out + xref + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
    )
