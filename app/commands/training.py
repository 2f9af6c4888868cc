"""`parley train` and `parley setup`: a new model, and into the running engine with it."""

from __future__ import annotations

import httpx

from app import settings, setup
from app.checkout import Checkout
from app.run.plan import Plan
from app.run.terminal import Terminal
from app.setup import Workshop


async def train(checkout: Checkout, terminal: Terminal, *, if_changed: bool) -> None:
    """Train, if wanted only when something changed. Raises SetupFailed with the reason it cannot."""
    chosen = _plan(checkout)
    workshop = Workshop(checkout, terminal, chosen.base_environment())
    await setup.export_encoder(workshop)
    if if_changed and not setup.is_stale(checkout.model, checkout, setup.TRAINED_FROM):
        terminal.done("The model is up to date")
        return
    await setup.train(workshop)
    await _swap(chosen, terminal)


async def prepare(checkout: Checkout, terminal: Terminal) -> None:
    """Make whatever is missing or stale. Raises SetupFailed."""
    await setup.prepare(Workshop(checkout, terminal, _plan(checkout).base_environment()))


def _plan(checkout: Checkout) -> Plan:
    return Plan(checkout, settings.load(), settings.foreign_environment(), {})


async def _swap(chosen: Plan, terminal: Terminal) -> None:
    """Hand the model to an engine that runs; none running is fine, it will load it at its start."""
    try:
        async with httpx.AsyncClient(timeout=120, trust_env=False) as client:
            if (await client.get(f"{chosen.rasa_url}/status")).status_code >= 500:
                return
            with terminal.step("Giving the model to the running engine"):
                answer = await client.put(
                    f"{chosen.rasa_url}/model", json={"model_file": str(chosen.checkout.model)}
                )
    except httpx.HTTPError:
        return
    if answer.status_code >= 400:
        terminal.warn(f"The engine did not take it ({answer.status_code}); it keeps the model it has.")
