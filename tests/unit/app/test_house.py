from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.checkout import here

OURS = ("actions", "app", "connectors", "conversations", "engine", "kb", "orders", "sandbox")
SQL = re.compile(
    r"^\s*(SELECT\s|INSERT INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|CREATE \w+|ALTER \w+|WITH \w+ AS\b)"
)
SQL_FILES = ("store.py", "reports.py", "tracker_store.py")


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for file in sorted((here().root / folder).rglob("*.py")):
            if not {".venv", "__pycache__"} & set(file.parts):
                yield file


def test_sql_stands_where_it_is_looked_for() -> None:
    """SQL stands only in store.py, reports.py (the engine's: tracker_store.py) and migrations/."""
    misplaced = [
        f"{file.relative_to(here().root)}:{node.lineno}"
        for file in modules(*OURS)
        if file.name not in SQL_FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert misplaced == []


def test_nothing_has_a_name_that_says_nothing() -> None:
    """No module is called utils, helpers or services."""
    empty = {"utils", "helpers", "services", "common", "misc"}
    assert [file for file in modules(*OURS) if file.stem in empty] == []


def test_packages_of_the_engine_stay_empty() -> None:
    """Rasa imports a channel's package first and hides its errors, so these hold no code."""
    for package in ("connectors", "engine"):
        source = (here().root / package / "__init__.py").read_text(encoding="utf-8")
        body = ast.parse(source).body
        assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body), (
            package
        )
