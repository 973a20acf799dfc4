"""The state machine of one run: every ending is reached, nothing is fetched twice, nothing is forgotten."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import DiskFull, DownloadError, MediaNotFound, NetworkFailed, NotMedia, RateLimited
from mediadl.models import (
    FoundItem,
    Identity,
    ItemState,
    Job,
    JobStatus,
    Lane,
    MediaFacts,
    MediaKind,
    Priority,
    StoredFile,
    Wanted,
)  # fmt: skip
from mediadl.pipeline.facts import DescribeFact, ItemFact, Outbox, SettleFact, StoredFact
from mediadl.pipeline.job_run import WINDOW, Conditions, JobRun
from mediadl.pipeline.outcome import Outcome
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Cancel,
    Ended,
    Enough,
    Fetch,
    Found,
    Ingest,
    Made,
    NetworkOptions,
    Stored,
    Target,
    TransferFailed,
    Trouble,
    Working,
)  # fmt: skip


def make_job(**fields: Any) -> Job:
    values: dict[str, Any] = {
        "id": 1, "url": "https://site.example/p/1", "platform": "generic", "site": "site.example", "lane": Lane.RUNNER,
        "content_type": "", "title": "", "status": JobStatus.ACTIVE, "wanted": Wanted.RUN,
        "priority": Priority.NORMAL, "position": 1.0, "options": {}, "trusted": True, "reason": "", "message": "",
        "not_before": None, "backend": "", "tried": "", "attempts": 1, "max_attempts": 6, "fence": 1,
        "assigned_worker": "w", "progress": 0.0, "bytes_done": 0, "bytes_total": None, "speed_bytes_per_s": 0.0,
        "items_total": None, "items_stored": 0, "items_skipped": 0, "items_failed": 0, "created_at": 0.0,
        "started_at": 0.0, "finished_at": None, "estimated_completion": None,
    }  # fmt: skip
    return Job(**{**values, **fields})


def make_item(n: int, media_id: str | None = None) -> FoundItem:
    return FoundItem(n, Identity("site.example", media_id or f"m{n}"), url=f"https://cdn.example/{n}.jpg")


class Harness:
    """A run, its outbox, and the two children played by hand."""

    def __init__(
        self, job: Job | None = None, *, known: set[Identity] | None = None, busy: Any = None
    ) -> None:
        self.job = job or make_job()
        self.out = Outbox()
        self.busy: dict[Identity, int] = {} if busy is None else busy
        conditions = Conditions(
            network=NetworkOptions(),
            work="/work",
            target=lambda item: Target("/root", "/work", "folder", (f"name-{item.n}",)),
            known=(known or set()).__contains__,
            stored_before={},
            decide=lambda error, _job: (
                Outcome(JobStatus.FAILED)
                if isinstance(error, MediaNotFound)
                else Outcome(JobStatus.WAITING, 10.0)
            ),
        )
        self.run = JobRun(self.job, conditions, self.busy, self.out)

    def listing(self, *items: FoundItem) -> Harness:
        self.run.start_listing()
        for item in items:
            self.run.on_runner(Found(item))
        return self

    def ended(self, error: DownloadError | None = None) -> None:
        self.run.on_runner(Ended("yt-dlp", error.to_dict() if error else None))
        self.run.on_runner_gone("exit 0")

    def fetches(self) -> list[Fetch]:
        found = [m for m in self.out.transfers if isinstance(m, Fetch)]
        self.out.transfers = [m for m in self.out.transfers if not isinstance(m, Fetch)]
        return found

    def store(self, fetch: Fetch | Ingest) -> None:
        media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg")
        file = StoredFile(f"/root/{fetch.key}.jpg", 100, "aa", "aa", media)
        self.run.on_transfer(Stored(fetch.key, fetch.job_id, file))

    def fail(self, fetch: Fetch, error: DownloadError) -> None:
        self.run.on_transfer(TransferFailed(fetch.key, fetch.job_id, error.to_dict()))

    def settlement(self) -> SettleFact | None:
        settled = [f for f in self.out.facts if isinstance(f, SettleFact)]
        assert len(settled) <= 1
        return settled[0] if settled else None

    def states(self) -> dict[int, ItemState]:
        return {f.item.n: f.state for f in self.out.facts if isinstance(f, ItemFact)} | {
            f.item.n: ItemState.STORED for f in self.out.facts if isinstance(f, StoredFact)
        }


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
    second.run._is = dataclasses.replace(second.run._is, known=lambda _i: True)
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
    h.run.on_runner(Made(1, "/work/1.mp4", merged=True))
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


STEPS = st.lists(
    st.sampled_from(
        ["found", "asked", "store", "fail", "made", "pause", "cancel", "transfer_dies", "found_same"]
    ),
    max_size=30,
)


@given(STEPS, st.booleans())
def test_every_order_of_events_ends_in_exactly_one_settlement(steps: list[str], runner_dies: bool) -> None:
    h = Harness().listing()
    waiting: list[Fetch | Ingest] = []

    def collect() -> None:
        waiting.extend(m for m in h.out.transfers if isinstance(m, Fetch | Ingest))
        cancelled = any(isinstance(m, Cancel) for m in h.out.transfers)
        h.out.transfers.clear()
        if cancelled:
            waiting.clear()
            h.run.on_transfers_cancelled()

    for n, step in enumerate(steps, start=1):
        if h.run.settled:
            break
        match step:
            case "found":
                h.run.on_runner(Found(make_item(n)))
            case "found_same":
                h.run.on_runner(Found(make_item(n, "same")))
            case "asked":
                h.run.on_runner(Asked(make_item(n)))
            case "made":
                h.run.on_runner(Made(n - 1, "/work/x"))
            case "store" if waiting:
                h.store(waiting.pop(0))
            case "fail" if waiting:
                fetch = waiting.pop(0)
                h.run.on_transfer(TransferFailed(fetch.key, 1, NetworkFailed("x").to_dict()))
            case "pause":
                h.run.want(Wanted.PAUSE)
            case "cancel":
                h.run.want(Wanted.CANCEL)
            case "transfer_dies":
                keys = h.run.on_transfer_child_gone()
                waiting.clear()
                for key in keys:
                    h.run.resubmit(key)
            case _:
                pass
        collect()
    if not h.run.settled:
        if runner_dies:
            h.run.on_runner_gone("killed")
        else:
            h.ended()
        collect()
        while waiting:
            h.store(waiting.pop(0))
            collect()

    assert h.settlement() is not None
    assert h.busy == {}
