"""The screenful an operator gets when everything runs: what is where, and what to try."""

from __future__ import annotations

from collections.abc import Iterator

from app.run.plan import Plan
from app.run.terminal import Terminal

TRY = """\
On the phone page, as Ana, try:
  where is my order 10234?
  can I return something after 30 days?
  I want to talk to a person        then answer on the agent page, and solve the ticket"""


def show(plan: Plan, terminal: Terminal, seconds: float, database_url: str, redis_url: str) -> None:
    """Print it. `seconds`: how long the start took."""
    rows = list(_rows(plan, database_url, redis_url))
    width = max(len(name) for name, _ in rows)
    terminal.say("")
    terminal.say(f"Parley runs ({seconds:.0f} s).", style="bold green")
    terminal.say("\n".join(f"  {name:<{width}}  {place}" for name, place in rows))
    if plan.sandbox_whatsapp and plan.settings.demo_shop_on:
        terminal.say(TRY)
    terminal.say("Ctrl-C stops everything.")


def _rows(plan: Plan, database_url: str, redis_url: str) -> Iterator[tuple[str, str]]:
    if plan.sandbox_whatsapp:
        yield "Phone page: be the customer", f"{plan.whatsapp_url}/  (mails to customers: /mail)"
    else:
        yield "WhatsApp", f"webhook at {plan.web_url}/webhooks/whatsapp"
    if plan.sandbox_zendesk:
        yield "Agent page: be the agent", f"{plan.zendesk_url}/"
    elif plan.settings.zendesk:
        yield "Zendesk", f"{plan.settings.zendesk.base_url}, webhook at {plan.web_url}/webhooks/zendesk"
    yield "Desk and analytics", f"{plan.web_url}/console{_sign_in(plan)}, {plan.web_url}/analytics"
    yield "Web", f"{plan.web_url}  (/healthz, /readyz, /metrics, /api/docs)"
    yield "Engine", plan.rasa_url + _given(plan.settings.rasa_url)
    yield "Actions", plan.actions_url + _given(plan.settings.actions_url)
    yield "PostgreSQL", "yours (DATABASE_URL)" if plan.settings.database_url else f"embedded, {database_url}"
    yield "Redis", "yours (REDIS_URL)" if plan.settings.redis_url else f"embedded, {redis_url}"
    yield "Logs", f"{plan.checkout.logs}/"


def _sign_in(plan: Plan) -> str:
    """How to sign in with the sandbox's made-up user; an operator's own users are not shown."""
    people = [entry.split(":") for entry in plan.desk_sign_in().get("CONSOLE_USERS", "").split(",") if entry]
    if not people:
        return ""
    (name, password, _), *others = people
    also = f"; so can {', '.join(other[0] for other in others)}" if others else ""
    return f" (sign in as {name} / {password}{also})"


def _given(url: str | None) -> str:
    return " (yours)" if url else ""
