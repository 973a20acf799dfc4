"""The cursor of a source: it moves when everything new is there, and never over anything that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mediadl.errors import DownloadError, Incomplete, MediaNotFound, NetworkFailed, Private
from mediadl.models import FoundItem, Identity, ItemState, Job, JobStatus
from mediadl.models.schedules import RunKind, Source, SourceState, Walk
from mediadl.paths import Home
from mediadl.pipeline.facts import (
    Fact,
    ItemFact,
    Missing,
    SettleFact,
    SourceNews,
    SourceOwnerFact,
    SourceSeenFact,
)
from mediadl.pipeline.protocol import SourceWalked
from mediadl.store import archive, downloads, jobs, source_posts, sources
from mediadl.store.database import Database
from mediadl.workers import source_records
from mediadl.workers.recorder import record
from mediadl.workers.source_records import walks_for
from store.making import NOW, add, claim, download

URL = "https://www.tiktok.com/@eve"
DAY = 86_400.0
REACHED = SourceWalked(complete=True)


@dataclass
class Keeper:
    """A source and the checks of it."""

    database: Database
    source_id: int = 0
    now: float = NOW

    def __post_init__(self) -> None:
        with self.database.write() as tx:
            self.source_id = sources.ensure(tx, URL, "tiktok", "posts", "tiktok", "eve", NOW)

    @property
    def source(self) -> Source:
        """As it is now."""
        return sources.get(self.database.read(), self.source_id)

    def job(self, walk: Walk = Walk.KEEP_UP) -> Job:
        """A job of a run, at work."""
        told = {"source": self.source_id, "run": 1, "walk": walk.value}
        with self.database.write() as tx:
            add(tx, url=URL, platform="tiktok", content_type="posts", options={"subscription": told})
            (job,) = claim(tx)
        return job

    def check(
        self,
        *posts: str,
        walk: Walk = Walk.KEEP_UP,
        walked: SourceWalked | None = REACHED,
        status: JobStatus = JobStatus.COMPLETED,
        error: DownloadError | None = None,
        stored: int = 0,
        cut: str = "",
        missing: tuple[Missing, ...] = (),
        before: tuple[Fact, ...] = (),
        first: bool = False,
    ) -> Job:
        """One check that saw these posts; the job afterwards."""
        self.now += 60
        job = self.job(walk)
        if walked is not None and not walked.head:
            walked = replace(walked, head=posts)
        seen = SourceSeenFact(job, tuple((post, None, not first) for post in posts))
        news = SourceNews(walked, cut, missing)
        words = error.message if error else ""
        settled = SettleFact(job, status, error=error, message=words, stored=stored, source=news)
        record(self.database, [*(replace(one, job=job) for one in before), seen, settled], [], self.now)
        return jobs.get(self.database.read(), job.id)


@pytest.fixture
def keeper(home: Home) -> Iterator[Keeper]:
    with Database.open(home) as database:
        yield Keeper(database)


def missing(n: int = 1) -> Missing:
    return Missing(f"p{n}", f"tiktok:{n}:0", f"Film {n}")


def failed(**more: Any) -> dict[str, Any]:
    return {"status": JobStatus.FAILED, "error": Incomplete("1 of 3 items failed: no network"), **more}


def kept_file(keeper: Keeper, post: str, n: int) -> int:
    """A stored file of a post."""
    with keeper.database.write() as tx:
        number = downloads.add(tx, download(n, platform="tiktok", source="eve"))
        source_posts.file_of(tx, keeper.source_id, post, number)
    return number


def only_copies(keeper: Keeper) -> set[int]:
    rows = keeper.database.read().execute("SELECT id FROM downloads WHERE only_copy_at IS NOT NULL")
    return {row[0] for row in rows.fetchall()}


def test_a_check_that_reached_what_is_known_moves_the_cursor(keeper: Keeper) -> None:
    keeper.check("p3", "p2", "p1")

    assert keeper.source.head == ("p3", "p2", "p1")
    assert keeper.source.complete_at == keeper.now
    assert keeper.source.gap_since is None


@pytest.mark.parametrize(
    "stopped",
    [
        {"walked": None, "status": JobStatus.CANCELLED},
        {"walked": None, "status": JobStatus.PENDING},
        {"walked": None, "status": JobStatus.FAILED, "error": NetworkFailed("no network")},
        {"walked": SourceWalked(complete=False)},
        {"cut": "p5"},
    ],
    ids=["cancelled", "interrupted", "failed", "not reached", "limited"],
)
def test_a_check_that_was_stopped_keeps_the_cursor_and_leaves_a_gap_until_one_is_not(
    keeper: Keeper, stopped: dict[str, Any]
) -> None:
    keeper.check("p2", "p1")

    keeper.check("p7", "p6", stored=2, **stopped)
    gap, head = keeper.source.gap_since, keeper.source.head
    keeper.check("p7", "p6", "p5", "p2")

    assert (head, gap) == (("p2", "p1"), keeper.now - 60)
    assert keeper.source.gap_since is None
    assert keeper.source.head == ("p7", "p6", "p5", "p2")


def test_a_first_check_that_fails_leaves_no_gap_as_nothing_was_known(keeper: Keeper) -> None:
    keeper.check(walked=None, **failed())

    assert keeper.source.gap_since is None
    assert keeper.source.complete_at is None


def test_an_item_that_may_yet_come_keeps_the_cursor_for_five_checks_and_is_then_named(keeper: Keeper) -> None:
    keeper.check("p1")

    ended = [keeper.check("p3", "p2", missing=(missing(3),), **failed()) for _ in range(5)]

    assert all("given up" not in job.message for job in ended[:4])
    assert ended[4].message.endswith("given up after 5 checks: Film 3")
    assert keeper.source.head == ("p3", "p2")


def test_an_item_that_came_after_all_is_owed_no_more(keeper: Keeper) -> None:
    keeper.check("p1")
    for _ in range(4):
        keeper.check("p3", "p2", missing=(missing(3),), **failed())
    keeper.check("p3", "p2", stored=1)

    job = keeper.check("p4", "p3", missing=(missing(3),), **failed())

    assert "given up" not in job.message
    assert keeper.source.head == ("p3", "p2")


def test_counts_say_how_the_source_does(keeper: Keeper) -> None:
    keeper.check("p1", stored=1)
    new_at = keeper.now
    keeper.check("p1")
    keeper.check("p1")
    keeper.check(walked=None, status=JobStatus.FAILED, error=NetworkFailed("no network"))

    found = keeper.source
    assert (found.checks, found.empty_checks, found.failures) == (4, 2, 1)
    assert (found.last_new_at, found.last_check_at) == (new_at, keeper.now)


def test_a_backfill_moves_no_cursor_and_is_done_at_the_end_of_the_list(keeper: Keeper) -> None:
    spec = {"backfill": "all", "backfill_items": 2, "max_items": 7}
    with keeper.database.write() as tx:
        first = walks_for(tx, keeper.source, spec, RunKind.DUE, now=NOW)
    keeper.check("p3", "p2", "p1", first=True)
    head = keeper.source.head

    keeper.check("p3", "p2", "p1", walk=Walk.BACKFILL, cut="p1", stored=2)
    open_yet = keeper.source.backfill
    keeper.check("p3", "p2", "p1", walk=Walk.BACKFILL, stored=1)
    with keeper.database.write() as tx:
        then = walks_for(tx, keeper.source, spec, RunKind.DUE, now=NOW)

    assert first == [(Walk.KEEP_UP, {"max_items": 7}), (Walk.BACKFILL, {"max_items": 2})]
    assert open_yet
    assert not keeper.source.backfill
    assert keeper.source.head == head
    assert [walk for walk, _ in then] == [Walk.KEEP_UP]


def test_a_run_that_fills_a_gap_has_no_limit(keeper: Keeper) -> None:
    with keeper.database.write() as tx:
        walks = walks_for(tx, keeper.source, {"max_items": 5}, RunKind.GAP, now=NOW)

    assert walks == [(Walk.KEEP_UP, {})]


def test_posts_that_were_there_before_are_passed_until_the_backfill_wants_them(keeper: Keeper) -> None:
    keeper.check("p2", "p1", first=True)

    keeping = source_records.known(keeper.database.read(), keeper.job())
    filling = source_records.known(keeper.database.read(), keeper.job(Walk.BACKFILL))

    assert keeping is not None
    assert filling is not None
    assert sorted(keeping["passed"]) == ["p1", "p2"]
    assert filling["passed"] == []


def test_a_backfill_does_not_open_again_what_it_has(keeper: Keeper) -> None:
    keeper.check("p3", "p2", "p1", first=True)
    kept_file(keeper, "p3", 3)
    kept_file(keeper, "p2", 2)

    keeper.check("p3", "p2", "p1", walk=Walk.BACKFILL, cut="p2")
    filling = source_records.known(keeper.database.read(), keeper.job(Walk.BACKFILL))

    assert filling is not None
    assert filling["passed"] == ["p3"], "p2 was cut in the middle, p1 was not reached"


def test_a_new_name_moves_the_address_and_keeps_the_folder(keeper: Keeper) -> None:
    job = keeper.job()
    number = kept_file(keeper, "p1", 1)
    record(keeper.database, [SourceOwnerFact(job, "77", "eve")], [], NOW)
    record(keeper.database, [SourceOwnerFact(job, "77", "evelyn")], [], NOW)

    found = keeper.source
    assert (found.url, found.name, found.folder) == ("https://www.tiktok.com/@evelyn", "evelyn", "eve")
    assert found.former_names == ("eve",)
    file = downloads.get(keeper.database.read(), number)
    assert (file.source, file.former_names) == ("evelyn", ("eve",))


def test_another_source_at_the_new_address_is_merged(keeper: Keeper) -> None:
    with keeper.database.write() as tx:
        other = sources.ensure(
            tx, "https://www.tiktok.com/@evelyn", "tiktok", "posts", "tiktok", "evelyn", NOW
        )
        source_posts.seen(tx, other, [("p9", None, True)], walk="x", now=NOW)
    job = keeper.job()
    record(
        keeper.database, [SourceOwnerFact(job, "77", "eve"), SourceOwnerFact(job, "77", "evelyn")], [], NOW
    )

    assert [one.id for one in sources.list(keeper.database.read())] == [keeper.source_id]
    rows = keeper.database.read().execute("SELECT source_id FROM source_posts").fetchall()
    assert rows == [(keeper.source_id,)]


def test_somebody_else_never_becomes_the_owner(keeper: Keeper) -> None:
    job = keeper.job()
    record(keeper.database, [SourceOwnerFact(job, "77", "eve"), SourceOwnerFact(job, "78", "eve2")], [], NOW)

    assert (keeper.source.owner_id, keeper.source.name) == ("77", "eve")


def test_a_source_not_found_twice_is_gone_its_files_are_the_only_copy_and_it_rests(keeper: Keeper) -> None:
    keeper.check("p1")
    number = kept_file(keeper, "p1", 1)
    lost: dict[str, Any] = {
        "walked": None, "status": JobStatus.FAILED, "error": MediaNotFound("no such account")
    }  # fmt: skip

    keeper.check(**lost)
    once = keeper.source.state
    keeper.check(**lost)
    with keeper.database.write() as tx:
        due = walks_for(tx, keeper.source, {"backfill": "none"}, RunKind.DUE, now=keeper.now + 29 * DAY)
        late = walks_for(tx, keeper.source, {"backfill": "none"}, RunKind.DUE, now=keeper.now + 31 * DAY)
        asked = walks_for(tx, keeper.source, {"backfill": "none"}, RunKind.MANUAL, now=keeper.now)

    assert once is SourceState.OK
    assert (keeper.source.state, keeper.source.why) == (SourceState.GONE, "no such account")
    assert only_copies(keeper) == {number}
    assert due == []
    assert len(late) == len(asked) == 1

    keeper.check("p1")
    assert keeper.source.state is SourceState.OK
    assert only_copies(keeper) == set()


def test_a_private_source_is_called_so_at_once_and_a_closed_one_terminated(keeper: Keeper) -> None:
    lost: dict[str, Any] = {"walked": None, "status": JobStatus.FAILED}

    keeper.check(**lost, error=Private("members only"))
    private = keeper.source.state
    for _ in range(2):
        keeper.check(**lost, error=MediaNotFound("This account has been terminated"))

    assert private is SourceState.PRIVATE
    assert keeper.source.state is SourceState.TERMINATED


def test_a_source_that_posts_nothing_for_long_is_silent_until_it_posts(keeper: Keeper) -> None:
    keeper.check("p1", stored=1)
    spec = {"backfill": "none", "dead_after_days": 30}
    later = keeper.now + 31 * DAY
    with keeper.database.write() as tx:
        last_look = walks_for(tx, keeper.source, spec, RunKind.DUE, now=later)
    silent = keeper.source.state
    keeper.now = later
    keeper.check("p1")
    still = keeper.source.state
    with keeper.database.write() as tx:
        rest = walks_for(tx, keeper.source, spec, RunKind.DUE, now=later + 7 * DAY)
    keeper.check("p2", "p1", stored=1)

    assert (silent, still) == (SourceState.SILENT, SourceState.SILENT)
    assert len(last_look) == 1
    assert rest == []
    assert keeper.source.state is SourceState.OK


def test_a_post_that_a_whole_list_lacks_leaves_an_only_copy_until_it_is_back(keeper: Keeper) -> None:
    whole = SourceWalked(complete=True, full=True)
    keeper.check("p3", "p2", "p1", walked=whole)
    number = kept_file(keeper, "p2", 2)

    job = keeper.check("p3", "p1", walked=whole)
    marked = only_copies(keeper)
    keeper.check("p3", "p2", "p1", walked=whole)

    assert marked == {number}
    assert "1 post is not there any more" in job.message
    assert only_copies(keeper) == set()


def test_a_post_missing_between_others_counts_as_removed_the_second_time(keeper: Keeper) -> None:
    keeper.check("p3", "p2", "p1")
    number = kept_file(keeper, "p2", 2)
    lacking = SourceWalked(complete=True, missing=("p2",), head=("p3", "p2", "p1"))

    keeper.check("p3", "p1", walked=lacking)
    once = only_copies(keeper)
    keeper.check("p3", "p1", walked=lacking)

    assert (once, only_copies(keeper)) == (set(), {number})
    assert keeper.source.head == ("p3", "p1")


def test_an_empty_list_proves_nothing(keeper: Keeper) -> None:
    keeper.check("p1")
    kept_file(keeper, "p1", 1)

    keeper.check(walked=SourceWalked(complete=True, full=True))

    assert only_copies(keeper) == set()


def test_files_fetched_before_the_subscription_belong_to_it_once_they_come_by(keeper: Keeper) -> None:
    item = FoundItem(1, Identity("tiktok", "5"))
    with keeper.database.write() as tx:
        number = downloads.add(tx, download(5, identity=item.identity))
        archive.add(tx, item.identity, number, NOW)
    job = keeper.job()

    record(keeper.database, [ItemFact(job, item, ItemState.SKIPPED, "archived")], [], NOW)

    rows = keeper.database.read().execute("SELECT post, download_id FROM source_files").fetchall()
    assert rows == [("tiktok:5", number)]


def test_a_source_that_was_forgotten_meanwhile_stops_nothing(keeper: Keeper) -> None:
    job = keeper.job()
    with keeper.database.write() as tx:
        sources.forget(tx, [keeper.source_id])

    settled = record(
        keeper.database,
        [
            SourceSeenFact(job, (("p1", None, True),)),
            SourceOwnerFact(job, "7", "eve"),
            SettleFact(job, JobStatus.COMPLETED, source=SourceNews(SourceWalked(complete=True))),
        ],
        [],
        NOW,
    )

    assert settled[0].accepted
