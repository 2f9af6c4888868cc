"""Logs for operators: one line an event, no message texts, no phone numbers, no secrets at INFO."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("httpx", "httpcore", "urllib3", "zenpy", "procrastinate.worker", "psycopg.pool")
"""Libraries whose INFO lines carry addresses or arguments."""


ADDRESS = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d ()-]{6,18}\d")
"""An e-mail address, or a phone number as people write it."""


def without_addresses(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """The line without addresses: an outside system's words, or a traceback's, may hold a customer's."""
    return {key: ADDRESS.sub("…", value) if isinstance(value, str) else value for key, value in event.items()}


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
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
