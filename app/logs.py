"""Logs for operators: one line an event, no message texts, no phone numbers, no secrets at INFO."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError
from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("httpx", "httpcore", "urllib3", "zenpy", "procrastinate.worker")
"""Libraries whose INFO lines carry addresses or arguments."""

POOL = "psycopg.pool"
"""Says at each of its attempts what we say of the database ourselves."""

AWAY = (OperationalError, ConnectorException)
"""What a database that is not there makes of each statement, ours and the job queue's."""


ADDRESS = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ()-]{6,18}\d")
"""An e-mail address, or a phone number as people write it."""


def without_addresses(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """The line without addresses: an outside system's words, or a traceback's, may hold a customer's."""
    return {key: ADDRESS.sub("…", value) if isinstance(value, str) else value for key, value in event.items()}


def briefly(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """A database that is away in a sentence, not with a traceback for everybody who asked for it."""
    given = event.get("exc_info")
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if not isinstance(error, AWAY):
        return event
    rest = {key: value for key, value in event.items() if key not in ("exc_info", "exception")}
    return {**rest, "why": sentence(error)}


def sentence(error: BaseException) -> str:
    """What the database, or the way to it, says."""
    return " ".join(str(error.__cause__ or error).split()) or type(error).__name__


def configure(level: str) -> None:
    """Send our logs and the libraries' to standard error in one shape."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            briefly,
            structlog.processors.format_exc_info,
            without_addresses,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"]),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING" if level == "INFO" else level)
    logging.getLogger(POOL).setLevel(level if level == "DEBUG" else "ERROR")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
