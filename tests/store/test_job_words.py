"""The words of the search: what they find, what they leave out, and that no text ever breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import JobQuery, JobStatus
from mediadl.store import job_words, jobs
from mediadl.store.database import Database
from mediadl.store.job_words import Term
from store.making import NOW, request, scratch

JOBS = (
    request(1, title="Cats at dawn", site="tiktok", platform="tiktok", content_type="videos"),
    request(2, title="Dogs and cats", site="host", platform="direct"),
    request(3, title="Dogs at dusk", site="other", platform="generic"),
)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as tx:
        jobs.add(tx, JOBS, max_attempts=3, now=NOW)
        tx.execute("UPDATE download_queue SET status = 'failed', reason = 'login_needed' WHERE id = 3")
        tx.execute("UPDATE download_queue SET status = 'completed' WHERE id = 2")
    return database


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cats", {1, 2}),
        ("CATS dogs", {2}),
        ("dogs -cats", {3}),
        ("dogs !CATS", {3}),
        ("-dogs", {1}),
        ("site:tik", {1}),
        ("-site:tik", {2, 3}),
        ("platform:direct", {2}),
        ("type:video", {1}),
        ("status:failed", {3}),
        ("status:fail", {3}),
        ("!status:done dogs", {3}),
        ("reason:login", {3}),
        ("id:2", {2}),
        ("-id:2", {1, 3}),
        ("https://host/1.jpg", {1}),
        ("status:nonsense", set()),
        ("nothing:here", set()),
        ("site:", set()),
        ("-", set()),
        ("", {1, 2, 3}),
    ],
)
def test_words_find_what_they_say(filled: Database, words: str, found: set[int]) -> None:
    query = JobQuery(search=words)
    read = filled.read()

    assert set(jobs.ids(read, query)) == found
    assert jobs.count(read, query) == len(found)
    assert {job.id for job in jobs.window(read, query, 0, 9)} == found


def test_a_status_and_a_word_of_the_status_agree(filled: Database) -> None:
    query = JobQuery(statuses=frozenset({JobStatus.FAILED}), search="status:failed")

    assert jobs.ids(filled.read(), query) == [3]


def test_marks_and_fields_are_taken_apart() -> None:
    assert job_words.parse("Cat -DOG !site:Tik via:") == [
        Term("cat"),
        Term("dog", excluded=True),
        Term("tik", "site", excluded=True),
        Term("via:"),
    ]


_PIECES = st.sampled_from(
    ["-", "!", ":", "site:", "status:", "id:", "x", "'", '"', "%", "9" * 30, "²", "٣", " ", "\0"]
)


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map("".join)))
def test_no_text_breaks_the_search(text: str) -> None:
    connection = _CONNECTION

    query = JobQuery(search=text)

    assert set(jobs.ids(connection, query)) <= {1, 2, 3}
    assert jobs.count(connection, query) == len(jobs.ids(connection, query))
    assert len(job_words.parse(text)) == len(text.casefold().split())


_CONNECTION = scratch()
jobs.add(_CONNECTION, JOBS, max_attempts=3, now=NOW)
