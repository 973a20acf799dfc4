"""What becomes of a thread's job after each check, and what the next one is told."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.errors import Incomplete, LoginNeeded, MediaNotFound, NetworkFailed, RateLimited
from mediadl.models import JobStatus, LinkedJob, Priority
from mediadl.paths import Home
from mediadl.pipeline import watching
from mediadl.pipeline.facts import LinkedFact, SettleFact, ThreadReadFact
from mediadl.store import jobs, thread_posts, threads
from mediadl.store.database import Database
from mediadl.workers import thread_records
from store.making import NOW
from thread_keeping import DAY, SITE, URL, Keeper, file, page, post


@pytest.fixture
def keeper(home: Home) -> Any:
    with Database.open(home) as database:
        yield Keeper(database, watch=True)


def thread(keeper: Keeper) -> Any:
    return threads.at(keeper.database.read(), URL)


def test_a_watched_thread_waits_for_its_next_check(keeper: Keeper) -> None:
    job = keeper.check(page(1, post(1, file(10)), post(2)), stored=[10])

    assert job.status is JobStatus.SCHEDULED
    assert job.not_before is not None
    assert watching.SHORTEST_S * 0.9 <= job.not_before - NOW <= watching.LONGEST_S * 1.1
    assert job.message.startswith("2 new or changed posts, 1 file stored, 1 page read; next check 20")
    assert (job.attempts, job.progress) == (0, 100.0)
    assert thread(keeper).next_check_at == job.not_before


def test_five_empty_checks_double_the_pause(keeper: Keeper) -> None:
    keeper.check(page(1, *(post(n, at=NOW - 60) for n in range(1, 60))))
    posts = page(1, post(59))

    pauses = []
    for _ in range(6):
        job = keeper.check(posts)
        found = threads.figures(keeper.database.read(), 1, NOW)
        habits = watching.Habits(found.posts_30d, found.span_s, found.newest_at, thread(keeper).empty_checks)
        pauses.append(watching.pause_s(habits, NOW))
        assert job.not_before is not None
        assert abs(job.not_before - NOW - pauses[-1]) <= pauses[-1] * 0.1001

    assert thread(keeper).empty_checks == 6
    assert pauses[-1] >= pauses[0]


def test_news_end_a_row_of_empty_checks(keeper: Keeper) -> None:
    keeper.check(page(1, post(1)))
    keeper.check(page(1))
    keeper.check(page(1))
    assert thread(keeper).empty_checks == 2

    keeper.check(page(1, post(2)))

    assert thread(keeper).empty_checks == 0
    assert thread(keeper).checks == 4


def test_thirty_quiet_days_end_the_watching_and_it_stays_listed(keeper: Keeper) -> None:
    keeper.check(page(1, post(1, at=NOW - DAY)))
    keeper.now = NOW + 29.5 * DAY

    job = keeper.check(page(1))

    assert job.status is JobStatus.COMPLETED
    assert job.message.endswith("no post for 30 days: no longer watched")
    assert [(one.state, one.why) for one in threads.list(keeper.database.read())] == [
        ("ended", "no post for 30 days: no longer watched")
    ]


def test_a_thread_that_is_gone_is_no_longer_watched(keeper: Keeper) -> None:
    keeper.check(page(1, post(1)))

    job = keeper.check(error=MediaNotFound("gone"), status=JobStatus.FAILED, walked=False)

    assert (job.status, job.message) == (JobStatus.COMPLETED, "the thread is gone: no longer watched")
    assert thread(keeper).state == "ended"


def test_a_thread_that_never_was_fails(keeper: Keeper) -> None:
    job = keeper.check(error=MediaNotFound("no thread"), status=JobStatus.FAILED, walked=False)

    assert (job.status, job.reason) == (JobStatus.FAILED, "not_found")


def test_four_failed_checks_are_survived_and_the_fifth_is_the_last(keeper: Keeper) -> None:
    keeper.check(page(1, post(1)))

    for n in range(1, 5):
        job = keeper.check(error=NetworkFailed("no answer"), status=JobStatus.FAILED, walked=False)
        assert (job.status, thread(keeper).failures) == (JobStatus.SCHEDULED, n)
        assert "no answer" in job.message
    job = keeper.check(error=NetworkFailed("no answer"), status=JobStatus.FAILED, walked=False)

    assert job.status is JobStatus.COMPLETED
    assert "5 checks in a row failed: no longer watched" in job.message


def test_one_good_check_forgives_the_failed_ones(keeper: Keeper) -> None:
    keeper.check(page(1, post(1)))
    keeper.check(error=NetworkFailed("no answer"), status=JobStatus.FAILED, walked=False)

    keeper.check(page(1))

    assert thread(keeper).failures == 0


def test_missing_files_do_not_end_the_watching(keeper: Keeper) -> None:
    job = keeper.check(
        page(1, post(1)), error=Incomplete("1 of 2 items failed: HTTP 404"), status=JobStatus.FAILED
    )

    assert job.status is JobStatus.SCHEDULED
    assert job.message.startswith("1 of 2 items failed")
    assert thread(keeper).failures == 0


@pytest.mark.parametrize("error", [LoginNeeded("members only"), RateLimited("slow down")])
def test_a_login_or_a_busy_site_is_waited_for_as_ever(keeper: Keeper, error: Any) -> None:
    keeper.check(page(1, post(1)))

    job = keeper.check(error=error, status=JobStatus.WAITING, walked=False)

    assert (job.status, job.reason) == (JobStatus.WAITING, error.kind)
    assert thread(keeper).failures == 0


def test_a_thread_that_is_not_watched_is_completed_with_words(home: Home) -> None:
    with Database.open(home) as database:
        keeper = Keeper(database)

        job = keeper.check(page(1, post(1)), page(2, post(2)))

        assert (job.status, job.message) == (JobStatus.COMPLETED, "2 new or changed posts, 2 pages read")
        assert thread(keeper).state == "known"


def test_what_is_let_go_during_a_check_is_not_scheduled_again(keeper: Keeper) -> None:
    from mediadl.store import job_watching

    job = keeper.begin()
    with keeper.database.write() as tx:
        job_watching.set_watched(tx, job.id, watched=False)

    keeper.tell(
        ThreadReadFact(job, page(1, post(1))), SettleFact(job, JobStatus.COMPLETED, pages=1, walked=True)
    )

    assert keeper.job().status is JobStatus.COMPLETED


def test_the_next_check_is_told_of_files_that_are_owed(keeper: Keeper) -> None:
    job = keeper.begin()
    keeper.tell(
        ThreadReadFact(job, page(1, post(1, file(10), file(11), file(12)))),
        keeper.stored(job, 10),
        keeper.failed(job, 11, "login_needed"),
        keeper.failed(job, 12, "not_found"),
        SettleFact(job, JobStatus.COMPLETED, pages=1, walked=True),
    )

    known = thread_records.known(keeper.database.read(), keeper.job(), NOW)

    assert [record["media_id"] for record in known["owed"]] == ["11"]


def test_forced_jobs_read_everything_anew(home: Home) -> None:
    with Database.open(home) as database:
        keeper = Keeper(database, force=True)
        keeper.check(page(1, post(1)))

        known = thread_records.known(database.read(), keeper.job(), NOW)

        assert (known["posts"], known["full"], known["title"]) == ({}, True, "Walks")


def test_a_post_and_its_files_are_kept_before_anything_else_happens(keeper: Keeper) -> None:
    job = keeper.begin()

    keeper.tell(ThreadReadFact(job, page(1, post(1, file(10)))))

    assert thread_posts.owed(keeper.database.read(), 1)
    assert "1" in threads.memory_of(keeper.database.read(), URL)["posts"]


def link(url: str, **fields: Any) -> LinkedJob:
    return LinkedJob(url, context={"post": "1"}, **fields)


def test_a_link_becomes_a_job_in_the_parents_manner_once(home: Home) -> None:
    with Database.open(home) as database:
        keeper = Keeper(database, out="/media/walks", max_items=5, post_sidecars="all")
        with database.write() as tx:
            jobs.set_priority(tx, [keeper.job_id], Priority.LOW)
            tx.execute("UPDATE download_queue SET owner_id = 5")
        job = keeper.begin()
        video = "https://www.youtube.com/watch?v=aaaaaaaaaaa"

        keeper.tell(LinkedFact(job, link(video)), LinkedFact(job, link(video)))
        keeper.tell(LinkedFact(job, link(video)), SettleFact(job, JobStatus.COMPLETED, pages=1))

        (made,) = jobs.get_many(database.read(), threads.linked(database.read(), job.id).values())
        assert (made.url, made.platform, made.priority) == (video, "generic", Priority.LOW)
        assert made.options == {"out": "/media/walks"}
        assert made.owner_id == 5
        assert jobs.counts(database.read()).total == 2


def test_threads_of_a_board_are_treated_as_the_board_was_asked_to_be(home: Home) -> None:
    with Database.open(home) as database:
        keeper = Keeper(database, out="/media", max_items=5, post_sidecars="all", watch=True)
        job = keeper.begin()

        keeper.tell(
            LinkedFact(job, link(f"https://{SITE}/threads/a.1/", platform="forum", content_type="thread")),
            LinkedFact(job, link(f"https://{SITE}/threads/b.2/", platform="forum", content_type="thread")),
            SettleFact(job, JobStatus.COMPLETED),
        )

        made = jobs.get_many(database.read(), threads.linked(database.read(), job.id).values())
        assert {one.platform for one in made} == {"forum"}
        assert made[0].options == {"out": "/media", "max_items": 5, "post_sidecars": "all"}
        assert keeper.job().message == "2 linked jobs added"


def test_a_private_address_in_a_post_makes_no_job_for_someone_who_may_not_go_there(home: Home) -> None:
    with Database.open(home) as database:
        keeper = Keeper(database)
        job = keeper.begin()
        from dataclasses import replace

        stranger = replace(job, trusted=False)

        keeper.tell(
            LinkedFact(stranger, link("http://127.0.0.1/admin")), LinkedFact(stranger, link("not an address"))
        )

        assert jobs.counts(database.read()).total == 1
