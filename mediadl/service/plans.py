"""Schedules as lists show them: their rules in words, their next runs, what ails them. Quick to import."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from mediadl.models.plans import NextRun, PlannedSchedule
from mediadl.models.schedules import Schedule
from mediadl.store import plans, schedule_runs
from mediadl.store.database import Connection
from mediadl.timing.rules import GRACE_S, Rule


def rule_of(schedule: Schedule) -> Rule:
    """The rule of a schedule, as it was told."""
    # The text is what is remembered by: a spec is a dictionary
    return _rule(json.dumps(schedule.spec, sort_keys=True), schedule.created_at, schedule.id)


def words_of(schedule: Schedule) -> str:
    """The rule in words."""
    return rule_of(schedule).words()


def coming(rule: Rule, now: float, count: int) -> list[NextRun]:
    """The next runs of a rule."""
    return [NextRun(one.at, one.local, one.marked) for one in rule.preview(now, count)]


def next_runs(found: Schedule, now: float, count: int) -> list[NextRun]:
    """When it runs next, first the time that is waited for; nothing when it is switched off."""
    if not found.enabled or found.next_due_at is None:
        return []
    was_missed = max(found.next_due_at, found.next_start_at or 0.0) < now - GRACE_S
    return coming(rule_of(found), now if was_missed else found.next_due_at, count)


def listed(read: Connection, found: Sequence[Schedule]) -> list[PlannedSchedule]:
    """Schedules as a list shows them."""
    ids = [one.id for one in found]
    last = schedule_runs.last_of(read, ids)
    health = plans.health(read, ids)
    return [
        PlannedSchedule(
            one,
            words_of(one),
            last.get(one.id),
            health[one.id].gap_since if one.id in health else None,
            health[one.id].ailing if one.id in health else 0,
        )
        for one in found
    ]


@lru_cache(maxsize=2000)
def _rule(spec: str, created_at: float, schedule_id: int) -> Rule:
    return Rule.of(json.loads(spec), anchor_at=created_at, seed=str(schedule_id))
