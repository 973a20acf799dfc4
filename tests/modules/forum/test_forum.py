"""What the platform takes, by shape and by name, and what it leaves to others."""

from __future__ import annotations

import pytest

from mediadl.errors import InvalidInput
from mediadl.modules import registry
from mediadl.pipeline.protocol import Ended
from runner_driver import Bench, bench, runners, world

__all__ = ["bench", "runners", "world"]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (
            "https://forum.example.org/threads/walks.123/page-4#post-99",
            "https://forum.example.org/threads/walks.123/",
        ),
        (
            "https://board.example.org/viewtopic.php?f=2&t=345&sid=abc",
            "https://board.example.org/viewtopic.php?t=345",
        ),
        ("https://talk.example.org/t/walks/42/17", "https://talk.example.org/t/walks/42"),
    ],
)
def test_a_thread_has_one_address_however_it_was_copied(url: str, canonical: str) -> None:
    target = registry.match(url)

    assert (target.module, target.content_type, target.url) == ("forum", "thread", canonical)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=aaaaaaaaaaa",
        "https://www.tiktok.com/t/ZTabc123/",
        "https://www.instagram.com/p/abc123/",
        "https://files.example.com/forum/report.pdf",
        "https://example.org/",
    ],
)
def test_other_addresses_are_left_to_others(url: str) -> None:
    assert registry.match(url).module != "forum"


def test_any_address_can_be_called_a_forums() -> None:
    url = "https://any.example.org/whatever/55"

    for target in (
        registry.match(f"forum:{url}"),
        registry.match(url, "forum"),
        registry.match(url, None, "thread"),
    ):
        assert (target.module, target.content_type, target.url) == ("forum", "thread", url)
    assert registry.match(url, "forum", "board").content_type == "board"


def test_what_a_forum_cannot_give_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no type 'stories'"):
        registry.match("https://any.example.org/x", "forum", "stories")
    with pytest.raises(InvalidInput):
        registry.match("forum:not an address")


@pytest.mark.engines
def test_a_page_that_is_no_forums_goes_on_as_a_page(bench: Bench) -> None:
    url = f"{bench.world.generic.base_url}/album"

    talk = bench.start(bench.job(url, "thread", options={"pause_s": 0}))
    talk.read(lambda message: isinstance(message, Ended), lambda _item: True)

    assert talk.ended.error is None
    assert [item.url for item in talk.items] == [
        file.url for file in bench.world.generic.expected_page("album")
    ]
    assert talk.ended.backend == "gallery-dl page"
    assert talk.ended.tried[0].startswith("pages: ")
