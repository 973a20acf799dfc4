"""Figures by local days, on days of 23, 24 and 25 hours, and how sites are judged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from mediadl.models import Amount, DayAmount, Health, JobStatus, Priority, Wanted
from mediadl.service import Services
from mediadl.service.intake import AddOptions
from mediadl.service.stats import StatsService, judge, last_days
from mediadl.store import downloads, jobs, stats
from store.making import add, claim, download, request

ZONES = [
    ("Europe/Berlin", "2026-03-31T12:00"),
    ("Europe/Berlin", "2026-10-27T12:00"),
    ("America/Havana", "2026-11-03T12:00"),
    ("America/Havana", "2026-03-10T12:00"),
    ("America/Sao_Paulo", "2018-11-06T12:00"),
    ("Australia/Lord_Howe", "2026-04-07T12:00"),
    ("Asia/Kathmandu", "2026-05-05T12:00"),
    ("Pacific/Apia", "2012-01-02T12:00"),
    ("UTC", "2026-01-01T00:00"),
]
"""A zone and a moment soon after its clocks changed (Apia: after it left out a day)."""


@pytest.fixture
def in_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    """The process lives in a zone; gives the moment that is now."""
    zone, moment = request.param
    if not Path("/usr/share/zoneinfo", zone).exists():
        pytest.skip(f"this machine does not know {zone}")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield datetime.fromisoformat(moment).timestamp()
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("in_zone", ZONES, indirect=True, ids=lambda one: f"{one[0]} {one[1][:10]}")
def test_every_file_counts_on_the_local_day_it_was_stored(services: Services, in_zone: float) -> None:
    now = in_zone
    moments = [now - n * 1123.7 for n in range(700)]
    with services.store.write() as tx:
        for n, at in enumerate(moments):
            downloads.add(tx, download(n, stored_at=at, size_bytes=n))

    found = services.stats.timeline(8, now)

    expected: dict[date, list[int]] = {}
    for n, at in enumerate(moments):
        expected.setdefault(datetime.fromtimestamp(at).date(), []).append(n)
    assert found[-1].day == datetime.fromtimestamp(now).date()
    assert found == [
        DayAmount(day, len(expected.get(day, ())), sum(expected.get(day, ()))) for day in last_days(now, 8)
    ]


def test_the_overview_sums_today_week_and_month(services: Services) -> None:
    now = datetime(2026, 6, 15, 13).timestamp()
    with services.store.write() as tx:
        for n, days in enumerate((0, 1, 6, 7, 29, 30, 200)):
            downloads.add(tx, download(n, stored_at=now - days * 86_400, size_bytes=10))
        downloads.add(tx, download(90, stored_at=now + 3 * 86_400, size_bytes=10))

    found = services.stats.overview(now, days=14)

    assert (found.today, found.week, found.month) == (Amount(1, 10), Amount(3, 30), Amount(5, 50))
    assert found.stored == Amount(8, 80)
    assert [day.files for day in found.days] == [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1]
    assert found.space is not None
    assert 0 < found.space.free_bytes <= found.space.total_bytes


def test_the_overview_of_nothing_is_empty(services: Services) -> None:
    found = services.stats.overview()

    assert (found.today, found.stored, found.outcomes.success, found.next_job) == (
        Amount(),
        Amount(),
        None,
        None,
    )
    assert len(found.days) == 30


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1, 1), (30, 30), (500, 90)])
def test_a_timeline_has_one_to_ninety_days(services: Services, asked: int, given: int) -> None:
    assert len(services.stats.timeline(asked)) == given


def test_the_next_scheduled_job_is_told(services: Services) -> None:
    at = time.time() + 3600
    services.queue.add(["https://files.example/a.jpg"], AddOptions(not_before=at + 60))
    (soon,) = services.queue.add(["https://files.example/b.jpg"], AddOptions(not_before=at))

    found = services.stats.overview().next_job

    assert found is not None
    assert found.id == soon.job_id


def _luck(**fields: object) -> stats.SiteLuck:
    made: dict[str, object] = {
        "site": "s", "platform": "p", "failures": 0, "last_success_at": 1.0, "last_failure_at": None,
        "last_reason": "", "last_message": "", "cooldown_until": None,
    } | fields  # fmt: skip
    return stats.SiteLuck(**made)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("luck", "health"),
    [
        (_luck(), Health.OK),
        (_luck(failures=1, last_reason="network"), Health.TROUBLE),
        (_luck(failures=9, last_reason="rate_limited"), Health.TROUBLE),
        (_luck(failures=1, last_reason="login_needed"), Health.BLOCKED),
        (_luck(failures=1, last_reason="challenge"), Health.BLOCKED),
        (_luck(cooldown_until=9.0), Health.BLOCKED),
    ],
)
def test_a_site_is_judged_by_its_errors_and_its_rest(luck: stats.SiteLuck, health: Health) -> None:
    assert judge(luck).health is health


def test_a_site_that_is_well_says_no_reason() -> None:
    assert judge(_luck(last_reason="network", last_message="old")).reason == ""


def test_health_is_read_from_what_jobs_did(services: Services) -> None:
    with services.store.write() as tx:
        add(tx, 1, site="shop", platform="generic")
        (job,) = claim(tx)
        jobs.settle(tx, job.id, job.fence, JobStatus.FAILED, now=5.0, reason="forbidden", message="HTTP 403")

    (found,) = services.stats.health()

    assert (found.site, found.platform, found.health, found.failures) == (
        "shop",
        "generic",
        Health.BLOCKED,
        1,
    )
    assert (found.reason, found.message, found.last_failure_at) == ("forbidden", "HTTP 403", 5.0)


def test_pause_all_holds_everything_and_resume_all_lets_it_go_on(services: Services) -> None:
    now = time.time()
    with services.store.write() as tx:
        active, ending, *_ = add(tx, 4)
        jobs.set_priority(tx, [active, ending], Priority.HIGH)
        claim(tx, 2)
        jobs.request(tx, [ending], Wanted.CANCEL, now)
        (planned,) = jobs.add(tx, [request(not_before=now + 999)], max_attempts=5, now=now)
        (ended,) = add(tx, 1)
        jobs.request(tx, [ended], Wanted.CANCEL, now)

    held = services.queue.pause_all()
    by_id = {job.id: job for job in services.queue.get_many(range(1, 9))}

    assert sorted(held) == [active, 3, 4, planned]
    assert by_id[active].wanted is Wanted.PAUSE
    assert by_id[ending].wanted is Wanted.CANCEL
    assert by_id[ended].status is JobStatus.CANCELLED
    assert {by_id[n].status for n in (3, 4, planned)} == {JobStatus.PAUSED}

    back = services.queue.resume_all()
    by_id = {job.id: job for job in services.queue.get_many(range(1, 9))}

    assert sorted(back) == sorted(held)
    assert by_id[active].wanted is Wanted.RUN
    assert {by_id[n].status for n in (3, 4)} == {JobStatus.PENDING}
    assert by_id[planned].status is JobStatus.SCHEDULED
    assert by_id[planned].not_before == pytest.approx(now + 999)
    assert services.queue.resume_all() == []


def test_a_start_can_be_changed(services: Services) -> None:
    (added,) = services.queue.add(["https://files.example/a.jpg"])
    at = time.time() + 500

    assert services.queue.set_start([added.job_id, 77], at) == [added.job_id]

    job = services.queue.get(added.job_id)
    assert (job.status, job.not_before) == (JobStatus.SCHEDULED, at)


def test_a_paused_job_with_a_time_can_start_now(services: Services) -> None:
    from mediadl.service.queue import UndoLog

    added = services.queue.add(
        ["https://files.example/a.jpg https://files.example/b.jpg"], AddOptions(not_before=time.time() + 900)
    )
    ids = [one.job_id for one in added]
    services.queue.pause(ids[:1])
    log = UndoLog()

    services.queue.start_now(ids, undo=log)
    now = [job.status for job in services.queue.get_many(ids)]
    services.queue.undo(log)
    back = services.queue.get_many(ids)

    assert now == [JobStatus.PENDING, JobStatus.PENDING]
    assert [job.status for job in back] == [JobStatus.PAUSED, JobStatus.SCHEDULED]
    assert all(job.not_before for job in back)


def test_the_service_is_made_when_first_asked_for(services: Services) -> None:
    assert isinstance(services.stats, StatsService)
