"""What becomes of the media of a post."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakeweb.sites.forums import Forums
from forum_walking import FakeWeb
from mediadl.models import MediaKind, PostFileState
from mediadl.modules.base import Target, Task
from mediadl.modules.forum.files import Place, Sorted, Sorter, engine_for
from mediadl.modules.forum.page import Media, MediaRole, Post

THREAD = "https://xenforo2.example.org/threads/walks.77/"
ENGINES = {"https://imgur.com/abc": "imgur"}


def sort(*media: Media, **options: object) -> Sorted:
    forum = Forums()["xenforo2"]
    task = Task(
        Target("forum", THREAD, "thread", "xenforo2.example.org"), Path("/nowhere"), options=dict(options)
    )
    place = Place.of(THREAD, "xenforo2", "77", "Walks")
    post = Post("5", 5, "ann", "11", 1_700_000_000.0, "", f"{THREAD}post-5", "", "", media)
    return Sorter(task, FakeWeb(forum, {"xf_user": "x"}), place, lambda url: ENGINES.get(url, "")).sort(post)


def media(url: str, role: MediaRole, **fields: str) -> Media:
    return Media(url, role, fields.pop("id", url), **fields)


def test_an_attachment_is_known_by_its_number_and_gated() -> None:
    found = sort(
        media("https://xenforo2.example.org/attachments/a-jpg.9/", MediaRole.ATTACHMENT, id="9", name="a.jpg")
    )

    (item,) = found.items
    assert str(item.identity) == "xenforo2.example.org:9:0"
    assert (item.ext, item.kind, item.title) == ("jpg", MediaKind.IMAGE, "a.jpg")
    assert "members only" in item.gate
    assert "xf_user" in item.gate
    assert item.headers["Cookie"] == "xf_user=x"


def test_a_picture_of_another_host_is_the_same_file_wherever_it_is_linked() -> None:
    url = "https://pictures.example.net/full/1.jpg"

    inline, linked = sort(media(url, MediaRole.IMAGE)), sort(media(url, MediaRole.LINK))

    assert inline.items[0].identity == linked.items[0].identity
    assert inline.items[0].gate == ""
    assert "Cookie" not in inline.items[0].headers


def test_a_link_that_an_engine_knows_becomes_a_job_with_its_origin() -> None:
    found = sort(media("https://imgur.com/abc", MediaRole.LINK))

    (link,) = found.links
    assert link.url == "https://imgur.com/abc"
    assert link.context["thread"] == "Walks"
    assert link.context["post"] == "5"
    assert found.items == []
    assert found.files[0].state is PostFileState.LINKED


def test_a_link_that_nobody_knows_is_kept_for_the_page() -> None:
    found = sort(media("https://strange.example/page", MediaRole.LINK))

    assert [file.state for file in found.files] == [PostFileState.UNSUPPORTED]
    assert (found.items, found.links) == ([], [])


@pytest.mark.parametrize("role", list(MediaRole))
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "0x7f.1", "nas.local"]
)
def test_nothing_in_a_post_leads_into_the_own_network(host: str, role: MediaRole) -> None:
    found = sort(media(f"http://{host}/photo.jpg", role))

    assert (found.items, found.links) == ([], [])
    assert [file.state for file in found.files] == [PostFileState.UNSUPPORTED]


def test_a_last_resort_in_the_own_network_is_none() -> None:
    lure = "http://10.0.0.1/small.jpg"

    found = sort(media("https://pictures.example.net/full/1.jpg", MediaRole.IMAGE, thumbnail_url=lure))

    assert found.items[0].fallbacks == ()


def test_another_thread_is_no_media() -> None:
    found = sort(media("https://other.example.org/threads/else.5/", MediaRole.LINK))

    assert [file.state for file in found.files] == [PostFileState.UNSUPPORTED]


def test_links_are_left_alone_when_the_user_says_so() -> None:
    found = sort(media("https://imgur.com/abc", MediaRole.LINK), linked_jobs=False)

    assert found.links == []


@pytest.mark.parametrize("options", [{"since": 1_800_000_000.0}, {"until": 1_600_000_000.0}])
def test_posts_outside_the_dates_bring_nothing(options: dict[str, float]) -> None:
    found = sort(
        media("https://pictures.example.net/full/1.jpg", MediaRole.IMAGE),
        media("https://imgur.com/abc", MediaRole.LINK),
        **options,
    )

    assert (found.items, found.links) == ([], [])
    assert found.files[0].state is PostFileState.UNWANTED


def test_files_of_a_post_are_numbered_in_its_order() -> None:
    found = sort(*(media(f"https://pictures.example.net/{n}.jpg", MediaRole.IMAGE) for n in range(1, 4)))

    assert [item.metadata["num"] for item in found.items] == [1, 2, 3]
    assert {item.metadata["count"] for item in found.items} == {3}


def test_a_thread_without_a_number_gets_one_of_its_address() -> None:
    first = Place.of("https://example.org/talk/walks", "unknown", "", "Walks")
    second = Place.of("https://example.org/talk/hikes", "unknown", "", "Hikes")

    assert first.id
    assert first.id != second.id


def test_two_forums_on_one_host_do_not_share_numbers() -> None:
    first = Place.of("https://example.org/one/threads/a.1/", "xenforo2", "1", "A")
    second = Place.of("https://example.org/two/threads/a.1/", "xenforo2", "1", "A")

    assert first.forum == "example.org/one"
    assert second.forum == "example.org/two"


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", True),
        ("https://www.youtube.com/embed/aaaaaaaaaaa", True),
        ("https://bunkr.si/a/abcd", True),
        ("https://pixeldrain.com/u/abc", True),
        ("https://gofile.io/d/abc", True),
        ("https://www.youtube.com/@someone", False),
        ("https://www.reddit.com/r/pics/", False),
        ("https://x.com/someone", False),
        ("https://soundcloud.com/someone", False),
        ("https://example.org/page", False),
    ],
)
def test_engines_are_asked_for_one_thing_and_not_for_whole_accounts(url: str, *, known: bool) -> None:
    assert bool(engine_for(url)) is known
