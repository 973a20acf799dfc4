"""The end of a list where everything is known: posts count, not files, and the first three never do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import FoundItem, Identity
from mediadl.pipeline.known_run import PINNED, KnownRun


def listed(*posts: tuple[str, int, bool], enough: int) -> list[str]:
    """Walk posts (name, files, known) until the run is long enough; the posts that were walked."""
    run, n, walked = KnownRun(enough), 0, []
    for name, files, is_known in posts:
        if run.reached:
            break
        walked.append(name)
        for _ in range(files):
            n += 1
            run.seen(FoundItem(n, Identity("x", str(n)), page_url=name))
            if is_known:
                run.known(n)
    return walked


def test_pinned_old_posts_at_the_top_do_not_hide_the_new_ones_below() -> None:
    pinned = [(f"pin {n}", 5, True) for n in range(PINNED)]
    new = [("new 1", 1, False), ("new 2", 3, False)]
    old = [(f"old {n}", 2, True) for n in range(9)]

    walked = listed(*pinned, *new, *old, enough=2)

    assert walked == ["pin 0", "pin 1", "pin 2", "new 1", "new 2", "old 0", "old 1"]


def test_a_carousel_counts_once_and_only_when_all_of_it_is_known() -> None:
    run = KnownRun(1)
    for n in range(1, PINNED + 1):
        run.seen(FoundItem(n, Identity("x", str(n)), page_url=f"pin {n}"))
    for n in (10, 11):
        run.seen(FoundItem(n, Identity("x", str(n)), page_url="carousel"))

    run.known(10)
    assert not run.reached
    run.known(11)
    assert run.reached


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6))
def test_nothing_new_before_the_end_is_ever_left_out_of_sight(known: list[bool], enough: int) -> None:
    posts = [(str(at), 1, is_known) for at, is_known in enumerate(known)]

    walked = listed(*posts, enough=enough)

    if len(walked) < len(posts):
        assert all(known[len(walked) - enough : len(walked)])
        assert len(walked) >= PINNED + enough
