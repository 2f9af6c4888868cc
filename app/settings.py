"""Every setting of Parley, read from the environment and `.env`; the descriptions feed the docs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app import settings_checks
from app.checkout import here
from conversations import hours_file
from conversations.errors import ParleyError
from conversations.handback.idle import Timer
from conversations.messages import Template
from conversations.package import FIELDS, Setup


class SettingsError(ParleyError):
    """The settings cannot be used; the message says in plain sentences which and why."""


@dataclass(frozen=True, slots=True)
class WhatsApp:
    """A WhatsApp number and the credentials to use it."""

    base_url: str
    api_version: str
    phone_number_id: str
    access_token: SecretStr
    app_secret: SecretStr
    verify_token: SecretStr


@dataclass(frozen=True, slots=True)
class Zendesk:
    """A Zendesk account: e-mail and API token, or an OAuth token."""

    base_url: str
    email: str | None
    api_token: SecretStr | None
    oauth_token: SecretStr | None
    webhook_secret: SecretStr


def _port(default: int, description: str) -> Any:
    return Field(default, ge=1, le=65535, description=description)


def _unset(description: str) -> Any:
    return Field(None, description=description)


class Settings(BaseSettings):
    """What an operator can set. An empty value counts as not set."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = _port(8000, "Port of the web process: webhooks, health, metrics.")
    forwarded_allow_ips: str = Field(
        "127.0.0.1,::1",
        description="Addresses and networks of the proxies before the web process, comma-separated: only "
        "their `X-Forwarded-For` tells who is calling. `*` where nobody can reach it past a proxy.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important lines to log."
    )
    worker_concurrency: int = Field(
        8,
        ge=1,
        le=100,
        description="Jobs that one worker runs side by side; each conversation stays in order.",
    )

    database_url: str | None = Field(
        None, repr=False, description="PostgreSQL to use, `postgresql://…`. Unset: an embedded PostgreSQL."
    )
    redis_url: str | None = Field(
        None, repr=False, description="Redis to use, `redis://…`. Unset: an embedded Redis."
    )
    rasa_url: str | None = _unset("Base address of a running engine. Unset: the engine is started here.")
    actions_url: str | None = _unset("Base address of a running action server. Unset: it is started here.")
    engine_port: int = _port(5005, "Port of the engine started here.")
    actions_port: int = _port(5055, "Port of the action server started here.")
    orders_url: str | None = _unset(
        "Address of the shop's own orders service (docs/how-to/connect-shop.md). Unset: orders are Parley's."
    )
    orders_token: SecretStr | None = _unset("Token that Parley shows to the shop's orders service.")
    demo_shop: bool | None = _unset(
        "`on` loads the demo shop's orders. Unset: on with the embedded PostgreSQL or with the sandbox."
    )

    sandbox: bool | None = _unset(
        "`on` starts a local WhatsApp and a local Zendesk for whichever of the two has no credentials. "
        "Unset: on when no WhatsApp credentials are set."
    )
    sandbox_whatsapp_port: int = _port(8101, "Port of the sandbox's WhatsApp and its phone page.")
    sandbox_zendesk_port: int = _port(8102, "Port of the sandbox's Zendesk and its agent page.")

    whatsapp_base_url: str = Field("https://graph.facebook.com", description="Address of the Graph API.")
    whatsapp_api_version: str = Field(
        "v25.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API."
    )
    whatsapp_phone_number_id: str | None = _unset("Id of our number at WhatsApp (not the number itself).")
    whatsapp_access_token: SecretStr | None = _unset("System-user token that may send for that number.")
    whatsapp_app_secret: SecretStr | None = _unset("Secret of the Meta app: it signs the webhooks.")
    whatsapp_verify_token: SecretStr | None = _unset(
        "A word of your own, the same one as at Meta, by which Meta checks the webhook's address."
    )

    whatsapp_template_name: str | None = _unset(
        "Approved template without variables that tells a customer, once, that a reply waits while the "
        "24-hour window is closed. Unset: the agent is told that the customer could not be."
    )
    whatsapp_template_language: str = Field("en_US", description="Language of that template.")
    held_reply_days: float = Field(
        7, gt=0, description="Days after which a reply that waits for the customer to write has expired."
    )

    zendesk_base_url: str | None = _unset(
        "Address of Zendesk. Unset: `https://{ZENDESK_SUBDOMAIN}.zendesk.com`."
    )
    zendesk_subdomain: str | None = _unset("The part of your Zendesk address before `.zendesk.com`.")
    zendesk_email: str | None = _unset(
        "E-mail of the Zendesk user that Parley writes as; goes with the API token."
    )
    zendesk_api_token: SecretStr | None = _unset("API token of Zendesk; or set `ZENDESK_OAUTH_TOKEN`.")
    zendesk_oauth_token: SecretStr | None = _unset("OAuth token of Zendesk, instead of e-mail and API token.")
    zendesk_webhook_secret: SecretStr | None = _unset("Signing secret of the Zendesk webhook.")
    ticket_fields: str = Field(
        "",
        pattern=rf"^\s*(({'|'.join(FIELDS)}):\d+(\s*,\s*|\s*$))*$",
        description="Zendesk's ids of your own ticket fields that Parley fills, comma-separated, such as "
        f"`reason:360001`. It can fill {', '.join(FIELDS)}.",
    )
    return_after_minutes: float = Field(
        240,
        ge=0,
        description="Minutes without a word after which a conversation that an agent has answered goes back "
        "to the bot (docs/how-to/desk.md). 0: never by itself.",
    )
    return_warning_minutes: float = Field(
        15,
        gt=0,
        description="Minutes before that in which the agent is told so, at the desk and on the ticket.",
    )
    public_url: str | None = _unset(
        "Address of the web process as the outside reaches it: tickets link to its console, and customers to "
        "their invoices and labels. Unset: `http://HOST:PORT`."
    )

    slack_webhook_url: SecretStr | None = _unset(
        "Slack's incoming webhook for notices to colleagues (docs/how-to/notifications.md). "
        "Unset: with the sandbox its Slack page gets them."
    )
    hours_file: Path | None = _unset(
        "File with the opening hours (docs/how-to/opening-hours.md). Unset: `data/hours.yml`."
    )
    smtp_url: SecretStr | None = _unset(
        "Mail server for one-time codes and notices to colleagues, `smtp://user:password@host:port`. "
        "Unset: with the sandbox its mailbox gets the mails."
    )
    mail_from: str | None = _unset(
        "Address that mails come from. Unset: the user of `SMTP_URL`, if that is an address."
    )
    sandbox_mail_url: str | None = _unset(
        "Address of the sandbox whose mailbox gets the mails; `parley run` sets it."
    )
    identity_code: bool | None = _unset(
        "`on`: an order of another phone takes a one-time code sent to the e-mail on it; "
        "`off`: the e-mail alone. Unset: on where a code can be sent (`SMTP_URL`, or the sandbox's WhatsApp)."
    )
    llm_providers: str = Field(
        "",
        description="LangChain model names, comma-separated, tried in turn (`openai:…, anthropic:…`), which "
        "word answers from the articles (docs/explanation/answers.md). Unset: the articles' own sentences.",
    )
    secret_key: SecretStr | None = _unset("Signs the console's sessions; any long random text.")
    console_users: SecretStr | None = _unset(
        "Who may sign in to the console: `name:password:role`, comma-separated; "
        "roles are agent, lead, trainer and admin."
    )

    ready_replies: Path | None = _unset(
        "File of the desk's ready replies (docs/how-to/desk.md). Unset: `app/console/replies.yml`."
    )

    chat_api_keys: SecretStr | None = _unset(
        "Who may use the chat API: `name:key`, comma-separated; a key has at least 16 characters."
    )
    chat_origins: str = Field(
        "",
        description="Websites whose pages may call the chat API and show the chat page in a frame, "
        "comma-separated (`https://shop.example`).",
    )
    chat_page: bool | None = _unset("`on` serves the chat page at `/chat`. Unset: on with the sandbox.")

    @model_validator(mode="after")
    def _whole(self) -> Settings:
        problems = list(settings_checks.problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def whatsapp(self) -> WhatsApp | None:
        """The WhatsApp number to use, or None when none is set."""
        token, secret, verify = (
            self.whatsapp_access_token,
            self.whatsapp_app_secret,
            self.whatsapp_verify_token,
        )
        if not (self.whatsapp_phone_number_id and token and secret and verify):
            return None
        return WhatsApp(
            base_url=self.whatsapp_base_url.rstrip("/"),
            api_version=self.whatsapp_api_version,
            phone_number_id=self.whatsapp_phone_number_id,
            access_token=token,
            app_secret=secret,
            verify_token=verify,
        )

    @property
    def template(self) -> Template | None:
        """The template for held replies, or None when none is set."""
        name = self.whatsapp_template_name
        return Template(name, self.whatsapp_template_language) if name else None

    @property
    def zendesk(self) -> Zendesk | None:
        """The Zendesk account to use, or None when none is set."""
        if self.zendesk_webhook_secret is None:
            return None
        return Zendesk(
            base_url=(self.zendesk_base_url or f"https://{self.zendesk_subdomain}.zendesk.com").rstrip("/"),
            email=self.zendesk_email,
            api_token=self.zendesk_api_token,
            oauth_token=self.zendesk_oauth_token,
            webhook_secret=self.zendesk_webhook_secret,
        )

    @property
    def idle_timer(self) -> Timer | None:
        """When a conversation that nobody writes in goes back to the bot; None: never by itself."""
        after, warning = self.return_after_minutes, self.return_warning_minutes
        return Timer(timedelta(minutes=after), timedelta(minutes=warning)) if after else None

    @property
    def sandbox_on(self) -> bool:
        """True when the sandbox stands in for what has no credentials."""
        return self.whatsapp is None if self.sandbox is None else self.sandbox

    @property
    def can_mail(self) -> bool:
        """True when a mail can be sent: by SMTP, or into the mailbox beside the sandbox's phone page."""
        return self.smtp_url is not None or (self.sandbox_on and self.whatsapp is None)

    @property
    def identity_code_on(self) -> bool:
        """True when an e-mail opens an order only with the code that was sent to it."""
        return self.can_mail if self.identity_code is None else self.identity_code

    @property
    def demo_shop_on(self) -> bool:
        """True when the demo shop's orders are loaded at the start."""
        default = self.database_url is None or self.sandbox_on
        return default if self.demo_shop is None else self.demo_shop

    @property
    def chat_page_on(self) -> bool:
        """True when everybody who opens `/chat` may write to us."""
        return self.sandbox_on if self.chat_page is None else self.chat_page

    @property
    def chat_origin_list(self) -> tuple[str, ...]:
        """The websites that may use the chat, without a slash at the end."""
        return tuple(filter(None, (each.strip().rstrip("/") for each in self.chat_origins.split(","))))

    @property
    def hours(self) -> Path:
        """The file with the opening hours."""
        return self.hours_file or hours_file.FILE

    @property
    def in_tickets(self) -> Setup:
        """What tickets hold besides the conversation."""
        pairs = (pair.split(":") for pair in self.ticket_fields.split(",") if pair.strip())
        url = (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
        return Setup(url, {name.strip(): int(id) for name, id in pairs})

    def environment(self) -> dict[str, str]:
        """What is set here, as environment variables for a child process; secrets in clear."""
        values = {name: getattr(self, name) for name in sorted(self.model_fields_set)}
        return {name.upper(): _text(value) for name, value in values.items() if value is not None}


def load(env_file: Path | None = None, **values: Any) -> Settings:
    """The settings of the environment and of `.env` in the checkout (the environment wins).

    `values` win over both. Raises SettingsError with one sentence a line.
    """
    file = env_file or here().root / ".env"
    try:
        return Settings(_env_file=file, **values)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None


def foreign_environment(env_file: Path | None = None) -> dict[str, str]:
    """The environment and `.env` without our own settings: PATH, keys of language models and the like."""
    file = env_file or here().root / ".env"
    everything = {name: value for name, value in dotenv_values(file).items() if value} | dict(os.environ)
    return {name: value for name, value in everything.items() if name.lower() not in Settings.model_fields}


def names() -> Iterator[tuple[str, Any]]:
    """Every setting's name as it stands in the environment, with its pydantic field, in order."""
    for name, field in Settings.model_fields.items():
        yield name.upper(), field


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _sentences(error: ValidationError) -> Iterator[str]:
    for part in error.errors():
        if not part["loc"]:
            yield str(part["ctx"]["error"])
            continue
        name = str(part["loc"][0]).upper()
        yield f"{name}: {part['msg'][0].lower()}{part['msg'][1:]}. See docs/reference/settings.md."
