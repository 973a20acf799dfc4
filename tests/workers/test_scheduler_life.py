"""Whatever happens to clock, machine and processes: each due time is dealt with once, and each run has its jobs."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.models.schedules import RunState
from mediadl.paths import Home
from mediadl.store import schedules
from mediadl.store.database import Database
from mediadl.timing.rules import Rule
from schedule_stage import DAY_S, HOUR_S, MIDNIGHT, ScheduleStage

RULES: tuple[dict[str, Any], ...] = (
    {"cron": "0 * * * *"},
    {"cron": "*/20 1-5 * * *"},
    {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"},
    {"cron": "15 4 * * mon,thu", "misfire": "skip"},
    {"every_s": 5400, "jitter_s": 600},
    {"every_s": 7 * 3600, "windows": ["01:00-06:00"], "misfire": "skip"},
)

steps = st.one_of(
    st.tuples(st.just("on"), st.floats(1, 2 * DAY_S)),
    st.tuples(st.just("on"), st.floats(1, HOUR_S)),
    st.tuples(st.just("set"), st.floats(-0.8 * DAY_S, 0.8 * DAY_S)),
    st.tuples(st.sampled_from(["work", "restart", "race", "killed"]), st.just(0.0)),
)


class Killed(Exception):
    """Stands for the end of a process in the middle of a transaction."""


def die(*_: object, **__: object) -> None:
    raise Killed


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=st.sampled_from(RULES), life=st.lists(steps, min_size=5, max_size=40))
def test_each_due_time_is_dealt_with_once(rule: dict[str, Any], life: list[tuple[str, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        with Database.open(home) as database:
            stage = ScheduleStage(database, Path(folder))
            stage.add(**rule)
            latest = live(stage, life)
            check(stage, latest)


def live(stage: ScheduleStage, life: list[tuple[str, float]]) -> float:
    """Let it all happen; returns the latest moment that was looked at."""
    latest = stage.clock.wall
    for what, amount in life:
        match what:
            case "on":
                stage.clock.on(amount)
            case "set":
                stage.clock.set(max(MIDNIGHT + 60, stage.clock.wall + amount))
            case "work":
                stage.work_off()
            case "restart":
                stage.scheduler = stage.another()
            case "race":
                stage.another().tick(stage.settings)
            case "killed":
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(schedules, "tell", die)
                    try:
                        stage.tick()
                    except Killed:
                        stage.scheduler = stage.another()
                        continue
        stage.tick()
        latest = max(latest, stage.clock.wall)
    return latest


def check(stage: ScheduleStage, latest: float) -> None:
    runs = stage.runs()
    rule = Rule.of(stage.schedule().spec, anchor_at=stage.schedule().created_at, seed="1")
    due_times = []
    due = rule.first(MIDNIGHT + 60)
    last_due_at = stage.schedule().last_due_at or 0.0
    while due is not None and due.due_at <= last_due_at:
        due_times.append(due.due_at)
        due = rule.after(due.due_at)
    # Each one once, alone or with the one that stands for it
    assert {run.due_at for run in runs} <= set(due_times)
    assert sum(1 + run.missed for run in runs) == len(due_times)
    # None is left that should have begun
    assert due is None or due.start_at > latest
    assert stage.schedule().next_due_at == (due.due_at if due else None)
    made = Counter(job.options["subscription"]["run"] for job in stage.jobs())
    begun = [run.id for run in runs if run.state not in {RunState.SKIPPED, RunState.HELD}]
    assert made == Counter(begun)
    assert sum(run.state in {RunState.RUNNING, RunState.HELD} for run in runs) <= 1
