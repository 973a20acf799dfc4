"""Instagram through Imginn and StoryNavigation: the same files under the same identities, and honest refusals."""

from __future__ import annotations

from typing import Any

import pytest

from fakeweb import Fault
from fakeweb.expected import ExpectedFile
from mediadl.models import FoundItem, Identity
from mediadl.modules.instagram.identity import cdn_stem
from runner_driver import Bench, Talk

pytestmark = pytest.mark.engines

IMGINN = {"use_imginn": True, "pause_imginn_s": 0}
STORYNAVIGATION = {
    "use_storynavigation": True,
    "pause_storynavigation_s": 0,
    "order_posts": "storynavigation",
    "order_avatar": "storynavigation",
}


def run(bench: Bench, url: str, kind: str | None = None, **options: Any) -> Talk:
    return bench.run(url, kind, options=options)


def imginn(bench: Bench, url: str, kind: str = "posts", **options: Any) -> Talk:
    single = kind in {"post", "reel"}
    return run(bench, url, None if single else kind, **IMGINN, **{f"order_{kind}": "imginn", **options})


def storynavigation(bench: Bench, user: str, kind: str = "posts") -> Talk:
    return run(bench, f"instagram:{user}", kind, **STORYNAVIGATION)


def assets(items: list[FoundItem]) -> list[str]:
    return sorted(cdn_stem(item.url) for item in items)


def expected(files: list[ExpectedFile] | ExpectedFile) -> list[str]:
    return sorted(cdn_stem(file.url) for file in (files if isinstance(files, list) else [files]))


@pytest.mark.parametrize("kind", ["posts", "reels", "stories", "highlights", "tagged", "avatar"])
def test_imginn_brings_every_file_of_each_content_type(bench: Bench, kind: str) -> None:
    wanted = getattr(bench.world.instagram, f"expected_{kind}")("bob")

    talk = imginn(bench, "instagram:bob", kind)

    assert talk.kind == ""
    assert assets(talk.items) == expected(wanted)
    assert talk.ended.backend == "imginn"
    assert len({item.identity for item in talk.items}) == len(talk.items)


def test_imginn_gives_single_posts_with_their_text_and_date(bench: Bench) -> None:
    site = bench.world.instagram

    talk = imginn(bench, site.post_url("bob", 2), "post")

    assert assets(talk.items) == expected(site.expected_post("bob", 2))
    assert {item.title for item in talk.items} == {"bob post 2 #simulated"}
    assert {item.posted_at for item in talk.items} == {float(site.profiles["bob"].posts[1].taken_at)}
    assert {item.page_url for item in talk.items} == {site.post_url("bob", 2)}


def test_posts_of_others_in_the_list_are_left_out(bench: Bench) -> None:
    talk = imginn(bench, "instagram:bob")

    assert {item.source for item in talk.items} == {"bob"}
    assert (
        bench.world.web.log.count(r"imginn\.com/p/" + bench.world.instagram.profiles["carol"].posts[1].code)
        == 0
    )


def test_private_counts_in_the_place_of_the_posts_and_not_in_the_bio(bench: Bench) -> None:
    assert "private" in bench.world.instagram.profiles["bob"].bio

    assert imginn(bench, "instagram:bob").kind == ""
    assert imginn(bench, "instagram:shy").kind == "private"
    assert storynavigation(bench, "shy").kind == "private"


def test_an_account_without_posts_is_a_success_without_files(bench: Bench) -> None:
    by_imginn = imginn(bench, "instagram:blank")
    by_storynavigation = storynavigation(bench, "blank")

    assert (by_imginn.kind, by_imginn.items) == ("", [])
    assert by_imginn.ended.empty == "Imginn: blank has no posts"
    assert (by_storynavigation.kind, by_storynavigation.items) == ("", [])
    assert by_storynavigation.ended.empty


def test_an_unknown_account_is_not_found(bench: Bench) -> None:
    assert imginn(bench, "instagram:nobodyatall").kind == "not_found"
    assert storynavigation(bench, "nobodyatall").kind == "not_found"


@pytest.mark.parametrize("kind", ["posts", "reels", "stories", "tagged"])
def test_other_markup_is_a_changed_site_and_never_an_empty_account(bench: Bench, kind: str) -> None:
    bench.world.imginn.drifted = True

    talk = imginn(bench, "instagram:bob", kind)

    assert talk.kind == "site_changed"
    assert talk.ended.empty == ""


def test_other_answers_of_storynavigation_are_a_changed_site(bench: Bench) -> None:
    bench.world.storynavigation.drifted = True

    assert storynavigation(bench, "bob").kind == "site_changed"


def test_a_bot_check_is_named(bench: Bench) -> None:
    bench.world.imginn.walled = bench.world.storynavigation.walled = True

    assert imginn(bench, "instagram:bob").kind == "challenge"
    assert storynavigation(bench, "bob").kind == "challenge"


def test_a_rate_limit_says_how_long_to_wait(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.status(r"GET https://imginn\.com/api/posts/", 429, retry_after=90))

    talk = imginn(bench, "instagram:bob")

    assert talk.kind == "rate_limited"
    assert talk.ended.error is not None
    assert talk.ended.error["retry_after_s"] == 90


def test_a_list_cut_off_in_the_middle_is_no_complete_list(bench: Bench) -> None:
    cut = Fault.answer(r"GET https://imginn\.com/api/posts/.*cursor=c12", body=b'{"code":200,"items":[{"id"')
    bench.world.web.faults.add(cut)

    talk = imginn(bench, "instagram:bob")

    assert talk.kind == "site_changed"
    assert talk.items


def test_a_post_that_is_gone_is_one_failure_and_the_list_goes_on(bench: Bench) -> None:
    code = bench.world.instagram.profiles["bob"].posts[8].code
    bench.world.web.faults.add(Fault.status(rf"GET https://imginn\.com/p/{code}/", 404))

    talk = imginn(bench, "instagram:bob")

    assert talk.kind == ""
    assert talk.troubles == ["not_found"]
    assert len(talk.items) == len(bench.world.instagram.expected_posts("bob")) - 3


def test_a_refusal_at_a_post_ends_the_list_there(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.status(r"GET https://imginn\.com/p/", 429, skip=1))

    talk = imginn(bench, "instagram:bob")

    assert talk.kind == "rate_limited"
    assert bench.world.web.log.count(r"GET https://imginn\.com/p/") == 2


def test_storynavigation_brings_the_newest_posts_and_the_picture(bench: Bench) -> None:
    site = bench.world.instagram
    talk = storynavigation(bench, "bob")
    picture = storynavigation(bench, "bob", "avatar")

    newest = set(expected(site.expected_posts("bob")))
    assert talk.kind == ""
    assert set(assets(talk.items)) < newest
    assert {item.source for item in talk.items} == {"bob"}
    assert all(item.headers["Referer"].startswith("https://storynavigation.com") for item in talk.items)
    assert all(item.fallbacks and "cdninstagram" in item.url for item in talk.items)
    assert assets(picture.items) == expected(site.expected_avatar("bob"))


def test_no_viewer_site_is_asked_before_it_is_switched_on(bench: Bench) -> None:
    talk = bench.run("instagram:bob")

    assert talk.kind == "login_needed"
    assert bench.world.web.log.count(r"imginn|storynavigation|fastdl|toolzu") == 0


def test_a_viewer_site_never_sees_the_login(bench: Bench) -> None:
    bench.run(
        "instagram:bob",
        options={**IMGINN, "order_posts": "imginn"},
        cookies_file=bench.cookies(),
        login="always",
    )

    asked = bench.world.web.log.search(r"https://(?:s7\.)?imginn\.com")
    assert asked
    assert all("sessionid" not in entry.cookies for entry in asked)


def test_other_ways_than_gallery_dl_name_every_file_alike(bench: Bench) -> None:
    with_session = bench.run("instagram:bob", cookies_file=bench.cookies())
    through_imginn = imginn(bench, "instagram:bob")
    through_storynavigation = storynavigation(bench, "bob")

    known = {name for item in with_session.items for name in item.names}
    for item in (*through_imginn.items, *through_storynavigation.items):
        assert known & set(item.names), item.names
    carousel = [item for item in through_imginn.items if item.identity.index]
    assert len(carousel) == 8
    assert all(isinstance(item.identity, Identity) and item.identity.id.isdigit() for item in carousel)
