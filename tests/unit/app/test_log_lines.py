"""What stands in a line of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

from app import logs


@pytest.fixture(autouse=True)
def _afterwards() -> Iterator[None]:
    """The logging of the other tests is left as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers, logging.root.level = handlers, level
    structlog.reset_defaults()


def test_addresses_never_stand_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """E-mail addresses and phone numbers go, also out of others' words and tracebacks; ids stay."""
    logs.configure("INFO")
    logger = logging.getLogger("conversations.turn")
    why = "RecordInvalid: Email: ana.silva@example.co.uk is used by +1 (555) 010-0001, ticket 26155588908179"
    structlog.get_logger("app").warning("job to be repeated", why=why, wait=2.5)
    logger.error("failed for good: %s", why)
    try:
        raise ValueError(why)
    except ValueError:
        logger.exception("unforeseen")
    said = capsys.readouterr().err
    assert said.count("26155588908179") >= 3
    assert "ValueError" in said
    assert "ana.silva" not in said
    assert "010-0001" not in said


def test_database_that_is_away_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asked for it, no traceback: what the database or the way to it said."""
    logs.configure("INFO")
    try:
        try:
            raise OperationalError("connection refused\n\tIs the server running?")
        except OperationalError as error:
            raise ConnectorException from error
    except ConnectorException:
        logging.getLogger("procrastinate.utils").exception("listener error")
    [line] = capsys.readouterr().err.splitlines()
    assert "Traceback" not in line
    assert "connection refused Is the server running?" in line
