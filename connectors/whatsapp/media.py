"""Files that WhatsApp carries: which kinds, how large, and as what (Meta: "Media", supported types)."""

from __future__ import annotations

from conversations.errors import Refused
from conversations.messages import File

MB = 1024 * 1024
LIMITS = {"image": 5 * MB, "audio": 16 * MB, "video": 16 * MB, "document": 100 * MB}
LARGEST = 100 * MB

KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "video/mp4": "video",
    "video/3gpp": "video",
    "application/pdf": "document",
    "text/plain": "document",
    "application/msword": "document",
    "application/vnd.ms-excel": "document",
    "application/vnd.ms-powerpoint": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
}
NAME_LIMIT = 240
CAPTION_LIMIT = 1024
CAPTIONED = frozenset({"image", "video", "document"})


def kind(file: File) -> str:
    """What the file is sent as: image, audio, video or document. Raises Refused for any other type."""
    found = KINDS.get(mime_type(file))
    if found is None:
        raise Refused(
            f"WhatsApp does not carry files of the type {mime_type(file) or 'unknown'}; "
            "send a PDF, an office document, a JPEG or PNG picture, an MP4 video, or a link",
            code="file_type",
        )
    return found


def check(file: File) -> None:
    """Raises Refused for a file of another type, and for one that is too large."""
    limit = LIMITS[kind(file)]
    if file.size > limit:
        raise Refused(
            f"the file has {file.size / MB:.1f} MB, and WhatsApp takes at most {limit // MB} MB "
            f"as {kind(file)}; send a smaller one, or a link",
            code="file_size",
        )


def mime_type(file: File) -> str:
    """The type without its parameters."""
    return file.mime_type.partition(";")[0].strip().lower()
