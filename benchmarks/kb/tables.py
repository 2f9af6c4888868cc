"""Tables for the terminal that are Markdown too."""

from __future__ import annotations

from rich import box
from rich.table import Table


def table(title: str, *headings: str) -> Table:
    """An empty table."""
    made = Table(title=f"{title}\n", box=box.MARKDOWN, title_justify="left", title_style="")
    for heading in headings:
        made.add_column(heading)
    return made
