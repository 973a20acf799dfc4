"""Walks over threads of every program, as they are and as they change between checks."""

from __future__ import annotations

import pytest

from fakeweb.sites.forums import PROGRAMS, Edit, Mode, PastEnd
from forum_walking import NOW, FakeWeb, Stage, Stopped, stage
from mediadl.errors import Challenge, LoginNeeded, MediaNotFound, RateLimited, SiteChanged, Unsupported
from mediadl.modules.base import Credentials

EVERY = [kind.software for kind in PROGRAMS]
PAGED = [name for name in EVERY if name != "discourse"]


@pytest.mark.parametrize("software", EVERY)
def test_a_thread_is_read_from_end_to_end_once(software: str) -> None:
    made = stage(software)

    made.check()

    assert len(made.book.new_ids) == len(set(made.book.new_ids)) == 48
    assert len(made.book.found_items) == 40
    assert len({item.identity for item in made.book.found_items}) == 40
    assert made.book.walks == [True]


@pytest.mark.parametrize("software", EVERY)
def test_a_second_check_finds_nothing_new_with_few_requests(software: str) -> None:
    made = stage(software)
    made.check()

    requests = made.check()

    assert made.book.new_ids == []
    assert made.book.found_items == []
    assert made.book.said_empty == "no new posts"
    assert requests <= 2


@pytest.mark.parametrize("software", EVERY)
def test_three_new_posts_over_the_edge_of_a_page_are_all_that_is_new(software: str) -> None:
    made = stage(software, count=58)
    made.check()
    made.thread.count = 61

    made.check()

    assert len(made.book.new_ids) == 3
    assert {post.number for page in made.book.read for post in page.posts} <= {59, 60, 61, None}


@pytest.mark.parametrize("software", EVERY)
def test_an_edit_near_the_end_is_noticed_with_its_late_picture(software: str) -> None:
    made = stage(software)
    made.check()
    made.thread.edits[46] = Edit("Changed my mind.", picture=True)

    made.check()

    assert len(made.book.new_ids) == 1
    assert made.book.found_items


@pytest.mark.parametrize("software", EVERY)
def test_an_edit_far_from_the_end_is_noticed_by_the_next_full_walk(software: str) -> None:
    made = stage(software, count=120)
    made.check()
    made.thread.edits[30] = Edit("Changed my mind.")
    made.check()
    assert made.book.new_ids == []

    made.book.full = True
    made.check()

    assert len(made.book.new_ids) == 1


@pytest.mark.parametrize("past_end", [PastEnd.NOT_FOUND, PastEnd.REDIRECT, PastEnd.PROGRAM])
@pytest.mark.parametrize("software", PAGED)
def test_a_thread_whose_last_pages_vanished_is_still_read(software: str, past_end: PastEnd) -> None:
    made = stage(software, count=101, past_end=past_end)
    made.check()
    made.thread.removed = set(range(55, 102))
    made.thread.count = 103

    made.check()

    assert len(made.book.new_ids) == 2
    assert made.book.walks


def test_posts_that_vanished_are_told_by_a_full_walk() -> None:
    made = stage("xenforo2")
    made.check()
    made.thread.removed = {5, 9}

    made.book.full = True
    made.check()

    assert len(made.book.gone) == 2
    assert len(made.book.posts) == 46


def test_where_one_answer_names_all_posts_removals_are_told_at_once() -> None:
    made = stage("discourse", count=90)
    made.check()
    made.thread.removed = {5}

    requests = made.check()

    assert len(made.book.gone) == 1
    assert requests <= 2


@pytest.mark.parametrize("software", EVERY)
def test_a_deleted_thread_is_gone(software: str) -> None:
    made = stage(software)
    made.check()
    made.thread.mode = Mode.GONE

    with pytest.raises(MediaNotFound):
        made.check()


@pytest.mark.parametrize("software", EVERY)
def test_an_empty_page_where_posts_were_is_never_a_check_without_news(software: str) -> None:
    made = stage(software)
    made.check()
    made.thread.mode = Mode.EMPTY

    with pytest.raises((MediaNotFound, SiteChanged)):
        made.check()

    assert made.book.walks == []


@pytest.mark.parametrize("mode", [Mode.MEMBERS, Mode.LOGIN_PAGE])
@pytest.mark.parametrize("software", EVERY)
@pytest.mark.parametrize("before", [False, True])
def test_a_wall_is_login_needed_and_never_an_empty_thread(software: str, mode: Mode, *, before: bool) -> None:
    made = stage(software)
    if before:
        made.check()
    made.thread.mode = mode

    with pytest.raises(LoginNeeded):
        made.check()


def test_a_bot_check_is_told_as_one() -> None:
    made = stage("xenforo2", mode=Mode.CHALLENGE)

    with pytest.raises(Challenge):
        made.check()


def test_a_page_that_is_no_forum_is_left_to_others() -> None:
    made = stage("xenforo2", mode=Mode.EMPTY)

    with pytest.raises((Unsupported, MediaNotFound)):
        made.check()


@pytest.mark.parametrize("software", EVERY)
@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
def test_a_kill_after_any_page_leaves_no_hole_and_no_double(software: str, after: int) -> None:
    made = stage(software, count=101)

    def kill(_url: str) -> None:
        if len(made.book.read) >= after:
            raise Stopped

    made.web.before_get = kill
    with pytest.raises(Stopped):
        made.check()
    seen = made.book.new_ids
    made.web.before_get = lambda _url: None

    made.check()

    everything = seen + made.book.new_ids
    assert len(everything) == len(set(everything)) == 101
    assert made.book.walks == [True]


def test_a_walk_that_was_broken_off_goes_on_where_it_was() -> None:
    made = stage("phpbb3", count=200)

    def busy(_url: str) -> None:
        if len(made.book.read) >= 7:
            raise RateLimited("slow down")

    made.web.before_get = busy
    with pytest.raises(RateLimited):
        made.check()
    made.web.before_get = lambda _url: None

    requests = made.check()

    assert requests <= 5
    assert len(made.book.posts) == 200


@pytest.mark.parametrize("software", EVERY)
def test_a_form_login_opens_a_wall(software: str) -> None:
    from fakeweb.sites.forums import MEMBER, PASSWORD

    made = stage(software, mode=Mode.MEMBERS)
    made.credentials = Credentials(MEMBER, PASSWORD)

    made.check()

    assert len(made.book.new_ids) == 48


def test_a_wrong_password_is_login_needed() -> None:
    from fakeweb.sites.forums import MEMBER

    made = stage("phpbb3", mode=Mode.MEMBERS)
    made.credentials = Credentials(MEMBER, "wrong")

    with pytest.raises(LoginNeeded, match="refused"):
        made.check()


def test_requests_are_kept_apart() -> None:
    made = stage("phpbb3")
    made.options = {"pause_s": 1.5}

    requests = made.check()

    assert len(made.rests) == requests - 1
    assert all(1.0 <= rest <= 2.0 for rest in made.rests)


def test_no_more_pages_than_allowed_are_asked_for() -> None:
    made = stage("phpbb3", count=400)
    made.options = {"max_pages": 5}

    requests = made.check()

    assert requests == 5


def test_a_walk_stops_when_nobody_wants_more_files_and_goes_on_later() -> None:
    made = stage("phpbb3", count=100)
    made.book.limit = 5
    made.check()
    assert made.book.walks == []
    first = len(made.book.posts)
    made.book.limit = 0

    made.check()

    assert first < 100
    assert len(made.book.posts) == 100


def test_files_outside_the_dates_are_kept_in_mind_but_not_fetched() -> None:
    made = stage("xenforo2")
    made.options = {"since": NOW}

    made.check()

    assert made.book.found_items == []
    assert {file.state for page in made.book.read for post in page.posts for file in post.files} <= {
        "unwanted",
        "unsupported",
    }
    assert len(made.book.posts) == 48


@pytest.mark.parametrize("software", EVERY)
def test_a_board_makes_a_job_of_each_thread(software: str) -> None:
    made = stage(software)

    made.check(kind="board")

    assert [link.content_type for link in made.book.links] == ["thread"]
    assert [link.platform for link in made.book.links] == ["forum"]


def test_files_carry_the_page_they_came_from_and_the_cookies_of_their_forum_only() -> None:
    made = stage("xenforo2")
    made.web = FakeWeb(made.forum, {"xf_user": "secret"})

    made.check()

    ours = [item for item in made.book.found_items if made.forum.hosts[0] in item.url]
    theirs = [item for item in made.book.found_items if item not in ours]
    assert all("xf_user=secret" in item.headers["Cookie"] for item in ours)
    assert all("Cookie" not in item.headers for item in theirs)
    assert all(item.headers["Referer"].startswith(made.forum.base_url) for item in made.book.found_items)
    assert all(item.gate for item in ours)


def test_what_is_owed_is_asked_for_again_first() -> None:
    made: Stage = stage("xenforo2")
    made.check()
    owed = next(item for item in made.book.found_items if item.gate)
    record = {
        "post": "7700003", "number": 3, "author": "cleo", "author_id": "13", "posted_at": NOW, "n": 1, "idx": 0,
        "post_url": owed.page_url, "url": owed.url, "role": "attachment", "site": owed.identity.site,
        "media_id": owed.identity.id, "name": "holiday.jpg", "fallback": "",
    }  # fmt: skip
    made.book.memory["thread"] = {}
    keep = made.book.next_check
    made.book.next_check = lambda owed=(): keep([record])  # type: ignore[method-assign]

    made.check()

    assert [item.identity for item in made.book.found_items] == [owed.identity]
