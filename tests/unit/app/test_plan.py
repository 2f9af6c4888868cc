from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app import server, settings
from app.checkout import Checkout
from app.run import plan
from app.run.plan import Plan
from tests.unit.app.test_settings import WHATSAPP, ZENDESK

STORES = ("postgresql://db", "redis://cache")


def planned(tmp_path: Path, **given: str) -> Plan:
    lower = {name.lower(): value for name, value in given.items()}
    chosen = settings.load(tmp_path / ".env", **lower)
    made_up = plan.sandbox_credentials(tmp_path / "sandbox.json")
    return Plan(Checkout(tmp_path, tmp_path / ".parley"), chosen, {"PATH": "/bin"}, made_up)


def environment(chosen: Plan, name: str) -> dict[str, str]:
    return next(dict(part.environment) for part in plan.parts(chosen, *STORES) if part.name == name)


def test_bare_default_runs_everything(tmp_path: Path) -> None:
    """Without settings every part runs here, and one sandbox serves both systems."""
    chosen = planned(tmp_path)
    names = {part.name for part in plan.parts(chosen, *STORES)}
    assert names == {"web", "worker", "engine", "actions", "sandbox"}
    assert environment(chosen, "sandbox")["SANDBOX_ONLY"] == ""


def test_what_is_given_is_not_started(tmp_path: Path) -> None:
    """RASA_URL, ACTIONS_URL and credentials each take their part off the list."""
    chosen = planned(tmp_path, **WHATSAPP, **ZENDESK, RASA_URL="http://e/", ACTIONS_URL="http://a")
    assert {part.name for part in plan.parts(chosen, *STORES)} == {"web", "worker"}
    assert set(chosen.wanted_ports()) == {"PORT"}
    assert environment(chosen, "web")["RASA_URL"] == "http://e"


@pytest.mark.parametrize(
    ("given", "half"), [(ZENDESK, "whatsapp"), (WHATSAPP | {"SANDBOX": "on"}, "zendesk")]
)
def test_half_a_sandbox(tmp_path: Path, given: dict[str, str], half: str) -> None:
    """The sandbox stands in only for the system that has no credentials."""
    chosen = planned(tmp_path, **given)
    assert environment(chosen, "sandbox")["SANDBOX_ONLY"] == half


@pytest.mark.parametrize(
    ("given", "code", "mailbox"),
    [
        ({}, "on", True),
        ({"IDENTITY_CODE": "off"}, "off", True),
        (WHATSAPP | ZENDESK, "off", False),
        (WHATSAPP | ZENDESK | {"SMTP_URL": "smtp://mail"}, "on", False),
        (WHATSAPP | {"SANDBOX": "on"}, "off", False),
    ],
)
def test_a_code_is_asked_for_where_one_can_be_sent(
    tmp_path: Path, given: dict[str, str], code: str, mailbox: bool
) -> None:
    """By SMTP, or into the mailbox beside the sandbox's phone; elsewhere the e-mail alone has to do."""
    actions = environment(planned(tmp_path, **given), "actions")
    assert actions["IDENTITY_CODE"] == code
    assert ("SANDBOX_MAIL_URL" in actions) == mailbox
    assert ("SMTP_URL" in actions) == ("SMTP_URL" in given)


def test_colleagues_are_told_in_the_sandbox_unless_something_else_is_set(tmp_path: Path) -> None:
    """The worker gets the sandbox's channel and mailbox; a webhook of one's own stays."""
    worker = environment(planned(tmp_path), "worker")
    assert worker["SLACK_WEBHOOK_URL"].startswith("http://127.0.0.1:8101/services/")
    assert worker["SANDBOX_MAIL_URL"] == "http://127.0.0.1:8101"
    own = "https://hooks.slack.com/services/T/B/x"
    assert environment(planned(tmp_path, SLACK_WEBHOOK_URL=own), "worker")["SLACK_WEBHOOK_URL"] == own
    real = environment(planned(tmp_path, **WHATSAPP, **ZENDESK), "worker")
    assert not {"SLACK_WEBHOOK_URL", "SANDBOX_MAIL_URL"} & real.keys()


def test_only_the_actions_know_the_shop(tmp_path: Path) -> None:
    """Address and token of the orders service reach the actions, not the engine."""
    chosen = planned(tmp_path, ORDERS_URL="http://shop", ORDERS_TOKEN="t")
    assert environment(chosen, "actions")["ORDERS_TOKEN"] == "t"
    assert "ORDERS_URL" not in environment(chosen, "engine")


def test_sandbox_and_web_share_credentials(tmp_path: Path) -> None:
    """The app calls the sandbox with the credentials the sandbox accepts, and the webhooks come back."""
    chosen = planned(tmp_path)
    web, sandbox = environment(chosen, "web"), environment(chosen, "sandbox")
    for name in (*WHATSAPP, "ZENDESK_EMAIL", "ZENDESK_API_TOKEN", "ZENDESK_WEBHOOK_SECRET"):
        assert web[name] == sandbox[name] != ""
    assert web["WHATSAPP_BASE_URL"] == "http://127.0.0.1:8101"
    assert sandbox["SANDBOX_WHATSAPP_CALLBACK"] == "http://127.0.0.1:8000/webhooks/whatsapp"
    assert sandbox["SANDBOX_ZENDESK_CALLBACK"] == "http://127.0.0.1:8000/webhooks/zendesk"


def test_web_environment_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What web and worker are given makes settings with a number, a helpdesk and both stores."""
    for name, value in environment(planned(tmp_path), "web").items():
        monkeypatch.setenv(name, value)
    chosen = settings.load(tmp_path / "none")
    assert chosen.whatsapp is not None
    assert chosen.zendesk is not None
    assert (chosen.database_url, chosen.redis_url) == STORES
    assert chosen.sandbox_on


def test_web_trusts_the_proxies_that_are_named(tmp_path: Path) -> None:
    """Visitors are told apart by what the named proxies say; without any, this machine's own."""
    for given, trusted in (({}, "127.0.0.1,::1"), ({"FORWARDED_ALLOW_IPS": "10.0.0.0/8"}, "10.0.0.0/8")):
        command = server.command(planned(tmp_path, **given).settings)
        assert command[command.index("--forwarded-allow-ips") + 1] == trusted


def test_engine_and_actions_get_no_outside_credentials(tmp_path: Path) -> None:
    """Tokens of WhatsApp and Zendesk never reach the engine or the actions."""
    chosen = planned(tmp_path, **WHATSAPP, **ZENDESK)
    for name in ("engine", "actions"):
        given = environment(chosen, name)
        assert not [setting for setting in given if setting.startswith(("WHATSAPP_", "ZENDESK_"))]
        assert given["DATABASE_URL"] == STORES[0]


def test_made_up_credentials_are_kept(tmp_path: Path) -> None:
    """The sandbox's credentials are made once, stay the same, and are for their owner's eyes only."""
    file = tmp_path / "state" / "sandbox.json"
    first = plan.sandbox_credentials(file)
    assert plan.sandbox_credentials(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_open_host_is_called_locally(tmp_path: Path) -> None:
    """Listening everywhere, the web process is still reached on this machine's own address."""
    assert planned(tmp_path, HOST="0.0.0.0").web_url == "http://127.0.0.1:8000"


def test_doors_close_before_the_inner_parts(tmp_path: Path) -> None:
    """Nothing new comes in while the worker ends, and the engine serves until the worker has."""
    stages = {part.name: part.stage for part in plan.parts(planned(tmp_path), *STORES)}
    assert (
        stages["web"]
        == stages["sandbox"]
        > stages["worker"]
        > stages["engine"]
        == stages["actions"]
        > plan.SERVERS
    )
