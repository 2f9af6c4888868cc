from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.settings import SettingsError

Load = Callable[..., Any]

WHATSAPP = {
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_ACCESS_TOKEN": "token-1",
    "WHATSAPP_APP_SECRET": "secret-1",
    "WHATSAPP_VERIFY_TOKEN": "verify-1",
}
ZENDESK = {
    "ZENDESK_SUBDOMAIN": "shop",
    "ZENDESK_EMAIL": "bot@example.com",
    "ZENDESK_API_TOKEN": "token-2",
    "ZENDESK_WEBHOOK_SECRET": "secret-2",
}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    def load(**environment: str) -> settings.Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return settings.load(tmp_path / ".env")

    return load


def test_nothing_set_is_the_sandbox(load: Load) -> None:
    """Without any setting Parley runs on the sandbox and the demo shop."""
    chosen = load()
    assert chosen.sandbox_on
    assert chosen.demo_shop_on
    assert chosen.whatsapp is None
    assert chosen.environment() == {}


def test_real_parts(load: Load) -> None:
    """With both systems set the sandbox is off, and their addresses are the public ones."""
    chosen = load(**WHATSAPP, **ZENDESK)
    assert not chosen.sandbox_on
    assert chosen.whatsapp.base_url == "https://graph.facebook.com"
    assert chosen.whatsapp.api_version == "v25.0"
    assert chosen.zendesk.base_url == "https://shop.zendesk.com"


def test_base_url_wins_over_subdomain(load: Load) -> None:
    """ZENDESK_BASE_URL says where Zendesk is, without a slash at its end."""
    assert (
        load(**ZENDESK, ZENDESK_BASE_URL="http://127.0.0.1:8102/").zendesk.base_url == "http://127.0.0.1:8102"
    )


def test_own_fakes_with_embedded_stores(load: Load) -> None:
    """SANDBOX=off with both systems at addresses of one's own keeps the embedded stores and the demo shop."""
    chosen = load(
        **WHATSAPP,
        **ZENDESK,
        SANDBOX="off",
        WHATSAPP_BASE_URL="http://127.0.0.1:9001",
        ZENDESK_BASE_URL="http://127.0.0.1:9002",
    )
    assert not chosen.sandbox_on
    assert chosen.demo_shop_on
    assert chosen.database_url is None


@pytest.mark.parametrize("missing", list(WHATSAPP))
def test_half_a_whatsapp_is_refused(load: Load, missing: str) -> None:
    """Any credential of WhatsApp without another is refused, and the missing one is named."""
    given = {name: value for name, value in WHATSAPP.items() if name != missing}
    with pytest.raises(SettingsError, match=f"WhatsApp is half set: .* but not {missing}"):
        load(**given, SANDBOX="on")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ZENDESK_API_TOKEN": "t"}, "not ZENDESK_BASE_URL or ZENDESK_SUBDOMAIN, ZENDESK_EMAIL and"),
        ({**ZENDESK, "ZENDESK_EMAIL": ""}, "but not ZENDESK_EMAIL"),
        ({**ZENDESK, "ZENDESK_OAUTH_TOKEN": "o"}, "keep one of them"),
        ({**ZENDESK, "ZENDESK_API_TOKEN": ""}, "not ZENDESK_API_TOKEN or ZENDESK_OAUTH_TOKEN"),
        ({"WHATSAPP_BASE_URL": "http://127.0.0.1:1"}, "WhatsApp is half set"),
        ({"SANDBOX": "off"}, "SANDBOX=on"),
        (WHATSAPP, "Zendesk is not set"),
        ({"PORT": "eighty"}, "PORT: input should be a valid integer"),
        ({"PORT": "5005"}, "PORT and ENGINE_PORT are all 5005"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: input should be 'DEBUG'"),
    ],
)
def test_refusals_are_sentences(load: Load, given: dict[str, str], message: str) -> None:
    """What cannot work is refused with a sentence that names the setting, not with a dump."""
    with pytest.raises(SettingsError) as refused:
        load(**given)
    assert message in str(refused.value)
    assert "validation error" not in str(refused.value)


def test_oauth_needs_no_email(load: Load) -> None:
    """An OAuth token stands for e-mail and API token together."""
    given = {"ZENDESK_SUBDOMAIN": "s", "ZENDESK_OAUTH_TOKEN": "o", "ZENDESK_WEBHOOK_SECRET": "w"}
    assert load(**given).zendesk.oauth_token.get_secret_value() == "o"


def test_half_real(load: Load) -> None:
    """A real number with SANDBOX=on keeps the sandbox for the Zendesk it lacks."""
    chosen = load(**WHATSAPP, SANDBOX="on")
    assert chosen.sandbox_on
    assert chosen.zendesk is None


def test_secrets_are_not_shown(load: Load) -> None:
    """Neither the settings' text nor a refusal repeats a secret."""
    chosen = load(**WHATSAPP, **ZENDESK, DATABASE_URL="postgresql://u:pass-word@h/d")
    for secret in ("token-1", "secret-1", "verify-1", "token-2", "secret-2", "pass-word"):
        assert secret not in repr(chosen)
    with pytest.raises(SettingsError) as refused:
        load(ZENDESK_OAUTH_TOKEN="token-3")
    assert "token-" not in str(refused.value)


def test_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is read, and the environment wins over it."""
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nLOG_LEVEL=DEBUG\nSOME_MODEL_KEY=k\n")
    monkeypatch.setenv("PORT", "9001")
    chosen = settings.load(file)
    assert (chosen.port, chosen.log_level) == (9001, "DEBUG")
    outer = settings.foreign_environment(file)
    assert outer["SOME_MODEL_KEY"] == "k"
    assert "PORT" not in outer


def test_environment_for_children_says_the_same(
    load: Load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Settings written as an environment and read again are the same settings."""
    chosen = load(**WHATSAPP, **ZENDESK, PORT="9000", SANDBOX="off")
    for name, value in chosen.environment().items():
        monkeypatch.setenv(name, value)
    assert settings.load(tmp_path / "none") == chosen


def test_ticket_fields_are_read_by_name(tmp_path: Path) -> None:
    """An operator names Zendesk's own fields by what Parley puts in them; a wrong word is refused."""
    chosen = settings.load(tmp_path / "none", ticket_fields="reason:36001, order_number:36002")
    assert chosen.in_tickets.fields == {"reason": 36001, "order_number": 36002}
    with pytest.raises(settings.SettingsError, match="TICKET_FIELDS"):
        settings.load(tmp_path / "none", ticket_fields="colour:1")
