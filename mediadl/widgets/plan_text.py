"""Schedules, their runs and sources as text. Pure functions from the models, so that every screen says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from mediadl.models.plans import PlannedSchedule
from mediadl.models.schedules import OPEN_RUNS, RunKind, RunState, ScheduleRun, Source, SourceState
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.columns import Part
from mediadl.widgets.when import local


class Standing(StrEnum):
    """How a schedule stands."""

    RUNNING = "running"
    HELD = "held"
    """Its time came; it waits for the allowed hours."""
    ON = "on"
    OFF = "off"
    ENDED = "ended"
    """It has no next run."""


STANDING: dict[Standing, tuple[str, str, str]] = {
    Standing.RUNNING: ("▶", "Running", "status-active"),
    Standing.HELD: ("…", "Held", "status-waiting"),
    Standing.ON: ("↻", "On", "status-scheduled"),
    Standing.OFF: ("‖", "Off", "status-paused"),
    Standing.ENDED: ("■", "Ended", "status-cancelled"),
}
"""Glyph, word and style."""

RUNS: dict[RunState, tuple[str, str, str]] = {
    RunState.HELD: ("…", "Held", "status-waiting"),
    RunState.RUNNING: ("▶", "Running", "status-active"),
    RunState.DONE: ("✓", "Done", "status-completed"),
    RunState.FAILED: ("✗", "Failed", "status-failed"),
    RunState.SKIPPED: ("≡", "Left out", "status-cancelled"),
}

RUN_KINDS: dict[RunKind, str] = {RunKind.DUE: "", RunKind.MANUAL: "by hand", RunKind.GAP: "gap"}

SOURCES: dict[SourceState, tuple[str, str, str]] = {
    SourceState.OK: ("✓", "OK", "status-completed"),
    SourceState.PRIVATE: ("▲", "Private", "mild"),
    SourceState.GONE: ("✗", "Gone", "status-failed"),
    SourceState.TERMINATED: ("✗", "Closed", "status-failed"),
    SourceState.SILENT: ("○", "Silent", "quiet"),
}

_PAGE = re.compile(r"^https?://(?:www\.|m\.)?", re.IGNORECASE)


def standing(plan: PlannedSchedule) -> Standing:
    """How it stands now."""
    schedule, last = plan.schedule, plan.last
    if last is not None and last.state in OPEN_RUNS:
        return Standing.HELD if last.state is RunState.HELD else Standing.RUNNING
    if not schedule.enabled:
        return Standing.OFF
    return Standing.ON if schedule.next_start_at is not None else Standing.ENDED


def outcome(run: ScheduleRun | None, *, roomy: bool = False) -> Part:
    """What came of a run, in a few words; `roomy`: with everything that was found."""
    if run is None:
        return "– not yet", "quiet"
    glyph, word, style = RUNS[run.state]
    if run.state in OPEN_RUNS or run.state is RunState.SKIPPED:
        return f"{glyph} {word.lower()}", style
    if run.state is RunState.FAILED:
        said = safe_text(run.error, limit=80) if roomy else ""
        return f"{glyph} failed{f': {said}' if said else ''}", style
    new = f"{count(run.new)} new" if run.new else "nothing new"
    parts = [f"{count(run.found)} found", new] if roomy and run.found else [new]
    parts += [f"{count(run.failed)} {'failed' if roomy else '✗'}"] if run.failed else []
    return (
        f"{'▲' if run.failed else glyph} {', '.join(parts)}",
        "mild" if run.failed else style if run.new else "",
    )


def source_word(text: str) -> str:
    """A source as short as it stays clear: `@name`, or the address without what all have."""
    word = safe_text(text, limit=200)
    if not _PAGE.match(word):
        return word
    host, _, path = _PAGE.sub("", word).rstrip("/").partition("/")
    return f"{host}/{path}" if path else host


def sources_line(spec: dict[str, Any], *, most: int = 2) -> str:
    """The first sources by name, and how many more."""
    found: Sequence[str] = spec.get("sources") or ()
    named = [source_word(text) for text in found[:most]]
    more = f" +{count(len(found) - most)}" if len(found) > most else ""
    return ", ".join(named) + more


def source_name(source: Source) -> str:
    """What it is called; the name it had before in brackets."""
    name = safe_text(source.name) or source_word(source.url)
    former = [safe_text(one) for one in source.former_names if one != source.name]
    return f"{name} (was {', '.join(former[:2])})" if former else name


def source_note(source: Source, now: float) -> Part:
    """What is to be known of it: a gap, why it cannot be read, how often it posts."""
    if source.gap_since is not None:
        return f"gap since {local(source.gap_since, now)}", "mild"
    if source.why and source.state is not SourceState.OK:
        return safe_text(source.why, limit=200), "mild"
    if source.backfill:
        return "older posts are still to come", "quiet"
    if source.last_check_at is None:
        return "not looked at yet", "quiet"
    return (
        f"{plural(source.posts_30d, 'post')} in 30 days" if source.posts_30d else "no post in 30 days"
    ), "quiet"
