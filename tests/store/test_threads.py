"""What is kept of threads, their posts and their files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mediadl.errors import NotFound
from mediadl.models import Identity, PostFileState, ThreadPage, WatchState
from mediadl.store import job_watching, jobs, thread_posts, threads
from mediadl.store.database import Database
from store.making import NOW, add
from thread_keeping import DAY, SITE, URL, file, page, post


def put(database: Database, *pages: ThreadPage, now: float = NOW) -> int:
    key = 0
    with database.write() as tx:
        for one in pages:
            key = threads.put(tx, URL, SITE, 1, one, now)
            threads.add_news(tx, key, thread_posts.put(tx, key, one, now), now)
    return key


def test_a_thread_is_found_by_number_and_address(database: Database) -> None:
    key = put(database, page(1, post(1), post(2)), page(2, post(3)))

    found = threads.get(database.read(), key)

    assert found == threads.at(database.read(), URL)
    assert (found.title, found.posts, found.pages, found.software) == ("Walks", 3, 2, "xenforo2")
    assert threads.at(database.read(), "https://other.example/") is None
    with pytest.raises(NotFound):
        threads.get(database.read(), 99)


def test_a_check_is_told_what_is_known(database: Database) -> None:
    put(database, page(1, post(1), post(2)), page(2, post(3)))

    known = threads.memory_of(database.read(), URL)

    assert known["posts"] == {"1": "d1", "2": "d2", "3": "d3"}
    assert known["pages"] == [[1, f"{URL}page-1"], [2, f"{URL}page-2"]]
    assert threads.memory_of(database.read(), "https://other.example/") == {}


def test_only_the_last_pages_are_handed_on(database: Database) -> None:
    put(database, *(page(n, post(n)) for n in range(1, 101)))

    pages = threads.memory_of(database.read(), URL)["pages"]

    assert [number for number, _ in pages] == list(range(61, 101))


def test_the_first_title_and_the_first_date_stay(database: Database) -> None:
    put(database, page(1, post(1, at=NOW - 5)))
    second = page(1, post(1, at=NOW - 99, digest="new"))
    put(database, replace(second, title="Renamed"), now=NOW + 60)

    (kept,) = thread_posts.kept(database.read(), 1)

    assert threads.get(database.read(), 1).title == "Walks"
    assert kept.post.posted_at == NOW - 5
    assert kept.first_seen_at == NOW
    assert kept.edited_at == NOW + 60


def test_the_same_page_twice_is_no_news(database: Database) -> None:
    key = put(database, page(1, post(1), post(2)))
    put(database, page(1, post(1), post(2)))

    assert threads.news(database.read(), key) == 2


def test_posts_that_vanish_are_marked_and_come_back(database: Database) -> None:
    key = put(database, page(1, post(1), post(2)))
    with database.write() as tx:
        assert thread_posts.mark_gone(tx, key, ["2"], NOW) == 1
        assert thread_posts.mark_gone(tx, key, ["2"], NOW) == 0

    assert threads.get(database.read(), key).posts == 1
    assert "2" not in threads.memory_of(database.read(), URL)["posts"]
    assert [kept.gone_at for kept in thread_posts.kept(database.read(), key)] == [None, NOW]

    put(database, page(1, post(2)))
    assert threads.get(database.read(), key).posts == 2


def test_files_are_owed_until_they_are_stored(database: Database) -> None:
    key = put(database, page(1, post(1, file(10), file(11)), post(2, file(12))))
    assert [record["media_id"] for record in thread_posts.owed(database.read(), key)] == ["10", "11", "12"]

    with database.write() as tx:
        thread_posts.file_stored(tx, [Identity(SITE, "11")])

    owed = thread_posts.owed(database.read(), key)
    assert [(record["post"], record["n"], record["media_id"]) for record in owed] == [
        ("1", 1, "10"),
        ("2", 1, "12"),
    ]


def test_a_file_that_is_gone_is_given_up_at_once_and_a_shaky_one_after_five_tries(database: Database) -> None:
    key = put(database, page(1, post(1, file(10), file(11), file(12))))
    with database.write() as tx:
        thread_posts.file_failed(tx, key, Identity(SITE, "10"), for_good=True, counts=True)
        for _ in range(4):
            thread_posts.file_failed(tx, key, Identity(SITE, "11"), for_good=False, counts=True)
        for _ in range(9):
            thread_posts.file_failed(tx, key, Identity(SITE, "12"), for_good=False, counts=False)
    assert [record["media_id"] for record in thread_posts.owed(database.read(), key)] == ["11", "12"]

    with database.write() as tx:
        thread_posts.file_failed(tx, key, Identity(SITE, "11"), for_good=False, counts=True)

    assert [record["media_id"] for record in thread_posts.owed(database.read(), key)] == ["12"]


def test_an_edit_keeps_what_became_of_the_files(database: Database) -> None:
    key = put(database, page(1, post(1, file(10))))
    with database.write() as tx:
        thread_posts.file_stored(tx, [Identity(SITE, "10")])

    put(database, page(1, post(1, file(10), file(13), digest="late picture")))

    (kept,) = thread_posts.kept(database.read(), key)
    assert [found.file.state for found in kept.files] == [PostFileState.STORED, PostFileState.OPEN]


def test_what_changed_is_to_be_written_down_again(database: Database) -> None:
    key = put(database, page(1, post(1, file(10)), post(2)))
    with database.write() as tx:
        thread_posts.written(tx, key, ["1", "2"])
    assert thread_posts.unwritten(database.read(), key) == []

    with database.write() as tx:
        thread_posts.file_stored(tx, [Identity(SITE, "10")])
    assert thread_posts.unwritten(database.read(), key) == ["1"]


def test_pages_beyond_the_end_are_forgotten(database: Database) -> None:
    put(database, *(page(n, post(n)) for n in range(1, 6)))

    with database.write() as tx:
        threads.walked(tx, URL, full=True, last_page=3, now=NOW)

    assert threads.get(database.read(), 1).pages == 3
    assert threads.get(database.read(), 1).last_full_at == NOW


def test_the_rate_of_a_young_thread_counts_over_its_own_life(database: Database) -> None:
    key = put(database, page(1, *(post(n, at=NOW - n * 3600) for n in range(1, 25))))

    found = threads.figures(database.read(), key, NOW)

    assert found.posts_30d == 24
    assert found.span_s == pytest.approx(DAY)
    assert found.newest_at == NOW - 3600


def test_old_posts_do_not_count_for_the_rate(database: Database) -> None:
    key = put(database, page(1, post(1, at=NOW - 90 * DAY), post(2, at=NOW - DAY)))

    found = threads.figures(database.read(), key, NOW)

    assert (found.posts_30d, found.span_s) == (1, 30 * DAY)


def test_a_link_becomes_one_job_per_parent(database: Database) -> None:
    with database.write() as tx:
        threads.link(tx, 1, "https://imgur.com/a", 5, "{}", fence=2)
        threads.link(tx, 1, "https://imgur.com/a", 6, "{}", fence=3)

    assert threads.linked(database.read(), 1) == {"https://imgur.com/a": 5}
    assert threads.linked_by(database.read(), 1, 2) == 1
    assert threads.is_linked(database.read(), 1, "https://imgur.com/a")
    assert not threads.is_linked(database.read(), 2, "https://imgur.com/a")


def test_forgetting_a_thread_forgets_all_of_it(database: Database) -> None:
    key = put(database, page(1, post(1, file(10))))

    with database.write() as tx:
        assert threads.forget(tx, [key]) == 1

    read = database.read()
    for table in ("threads", "thread_pages", "thread_posts", "thread_files"):
        assert read.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == 0


def test_watched_threads_come_first(database: Database) -> None:
    with database.write() as tx:
        for n, state in enumerate((WatchState.ENDED, WatchState.KNOWN, WatchState.WATCHED)):
            key = threads.put(tx, f"https://forum.example.org/{n}", SITE, n, page(1), NOW)
            threads.set_state(tx, key, state, "", next_check_at=None)

    assert [one.state for one in threads.list(database.read())] == ["watched", "known", "ended"]


def test_a_job_that_waits_for_its_next_time_can_be_completed(database: Database) -> None:
    with database.write() as tx:
        planned, running = add(tx, 2, not_before=NOW + 60)
        assert job_watching.set_watched(tx, planned, watched=True)
        assert not job_watching.set_watched(tx, 99, watched=True)
        assert job_watching.conclude(tx, [planned, 99], "no longer watched", NOW) == [planned]

    job = jobs.get(database.read(), planned)
    assert (job.status, job.message, job.options["watch"], job.not_before) == (
        "completed",
        "no longer watched",
        True,
        None,
    )
    assert jobs.get(database.read(), running).status == "scheduled"
