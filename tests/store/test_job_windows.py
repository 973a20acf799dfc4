"""Lists of the queue: every page, count and place agrees with sorting everything in memory."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from mediadl.models import Job, JobQuery, JobSort, JobStatus, Lane
from mediadl.store import jobs
from store.making import NOW, scratch

_ENDED = {"completed", "failed", "cancelled"}

_KEYS: dict[JobSort, Callable[[Job], tuple[Any, ...]]] = {
    JobSort.ORDER: lambda job: (
        -100 if job.status == "active" else 100 if job.status in _ENDED else -int(job.priority),
        -(job.finished_at or 0) if job.status in _ENDED else job.position,
        job.id,
    ),
    JobSort.ADDED: lambda job: (job.id,),
    JobSort.STATUS: lambda job: (job.status.value, job.id),
    JobSort.PLATFORM: lambda job: (job.platform, job.id),
    JobSort.TITLE: lambda job: (f"{job.title} {job.url}".casefold(), job.id),
    JobSort.PROGRESS: lambda job: (job.progress, job.id),
    JobSort.SIZE: lambda job: (job.bytes_done if job.bytes_total is None else job.bytes_total, job.id),
}

_FILTERS = {
    "all": JobQuery(),
    "open": JobQuery(frozenset({JobStatus.PENDING, JobStatus.ACTIVE, JobStatus.PAUSED})),
    "failed": JobQuery(frozenset({JobStatus.FAILED})),
    "platform": JobQuery(platform="tiktok"),
    "both": JobQuery(frozenset({JobStatus.COMPLETED}), platform="direct"),
    "words": JobQuery(search="TITLE üBER"),
    "signs": JobQuery(search="% _ ' \""),
    "none": JobQuery(search="not there"),
}


@pytest.fixture(scope="module")
def connection():  # type: ignore[no-untyped-def]
    rng = random.Random(11)
    made = scratch()
    rows = [
        (
            f"https://host/{n}%_'\"", rng.choice(["direct", "tiktok", "generic"]), "s", Lane.RUNNER,
            f"Title {rng.randrange(50)} {rng.choice(['Über', 'unter'])}", rng.choice(list(JobStatus)).value,
            rng.randrange(3), float(n), rng.uniform(0, 100), rng.randrange(1000), rng.choice([None, 5000, n]),
            NOW + rng.randrange(500),
        )
        for n in range(3000)
    ]  # fmt: skip
    made.executemany(
        "INSERT INTO download_queue(url, platform, site, lane, title, status, priority, position, progress,"
        " bytes_done, bytes_total, finished_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )
    for job_id, title, url in made.execute("SELECT id, title, url FROM download_queue").fetchall():
        folded = f"{title} {url}".casefold()
        made.execute("UPDATE download_queue SET folded = ? WHERE id = ?", (folded, job_id))
    yield made
    made.close()


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("sort", list(JobSort))
@pytest.mark.parametrize("kind", list(_FILTERS))
def test_pages_counts_and_places_agree(connection: Any, kind: str, sort: JobSort, descending: bool) -> None:
    chosen = _FILTERS[kind]
    query = JobQuery(chosen.statuses, chosen.platform, chosen.search, sort, descending)
    everything = jobs.get_many(connection, range(1, 3001))
    expected = [
        job.id for job in sorted(filter(_fits(query), everything), key=_KEYS[sort], reverse=descending)
    ]

    assert jobs.ids(connection, query) == expected
    assert jobs.count(connection, query) == len(expected)
    for offset in (0, 1, 999, 1001, 1490, 2500, len(expected) - 3, len(expected), 5000):
        page = jobs.window(connection, query, max(0, offset), 20)
        assert [job.id for job in page] == expected[max(0, offset) : max(0, offset) + 20]
    for place in {0, len(expected) // 2, len(expected) - 1} if expected else ():
        assert jobs.index_of(connection, query, expected[place]) == place


def test_a_job_that_is_not_in_the_list_has_no_place(connection: Any) -> None:
    failed = jobs.ids(connection, JobQuery(frozenset({JobStatus.FAILED})))[0]

    assert jobs.index_of(connection, JobQuery(frozenset({JobStatus.PAUSED})), failed) is None
    assert jobs.index_of(connection, JobQuery(), 99_999) is None


def test_the_counters_follow_every_change(connection: Any) -> None:
    counted = jobs.counts(connection).by_status
    real = dict(connection.execute("SELECT status, COUNT(*) FROM download_queue GROUP BY status").fetchall())

    assert {status.value: n for status, n in counted.items() if n} == real


@pytest.mark.parametrize(
    "query",
    [JobQuery(), JobQuery(frozenset({JobStatus.PENDING, JobStatus.ACTIVE})), JobQuery(platform="tiktok")],
)
def test_a_page_in_the_order_of_the_queue_sorts_nothing(connection: Any, query: JobQuery) -> None:
    told: list[str] = []
    connection.set_trace_callback(told.append)
    jobs.window(connection, query, 0, 20)
    connection.set_trace_callback(None)

    plans = [row[3] for sql in told for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
    assert any("queue_rank" in step for step in plans)
    assert not any("TEMP B-TREE" in step for step in plans)


def _fits(query: JobQuery) -> Callable[[Job], bool]:
    def fits(job: Job) -> bool:
        text = f"{job.title} {job.url}".casefold()
        return (
            (not query.statuses or job.status in query.statuses)
            and query.platform in {"", job.platform}
            and all(word in text for word in query.search.casefold().split())
        )

    return fits
