"""What schedules look like for people: their list, one in full, its runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mediadl.cli import output
from mediadl.models.plans import PlannedSchedule
from mediadl.models.schedules import RunState, Schedule, ScheduleRun, Source, SourceState
from mediadl.security.text import safe_text
from mediadl.service import schedule_texts
from mediadl.service.schedules import ScheduleDetails
from mediadl.store.schedule_runs import Statistics
from mediadl.widgets.amounts import plural, size, span

_STATES = {
    SourceState.OK: "ok",
    SourceState.PRIVATE: "private",
    SourceState.GONE: "gone",
    SourceState.TERMINATED: "closed by the site",
    SourceState.SILENT: "silent",
}
_OF_ITSELF = frozenset({"name", "sources", "enabled", "cron", "every", "adaptive", "filters", "options"})
_MOST_SOURCES = 20


def print_list(found: Sequence[PlannedSchedule]) -> None:
    """One line each."""
    output.table(
        ("id", "state", "next run", "last run", "sources", "name", "rule"),
        [
            (
                one.schedule.id,
                _state(one),
                next_run(one.schedule),
                outcome(one.last),
                len(one.schedule.spec["sources"]),
                one.schedule.name,
                one.words,
            )
            for one in found
        ],
        numbers=(0, 4),
    )


def print_details(found: ScheduleDetails) -> None:
    """One in full."""
    one = found.plan.schedule
    told = schedule_texts.short({**one.spec, "name": one.name})
    output.facts(
        [
            ("schedule", f"{one.id}  {one.name}"),
            ("state", _state(found.plan)),
            ("rule", found.plan.words),
            *(
                (word.replace("_", " "), _words(value))
                for word, value in told.items()
                if word not in _OF_ITSELF
            ),
            ("options", _pairs(told.get("options", {}))),
            ("filters", _pairs(told.get("filters", {}))),
            ("last run", outcome(found.plan.last)),
            ("at work", f"since {clock(found.open_run.started_at)}" if found.open_run else ""),
            ("runs", in_short(found.statistics)),
        ]
    )
    print_next_runs(found)
    output.table(
        ("source", "content", "state", "last look", "last new", "address"),
        [_source(source) for source in found.sources[:_MOST_SOURCES]],
    )
    if len(found.sources) > _MOST_SOURCES:
        output.say(f"{len(found.sources) - _MOST_SOURCES} more sources; --json shows all")


def print_rule(found: ScheduleDetails) -> None:
    """What it is called, the rule in words, and when that is next."""
    one = found.plan.schedule
    output.data(f"{one.id}  {safe_text(one.name)}: {safe_text(found.plan.words)}")
    print_next_runs(found)


def print_next_runs(found: ScheduleDetails) -> None:
    """When it runs next, in the time of its zone."""
    for n, one in enumerate(found.next_runs):
        label = "next   " if n == 0 else "       "
        output.data(f"{label}{one.text}" + (f"  ({one.marked})" if one.marked else ""))
    if not found.next_runs:
        output.say("it is off" if not found.plan.schedule.enabled else "it never runs again")


def print_runs(found: Sequence[ScheduleRun]) -> None:
    """One line each."""
    output.table(
        ("run", "due", "kind", "state", "took", "found", "new", "skipped", "failed", "size", "what happened"),
        [
            (
                one.id,
                clock(one.due_at),
                one.kind.value,
                one.state.value,
                "" if one.ended_at is None or one.started_at is None else span(one.ended_at - one.started_at),
                one.found,
                one.new,
                one.skipped,
                one.failed,
                size(one.size_bytes) if one.size_bytes else "",
                one.error or one.message,
            )
            for one in found
        ],
        numbers=(0, 4, 5, 6, 7, 8, 9),
    )


def in_short(found: Statistics) -> str:
    """How the runs go on the whole; empty when none has ended."""
    if not found.runs or found.success is None:
        return ""
    took = f", {span(found.mean_s)} on average" if found.mean_s is not None else ""
    brought = f", {plural(found.new, 'new file')}" + (
        f" ({size(found.size_bytes)})" if found.size_bytes else ""
    )
    return f"{plural(found.runs, 'run')}, {found.success:.0%} went well{took}{brought}"


def begun(found: ScheduleRun, jobs: Sequence[int]) -> str:
    """What a person who asked for a run hears."""
    if not jobs:
        return f"run {found.id}: {found.error or found.message or 'nothing to do'}"
    several = f"jobs {jobs[0]} to {jobs[-1]}" if len(jobs) > 1 else f"job {jobs[0]}"
    return f"run {found.id} began: {several}"


def next_run(found: Schedule) -> str:
    """Its next start on the clock here."""
    return clock(found.next_start_at) if found.enabled else ""


def outcome(found: ScheduleRun | None) -> str:
    """How a run ended, when, and what it brought."""
    if found is None:
        return ""
    at = clock(found.ended_at or found.started_at or found.due_at)
    if found.state is RunState.FAILED:
        return f"failed {at}: {found.error or found.message}"
    return f"{found.state.value} {at}" + (f", {found.new} new" if found.state is RunState.DONE else "")


def clock(at: float | None) -> str:
    """A moment on the clock here, to the minute."""
    return "" if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def _state(found: PlannedSchedule) -> str:
    if not found.schedule.enabled:
        return "off"
    if found.schedule.note:
        return f"on, {found.schedule.note}"
    if found.ailing:
        return f"on, {plural(found.ailing, 'source')} not well"
    if found.gap_since is not None:
        return "on, gap"
    return "on" if found.schedule.next_due_at is not None else "over"


def _source(found: Source) -> tuple[str, ...]:
    was = f" (was {', '.join(found.former_names)})" if found.former_names else ""
    state = _STATES[found.state] + (f": {found.why}" if found.why else "")
    if found.gap_since is not None:
        state += f", gap since {clock(found.gap_since)}"
    return (
        f"{found.name or found.site}{was}",
        found.content_type,
        state,
        clock(found.last_check_at),
        clock(found.last_new_at),
        found.url,
    )


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pairs(told: dict[str, object]) -> str:
    return ", ".join(f"{name}={_words(value)}" for name, value in told.items())
