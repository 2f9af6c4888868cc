"""Which parts run here, and with what environment: settings in, parts out."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app import server
from app.checkout import Checkout
from app.embedded import Server
from app.run import ready
from app.run.child import Part
from app.run.ledger import MARK
from app.settings import Settings

SERVERS, INNER, WORKER, DOORS = range(4)  # stages: the doors close first, the servers stop last
LOCAL = "127.0.0.1"
DESK_USERS = {
    "agent": "agent", "colleague": "agent", "lead": "lead", "trainer": "trainer", "admin": "admin",
    "Ines Aldana": "agent",
}  # fmt: skip
"""Who may sign in to the sandbox's desk, with their roles; all have the same password.

Ines also works in the sandbox's Zendesk, so that a ticket becomes hers when she takes it at the desk.
"""
MADE_UP = ("SECRET_KEY", "CONSOLE_USERS", "CHAT_API_KEYS")
FOR_ACTIONS = ("ORDERS_URL", "ORDERS_TOKEN", "SMTP_URL", "MAIL_FROM")
SANDBOX_SLACK = "/services/T00000000/B00000000/sandbox"
UNWANTED = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
"""Of the operator's shell: the first lets every start compile Rasa anew, the others mislead it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What this run looks like. `outer` is the operator's environment without Parley's own settings."""

    checkout: Checkout
    settings: Settings
    outer: Mapping[str, str]
    sandbox: Mapping[str, str]
    """The sandbox's made-up credentials, by setting name."""

    @property
    def sandbox_whatsapp(self) -> bool:
        return self.settings.sandbox_on and self.settings.whatsapp is None

    @property
    def sandbox_zendesk(self) -> bool:
        return self.settings.sandbox_on and self.settings.zendesk is None

    @property
    def web_url(self) -> str:
        return f"http://{_reachable(self.settings.host)}:{self.settings.port}"

    @property
    def rasa_url(self) -> str:
        return (self.settings.rasa_url or f"http://{LOCAL}:{self.settings.engine_port}").rstrip("/")

    @property
    def actions_url(self) -> str:
        return (self.settings.actions_url or f"http://{LOCAL}:{self.settings.actions_port}").rstrip("/")

    @property
    def whatsapp_url(self) -> str:
        """The address of the sandbox's WhatsApp and phone page."""
        return f"http://{LOCAL}:{self.settings.sandbox_whatsapp_port}"

    @property
    def zendesk_url(self) -> str:
        """The address of the sandbox's Zendesk and agent page."""
        return f"http://{LOCAL}:{self.settings.sandbox_zendesk_port}"

    def wanted_ports(self) -> dict[str, int]:
        """The ports that must be free before a start, by setting."""
        settings = self.settings
        wanted = {
            "PORT": (settings.port, True),
            "ENGINE_PORT": (settings.engine_port, settings.rasa_url is None),
            "ACTIONS_PORT": (settings.actions_port, settings.actions_url is None),
            "SANDBOX_WHATSAPP_PORT": (settings.sandbox_whatsapp_port, self.sandbox_whatsapp),
            "SANDBOX_ZENDESK_PORT": (settings.sandbox_zendesk_port, self.sandbox_zendesk),
        }
        return {setting: port for setting, (port, needed) in wanted.items() if needed}

    def base_environment(self) -> dict[str, str]:
        """What every child gets: no settings, no secrets of ours."""
        outer = {name: value for name, value in self.outer.items() if name not in UNWANTED}
        return {
            **outer,
            MARK: str(self.checkout.state),
            "PYTHONUNBUFFERED": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "MPLCONFIGDIR": str(self.checkout.state / "matplotlib"),
        }

    def inner_environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What the engine gets: the two stores and the actions, no outside credentials."""
        return {
            **self.base_environment(),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "RASA_URL": self.rasa_url,
            "ACTIONS_URL": self.actions_url,
            "LOG_LEVEL": self.settings.log_level,
            "LLM_PROVIDERS": self.settings.llm_providers,
        }

    def actions_environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What the actions get: besides that, the shop's own orders service, and what sends a code."""
        given = self.settings.environment()
        chosen = {name: given[name] for name in FOR_ACTIONS if name in given}
        chosen["PUBLIC_URL"] = self.settings.public_url or self.web_url
        chosen["IDENTITY_CODE"] = "on" if self.settings.identity_code_on else "off"
        if self.sandbox_whatsapp:
            chosen["SANDBOX_MAIL_URL"] = self.whatsapp_url
        return {**self.inner_environment(database_url, redis_url), **chosen}

    def full_environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        """What web and worker get: every setting, the sandbox's made-up credentials where it stands in."""
        inner = self.inner_environment(database_url, redis_url)
        given = {**self._sandbox_tellers(), **self.settings.environment()}
        return {**given, **inner, **self._sandbox_credentials(), **self.desk_sign_in()}

    def desk_sign_in(self) -> dict[str, str]:
        """The desk's made-up user and key, and the chat API's: only in the sandbox, where none is set."""
        if not self.settings.sandbox_on:
            return {}
        given = self.settings.environment()
        return {name: self.sandbox[name] for name in MADE_UP if name not in given}

    def _sandbox_tellers(self) -> dict[str, str]:
        """Where colleagues are told when nothing else is set: the pages beside the sandbox's phone."""
        if not self.sandbox_whatsapp:
            return {}
        return {
            "SANDBOX_MAIL_URL": self.whatsapp_url,
            "SLACK_WEBHOOK_URL": f"{self.whatsapp_url}{SANDBOX_SLACK}",
        }

    def _sandbox_credentials(self) -> dict[str, str]:
        chosen = {"SANDBOX": "on" if self.settings.sandbox_on else "off"}
        if self.sandbox_whatsapp:
            chosen |= _starting("WHATSAPP_", self.sandbox) | {"WHATSAPP_BASE_URL": self.whatsapp_url}
        if self.sandbox_zendesk:
            chosen |= _starting("ZENDESK_", self.sandbox) | {"ZENDESK_BASE_URL": self.zendesk_url}
        return chosen

    def sandbox_environment(self) -> dict[str, str]:
        """What the sandbox gets: its ports, where its webhooks go, and the credentials it accepts."""
        only = {(True, False): "whatsapp", (False, True): "zendesk"}
        return {
            **self.base_environment(),
            **self._sandbox_credentials(),
            "LOG_LEVEL": self.settings.log_level,
            "SANDBOX_ONLY": only.get((self.sandbox_whatsapp, self.sandbox_zendesk), ""),
            "SANDBOX_WHATSAPP_PORT": str(self.settings.sandbox_whatsapp_port),
            "SANDBOX_ZENDESK_PORT": str(self.settings.sandbox_zendesk_port),
            "SANDBOX_WHATSAPP_CALLBACK": f"{self.web_url}/webhooks/whatsapp",
            "SANDBOX_ZENDESK_CALLBACK": f"{self.web_url}/webhooks/zendesk",
        }


def server_part(server: Server, environment: Mapping[str, str]) -> Part:
    """An embedded server as a part."""
    if server.socket:
        check, where = ready.listens_at(server.socket), server.socket.rsplit("/", 1)[0]
    else:
        check, where = ready.listens(server.port or 0), f"{LOCAL}:{server.port}"
    return Part(
        name=server.name,
        command=server.command,
        environment=environment,
        ready=check,
        stage=SERVERS,
        stop_signal=server.stop_signal,
        last_signal=server.last_signal,
        user=server.user,
        where=where,
    )


def parts(plan: Plan, database_url: str, redis_url: str) -> list[Part]:
    """Everything that runs here once the stores do."""
    full = plan.full_environment(database_url, redis_url)
    inner = plan.inner_environment(database_url, redis_url)
    chosen = [_web(plan, full), _worker(full)]
    if plan.settings.rasa_url is None:
        chosen.append(_engine(plan, inner))
    if plan.settings.actions_url is None:
        chosen.append(_actions(plan, plan.actions_environment(database_url, redis_url)))
    if plan.sandbox_whatsapp or plan.sandbox_zendesk:
        chosen.append(_sandbox(plan))
    return chosen


def _web(plan: Plan, environment: Mapping[str, str]) -> Part:
    """One process: live updates and the metrics of a process live in it."""
    settings = plan.settings
    options = ["--timeout-graceful-shutdown", "1", "--log-level", settings.log_level.lower()]
    return Part(
        name="web",
        command=[*server.command(settings), *options],
        environment=environment,
        ready=ready.answers(f"{plan.web_url}/healthz"),
        stage=DOORS,
        where=plan.web_url,
    )


def _worker(environment: Mapping[str, str]) -> Part:
    return Part(
        name="worker",
        command=[sys.executable, "-m", "app.worker"],
        environment=environment,
        stage=WORKER,
        grace=4,
    )


def _engine(plan: Plan, environment: Mapping[str, str]) -> Part:
    port = str(plan.settings.engine_port)
    files = ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml", "-m", "models/parley.tar.gz"]
    return Part(
        name="engine",
        command=[
            str(plan.checkout.engine_bin / "rasa"),
            "run",
            "--enable-api",
            "-i",
            LOCAL,
            "-p",
            port,
            *files,
        ],
        environment=environment,
        ready=ready.answers(f"{plan.rasa_url}/webhooks/turn/"),
        stage=INNER,
        where=plan.rasa_url,
    )


def _actions(plan: Plan, environment: Mapping[str, str]) -> Part:
    port = str(plan.settings.actions_port)
    return Part(
        name="actions",
        command=[sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", port],
        environment={**environment, "SANIC_HOST": LOCAL},  # rasa-sdk listens everywhere otherwise
        ready=ready.answers(f"{plan.actions_url}/health"),
        stage=INNER,
        where=plan.actions_url,
    )


def _sandbox(plan: Plan) -> Part:
    halves = [(plan.sandbox_whatsapp, plan.whatsapp_url), (plan.sandbox_zendesk, plan.zendesk_url)]
    urls = [url for here, url in halves if here]
    return Part(
        name="sandbox",
        command=[sys.executable, "-m", "sandbox"],
        environment=plan.sandbox_environment(),
        ready=ready.answers(f"{urls[0]}/"),
        stage=DOORS,
        where=" and ".join(urls),
    )


def sandbox_credentials(file: Path) -> dict[str, str]:
    """Credentials made up once for this checkout, kept in `file`, readable by its owner alone."""
    made = {
        "WHATSAPP_PHONE_NUMBER_ID": str(10**14 + secrets.randbelow(9 * 10**14)),
        "WHATSAPP_ACCESS_TOKEN": secrets.token_urlsafe(24),
        "WHATSAPP_APP_SECRET": secrets.token_hex(16),
        "WHATSAPP_VERIFY_TOKEN": secrets.token_urlsafe(12),
        "ZENDESK_EMAIL": "parley@example.com",
        "ZENDESK_API_TOKEN": secrets.token_urlsafe(24),
        "ZENDESK_WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "CONSOLE_USERS": _desk_users(secrets.token_urlsafe(9)),
        "CHAT_API_KEYS": f"sandbox:{secrets.token_urlsafe(24)}",
    }
    kept = _with_all_roles(_kept(file))
    if made.keys() <= kept.keys() and kept == _kept(file):
        return kept
    made |= kept
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(made, out, indent=1)
    return made


def _kept(file: Path) -> dict[str, str]:
    """What an earlier start kept in `file`; empty when there is nothing readable."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _desk_users(password: str) -> str:
    return ",".join(f"{name}:{password}:{role}" for name, role in DESK_USERS.items())


def _with_all_roles(kept: dict[str, str]) -> dict[str, str]:
    """An earlier version made up a single agent, whose password the others now share."""
    name, _, rest = kept.get("CONSOLE_USERS", "").partition(":")
    password, _, role = rest.rpartition(":")
    alone = (name, role) == ("agent", "agent") and "," not in rest
    return {**kept, "CONSOLE_USERS": _desk_users(password)} if alone else kept


def _starting(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name.startswith(prefix)}


def _reachable(host: str) -> str:
    return {"0.0.0.0": LOCAL, "::": LOCAL}.get(host, host)  # noqa: S104  (listening there is the operator's wish)
