"""These tests run in the engine's environment: `engine/.venv/bin/python -m pytest tests/unit/engine`."""

from __future__ import annotations

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("rasa") else ["test_*.py"]
