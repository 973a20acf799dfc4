"""When a schedule is due: its rule, and the pauses of one that follows its sources."""

from __future__ import annotations

from mediadl.models.schedules import Schedule
from mediadl.store import schedules
from mediadl.store.database import Connection
from mediadl.timing import adaptive
from mediadl.timing.rules import Due, Rule

LEAST_S, MOST_S = 3600.0, 604_800.0
"""Bounds of adaptive pauses for a schedule that says none."""


def rule_of(schedule: Schedule) -> Rule:
    """When a schedule is due.

    Raises:
        ValueError: what was told cannot be read any more.
    """
    return Rule.of(schedule.spec, anchor_at=schedule.created_at, seed=str(schedule.id))


def pause_of(connection: Connection, schedule: Schedule, now: float) -> float:
    """How long an adaptive schedule pauses, by the liveliest of its sources; 0 for the others."""
    spec = schedule.spec
    if not spec.get("adaptive"):
        return 0.0
    least_s = float(spec.get("least_every_s") or LEAST_S)
    most_s = float(spec.get("most_every_s") or MOST_S)
    return min(
        (
            adaptive.pause_s(source.posts_30d, source.newest_at, source.empty_checks, now, least_s, most_s)
            for source in schedules.sources_of(connection, schedule.id)
        ),
        default=most_s,
    )


def reckon_again(tx: Connection, schedule: Schedule, now: float) -> None:
    """After a run, let an adaptive schedule pause as its sources post by now; others stay as they are."""
    if not schedule.spec.get("adaptive") or not schedule.enabled or schedule.next_due_at is None:
        return
    try:
        due: Due | None = rule_of(schedule).after(now, pause_s=pause_of(tx, schedule, now))
    except ValueError as error:
        schedules.set_note(tx, schedule.id, f"Cannot be read any more: {error}", now)
        return
    if due is not None and due.due_at != schedule.next_due_at:
        schedules.set_next(tx, schedule.id, due, now)
