"""Where rasa-sdk looks for plugins, by this very name (rasa_sdk.plugin); ours opens the articles at start."""

from __future__ import annotations

from typing import Any

from actions import warm


def init_hooks(manager: Any) -> None:
    """Register our hooks with rasa-sdk's plugin manager."""
    manager.register(warm)
