"""The unmodified engines read the simulated TikTok."""

from __future__ import annotations

import pytest

from fakeweb.engines import Engine
from fakeweb.expected import digests
from fakeweb.sites.tiktok_posts import RENDITIONS
from fakeweb.world import World

pytestmark = pytest.mark.engines


def test_ytdlp_takes_the_best_quality_and_never_the_watermarked_one(world: World, ytdlp: Engine) -> None:
    run = ytdlp(world.tiktok.post_url("alice", 1))
    assert run.code == 0, run.output
    assert run.digests() == digests(world.tiktok.expected("alice", 1))
    assert world.web.log.count(world.tiktok.watermark_pattern()) == 0


@pytest.mark.parametrize("quality", [quality.key for quality in RENDITIONS])
def test_ytdlp_gets_each_quality_by_name(world: World, ytdlp: Engine, quality: str) -> None:
    run = ytdlp("-f", f"[format_id^={quality}]", world.tiktok.post_url("alice", 2))
    assert run.digests() == digests([world.tiktok.expected_video("alice", 2, quality)]), run.output


def test_ytdlp_gets_the_watermarked_one_only_on_request(world: World, ytdlp: Engine) -> None:
    run = ytdlp("-f", "download", world.tiktok.post_url("alice", 1))
    assert run.digests() == digests([world.tiktok.expected_video("alice", 1, "watermarked")]), run.output
    assert world.web.log.count(world.tiktok.watermark_pattern()) > 0


def test_ytdlp_lists_a_user_over_two_pages(world: World, ytdlp: Engine) -> None:
    run = ytdlp("--flat-playlist", "--print", "id", world.tiktok.profile_url("alice"))
    ids = [post.id for post in reversed(world.tiktok.users["alice"].posts)]
    assert [line for line in run.output.split() if line.isdigit()] == ids
    assert world.web.log.count("GET .*/api/creator/item_list/") == 2


def test_ytdlp_solves_the_proof_of_work_page(world: World, ytdlp: Engine) -> None:
    world.tiktok.waf = True
    run = ytdlp(world.tiktok.post_url("alice", 1))
    assert run.digests() == digests(world.tiktok.expected("alice", 1)), run.output
    assert world.web.log.count(r"GET https://www\.tiktok\.com/@alice/video/") == 2


def test_ytdlp_reaches_a_user_behind_the_proof_of_work_by_the_embed_page(world: World, ytdlp: Engine) -> None:
    world.tiktok.waf = True
    run = ytdlp("--flat-playlist", "--print", "id", world.tiktok.profile_url("alice"))
    assert len([line for line in run.output.split() if line.isdigit()]) == 20
    assert world.web.log.count("/embed/@alice") == 1


def test_ytdlp_follows_a_short_link(world: World, ytdlp: Engine) -> None:
    run = ytdlp(world.tiktok.short_url("alice", 5))
    assert run.digests() == digests(world.tiktok.expected("alice", 5)), run.output


def test_ytdlp_passes_as_a_browser(world: World, ytdlp: Engine) -> None:
    world.tiktok.require_impersonation = True
    run = ytdlp(world.tiktok.post_url("alice", 1))
    assert run.digests() == digests(world.tiktok.expected("alice", 1)), run.output


@pytest.mark.parametrize(("number", "words"), [(1, "blocked from accessing"), (2, "10231"), (3, "Log in")])
def test_ytdlp_names_why_a_post_cannot_be_had(world: World, ytdlp: Engine, number: int, words: str) -> None:
    run = ytdlp(world.tiktok.post_url("dora", number))
    assert run.code == 1
    assert words in run.output


def test_ytdlp_resumes_after_a_reset(world: World, ytdlp: Engine) -> None:
    from fakeweb import Fault

    fault = world.web.faults.add(Fault.reset("GET .*/bytevc1_1080p/", after=20_000, times=1))
    run = ytdlp(world.tiktok.post_url("alice", 1))
    assert fault.hits == 1
    assert run.digests() == digests(world.tiktok.expected("alice", 1)), run.output


def test_gallery_dl_gets_a_photo_post_with_its_music(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.tiktok.post_url("alice", 7))
    assert run.code == 0, run.output
    assert run.digests() == digests(world.tiktok.expected("alice", 7))


def test_gallery_dl_gets_a_whole_user(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.tiktok.profile_url("alice") + "/posts")
    assert run.digests() == digests(world.tiktok.expected_user("alice")), run.output


def test_gallery_dl_gets_everything_behind_the_proof_of_work(world: World, gallery_dl: Engine) -> None:
    world.tiktok.waf = True
    run = gallery_dl("-o", "tiktok-range=1-3", world.tiktok.profile_url("alice") + "/posts")
    wanted = [file for number in (20, 19, 18) for file in world.tiktok.expected("alice", number)]
    assert run.digests() == digests(wanted), run.output


@pytest.mark.parametrize("kind", ["stories", "avatar"])
def test_gallery_dl_gets_stories_and_the_avatar(world: World, gallery_dl: Engine, kind: str) -> None:
    run = gallery_dl(f"{world.tiktok.profile_url('alice')}/{kind}")
    site = world.tiktok
    wanted = site.expected_stories("alice") if kind == "stories" else [site.expected_avatar("alice")]
    assert run.digests() == digests(wanted), run.output


def test_gallery_dl_gets_reposts(world: World, gallery_dl: Engine) -> None:
    users = world.tiktok.users
    users["dora"].reposts = users["alice"].posts[:2]
    run = gallery_dl(world.tiktok.profile_url("dora") + "/reposts")
    wanted = [file for number in (1, 2) for file in world.tiktok.expected("alice", number)]
    assert run.digests() == digests(wanted), run.output


def test_gallery_dl_goes_through_a_user_oldest_first(world: World, gallery_dl: Engine) -> None:
    cookies = ("-o", 'cookies={"sessionid": "any"}', "-o", "order-posts=asc", "-o", "tiktok-range=1-2")
    run = gallery_dl(*cookies, world.tiktok.profile_url("alice") + "/posts")
    wanted = [file for number in (1, 2) for file in world.tiktok.expected("alice", number)]
    assert run.digests() == digests(wanted), run.output
    assert world.web.log.count("/api/post/item_list/") == 1


def test_gallery_dl_says_that_a_user_is_unknown(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.tiktok.profile_url("nobody") + "/posts")
    assert run.code != 0
    assert "could not be found" in run.output


def test_gallery_dl_says_that_a_user_is_private(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.tiktok.profile_url("hidden") + "/posts")
    assert run.code != 0
    assert "Login required" in run.output


def test_an_unknown_short_link_leads_nowhere(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl("https://vm.tiktok.com/ZMnothing/")
    assert run.code != 0
    assert run.files == []


def test_empty_list_answers_are_asked_again(world: World, gallery_dl: Engine) -> None:
    world.tiktok.empty_lists = 1
    run = gallery_dl("-o", "tiktok-range=1-2", world.tiktok.profile_url("alice") + "/posts")
    assert len(run.files) == 2, run.output
