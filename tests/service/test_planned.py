"""The Scheduler's list as services tell it."""

from __future__ import annotations

import time

import pytest
import time_machine

from mediadl.errors import NotFound
from mediadl.models import Job
from mediadl.models.plans import PlannedSchedule, PlanQuery
from mediadl.models.schedules import RunState
from mediadl.service import Services
from mediadl.service.queue import AddOptions
from terminal import plans as scene

NOON = "2026-11-20T12:00:00Z"
EVERYTHING = PlanQuery()


def test_schedules_and_jobs_stand_in_one_list(services: Services) -> None:
    now = time.time()
    ids = scene.write(services, now=now)
    services.queue.add(["https://files.example/a.jpg"], AddOptions(not_before=now + 5))

    found = services.plans.page(EVERYTHING, 0, 10)

    assert {plan.schedule.id for plan in found if isinstance(plan, PlannedSchedule)} == set(ids)
    assert sum(isinstance(plan, Job) for plan in found) == 1
    assert services.plans.count(EVERYTHING) == len(found) == 6
    keys = services.plans.keys(EVERYTHING, 0, 10)
    assert [services.plans.index_of(EVERYTHING, key) for key in keys] == list(range(6))
    first = services.plans.first()
    assert first == found[0]


def test_a_line_says_rule_last_run_gap_and_what_ails(services: Services) -> None:
    ids = scene.write(services, now=time.time())
    by_id = {
        plan.schedule.id: plan
        for plan in services.plans.page(EVERYTHING, 0, 10)
        if isinstance(plan, PlannedSchedule)
    }

    friends, kiln, forum, bread, paper = (by_id[one] for one in ids)
    assert friends.words == "Every day at 02:30 (Europe/Berlin), between 01:00 and 06:00"
    assert friends.last is not None
    assert (friends.last.new, friends.ailing) == (3, 1)
    assert kiln.gap_since is not None
    assert forum.last is not None
    assert (forum.last.state, forum.last.error) == (RunState.FAILED, "HTTP 503 for forum.example")
    assert bread.last is not None
    assert bread.last.state is RunState.RUNNING
    assert (paper.last, paper.schedule.enabled) == (None, False)


def test_everything_about_one_schedule(services: Services) -> None:
    friends = scene.write(services, now=time.time())[0]

    facts = services.plans.facts(friends, sources=2, runs=5)

    assert len(facts.next_runs) == 5
    assert (len(facts.sources), facts.source_count, len(facts.runs)) == (2, 3, 5)
    assert facts.success == 1.0
    assert facts.mean_s == pytest.approx(105, abs=20)
    assert services.plans.run_count(friends) == 21
    assert services.plans.runs(friends, 20, 10)[0].found == 12


def test_what_is_not_there_cannot_be_asked_about(services: Services) -> None:
    for ask in (services.plans.facts, services.plans.run_count, lambda n: services.plans.runs(n, 0, 1)):
        with pytest.raises(NotFound):
            ask(7)


def test_the_day_to_come_counts_every_run_of_every_schedule(services: Services) -> None:
    with time_machine.travel(NOON, tick=False):
        services.schedules.add(
            {"name": "a", "sources": ["tiktok:@a"], "cron": "15 */6 * * *", "time_zone": "UTC"}
        )
        services.schedules.add(
            {"name": "b", "sources": ["tiktok:@b"], "cron": "0 3 * * *", "time_zone": "UTC"}
        )
        services.schedules.add({
            "name": "off", "sources": ["tiktok:@b"], "cron": "* * * * *", "enabled": False
        })  # fmt: skip
        services.queue.add(["https://files.example/a.jpg"], AddOptions(not_before=time.time() + 3600))
        # Looked at once; when again depends on what it posts
        services.schedules.add({"name": "c", "sources": ["tiktok:@c"], "adaptive": True})

        hours = services.plans.hours()

    starts = {n * hours.slot_s / 3600: number for n, number in enumerate(hours.starts) if number}
    assert starts == pytest.approx(
        {0.0: 1, 1 / 6: 1, 1.0: 1, 6 + 1 / 6: 1, 12 + 1 / 6: 1, 15.0: 1, 18 + 1 / 6: 1}
    )
    assert not hours.cut


def test_how_much_starts_by_itself(services: Services) -> None:
    assert not services.plans.starting().any
    assert services.plans.first() is None
    scene.write(services, now=time.time())

    starting = services.plans.starting()

    assert (starting.schedules, starting.off, starting.total) == (4, 1, 4)
