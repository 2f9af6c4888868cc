"""The desk's sign-in: made up in the sandbox, an operator's own everywhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.checkout import Checkout
from app.console import users
from app.run.plan import Plan, sandbox_credentials
from app.settings import SettingsError, load

REAL = {
    "whatsapp_phone_number_id": "1",
    "whatsapp_access_token": "a",
    "whatsapp_app_secret": "b",
    "whatsapp_verify_token": "c",
    "zendesk_subdomain": "shop",
    "zendesk_email": "bot@example.com",
    "zendesk_api_token": "d",
    "zendesk_webhook_secret": "e",
}


def plan(folder: Path, **values: str) -> Plan:
    checkout = Checkout(folder, folder / ".parley")
    credentials = sandbox_credentials(checkout.state / "sandbox.json")
    return Plan(checkout, load(folder / ".env", **values), {}, credentials)


def test_sandbox_has_a_user_of_its_own(tmp_path: Path) -> None:
    """In the sandbox the desk's user and key are made up once and kept."""
    first, second = plan(tmp_path).desk_sign_in(), plan(tmp_path).desk_sign_in()
    assert first == second
    assert first["CONSOLE_USERS"].startswith("agent:")


def test_sandbox_has_somebody_of_every_role(tmp_path: Path) -> None:
    """Leads, trainers and admins can be tried too; an earlier version's lonely agent gets company."""
    given = plan(tmp_path).desk_sign_in()["CONSOLE_USERS"]
    assert {person.role for person in users.read(given).values()} == {*users.ROLES}
    file = tmp_path / ".parley" / "sandbox.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**kept, "CONSOLE_USERS": "agent:old-word:agent"}), encoding="utf-8")
    given = plan(tmp_path).desk_sign_in()["CONSOLE_USERS"]
    assert given.startswith("agent:old-word:agent,colleague:old-word:agent,lead:old-word:lead")
    assert json.loads(file.read_text(encoding="utf-8"))["CONSOLE_USERS"] == given


def test_credentials_of_an_earlier_version_are_kept_and_completed(tmp_path: Path) -> None:
    """What an earlier start made up stays, and what is new is added."""
    file = tmp_path / "sandbox.json"
    file.write_text('{"WHATSAPP_APP_SECRET": "old"}', encoding="utf-8")
    made = sandbox_credentials(file)
    assert made["WHATSAPP_APP_SECRET"] == "old"
    assert "SECRET_KEY" in made
    assert sandbox_credentials(file) == made


def test_real_number_gets_no_made_up_user(tmp_path: Path) -> None:
    """Outside the sandbox there is no default password."""
    assert plan(tmp_path, **REAL).desk_sign_in() == {}
    given = {**REAL, "console_users": "mia:secret:lead", "secret_key": "k"}
    assert plan(tmp_path, **given).full_environment("", "")["CONSOLE_USERS"] == "mia:secret:lead"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({**REAL, "console_users": "mia:secret:lead"}, "SECRET_KEY"),
        ({"console_users": "mia"}, "name:password:role"),
        ({"console_users": "mia:x:boss"}, "roles are"),
    ],
)
def test_half_given_sign_in_is_refused_in_a_sentence(
    tmp_path: Path, values: dict[str, str], said: str
) -> None:
    """Users without a key, or that cannot be read, stop the start with words."""
    with pytest.raises(SettingsError, match=said):
        load(tmp_path / ".env", **values)
