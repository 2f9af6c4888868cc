"""`/analytics`: one page of figures, for people who run the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import Request
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from app.console import words
from app.console.desk import desk_of
from app.console.frame import frame
from conversations import reports
from conversations.desk import reports as desk_reports
from conversations.desk.reports import Judged
from conversations.reports import Figures

PERIODS = (7, 30)
"""Days that can be chosen, today included."""


def register() -> None:
    """Tell NiceGUI of the page."""
    ui.page("/analytics", title="Analytics · Parley")(show)


async def show(request: Request, days: str = "") -> None:
    """The figures of the last 7 or 30 days."""
    desk = desk_of(request)
    chosen = next((period for period in PERIODS if str(period) == days), PERIODS[0])
    async with desk.parley.pool.connection() as conn:
        figures = await reports.figures(conn, chosen)
        judged = await desk_reports.judged(conn, reports.since(chosen))
    with frame(desk, "/analytics"), ui.element("main").classes("figures"):
        _title(chosen)
        if not figures.conversations:
            ui.label("No customer wrote in these days. The figures appear with the first message.").classes(
                "empty"
            )
            return
        _tiles(figures)
        with ui.element("div").classes("sheets"):
            _days(figures.per_day)
            handoffs = {words.reason(why): number for why, number in figures.handoffs.items()}
            _ranks("Handoffs by reason", "The bot asked for nobody in these days.", handoffs)
            intents = {intent.replace("_", " "): number for intent, number in figures.intents.items()}
            _ranks("Top intents", "The bot took no turn in these days.", intents)
            _warnings(judged)


def _title(chosen: int) -> None:
    with ui.element("div").classes("title"):
        TextElement(tag="h1", text="Analytics")
        with ui.element("nav").props('aria-label="Period"'):
            for period in PERIODS:
                link = ui.link(f"{period} days", f"/analytics?days={period}").classes("place")
                if period == chosen:
                    link.props('aria-current="page"')
        ui.label("Days begin at midnight UTC.").classes("what")


def tiles(figures: Figures) -> dict[str, str]:
    """What each tile says, by its label."""
    handoffs = sum(figures.handoffs.values())
    return {
        "conversations": f"{figures.conversations:,}",
        "answered by the bot alone": share(figures.alone, figures.conversations),
        "handoffs": f"{handoffs:,}",
        "takeovers by agents": f"{figures.takeovers:,}",
        "turns without an answer": f"{figures.failed:,} of {figures.turns:,}",
        "median time to answer": seconds(figures.median_ms),
        "95% answered within": seconds(figures.p95_ms),
    }


def share(part: int, whole: int) -> str:
    """A share in per cent; a dash of nothing."""
    return f"{part / whole:.0%}" if whole else "–"


def seconds(milliseconds: float | None) -> str:
    """A duration as a person reads it; a dash for none."""
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _tiles(figures: Figures) -> None:
    with ui.element("div").classes("tiles"):
        for what, number in tiles(figures).items():
            with ui.element("div").classes("tile"):
                ui.label(number).classes("number")
                ui.label(what).classes("what")


def _days(per_day: Mapping[date, int]) -> None:
    most = max(per_day.values())
    with ui.element("section").classes("sheet wide"):
        TextElement(tag="h2", text="Conversations per day")
        with ui.element("ol").classes("days many" if len(per_day) > PERIODS[0] else "days"):
            for day, number in per_day.items():
                with ui.element("li").classes("day"):
                    with ui.element("div").classes("rise"):
                        ui.label(str(number or "")).classes("count")
                        _bar("height", number / most if most else 0)
                    ui.label(f"{day:%d %b}").classes("label")


def _ranks(title: str, none: str, numbers: Mapping[str, int]) -> None:
    with ui.element("section").classes("sheet"):
        TextElement(tag="h2", text=title)
        if not numbers:
            ui.label(none).classes("none")
            return
        most = max(numbers.values())
        with ui.element("div").classes("ranks"):
            for label, number in numbers.items():
                with ui.element("div").classes("rank"):
                    _bar("width", number / most)
                    ui.label(label).classes("label")
                ui.label(f"{number:,}").classes("count")


def verdict(one: Judged) -> str:
    """How a warning was judged: how many said useful, of those who said anything."""
    said = one.useful + one.useless
    return f"useful {one.useful} of {said}" if said else "not judged yet"


def _warnings(judged: Sequence[Judged]) -> None:
    """What agents made of the at-risk view, by reason."""
    with ui.element("section").classes("sheet"):
        TextElement(tag="h2", text="Warnings acted on")
        if not judged:
            ui.label("Nobody acted on a warning in these days.").classes("none")
            return
        most = judged[0].acted
        with ui.element("div").classes("ranks"):
            for one in judged:
                with ui.element("div").classes("rank"):
                    _bar("width", one.acted / most)
                    ui.label(f"{words.RISKS.get(one.code, one.code)}: {verdict(one)}").classes("label")
                ui.label(f"{one.acted:,}").classes("count")


def _bar(side: str, part: float) -> None:
    ui.element("div").classes("bar-of").style(f"{side}: {part:.1%}").props("aria-hidden=true")
