"""What a runner takes of a subscribed source's list, and what it tells about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mediadl.errors import NetworkFailed
from mediadl.models import FoundItem, Identity
from mediadl.pipeline.protocol import Found, Message, SourceOwner, SourceSeen, SourceWalked
from mediadl.workers.runner_reporter import PipeReporter
from mediadl.workers.runner_source import SourceWatch

KNOWN: dict[str, Any] = {
    "names": ["eve"],
    "head": [f"tiktok:{n}" for n in range(30, 6, -1)],
    "walk": "keep_up",
}


class Run:
    """A reporter of a subscription's job, and what it sent."""

    def __init__(self, told: dict[str, Any], *, newest_first: bool = True) -> None:
        self.sent: list[Message] = []
        self.reporter = PipeReporter(self.sent.append)
        self.source = SourceWatch(
            told,
            content_type="posts",
            name="eve",
            newest_first=newest_first,
            dated=False,
            send=self.sent.append,
        )
        self.reporter.source = self.source

    def list(self, numbers: Iterable[int], source: str = "eve") -> list[int]:
        """Report posts until nobody wants more; those handed over."""
        for n in numbers:
            if self.reporter.stopped():
                break
            self.reporter.found(FoundItem(0, Identity("tiktok", str(n)), posted_at=float(n), source=source))
        return [int(one.item.identity.id) for one in self.sent if isinstance(one, Found)]

    def walked(self) -> SourceWalked:
        """The last word on the list."""
        self.source.walked(stopped=self.reporter.stopped())
        return next(one for one in self.sent if isinstance(one, SourceWalked))


def test_only_what_is_new_is_handed_over_and_the_rest_is_left_alone() -> None:
    run = Run(KNOWN)

    taken = run.list(range(33, 0, -1))
    walked = run.walked()

    assert taken == [33, 32, 31]
    assert (walked.complete, walked.full) == (True, False)
    assert walked.head[:4] == ("tiktok:33", "tiktok:32", "tiktok:31", "tiktok:30")
    (seen,) = [one for one in run.sent if isinstance(one, SourceSeen)]
    assert [post for post, _, wanted in seen.posts if wanted] == ["tiktok:33", "tiktok:32", "tiktok:31"]


def test_a_list_that_nobody_wanted_more_of_is_not_complete() -> None:
    run = Run(KNOWN)

    run.list([40, 39])
    run.reporter.enough()

    assert not run.walked().complete


def test_a_first_look_takes_nothing_and_remembers_the_top() -> None:
    run = Run({"first": True, "walk": "keep_up"})

    taken = run.list(range(100, 0, -1))
    walked = run.walked()

    assert taken == []
    assert walked.complete
    assert len(walked.head) == 24
    assert run.source.words


def test_a_backfill_walks_on_through_everything_known() -> None:
    run = Run({**KNOWN, "walk": "backfill", "passed": ["tiktok:20"]})

    taken = run.list(range(31, 0, -1))

    assert taken == [n for n in range(31, 0, -1) if n != 20]
    assert run.walked().full


def test_where_new_things_may_stand_anywhere_the_whole_list_is_walked() -> None:
    run = Run(KNOWN, newest_first=False)

    taken = run.list([*range(30, 6, -1), 50])

    assert taken == [50]


def test_a_list_that_had_posts_and_comes_empty_proves_nothing() -> None:
    walked = Run(KNOWN).walked()

    assert not walked.complete
    assert not walked.full


def test_a_way_that_shows_a_part_only_or_failed_at_a_post_does_not_tell_what_is_gone() -> None:
    part, failed = Run(KNOWN), Run(KNOWN)
    part.list([31])
    part.reporter.cut_short()
    failed.list([31])
    failed.reporter.item_failed(NetworkFailed("no network"))

    assert not part.walked().complete
    assert failed.walked().complete
    assert not failed.walked().full


def test_posts_of_a_list_are_asked_about_before_they_are_opened() -> None:
    run = Run(KNOWN)

    wanted = [n for n in range(33, 28, -1) if run.reporter.comes_by(Identity("tiktok", str(n)), float(n))]

    assert wanted == [33, 32, 31]
    assert run.reporter.items == 2, "passed ones count, so that the list does not look empty"


def test_files_go_to_the_folder_of_the_first_name_but_those_of_others_do_not() -> None:
    run = Run({**KNOWN, "owner_id": "77", "folder": "eve"})
    run.reporter.owner("77", "evelyn")

    run.list([33], source="evelyn")
    run.list([32], source="bob")

    folders = [one.item.folder for one in run.sent if isinstance(one, Found)]
    assert folders == ["eve", ""]


def test_the_owner_is_told_once_and_others_who_post_are_not() -> None:
    run = Run(KNOWN)
    for owner_id, name in (("5", "bob"), ("77", "Eve"), ("77", "Eve"), ("5", "bob"), ("", "eve")):
        run.reporter.owner(owner_id, name)

    assert [one for one in run.sent if isinstance(one, SourceOwner)] == [SourceOwner("77", "Eve")]
    assert not run.source.is_a_stranger


def test_a_stranger_under_the_old_name_gives_nothing() -> None:
    run = Run({**KNOWN, "owner_id": "77"})

    run.reporter.owner("78", "eve")

    assert run.source.is_a_stranger
    assert run.list([99]) == []
