"""The actions fit the domain, the articles and the rules of the house."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from actions import topics, wording


def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    return loaded


def test_every_action_of_the_domain_is_served() -> None:
    """The action server registers exactly the actions that the domain names."""
    code = (
        "from rasa_sdk.executor import ActionExecutor; server = ActionExecutor(); "
        "server.register_package('actions'); print('\\n'.join(server.actions))"
    )
    served = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(served.stdout.split()) == set(domain()["actions"])


def test_every_form_is_validated() -> None:
    """Each form has its validation, and its topic an action that answers."""
    actions = set(domain()["actions"])
    for form in domain()["forms"]:
        assert {f"validate_{form}", f"action_{form.removesuffix('_form')}"} <= actions


def test_every_choice_leads_somewhere() -> None:
    """Every wish that may be offered is an intent with an action or a form behind it, and fits a button."""
    known = {*domain()["actions"], *domain()["forms"]}
    for intent, topic in topics.TOPICS.items():
        assert intent in domain()["intents"]
        assert topics.action(intent) in known
        assert len(topic.title) <= 20


def test_articles_are_called_by_their_titles() -> None:
    """The bot names an article as its front matter does."""
    for slug, title in wording.ARTICLES.items():
        assert frontmatter.load(f"kb/articles/{slug}.md")["title"] == title
