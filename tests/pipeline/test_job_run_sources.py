"""Runs of subscriptions: only new items count, and what was left out or could not be had is told."""

from __future__ import annotations

from typing import Any

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import MediaNotFound, NetworkFailed
from mediadl.models import Identity, ItemState
from mediadl.pipeline.facts import SourceNews, SourceOwnerFact, SourceSeenFact
from mediadl.pipeline.protocol import (
    Enough,
    SourceOwner,
    SourceSeen,
    SourceWalked,
    Trouble,
)

WALKED = SourceWalked(complete=True, head=("site.example:m1",))


def subscribed(*known: str, **options: Any) -> Harness:
    told = {"subscription": {"source": 1, "run": 1, "walk": "keep_up"}, **options}
    return Harness(make_job(options=told), known={Identity("site.example", one) for one in known})


def news(stage: Harness) -> SourceNews:
    settled = stage.settlement()
    assert settled is not None
    assert settled.source is not None
    return settled.source


def test_what_is_known_does_not_count_towards_the_most_a_run_takes() -> None:
    stage = subscribed("m1", "m2", "m4", max_items=2)

    stage.listing(*(make_item(n) for n in range(1, 7)))

    assert [fetch.item.n for fetch in stage.fetches()] == [3, 5]
    assert stage.states()[4] is ItemState.SKIPPED
    assert [message for _, message in stage.out.runner_messages if isinstance(message, Enough)]


def test_a_limit_that_left_something_out_is_told_and_one_that_did_not_is_not() -> None:
    full, short = subscribed(max_items=1), subscribed("m2", max_items=1)
    for stage in (full, short):
        stage.listing(make_item(1), make_item(2))
        for fetch in stage.fetches():
            stage.store(fetch)
        stage.run.on_runner(WALKED)
        stage.ended()

    assert news(full).cut == "site.example:m2"
    assert news(short) == SourceNews(WALKED)


def test_items_that_may_yet_come_are_owed_and_those_gone_for_good_are_not() -> None:
    stage = subscribed().listing(make_item(1), make_item(2))
    first, second = stage.fetches()
    stage.fail(first, NetworkFailed("no network"))
    stage.fail(second, MediaNotFound("404"))
    stage.run.on_runner(Trouble(NetworkFailed("page broken").to_dict(), 3, "yt-dlp", "site.example:m3:0"))
    stage.run.on_runner(WALKED)
    stage.ended()

    assert [(one.post, one.item) for one in news(stage).missing] == [
        ("site.example:m1", "site.example:m1:0"),
        ("", "site.example:m3:0"),
    ]
    assert news(stage).walked is WALKED


def test_a_walk_whose_run_was_ended_early_says_nothing_of_the_list() -> None:
    stage = subscribed().listing(make_item(1))
    stage.run.on_runner(WALKED)
    stage.run.fail_now(NetworkFailed("shutting down"))
    stage.run.on_runner_gone("killed")
    stage.run.on_transfers_cancelled()

    assert news(stage).walked is None


def test_posts_and_owner_are_noted_and_other_jobs_have_no_such_news() -> None:
    stage = subscribed()
    stage.run.start_listing()
    stage.run.on_runner(SourceOwner("77", "eve"))
    stage.run.on_runner(SourceSeen((("p1", 5.0, True),)))
    plain = Harness().listing(make_item(1))
    plain.store(plain.fetches()[0])
    plain.ended()

    assert stage.out.facts == [
        SourceOwnerFact(stage.job, "77", "eve"),
        SourceSeenFact(stage.job, (("p1", 5.0, True),)),
    ]
    settled = plain.settlement()
    assert settled is not None
    assert settled.source is None
