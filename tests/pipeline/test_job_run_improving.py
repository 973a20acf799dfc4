"""A job that looks for better versions: what is no better is no failure, and engines fetch nothing by themselves."""

from __future__ import annotations

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import MediaNotFound, NotBetter
from mediadl.models import ItemState, JobStatus
from mediadl.pipeline.filters import pick_of
from mediadl.pipeline.protocol import Answer, Asked


def improving(*numbers: int) -> Harness:
    picked = pick_of([make_item(n).names for n in numbers])
    return Harness(make_job(options={"pick": picked, "force": True, "improve": list(numbers)}))


def test_only_what_was_picked_is_fetched_and_nothing_better_completes_the_job() -> None:
    h = improving(2).listing(make_item(1), make_item(2), make_item(3))
    (fetch,) = h.fetches()

    h.fail(fetch, NotBetter("2.jpg: hardly larger"))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert (settled.status, settled.message) == (JobStatus.COMPLETED, "no better version")
    assert settled.discard_work
    assert h.states() == {2: ItemState.SKIPPED}


def test_one_that_is_better_is_stored_beside_one_that_is_not() -> None:
    h = improving(1, 2).listing(make_item(1), make_item(2))
    first, second = h.fetches()

    h.store(first)
    h.fail(second, NotBetter("2.jpg: hardly larger"))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert h.states() == {1: ItemState.STORED, 2: ItemState.SKIPPED}


def test_another_failure_stays_one() -> None:
    h = improving(1).listing(make_item(1))
    (fetch,) = h.fetches()

    h.fail(fetch, MediaNotFound("HTTP 404"))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.FAILED


def test_what_only_the_engine_could_fetch_is_answered_no() -> None:
    h = improving(1).listing()

    h.run.on_runner(Asked(make_item(1)))
    h.ended()

    assert (1, Answer(1, take=False)) in h.out.runner_messages
    assert h.states() == {1: ItemState.SKIPPED}
    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED


def test_a_file_that_its_page_does_not_have_any_more_is_no_failure() -> None:
    h = improving(1).listing(make_item(2))

    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert "no better version" in settled.message
