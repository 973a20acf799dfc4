"""The rules of schedules, reckoned with: remembered, in words, their next runs."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from mediadl.models.plans import NextRun
from mediadl.models.schedules import Schedule

if TYPE_CHECKING:
    from mediadl.timing.rules import Rule


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


@lru_cache(maxsize=2000)
def _rule(spec: str, created_at: float, schedule_id: int) -> Rule:
    from mediadl.timing.rules import Rule

    return Rule.of(json.loads(spec), anchor_at=created_at, seed=str(schedule_id))
