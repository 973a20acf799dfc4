"""The state machine of one run: every ending is reached, nothing is fetched twice, nothing is forgotten."""

from __future__ import annotations

import dataclasses

import pytest

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import DiskFull, DownloadError, MediaNotFound, NetworkFailed, NotMedia, RateLimited
from mediadl.models import (
    Identity,
    ItemState,
    JobStatus,
    Lane,
    Wanted,
)  # fmt: skip
from mediadl.pipeline.facts import DescribeFact
from mediadl.pipeline.job_items import WINDOW
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Cancel,
    Enough,
    Found,
    Ingest,
    Made,
    Trouble,
    Working,
)  # fmt: skip


def test_a_job_completes_when_the_listing_ended_and_every_item_is_stored() -> None:
    h = Harness().listing(make_item(1), make_item(2))
    first, second = h.fetches()

    h.store(first)
    h.ended()
    assert h.settlement() is None
    h.store(second)

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert settled.discard_work
    assert h.states() == {1: ItemState.STORED, 2: ItemState.STORED}


def test_an_archived_item_is_skipped_and_force_fetches_it() -> None:
    item = make_item(1)

    skipping = Harness(known={item.identity}).listing(item)
    skipping.ended()
    forced = Harness(make_job(options={"force": True}), known={item.identity}).listing(item)

    assert skipping.states() == {1: ItemState.SKIPPED}
    settled = skipping.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert "nothing new" in settled.message
    assert len(forced.fetches()) == 1


def test_nothing_found_and_nothing_skipped_is_its_own_failure() -> None:
    h = Harness().listing()

    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "no_media"


def test_the_same_identity_is_fetched_once_within_a_job() -> None:
    h = Harness().listing(make_item(1, "same"), make_item(2, "same"))

    assert [f.item.n for f in h.fetches()] == [1]


def test_an_item_that_another_job_is_fetching_waits_and_is_then_skipped() -> None:
    busy: dict[Identity, int] = {}
    known: set[Identity] = set()
    item = make_item(1)
    first = Harness(make_job(id=1), busy=busy, known=known).listing(item)
    second = Harness(make_job(id=2), busy=busy, known=known).listing(item)
    second.ended()

    assert second.fetches() == []
    assert second.settlement() is None
    known_item = first.fetches()[0]
    first.store(known_item)
    second.run.items._is = dataclasses.replace(second.run.items._is, known=lambda _i: True)
    second.run.recheck_held()

    assert second.states() == {1: ItemState.SKIPPED}
    assert second.settlement() is not None


def test_no_more_than_a_window_is_handed_over_at_once() -> None:
    h = Harness().listing(*(make_item(n) for n in range(1, WINDOW + 11)))

    first = h.fetches()
    h.store(first[0])

    assert len(first) == WINDOW
    assert h.run.backlog == 9
    assert len(h.fetches()) == 1


def test_pause_stops_the_runner_keeps_the_bytes_and_refunds_the_attempt() -> None:
    h = Harness().listing(make_item(1))
    h.fetches()

    h.run.want(Wanted.PAUSE)
    cancels = [m for m in h.out.transfers if isinstance(m, Cancel)]
    h.run.on_runner_gone("SIGTERM")
    assert h.settlement() is None
    h.run.on_transfers_cancelled()

    assert cancels == [Cancel(1, discard=False)]
    assert h.out.runner_stops == [1]
    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.PAUSED
    assert settled.refund_attempt
    assert not settled.discard_work


def test_cancel_discards_the_work_folder() -> None:
    h = Harness().listing(make_item(1))

    h.run.want(Wanted.CANCEL)
    h.run.on_runner_gone("SIGTERM")
    h.run.on_transfers_cancelled()

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.CANCELLED
    assert settled.discard_work


@pytest.mark.parametrize(("wish", "discard"), [(Wanted.CANCEL, True), (Wanted.REMOVE, False)])
def test_a_removed_job_keeps_its_bytes_as_it_may_come_back(wish: Wanted, *, discard: bool) -> None:
    h = Harness().listing(make_item(1))
    h.fetches()

    h.run.want(wish)

    assert [m for m in h.out.transfers if isinstance(m, Cancel)] == [Cancel(1, discard=discard)]


@pytest.mark.parametrize("error", [RateLimited("429"), DiskFull("full")])
def test_an_error_that_concerns_the_whole_site_or_disk_stops_the_whole_job(error: DownloadError) -> None:
    h = Harness().listing(make_item(1), make_item(2))
    first, _second = h.fetches()

    h.fail(first, error)
    h.run.on_runner_gone("SIGTERM")
    h.run.on_transfers_cancelled()

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == error.kind


def test_some_failed_items_make_the_job_incomplete_and_worth_a_retry() -> None:
    h = Harness().listing(make_item(1), make_item(2))
    first, second = h.fetches()

    h.store(first)
    h.fail(second, NetworkFailed("reset"))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "incomplete"
    assert settled.status is JobStatus.WAITING
    assert "1 of 2" in settled.message


def test_a_direct_address_that_is_a_page_goes_to_the_engines() -> None:
    h = Harness(make_job(lane=Lane.TRANSFER, platform="direct"))
    h.run.start_direct(make_item(1))
    (fetch,) = h.fetches()

    h.fail(fetch, NotMedia("html"))

    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.PENDING
    assert settled.lane is Lane.RUNNER
    assert settled.tried.startswith("direct: ")


def test_an_item_only_the_engine_can_fetch_is_answered_made_and_ingested() -> None:
    h = Harness().listing()

    h.run.on_runner(Asked(make_item(1)))
    h.run.on_runner(Made(1, "/private/1.mp4", merged=True))
    (ingest,) = [m for m in h.out.transfers if isinstance(m, Ingest)]
    h.store(ingest)
    h.ended()

    assert (1, Answer(1, take=True)) in h.out.runner_messages
    assert ingest.merged
    settled = h.settlement()
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED


def test_a_runner_that_dies_makes_the_job_interrupted_once_its_transfers_are_done() -> None:
    h = Harness().listing(make_item(1))
    (fetch,) = h.fetches()

    h.run.on_runner_gone("killed")
    assert h.settlement() is None
    h.store(fetch)

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "interrupted"


def test_max_items_stops_the_listing() -> None:
    h = Harness(make_job(options={"max_items": 2})).listing(*(make_item(n) for n in (1, 2, 3)))

    assert len(h.fetches()) == 2
    assert (1, Enough()) in h.out.runner_messages


def test_a_post_that_the_engine_could_not_read_is_not_a_success() -> None:
    h = Harness().listing(make_item(1))
    (fetch,) = h.fetches()
    h.store(fetch)

    h.run.on_runner(Trouble(NetworkFailed("post 2 unreadable").to_dict(), n=2))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "incomplete"


def test_when_every_item_fails_alike_the_job_fails_for_that_reason() -> None:
    h = Harness().listing(make_item(1), make_item(2))
    for fetch in h.fetches():
        h.fail(fetch, MediaNotFound("HTTP 404"))
    h.ended()

    settled = h.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "not_found"
    assert settled.status is JobStatus.FAILED


def test_the_first_item_names_a_job_that_the_engine_did_not_name() -> None:
    unnamed = Harness(make_job(title="7308866")).listing(dataclasses.replace(make_item(1), title="A film"))
    named = Harness(make_job(title="alice")).listing()
    named.run.on_runner(Working("yt-dlp", title="Alice's films"))
    named.run.on_runner(Found(dataclasses.replace(make_item(1), title="A film")))

    assert [f.fields["title"] for f in unnamed.out.facts if isinstance(f, DescribeFact)] == ["A film"]
    assert "A film" not in str([f.fields for f in named.out.facts if isinstance(f, DescribeFact)])
