"""The containers get the settings that the processes of `make run` get."""

from __future__ import annotations

from typing import Any

import yaml
from dotenv import dotenv_values

from app.checkout import here
from app.run.plan import Plan
from app.settings import Settings

ROOT = here().root
SANDBOX = ROOT / "deploy" / "sandbox.env"
OF_THE_RUN = {"RASA_TELEMETRY_ENABLED", "LOG_LEVEL", "PYTHONUNBUFFERED", "MPLCONFIGDIR"}
"""Of the run itself, and of the engine's libraries; the images set their own."""


def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return loaded


def test_the_actions_get_every_setting_they_read() -> None:
    """What `make run` hands to the actions, the container has, too."""
    given = {
        "orders_url": "http://shop",
        "orders_token": "t",
        "smtp_url": "smtp://post",
        "mail_from": "a@b.example",
    }
    plan = Plan(here(), Settings(_env_file=None, **given), {}, {})  # type: ignore[arg-type]
    wanted = plan.actions_environment("postgresql://", "redis://").keys() - plan.base_environment().keys()
    assert wanted - OF_THE_RUN <= services()["actions"]["environment"].keys()


def test_the_sandbox_in_containers_is_whole() -> None:
    """Its settings are valid, name the file they come from, and tell the actions where codes can be read."""
    values = {name: value for name, value in dotenv_values(SANDBOX).items() if value}
    assert values["ENV_FILE"] == str(SANDBOX.relative_to(ROOT))
    assert values["SANDBOX_MAIL_URL"] == values["WHATSAPP_BASE_URL"]
    stores = {"DATABASE_URL": "postgresql://parley@postgres/parley", "REDIS_URL": "redis://redis:6379/0"}
    chosen = {name.lower(): value for name, value in {**values, **stores}.items()}
    known = {name: value for name, value in chosen.items() if name in Settings.model_fields}
    assert Settings(_env_file=None, **known).whatsapp  # type: ignore[arg-type]
