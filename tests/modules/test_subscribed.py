"""A subscription's job through every way there is: it stops where all is known, and says whose the list is."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.modules import registry
from mediadl.modules.base import GALLERYDL, YTDLP, Target, Task
from mediadl.pipeline.protocol import SourceOwner, SourceSeen, SourceWalked
from runner_driver import Bench, Found, Talk

pytestmark = pytest.mark.engines

WAYS: dict[str, dict[str, Any]] = {
    "gallery-dl": {"order_posts": "gallery-dl"},
    "instaloader": {"order_posts": "instaloader"},
    "imginn": {"use_imginn": True, "pause_imginn_s": 0, "order_posts": "imginn"},
}


def run(bench: Bench, url: str, told: dict[str, Any], **changes: Any) -> Talk:
    return bench.run(url, "posts", memory={"source": {"walk": "keep_up", **told}}, **changes)


def first_look(talk: Talk) -> dict[str, Any]:
    """What the daemon would tell the next check."""
    (walked,) = talk.of(SourceWalked)
    owners = talk.of(SourceOwner)
    return {
        "head": list(walked.head),
        "floor_at": walked.floor_at,
        "owner_id": owners[0].owner_id if owners else "",
        "names": [one.name for one in owners],
        "folder": owners[0].name if owners else "",
    }


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_instagram_takes_what_is_new_and_knows_the_posts_of_the_others(
    bench: Bench, way: str
) -> None:
    site = bench.world.instagram
    site.open_to_visitors = True
    if way == "instaloader":
        pytest.importorskip("instaloader", reason="the optional extra is not installed")
    logged_in: dict[str, Any] = {"cookies_file": bench.cookies(), "login": "always"}
    look = run(bench, "instagram:bob", {"first": True}, options=WAYS["gallery-dl"], **logged_in)
    site.publish("bob", 2)

    check = run(bench, "instagram:bob", first_look(look), options=WAYS[way], **logged_in)

    assert look.items == []
    assert look.of(SourceOwner) == [SourceOwner(site.profiles["bob"].pk, "bob")]
    codes = {post.code for post in site.profiles["bob"].posts[-2:]}
    assert {item.metadata.get("post_shortcode") for item in check.items} == codes
    (walked,) = check.of(SourceWalked)
    assert walked.complete
    assert check.kind == ""


@pytest.mark.parametrize("way", [YTDLP, GALLERYDL])
def test_every_way_to_tiktok_takes_what_is_new_and_opens_nothing_else(bench: Bench, way: str) -> None:
    site = bench.world.tiktok
    skip = (GALLERYDL,) if way == YTDLP else (YTDLP,)
    look = run(bench, "tiktok:@alice", {"first": True}, skip_backends=skip)
    site.publish("alice", 2)
    bench.world.web.log.clear()

    check = run(bench, "tiktok:@alice", first_look(look), skip_backends=skip)

    wanted = [post.id for post in site.users["alice"].posts[:-3:-1]]
    assert [one.item.identity.id for one in check.of(Found)] == wanted
    assert check.of(SourceWalked)[0].complete
    if way == YTDLP:
        assert bench.world.web.log.count(r"/@[\w.-]+/(?:video|photo)/\d+") == 2


def test_a_list_without_anything_new_is_no_failure(bench: Bench) -> None:
    look = run(bench, "tiktok:@alice", {"first": True})

    check = run(bench, "tiktok:@alice", first_look(look))

    assert (check.kind, check.ended.empty) == ("", "nothing new")
    (seen,) = check.of(SourceSeen)
    assert not any(wanted for _, _, wanted in seen.posts)


@pytest.mark.parametrize(
    ("url", "kind", "newest_first"),
    [
        ("instagram:bob", "posts", True),
        ("instagram:bob", "reels", True),
        ("instagram:bob", "stories", False),
        ("tiktok:@alice", "posts", True),
        ("tiktok:@alice", "stories", False),
        ("https://www.tiktok.com/tag/cats", "", False),
        ("https://www.youtube.com/@nasa/videos", "", True),
        ("https://www.youtube.com/@nasa", "", False),
        ("https://www.youtube.com/playlist?list=PL1", "", False),
    ],
)
def test_only_lists_known_to_begin_with_what_is_new_are_left_half_way(
    url: str, kind: str, *, newest_first: bool
) -> None:
    target = registry.match(url, None, kind or None)

    assert registry.module(target.module).newest_first(target) is newest_first


def test_an_account_is_asked_for_by_its_number_where_that_is_possible(tmp_path: Any) -> None:
    instagram = registry.module("instagram")

    def asked(url: str, kind: str | None, backend: str) -> Target | None:
        target = registry.match(url, None, kind)
        return instagram.by_owner(backend, Task(target, tmp_path), "9000000007")

    posts, stories = (asked("instagram:bob", kind, GALLERYDL) for kind in ("posts", "stories"))

    assert posts is not None
    assert posts.url == "https://www.instagram.com/id:9000000007/posts/"
    assert stories is not None
    assert stories.url == "https://www.instagram.com/stories/id:9000000007/"
    assert asked("instagram:bob", "posts", "imginn") is None
    assert asked("https://www.instagram.com/p/ChunkAjurw/", None, GALLERYDL) is None
