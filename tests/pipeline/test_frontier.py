"""Where a list may be left: nothing new is ever below, whatever is pinned, removed or added meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import FoundItem, Identity
from mediadl.pipeline.frontier import HEAD, OVERLAP, PINNED, THOROUGH, Cursor, Frontier, post_of, without


@dataclass
class Account:
    """A list as sites show it: pinned posts, then the newest first; a post's number is when it was posted."""

    posts: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)

    def shown(self) -> list[int]:
        """The list."""
        first = [post for post in self.pinned if post in self.posts]
        return [*first, *(post for post in sorted(self.posts, reverse=True) if post not in first)]


def walk(
    account: Account, cursor: Cursor, *, dated: bool = True, take: int = 10**6, overlap: int = OVERLAP
) -> tuple[Frontier, set[str]]:
    """Walk until the frontier, the end, or so many posts; what was news."""
    frontier, news = Frontier(cursor, newest_first=True, overlap=overlap), set()
    for number in account.shown()[:take]:
        post = f"p{number}"
        frontier.seen(post, float(number) if dated else None)
        if not frontier.is_old(post):
            news.add(post)
        if frontier.reached:
            break
    return frontier, news


def first_look(account: Account) -> Cursor:
    """The cursor after the first look."""
    frontier = Frontier(Cursor(), newest_first=True)
    for number in account.shown():
        frontier.seen(f"p{number}", float(number))
        if frontier.has_a_head:
            break
    return frontier.next_cursor()


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.integers(1, 40)),
        st.tuples(st.just("remove"), st.integers(0, 30)),
        st.tuples(st.just("pin"), st.lists(st.integers(0, 60), max_size=PINNED)),
        st.tuples(st.just("stop"), st.integers(0, 12)),
        st.tuples(st.just("check"), st.just(0)),
    ),
    max_size=25,
)


@given(st.integers(0, 60), CHANGES, st.booleans())
def test_every_new_post_is_news_of_some_check_before_the_cursor_moves(
    start: int, changes: list[tuple[str, object]], dated: bool
) -> None:
    account = Account(list(range(start)))
    cursor, known, number = first_look(account), {f"p{n}" for n in account.posts}, start
    got = set(known)
    for kind, amount in [*changes, ("check", 0)]:
        match kind, amount:
            case "post", int(count):
                account.posts += range(number, number + count)
                number += count
            case "remove", int(at) if account.posts:
                account.posts.remove(account.shown()[at % len(account.posts)])
            case "pin", list(places):
                shown = account.shown()
                account.pinned = [shown[place % len(shown)] for place in places] if shown else []
            case "stop", int(after):
                got |= walk(account, cursor, dated=dated, take=after)[1]
            case "check", _:
                frontier, news = walk(account, cursor, dated=dated)
                got |= news
                cursor = frontier.next_cursor()
                assert {f"p{n}" for n in account.posts} <= got


def test_pinned_posts_neither_end_a_check_nor_hide_what_is_new() -> None:
    account = Account(list(range(30)), pinned=[3, 4, 5])
    cursor = first_look(account)
    account.posts += [30, 31]

    frontier, news = walk(account, cursor)

    assert news == {"p30", "p31"}
    assert frontier.posts == 3 + 2 + OVERLAP


def test_a_check_without_news_looks_at_few_posts() -> None:
    account = Account(list(range(500)))

    frontier, news = walk(account, first_look(account))

    assert (news, frontier.posts) == (set(), PINNED + OVERLAP)


def test_the_frontier_is_found_by_dates_when_the_whole_head_was_removed() -> None:
    account = Account(list(range(100)))
    cursor = first_look(account)
    account.posts = [*range(100 - HEAD), 100, 101]

    frontier, news = walk(account, cursor)

    assert news == {"p100", "p101"}
    assert frontier.posts < 10


def test_dates_count_for_nothing_where_the_list_does_not_follow_them() -> None:
    frontier = Frontier(Cursor(), newest_first=True)
    for place in range(HEAD):
        frontier.seen(f"p{place}", float(place * 7 % HEAD))

    assert frontier.next_cursor().floor_at is None


def test_a_list_that_may_grow_anywhere_is_walked_to_its_end() -> None:
    head = tuple(f"p{n}" for n in range(HEAD))
    frontier = Frontier(Cursor(head), newest_first=False)
    for post in head:
        frontier.seen(post, None)

    assert not frontier.reached


def test_a_post_gone_from_between_others_is_missing_until_it_is_dropped() -> None:
    account = Account(list(range(40)))
    cursor = first_look(account)
    account.posts.remove(35)
    account.posts += [40, 41]

    frontier, _ = walk(account, cursor, overlap=THOROUGH)
    again, _ = walk(account, frontier.next_cursor(), overlap=THOROUGH)
    third, _ = walk(account, Cursor(without(again.next_cursor().head, {"p35"})), overlap=THOROUGH)

    assert frontier.missing() == again.missing() == ("p35",)
    assert third.missing() == ()


@given(st.integers(0, 60), st.lists(st.integers(0, 60), max_size=PINNED), st.integers(0, 10))
def test_what_is_there_is_never_missing(start: int, pins: list[int], new: int) -> None:
    account = Account(list(range(start)))
    cursor = first_look(account)
    account.posts += range(start, start + new)
    account.pinned = [pin for pin in dict.fromkeys(pins) if pin in account.posts]

    for overlap in (OVERLAP, THOROUGH):
        frontier, _ = walk(account, cursor, overlap=overlap)

        assert frontier.missing() == ()


def test_posts_are_the_same_under_another_name_and_by_another_way() -> None:
    slide = FoundItem(
        1, Identity("instagram", "31", 2), page_url="https://x/bob/", metadata={"post_shortcode": "Cx"}
    )
    video = FoundItem(1, Identity("tiktok", "73", 0), page_url="https://www.tiktok.com/@old/video/73")

    assert post_of(slide) == "instagram:Cx"
    assert post_of(video) == "tiktok:73"
    assert post_of(slide, "stories") == "instagram:31:2"
