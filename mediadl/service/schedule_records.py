"""The JSON form of schedules, their runs and sources. CLI and API print these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediadl.models.plans import NextRun, PlannedSchedule
from mediadl.models.schedules import Schedule, ScheduleRun, Source
from mediadl.service.records import iso
from mediadl.service.schedule_files import Change
from mediadl.service.schedule_keeping import SourceCheck
from mediadl.service.schedules import ScheduleDetails
from mediadl.store.schedule_runs import Statistics


def schedule(found: Schedule) -> dict[str, Any]:
    """A schedule with everything it was told."""
    return {
        "id": found.id,
        "name": found.name,
        "enabled": found.enabled,
        "owner_id": found.owner_id,
        "next_due_at": iso(found.next_due_at) if found.enabled else None,
        "next_start_at": iso(found.next_start_at) if found.enabled else None,
        "last_due_at": iso(found.last_due_at),
        "note": found.note,
        "created_at": iso(found.created_at),
        "changed_at": iso(found.changed_at),
        "spec": {name: value for name, value in found.spec.items() if name not in {"name", "enabled"}},
    }


def planned(found: PlannedSchedule) -> dict[str, Any]:
    """A schedule as a list shows it."""
    return {
        **schedule(found.schedule),
        "rule": found.words,
        "gap_since": iso(found.gap_since),
        "ailing_sources": found.ailing,
        "last_run": run(found.last) if found.last is not None else None,
    }


def details(found: ScheduleDetails) -> dict[str, Any]:
    """A schedule with everything about it."""
    return {
        **planned(found.plan),
        "next_runs": next_runs(found.next_runs),
        "open_run": run(found.open_run) if found.open_run is not None else None,
        "sources": [source(one) for one in found.sources],
        "statistics": statistics(found.statistics),
    }


def run(found: ScheduleRun) -> dict[str, Any]:
    """A run of a schedule."""
    return {
        "id": found.id,
        "schedule_id": found.schedule_id,
        "due_at": iso(found.due_at),
        "kind": found.kind.value,
        "state": found.state.value,
        "message": found.message,
        "missed": found.missed,
        "started_at": iso(found.started_at),
        "ended_at": iso(found.ended_at),
        "sources": found.sources,
        "found": found.found,
        "new": found.new,
        "skipped": found.skipped,
        "failed": found.failed,
        "size": found.size_bytes,
        "error": found.error,
    }


def source(found: Source) -> dict[str, Any]:
    """A source that is looked at."""
    return {
        "id": found.id,
        "url": found.url,
        "platform": found.platform,
        "content_type": found.content_type,
        "site": found.site,
        "name": found.name,
        "former_names": list(found.former_names),
        "owner_id": found.owner_id,
        "state": found.state.value,
        "state_since": iso(found.state_since),
        "why": found.why,
        "complete_at": iso(found.complete_at),
        "gap_since": iso(found.gap_since),
        "backfill": found.backfill,
        "checks": found.checks,
        "failures": found.failures,
        "last_check_at": iso(found.last_check_at),
        "last_new_at": iso(found.last_new_at),
        "posts_30d": found.posts_30d,
        "created_at": iso(found.created_at),
    }


def next_runs(found: Sequence[NextRun]) -> list[dict[str, Any]]:
    """Runs to come."""
    return [{"at": iso(one.at), "local": one.text, "note": one.marked} for one in found]


def statistics(found: Statistics) -> dict[str, Any]:
    """How the runs of a schedule went."""
    return {
        "runs": found.runs,
        "done": found.done,
        "failed": found.failed,
        "success": None if found.success is None else round(found.success, 4),
        "mean_s": None if found.mean_s is None else round(found.mean_s, 3),
        "new": found.new,
        "size": found.size_bytes,
    }


def check(found: SourceCheck) -> dict[str, Any]:
    """What a source is."""
    return {
        "word": found.wanted.word,
        "url": found.wanted.url,
        "platform": found.wanted.platform,
        "content_type": found.wanted.content_type,
        "site": found.wanted.site,
        "name": found.wanted.name or found.wanted.title,
        "backends": list(found.backends),
        "source": source(found.source) if found.source is not None else None,
        "schedules": [one.name for one in found.schedules],
    }


def change(found: Change) -> dict[str, Any]:
    """What a file does to a schedule."""
    return {"change": found.kind.value, "name": found.name, "words": list(found.words)}
